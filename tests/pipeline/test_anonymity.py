"""Possible identifiers: found, answered, and in the way of publication until then."""

import pytest

from tests.documents.making import LEFT, line, paragraph, pdf_of
from tests.factories import NOON, make_person, make_report, make_review, reading_of
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents import services
from waymark.documents.models import ListedWords, PossibleIdentifier, Report, ReportText, Review
from waymark.documents.queries.anonymity import (
    other_reports_of,
    reports_not_checked,
    reports_with_identifiers,
)

TEXT = "1 Findings\n\nThe social worker spoke to Siobhan. Siobhan was seen in Brackenthwaite.\n"
CLEAN = "1 Findings\n\nThe visits stopped in May. Nobody asked why.\n"


@pytest.fixture
def keeper(db):
    return make_person(Role.CATALOGUER)


@pytest.fixture
def stored(db, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text(TEXT)
    return pipeline.store_file(by=None, path=file, now=NOON)


def identifiers_of(report):
    return {identifier.words: identifier for identifier in report.possible_identifiers.all()}


def answer(keeper, report, *words, verdict="false", **options):
    ids = [
        identifier.pk
        for identifier in report.possible_identifiers.all()
        if not words or identifier.words in words
    ]
    return services.answer_identifiers(
        by=keeper,
        report=report,
        identifiers=ids,
        verdict=verdict,
        answer="It is invented.",
        now=NOON,
        **options,
    )


def publish(keeper, report):
    pipeline.change_state(by=keeper, item=report, state=State.PUBLISHED, now=NOON)


def test_all_mentions_of_the_same_words_are_one_identifier_with_their_places(stored):
    identifier = identifiers_of(stored)["Siobhan"]
    text = stored.text.content
    assert (identifier.kind, identifier.count) == ("person", 2)
    assert [text[start:end] for start, end in identifier.places] == ["Siobhan", "Siobhan"]
    assert identifiers_of(stored)["Brackenthwaite"].kind == "place"


@pytest.mark.parametrize("state", [State.PUBLISHED, State.EMBARGOED])
def test_a_report_with_an_open_identifier_gets_no_state_that_opens_it(stored, keeper, state):
    opens = NOON.replace(year=2027) if state == State.EMBARGOED else None
    with pytest.raises(RuleError, match="names of people, 1; names of places, 1") as refusal:
        services.set_report_state(
            by=keeper, report=stored, state=state, public_from=opens, now=NOON
        )
    assert "Siobhan" not in str(refusal.value)
    answer(keeper, stored)
    services.set_report_state(by=keeper, report=stored, state=state, public_from=opens, now=NOON)


def test_a_review_that_would_open_a_report_with_an_identifier_stays_closed(stored, keeper):
    Report.objects.update(state=State.PUBLISHED)
    with pytest.raises(RuleError, match="may identify people"):
        publish(keeper, stored.review)


def test_words_that_must_be_masked_block_the_report_until_its_file_is_replaced(stored, keeper):
    answer(keeper, stored, "Siobhan", verdict="masked")
    answer(keeper, stored, "Brackenthwaite", verdict="kept")
    with pytest.raises(RuleError, match="names of people, 1"):
        publish(keeper, stored)
    assert list(reports_with_identifiers(keeper)) == [stored]
    answer(keeper, stored, "Siobhan", verdict="kept")
    assert list(reports_with_identifiers(keeper)) == []


def test_an_answer_has_a_reason_a_known_verdict_and_identifiers_of_this_report(stored, keeper):
    ids = [identifier.pk for identifier in stored.possible_identifiers.all()]
    values = {"by": keeper, "report": stored, "identifiers": ids, "verdict": "kept", "answer": "x"}
    other = make_report(make_review(), "Nothing.")
    for changed, message in (
        ({"answer": " "}, "enter a reason"),
        ({"answer": "x" * 501}, "longer than 500"),
        ({"verdict": "harmless"}, "choose whether"),
        ({"report": other}, "at least one possible identifier"),
        ({"verdict": "masked", "in_future": True}, "cannot be left out"),
    ):
        with pytest.raises(RuleError, match=message):
            services.answer_identifiers(**{**values, **changed}, now=NOON)
    assert not PossibleIdentifier.objects.exclude(verdict="").exists()


def test_the_log_names_kinds_and_reasons_and_not_the_words(stored, keeper):
    answer(keeper, stored)
    entry = AuditEntry.objects.get(action="answer possible identifiers")
    assert entry.detail["kinds"] == {"person": 1, "place": 1}
    assert entry.detail["answer"] == "It is invented."
    assert "Siobhan" not in str(entry.detail)


def test_words_answered_once_for_all_raise_no_identifier_in_later_reports(stored, keeper, tmp_path):
    answer(keeper, stored, "Brackenthwaite", in_future=True, confirmed=True)
    file = tmp_path / "b.txt"
    file.write_text(f"{CLEAN}The family moved to BRACKENTHWAITE.\n")
    later = pipeline.store_file(by=None, path=file, now=NOON)
    assert identifiers_of(later) == {}
    services.unlist_words(by=keeper, words="brackenthwaite", now=NOON)
    services.refresh_identifiers(by=keeper, report=later, now=NOON)
    assert set(identifiers_of(later)) == {"BRACKENTHWAITE"}
    with pytest.raises(RuleError, match="not on the list"):
        services.unlist_words(by=keeper, words="brackenthwaite", now=NOON)


def test_words_listed_as_always_an_identifier_raise_an_identifier_and_are_not_logged(
    keeper, tmp_path
):
    services.list_words(by=keeper, words=["blue caravan"], rule="always", now=NOON)
    file = tmp_path / "b.txt"
    file.write_text(f"{CLEAN}They lived in a Blue Caravan.\n")
    later = pipeline.store_file(by=None, path=file, now=NOON)
    assert set(identifiers_of(later)) == {"blue caravan"}
    assert "caravan" not in str(AuditEntry.objects.get(action="list words").detail)


def check_new_text(keeper, report, text):
    ReportText.objects.filter(report=report).update(content=text)
    return services.refresh_identifiers(by=keeper, report=report, now=NOON)


def test_a_new_text_keeps_the_answers_for_the_same_words_with_the_same_words_around(stored, keeper):
    answer(keeper, stored, "Siobhan", verdict="kept")
    changes = check_new_text(
        keeper,
        stored,
        "The social\nworker spoke to Siobhan! Siobhan was seen in May. A nurse met Tomasz.",
    )
    assert (changes.new, changes.carried_over, changes.gone) == (1, 1, 1)
    identifiers = identifiers_of(stored)
    assert (identifiers["Siobhan"].verdict, identifiers["Siobhan"].answered_by) == ("kept", keeper)
    assert (identifiers["Tomasz"].verdict, identifiers["Siobhan"].places) == (
        "",
        [[27, 34], [36, 43]],
    )


def test_an_answer_does_not_pass_to_another_person_of_the_same_name(stored, keeper):
    answer(keeper, stored, "Siobhan", verdict="kept")
    check_new_text(keeper, stored, f"{TEXT}The baby, Siobhan, was two weeks old.\n")
    assert identifiers_of(stored)["Siobhan"].verdict == ""
    with pytest.raises(RuleError, match="names of people, 1"):
        publish(keeper, stored)


def test_words_to_be_masked_stay_so_whatever_is_around_them(stored, keeper):
    answer(keeper, stored, "Siobhan", verdict="masked")
    check_new_text(keeper, stored, "A nurse met Siobhan.")
    assert identifiers_of(stored)["Siobhan"].verdict == "masked"


def test_answers_to_identifiers_of_an_earlier_version_carry_over_once(stored, keeper):
    """As it stored them: without marks of the words around."""
    answer(keeper, stored, "Siobhan", verdict="kept")
    stored.possible_identifiers.update(surroundings=None)
    check_new_text(keeper, stored, "A nurse met Siobhan.")
    assert identifiers_of(stored)["Siobhan"].verdict == "kept"
    check_new_text(keeper, stored, "Later a doctor telephoned Siobhan.")
    assert identifiers_of(stored)["Siobhan"].verdict == ""


STANDING = "1 Findings\n\nA copy is free at the office in Brackenthwaite in the usual way.\n"


@pytest.fixture
def imprints(db, tmp_path):
    """Three reports with the same standing text; in one of them the place is named again."""
    texts = STANDING, f"{STANDING}One is red.\n", f"{STANDING}They moved to Brackenthwaite.\n"
    reports = []
    for number, text in enumerate(texts):
        file = tmp_path / f"{number}.txt"
        file.write_text(text)
        reports.append(pipeline.store_file(by=None, path=file, now=NOON))
    return reports


def test_an_identifier_says_in_how_many_other_reports_its_words_and_its_text_are(imprints):
    (identifier,) = imprints[0].possible_identifiers.all()
    others = other_reports_of([identifier])[identifier.pk]
    assert (others.same_words, others.same_text) == (2, 1)
    Report.objects.filter(pk=imprints[1].pk).update(state=State.WITHDRAWN)
    assert other_reports_of([identifier])[identifier.pk].same_text == 0


def test_standing_text_is_answered_once_for_all_reports_if_a_person_says_so(imprints, keeper):
    first, second, third = imprints
    assert answer(keeper, first, everywhere=True) == 2
    (identifier,) = second.possible_identifiers.all()
    assert (identifier.verdict, identifier.answer, identifier.answered_by) == (
        "false",
        "It is invented.",
        keeper,
    )
    assert third.possible_identifiers.get().verdict == ""
    entry = AuditEntry.objects.get(
        action="answer possible identifiers", subject=second.audit_subject()
    )
    assert (entry.detail["answer"], entry.detail["as_in"]) == ("It is invented.", first.key)
    assert "Brackenthwaite" not in str(entry.detail)


def test_an_answer_stays_in_its_report_unless_a_person_says_so(imprints, keeper):
    answer(keeper, imprints[0])
    assert imprints[1].possible_identifiers.get().verdict == ""


def test_an_answer_for_all_reports_replaces_none_that_was_given_there(imprints, keeper):
    answer(keeper, imprints[1], verdict="kept")
    assert answer(keeper, imprints[0], everywhere=True) == 1
    assert imprints[1].possible_identifiers.get().verdict == "kept"
    with pytest.raises(RuleError, match="each file must be replaced"):
        answer(keeper, imprints[0], verdict="masked", everywhere=True)


def test_an_erased_file_leaves_no_words_in_its_identifiers(stored, keeper):
    Report.objects.update(state=State.WITHDRAWN)
    services.erase_original(by=make_person(Role.EDITOR), report=stored, now=NOON)
    assert not PossibleIdentifier.objects.exists()


def test_an_unchecked_report_stays_public_but_is_not_published_again(stored, keeper):
    """As an earlier version stored it: without possible identifiers, and public."""
    stored.possible_identifiers.all().delete()
    Report.objects.update(anonymity_checked_at=None, state=State.PUBLISHED)
    assert reports_not_checked(keeper, limit=10) == [stored]
    with pytest.raises(RuleError, match="waymark reports check"):
        publish(keeper, stored)
    outcome = pipeline.check_stored_reports(by=None, only=stored)
    assert Report.objects.get().state == State.PUBLISHED
    assert reports_not_checked(keeper, limit=10) == []
    assert "may identify people" in outcome.held_back[0].reason
    assert (outcome.checked, outcome.unchecked) == (1, 0)


def test_a_report_under_embargo_that_is_found_to_name_somebody_is_closed(stored):
    stored.possible_identifiers.all().delete()
    Report.objects.update(
        anonymity_checked_at=None, state=State.EMBARGOED, public_from=NOON.replace(year=2099)
    )
    pipeline.check_stored_reports(by=None)
    assert Report.objects.get().state == State.INTERNAL


def test_a_report_that_the_embargo_of_its_review_will_open_is_closed_if_it_names_somebody(stored):
    """The report itself is published: only its review is under an embargo."""
    stored.possible_identifiers.all().delete()
    Report.objects.update(anonymity_checked_at=None, state=State.PUBLISHED)
    Review.objects.update(state=State.EMBARGOED, public_from=NOON.replace(year=2099))
    pipeline.check_stored_reports(by=None)
    assert Report.objects.get().state == State.INTERNAL


def test_publishing_a_folder_holds_back_what_may_identify_somebody(db, tmp_path):
    (tmp_path / "names.txt").write_text(TEXT)
    (tmp_path / "clean.txt").write_text(CLEAN)
    result = pipeline.ingest_files(sorted(tmp_path.glob("*.txt")), workers=1, by=None, publish=True)
    assert [report.file for report in result.held_back] == ["names.txt"]
    assert Report.objects.get(file_name="clean.txt").state == State.PUBLISHED
    assert Report.objects.get(file_name="names.txt").state == State.RECEIVED


def test_files_held_back_are_told_in_the_order_in_which_they_were_stored(db, tmp_path, monkeypatch):
    """The reasons of several files are asked for together."""
    monkeypatch.setattr("waymark.pipeline.documents.file_batch.ASKED_TOGETHER", 2)
    names = [f"{number}.txt" for number in range(5)]
    for name in names:
        (tmp_path / name).write_text(TEXT.replace("Findings", f"Findings of file {name[0]}"))
    (tmp_path / "2.txt").write_text(CLEAN)
    result = pipeline.ingest_files([tmp_path / name for name in names], workers=1, by=None)
    assert result.stored == 5
    assert [report.file for report in result.held_back] == ["0.txt", "1.txt", "3.txt", "4.txt"]
    assert all("may identify people" in report.reason for report in result.held_back)


def test_only_those_who_check_anonymity_see_the_identifiers(stored):
    for role in (Role.CODER, Role.ANALYST, Role.READER):
        with pytest.raises(NotPermitted):
            reports_with_identifiers(make_person(role))


def test_words_of_running_headers_are_searched_though_they_are_not_in_the_text(keeper, tmp_path):
    head = line(60, 810, "A review of the life of Siobhan")
    pages = [head + b"".join(paragraph(60, 700 - 3 * n, LEFT)) for n in range(3)]
    file = pdf_of(pages, tmp_path / "headed.pdf")
    report = pipeline.store_file(by=None, path=file, now=NOON)
    assert "Siobhan" not in report.text.content
    assert identifiers_of(report)["Siobhan"].source == "header or footer"
    services.refresh_identifiers(by=keeper, report=report, now=NOON)
    assert identifiers_of(report)["Siobhan"].source == "header or footer"


@pytest.fixture
def published(keeper, tmp_path, settings):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir(exist_ok=True)
    file = tmp_path / "clean.txt"
    file.write_text(CLEAN)
    report = pipeline.store_file(by=None, path=file, now=NOON)
    publish(keeper, report)
    return report


def read_again(report, *paragraphs):
    pipeline.propose_reading(by=None, report=report, read=reading_of(*paragraphs), now=NOON)
    report.refresh_from_db()
    if report.readings.filter(state="pending").exists():
        pipeline.accept_reading(by=None, report=report, now=NOON)
    report.refresh_from_db()


def test_a_published_report_whose_newer_text_has_new_names_is_not_published_any_more(published):
    read_again(published, "The visits stopped in May.", "The social worker spoke to Siobhan.")
    assert (published.reading, published.state) == (2, State.INTERNAL)


def test_a_published_report_with_a_newer_text_without_names_stays_published(published):
    read_again(published, "The visits stopped in May.", "Nobody had asked why.")
    assert (published.reading, published.state) == (2, State.PUBLISHED)


def test_a_name_that_the_published_text_had_closes_no_report(published):
    ReportText.objects.update(content="Nobody spoke to Siobhan.\n")
    read_again(published, "The visits stopped in May.", "Nobody spoke to Siobhan.")
    assert (published.reading, published.state) == (2, State.PUBLISHED)


def test_a_published_report_is_closed_if_its_newer_text_has_a_known_name_once_more(
    published, keeper
):
    """The author was answered for; the child of the same name was on a page not read before."""
    ReportText.objects.update(content="The author spoke to Siobhan.\n")
    services.refresh_identifiers(by=keeper, report=published, now=NOON)
    answer(keeper, published, verdict="kept")
    read_again(published, "The author spoke to Siobhan.", "The baby, Siobhan, was two weeks old.")
    assert (published.reading, published.state) == (2, State.INTERNAL)


def test_words_are_never_an_identifier_for_a_reason_and_if_they_may_be_a_name_on_a_second_word(
    keeper, stored
):
    listing = {"by": keeper, "rule": "never", "now": NOON}
    with pytest.raises(RuleError, match="enter a reason"):
        services.list_words(words=["Manchester"], **listing)
    with pytest.raises(RuleError, match="may be the name of a person"):
        services.list_words(words=["Manchester", "Siobhan"], reason="Cities.", **listing)
    with pytest.raises(RuleError, match="may be the name of a person"):
        answer(keeper, stored, "Siobhan", in_future=True)
    assert not ListedWords.objects.exists()
    assert identifiers_of(stored)["Siobhan"].verdict == ""
    services.list_words(words=["Manchester"], reason="A city.", **listing)
    services.list_words(words=["Siobhan"], reason="A ship.", confirmed=True, **listing)
    rows = ListedWords.objects.values_list("words", "reason")
    assert dict(rows) == {"Manchester": "A city.", "Siobhan": "A ship."}
    detail = AuditEntry.objects.filter(action="list words").last().detail
    assert detail == {"rule": "never", "reason": "A ship."}


def test_the_audit_record_of_a_stored_report_has_no_name_from_its_file_name(keeper, tmp_path):
    file = tmp_path / "Siobhan Whitcombe.txt"
    file.write_text(CLEAN)
    report = pipeline.store_file(by=keeper, path=file, now=NOON)
    entry = AuditEntry.objects.get(action="store report")
    assert entry.subject == f"report {report.key}"
    assert entry.detail["file"] == "S….txt (21 characters)"
    assert "Siobhan" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("rule", ["never", "always"])
def test_the_audit_record_has_no_listed_words(keeper, rule):
    services.list_words(
        by=keeper, words=["Siobhan"], rule=rule, reason="A ship.", confirmed=True, now=NOON
    )
    services.unlist_words(by=keeper, words="Siobhan", now=NOON)
    entries = AuditEntry.objects.filter(subject__icontains="words")
    assert entries.count() == 2
    assert "siobhan" not in str(list(entries.values())).lower()
