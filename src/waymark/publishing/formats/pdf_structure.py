"""Mend the structure tree of a PDF: headers of rows, one table of contents, the publisher."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import pikepdf
else:
    pikepdf = LaterModule("pikepdf")


def with_structure(compiled: bytes, publisher: str) -> bytes:
    """Mend what Typst leaves out of the structure tree and the metadata."""
    with pikepdf.open(io.BytesIO(compiled)) as file:
        _mark_row_headers(file)
        _join_contents(file.Root.StructTreeRoot)
        if publisher:
            # Without the second argument pikepdf would write its name and the time of the run.
            with file.open_metadata(set_pikepdf_as_editor=False) as metadata:
                metadata["dc:publisher"] = [publisher]
        out = io.BytesIO()
        # A PDF has an id that is random by default: derived from the content, bytes stay the same.
        file.save(out, deterministic_id=True)
    return out.getvalue()


def _join_contents(parent: pikepdf.Object) -> None:
    """Join neighbouring tables of contents (/TOC) to one."""
    children = _below(parent)
    joined: list[pikepdf.Object] = []
    for child in children:
        if not isinstance(child, pikepdf.Dictionary):
            joined.append(child)
            continue
        if joined and _is_contents(child) and _is_contents(joined[-1]):
            for entry in _below(child):
                entry.P = joined[-1]
                joined[-1].K.append(entry)
            continue
        if _is_contents(child):
            child.K = pikepdf.Array(_below(child))
        else:
            _join_contents(child)
        joined.append(child)
    if len(joined) < len(children):
        parent.K = pikepdf.Array(joined)


def _is_contents(element: pikepdf.Object) -> bool:
    return isinstance(element, pikepdf.Dictionary) and element.get("/S") == "/TOC"


def _below(element: pikepdf.Object) -> list[pikepdf.Object]:
    below = element.get("/K")
    if isinstance(below, pikepdf.Array):
        return list(below)
    return [] if below is None else [below]


def _mark_row_headers(file: pikepdf.Pdf) -> None:
    """Mark the first cell of each body row as the header of its row.

    Typst marks only column headers; without this, a screen reader reads a number without saying
    what it counts. In the structure tree a table is /Table > /TBody > /TR > /TD: the first /TD of
    each row becomes a /TH with /Scope /Row.
    """
    for table in _structure_elements(file.Root.StructTreeRoot, "/Table"):
        for body in (
            *_structure_elements(table, "/TBody"),
            *_structure_elements(table, "/TFoot"),
        ):
            for row in _structure_elements(body, "/TR"):
                _mark_row_header(row)


def _structure_elements(parent: pikepdf.Object, kind: str) -> list[pikepdf.Object]:
    """Structure elements of a kind below a parent, without those nested in them."""
    elements: list[pikepdf.Object] = []
    # /K of a structure element is one child, an array of them, or the number of marked content.
    below = parent.get("/K")
    for child in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(child, pikepdf.Dictionary):
            elements += [child] if child.get("/S") == kind else _structure_elements(child, kind)
    return elements


def _mark_row_header(row: pikepdf.Object) -> None:
    cells = _structure_elements(row, "/TD")
    if not cells or _structure_elements(row, "/TH"):
        return
    cells[0].S = pikepdf.Name.TH
    # /Scope is an attribute of the owner /Table (ISO 32000-1, 14.8.5.7); Typst has written others.
    for attributes in cells[0].get("/A", []):
        if isinstance(attributes, pikepdf.Dictionary) and attributes.get("/O") == "/Table":
            attributes.Scope = pikepdf.Name.Row
