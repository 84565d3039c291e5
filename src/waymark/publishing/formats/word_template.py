"""Template of a report in Word: its styles, numbering of headings, header, footer and page."""

from typing import Any

from waymark.core.extras import OptionalModule
from waymark.publishing.formats.sheets import LANGUAGE
from waymark.publishing.formats.word_fields import add_field, clean_text, new_element

python_docx = OptionalModule("docx", "report")
docx_names = OptionalModule("docx.oxml.ns", "report")
docx_units = OptionalModule("docx.shared", "report")
FONT = "Arial"
INK, SOFT, ACCENT, RULE = "1D2521", "4C5751", "0B5A57", "747D77"
QUOTE, QUOTE_SOURCE, NOTE, COVER = "Quote", "Quote Source", "Table Note", "Cover"
APPENDIX = "Appendix Heading"
TABLE = "Report Table"
CONTENTS, CONTENTS_ENTRY, FIGURES_ENTRY = "TOC Heading", "toc {0}", "table of figures"
CHAPTERS, APPENDICES = 71, 72
"""Numbers of the two lists that number headings; the library's template uses lower ones."""


def new_report() -> Any:
    """A new document with the styles of the template, an upright A4 page and no text."""
    docx = python_docx.Document()
    set_british_styles(docx)
    page = docx.sections[0]
    page.page_width, page.page_height = docx_units.Cm(21), docx_units.Cm(29.7)
    page.left_margin = page.right_margin = docx_units.Cm(2.5)
    page.top_margin = page.bottom_margin = docx_units.Cm(2.5)
    _set_paragraph_styles(docx)
    _add_table_style(docx)
    _add_numbering(docx)
    # Word fills in the page numbers of the contents when the file is opened.
    update = new_element("w:updateFields", val="true")
    docx.settings.element.append(update)
    return docx


def set_british_styles(docx: Any) -> None:
    """Set the language of a new document, and remove the picture of its template."""
    # The template is American: its styles must say en-GB too, or a screen reader changes voice.
    for language in docx.styles.element.iter(docx_names.qn("w:lang")):
        language.set(docx_names.qn("w:val"), LANGUAGE)
    rels = docx.part.package.rels
    # The template that python-docx starts from has a thumbnail of an empty page.
    for name in [key for key, relation in rels.items() if relation.reltype.endswith("/thumbnail")]:
        del rels[name]


# ---- styles ----


def _set_paragraph_styles(docx: Any) -> None:
    normal = _style(docx, "Normal", size=12, after=8)
    normal.paragraph_format.line_spacing = 1.15
    _style(docx, "Title", size=26, bold=True, color=ACCENT, after=8)
    _remove_borders(docx.styles["Title"])
    _style(docx, "Subtitle", size=15, color=SOFT, after=12)
    for level, size in ((1, 19), (2, 15), (3, 13)):
        color = ACCENT if level == 1 else INK
        style = _style(docx, f"Heading {level}", size=size, bold=True, color=color, after=6)
        style.paragraph_format.space_before = docx_units.Pt(20 - 2 * level)
        style.paragraph_format.keep_with_next = True
    appendix = _style(docx, APPENDIX, base="Heading 1", size=19, bold=True, color=ACCENT, after=6)
    _set_outline(appendix, 0)
    _style(docx, CONTENTS, base="Normal", size=19, bold=True, color=ACCENT, after=6)
    caption = _style(docx, "Caption", size=11.5, bold=True, color=INK, after=3)
    caption.paragraph_format.keep_with_next = True
    quote = _style(docx, QUOTE, size=12, italic=True, color=INK, after=2)
    quote.paragraph_format.left_indent = docx_units.Cm(0.8)
    quote.paragraph_format.keep_with_next = True
    source = _style(docx, QUOTE_SOURCE, base="Normal", size=10, color=SOFT, after=10)
    source.paragraph_format.left_indent = docx_units.Cm(0.8)
    for style in (quote, source):
        _add_left_rule(style)
    _style(docx, NOTE, base="Normal", size=10, color=SOFT, after=3)
    _style(docx, COVER, base="Normal", size=11, after=4)
    for level in (1, 2):
        entry = _style(docx, CONTENTS_ENTRY.format(level), base="Normal", size=11, after=2)
        entry.paragraph_format.left_indent = docx_units.Cm(0.8 * (level - 1))
        _add_page_tab(entry)
    _add_page_tab(_style(docx, FIGURES_ENTRY, base="Normal", size=11, after=2))


def _style(
    docx: Any,
    name: str,
    *,
    size: float,
    base: str = "",
    after: float,
    bold: bool = False,
    italic: bool = False,
    color: str = INK,
) -> Any:
    """A paragraph style, changed or added. base: the style that a new one is based on."""
    known = name in [style.name for style in docx.styles]
    style = docx.styles[name] if known else docx.styles.add_style(name, _PARAGRAPH)
    if base:
        style.base_style = docx.styles[base]
    font = style.font
    font.name, font.size, font.bold, font.italic = FONT, docx_units.Pt(size), bold, italic
    font.color.rgb = docx_units.RGBColor.from_string(color)
    # The fonts of the theme would come before the name.
    fonts = style.element.rPr.rFonts
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(docx_names.qn(f"w:{kind}"), None)
    for kind in ("hAnsi", "cs"):
        fonts.set(docx_names.qn(f"w:{kind}"), FONT)
    style.paragraph_format.space_after = docx_units.Pt(after)
    return style


_PARAGRAPH = 1
"""WD_STYLE_TYPE.PARAGRAPH."""


def _properties(style: Any) -> Any:
    return style.element.get_or_add_pPr()


def _remove_borders(style: Any) -> None:
    for border in list(_properties(style).iter(docx_names.qn("w:pBdr"))):
        border.getparent().remove(border)


def _add_left_rule(style: Any) -> None:
    border = new_element("w:pBdr")
    border.append(new_element("w:left", val="single", sz="12", space="8", color=ACCENT))
    _insert_property(style, border)


def _add_page_tab(style: Any) -> None:
    """A tab with dots at the right margin, before the number of the page."""
    tabs = new_element("w:tabs")
    tabs.append(new_element("w:tab", val="right", leader="dot", pos="9071"))
    _insert_property(style, tabs)


def _set_outline(style: Any, level: int) -> None:
    _insert_property(style, new_element("w:outlineLvl", val=str(level)))


# The order of the children of w:pPr is fixed by the schema of Office Open XML.
_ORDER = (
    *("keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "pBdr", "shd", "tabs"),
    *("spacing", "ind", "contextualSpacing", "jc", "outlineLvl"),
)


def _insert_property(style: Any, element: Any) -> None:
    """Put an element into the paragraph properties of a style, at its place."""
    properties = _properties(style)
    for old in properties.findall(element.tag):
        properties.remove(old)
    place = _ORDER.index(element.tag.rpartition("}")[2])
    later = {docx_names.qn(f"w:{name}") for name in _ORDER[place + 1 :]}
    following = next((child for child in properties if child.tag in later), None)
    if following is None:
        properties.append(element)
    else:
        following.addprevious(element)


def _add_table_style(docx: Any) -> None:
    """A plain table: a rule under the head and thin ones between rows, no colour."""
    style = docx.styles.add_style(TABLE, 3)
    style.base_style = docx.styles["Normal Table"]
    properties = new_element("w:tblPr")
    borders = new_element("w:tblBorders")
    for side, size in (("top", "8"), ("bottom", "8"), ("insideH", "4")):
        borders.append(new_element(f"w:{side}", val="single", sz=size, space="0", color=RULE))
    properties.append(borders)
    style.element.append(properties)
    head = new_element("w:tblStylePr", type="firstRow")
    run = new_element("w:rPr")
    run.append(new_element("w:b"))
    head.append(run)
    cell = new_element("w:tcPr")
    rules = new_element("w:tcBorders")
    rules.append(new_element("w:bottom", val="single", sz="8", space="0", color=RULE))
    cell.append(rules)
    head.append(cell)
    style.element.append(head)


# ---- numbers of headings ----


def _add_numbering(docx: Any) -> None:
    """Two lists: "1" and "1.1" for chapters, "Appendix A." and "A.1" for appendices."""
    numbering = docx.part.numbering_part.element
    chapters = (("decimal", "%1", "Heading 1"), ("decimal", "%1.%2", "Heading 2"))
    appendices = (("upperLetter", "Appendix %1.", APPENDIX), ("decimal", "%1.%2", ""))
    abstract = [
        _numbering_list(docx, number, levels)
        for number, levels in ((CHAPTERS, chapters), (APPENDICES, appendices))
    ]
    # All w:abstractNum come before the first w:num.
    first = numbering.find(docx_names.qn("w:num"))
    for element in abstract:
        if first is None:
            numbering.append(element)
        else:
            first.addprevious(element)
    for number in (CHAPTERS, APPENDICES):
        entry = new_element("w:num", numId=str(number))
        entry.append(new_element("w:abstractNumId", val=str(number)))
        numbering.append(entry)


def _numbering_list(docx: Any, number: int, levels: tuple[tuple[str, str, str], ...]) -> Any:
    abstract = new_element("w:abstractNum", abstractNumId=str(number))
    abstract.append(new_element("w:multiLevelType", val="multilevel"))
    for at, (kind, text, style) in enumerate(levels):
        level = new_element("w:lvl", ilvl=str(at))
        level.append(new_element("w:start", val="1"))
        level.append(new_element("w:numFmt", val=kind))
        if style:
            level.append(new_element("w:pStyle", val=docx.styles[style].style_id))
            _insert_property(docx.styles[style], numbering_of(number, at))
        level.append(new_element("w:suff", val="space"))
        level.append(new_element("w:lvlText", val=text))
        level.append(new_element("w:lvlJc", val="left"))
        abstract.append(level)
    return abstract


def numbering_of(number: int, level: int) -> Any:
    """Properties of a paragraph in a list. number: 0 for none, whatever its style says."""
    properties = new_element("w:numPr")
    properties.append(new_element("w:ilvl", val=str(level)))
    properties.append(new_element("w:numId", val=str(number)))
    return properties


def number_heading(paragraph: Any, number: int, level: int) -> None:
    """Number a heading in a list, or in none: 0."""
    properties = paragraph._p.get_or_add_pPr()
    for old in properties.findall(docx_names.qn("w:numPr")):
        properties.remove(old)
    # w:pStyle, the first child, must stay before it.
    style = properties.find(docx_names.qn("w:pStyle"))
    element = numbering_of(number, level)
    if style is None:
        properties.insert(0, element)
    else:
        style.addnext(element)


# ---- head and foot of the pages ----


def set_header_and_footer(docx: Any, title: str, foot: str) -> None:
    """Title above each page but the first; below each what it is and "Page 2 of 9"."""
    page = docx.sections[0]
    page.different_first_page_header_footer = True
    page.header.paragraphs[0].text = clean_text(title)
    for footer in (page.footer, page.first_page_footer):
        paragraph = footer.paragraphs[0]
        paragraph.add_run(clean_text(f"{foot}. Page " if foot else "Page "))
        add_field(paragraph, "PAGE", "1")
        paragraph.add_run(" of ")
        add_field(paragraph, "NUMPAGES", "1")
    for name in ("Header", "Footer"):
        _style(docx, name, size=9, color=SOFT, after=0)
