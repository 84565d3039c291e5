"""Read and check YAML files that people write; every error has its line.

A file is composed to nodes first, so that the line of each value is known. Then a pydantic model
checks it, and its errors are reported at the line of their value.
"""

import re
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml._yaml import CParser

from waymark.core.errors import FileFault, SpecError

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]
Lines = dict[Path, int]

MAX_NODES = 200_000
"""Stops alias bombs."""
PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is not a known name",
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
    "date_from_datetime_parsing": "must be a date, such as 2026-01-31",
    "date_type": "must be a date, such as 2026-01-31",
    "decimal_parsing": "must be a number",
    "decimal_type": "must be a number",
    "union_tag_not_found": "kind is missing",
    "string_pattern_mismatch": "must contain only lower-case letters, digits, _ and dots",
}
INPUT = "Input should be "


FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that no database stores. YAML refuses them as such, but not as escapes ("\\0")."""
NOT_ALLOWED = "a character that is not allowed in text: remove it"
NO_SUCH_VALUE = (ValueError, AttributeError, OverflowError)
"""Errors of the loader for a value that looks like a date or a number but is neither."""


class _QuickLoader(
    yaml.composer.Composer, CParser, yaml.constructor.SafeConstructor, yaml.resolver.Resolver
):
    """SafeLoader whose parser is libyaml: it reads a framework in a sixth of the time.

    Nodes are composed in Python all the same, because the recursion of yaml.CSafeLoader has no
    limit: a file of 100,000 brackets would crash the process.
    """

    def __init__(self, source: str) -> None:
        CParser.__init__(self, source)
        yaml.composer.Composer.__init__(self)
        yaml.constructor.SafeConstructor.__init__(self)
        yaml.resolver.Resolver.__init__(self)


_Loader = _QuickLoader | yaml.SafeLoader


def _compose(source: str) -> tuple[_Loader, yaml.Node | None]:
    """Root node of a text, None if it has no content, and the loader for its values.

    Raises YAMLError, and RecursionError if values are nested too deeply.
    """
    try:
        quick = _QuickLoader(source)
        return quick, quick.get_single_node()
    except (yaml.YAMLError, UnicodeEncodeError):
        # The messages of the parser in Python are better: they name the character that is wrong.
        loader = yaml.SafeLoader(source)
        return loader, loader.get_single_node()


def _node_value(
    loader: _Loader, node: yaml.Node, path: Path, lines: Lines, faults: list[FileFault]
) -> Any:
    if len(lines) > MAX_NODES:
        raise SpecError("file", [FileFault(node.start_mark.line + 1, "too many values")])
    # PyYAML counts lines from 0, people from 1.
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping_value(loader, node, path, lines, faults)
    if isinstance(node, yaml.SequenceNode):
        return [
            _node_value(loader, item, (*path, number), lines, faults)
            for number, item in enumerate(node.value)
        ]
    # Only scalars get here: the loader turns "2026-01-31" into a date and "5" into a number.
    if FORBIDDEN.search(node.value):
        faults.append(FileFault(lines[path], NOT_ALLOWED))
    try:
        return loader.construct_object(node)
    except NO_SUCH_VALUE as error:
        message = f"{str(node.value)[:40]} is not a valid value: {error}"
        raise SpecError("file", [FileFault(node.start_mark.line + 1, message)]) from error


def _mapping_value(
    loader: _Loader,
    node: yaml.MappingNode,
    path: Path,
    lines: Lines,
    faults: list[FileFault],
) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(FileFault(line, "a name must be text"))
            continue
        key = str(key_node.value)
        if FORBIDDEN.search(key):
            faults.append(FileFault(line, NOT_ALLOWED))
        if key in mapping:
            faults.append(FileFault(line, f"{key} appears twice"))
        mapping[key] = _node_value(loader, value_node, (*path, key), lines, faults)
        lines[(*path, key)] = line
    return mapping


def load_yaml(source: str, *, file: str) -> tuple[Any, Lines]:
    """Parse a YAML text into plain values, with the line (from 1) of each by its path.

    Raises SpecError for text that is not YAML and for keys that appear twice.
    """
    lines: Lines = {}
    faults: list[FileFault] = []
    try:
        loader, node = _compose(source)
        value = _node_value(loader, node, (), lines, faults) if node is not None else None
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, int(error.position)) + 1
        raise SpecError(file, [FileFault(line, NOT_ALLOWED)]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 0
        raise SpecError(file, [FileFault(line, f"not YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise SpecError(file, [FileFault(0, f"not YAML: {error}")]) from error
    except SpecError as error:
        raise SpecError(file, error.faults) from error
    # A thousand nested lists exceed the recursion limit of Python before MAX_NODES.
    except RecursionError as error:
        raise SpecError(file, [FileFault(0, "values are nested too deeply")]) from error
    if faults:
        raise SpecError(file, faults)
    return value, lines


def line_of(lines: Lines, path: Path) -> int:
    """Line of a path, or of the nearest enclosing value that has one; 0 if none has.

    Parts that are not in the file are skipped: pydantic puts the name of a union's variant into
    the path of an error.
    """
    # Example: for ("tables", "by-theme", 2, "title") with no line for "by-theme", the result is the
    # line of ("tables", 2, "title").
    known: Path = ()
    for part in path:
        if (*known, part) in lines:
            known = (*known, part)
    return lines.get(known, 0)


def read_yaml(source: str, model: type[Model], *, file: str) -> tuple[Model, Lines]:
    """Parse a YAML text into a checked model, with the lines of its values. Raises SpecError."""
    value, lines = load_yaml(source, file=file)
    if not isinstance(value, dict):
        raise SpecError(file, [FileFault(1, "must be a mapping of names to values")])
    try:
        return model.model_validate(value), lines
    except ValidationError as error:
        raise SpecError(file, _model_faults(error, lines)) from error


def _model_faults(error: ValidationError, lines: Lines) -> list[FileFault]:
    """Errors of a pydantic model, each at its line.

    A list whose items have errors is also reported as too short, because none of them is valid:
    that second error is left out.
    """
    errors = [(_value_path(details["loc"]), details) for details in error.errors()]
    places = [path for path, _ in errors]
    faults = []
    for path, details in errors:
        # Places ("tables",) too short and ("tables", 0, "id") missing: the second lies inside the
        # first and explains it. Listed together they would look like two mistakes.
        inside = any(len(other) > len(path) and other[: len(path)] == path for other in places)
        if details["type"] == "too_short" and inside:
            continue
        name = next((str(part) for part in reversed(path) if isinstance(part, str)), "the file")
        message = _message_of(details)
        if details["type"] == "union_tag_invalid":
            name = details["ctx"]["discriminator"].strip("'")
            path = (*path, name)
            message = (
                f"must be one of {details['ctx']['expected_tags']}, not '{details['ctx']['tag']}'"
            )
        faults.append(FileFault(line_of(lines, path), f"{name}: {message}"))
    return faults


def _message_of(details: ErrorDetails) -> str:
    message = details["msg"].removeprefix("Value error, ")
    if message.startswith(INPUT):
        message = f"must be {message.removeprefix(INPUT)}"
    # {name: Absence, exclusion}: YAML reads the rest of the name as a key without a value.
    if details["type"] == "extra_forbidden" and details["input"] is None:
        return f"{PLAIN['extra_forbidden']}; a text with a comma needs quotes"
    return PLAIN.get(details["type"], message)


def _value_path(place: tuple[str | int, ...]) -> Path:
    # pydantic adds "[key]" after the name of a key that is not allowed.
    return tuple(
        part for part in place if part != "[key]" and not str(part).startswith("function-")
    )
