"""The forms of a decision."""

from app.core.forms import Form
from app.desk.approvals.models import Approval
from app.kit.ids import normalise_reference

CONFIRMATION = "confirmation"


class ApprovalForm(Form):
    """Agreeing: the version that was shown, a comment, and the reference typed again."""

    version: int
    comment: str | None = None
    confirmation: str | None = None

    def confirm(self, approval: Approval) -> None:
        """Refuse it unless the reference was typed."""
        if normalise_reference(self.text(CONFIRMATION)) != approval.reference:
            self.refuse(CONFIRMATION, f"Type {approval.reference} to agree")


class RejectionForm(Form):
    version: int
    reason: str | None = None


class WithdrawalForm(Form):
    version: int
    comment: str | None = None
