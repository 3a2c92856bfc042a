"""`forecourt reindex`: builds search indices anew beside the live ones and swaps them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.failures import CommandFailed
from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings
from app.settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from app.core.area import RecordKind
    from app.core.db import Database
    from search.indexes import Indexes


def register(cli: typer.Typer) -> None:
    @cli.command()
    def reindex(
        kind: Annotated[str | None, typer.Argument(help="One kind of record; all of them when left out.")] = None,
        data_dir: DataDir = None,
    ) -> None:
        """Build the search indices anew from the database; searches go on meanwhile."""
        with servers_for(command_settings(data_dir), command="reindex") as settings:
            import uvloop

            uvloop.run(build_indices(settings, kind))


async def build_indices(settings: Settings, wanted: str | None) -> None:
    """Build one kind's index, or all of them, with a bar and one closing line for each."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from app.core.db import Database
    from app.core.indexing import indexes_for
    from search.client import SearchClient

    if not settings.opensearch_url:
        raise CommandFailed("There is no search server; set OPENSEARCH_URL or install Java and Maven.")
    chosen = _chosen(wanted)
    database = await Database.open(settings)
    search = SearchClient(settings.opensearch_url)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns) as bars:
            for kind in chosen:
                await _build(database, settings, indexes_for(search, settings), kind, bars)
    finally:
        await search.close()
        await database.close()


def _chosen(wanted: str | None) -> list[RecordKind]:
    from app.core.indexing import searchable
    from app.main import assemble

    kinds = {kind.key: kind for kind in searchable(list(assemble().kinds.values()))}
    if wanted is None:
        return list(kinds.values())
    if wanted not in kinds:
        raise CommandFailed(f"There is no searchable kind {wanted}; there are {', '.join(sorted(kinds))}.")
    return [kinds[wanted]]


async def _build(database: Database, settings: Settings, indexes: Indexes, kind: RecordKind, bars: Progress) -> None:
    from app.core.indexing import primary_reads, reindex
    from app.core.leases import LeaseTaken
    from search.errors import SearchError

    bar = bars.add_task(kind.plural, total=None)
    reads = primary_reads(settings)
    try:
        done = await reindex(database, indexes, kind, lambda total: bars.update(bar, completed=total), reads=reads)
    except LeaseTaken:
        raise CommandFailed(f"Another process is building the index of {kind.plural} at this moment.") from None
    except SearchError as error:
        raise CommandFailed(f"The index of {kind.plural} was not built: {error}") from error
    finally:
        await reads.close()
    outcome = done.outcome
    bars.update(bar, total=outcome.total, completed=outcome.total)
    rate = round(outcome.total / done.seconds) if done.seconds else 0
    refused = f", {len(outcome.quarantined)} refused" if outcome.quarantined else ""
    bars.console.print(f"{kind.plural}: {outcome.total} documents in {done.seconds:.1f} s ({rate}/s){refused}")
