"""`forecourt import`: rows of a CSV or XLSX file as records, by a mapping of its columns."""

from __future__ import annotations

import getpass
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failures import CommandFailed
from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings
from app.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from app.core.actor import Actor
    from app.core.importing import Import, Importer
    from app.desk.imports.rules import ColumnMapping
    from app.desk.imports.services.rows import Report

EXIT_WITH_REFUSED_ROWS = 3
SHOWN_REFUSALS = 20
SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


def register(cli: typer.Typer) -> None:
    @cli.command("import")
    def import_(
        kind: Annotated[str, typer.Argument(help="What the rows are: vehicles or applications.")],
        file: Annotated[Path, typer.Argument(help="A CSV or XLSX file.")],
        mapping: Annotated[Path | None, typer.Option(help="How its columns are read, see docs/mappings.")] = None,
        source: Annotated[str | None, typer.Option(help="Whose rows these are, if the mapping is not to say.")] = None,
        *,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="End with the report as one line of JSON.")] = False,
        data_dir: DataDir = None,
    ) -> None:
        """Import a file. Running it again changes nothing; rows are known by source and key."""
        if source is not None and not SOURCE.fullmatch(source):
            raise CommandFailed("--source takes letters, digits, dots, - and _, 64 at most.")
        if not file.is_file():
            raise CommandFailed(f"There is no file {file}.")
        with servers_for(command_settings(data_dir), command="import", search=False) as settings:
            import uvloop

            refused = uvloop.run(import_rows(settings, kind, file, mapping, source, dry_run=dry_run, as_json=as_json))
        if refused:
            raise typer.Exit(EXIT_WITH_REFUSED_ROWS)


async def import_rows(
    settings: Settings,
    kind: str,
    file: Path,
    mapping_file: Path | None,
    source: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Import, report and return how many rows were refused. Raises CommandFailed with one sentence."""
    from rich.console import Console

    from app.core.db import Database
    from app.core.importing import Import
    from app.desk.imports import adapters
    from app.desk.imports.rules import MappingError, source_name
    from app.desk.imports.services import rows as services
    from app.kit.sheets import SheetError

    importer = _importer(kind)
    try:
        total, headers = adapters.count_rows(file), adapters.open_sheet(file).headers
        where, mapping = services.choose_mapping(importer, headers, mapping_file)
    except (SheetError, MappingError) as error:
        raise CommandFailed(f"{file.name}: {error}" if isinstance(error, SheetError) else str(error)) from None
    except OSError as error:
        raise CommandFailed(f"{file} cannot be read: {error.strerror}.") from None
    database = await Database.open(settings)
    work = Import(database, importer, source or mapping.source or source_name(where), file.name, _actor())
    notes = Console(stderr=True)
    try:
        report = await _with_progress(work, mapping, file, total, notes, dry_run=dry_run)
        if not dry_run:
            await services.record_finished_import(database, work, mapping, headers, report)
    finally:
        await database.close()
    paths = _write_files(settings, file, headers, mapping, report)
    told = _to_json(work, file, where, report, paths, dry_run=dry_run)
    _tell(notes if as_json else Console(), told)
    if paths:
        paths["report"].write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    return len(report.refused)


def _importer(kind: str) -> Importer:
    from app.main import assemble

    importers = {one.importer.key: one.importer for one in assemble().kinds.values() if one.importer is not None}
    if kind not in importers:
        raise CommandFailed(f"{kind} cannot be imported; {' and '.join(importers)} can.")
    return importers[kind]


def _actor() -> Actor:
    from app.core.actor import Actor

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "import"
    return Actor(id=None, kind="system", name=f"{name} (command line)", markets=None, branches=None)


async def _with_progress(
    work: Import, mapping: ColumnMapping, file: Path, total: int, notes: Console, *, dry_run: bool
) -> Report:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from app.core.errors import AppError
    from app.desk.imports.services.rows import import_file

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes) as bars:
        bar = bars.add_task(file.name, total=total)
        try:
            return await import_file(
                work, mapping, file, is_rehearsal=dry_run, heard=lambda done: bars.update(bar, completed=done)
            )
        except AppError as error:
            raise CommandFailed(f"The import stopped: {error}.") from error


def _write_files(
    settings: Settings, file: Path, headers: list[str], mapping: ColumnMapping, report: Report
) -> dict[str, Path]:
    """The refused rows and the report, beside each other under the data directory; nothing when all went well."""
    from app.core import clock
    from app.desk.imports import adapters

    if not report.refused:
        return {}
    base = f"{file.stem}-{clock.now():%Y%m%d-%H%M%S-%f}"
    directory = adapters.import_directory(settings.data_dir)
    paths = {"refused": directory / f"{base}-refused.csv", "report": directory / f"{base}-report.json"}
    adapters.write_refused(
        paths["refused"],
        headers,
        mapping.secret,
        (
            (one.checked.key, "; ".join(refusal.words for refusal in one.refusals), dict(one.checked.cells))
            for one in report.refused
        ),
    )
    paths["report"].touch(mode=0o600)
    return paths


def _to_json(
    work: Import, file: Path, where: str, report: Report, paths: dict[str, Path], *, dry_run: bool
) -> dict[str, Any]:
    return {
        "file": str(file),
        "kind": work.importer.key,
        "source": work.source,
        "mapping": where,
        "dry_run": dry_run,
        "total": report.total,
        **{result.value: count for result, count in report.counts.items()},
        "refused_rows": [
            {"row": one.checked.number, "key": one.checked.key, "column": refusal.column, "reason": refusal.reason}
            for one in report.refused
            for refusal in one.refusals
        ],
        "refused_file": str(paths["refused"]) if paths else None,
        "report_file": str(paths["report"]) if paths else None,
        "seconds": round(report.seconds, 2),
        "rows_per_second": round(report.total / report.seconds) if report.seconds else 0,
    }


def _tell(console: Console, told: dict[str, Any]) -> None:
    from rich.markup import escape

    would = "would be " if told["dry_run"] else ""
    parts = [f"{told[name]:,} {would}{name}" for name in ("created", "updated", "unchanged", "refused")]
    line = f"{told['total']:,} rows of source {told['source']}: {', '.join(parts)}"
    console.print(escape(line), highlight=False, soft_wrap=True)
    console.print(f"{told['seconds']} s, {told['rows_per_second']} rows/s", highlight=False)
    for refusal in told["refused_rows"][:SHOWN_REFUSALS]:
        column = f", {refusal['column']}" if refusal["column"] else ""
        console.print(escape(f"  row {refusal['row']}{column}: {refusal['reason']}"), highlight=False, soft_wrap=True)
    if (more := len(told["refused_rows"]) - SHOWN_REFUSALS) > 0:
        console.print(f"  and {more:,} more", highlight=False)
    if told["refused_file"]:
        console.print(f"Refused rows: {escape(told['refused_file'])}", highlight=False, soft_wrap=True)
