"""Shape of a tidy table: its fields, their allowed values and references to other tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

FieldType = Literal["string", "category", "integer", "number", "boolean", "date"]
Value = str | int | float | bool | date | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class CategoryValue:
    """Allowed value of a category. value: as in the rows; label: in words."""

    value: str
    label: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class TableField:
    """One column. unit: of numbers, for example "months"; required: never empty.

    values: allowed values of a category. text: description, also of what an empty field means.
    """

    name: str
    type: FieldType
    text: str
    unit: str = ""
    required: bool = False
    values: tuple[CategoryValue, ...] = ()


required_field = partial(TableField, required=True)
"""A column that is never empty."""


@dataclass(frozen=True, slots=True)
class TableReference:
    """Foreign key: fields of a table that name a row of another table by its key."""

    fields: tuple[str, ...]
    table: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableShape:
    """Tidy table without its rows. unit: of one row. key: fields that identify a row."""

    name: str
    title: str
    unit: str
    text: str
    fields: tuple[TableField, ...]
    key: tuple[str, ...]
    references: tuple[TableReference, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields, in their order."""
        return tuple(field.name for field in self.fields)


DICTIONARY = TableShape(
    name="dictionary",
    title="Data dictionary: fields",
    unit="field",
    text="The fields of each table.",
    fields=(
        required_field("table", "string", "The table."),
        required_field("field", "string", "The field, as the head of its column."),
        required_field("number", "integer", "The place of the field in its table, from 1."),
        required_field("type", "string", "The type of its values."),
        TableField("unit", "string", "The unit of a number; empty if it has none."),
        required_field("required", "boolean", "Whether it is never empty."),
        required_field("text", "string", "The description of the field."),
    ),
    key=("table", "field"),
)
VALUES = TableShape(
    name="values",
    title="Data dictionary: values",
    unit="value of a field",
    text="The meaning of each value of each category.",
    fields=(
        required_field("table", "string", "The table."),
        required_field("field", "string", "The field."),
        required_field("number", "integer", "The place of the value in its list, from 1."),
        required_field("value", "string", "The value, as it appears in the rows."),
        required_field("label", "string", "The value in words."),
        TableField("definition", "string", "A longer explanation, if there is one."),
    ),
    key=("table", "field", "value"),
    references=(TableReference(("table", "field"), "dictionary", ("table", "field")),),
)


def dictionary_rows(shapes: Sequence[TableShape]) -> Iterator[Row]:
    """One row for each field of the tables, in their order."""
    for shape in shapes:
        for number, field in enumerate(shape.fields, start=1):
            yield (
                shape.name,
                field.name,
                number,
                field.type,
                field.unit or None,
                field.required,
                field.text,
            )


def value_rows(shapes: Sequence[TableShape]) -> Iterator[Row]:
    """One row for each value that a category may hold, in their order."""
    for shape in shapes:
        for field in shape.fields:
            # Numbered, because the order of a category may have a meaning (bands of age).
            for number, allowed in enumerate(field.values, start=1):
                definition = allowed.definition or None
                yield shape.name, field.name, number, allowed.value, allowed.label, definition
