"""Read the web page, drawings, JSON and CSV of a published overview as a stranger would."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from defusedxml import ElementTree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from waymark.core.evidence import report_of_key
from waymark.publishing.attack.grid import (
    ROLES,
    WITHHELD,
    FileReading,
    Leak,
    LooseText,
    PrintedRow,
    PrintedTable,
    printed_number,
    rows_of,
)

SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)
NAMED = ("aria-label", "alt", "title", "aria-description")


def read_csv(file: str, content: bytes) -> FileReading:
    """A table; its id is the name of the file."""
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if row]
    columns, lines = rows_of(rows)
    return FileReading((PrintedTable(file, file.removesuffix(".csv"), columns, lines),))


def read_json(file: str, content: bytes) -> FileReading:
    """Tables with roles, bases and notes; every cell is searched for what its mark hides."""
    whole = json.loads(content)
    tables = whole.get("tables", [])
    leaks = [
        leak for table in tables for row in table["rows"] for leak in _row_leaks(file, table, row)
    ]
    words = [LooseText(file, place, text) for place, text in _json_strings(whole, "")]
    return FileReading(
        tuple(_json_grid(file, table) for table in tables), tuple(words), tuple(leaks)
    )


def _json_grid(file: str, table: dict[str, Any]) -> PrintedTable:
    lines = []
    for row in table["rows"]:
        cells = tuple(str(cell["shown"]) for cell in row["cells"])
        role = ROLES.get(row.get("role", "part"), "part")
        records, passages = _named_records(row["cells"])
        lines.append(PrintedRow(row["label"], cells, role, row.get("group", ""), records, passages))
    columns = tuple(column["label"] for column in table["columns"])
    notes = tuple(table.get("notes", ()))
    return PrintedTable(file, table["id"], columns, tuple(lines), table.get("base", ""), notes)


def _row_leaks(file: str, table: dict[str, Any], row: dict[str, Any]) -> Iterator[Leak]:
    """Fields of a row's cells that say what the printed mark or number leaves out."""
    where = f"{table['id']} {row['label']}"
    for cell in row["cells"]:
        if cell["shown"].startswith("["):
            for key, value in cell.items():
                if _must_be_empty(cell, key) and value not in (None, [], "", {}):
                    yield Leak(file, where, f"a withheld cell contains {key}")
    for cell in row["cells"]:
        if not _is_open_table(table) and _says_more(cell):
            yield Leak(file, where, "its value is not the printed number")


def _named_records(
    cells: list[dict[str, Any]],
) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, int], ...]]:
    """The records that cells name, and how many passages of each review the first of them names.

    Passages are named by their reports, in the order of the reviews.
    """
    records = tuple(tuple(cell.get("records") or ()) for cell in cells)
    if not any(records):
        return (), ()
    reports = Counter(report_of_key(str(key)) for key in cells[0].get("evidence") or ())
    # One report for each review, in the same order; else nothing says which passages are whose.
    fits = len(reports) == len(records[0])
    return records, tuple(zip(records[0], reports.values(), strict=True)) if fits else ()


def _must_be_empty(cell: dict[str, Any], key: str) -> bool:
    """Return True if a field must be empty: "value" beside any mark, all fields of a [c]."""
    return key == "value" or (cell["shown"] == WITHHELD and key not in {"base", "shown", "mark"})


def _is_open_table(table: dict[str, Any]) -> bool:
    """Return True if the table says that nothing in it is sensitive."""
    notes = " ".join(table.get("notes", ()))
    # "shown as counted": in editions that were published before the notes were reworded.
    plain = ("about the process", "no figures are withheld", "shown as counted")
    return any(text in notes for text in plain)


def _says_more(cell: dict[str, Any]) -> bool:
    """Return True if a value is another number than the one printed, if only by decimals."""
    printed = printed_number(cell["shown"])
    return printed is not None and cell.get("value", printed) != printed


def _json_strings(value: Any, place: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(place, value)]
    if isinstance(value, dict):
        return [
            pair for key, inner in value.items() for pair in _json_strings(inner, f"{place}/{key}")
        ]
    if isinstance(value, list):
        return [
            pair for at, inner in enumerate(value) for pair in _json_strings(inner, f"{place}/{at}")
        ]
    return []


def read_html(file: str, content: bytes) -> FileReading:
    """Tables, words outside them, names of parts for screen readers, and drawings."""
    source = content.decode()
    tree = LexborHTMLParser(source)
    grids = [_html_table(file, table) for table in tree.css("table[id]")]
    words, leaks = list(_page_words(file, tree)), list(_page_leaks(file, source, tree))
    for svg in SVG.findall(source):
        drawing = read_svg(file, svg.encode())
        words += drawing.words
        leaks += drawing.leaks
    return FileReading(tuple(grids), tuple(words), tuple(leaks))


def _page_words(file: str, tree: LexborHTMLParser) -> Iterator[LooseText]:
    for name in NAMED:
        for node in tree.css(f"[{name}]"):
            yield LooseText(file, f"{node.tag} {name}", str(node.attributes[name]))
    for tag in ("p", "li", "dd", "title", "h2", "h3"):
        for node in tree.css(tag):
            yield LooseText(file, tag, node.text(separator=" ", strip=True))


def _page_leaks(file: str, source: str, tree: LexborHTMLParser) -> Iterator[Leak]:
    """Comments, parts that are not shown, and attributes of withheld cells."""
    for comment in re.findall(r"<!--(.*?)-->", source, re.DOTALL):
        yield Leak(file, "comment", f"a comment in the source: {comment[:60]}")
    for node in tree.css("[hidden], [style*='display'], template"):
        yield Leak(file, node.tag or "", "it is present but not shown")
    for node in tree.css("td, td *"):
        if WITHHELD in node.text():
            for name in node.attributes:
                if name != "class":
                    yield Leak(file, _row_text(node), f"a withheld cell has the attribute {name}")


def _row_text(node: LexborNode) -> str:
    row = node.parent
    return row.text(separator=" ", strip=True)[:60] if row is not None else ""


def _html_table(file: str, table: LexborNode) -> PrintedTable:
    """A table of the page; a row of the class "group" names the block of the rows below it."""
    head = table.css_first("thead")
    columns = [cell.text(strip=True) for cell in head.css("th")] if head is not None else []
    lines = []
    group = ""
    for body in table.css("tbody, tfoot"):
        # Rows below the last group heading would otherwise seem to belong to it; the foot has
        # totals.
        group = "" if body.tag == "tfoot" else group
        for row in body.css("tr"):
            named = row.attributes.get("class") or "part"
            label = row.css_first("th")
            text = label.text(strip=True) if label is not None else ""
            if named == "group":
                group = text
                continue
            cells = tuple(cell.text(strip=True) for cell in row.css("td"))
            lines.append(PrintedRow(text, cells, ROLES.get(named, "part"), group))
    base = table.css_first("caption small")
    base_text = base.text(strip=True).removeprefix("Base:").strip(" .") if base is not None else ""
    return PrintedTable(
        file,
        table.attributes["id"] or "",
        tuple(columns[1:]),
        tuple(lines),
        base_text,
        _notes_below(table),
    )


def _notes_below(table: LexborNode) -> tuple[str, ...]:
    after = table.parent.next if table.parent is not None else None
    while after is not None and after.tag == "-text":
        after = after.next
    return tuple(item.text(strip=True) for item in after.css("li")) if after is not None else ()


def read_svg(file: str, content: bytes) -> FileReading:
    """A drawing: its words, and any mark with a length that is drawn at a withheld number."""
    root = ElementTree.fromstring(content)
    titles = (element.text or "" for element in root.iter() if _tag_name(element) == "title")
    title = next(titles, "drawing")
    return FileReading(
        (), tuple(_drawn_words(file, title, root)), tuple(_drawn_leaks(file, title, root))
    )


def _drawn_words(file: str, title: str, root: Any) -> Iterator[LooseText]:
    """Titles and descriptions, and attributes that screen readers or scripts read."""
    for element in root.iter():
        if _tag_name(element) in {"title", "desc"}:
            yield LooseText(file, f"{_tag_name(element)} of {title}", element.text or "")
    for element in root.iter():
        for name, value in element.attrib.items():
            if name in NAMED or name.startswith("data-"):
                yield LooseText(file, f"{name} of {title}", value)


def _drawn_leaks(file: str, title: str, root: Any) -> Iterator[Leak]:
    """Marks at withheld numbers: filled ones, or hatched ones of different sizes.

    Hatching 36 wide for one [c] and 12 wide for another would draw two numbers to scale.
    """
    texts = [text for text in _elements_tagged(root, "text") if WITHHELD in (text.text or "")]
    shapes = [_box_and_fill(shape) for shape in _elements_tagged(root, "rect", "circle")]
    # Hatched marks have no fill and one size; a filled bar has a length that can be measured.
    filled = [box for box, fill in shapes if fill != "none"]
    for text in texts:
        if _is_beside_any([text], filled):
            what = "a withheld number has a drawn mark with a position or length"
            yield Leak(file, title, what)
    hatched = [box for box, fill in shapes if fill == "none"]
    # Rounded to a tenth: renderers write 36.000001 and 36 for one size.
    if len({_rounded_size(box) for box in hatched if _is_beside_any(texts, [box])}) > 1:
        yield Leak(file, title, "withheld numbers are drawn in different sizes")


Box = tuple[float, float, float, float]


def _elements_tagged(root: Any, *tags: str) -> list[Any]:
    return [element for element in root.iter() if _tag_name(element) in tags]


def _rounded_size(box: Box) -> tuple[float, float]:
    return round(box[2], 1), round(box[3], 1)


def _tag_name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _box_and_fill(element: Any) -> tuple[Box, str]:
    """x, y, width and height of a mark, and its fill."""
    size = {
        key: float(element.get(key, 0)) for key in ("x", "y", "width", "height", "cx", "cy", "r")
    }
    fill = str(element.get("fill", ""))
    if _tag_name(element) == "circle":
        radius = size["r"]
        return (size["cx"] - radius, size["cy"] - radius, 2 * radius, 2 * radius), fill
    return (size["x"], size["y"], size["width"], size["height"]), fill


def _is_beside(text: Any, box: Box) -> bool:
    """Return True if a mark is where a text belongs: below a centred text, else in its row."""
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    if text.get("text-anchor") == "middle":
        under = box[1] - 2 <= y + 12 <= box[1] + box[3] + 2
        return box[0] <= x <= box[0] + box[2] and under
    return box[1] <= y - 5 <= box[1] + box[3]


def _is_beside_any(texts: list[Any], boxes: list[Box]) -> bool:
    return any(_is_beside(text, box) for text in texts for box in boxes)
