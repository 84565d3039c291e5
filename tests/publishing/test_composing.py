"""A report put together: what stands where, what is numbered how, and every fault of its texts."""

import io
from dataclasses import replace

import pikepdf
import pytest
from docx import Document as read_word
from docx.oxml.ns import qn
from html5lib import HTMLParser

from tests.overview.rows import fixture_rows, framework, spec
from tests.publishing.small_release import EDITION, PROVENANCE, small_release
from waymark.core.errors import SpecError
from waymark.overview.release import make_release
from waymark.publishing import html
from waymark.publishing.citations import (
    CitedPassage,
    CitedRecord,
    ReportText,
    content_sha256,
    from_json,
    to_json,
)
from waymark.publishing.composing import composed
from waymark.publishing.nodes import (
    Cases,
    Heading,
    Notes,
    Number,
    Paragraph,
    Quotation,
    Reference,
    Sources,
    TableNode,
    chapters_of,
    plain,
)
from waymark.publishing.pdf import pdf
from waymark.publishing.report_plan import default_plan, read_plan
from waymark.publishing.word import word

KEY, OTHER = "0123456789ab-10-42", "aaaaaaaaaaaa-5-9"
PASSAGE = CitedPassage(KEY, "Nobody asked why.", "R01", "Review A", "overview report", 3)
RECORD = CitedRecord(
    "a-2013", ("Ash, Ann", "Birch, Ben"), 2013, "Trees", "A press", "https://a.b/c"
)


def report(plan=None, **texts):
    named = {slot.replace("__", ":").replace("_", "-"): text for slot, text in texts.items()}
    return ReportText(plan or default_plan(), named, {KEY: PASSAGE}, {RECORD.key: RECORD})


def made(plan=None, closed=(), release=None, **texts):
    return composed(release or small_release(), report(plan, **texts), EDITION, closed=closed)


def headings(one):
    return [node.shown for node in one.document.nodes if isinstance(node, Heading)]


def of(kind, one):
    return [node for node in one.document.nodes if isinstance(node, kind)]


def written(one):
    return [plain(node.words) for node in of(Paragraph, one) if node.written]


def test_chapters_and_sections_are_numbered_in_the_order_of_the_plan():
    one = made(foreword="Words.", introduction="### Why\n\nWords.", glossary="- A: b")
    chapters = [chapter.heading.shown for chapter in chapters_of(one.document)]
    assert chapters == [
        "Contents",
        "Foreword",
        "Executive summary",
        "1 Introduction",
        "2 The review process",
        "3 Methodology",
        "4 Case profiles",
        "5 The key themes",
        "Appendix A. The framework",
        "Appendix B. Search and selection",
        "Appendix C. Glossary",
        "Where these figures come from",
    ]
    assert "1.1 Why" in headings(one)
    assert "A.1 Facts about reviews and children" in headings(one)


def test_a_chapter_in_which_nothing_stands_is_left_out():
    assert "Foreword" not in headings(made())


def test_every_table_stands_once_where_the_plan_puts_it_or_in_a_last_chapter():
    plan = default_plan().replace(", tables states", "").replace("tables flow", "tables T8")
    one = made(plan)
    ids = [node.protected.table.id for node in of(TableNode, one)]
    assert sorted(ids) == sorted(table.table.id for table in small_release().tables)
    found = {
        chapter.heading.text: [
            node.protected.table.id for node in chapter.nodes if isinstance(node, TableNode)
        ]
        for chapter in chapters_of(one.document)
    }
    assert found["The review process"] == ["T8"]
    assert found["Results"] == ["T1"]
    names = list(found)
    assert names.index("Results") == names.index("The framework") - 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("tables flow", "tables T77", "the overview has no table T77"),
        ("tables flow", "tables trees", "tables trees: name a table"),
        ("tables flow", "poem", "'poem' is no part"),
        ("id: summary", "id: foreword", "foreword is taken"),
        ("id: summary", "id: results", "results is taken"),
        ("[points]", "[points]", ""),
        (", limits", "", "no chapter holds limits"),
        ("parts: [text, points]", "parts: [text, text]", "stands in the plan twice"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_with_its_line(old, new, says):
    source = default_plan().replace(old, new, 1)
    if not says:
        assert read_plan(source)
        return
    with pytest.raises(SpecError, match=says) as caught:
        read_plan(source, tables=("T1", "T3"))
    assert caught.value.faults[0].line > 0


def test_references_name_what_they_lead_to_by_its_number():
    one = made(
        introduction="### A part\n\nIt is {see T3}, {see F1}, {see case-profiles}, {see framework},"
        " {see introduction/A part}, {see summary}. {see th.letters} ends."
    )
    (text,) = written(one)
    assert text == (
        "It is Table 3, Figure 1, chapter 4, appendix A, section 1.1, “Executive summary”."
        " Section 5.3 ends."
    )
    assert one.faults == ()
    anchors = {node.anchor for node in of(Heading, one)} | {"T3", "F1"}
    (paragraph,) = [node for node in of(Paragraph, one) if node.written]
    assert {part.anchor for part in paragraph.words if isinstance(part, Reference)} <= anchors


def test_a_number_in_a_text_is_the_cell_of_a_table():
    (paragraph,) = [
        node for node in of(Paragraph, made(introduction="{T3/all/n} in all.")) if node.written
    ]
    assert paragraph.words == (Number("T3", "all", "n", "4", opens=True), " in all.")


def test_the_words_of_a_quotation_are_the_reports_and_its_note_says_where_they_stand():
    one = made(introduction=f"Said [@{KEY}].\n\n{{quote {KEY}}}")
    (quotation,) = of(Quotation, one)
    assert (quotation.words, quotation.source) == ("Nobody asked why.", "R01, page 3")
    assert quotation.mark.number == 1
    (notes,) = of(Notes, one)
    ((note),) = notes.notes
    assert (note.number, note.key) == (1, KEY)
    assert note.text == "R01, Review A, overview report, page 3."
    assert written(one) == ["Said [1]."]


def test_publications_are_cited_by_name_and_year_and_listed_in_full():
    one = made(introduction="As told [@record:a-2013].")
    assert written(one) == ["As told (Ash and Birch, 2013)."]
    ((source),) = of(Sources, one)[0].sources
    assert plain(source.words) == "Ash, Ann; Birch, Ben (2013). Trees. A press."


def test_words_of_a_report_that_was_closed_are_gone_with_where_they_stood():
    one = made(closed={"0123456789ab"}, introduction=f"Said [@{KEY}].\n\n{{quote {KEY}}}")
    page = html.whole_file(one.document)
    assert "Nobody asked why" not in page
    assert "Review A" not in page
    assert KEY not in page
    assert "no longer open to the public" in page


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a\n{T3/nobody/n}", "T3 has no row nobody; it has"),
        ("a\n{T3/all/x}", "T3 has no such column; it has n, percent"),
        ("a\n{T99/all/n}", "has no table T99"),
        ("a\n{T3/all/percent}", "stands as [u] under open: name another number"),
        ("a\n{see case-profile}", "did you mean case-profiles"),
        (f"a\n[@{OTHER}]", f"there is no passage {OTHER}"),
        (f"a\n\n{{quote {OTHER}}}", f"there is no passage {OTHER}"),
        ("a\n[@record:b]", "there is no publication b"),
    ],
)
def test_what_cannot_be_cited_is_told_with_its_text_and_line(text, says):
    (fault,) = made(introduction=text).faults
    assert fault.slot == "introduction"
    assert fault.line == text.count("\n") + 1
    assert says in fault.message


def test_numbers_typed_as_digits_are_listed_for_people_to_look_at():
    one = made(introduction="In 2008 there were 24.\nAlso 12% of 1,200; section 4, R01.")
    assert [(one.line, one.message.split()[0]) for one in one.typed] == [
        (1, "24."),
        (2, "12%"),
        (2, "1,200"),
        (2, "4,"),
    ]


def test_faults_of_the_text_itself_are_told_too():
    one = made(**{"key-themes:th.letters": "x\n\n# y"})
    assert [(fault.slot, fault.line) for fault in one.faults] == [("key-themes:th.letters", 3)]
    assert "y" in [node.text for node in of(Heading, one) if node.level == 4]


def test_the_reviews_stand_side_by_side_under_open():
    (cases,) = of(Cases, made())
    assert cases.head[0] == "Review"
    assert all(row[0].startswith("R") or row[0] for row in cases.rows)


def test_under_another_profile_no_case_is_described_and_no_withheld_number_is_said():
    release = make_release(fixture_rows(), spec(), framework(), profile="k5", provenance=PROVENANCE)
    one = made(release=release, introduction="{T3/assault/n} and {T3/all/n}")
    assert of(Cases, one) == []
    assert ["is withheld under k5" in fault.message for fault in one.faults] == [True]
    assert written(one) == ["[c] and 24"]
    assert "no single case is described here" in html.whole_file(one.document)


def test_two_runs_give_the_same_bytes_in_every_format():
    texts = {"introduction": f"### A\n\n{{quote {KEY}}}\n\n[@record:a-2013] **x** {{see T3}}"}
    first, second = made(**texts).document, made(**texts).document
    assert html.whole_file(first) == html.whole_file(second)
    assert pdf(first) == pdf(second)
    assert word(first) == word(second)


def test_a_report_is_kept_as_json_and_read_again():
    one = report(introduction="é\n\n{see T3}")
    assert from_json(to_json(one)) == one
    assert to_json(from_json(to_json(one))) == to_json(one)


@pytest.mark.parametrize(
    "change",
    [
        {"plan": "x"},
        {"texts": {"introduction": "Other."}},
        {"texts": {"foreword": "Words."}},
        {"passages": {KEY: replace(PASSAGE, words="Others.")}},
        {"passages": {}},
        {"records": {RECORD.key: replace(RECORD, year=2014)}},
    ],
)
def test_what_is_signed_changes_with_anything_that_would_be_read(change):
    one = report(introduction="Words.")
    before = content_sha256(one, snapshot="a", profile="open")
    assert content_sha256(replace(one, **change), snapshot="a", profile="open") != before
    assert content_sha256(one, snapshot="b", profile="open") != before
    assert content_sha256(one, snapshot="a", profile="k5") != before
    assert content_sha256(report(introduction="Words."), snapshot="a", profile="open") == before


# ---- in every format ----

REFERRING = {
    "introduction": f"### A part\n\nIt is {{see T3}}, {{see F1}}, {{see case-profiles}}, {{see"
    f" introduction/A part}} [@{KEY}] [@record:a-2013].\n\n{{quote {KEY}}}\n\n#### Small\n\n"
    "> Aside."
}


def test_every_link_of_the_page_leads_to_a_place_on_it():
    page = HTMLParser(namespaceHTMLElements=False).parse(
        html.whole_file(made(**REFERRING).document)
    )
    ids = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    leads = [one.get("href") for one in page.iter("a")]
    inside = {one.removeprefix("#") for one in leads if one.startswith("#")}
    assert inside >= {"T3", "F1", "case-profiles", "introduction--1", "note--1", "source--a-2013"}
    assert inside <= set(ids)
    assert [one for one in leads if not one.startswith("#")] == ["https://a.b/c"]


def test_every_link_of_the_word_document_leads_to_a_bookmark_or_to_the_web():
    document = read_word(io.BytesIO(word(made(**REFERRING).document)))
    body = document.element
    marks = [one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))]
    assert len(marks) == len(set(marks))
    links = list(body.iter(qn("w:hyperlink")))
    anchors = {one.get(qn("w:anchor")) for one in links if one.get(qn("w:anchor"))}
    assert anchors >= {"T3", "F1", "case_profiles", "introduction__1", "note__1", "source__a_2013"}
    assert anchors <= set(marks)
    outside = [
        document.part.rels[one.get(qn("r:id"))].target_ref for one in links if one.get(qn("r:id"))
    ]
    assert outside == ["https://a.b/c"]


def test_the_pdf_has_headings_by_level_and_links_that_lead_to_their_places():
    with pikepdf.open(io.BytesIO(pdf(made(**REFERRING).document))) as file:
        kinds = [
            str(one.S)
            for one in file.objects
            if isinstance(one, pikepdf.Dictionary) and "/S" in one
        ]
        assert kinds.count("/H1") >= 10
        assert "/H3" in kinds
        assert kinds.count("/Link") > 60
        marks = [note for page in file.pages for note in page.get("/Annots", [])]
        places = [
            one for one in marks if "/Dest" in one or str(one.get("/A", {}).get("/S")) == "/GoTo"
        ]
        web = [str(one.A.URI) for one in marks if "/A" in one and "/URI" in one.A]
        assert len(places) > 60
        assert web == ["https://a.b/c"]
        titles = [
            str(one.Title)
            for one in file.objects
            if isinstance(one, pikepdf.Dictionary) and "/Title" in one and "/Dest" in one
        ]
        assert "1.1 A part" in titles
