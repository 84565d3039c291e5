"""YAML files that people write: every fault is told with its line.

A file is composed to nodes first, so that each value's line is known; then a pydantic model checks
it; its complaints are told at the line of the value they are about.
"""

from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from waymark.core.errors import Fault, SpecError

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]
Lines = dict[Path, int]

MAX_NODES = 200_000
PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "date_from_datetime_parsing": "must be a date, as 2026-01-31",
    "date_type": "must be a date, as 2026-01-31",
    "decimal_parsing": "must be a number",
    "decimal_type": "must be a number",
    "union_tag_not_found": "kind is missing",
    "string_pattern_mismatch": "is not written as it must be (small letters, digits, _ and dots)",
}
INPUT = "Input should be "


NO_SUCH_VALUE = (ValueError, AttributeError, OverflowError)
"""What the loader lets through of a value that looks like a date or a number and is none."""


class _Loader(yaml.SafeLoader):
    """SafeLoader that knows how many nodes it may make (an alias bomb ends here)."""


def _value(loader: _Loader, node: yaml.Node, path: Path, lines: Lines, faults: list[Fault]) -> Any:
    if len(lines) > MAX_NODES:
        raise SpecError("file", [Fault(node.start_mark.line + 1, "too many values")])
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                faults.append(Fault(key_node.start_mark.line + 1, "a name must be text"))
                continue
            key = str(key_node.value)
            if key in made:
                faults.append(Fault(key_node.start_mark.line + 1, f"{key} stands here twice"))
            made[key] = _value(loader, value_node, (*path, key), lines, faults)
            lines[(*path, key)] = key_node.start_mark.line + 1
        return made
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(loader, item, (*path, number), lines, faults)
            for number, item in enumerate(node.value)
        ]
    try:
        return loader.construct_object(node)
    except NO_SUCH_VALUE as error:
        said = f"{str(node.value)[:40]} is no value that can be: {error}"
        raise SpecError("file", [Fault(node.start_mark.line + 1, said)]) from error


def load(source: str, *, file: str) -> tuple[Any, Lines]:
    """Plain values of a YAML text, and the line (from 1) of each by its path.

    Raises SpecError for text that is not YAML, and for keys that stand twice.
    """
    lines: Lines = {}
    faults: list[Fault] = []
    try:
        loader = _Loader(source)
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, int(error.position)) + 1
        said = "a character that cannot stand in a text: take it out"
        raise SpecError(file, [Fault(line, said)]) from error
    try:
        node = loader.get_single_node()
        value = _value(loader, node, (), lines, faults) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 0
        raise SpecError(file, [Fault(line, f"not YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise SpecError(file, [Fault(0, f"not YAML: {error}")]) from error
    except SpecError as error:
        raise SpecError(file, error.faults) from error
    except RecursionError as error:
        raise SpecError(file, [Fault(0, "values stand too deep inside each other")]) from error
    finally:
        loader.dispose()
    if faults:
        raise SpecError(file, faults)
    return value, lines


def line_of(lines: Lines, path: Path) -> int:
    """The line of a path, or of the nearest thing around it that has one.

    Parts that the file does not hold are passed over: a checker that chooses between several
    shapes puts the name of the shape into its path.
    """
    known: Path = ()
    for part in path:
        if (*known, part) in lines:
            known = (*known, part)
    return lines.get(known, 0)


def read(source: str, model: type[Model], *, file: str) -> tuple[Model, Lines]:
    """A YAML text as a checked model, with the lines of its values. Raises SpecError."""
    value, lines = load(source, file=file)
    if not isinstance(value, dict):
        raise SpecError(file, [Fault(1, "must be a mapping of names to values")])
    try:
        return model.model_validate(value), lines
    except ValidationError as error:
        raise SpecError(file, _faults_of(error, lines)) from error


def _faults_of(error: ValidationError, lines: Lines) -> list[Fault]:
    """What a model complains of, each at its line. A list is not empty for its own faults' sake."""
    found = [(_path(said["loc"]), said) for said in error.errors()]
    places = [path for path, _ in found]
    faults = []
    for path, said in found:
        inside = any(len(one) > len(path) and one[: len(path)] == path for one in places)
        if said["type"] == "too_short" and inside:
            continue
        name = next((str(part) for part in reversed(path) if isinstance(part, str)), "the file")
        told = said["msg"].removeprefix("Value error, ")
        if told.startswith(INPUT):
            told = f"must be {told.removeprefix(INPUT)}"
        if said["type"] == "union_tag_invalid":
            name = said["ctx"]["discriminator"].strip("'")
            path = (*path, name)
            told = f"must be one of {said['ctx']['expected_tags']}, not '{said['ctx']['tag']}'"
        faults.append(Fault(line_of(lines, path), f"{name}: {PLAIN.get(said['type'], told)}"))
    return faults


def _path(place: tuple[str | int, ...]) -> Path:
    return tuple(part for part in place if not str(part).startswith("function-"))
