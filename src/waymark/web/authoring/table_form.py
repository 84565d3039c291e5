"""The form of one table: its fields depend on its kind, and its values become the YAML of it."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from django.forms.boundfield import BoundField

from waymark.core import yaml_file
from waymark.core.errors import FileFault
from waymark.frameworks.families import variables_of_group
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec.dimension_check import COUNTED, IN_BANDS
from waymark.overview.spec.names import (
    AUDIENCE,
    CATEGORY,
    EVIDENCE,
    IMPACT,
    SMART,
    STATUS,
    recommendation_variable,
)
from waymark.web.authoring import table_lines
from waymark.web.authoring.spec_saving import SeenForm
from waymark.web.authoring.table_lines import LineFault
from waymark.web.shared.fields import (
    CheckField,
    Choices,
    LinesField,
    OpenChoiceField,
    SiteField,
    TextAreaField,
    TextField,
    TicksField,
)
from waymark.web.shared.forms import FieldGroup

KINDS = {
    "flow": "How reviews reached the analysis",
    "crosstab": "Reviews, children or recommendations by one or two facts",
    "states": "Factors of a group: recorded, with bounds",
    "contacts": "Services in contact",
    "cooccurrence": "Sets of factors recorded together",
    "silence": "What reports state and leave out",
    "themes": "Themes and other codes",
    "agreement": "Agreement of two coders",
}
ORDERS = (("framework", "As in the framework"), ("count", "Largest first"))
UNITS = (("review", "Reviews"), ("child", "Children"), ("recommendation", "Recommendations"))
COUNTS = {
    "children": "Number of children",
    "months_to_report": "Months from the incident to the report",
    "months_to_publication": "Months from the report to its publication",
}
BANDS = (
    "One on each line, such as Under 1 year = 0 to 11 (ages are in months), 3 or more = 3 and over."
)
GROUPS = "One on each line, such as Died = deaths, Other = all others, or a label = values."
WHERE = "A fact and its values, such as role = subject. Empty: all."
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """A field and its place in the table. read: to its value in the form; write: back to YAML.

    write gets the value of the form and the one before; None takes the name out of the YAML.
    """

    path: Path
    field: SiteField
    read: Callable[[Any], Any] = lambda value: value or ""
    write: Callable[[Any, Any], Any] = lambda value, before: value or None

    @property
    def name(self) -> str:
        """Name of the field."""
        return "__".join(map(str, self.path))


class TableForm(SeenForm):
    """One table. entry: its YAML as plain values."""

    def __init__(self, entry: dict[str, Any], framework: FrameworkFile, **options: Any) -> None:
        self.before = entry
        self.bindings = list(_bindings(entry, framework))
        values = {bound.name: bound.read(_value_at(entry, bound.path)) for bound in self.bindings}
        options["initial"] = {**values, **options.get("initial", {})}
        super().__init__(**options)
        for bound in self.bindings:
            self.fields[bound.name] = bound.field

    def clean(self) -> dict[str, Any]:
        """Read the lines of bands, groups and conditions."""
        entry = deepcopy(self.before)
        for bound in self.bindings:
            value = self.cleaned_data.get(bound.name)
            if bound.name in self.errors or value == self._initial_of(bound):
                continue
            try:
                _put(entry, bound.path, bound.write(value, _value_at(self.before, bound.path)))
            except LineFault as fault:
                self.add_error(bound.name, str(fault))
        self.entry = entry
        return self.cleaned_data

    def _initial_of(self, bound: Binding) -> Any:
        value = self.initial[bound.name]
        return tuple(value) if isinstance(value, list) else value

    def place_faults(self, faults: Sequence[FileFault], lines: yaml_file.Lines, at: Path) -> None:
        """Put faults of the specification beside their fields. at: the place of the table in it."""
        for fault in faults:
            name = self._field_at(fault, lines, at)
            message = fault.message.rpartition(": ")[2] if name else str(fault.message)
            self.refuse(f"{self.fields[name].label}: {message}" if name else message, name)

    def _field_at(self, fault: FileFault, lines: yaml_file.Lines, at: Path) -> str | None:
        """The field whose place is at, in or around the line of a fault; None for no field."""
        inside = [
            path[len(at) :]
            for path, line in lines.items()
            if line == fault.line and path[: len(at)] == at
        ]
        named = fault.message.partition(": ")[0]
        bindings = [
            bound
            for bound in self.bindings
            if any(path[: len(bound.path)] == bound.path for path in inside)
        ] or [
            bound
            for bound in self.bindings
            if any(path and bound.path[: len(path)] == path for path in inside)
        ]
        bindings.sort(key=lambda bound: (bound.path[-1] != named, -len(bound.path)))
        return bindings[0].name if bindings else None

    @property
    def field_groups(self) -> list[FieldGroup]:
        """The fields of the table, then those of each block under its title."""
        groups: dict[str, list[BoundField]] = {}
        blocks = self.before.get("blocks", [])
        for bound in self.bindings:
            of_block = bound.path[0] == "blocks" and len(blocks) > 1
            legend = f"Block: {blocks[cast(int, bound.path[1])]['title']}" if of_block else ""
            groups.setdefault(legend, []).append(self[bound.name])
        return [FieldGroup(legend, fields) for legend, fields in groups.items()]


def _value_at(entry: Any, path: Path) -> Any:
    for part in path:
        if isinstance(entry, dict):
            entry = entry.get(part)
        elif isinstance(entry, list) and isinstance(part, int) and part < len(entry):
            entry = entry[part]
        else:
            return None
    return entry


def _put(entry: Any, path: Path, value: Any) -> None:
    """Set a value; None removes it. A place whose dimension was removed is passed over."""
    for part in path[:-1]:
        entry = entry.get(part) if isinstance(entry, dict) else entry[part]
        if entry is None:
            return
    if value is None:
        entry.pop(path[-1], None)
    else:
        entry[path[-1]] = value


# ---- the fields of each kind ----


def _bindings(entry: dict[str, Any], framework: FrameworkFile) -> Iterator[Binding]:
    yield Binding(("title",), TextField("Title", missing="Enter a title.", most=200))
    match entry["kind"]:
        case "crosstab":
            yield from _crosstab_bindings(entry, framework)
        case "states" | "contacts" | "silence":
            yield from _group_bindings(entry, framework)
        case "cooccurrence":
            field = LinesField("Sets of factors", hint="One on each line: label = factors.", rows=5)
            write = lambda value, before: table_lines.sets_of(value)  # noqa: E731
            yield Binding(("of",), field, lambda sets: table_lines.set_lines(sets or []), write)
        case "themes" | "agreement":
            yield from _code_bindings(entry, framework)
    yield _intro_binding()
    yield _lines_binding(("notes",), "Notes (optional)", "Below the table. One on each line.")
    if entry["kind"] not in {"flow", "crosstab"}:
        yield _where_binding(("where",), "Only reviews in which (optional)")


def _intro_binding() -> Binding:
    hint = "Above the table. {T3/all/n} puts in a number."
    return Binding(("intro",), TextAreaField("Introduction (optional)", hint=hint, rows=3))


def _lines_binding(path: Path, label: str, hint: str) -> Binding:
    field = LinesField(label, hint=hint, rows=3)
    return Binding(
        path, field, lambda value: list(value or []), lambda value, before: list(value) or None
    )


def _choice(path: Path, label: str, choices: Any, hint: str = "") -> Binding:
    return Binding(path, OpenChoiceField(label, choices, hint=hint))


def _check(path: Path, label: str) -> Binding:
    return Binding(path, CheckField(label), bool)


def _where_binding(path: Path, label: str) -> Binding:
    return Binding(
        path,
        TextField(label, hint=WHERE, most=300),
        table_lines.condition_line,
        lambda value, before: table_lines.condition_of(value),
    )


def _order_binding(default: str = "framework", *more: tuple[str, str]) -> Binding:
    field = OpenChoiceField("Order of rows", (*ORDERS, *more))
    return Binding(("order",), field, lambda value: value or default)


def _crosstab_bindings(entry: dict[str, Any], framework: FrameworkFile) -> Iterator[Binding]:
    yield _order_binding()
    yield _check(("all_first",), "Show the total column first")
    for number, block in enumerate(entry["blocks"]):
        at: Path = ("blocks", number)
        several = len(entry["blocks"]) > 1
        if several:
            field = TextField("Title of the block", missing="Enter a title of the block.", most=200)
            yield Binding((*at, "title"), field)
        yield _choice((*at, "unit"), "Count", UNITS)
        base = TextField("Base", hint="What is counted, in words.", missing="Enter the base.")
        yield Binding((*at, "base"), base)
        for part, label in (("rows", "Rows"), ("columns", "Columns")):
            yield from _dimension_bindings((*at, part), label, framework, block.get(part))
        yield _where_binding((*at, "where"), "Only records in which (optional)")
        yield _check((*at, "percent"), "Show percentages")
        total = TextField("Label of the total", missing="Enter the label of the total.", most=200)
        yield Binding((*at, "all_label"), total)


def _dimension_bindings(
    path: Path, label: str, framework: FrameworkFile, dimension: dict[str, Any] | None
) -> Iterator[Binding]:
    none = [("", "None")] if label == "Columns" else []
    hint = "A second fact makes a crosstab." if none else ""
    field = OpenChoiceField(label, cast(Choices, [*none, *_facts(framework)]), hint=hint)
    write = lambda fact, before: _new_dimension(fact, framework)  # noqa: E731
    yield Binding(path, field, _fact_of, write)
    if dimension is None or "code" in dimension or "theme" in dimension:
        return
    if _has_bands(dimension, framework):
        yield _dimension_lines(
            (*path, "bands"),
            f"{label}: bands",
            BANDS,
            table_lines.band_lines,
            table_lines.bands_of,
        )
        return
    for name in ("groups", "subtotals"):
        yield _dimension_lines(
            (*path, name),
            f"{label}: {name} (optional)",
            GROUPS,
            table_lines.group_lines,
            table_lines.groups_of,
        )


def _has_bands(dimension: dict[str, Any], framework: FrameworkFile) -> bool:
    """True for numbers, which are counted in bands; other facts have values, in groups."""
    name = dimension.get("variable", "")
    return "count" in dimension or any(
        variable.id == name and variable.type in IN_BANDS for variable in framework.variables
    )


def _dimension_lines(
    path: Path,
    label: str,
    hint: str,
    read: Callable[[Any], list[str]],
    write: Callable[[Any, Any], list[dict[str, Any]]],
) -> Binding:
    return Binding(
        path,
        LinesField(label, hint=hint, rows=4),
        lambda value: read(value or []),
        lambda value, before: write(value, before or []) or None,
    )


def _facts(framework: FrameworkFile) -> list[tuple[str, list[tuple[str, str]]]]:
    """The facts that can be rows or columns, by what they are about."""
    of = {
        level: [
            (f"variable:{variable.id}", variable.name)
            for variable in framework.variables
            if variable.level == level and variable.type in COUNTED
        ]
        for level in ("review", "child")
    }
    names = (CATEGORY, AUDIENCE, SMART, STATUS, EVIDENCE, IMPACT)
    recommendations = [recommendation_variable(name, framework) for name in names]
    return [
        ("Reviews", [*of["review"], *((f"count:{name}", text) for name, text in COUNTS.items())]),
        ("Children", of["child"]),
        (
            "Themes, found or not",
            [
                ("theme:True", "The theme of this theme study"),
                *((f"code:{code.id}", code.name) for code in framework.codes if code.theme),
            ],
        ),
        (
            "Recommendations",
            [(f"variable:{fact.id}", fact.name) for fact in recommendations if fact is not None],
        ),
    ]


def _fact_of(dimension: dict[str, Any] | None) -> str:
    if not dimension:
        return ""
    name = next(name for name in ("variable", "count", "code", "theme") if name in dimension)
    return f"{name}:{dimension[name]}"


def _new_dimension(fact: str, framework: FrameworkFile) -> dict[str, Any] | None:
    """A new dimension: bands and groups of another fact would mean nothing here.

    Ages and numbers begin with bands, which the form then shows.
    """
    kind, _, name = fact.partition(":")
    if not name:
        return None
    dimension: dict[str, Any] = {kind: True if kind == "theme" else name}
    if _has_bands(dimension, framework):
        ages = {variable.id for variable in framework.variables if variable.type == "age"}
        lines = table_lines.AGES if name in ages else table_lines.NUMBERS
        dimension["bands"] = table_lines.bands_of(lines, [])
    return dimension


def _group_bindings(entry: dict[str, Any], framework: FrameworkFile) -> Iterator[Binding]:
    ids = {variable.group for variable in framework.variables if variable.group}
    needed_type = {"states": "state", "contacts": "contact"}.get(entry["kind"])
    groups = [
        (group, group.replace("_", " ").capitalize())
        for group in sorted(ids)
        if needed_type is None
        or any(variable.type == needed_type for variable in variables_of_group(framework, group))
    ]
    everything = [("", "All facts")] if entry["kind"] == "silence" else []
    yield _choice(("group",), "Rows", [*everything, *groups])
    if entry["kind"] != "silence":
        yield _order_binding()
        yield from _dimension_bindings(("columns",), "Columns", framework, entry.get("columns"))


def _code_bindings(entry: dict[str, Any], framework: FrameworkFile) -> Iterator[Binding]:
    sections = [(f"section:{row.id}", f"Codes of: {row.name}") for row in framework.sections]
    families = [
        (f"family:{code.id}", f"{code.name}, with all codes below it")
        for code in framework.codes
        if any(other.parent == code.id for other in framework.codes)
    ]
    choices = [
        ("themes", "The themes for learning"),
        *sections,
        *families,
        ("codes", "The codes ticked below"),
    ]
    yield Binding(("of",), OpenChoiceField("Rows", choices), _choice_of_codes, _codes_chosen)
    ticks = TicksField("Codes", [(code.id, code.name) for code in framework.codes])
    yield Binding(("of", "codes"), ticks, lambda codes: list(codes or []), _ticked)
    if entry["kind"] == "themes":
        yield _order_binding("count", ("listed", "As listed under Advanced"))
        yield from _dimension_bindings(("columns",), "Columns", framework, entry.get("columns"))


def _choice_of_codes(chosen: dict[str, Any]) -> str:
    name = next(iter(chosen))
    return name if name in {"themes", "codes"} else f"{name}:{chosen[name]}"


def _codes_chosen(choice: str, before: dict[str, Any]) -> dict[str, Any]:
    kind, _, name = choice.partition(":")
    if kind == "themes":
        return {"themes": True}
    return {"codes": before.get("codes", [])} if kind == "codes" else {kind: name}


def _ticked(codes: Sequence[str], before: Sequence[str] | None) -> list[str]:
    """The codes ticked, those of before in their order."""
    old = [code for code in before or () if code in codes]
    return [*old, *(code for code in codes if code not in old)]
