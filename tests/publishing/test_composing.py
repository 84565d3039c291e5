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
from waymark.overview.releases.release import make_release
from waymark.publishing.document.blocks import full_reference
from waymark.publishing.document.citations import (
    CitedPassage,
    CitedRecord,
    ReportContent,
    content_sha256,
    from_json,
    to_json,
)
from waymark.publishing.document.compose import KEPT_NUMBERS, compose_report
from waymark.publishing.document.nodes import (
    CaseTable,
    ContentsLists,
    HeadingNode,
    InlineNumber,
    InlineReference,
    NoteList,
    ParagraphNode,
    QuotationNode,
    SourceList,
    TableNode,
    chapters_of,
    plain_text,
)
from waymark.publishing.document.report_plan import default_plan, read_plan
from waymark.publishing.formats import html
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.formats.word import render_word

KEY, OTHER = "0123456789ab-10-42", "aaaaaaaaaaaa-5-9"
PASSAGE = CitedPassage(KEY, "Nobody asked why.", "R01", "Review A", "overview report", 3)
RECORD = CitedRecord(
    "a-2013", ("Ash, Ann", "Birch, Ben"), 2013, "Trees", "A press", "https://a.b/c"
)


def report(plan=None, **texts):
    named = {slot.replace("__", ":").replace("_", "-"): text for slot, text in texts.items()}
    return ReportContent(plan or default_plan(), named, {KEY: PASSAGE}, {RECORD.key: RECORD})


def made(plan=None, closed=(), release=None, **texts):
    return compose_report(release or small_release(), report(plan, **texts), EDITION, closed=closed)


def test_a_reference_names_the_journal_of_an_article_and_says_when_no_year_is_known():
    article = replace(RECORD, publisher="", source="Journal of Trees, 41(2), 242-260")
    assert plain_text(full_reference(article)) == (
        "Ash, Ann; Birch, Ben (2013). Trees. Journal of Trees, 41(2), 242-260."
    )
    undated = CitedRecord("b", ("A council",), None, "Woods", "A council")
    assert plain_text(full_reference(undated)) == "A council (no date). Woods."


def test_a_report_signed_before_sources_were_printed_keeps_its_hash():
    assert b"source" not in to_json(report())
    cited = replace(RECORD, source="RR1")
    again = from_json(to_json(replace(report(), records={cited.key: cited})))
    assert again.records == {cited.key: cited}


def headings(report):
    return [node.full_text for node in report.document.nodes if isinstance(node, HeadingNode)]


def of(kind, report):
    return [node for node in report.document.nodes if isinstance(node, kind)]


def written(report):
    return [plain_text(node.words) for node in of(ParagraphNode, report) if node.written]


def test_chapters_and_sections_are_numbered_in_the_order_of_the_plan():
    report = made(foreword="Words.", introduction="### Why\n\nWords.", glossary="- A: b")
    chapters = [chapter.heading.full_text for chapter in chapters_of(report.document)]
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
    assert "1.1 Why" in headings(report)
    assert "A.1 Facts about reviews and children" in headings(report)


def test_a_chapter_in_which_nothing_stands_is_left_out():
    assert "Foreword" not in headings(made())


def test_every_table_stands_once_where_the_plan_puts_it_or_in_a_last_chapter():
    plan = default_plan().replace(", tables states", "").replace("tables flow", "tables T8")
    report = made(plan)
    ids = [node.protected.table.id for node in of(TableNode, report)]
    assert sorted(ids) == sorted(table.table.id for table in small_release().tables)
    tables = {
        chapter.heading.text: [
            node.protected.table.id for node in chapter.nodes if isinstance(node, TableNode)
        ]
        for chapter in chapters_of(report.document)
    }
    assert tables["The review process"] == ["T8"]
    assert tables["Results"] == ["T1"]
    names = list(tables)
    assert names.index("Results") == names.index("The framework") - 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("tables flow", "tables T77", "the overview has no table T77"),
        ("tables flow", "tables trees", "tables trees: name a table"),
        ("tables flow", "poem", "'poem' is not a part"),
        ("id: summary", "id: foreword", "foreword is already used"),
        ("id: summary", "id: results", "results is already used"),
        ("[points]", "[points]", ""),
        (", limits", "", "no chapter contains limits"),
        ("parts: [text, points]", "parts: [text, text]", "is in the plan twice"),
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
    report = made(
        introduction="### A part\n\nIt is {see T3}, {see F1}, {see case-profiles}, {see framework},"
        " {see introduction/A part}, {see summary}. {see th.letters} ends."
    )
    (text,) = written(report)
    assert text == (
        "It is Table 3, Figure 1, chapter 4, appendix A, section 1.1, “Executive summary”."
        " Section 5.3 ends."
    )
    assert report.faults == ()
    anchors = {node.anchor for node in of(HeadingNode, report)} | {"T3", "F1"}
    (paragraph,) = [node for node in of(ParagraphNode, report) if node.written]
    assert {part.anchor for part in paragraph.words if isinstance(part, InlineReference)} <= anchors


def test_a_number_in_a_text_is_the_cell_of_a_table():
    (paragraph,) = [
        node for node in of(ParagraphNode, made(introduction="{T3/all/n} in all.")) if node.written
    ]
    assert paragraph.words == (InlineNumber("T3", "all", "n", "4", opens=True), " in all.")


def test_the_words_of_a_quotation_are_the_reports_and_its_note_says_where_they_stand():
    report = made(introduction=f"Said [@{KEY}].\n\n{{quote {KEY}}}")
    (quotation,) = of(QuotationNode, report)
    assert (quotation.words, quotation.source) == ("Nobody asked why.", "R01, page 3")
    assert quotation.mark.number == 1
    (notes,) = of(NoteList, report)
    ((note),) = notes.notes
    assert (note.number, note.key) == (1, KEY)
    assert note.text == "R01, Review A, overview report, page 3."
    assert written(report) == ["Said [1]."]


def test_publications_are_cited_by_name_and_year_and_listed_in_full():
    report = made(introduction="As told [@record:a-2013].")
    assert written(report) == ["As told (Ash and Birch, 2013)."]
    ((source),) = of(SourceList, report)[0].sources
    assert plain_text(source.words) == "Ash, Ann; Birch, Ben (2013). Trees. A press."


def test_words_of_a_report_that_was_closed_are_gone_with_where_they_stood():
    report = made(closed={"0123456789ab"}, introduction=f"Said [@{KEY}].\n\n{{quote {KEY}}}")
    page = html.render_page(report.document)
    assert "Nobody asked why" not in page
    assert "Review A" not in page
    assert KEY not in page
    assert "no longer public" in page


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a\n{T3/nobody/n}", "T3 has no row nobody; it has"),
        ("a\n{T3/all/x}", "T3 has no such column; it has n, percent"),
        ("a\n{T99/all/n}", "has no table T99"),
        ("a\n{T3/all/percent}", "is printed as [x] under open: use another number"),
        ("a\n{see case-profile}", "did you mean case-profiles"),
        (f"a\n[@{OTHER}]", f"there is no passage {OTHER}"),
        (f"a\n\n{{quote {OTHER}}}", f"there is no passage {OTHER}"),
        ("a\n[@record:b]", "the public catalogue has no publication b"),
    ],
)
def test_what_cannot_be_cited_is_told_with_its_text_and_line(text, says):
    (fault,) = made(introduction=text).faults
    assert fault.slot == "introduction"
    assert fault.line == text.count("\n") + 1
    assert says in fault.message


def test_faults_of_the_text_itself_are_told_too():
    report = made(**{"key-themes:th.letters": "x\n\n# y"})
    assert [(fault.slot, fault.line) for fault in report.faults] == [("key-themes:th.letters", 3)]
    assert "y" in [node.text for node in of(HeadingNode, report) if node.level == 4]


def test_stock_notes_are_printed_once_in_an_edition_and_named_by_number_elsewhere():
    release = make_release(
        fixture_rows(), spec(), framework(), profile="open", provenance=PROVENANCE
    )
    tables = of(TableNode, made(release=release, introduction="Words."))
    numbers: dict[str, int] = {}
    for at, node in enumerate(tables):
        for text in ("A review takes place because", "Disclosure profile open: no figures"):
            printed = [note for note in node.notes if text in note]
            assert len(printed) == (at == 0)
        # The same note has the same number everywhere, and another note another.
        for note, number in zip(node.protected.table.notes, node.numbers, strict=True):
            assert numbers.setdefault(note, number) == number
        if at:
            (stock,) = [note for note in node.notes if note.endswith(f": under {tables[0].name}.")]
            selection = next(n for text, n in numbers.items() if text.startswith("A review takes"))
            assert f"[note {selection}]" in stock
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
    # Notes of a table's own stay under it, and so does every note in a file of the table alone.
    by_id = {node.protected.table.id: node for node in of(TableNode, made(release=release))}
    assert any("] Age is the age at the incident" in note for note in by_id["T5"].notes)
    assert any(note.startswith("A review takes") for note in by_id["T5"].protected.table.notes)


def test_notes_on_what_is_withheld_stay_under_each_table():
    release = make_release(fixture_rows(), spec(), framework(), profile="k5", provenance=PROVENANCE)
    for node in of(TableNode, made(release=release, introduction="Words.")):
        assert any("] Disclosure profile k5" in note for note in node.notes)


def test_a_note_is_marked_at_the_header_or_label_that_it_concerns():
    release = make_release(
        fixture_rows(), spec(), framework(), profile="open", provenance=PROVENANCE
    )
    by_id = {node.protected.table.id: node for node in of(TableNode, made(release=release))}
    numbers = {
        note: number
        for node in by_id.values()
        for note, number in zip(node.protected.table.notes, node.numbers, strict=True)
    }

    def heads(table, words):
        mark = next(f"[note {number}]" for note, number in numbers.items() if words in note)
        printed = by_id[table].table
        columns = {column.id for column in printed.columns if mark in column.label}
        return columns | {row.id for row in printed.rows if mark in row.label}

    assert heads("T8", "Percentages are whole numbers") == {"percent", "lower", "upper"}
    assert heads("T8", "Recorded means that the report records") == {"recorded", "lower", "upper"}
    assert heads("T10", "A review is counted once for a theme") == {"passages"}
    assert heads("T14", "A unit is one code in one review") == {"kappa", "ac1"}
    bounds = {"kappa_lower", "kappa_upper", "ac1_lower", "ac1_upper"}
    assert heads("T14", "The bounds rest on 6 reviews") == bounds
    # A note on the whole table has no mark, and the table itself has none in other files.
    assert heads("T8", "A review takes place because") == set()
    assert not any("[note" in column.label for column in by_id["T8"].protected.table.columns)


def test_contents_list_tables_by_number_wherever_the_report_prints_them():
    turned = spec().model_copy(update={"tables": spec().tables[::-1]})
    release = make_release(
        fixture_rows(), turned, framework(), profile="open", provenance=PROVENANCE
    )
    (lists,) = of(ContentsLists, made(release=release))
    assert [anchor for _, _, anchor in lists.tables] == [f"T{n}" for n in range(1, 19)]


def test_the_reviews_stand_side_by_side_under_open():
    (cases,) = of(CaseTable, made())
    assert cases.head[0] == "Review"
    assert all(row[0].startswith("R") or row[0] for row in cases.rows)


@pytest.mark.parametrize(
    ("profile", "old", "new"),
    [
        ("k3", "", ""),
        ("k5", "", ""),
        ("r5", "", ""),
        ("open", "profile: open,", "profile: open, proposed: true,"),
        ("open", "profile: open,", "profile: k5,"),
    ],
)
def test_single_reviews_are_side_by_side_only_under_open_by_a_recorded_decision(profile, old, new):
    release = replace(small_release(old, new), profile=profile)
    assert release.spec.disclosure != small_release().spec.disclosure or not old
    assert of(CaseTable, made()) != []
    assert of(CaseTable, made(release=release)) == []


def test_under_another_profile_no_case_is_described_and_no_withheld_number_is_said():
    release = make_release(fixture_rows(), spec(), framework(), profile="k5", provenance=PROVENANCE)
    report = made(release=release, introduction="{T3/assault/n} and {T3/all/n}")
    assert of(CaseTable, report) == []
    assert ["is withheld under k5" in fault.message for fault in report.faults] == [True]
    assert written(report) == ["[c] and 24"]
    assert "no single case is described here" in html.render_page(report.document)


def test_two_runs_give_the_same_bytes_in_every_format():
    texts = {"introduction": f"### A\n\n{{quote {KEY}}}\n\n[@record:a-2013] **x** {{see T3}}"}
    first, second = made(**texts).document, made(**texts).document
    assert html.render_page(first) == html.render_page(second)
    assert render_pdf(first) == render_pdf(second)
    assert render_word(first) == render_word(second)


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
        html.render_page(made(**REFERRING).document)
    )
    ids = [report.get("id") for report in page.iter() if report.get("id")]
    assert len(ids) == len(set(ids))
    leads = [report.get("href") for report in page.iter("a")]
    inside = {report.removeprefix("#") for report in leads if report.startswith("#")}
    assert inside >= {"T3", "F1", "case-profiles", "introduction--1", "note--1", "source--a-2013"}
    assert inside <= set(ids)
    assert [report for report in leads if not report.startswith("#")] == ["https://a.b/c"]


def test_every_link_of_the_word_document_leads_to_a_bookmark_or_to_the_web():
    document = read_word(io.BytesIO(render_word(made(**REFERRING).document)))
    body = document.element
    marks = [report.get(qn("w:name")) for report in body.iter(qn("w:bookmarkStart"))]
    assert len(marks) == len(set(marks))
    links = list(body.iter(qn("w:hyperlink")))
    anchors = {report.get(qn("w:anchor")) for report in links if report.get(qn("w:anchor"))}
    assert anchors >= {"T3", "F1", "case_profiles", "introduction__1", "note__1", "source__a_2013"}
    assert anchors <= set(marks)
    outside = [
        document.part.rels[report.get(qn("r:id"))].target_ref
        for report in links
        if report.get(qn("r:id"))
    ]
    assert outside == ["https://a.b/c"]


def test_the_pdf_has_headings_by_level_and_links_that_lead_to_their_places():
    with pikepdf.open(io.BytesIO(render_pdf(made(**REFERRING).document))) as file:
        kinds = [
            str(report.S)
            for report in file.objects
            if isinstance(report, pikepdf.Dictionary) and "/S" in report
        ]
        assert kinds.count("/H1") >= 10
        assert "/H3" in kinds
        assert kinds.count("/Link") > 60
        marks = [note for page in file.pages for note in page.get("/Annots", [])]
        places = [
            report
            for report in marks
            if "/Dest" in report or str(report.get("/A", {}).get("/S")) == "/GoTo"
        ]
        web = [str(report.A.URI) for report in marks if "/A" in report and "/URI" in report.A]
        assert len(places) > 60
        assert web == ["https://a.b/c"]
        titles = [
            str(report.Title)
            for report in file.objects
            if isinstance(report, pikepdf.Dictionary) and "/Title" in report and "/Dest" in report
        ]
        assert "1.1 A part" in titles


def test_each_theme_says_how_many_reviews_have_it_and_in_how_many_a_strength_was_marked():
    """Also where the table of strengths comes before the table of themes."""
    read = spec()
    good = next(table for table in read.tables if table.id == "T15")
    others = tuple(table for table in read.tables if table.id != "T15")
    rows = fixture_rows()
    codes = tuple(
        row._replace(qualifiers=(("valence=strength",),) * len(row.places))
        if (row.review, row.code) == ("R01", "prac.assessment")
        else row
        for row in rows.codes
    )
    release = make_release(
        replace(rows, codes=codes),
        read.model_copy(update={"tables": (good, *others)}),
        framework(),
        profile="open",
        provenance=PROVENANCE,
    )
    nodes = made(release=release).document.nodes
    at = next(
        n
        for n, node in enumerate(nodes)
        if isinstance(node, HeadingNode) and node.text == "Assessment and analysis"
    )
    assert plain_text(nodes[at + 1].words).endswith(
        "It was found in 22 of 24 reviews."
        " Reviews with a passage on it that was marked as strength: 1."
    )


def test_readers_are_told_where_numbers_of_tables_do_not_rise_from_chapter_to_chapter():
    """The default plan has agreement, Table 14, before the years, Table 2; a plan without places
    for tables has them all in one chapter, in their order."""
    one_chapter = read_plan_text("[text, method, limits, references, provenance]")
    for plan, told in ((None, True), (one_chapter, False)):
        nodes = made(plan, introduction="Words.").document.nodes
        lists = next(at for at, node in enumerate(nodes) if isinstance(node, ContentsLists))
        after = nodes[lists + 1]
        assert (
            isinstance(after, ParagraphNode) and KEPT_NUMBERS in plain_text(after.words)
        ) == told


def read_plan_text(parts):
    chapter = f"  - {{id: introduction, title: Introduction, required: true, parts: {parts}}}\n"
    return f"format: waymark-report 1\nchapters:\n{chapter}"
