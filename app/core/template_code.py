"""How templates are compiled: as Jinja does, with what a list page repeats a thousand times written out.

A page of 50 rows puts 1,500 values into HTML. Jinja makes each one a `Markup` first, asks a function for each
attribute, and looks up each sentence at every rendering; here values become escaped text at once, sentences without
variables are part of the compiled template, and the rows of lists read attributes as Python does.
"""

from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escape_text  # pyright: ignore - the part of `escape` that makes no Markup

SENTENCE = "_"


def text(value: Any) -> str:
    """A value as it stands in HTML: what is no markup is escaped."""
    kind = type(value)
    if kind is str:
        return escape_text(value)
    return value if kind is Markup else str(value) if kind is int else escape(value)


class TemplateCode(CodeGenerator):
    """Values as text, and sentences without variables as constants."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.text(")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        sentence = _sentence(node)
        return super()._output_child_to_const(node, frame, finalize) if sentence is None else sentence

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 - as Jinja names it
        sentence = _sentence(node)
        if sentence is None:
            super().visit_Call(node, frame, forward_caller=forward_caller)
        else:
            self.write(f"Markup({sentence!r})")


class RowCode(TemplateCode):
    """Also attributes without a function: rows are structs and dataclasses, whose attributes exist."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - as Jinja names it
        self.visit(node.node, frame)
        self.write(f".{node.attr}")


class TemplateEnvironment(Environment):
    """An environment whose templates are compiled by `TemplateCode`."""

    code_generator_class = TemplateCode
    text = staticmethod(text)


def _sentence(node: nodes.Node) -> str | None:
    """The words of `_("...")` where they need no variables; the only language is that of the templates."""
    match node:
        case nodes.Call(node=nodes.Name(name=name), args=[nodes.Const(value=str(words))], kwargs=[]) if (
            name == SENTENCE
        ):
            return str(Markup(words) % {})  # noqa: S704 - words of a template are its own  # nosec B704
        case _:
            return None
