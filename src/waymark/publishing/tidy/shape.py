"""What a tidy table is: its fields, what each may hold, and which field refers to which table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

FieldType = Literal["string", "category", "integer", "number", "boolean", "date"]
Value = str | int | float | bool | date | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """One value that a category may hold. value: as it stands in the rows; label: as people say."""

    value: str
    label: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One column. unit: of numbers, as "months"; required: never empty.

    values: all that a category may hold. An empty field says nothing but what its text says.
    """

    name: str
    type: FieldType
    text: str
    unit: str = ""
    required: bool = False
    values: tuple[Allowed, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """That fields of a table name a row of another by its key."""

    fields: tuple[str, ...]
    table: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A tidy table without its rows. unit: what one row stands for. key: fields that name a row."""

    name: str
    title: str
    unit: str
    text: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in their order."""
        return tuple(field.name for field in self.fields)


DICTIONARY = Shape(
    name="dictionary",
    title="Data dictionary: fields",
    unit="field",
    text="What each field of each table holds.",
    fields=(
        Field("table", "string", "The table.", required=True),
        Field("field", "string", "The field, as the head of its column.", required=True),
        Field("number", "integer", "The place of the field in its table, from 1.", required=True),
        Field("type", "string", "What kind of value it holds.", required=True),
        Field("unit", "string", "The unit of a number; empty where it has none."),
        Field("required", "boolean", "Whether it is never empty.", required=True),
        Field("text", "string", "What it says.", required=True),
    ),
    key=("table", "field"),
)
VALUES = Shape(
    name="values",
    title="Data dictionary: values",
    unit="value of a field",
    text="What the values of each category stand for.",
    fields=(
        Field("table", "string", "The table.", required=True),
        Field("field", "string", "The field.", required=True),
        Field("number", "integer", "The place of the value in its list, from 1.", required=True),
        Field("value", "string", "The value, as it stands in the rows.", required=True),
        Field("label", "string", "The value in words.", required=True),
        Field("definition", "string", "More about it, where there is more to say."),
    ),
    key=("table", "field", "value"),
    references=(Reference(("table", "field"), "dictionary", ("table", "field")),),
)


def dictionary_rows(shapes: Sequence[Shape]) -> Iterator[Row]:
    """One row for each field of the tables, in their order."""
    for shape in shapes:
        for number, one in enumerate(shape.fields, start=1):
            yield shape.name, one.name, number, one.type, one.unit or None, one.required, one.text


def value_rows(shapes: Sequence[Shape]) -> Iterator[Row]:
    """One row for each value that a category may hold, in their order."""
    for shape in shapes:
        for field in shape.fields:
            for number, one in enumerate(field.values, start=1):
                said = one.definition or None
                yield shape.name, field.name, number, one.value, one.label, said
