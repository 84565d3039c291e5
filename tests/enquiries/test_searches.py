"""Literature searches: strategy by line, runs that are compared, results, a report that is sent."""

import io
from datetime import date

import docx
import pikepdf
import pytest

from tests.enquiries.test_enquiries import DAY, MONDAY, answer, ask, installation
from tests.factories import (
    answer_description,
    answer_identifiers,
    make_person,
    make_report,
    make_review,
)
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import ConcurrentChange, NotFound, RuleError
from waymark.documents.models import Review
from waymark.enquiries import services
from waymark.enquiries.models import LineRun, LiteratureSearch, SearchLine
from waymark.enquiries.queries import library_runs, search_reports, searches
from waymark.enquiries.search_report import compose_search_report, screening_lines
from waymark.enquiries.search_strategy import (
    ScreeningCounts,
    difference,
    expanded,
    foreign_marks,
    renumbered,
)
from waymark.enquiries.services import SearchDescription, TypedLine
from waymark.enquiries.services.erasure import erase_due
from waymark.library.services import catalogue_review, index_changed
from waymark.mail.models import Letter
from waymark.pipeline.removals.state_changes import change_state
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.formats.word import render_word

pytestmark = pytest.mark.django_db
__all__ = ["installation"]
TODAY = MONDAY.date()
QUESTION = "What do reviews say about sleep and babies?"


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR, name="editor")


def add_review(reference, words, *, state=State.PUBLISHED):
    review = make_review(reference, title=f"Review {reference}", board="Riverside Board")
    report = make_report(review, words, state=state)
    catalogue_review(by=None, review=review, now=MONDAY)
    answer_identifiers(report)
    answer_description(review)
    index_changed(now=MONDAY)
    return review


@pytest.fixture
def library(db):
    add_review("T1", "1.1 The otter slept beside the heron.")
    add_review("T2", "1.1 The otter swam.")
    add_review("T3", "1.1 The otter and the heron.", state=State.INTERNAL)


def start(by, enquiry=None, **values):
    values = {"title": "Sleep of otters", "question": QUESTION, **values}
    return services.start_search(by=by, enquiry=enquiry, now=MONDAY, **values)


def save(by, source, *lines, on=TODAY, now=MONDAY):
    typed = [TypedLine(*line) if isinstance(line, tuple) else TypedLine(line) for line in lines]
    services.save_lines(by=by, source=source, lines=typed, on=on, now=now)


def run(by, source, now=MONDAY):
    return services.run_source(by=by, source=source, now=now)


def ours(search):
    return search.sources.get(is_library=True)


def finished(by, enquiry=None, **values):
    search = start(by, enquiry, **values)
    save(by, ours(search), "otter", "heron", "#1 AND #2")
    run(by, ours(search))
    services.choose_record(by=by, search=search, key="T1", note="Sleeps.", now=MONDAY)
    services.finish_search(by=by, search=search, now=MONDAY)
    search.refresh_from_db()
    return search


# ---- the strategy ----


def test_a_line_combines_earlier_lines_by_their_words():
    lines = {1: "infant*", 2: "sleep OR bed", 3: "#1 AND #2", 4: "#3 NOT cat"}
    assert expanded(3, lines) == "(infant*) AND (sleep OR bed)"
    assert expanded(4, lines) == "((infant*) AND (sleep OR bed)) NOT cat"
    for wrong in ({1: "#1"}, {1: "#2", 2: "x"}, {1: "x", 2: "#7"}):
        with pytest.raises(RuleError, match="not above it"):
            expanded(max(wrong) if 1 not in wrong or "#" not in wrong[1] else 1, wrong)


def test_lines_that_name_each_other_over_and_over_are_refused():
    lines = {1: "otter OR heron"} | {at: f"#{at - 1} OR #{at - 1}" for at in range(2, 61)}
    with pytest.raises(RuleError, match="more than 20,000 characters with the lines"):
        expanded(60, lines)


def test_an_emptied_line_is_left_out_and_those_that_name_the_others_follow():
    lines = {1: "infant*", 2: "", 3: "bed", 4: "#1 AND #3", 5: "#4 NOT #9", 6: ""}
    assert renumbered(lines) == {1: "infant*", 3: "bed", 4: "#1 AND #2", 5: "#3 NOT #9"}
    with pytest.raises(RuleError, match="line 3 names line 2, which is empty"):
        renumbered({1: "infant*", 2: "", 3: "#1 AND #2"})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("(otter) or (heron)", "“or”: write AND, OR and NOT in capitals"),
        ('"missed appointment*"', "a star works only outside quotation marks"),
        ("wom?n", "“m?n”: only a star at the end"),
        ("behavio$r", "only a star at the end of a word"),
        ("otter NEAR/3 heron", "“NEAR/3”: we cannot search by distance"),
        ("otter adj3 heron", "“adj3”: we cannot search by distance"),
        ("exp Infant/", "headings and fields are written as subject:infants"),
        ("infant.ti,ab.", "headings and fields"),
    ],
)
def test_the_language_of_another_database_is_named_with_what_to_write(line, problem):
    (message,) = foreign_marks(line)
    assert problem in message


@pytest.mark.parametrize(
    "line",
    [
        "infant* AND (sleep OR bed)",
        '"mother and baby" NOT heron',
        "subject:infants year:2004..2008",
        "and/or".upper(),
        "“not brought”",
        "R04.2",
        "mother's 24/7 care",
    ],
)
def test_our_own_language_is_not_taken_for_another(line):
    assert foreign_marks(line) == []


def test_a_strategy_has_more_words_and_stars_than_a_search_of_a_visitor(library, editor):
    search = start(editor)
    words = " OR ".join(f"word{at}*" for at in range(40))
    save(editor, ours(search), f"ott* OR {words}", f"her* OR {words}", "#1 AND #2")
    run(editor, ours(search))
    (source,) = searches.view_of(search).sources
    assert [line.run.hits for line in source.lines] == [2, 1, 1]


def test_our_library_is_run_line_by_line_as_the_public_sees_it(library, editor):
    search = start(editor)
    save(editor, ours(search), "otter", "heron", "#1 AND #2")
    assert run(editor, ours(search)) == 3
    (source,) = searches.view_of(search).sources
    assert [(line.run.hits, sorted(line.run.records)) for line in source.lines] == [
        (2, ["T1", "T2"]),
        (1, ["T1"]),
        (1, ["T1"]),
    ]
    assert {line.run.on for line in source.lines} == {date(2026, 6, 1)}
    assert source.hits == 1


def test_a_second_run_says_what_is_new_and_what_is_gone(library, editor):
    search = start(editor)
    save(editor, ours(search), "otter")
    run(editor, ours(search))
    add_review("T4", "1.1 Another otter.")
    run(editor, ours(search), now=MONDAY + DAY)
    (line,) = searches.view_of(search).sources[0].lines
    assert (line.since.new, line.since.gone, line.since.hits) == (("T4",), (), 1)
    assert (line.before.hits, line.run.hits) == (2, 3)
    assert LineRun.objects.count() == 2
    assert not difference((2, ["a", "b"]), (2, ["b", "a"]))
    assert difference((2, ["a", "b"]), (1, ["b"])).gone == ("a",)


def test_a_line_that_is_not_understood_is_not_run(library, editor):
    search = start(editor)
    for text in (
        "(otter",
        "board:",
        "*",
        "otter or heron",
        '"the ott*"',
        "ott?r",
        "otter adj3 heron",
    ):
        save(editor, ours(search), "heron", text)
        with pytest.raises(RuleError, match="was not run"):
            run(editor, ours(search))
    assert not LineRun.objects.exists()


def test_hits_of_another_database_are_entered_with_their_day(editor):
    search = start(editor)
    source = services.add_source(
        by=editor, search=search, name="MEDLINE", platform="Ovid", now=MONDAY
    )
    save(editor, source, ("exp Infant/", 1204), ("1 and sleep.ti,ab.", 87), on=date(2026, 5, 30))
    part = searches.view_of(search).sources[1]
    assert part.label == "MEDLINE (Ovid)"
    assert [(line.run.hits, line.run.on) for line in part.lines] == [
        (1204, date(2026, 5, 30)),
        (87, date(2026, 5, 30)),
    ]
    save(editor, source, ("exp Infant/", 1204), ("1 and sleep.ti,ab.", 87), on=date(2026, 5, 30))
    assert LineRun.objects.count() == 2
    with pytest.raises(RuleError, match="in the future"):
        save(editor, source, "x", on=date(2026, 6, 2))
    with pytest.raises(RuleError, match="search MEDLINE itself"):
        run(editor, source)
    with pytest.raises(RuleError, match="already"):
        services.add_source(by=editor, search=search, name="medline", platform="ovid", now=MONDAY)
    with pytest.raises(RuleError, match="part of the record"):
        services.remove_source(by=editor, source=source, now=MONDAY)


def test_a_changed_line_is_superseded_and_keeps_its_runs(library, editor):
    search = start(editor)
    save(editor, ours(search), "otter", "heron")
    run(editor, ours(search))
    save(editor, ours(search), "otter", "badger")
    assert [line.run is None for line in searches.view_of(search).sources[0].lines] == [False, True]
    old = SearchLine.objects.get(text="heron")
    assert (old.superseded_at, old.runs.count()) == (MONDAY, 1)
    save(editor, ours(search), "otter")
    assert [line.text for line in searches.view_of(search).sources[0].lines] == ["otter"]


def test_a_line_that_moves_up_keeps_its_runs(library, editor):
    search = start(editor)
    save(editor, ours(search), "otter", "badger", "heron", "#1 AND #3")
    run(editor, ours(search))
    save(editor, ours(search), "otter", "", "heron", "#1 AND #3")
    (source,) = searches.view_of(search).sources
    assert [(line.number, line.text, line.run.hits) for line in source.lines] == [
        (1, "otter", 2),
        (2, "heron", 1),
        (3, "#1 AND #2", 1),
    ]


def test_hits_that_nobody_entered_anew_keep_their_day(editor):
    search = start(editor)
    source = services.add_source(by=editor, search=search, name="ERIC", platform="", now=MONDAY)
    save(editor, source, ("otter*", 1204), ("heron", 87), on=date(2026, 5, 30))
    save(editor, source, "otter*", ("herons", 88), on=TODAY)
    part = searches.view_of(search).sources[1]
    assert [(line.run.hits, line.run.on) for line in part.lines] == [
        (1204, date(2026, 5, 30)),
        (88, TODAY),
    ]


def test_nobody_overwrites_the_lines_of_another_person(editor):
    search = start(editor)
    seen = searches.view_of(search).sources[0].mark
    save(editor, ours(search), "otter")
    with pytest.raises(ConcurrentChange, match="someone else changed this strategy"):
        services.save_lines(
            by=editor,
            source=ours(search),
            lines=[TypedLine("heron")],
            on=TODAY,
            now=MONDAY,
            seen=seen,
        )
    assert [line.text for line in searches.view_of(search).sources[0].lines] == ["otter"]


def test_hits_of_a_form_are_numbers_as_people_write_them():
    lines = services.typed_lines({"line-1": "a", "hits-1": "1,204", "line-2": "b", "hits-2": ""})
    assert [(line.text, line.hits) for line in lines[:2]] == [("a", 1204), ("b", None)]
    with pytest.raises(RuleError, match="line 2"):
        services.typed_lines({"line-2": "b", "hits-2": "many"})


# ---- question, results, numbers ----


def test_a_description_is_checked_and_nobody_overwrites_a_newer_one(editor):
    search = start(editor)

    def describe(version=1, **values):
        values = {"title": "Sleep", "question": QUESTION, **values}
        return services.describe_search(
            by=editor,
            search=search,
            description=SearchDescription(**values),
            version=version,
            now=MONDAY,
        )

    changed = describe(parts=(("Population", "babies"), ("", "")), years_from=2003)
    assert (changed.parts, changed.version) == ([["Population", "babies"]], 2)
    with pytest.raises(ConcurrentChange):
        describe(version=1)
    for wrong in ({"title": " "}, {"years_from": 20}, {"years_from": 2004, "years_to": 2003}):
        with pytest.raises(RuleError):
            describe(version=2, **wrong)


def test_results_are_records_that_the_public_can_see_or_publications_from_elsewhere(
    library, editor
):
    search = start(editor)
    save(editor, ours(search), "otter")
    run(editor, ours(search))
    offered = library_runs.records_to_choose(searches.view_of(search), MONDAY)
    assert sorted(row.key for row in offered) == ["T1", "T2"]
    chosen = services.choose_record(by=editor, search=search, key="T1", now=MONDAY)
    assert chosen == services.choose_record(by=editor, search=search, key="T1", now=MONDAY)
    assert chosen.citation == "Riverside Board Review T1."
    assert chosen.url == "/reviews/T1/"
    with pytest.raises(RuleError, match="asker can see"):
        services.choose_record(by=editor, search=search, key="none", now=MONDAY)
    other = services.add_publication(
        by=editor, search=search, citation="Reed A. Otters. 2012.", url="", now=MONDAY
    )
    with pytest.raises(RuleError, match="https"):
        services.add_publication(
            by=editor, search=search, citation="x", url="javascript:x", now=MONDAY
        )
    note(editor, search, other, "Good.")
    services.remove_result(by=editor, search=search, number=chosen.pk, now=MONDAY)
    assert list(search.results.values_list("number", "note")) == [(1, "Good.")]
    assert [row.key for row in library_runs.records_to_choose(searches.view_of(search), MONDAY)]


def note(by, search, result, text, before=""):
    notes = {result.pk: services.TypedNote(text, before)}
    services.save_notes(by=by, search=search, notes=notes, now=MONDAY)


def test_nobody_overwrites_the_note_of_another_person(editor):
    search = start(editor)
    result = services.add_publication(
        by=editor, search=search, citation="Reed A. Otters. 2012.", url="", now=MONDAY
    )
    note(editor, search, result, "Good.")
    with pytest.raises(ConcurrentChange, match=r"note on result 1 .* not saved: Weak\."):
        note(editor, search, result, "Weak.")
    # What was not changed on an old page overwrites nothing.
    note(editor, search, result, "", before="")
    note(editor, search, result, "Good.", before="Fair.")
    assert search.results.get().note == "Good."


def test_a_search_does_not_name_its_asker(editor):
    enquiry = ask(name="Quillfeather", kind="search")
    with pytest.raises(RuleError, match="“Quillfeather” says who asked"):
        start(editor, enquiry, title="Sleep, for Quillfeather")
    search = start(editor, enquiry)
    with pytest.raises(RuleError, match="says who asked"):
        services.describe_search(
            by=editor,
            search=search,
            description=SearchDescription("Sleep", QUESTION, scope="quillfeather's talk"),
            version=1,
            now=MONDAY,
        )
    with pytest.raises(RuleError, match="says who asked"):
        services.add_publication(
            by=editor, search=search, citation="A", url="", note="as Quillfeather said", now=MONDAY
        )


def test_more_records_than_a_page_are_offered_page_by_page(library, editor):
    search = start(editor)
    save(editor, ours(search), "otter")
    run(editor, ours(search))
    view = searches.view_of(search)
    pages = [library_runs.records_to_choose(view, MONDAY, first=at, most=1) for at in range(3)]
    assert sorted(row.key for page in pages for row in page) == ["T1", "T2"]
    assert library_runs.keys_to_choose(view) == [row.key for page in pages for row in page]


def test_numbers_of_the_screening_must_be_possible():
    assert ScreeningCounts(100, 10, 90, 20, 5).faults() == []
    assert ScreeningCounts(100, None, None, None, 5).faults() == []
    assert len(ScreeningCounts(100, 101, None, None, 0).faults()) == 1
    assert len(ScreeningCounts(100, 10, 91, None, 0).faults()) == 1
    assert len(ScreeningCounts(100, 0, 50, 51, 0).faults()) == 1
    assert len(ScreeningCounts(100, 0, 50, 4, 5).faults()) == 1
    assert screening_lines(ScreeningCounts(1204, None, 90, None, 5)) == [
        "Found in all sources together, by the last line of each: 1,204",
        "Screened by title and summary: 90",
        "Chosen: 5",
    ]


# ---- finished, sent, copied, erased ----


def test_a_search_is_finished_only_when_every_line_was_run(library, editor):
    search = start(editor)
    with pytest.raises(RuleError, match="strategy of at least one source"):
        services.finish_search(by=editor, search=search, now=MONDAY)
    save(editor, ours(search), "otter")
    with pytest.raises(RuleError, match="line 1 in Our library"):
        services.finish_search(by=editor, search=search, now=MONDAY)
    run(editor, ours(search))
    services.finish_search(by=editor, search=search, now=MONDAY)
    with pytest.raises(RuleError, match="finished"):
        save(editor, ours(search), "badger")
    services.reopen_search(by=editor, search=search, now=MONDAY)
    save(editor, ours(search), "badger")


def test_the_report_keeps_the_numbers_of_the_day_on_which_it_was_finished(library, editor):
    search = finished(editor)
    add_review("T4", "1.1 An otter with a heron.")
    run(editor, ours(search), now=MONDAY + DAY)
    assert [part.hits for part in searches.view_of(search).sources] == [2]
    report = search_reports.report_of(search, MONDAY + 2 * DAY)
    assert [line.hits for line in report.sources[0].lines] == [2, 1, 1]
    assert report.dated == MONDAY


def test_a_record_that_was_withdrawn_since_is_named_in_no_report(library, editor):
    search = finished(editor)
    review = Review.objects.get(reference="T1")
    change_state(by=editor, item=review, state=State.WITHDRAWN, now=MONDAY)
    (result,) = search_reports.report_of(search, MONDAY + DAY).results
    assert result.citation == "A record that is no longer in the public library."
    assert (result.address, result.note) == ("", "")


def test_the_report_is_a_tagged_pdf_and_a_word_document_with_question_strategy_and_results(
    library, editor
):
    search = finished(editor)
    document = compose_search_report(search_reports.report_of(search, MONDAY))
    with pikepdf.open(io.BytesIO(render_pdf(document))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-GB"
        metadata = pdf.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Sleep of otters"
    word = docx.Document(io.BytesIO(render_word(document)))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert QUESTION in text
    assert "1. Riverside Board Review T1. https://waymark.example/reviews/T1/ Sleeps." in text
    assert "Chosen: 1" in text
    rows = [[cell.text for cell in row.cells] for row in word.tables[-1].rows]
    assert rows == [
        ["Line", "Search", "Hits"],
        ["1", "otter", "2 on 1 June 2026"],
        ["2", "heron", "1 on 1 June 2026"],
        ["3", "#1 AND #2", "1 on 1 June 2026"],
    ]


def test_the_report_goes_with_an_answer_and_does_not_change_afterwards(library, editor):
    enquiry = ask(kind="search")
    search = start(editor, enquiry)
    with pytest.raises(RuleError, match="finish the literature search"):
        services.prepare_answer(enquiry, "Here.", MONDAY, report=search)
    search = finished(editor, enquiry)
    other = finished(editor)
    with pytest.raises(RuleError, match="of this enquiry"):
        services.prepare_answer(enquiry, "Here.", MONDAY, report=other)
    with pytest.raises(NotFound):
        search_reports.sent_search(enquiry.reference, enquiry.token, search.pk)
    services.send_answer(
        by=editor,
        enquiry=enquiry,
        text="Here.",
        state="answered",
        seen=enquiry.messages.last().pk,
        now=MONDAY + DAY,
        report=search,
    )
    address = (
        f"https://waymark.example/ask/{enquiry.reference}/{enquiry.token}/search-{search.pk}.pdf"
    )
    assert f"Sleep of otters (PDF)\n   {address}" in Letter.objects.order_by("pk").last().body
    sent = search_reports.sent_search(enquiry.reference, enquiry.token, search.pk)
    assert sent.sent_at == MONDAY + DAY
    with pytest.raises(RuleError, match="was sent"):
        services.reopen_search(by=editor, search=search, now=MONDAY + DAY)


def test_a_similar_earlier_search_is_proposed_and_copied_without_runs_and_results(library, editor):
    earlier = finished(editor)
    finished(editor, title="Budgets", question="How are boards funded?")
    found = searches.similar_searches("sleeping babies in reviews", editor)
    assert found == [earlier]
    assert searches.similar_searches("sleep of babies", editor, without=earlier) == []
    enquiry = ask()
    copy = services.copy_search(by=editor, search=earlier, enquiry=enquiry, now=MONDAY + DAY)
    view = searches.view_of(copy)
    assert (copy.copied_from, copy.enquiry, copy.finished_at) == (earlier, enquiry, None)
    assert [line.text for line in view.sources[0].lines] == ["otter", "heron", "#1 AND #2"]
    assert [line.run for line in view.sources[0].lines] == [None] * 3
    assert view.results == ()


def test_erasing_the_asker_keeps_the_search_and_closes_the_link_to_its_report(library, editor):
    enquiry = ask(name="Quillfeather", kind="search")
    search = finished(editor, enquiry)
    answer(enquiry, by=editor)
    LiteratureSearch.objects.update(sent_at=MONDAY + DAY)
    token = enquiry.token
    erase_due(now=MONDAY + 400 * DAY)
    search.refresh_from_db()
    assert (search.question, search.results.count()) == (QUESTION, 1)
    assert search.enquiry.name == ""
    with pytest.raises(NotFound):
        search_reports.sent_search(enquiry.reference, token, search.pk)
    with pytest.raises(RuleError, match="erased"):
        start(editor, search.enquiry)
    with pytest.raises(RuleError, match="erased"):
        services.copy_search(by=editor, search=search, enquiry=search.enquiry, now=MONDAY)
    entries = AuditEntry.objects.filter(subject__startswith="literature search")
    assert "Quillfeather" not in str(list(entries.values()))
