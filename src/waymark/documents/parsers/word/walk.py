"""What reads which element of a Word file."""

from waymark.documents.parsers.word import drawings as docx_drawings
from waymark.documents.parsers.word import inline as docx_inline
from waymark.documents.parsers.word import tables as docx_tables
from waymark.documents.parsers.word.names import CHART, DIAGRAM, MC, WP, M, V, W
from waymark.documents.parsers.word.story import Handler, StoryReader

HANDLERS: dict[str, Handler] = {
    f"{W}p": StoryReader.paragraph,
    f"{W}r": StoryReader.run,
    f"{M}r": StoryReader.run,
    f"{W}tbl": docx_tables.table,
    f"{W}tr": docx_tables.row,
    f"{W}tc": docx_tables.cell,
    f"{W}t": docx_inline.run_text,
    f"{M}t": docx_inline.run_text,
    f"{W}delText": docx_inline.deleted_text,
    f"{W}tab": docx_inline.tab,
    f"{W}ptab": docx_inline.tab,
    f"{W}br": docx_inline.line_break,
    f"{W}cr": docx_inline.line_break,
    f"{W}noBreakHyphen": docx_inline.hyphen,
    f"{W}sym": docx_inline.symbol,
    f"{W}ruby": docx_inline.ruby,
    f"{M}f": docx_inline.fraction,
    f"{W}footnoteReference": docx_inline.note,
    f"{W}endnoteReference": docx_inline.note,
    f"{W}fldChar": docx_inline.field_mark,
    f"{W}instrText": docx_inline.instruction,
    f"{W}sdt": docx_inline.control,
    f"{W}ins": docx_inline.inserted,
    f"{W}moveTo": docx_inline.inserted,
    f"{W}del": docx_inline.deleted,
    f"{W}moveFrom": docx_inline.deleted,
    f"{MC}AlternateContent": docx_inline.choice,
    f"{W}txbxContent": docx_drawings.box,
    f"{WP}anchor": docx_drawings.anchor,
    f"{WP}docPr": docx_drawings.description,
    **{f"{V}{name}": docx_drawings.old_shape for name in ("shape", "rect", "roundrect", "oval")},
    f"{V}textpath": docx_drawings.word_art,
    f"{DIAGRAM}relIds": docx_drawings.diagram,
    f"{CHART}chart": docx_drawings.chart,
    f"{W}altChunk": docx_drawings.chunk,
}
"""Element -> the function that reads it; others are walked through."""
