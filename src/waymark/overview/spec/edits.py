"""Change one table or figure in the YAML of a specification, and leave the rest as written. Pure.

Lines of other entries stay exactly as they are, with their comments, and so do those of the values
of the changed entry that stay the same. Comments inside a value that is replaced are lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from waymark.core.errors import FileFault, SpecError
from waymark.overview.spec.template import with_parts

Entry = dict[str, Any]
"""A table or a figure as plain YAML values."""
WIDTH = 100


def entries_of(source: str, part: str) -> list[Entry]:
    """The tables or figures of a YAML text. part: "tables" or "figures"."""
    return list(yaml.safe_load(source).get(part) or [])


def with_entry(source: str, part: str, name: str, entry: Entry | None) -> str:
    """The YAML with another value for an entry; None removes it, an unknown name adds it last."""
    before = entries_of(source, part)
    position = next((at for at, old in enumerate(before) if old["id"] == name), len(before))
    replacing = [] if entry is None else [entry]
    after = [*before[:position], *replacing, *before[position + 1 :]]
    text = _edited_text(source, part, position, entry)
    # What the lines could not take (a list in flow style, an alias) is written anew as a whole.
    if text is not None and _loaded(text) == {**yaml.safe_load(source), part: after}:
        return text
    return with_parts(source, {part: after})


def with_entry_moved(source: str, part: str, name: str, by: int) -> str:
    """The YAML with an entry moved up (by -1) or down (by 1); unchanged at the end of the list."""
    before = entries_of(source, part)
    position = next(at for at, old in enumerate(before) if old["id"] == name)
    target = position + by
    if not 0 <= target < len(before):
        return source
    after = list(before)
    after[position], after[target] = after[target], after[position]
    spans = _entry_spans(source, part)
    if spans is not None and len(spans) == len(before):
        lines = source.splitlines(keepends=True)
        (start, middle), (_, end) = spans[min(position, target)], spans[max(position, target)]
        text = "".join([*lines[:start], *lines[middle:end], *lines[start:middle], *lines[end:]])
        if _loaded(text) == {**yaml.safe_load(source), part: after}:
            return text
    return with_parts(source, {part: after})


def new_id(entries: Sequence[Entry], letter: str) -> str:
    """The first free id after the last: T12 after T11."""
    numbers = [int(entry["id"][1:]) for entry in entries]
    return f"{letter}{max(numbers, default=0) + 1}"


def _loaded(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _entry_spans(source: str, part: str) -> list[tuple[int, int]] | None:
    """First line, and line after the last, of each entry from 0; None if it is no block list.

    Comments before an entry belong to it.
    """
    node = _list_node(source, part)
    if node is None:
        return None
    lines = source.splitlines(keepends=True)
    starts = [_with_comments(lines, item.start_mark.line) for item in node.value]
    end = node.end_mark.line + (1 if node.end_mark.column else 0)
    # Comments and empty lines after the list are about what follows.
    while end > starts[-1] + 1 and lines[end - 1].strip()[:1] in {"", "#"}:
        end -= 1
    return list(zip(starts, [*starts[1:], end], strict=True))


def _list_node(source: str, part: str) -> yaml.SequenceNode | None:
    root = yaml.compose(source, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise SpecError("overview", [FileFault(1, "must be a mapping of names to values")])
    node = next((value for key, value in root.value if key.value == part), None)
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        return None
    return node


def _with_comments(lines: Sequence[str], start: int) -> int:
    """The first line of the comments directly above a line."""
    while start > 0 and lines[start - 1].strip().startswith("#"):
        start -= 1
    return start


def _edited_text(source: str, part: str, position: int, entry: Entry | None) -> str | None:
    """The YAML with one entry in its lines replaced, removed or added; None if that cannot be."""
    node, spans = _list_node(source, part), _entry_spans(source, part)
    if node is None or spans is None:
        return None
    lines = source.splitlines(keepends=True)
    indent = " " * node.start_mark.column
    if position == len(spans):
        end = spans[-1][1]
        added = [] if entry is None else [_as_item(entry, indent)]
        return "".join([*lines[:end], *added, *lines[end:]])
    start, end = spans[position]
    if entry is None:
        return "".join([*lines[:start], *lines[end:]])
    item = node.value[position]
    first = item.start_mark.line
    text = _item_text(lines, item, end, entry, indent)
    return "".join([*lines[:start], *lines[start:first], text, *lines[end:]])


def _as_item(entry: Entry, indent: str, *, flow: bool = False) -> str:
    text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=WIDTH)
    if flow:
        text = yaml.safe_dump(
            entry, sort_keys=False, allow_unicode=True, default_flow_style=True, width=10_000
        )
        text = f"- {text}"
    return "".join(f"{indent}{line}" for line in text.splitlines(keepends=True))


def _item_text(lines: Sequence[str], item: yaml.Node, end: int, entry: Entry, indent: str) -> str:
    """The lines of an entry with other values; those of values that stay the same are kept."""
    if not isinstance(item, yaml.MappingNode) or item.flow_style:
        return _as_item(entry, indent, flow=isinstance(item, yaml.MappingNode))
    before: Mapping[str, Any] = yaml.safe_load("".join(lines[item.start_mark.line : end]))[0]
    spans = _value_spans(item, end)
    inner = " " * item.start_mark.column
    names = [
        *(name for name in before if name in entry),
        *(name for name in entry if name not in before),
    ]
    pieces = []
    for name in names:
        if before.get(name, ...) == entry[name]:
            first, last = spans[name]
            # The first value is behind the dash of the list.
            piece = f"{inner}{lines[first][len(inner) :]}" + "".join(lines[first + 1 : last])
        else:
            value = {name: entry[name]}
            dumped = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=WIDTH)
            piece = "".join(f"{inner}{line}" for line in dumped.splitlines(keepends=True))
        pieces.append(piece)
    return f"{indent}-".ljust(len(inner)) + "".join(pieces)[len(inner) :]


def _value_spans(item: yaml.MappingNode, end: int) -> dict[str, tuple[int, int]]:
    """First line, and line after the last, of each value of an entry."""
    starts = [key.start_mark.line for key, _ in item.value]
    names = [str(key.value) for key, _ in item.value]
    return dict(zip(names, zip(starts, [*starts[1:], end], strict=True), strict=True))


def with_table(source: str, table: Entry) -> str:
    """The YAML with a table changed. A figure that had its title gets the new one."""
    before = next(old for old in entries_of(source, "tables") if old["id"] == table["id"])
    text = with_entry(source, "tables", table["id"], table)
    for figure in entries_of(source, "figures"):
        if figure["table"] == table["id"] and figure["title"] == before["title"] != table["title"]:
            retitled = {**figure, "title": table["title"]}
            text = with_entry(text, "figures", figure["id"], retitled)
    return text


def without_table(source: str, name: str) -> str:
    """The YAML without a table, its figures, and the sentences and rules that use its numbers."""
    text = with_entry(source, "tables", name, None)
    for figure in entries_of(source, "figures"):
        if figure["table"] == name:
            text = with_entry(text, "figures", figure["id"], None)
    return without_uses(text, name)


def without_uses(source: str, name: str) -> str:
    """The YAML without the sentences and rules that use numbers of a table."""
    text = source
    for table in entries_of(text, "tables"):
        if _names(table.get("intro", ""), name):
            rest = {part: value for part, value in table.items() if part != "intro"}
            text = with_entry(text, "tables", table["id"], rest)
    return with_parts(text, _parts_without(yaml.safe_load(text), name))


def uses_of_table(source: str, name: str) -> bool:
    """True if a sentence or a rule of the specification uses numbers of a table."""
    read = yaml.safe_load(source)
    intros = [table.get("intro", "") for table in read["tables"] if table["id"] != name]
    return bool(_parts_without(read, name)) or any(_names(intro, name) for intro in intros)


def _names(text: str, table: str) -> bool:
    return f"{{{table}/" in text


def _parts_without(read: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The texts and rules at the top that change if a table goes, without what names it."""
    parts: dict[str, Any] = {
        part: [text for text in read.get(part, []) if not _names(text, name)]
        for part in ("about", "points")
    }
    parts["logic"] = [
        rule
        for rule in read.get("logic", [])
        if name not in {rule[cell]["table"] for cell in ("fewer", "more")}
    ]
    return {part: rest for part, rest in parts.items() if len(rest) != len(read.get(part, []))}
