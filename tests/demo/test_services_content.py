"""The demo's content for services: briefings and enquiries that say what the reports say."""

import re
from math import ceil

import pytest

from tests.demo.files import DEMO, report_heads
from tests.demo.services_files import (
    FIGURES,
    REPORTS,
    RESOURCES,
    SERVICES,
    TABLES,
    Briefings,
    Enquiries,
    asked_for_training,
    cited_reviews,
    cited_text,
    counted,
    numbers,
    read,
)
from waymark.core import yaml_file
from waymark.core.errors import SpecError
from waymark.core.language_advice import language_advice
from waymark.demo.sources import read_progress

WORDS_A_MINUTE = 220
BRIEFINGS = read("briefings.yaml", Briefings).briefings
ENQUIRIES = read("enquiries.yaml", Enquiries)
STATEMENTS = [item for place in (*BRIEFINGS, ENQUIRIES) for item in place.statements]
STATEMENTS += [item for briefing in BRIEFINGS for item in briefing.short_statements]
PROSE = [text for place in (*BRIEFINGS, ENQUIRIES) for text in place.prose]
PROSE += [text for briefing in BRIEFINGS for text in briefing.short_prose]
PROSE += [use.change for briefing in BRIEFINGS for use in briefing.used_by]


def test_every_label_that_reports_use_can_be_cited():
    assert REPORTS["R08"]["4.3.3"].startswith("By contrast, the psychiatric nurse")
    assert REPORTS["R02"]["E15"].startswith("Adult and children's services planned separately")
    assert REPORTS["R16"]["F13"].startswith("PBNI, CAS and social services")
    assert REPORTS["R21"]["26"].startswith("In the addiction service's notes")
    assert REPORTS["R20"]["R2"].startswith("By 30 June 2006 the Trust")
    assert REPORTS["R22"]["R1"].startswith("Adult mental health services should include")
    assert REPORTS["R24"]["R4"].startswith("Social workers should improve")
    assert all({"R1", "R2", "R3", "R4"} <= set(texts) for texts in REPORTS.values())
    assert cited_text("R08 4.9.9") is None


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.text[:50])
def test_every_cite_names_a_paragraph_a_record_or_a_table(statement):
    assert [cite for cite in statement.cites if cited_text(cite) is None] == []


def test_a_statement_without_cite_or_mark_is_refused_at_its_line():
    file = (SERVICES / "briefings.yaml").read_text("utf-8")
    with pytest.raises(SpecError, match="has cites, or is marked as own"):
        yaml_file.read_yaml(file.replace("      own: true\n", "", 1), Briefings, file="x.yaml")


def test_every_number_is_in_a_cited_paragraph_or_counted():
    counts, wrong = counted(), []
    for statement in STATEMENTS:
        cited = " ".join(cited_text(cite) or "" for cite in statement.cites)
        allowed = set(numbers(cited)) | {figure.value for figure in statement.figures}
        wrong += [(n, statement.text) for n in numbers(statement.text) if n not in allowed]
        for figure in statement.figures:
            assert counts[figure.table, figure.row, figure.column] == figure.value, figure
            assert f"table {figure.table}" in statement.cites
    assert wrong == []


def test_what_has_no_cite_has_no_number():
    texts = [text for place in BRIEFINGS for text in place.questions]
    headings = [
        part.heading
        for briefing in BRIEFINGS
        for part in (*briefing.sections.key_issues, *briefing.sections.learning)
    ]
    own = [statement.text for statement in STATEMENTS if statement.own]
    assert [text for text in (*texts, *headings, *own) if numbers(text)] == []


def test_no_change_for_children_is_recorded_after_any_training():
    assert counted()["progress", "training", "outcome_for_children"] == 0


def test_practice_changed_after_the_recommendations_that_are_named():
    answer = next(e for e in ENQUIRIES.enquiries if e.key == "recommendations-for-training").answer
    named = {cite for s in answer for cite in s.cites if cite.startswith("R")}
    changed = {
        f"{entry.review} R{entry.number}"
        for entry in read_progress(DEMO).progress
        if entry.impact == "practice_change"
    }
    assert named == asked_for_training() & changed


def test_quotations_are_the_words_of_a_cited_paragraph():
    for statement in (statement for statement in STATEMENTS if not statement.own):
        cited = " ".join(cited_text(cite) or "" for cite in statement.cites)
        if any(cite.startswith("library") for cite in statement.cites):
            continue
        for quotation in re.findall(r'"([^"]+)"', statement.text):
            assert quotation in cited, quotation


def test_outside_quotations_no_nine_words_in_a_row_are_those_of_a_report():
    runs = set()
    for texts in REPORTS.values():
        for text in texts.values():
            runs |= nine_words(text)
    copied = [" ".join(run) for text in PROSE for run in nine_words(unquoted(text)) & runs]
    assert copied == []


def unquoted(text):
    return re.sub(r'"[^"]*"', " | ", text)


def nine_words(text):
    words = re.findall(r"[a-z0-9'|]+", text.lower())
    return {tuple(words[at : at + 9]) for at in range(len(words) - 8)}


def test_no_word_is_one_that_the_language_advice_would_replace():
    assert [str(advice) for text in PROSE for advice in language_advice(text)] == []


@pytest.mark.parametrize("briefing", BRIEFINGS, ids=lambda briefing: briefing.key)
def test_a_briefing_counts_the_reviews_that_it_read_and_cites_each(briefing):
    reviews = briefing.selection.reviews
    assert cited_reviews(briefing.statements) == set(reviews)
    assert briefing.reviews_read == len(set(reviews)) == len(reviews)
    completed = {head["review"]: head["completed"].year for head in report_heads()}
    years = [completed[review] for review in reviews]
    assert (briefing.period.first, briefing.period.last) == (min(years), max(years))


@pytest.mark.parametrize("briefing", BRIEFINGS, ids=lambda briefing: briefing.key)
def test_a_briefing_says_truly_how_long_it_takes_to_read(briefing):
    words = sum(len(text.split()) for text in briefing.prose)
    assert briefing.reading_minutes == ceil(words / WORDS_A_MINUTE) <= 9


@pytest.mark.parametrize("briefing", BRIEFINGS, ids=lambda briefing: briefing.key)
def test_a_seven_minute_form_has_at_most_700_words_and_cites_what_the_briefing_read(briefing):
    assert sum(len(text.split()) for text in briefing.short_prose) <= 700
    assert cited_reviews(briefing.short_statements) <= set(briefing.selection.reviews)
    assert all(use.team.endswith("(fictional)") for use in briefing.used_by)
    assert briefing.searched_on < briefing.changes[-1].on < briefing.review_on


def test_there_are_six_enquiries_and_two_refusals():
    assert (len(ENQUIRIES.enquiries), len(ENQUIRIES.refusals)) == (6, 2)
    assert [e.key for e in ENQUIRIES.enquiries if e.strategy] == ["search-strategy"]


def test_subjects_references_tables_and_figures_exist():
    thesaurus = (DEMO.parent / "src/waymark/library/builtin/thesaurus.ttl").read_text("utf-8")
    known = set(re.findall(r"^subject:(\S+) a skos:Concept", thesaurus, re.M))
    subjects = {subject for briefing in BRIEFINGS for subject in briefing.selection.subjects}
    subjects |= {subject for enquiry in ENQUIRIES.enquiries for subject in enquiry.subjects}
    assert subjects <= known
    for briefing in BRIEFINGS:
        assert set(briefing.references) <= set(RESOURCES)
        assert set(briefing.tables) <= TABLES
        assert set(briefing.figures) <= FIGURES
