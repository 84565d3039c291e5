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
}


class _Loader(yaml.SafeLoader):
    """SafeLoader that knows how many nodes it may make (an alias bomb ends here)."""


def _value(loader: _Loader, node: yaml.Node, path: Path, lines: Lines, faults: list[Fault]) -> Any:
    if len(lines) > MAX_NODES:
        raise SpecError("file", [Fault(node.start_mark.line + 1, "too many values")])
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(getattr(key_node, "value", ""))
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
    return loader.construct_object(node)


def load(source: str, *, file: str) -> tuple[Any, Lines]:
    """Plain values of a YAML text, and the line (from 1) of each by its path.

    Raises SpecError for text that is not YAML, and for keys that stand twice.
    """
    lines: Lines = {}
    faults: list[Fault] = []
    loader = _Loader(source)
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
        faults = []
        for said in error.errors():
            path = tuple(part for part in said["loc"] if not str(part).startswith("function-"))
            name = next((str(part) for part in reversed(path) if isinstance(part, str)), "the file")
            reason = PLAIN.get(said["type"], said["msg"].removeprefix("Value error, "))
            faults.append(Fault(line_of(lines, path), f"{name}: {reason}"))
        raise SpecError(file, faults) from error
