"""Columns of lists, and rows rendered cell by cell in the order that somebody chose.

A feature declares its columns once and writes each cell as a block of one template. For every choice of columns the
blocks are put into the row of `_list_rows.html` and compiled as one template, which is kept: a chosen row costs what
a row written by hand costs.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, Template, nodes, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from app.core.template_code import RowCode

ROWS = "_list_rows.html"
MOST_COMPILED = 256


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in addresses, its head, and how its cells stand."""

    key: str
    label: str
    sort: str = ""
    """The order that its head offers."""
    align: str = ""
    """`number`, `money` or `wide`: a class of the head and of every cell."""
    css: str = ""
    """More classes of the cells."""
    is_default: bool = True
    is_fixed: bool = False
    """Always the first one shown: it names the record."""

    @property
    def cell_class(self) -> str:
        return f"{self.align} {self.css}".strip()


def default_keys(columns: Sequence[Column]) -> tuple[str, ...]:
    """What is shown to those who have not chosen."""
    return tuple(column.key for column in columns if column.is_default or column.is_fixed)


def pick(columns: Sequence[Column], keys: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these keys in their order; fixed ones come first, unknown ones are left out."""
    by_key = {column.key: column for column in columns}
    fixed = [column for column in columns if column.is_fixed]
    chosen = [by_key[key] for key in dict.fromkeys(keys) if key in by_key and not by_key[key].is_fixed]
    return (*fixed, *chosen)


def row_renderer(environment: Environment) -> Callable[[Context], Markup]:
    """The template global `list_rows()`: the rows of the page's list."""
    compiled: OrderedDict[tuple[str, tuple[Column, ...]], Template] = OrderedDict()

    @pass_context
    def list_rows(context: Context) -> Markup:
        page = context["page"]
        shape = (page.frame.record_list.cells, page.frame.columns)
        template = compiled.get(shape)
        if template is None:
            template = compiled[shape] = _compose(environment, *shape)
            if len(compiled) > MOST_COMPILED:
                compiled.popitem(last=False)
        return Markup(template.render(page=page, shell=context["shell"]))  # noqa: S704 - a template escapes by itself  # nosec B604 B704

    return list_rows


def _compose(environment: Environment, cells: str, columns: Sequence[Column]) -> Template:
    """The row's template with the chosen cells in the place of its block."""
    row = _parse(environment, ROWS)
    blocks = {block.name: block for block in _parse(environment, cells).find_all(nodes.Block)}
    loop = next(row.find_all(nodes.For))
    place = next(at for at, node in enumerate(loop.body) if isinstance(node, nodes.Block))
    loop.body[place : place + 1] = [node for column in columns for node in _cell(column, blocks[column.key])]
    compiler = environment.overlay()
    compiler.code_generator_class = RowCode
    return Template.from_code(environment, compiler.compile(row, ROWS), environment.globals)


def _cell(column: Column, block: nodes.Block) -> list[nodes.Node]:
    classes = f' class="{escape(column.cell_class)}"' if column.cell_class else ""
    return [_text(f"<td{classes}>"), *block.body, _text("</td>")]


def _text(html: str) -> nodes.Output:
    return nodes.Output([nodes.TemplateData(html, lineno=1)], lineno=1)


def _parse(environment: Environment, name: str) -> nodes.Template:
    if environment.loader is None:
        raise LookupError(name)
    source, _, _ = environment.loader.get_source(environment, name)
    return environment.parse(source, name)
