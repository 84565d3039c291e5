"""Whole reports written by python-docx and by LibreOffice, against the text they were made from.

Every paragraph must be whole, every number as shown and every heading in its place.
"""

import random
import shutil
import subprocess
from xml.sax.saxutils import escape

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.documents.making import LEFT, RIGHT
from tests.documents.test_formats import read, rows
from waymark.documents.parsers.flow import tidy_text

OFFICE = shutil.which("soffice")
WORDS = " ".join(LEFT + RIGHT).replace(",", "").replace(".", "").split()


def sentence(source, shortest, longest):
    words = source.choices(WORDS, k=source.randint(shortest, longest))
    return " ".join(words).capitalize()


def made_report(seed, length=120):
    """Blocks of a report: kind, level and words; a row has its cells."""
    source = random.Random(seed)  # noqa: S311
    blocks = [("title", 0, "Child Rowan"), ("heading", 1, "What happened")]
    for _ in range(length):
        kind = source.choices(("heading", "paragraph", "item", "row"), (2, 8, 3, 1))[0]
        if kind == "heading":
            deepest = max(level for found, level, _ in blocks[-12:] if found == "heading") if any(
                found == "heading" for found, *_ in blocks[-12:]
            ) else 1  # fmt: skip
            level = source.randint(1, min(3, deepest + 1))
            blocks += [(kind, level, sentence(source, 2, 6)), ("paragraph", 0, "It is so.")]
        elif kind == "row":
            label, value = sentence(source, 1, 3), sentence(source, 1, 20)
            blocks.append((kind, 0, (label, value)))
        else:
            blocks.append((kind, 0, sentence(source, 12, 60) + "."))
    return blocks


def expected_rows(blocks):
    """The passages that a person would write down: kind, path and words with their number."""
    counts, path, found = [0, 0, 0], [], []
    for kind, level, words in blocks:
        if kind == "heading":
            # A level that was skipped counts as used.
            above = [count or 1 for count in counts[: level - 1]]
            counts = [*above, counts[level - 1] + 1, *[0] * (3 - level)]
            number = ".".join(map(str, counts[:level]))
            path = [entry for entry in path if entry[0] < level]
            found.append(("heading", joined(path), f"{number} {words}"))
            path.append((level, f"{number} {words}"))
        elif kind == "row":
            found.append(("paragraph", joined(path), " ".join(words)))
        elif kind == "item":
            found.append(("item", joined(path), f"• {words}"))
        else:
            shown = "heading" if kind == "title" else kind
            found.append((shown, joined(path), words))
    return found


def joined(path):
    return " > ".join(words for _, words in path)


LEVELS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    f'<w:pStyle w:val="Heading{level + 1}"/><w:lvlText w:val="{text}"/></w:lvl>'
    for level, text in enumerate(("%1", "%1.%2", "%1.%2.%3"))
)


def numbered_headings(document):
    """Number the headings as a multilevel list of Word does."""
    part = document.part.numbering_part.element
    part.insert(
        0,
        parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{LEVELS}</w:abstractNum>'),
    )
    part.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>')
    )
    for level in (1, 2, 3):
        properties = document.styles[f"Heading {level}"].element.get_or_add_pPr()
        numbers = properties.get_or_add_numPr()
        numbers.get_or_add_numId().val, numbers.get_or_add_ilvl().val = 90, level - 1


def written_by_python_docx(blocks, path):
    document = docx.Document()
    numbered_headings(document)
    for kind, level, words in blocks:
        if kind in {"title", "heading"}:
            document.add_heading(words, level)
        elif kind == "row":
            table = document.add_table(rows=1, cols=2)
            table.cell(0, 0).text, table.cell(0, 1).text = words
        else:
            written = document.add_paragraph(style="List Bullet" if kind == "item" else None)
            middle = words.index(" ") if " " in words else len(words)
            written.add_run(words[:middle]).italic = True
            written.add_run(words[middle:])
    document.save(path)
    return path


OPEN = "urn:oasis:names:tc:opendocument:xmlns:"
FLAT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document '
    + " ".join(f'xmlns:{name}="{OPEN}{name}:1.0"' for name in ("office", "style", "text", "table"))
    + f' xmlns:fo="{OPEN}xsl-fo-compatible:1.0"'
    ' office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">'
)
OUTLINE = "<text:outline-style>" + "".join(
    f'<text:outline-level-style text:level="{level}" style:num-format="1" '
    f'text:display-levels="{level}"/>'
    for level in (1, 2, 3)
) + "</text:outline-style>"  # fmt: skip
BULLETS = (
    '<text:list-style style:name="Dots"><text:list-level-style-bullet text:level="1" '
    'text:bullet-char="\u2022"/></text:list-style>'
)


def flat_block(kind, level, words):
    if kind == "title":
        return f'<text:p text:style-name="Title">{escape(words)}</text:p>'
    if kind == "heading":
        style = f'text:style-name="Heading_20_{level}" text:outline-level="{level}"'
        return f"<text:h {style}>{escape(words)}</text:h>"
    if kind == "item":
        item = f"<text:list-item><text:p>{escape(words)}</text:p></text:list-item>"
        return f'<text:list text:style-name="Dots">{item}</text:list>'
    if kind == "row":
        cells = "".join(
            f"<table:table-cell><text:p>{escape(cell)}</text:p></table:table-cell>"
            for cell in words
        )
        columns = '<table:table-column table:number-columns-repeated="2"/>'
        return f"<table:table>{columns}<table:table-row>{cells}</table:table-row></table:table>"
    return f"<text:p>{escape(words)}</text:p>"


def written_by_libreoffice(blocks, folder):
    flat = folder / "report.fodt"
    named = '<style:style style:name="Title" style:family="paragraph"/>' + "".join(
        f'<style:style style:name="Heading_20_{level}" style:display-name="Heading {level}" '
        f'style:family="paragraph" style:default-outline-level="{level}"/>'
        for level in (1, 2, 3)
    )
    body = "".join(flat_block(*block) for block in blocks)
    flat.write_text(
        f"{FLAT}<office:styles>{named}{OUTLINE}</office:styles>"
        f"<office:automatic-styles>{BULLETS}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document>",
        "utf-8",
    )
    command = [str(OFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += ["--headless", "--convert-to", "docx", "--outdir", str(folder), str(flat)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "report.docx"


@pytest.mark.parametrize("seed", range(5))
def test_a_report_written_by_python_docx_is_read_whole(tmp_path, seed):
    blocks = made_report(seed)
    report = read(written_by_python_docx(blocks, tmp_path / "report.docx"))
    assert rows(report) == expected_rows(blocks)
    assert (report.title, report.hidden) == ("Child Rowan", ())


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed here")
def test_a_report_written_by_libreoffice_is_read_whole(tmp_path):
    blocks = made_report(7)
    report = read(written_by_libreoffice(blocks, tmp_path))
    assert rows(report) == expected_rows(blocks)
    assert (report.title, report.hidden) == ("Child Rowan", ())


words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=30)
bodies = st.lists(
    st.tuples(
        st.sampled_from(["paragraph", "heading", "item", "number", "table", "nested"]),
        st.lists(words, min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=bodies)
def test_every_word_of_a_random_document_is_read_once_and_in_order(tmp_path, body):
    """Each text is marked with a number, which must come once and in order, with its words."""
    document = docx.Document()
    document.add_paragraph("Word0start")
    texts = ["Word0start"]
    for kind, runs in body:
        marked = [f"Word{len(texts) + place}x {run}" for place, run in enumerate(runs)]
        texts += marked
        _add(document, kind, marked)
    document.save(tmp_path / "a.docx")
    report = read(tmp_path / "a.docx")
    shown = [word for word in report.text.split() if word.startswith("Word")]
    assert shown == [text.split()[0] for text in texts]
    squeezed = "".join(report.text.split())
    assert all(_squeezed(text) in squeezed for text in texts)
    assert report.hidden == ()


def _squeezed(text):
    """The text as the reader tidies it, without spaces."""
    return "".join(tidy_text(text).split())


def _add(document, kind, texts):
    if kind in {"table", "nested"}:
        table = document.add_table(rows=1, cols=len(texts))
        for cell, text in zip(table.rows[0].cells, texts, strict=True):
            if kind == "nested":
                cell = cell.add_table(rows=1, cols=1).cell(0, 0)
            cell.text = text
        return
    styles = {"heading": "Heading 2", "item": "List Bullet", "number": "List Number"}
    paragraph = document.add_paragraph(style=styles.get(kind))
    for place, text in enumerate(texts):
        paragraph.add_run(text + " ").bold = place % 2 == 0
