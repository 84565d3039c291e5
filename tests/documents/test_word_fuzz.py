"""Word files that are damaged at random: each is read or refused, never anything else."""

import copy
import io
import os
import time
import zipfile
from collections import Counter

import docx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.documents.making import W, word_file, word_relations
from tests.documents.test_word_numbers import REPORT
from tests.documents.test_word_parts import notes
from waymark.core.errors import FileRefused
from waymark.documents.parsers.docx import read_docx
from waymark.documents.reading.values import ReadingLimits, broken_laws

SECONDS = float(os.environ.get("WAYMARK_FUZZ_SECONDS") or 5)
# What damage puts into XML: names and values that mean something to the reader.
TOKENS = (
    *(b"<w:p>", b"</w:p>", b"<w:tbl>", b"</w:tc>", b"<w:r>", b"<w:t>", b"<w:del>", b"</w:r>"),
    *(
        b'w:val=""',
        b'w:val="-1"',
        b'w:val="99999999999999999999"',
        b'w:val="nan"',
        b'w:val="1e308"',
    ),
    *(
        b"<w:sdt>",
        b"<mc:Choice>",
        b"<w:fldChar/>",
        b"&#x1;",
        b"&amp;",
        b"\x00",
        b"\xff\xfe",
        b'"',
        b"<",
    ),
    *(b'w:themeColor="text1"', b'w:themeTint="zz"', b'r:id="x"', b'w:ilvl="8"', b"<w:br/><w:br/>"),
)
damage = st.lists(
    st.tuples(
        st.integers(0, 2**20), st.integers(0, 40), st.sampled_from(TOKENS) | st.binary(max_size=6)
    ),
    min_size=1,
    max_size=8,
)
BODY = (
    '<w:p><w:pPr><w:pStyle w:val="A"/><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>'
    '<w:spacing w:line="240" w:lineRule="exact"/></w:pPr><w:r><w:rPr><w:color w:val="FFFFFF" '
    'w:themeColor="text1"/><w:sz w:val="22"/><w:w w:val="90"/></w:rPr><w:t>Words of it</w:t>'
    '<w:sym w:font="Wingdings" w:char="F0FC"/><w:footnoteReference w:id="1"/></w:r>'
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
    '<w:listEntry w:val="Yes"/></w:ddList></w:ffData></w:fldChar></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    '<w:tbl><w:tr><w:trPr><w:trHeight w:val="240" w:hRule="exact"/></w:trPr><w:tc><w:tcPr>'
    '<w:tcW w:w="900"/><w:vMerge w:val="restart"/><w:shd w:val="pct20" w:fill="DDDDDD"/></w:tcPr>'
    "<w:p><w:r><w:t>Cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    '<w:p><w:r><w:drawing><wp:anchor behindDoc="0"><wp:positionV relativeFrom="line">'
    '<wp:posOffset>0</wp:posOffset></wp:positionV><wp:extent cx="9" cy="200000"/><wp:wrapNone/>'
    "<wps:wsp><wps:txbx><w:txbxContent><w:p><w:r><w:t>Box</w:t></w:r></w:p></w:txbxContent>"
    "</wps:txbx></wps:wsp></wp:anchor></w:drawing></w:r></w:p>"
    '<w:altChunk r:id="x"/><w:p><w:pPr><w:rPr><w:del w:author="A"/></w:rPr></w:pPr></w:p>'
)
STYLES = (
    f'<w:styles {W}><w:style w:type="paragraph" w:styleId="A"><w:name w:val="heading 1"/>'
    '<w:basedOn w:val="A"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style></w:styles>'
)


def samples(folder):
    """Small files that use every part of the reader."""
    files = {
        "word/_rels/document.xml.rels": word_relations(x=("aFChunk", "in.htm")),
        "word/in.htm": "<p>Inserted</p>",
    }
    parts = {"numbering": REPORT, "styles": STYLES, "footnotes": notes("footnote", n1="Note.")}
    word_file(folder / "made.docx", BODY, files=files, **parts)
    document = docx.Document()
    document.add_heading("Facts", 1)
    document.add_paragraph("A lesson.", style="List Bullet")
    document.save(folder / "docx.docx")
    return [_parts(folder / name) for name in ("made.docx", "docx.docx")]


def _parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def damaged(content, cuts):
    """The content with some bytes replaced by others."""
    for at, length, token in cuts:
        at %= len(content) + 1
        content = content[:at] + token + content[at + length :]
    return content


VALUES = ("", "-1", "0", "99999999999999999999", "nan", "1e308", "x", "exact", "FFFFFF", "7")
changes = st.lists(
    st.tuples(
        st.sampled_from(["drop", "move", "copy", "rename", "value"]),
        st.integers(0, 2**16),
        st.integers(0, 2**16),
        st.sampled_from(VALUES),
    ),
    min_size=1,
    max_size=8,
)


def rearranged(content, steps):
    """The same elements in other places, under other names or with other values."""
    root = etree.fromstring(content)
    for step, first, second, value in steps:
        elements = list(root.iter())
        element, other = elements[first % len(elements)], elements[second % len(elements)]
        if step == "value" and element.attrib:
            names = sorted(element.attrib)
            element.set(names[second % len(names)], value)
        elif step == "rename" and element is not root:
            element.tag = other.tag
        elif step == "copy":
            other.append(copy.deepcopy(element))
        elif step == "move" and element not in list(other.iterancestors()) and element is not other:
            other.append(element)
        elif step == "drop" and element is not root:
            element.getparent().remove(element)
        if len(elements) > 2_000:
            break
    return etree.tostring(root)


def outcome(path):
    """ "read" or the reason of the refusal; any other error fails the test."""
    try:
        report = read_docx(path, path.name, ReadingLimits(passages=500, words=5_000))
    except FileRefused as refusal:
        return refusal.reason if refusal.remedy else "no remedy"
    assert broken_laws(report) == []
    return "read"


def test_a_damaged_word_file_is_read_or_refused(tmp_path):
    """Five seconds of it; WAYMARK_FUZZ_SECONDS=300 for five minutes, with counts printed."""
    whole = samples(tmp_path)
    counts = Counter()
    until = time.monotonic() + SECONDS
    path = tmp_path / "a.docx"

    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        which=st.integers(0, len(whole) - 1),
        part=st.integers(0, 40),
        cuts=damage,
        steps=changes,
        how=st.sampled_from(["elements", "elements", "bytes", "archive"]),
    )
    def damage_one(which, part, cuts, steps, how):
        if time.monotonic() > until:
            return
        parts = dict(whole[which])
        # Mostly the parts that the reader reads closely, not those of the package.
        names = sorted(parts, key=lambda name: "word/" not in name)
        name = names[part % len(names)]
        if how == "bytes":
            parts[name] = damaged(parts[name], cuts)
        elif how == "elements" and name.endswith((".xml", ".rels")):
            parts[name] = rearranged(parts[name], steps)
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w") as archive:
            for other, content in parts.items():
                archive.writestr(other, content)
        content = into.getvalue()
        path.write_bytes(damaged(content, cuts) if how == "archive" else content)
        counts[outcome(path)] += 1

    while time.monotonic() < until:
        damage_one()
    assert counts["read"]
    assert not counts["no remedy"]
    print(counts.total(), counts)  # noqa: T201
