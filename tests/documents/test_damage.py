"""Damaged pages, texts, emails and OpenDocument texts: each is refused or gives a sound report."""

import io
import unicodedata
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.documents.open_document import number_style, odt_file, style
from tests.documents.test_mail import SAVED
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.isolation import ipc
from waymark.documents.reading.values import ReadingLimits, broken_laws

LIMITS = ReadingLimits()
quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

PAGE = (
    "<!doctype html><html><head><meta charset=utf-8><title>Child Ash</title><style>.x { color: "
    "hsl(0 0% 100% / .5) } @media screen and (min-width: 20em) { p > b, #y { font: 1px/2 a } }"
    "</style></head><body text=#000><h1>Ash</h1><p style='clip: rect(0 0 0 0); filter: blur(4px)'>"
    "A<sup>12</sup></p><ol start=4 type=i><li value=3>One<li>Two</ol><table><tr><th>Age<td>3"
    "</table><pre>One\n\nTwo</pre><p class=x>W<font color=white>x</font></p><del>gone</del>"
    "<br><br>End"
)


def mail():
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.org", "Caf\xe9"
    message.set_content("The panel met.\n\nNobody asked why. Caf\xe9.")
    message.add_alternative(PAGE, "html")
    message.add_attachment(b"%PDF-1.7", "application", "pdf", filename="Caf\xe9.pdf")
    return bytes(message)


TEXT = "FINDINGS\r\n\r\nThe panel met nine times.\n- One\n- Two\n\f1. caf\xe9 \u201cno\u201d\n"
MARKDOWN = (
    "---\na: b\n---\n# Ash\n\n1. *One*\n\n| a | b |\n|---|---|\n| c | d |\n\n"
    "<b hidden>x</b> [a](b)\n"
)
SEEDS = {
    "page.html": PAGE.encode(),
    "report.txt": TEXT.encode("cp1252"),
    "wide.txt": TEXT.encode("utf-16-le"),
    "report.md": MARKDOWN.encode(),
    "mail.eml": mail(),
    "page.mht": SAVED,
}
TOKENS = (
    b"<", b">", b"</", b"\x00", b"\xff\xfe", b"--B", b"\n\n", b";", b"{", b"}", b"(", b"=",
    b"<table><tr><td>", b"<ol><li value=99999999999>", b"<style>@media (", b"hsl(1e9deg 0% 0%)",
    b"rgb(99999999999999999999 0 0)", b"font-size:1e999px", b"<svg>", b"<template>", b"<!--",
    b"<frameset><frame>", b"charset=x-user-defined", b"Content-Type: multipart/mixed; boundary=\n",
    b"filename*=utf-9''%ff", b"Content-Transfer-Encoding: uuencode\n", b"\xed\xa0\x80", b"\x85",
    b"<plaintext>", b"</body>", b"</html>", b"<p role=heading aria-level=99999>", b"\x0c",
    b"&#0;", b"=?x?q?", b"display:none",
)  # fmt: skip
Edit = tuple[float, int, bytes]
edits = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4)),
    ),
    min_size=1,
    max_size=8,
)


def damaged(content: bytes, changes: list[Edit]) -> bytes:
    """The content with bytes replaced: place as a share of the whole, how many, by what."""
    for place, size, token in changes:
        at = int(place * len(content))
        content = content[:at] + token + content[at + size :]
    return content


def assert_sound(path):
    """The file is refused with a reason and a remedy, or gives a report that keeps every law."""
    try:
        report = parsers.read_file(path, path.name, LIMITS)
    except FileRefused as refused:
        refusal: FileRefused | None = refused
    else:
        refusal = None
    if refusal is not None:
        assert refusal.reason
        assert refusal.remedy
        return
    assert broken_laws(report) == []
    assert unicodedata.is_normalized("NFC", report.text)
    assert ipc.decode_report(ipc.encode_report(report)) == report


@pytest.mark.parametrize("name", SEEDS)
@quick
@given(changes=edits)
def test_damaged_texts_are_refused_or_read_soundly(tmp_path, name, changes):
    path = tmp_path / name
    path.write_bytes(damaged(SEEDS[name], changes))
    assert_sound(path)


BODY = (
    '<text:h text:outline-level="1">Ash</text:h><text:list text:style-name="L1"><text:list-item '
    'text:start-value="3"><text:p text:style-name="P1">One<text:s text:c="3"/></text:p>'
    "</text:list-item></text:list><text:p>A<text:note><text:note-citation>1</text:note-citation>"
    "<text:note-body><text:p>Note</text:p></text:note-body></text:note></text:p><table:table>"
    "<table:table-row><table:table-cell><text:p>Age</text:p></table:table-cell></table:table-row>"
    "</table:table><text:p><office:annotation><text:p>Ask</text:p></office:annotation></text:p>"
)
STYLES = style("P1", "paragraph", 'fo:color="#fefefe"', "P1") + number_style(
    "L1", 'style:num-format="i" text:display-levels="3" style:num-suffix="."'
)
PARTS = (
    "text:p", "text:h", "text:list", "text:list-item", "text:span", "text:note", "table:table",
    "table:table-row", "office:annotation", "text:section", "text:s", "text:deletion",
)  # fmt: skip


@quick
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(PARTS), st.sampled_from(PARTS)), max_size=6
    ),
    broken=st.one_of(st.just([]), edits),
)
def test_damaged_open_documents_are_refused_or_read_soundly(tmp_path, changes, broken):
    body = BODY
    for turn, old, new in changes:
        # Elements of other names in their place: sound XML that no program writes.
        parts = body.split(f"<{old}")
        at = 1 + turn % max(len(parts) - 1, 1)
        if at < len(parts):
            parts[at] = parts[at].replace(f"</{old}>", f"</{new}>", 1)
            body = f"<{old}".join(parts[:at]) + f"<{new}" + f"<{old}".join(parts[at:])
    path = odt_file(tmp_path / "any.odt", body, automatic=STYLES)
    if broken:
        path.write_bytes(repacked(path.read_bytes(), broken))
    assert_sound(path)


def repacked(content: bytes, changes: list[Edit]) -> bytes:
    """An ODT with damage in its text, or in the zip itself where the first change is early."""
    if changes[0][0] < 0.3:
        return damaged(content, changes)
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(into, "w") as target:
        for entry in source.infolist():
            inside = source.read(entry)
            if entry.filename == "content.xml":
                inside = damaged(inside, changes)
            target.writestr(entry, inside)
    return into.getvalue()
