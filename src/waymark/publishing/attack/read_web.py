"""What the web page, its drawings, JSON and CSV of a published overview give a stranger."""

import csv
import io
import json
import re
from collections import Counter
from typing import Any

from defusedxml import ElementTree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from waymark.publishing.attack.grid import (
    ROLES,
    WITHHELD,
    Grid,
    Leak,
    Line,
    Reading,
    Words,
    number,
    rows_of,
)

SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)
NAMED = ("aria-label", "alt", "title", "aria-description")


def read_csv(file: str, content: bytes) -> Reading:
    """A table of which the file bears the id."""
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if row]
    columns, lines = rows_of(rows)
    return Reading((Grid(file, file.removesuffix(".csv"), columns, lines),))


def read_json(file: str, content: bytes) -> Reading:
    """Tables with roles, bases and notes; every cell is searched for what its mark hides."""
    whole = json.loads(content)
    grids, leaks = [], []
    for table in whole.get("tables", []):
        lines = []
        for row in table["rows"]:
            shown = tuple(str(cell["shown"]) for cell in row["cells"])
            role = ROLES.get(row.get("role", "part"), "part")
            records, passages = _named(row["cells"])
            lines.append(Line(row["label"], shown, role, row.get("group", ""), records, passages))
            leaks += [
                Leak(file, f"{table['id']} {row['label']}", f"a withheld cell holds {key}")
                for cell in row["cells"]
                if cell["shown"].startswith("[")
                for key, value in cell.items()
                if _tells(cell, key) and value not in (None, [], "", {})
            ]
            leaks += [
                Leak(file, f"{table['id']} {row['label']}", "its value says more than is printed")
                for cell in row["cells"]
                if not _open(table) and _says_more(cell)
            ]
        columns = tuple(one["label"] for one in table["columns"])
        notes = tuple(table.get("notes", ()))
        grids.append(Grid(file, table["id"], columns, tuple(lines), table.get("base", ""), notes))
    words = [Words(file, place, text) for place, text in _strings(whole, "")]
    return Reading(tuple(grids), tuple(words), tuple(leaks))


def _named(
    cells: list[dict[str, Any]],
) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, int], ...]]:
    """The records that cells name, and how many passages of each review the first of them names.

    Passages are named by their reports, in the order of the reviews.
    """
    records = tuple(tuple(cell.get("records") or ()) for cell in cells)
    if not any(records):
        return (), ()
    reports = Counter(str(key).partition("-")[0] for key in cells[0].get("evidence") or ())
    fits = len(reports) == len(records[0])
    return records, tuple(zip(records[0], reports.values(), strict=True)) if fits else ()


def _tells(cell: dict[str, Any], key: str) -> bool:
    """Whether a field of a cell with a mark must be empty: a value always, the rest of [c] too."""
    return key == "value" or (cell["shown"] == WITHHELD and key not in {"base", "shown", "mark"})


def _open(table: dict[str, Any]) -> bool:
    """Whether it says that nothing in it is sensitive."""
    notes = " ".join(table.get("notes", ()))
    return "about the process" in notes or "shown as counted" in notes


def _says_more(cell: dict[str, Any]) -> bool:
    """Whether a value is another number than the one printed, if only by its decimals."""
    shown = number(cell["shown"])
    return shown is not None and cell.get("value", shown) != shown


def _strings(value: Any, place: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(place, value)]
    if isinstance(value, dict):
        return [pair for key, one in value.items() for pair in _strings(one, f"{place}/{key}")]
    if isinstance(value, list):
        return [pair for at, one in enumerate(value) for pair in _strings(one, f"{place}/{at}")]
    return []


def read_html(file: str, content: bytes) -> Reading:
    """Tables, words outside them, names of parts for screen readers, and drawings."""
    source = content.decode()
    tree = LexborHTMLParser(source)
    grids = [_grid(file, table) for table in tree.css("table[id]")]
    words = [
        Words(file, f"{node.tag} {name}", str(node.attributes[name]))
        for name in NAMED
        for node in tree.css(f"[{name}]")
    ]
    words += [
        Words(file, tag, node.text(separator=" ", strip=True))
        for tag in ("p", "li", "dd", "title", "h2", "h3")
        for node in tree.css(tag)
    ]
    leaks = [
        Leak(file, "comment", f"a comment in the source: {found[:60]}")
        for found in re.findall(r"<!--(.*?)-->", source, re.DOTALL)
    ]
    leaks += [
        Leak(file, node.tag or "", "it is there and not shown")
        for node in tree.css("[hidden], [style*='display'], template")
    ]
    leaks += [
        Leak(file, _place(node), f"a withheld cell bears {name}")
        for node in tree.css("td, td *")
        if WITHHELD in node.text()
        for name in node.attributes
        if name != "class"
    ]
    for drawn in SVG.findall(source):
        found = read_svg(file, drawn.encode())
        words += found.words
        leaks += found.leaks
    return Reading(tuple(grids), tuple(words), tuple(leaks))


def _place(node: LexborNode) -> str:
    row = node.parent
    return row.text(separator=" ", strip=True)[:60] if row is not None else ""


def _grid(file: str, table: LexborNode) -> Grid:
    head = table.css_first("thead")
    columns = [cell.text(strip=True) for cell in head.css("th")] if head is not None else []
    lines = []
    group = ""
    for body in table.css("tbody, tfoot"):
        group = "" if body.tag == "tfoot" else group
        for row in body.css("tr"):
            named = row.attributes.get("class") or "part"
            label = row.css_first("th")
            text = label.text(strip=True) if label is not None else ""
            if named == "group":
                group = text
                continue
            cells = tuple(cell.text(strip=True) for cell in row.css("td"))
            lines.append(Line(text, cells, ROLES.get(named, "part"), group))
    base = table.css_first("caption small")
    said = base.text(strip=True).removeprefix("Base:").strip(" .") if base is not None else ""
    return Grid(
        file, table.attributes["id"] or "", tuple(columns[1:]), tuple(lines), said, _notes(table)
    )


def _notes(table: LexborNode) -> tuple[str, ...]:
    after = table.parent.next if table.parent is not None else None
    while after is not None and after.tag == "-text":
        after = after.next
    return tuple(one.text(strip=True) for one in after.css("li")) if after is not None else ()


def read_svg(file: str, content: bytes) -> Reading:
    """A drawing: its words, and any mark with a length that stands at a withheld number."""
    root = ElementTree.fromstring(content)
    title = next((one.text or "" for one in root.iter() if _tag(one) == "title"), "drawing")
    words = [
        Words(file, f"{_tag(one)} of {title}", one.text or "")
        for one in root.iter()
        if _tag(one) in {"title", "desc"}
    ]
    words += [
        Words(file, f"{name} of {title}", value)
        for one in root.iter()
        for name, value in one.attrib.items()
        if name in NAMED or name.startswith("data-")
    ]
    texts = [one for one in root.iter() if _tag(one) == "text" and WITHHELD in (one.text or "")]
    shapes = [_box(one) for one in root.iter() if _tag(one) in {"rect", "circle"}]
    filled = [box for box, fill in shapes if fill != "none"]
    leaks = [
        Leak(file, title, "a withheld number has a mark of its own with a place or a length")
        for text in texts
        if any(_beside(text, box) for box in filled)
    ]
    hatched = {
        (round(box[2], 1), round(box[3], 1))
        for box, fill in shapes
        if fill == "none" and any(_beside(text, box) for text in texts)
    }
    if len(hatched) > 1:
        leaks.append(Leak(file, title, "withheld numbers are drawn in different sizes"))
    return Reading((), tuple(words), tuple(leaks))


Box = tuple[float, float, float, float]


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _box(element: Any) -> tuple[Box, str]:
    """x, y, width and height of a mark, and its fill."""
    size = {
        key: float(element.get(key, 0)) for key in ("x", "y", "width", "height", "cx", "cy", "r")
    }
    fill = str(element.get("fill", ""))
    if _tag(element) == "circle":
        radius = size["r"]
        return (size["cx"] - radius, size["cy"] - radius, 2 * radius, 2 * radius), fill
    return (size["x"], size["y"], size["width"], size["height"]), fill


def _beside(text: Any, box: Box) -> bool:
    """Whether a mark stands where a text belongs: under it where it is centred, else in its row."""
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    if text.get("text-anchor") == "middle":
        under = box[1] - 2 <= y + 12 <= box[1] + box[3] + 2
        return box[0] <= x <= box[0] + box[2] and under
    return box[1] <= y - 5 <= box[1] + box[3]
