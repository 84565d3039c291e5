"""Everything that can be withdrawn or erased is so again when an older database is restored."""

import re
from datetime import date, timedelta

import pytest
from django.db import transaction

from tests.accounts.test_every_service import public_services
from tests.alerts.rows import TEXT, approve
from tests.briefings.writing import make_briefing
from tests.briefings.writing import publish as publish_briefing
from tests.data_access.test_data_access import apply
from tests.data_access.test_data_access import approve as approve_access
from tests.factories import NOON, make_person
from tests.indicators.invented import SLUG as INDICATOR
from tests.indicators.invented import published as published_indicator
from tests.recommendations.test_ledger import enter, serve
from tests.recommendations.test_recommendations import core, followed, record  # noqa: F401
from tests.training import courses
from waymark.accounts import installation, removals
from waymark.accounts.models import Role, State
from waymark.alerts.models import AlertList, IssueItem
from waymark.alerts.services.corrections import withdraw_item
from waymark.alerts.services.issues import add_item, open_draft
from waymark.bodies.services import BodyAbout, add_body
from waymark.briefings import services as briefings
from waymark.briefings.models import BriefingUse, UseState
from waymark.data_access.models import DataApplication
from waymark.data_access.services.deciding import revoke_access
from waymark.indicators import services as indicators
from waymark.indicators.models import ContactHighlight, Indicator
from waymark.library.models import OriginalDecision, ServiceNotice, Topic
from waymark.library.services.notices import add_notice, end_notice
from waymark.library.services.originals import stop_offering_original
from waymark.library.services.topics import add_topic, withdraw_topic
from waymark.library.topics.description import TopicDescription
from waymark.pipeline.checks.checks_before_serving import open_installation
from waymark.pipeline.removals.repeat_withdrawals import WITHDRAWN_KINDS
from waymark.recommendations import services as recommendations
from waymark.recommendations.models import (
    BodyContact,
    EntryKind,
    InquiryScheme,
    LedgerEntry,
)
from waymark.training import services as training
from waymark.training.models import Course, CourseSession

LATER = courses.NOW + timedelta(days=90)
ENDS_SOMETHING = re.compile(
    r"(withdraw|end|remove|erase|stop|cancel|drop|delete|take_back|hide|revoke|unlist|discard|"
    r"decide|close|merge|undo|set_\w+_state)(_|$)"
)
"""Names of services that may end something."""

IN_THE_JOURNAL = {
    "accounts.publication_state.set_state": "record",
    "accounts.services.people.close_account": "account",
    "accounts.services.people.withdraw_role": "account",
    "alerts.services.corrections.withdraw_item": "item",
    "alerts.services.erasure.erase_address": "address",
    "alerts.services.erasure.erase_own": "address",
    "alerts.services.erasure.erase_subscriber": "address",
    "alerts.services.subscriptions.stop_all": "subscriber",
    "alerts.services.subscriptions.stop_subscriber": "subscriber",
    "briefings.services.uses.decide_use": "use",
    "data_access.services.deciding.revoke_access": "access",
    "documents.services.filing.erase_original": "record",
    "documents.services.reviews.set_report_state": "record",
    "documents.services.reviews.set_review_state": "record",
    "indicators.services.contacts.withdraw_highlight": "highlight",
    "indicators.services.describing.set_indicator_state": "indicator",
    "library.services.notices.end_notice": "notice",
    "library.services.originals.stop_offering_original": "original",
    "library.services.resources.set_resource_state": "record",
    "library.services.topics.withdraw_topic": "topic",
    "publishing.services.manuscripts.withdraw_edition": "edition",
    "library.services.authors.hide_author": "author",
    "overview.services.other_overviews.unlist_other_overview": "other-overview",
    "recommendations.services.contacts.remove_contact": "contact",
    "recommendations.services.importing.set_scheme_state": "inquiry-scheme",
    "recommendations.services.ledger.take_back_entry": "entry",
    "training.services.cancel_session": "session",
    "training.services.set_course_state": "course",
}
"""Service -> kind of its line in the journal."""

NEVER_PUBLIC = "only staff see it"
CORRECTION = "corrects a mistake of staff; nobody asked that it is not shown"
CODED = "a judgement of coders: what was published of it is frozen in editions, which are"
OVER = "a session of a restored copy is over 30 minutes after the copy was made"
NOT_IN_THE_JOURNAL = {
    "accounts.services.organisation.unlink_organisation": "closing the account is in the journal",
    "accounts.services.passkeys.remove_passkey": "a restored copy asks for it again",
    "accounts.services.second_factor.remove_factor": "a restored copy asks for it again",
    "accounts.services.second_factor.remove_own_factor": "a restored copy asks for it again",
    "accounts.services.sessions.end_other_sessions": OVER,
    "accounts.services.sessions.end_own_session": OVER,
    "accounts.services.sessions.end_sessions": OVER,
    "alerts.services.issues.discard_draft": NEVER_PUBLIC,
    "alerts.services.issues.remove_item": NEVER_PUBLIC,
    "alerts.services.sources.end_source": NEVER_PUBLIC,
    "alerts.services.subscriptions.undo_stop": "begins again what a fault had ended",
    "bodies.services.merge_bodies": CORRECTION,
    "data_access.services.deciding.drop_approval": NEVER_PUBLIC,
    "bodies.services.remove_succession": CORRECTION,
    "bodies.services.undo_merge": CORRECTION,
    "coding.services.codings.merge_codings": CODED,
    "coding.services.codings.withdraw_coding": CODED,
    "coding.services.erasure.erase_machine_words": "the line of its file is in the journal",
    "coding.services.machines.end_machine": NEVER_PUBLIC,
    "coding.services.suggestions.decide_suggestion": CODED,
    "coding.services.suggestions.undo_suggestion_decision": CODED,
    "coding.services.exchange.close_project_import": NEVER_PUBLIC,
    "coding.services.exchange.drop_project_import": NEVER_PUBLIC,
    "coding.services.rounds.undo_decision": CODED,
    "coding.services.workbench.remove_coding": CODED,
    "coding.services.workbench.undo_act": CODED,
    "documents.services.anonymity.unlist_words": "names found in files are looked for again",
    "documents.services.readings.decide_move": CODED,
    "enquiries.services.answering.close_enquiry": NEVER_PUBLIC,
    "enquiries.services.drafts.drop_draft": NEVER_PUBLIC,
    "enquiries.services.inbound.decide_email": NEVER_PUBLIC,
    "enquiries.services.published_answers.end_approval": "its record is withdrawn, see set_state",
    "enquiries.services.search_results.remove_result": NEVER_PUBLIC,
    "enquiries.services.strategies.remove_source": NEVER_PUBLIC,
    "indicators.services.contacts.remove_contact": NEVER_PUBLIC,
    "indicators.services.describing.remove_series_break": CORRECTION,
    "indicators.services.importing.drop_proposed_import": NEVER_PUBLIC,
    "library.services.authors.merge_authors": CORRECTION,
    "library.services.authors.undo_author_merge": CORRECTION,
    "library.services.bulk_changes.close_undo": NEVER_PUBLIC,
    "library.services.family.withdraw_family_notification": NEVER_PUBLIC,
    "library.services.holdings.remove_holding": CORRECTION,
    "library.services.imports.close_import": NEVER_PUBLIC,
    "library.services.imports.drop_import": NEVER_PUBLIC,
    "library.services.reviews.take_back_step": CORRECTION,
    "library.services.deposits.drop_unconfirmed": "is deleted again when its 7 days are over",
    "library.services.saved_searches.delete_search": "seen by its owner alone, who can repeat it",
    "library.services.thesaurus.end_subject": CORRECTION,
    "library.services.thesaurus.merge_subjects": CORRECTION,
    "overview.services.overviews.decide_disclosure": "numbers of editions are frozen",
    "profiles.services.undo_group_answer": CODED,
    "profiles.services.withdraw_adult": CODED,
    "profiles.services.withdraw_child": CODED,
    "profiles.services.withdraw_judgement": CODED,
    "publishing.services.texts.drop_unsaved_text": NEVER_PUBLIC,
    "recommendations.services.ledger.remove_addressee": CORRECTION,
    "recommendations.services.relations.take_back_relation": CORRECTION,
    "recommendations.services.recording.withdraw_recommendation": CODED,
}
"""Service -> why a restored copy may show again what it ended."""
OTHER_TESTS = {
    "author": "tests/library/test_authors.py",
    "other-overview": "tests/overview/test_other_overviews.py",
    "record": "test_restored.py, test_opening.py",
    "account": "test_opening.py",
    "edition": "test_restored.py, tests/publishing/test_manuscripts.py",
    "address": "tests/alerts/test_erasure.py",
    "subscriber": "tests/alerts/test_erasure.py",
}


def test_a_service_that_ends_something_is_in_the_journal_or_says_why_not():
    named = set(IN_THE_JOURNAL) | set(NOT_IN_THE_JOURNAL)
    ending = {name for name in public_services() if ENDS_SOMETHING.match(name.split(".")[-1])}
    assert ending - named == set()
    assert not set(IN_THE_JOURNAL) & set(NOT_IN_THE_JOURNAL)
    assert set(IN_THE_JOURNAL.values()) == set(EXAMPLES) | set(OTHER_TESTS)


def test_every_kind_that_is_repeated_has_an_example_of_a_restored_copy():
    assert set(WITHDRAWN_KINDS) | {"contact"} == set(EXAMPLES)


# ---- an example of each kind: what ends it, and whether it is shown ----


def indicator(_report):
    published_indicator()
    indicators.set_indicator_state(by=None, slug=INDICATOR, state="published", now=NOON)
    return (
        lambda now: indicators.set_indicator_state(
            by=None, slug=INDICATOR, state="withdrawn", now=now
        ),
        lambda: Indicator.objects.get().state == "published",
    )


def highlight(_report):
    year = date(2024, 4, 1)
    ContactHighlight.objects.create(starts=year, tables=[], published_at=NOON)
    return (
        lambda now: indicators.withdraw_highlight(by=None, starts=year, now=now),
        lambda: ContactHighlight.objects.get().withdrawn_at is None,
    )


def course(_report):
    row = courses.published_course()
    return (
        lambda now: training.set_course_state(
            by=None, slug=row.slug, state="withdrawn", reason="Too old.", now=now
        ),
        lambda: Course.objects.get().state == "published",
    )


def session(_report):
    courses.published_course()
    row = courses.session()
    return (
        lambda now: training.cancel_session(
            by=None, slug=courses.SLUG, number=row.pk, reason="Too few.", now=now
        ),
        lambda: CourseSession.objects.get().cancelled_at is None,
    )


def use(_report):
    small = make_briefing()
    said = briefings.ReportedUse("Riverside", date(2026, 5, 1), "We ring on the day.")
    row = briefings.take_use(by=None, publication=publish_briefing(small), use=said, now=NOON)
    editor = make_person(Role.EDITOR)
    briefings.decide_use(by=editor, use=row.pk, shown=True, now=NOON)
    return (
        lambda now: briefings.decide_use(by=editor, use=row.pk, shown=False, now=now),
        lambda: BriefingUse.objects.get().state == UseState.SHOWN,
    )


def topic(_report):
    sleep = TopicDescription(name="Sleep", summary="About sleep.", words=("cot",))
    add_topic(by=None, key="sleep", description=sleep, now=NOON)
    return (
        lambda now: withdraw_topic(by=None, key="sleep", reason="Unused.", now=now),
        lambda: Topic.objects.get().withdrawn_at is None,
    )


def original(report):
    OriginalDecision.objects.create(
        report=report, offered=True, terms="OGL-UK-3.0", reason="Allowed.", decided_at=NOON
    )
    return (
        lambda now: stop_offering_original(by=None, report=report, reason="Refused.", now=now),
        lambda: OriginalDecision.objects.get(superseded_at=None).offered,
    )


def notice(_report):
    row = add_notice(by=None, text="Closed on Monday.", first_day=None, last_day=None, now=NOON)
    return (
        lambda now: end_notice(by=None, notice=row, now=now),
        lambda: ServiceNotice.objects.get().ended_at is None,
    )


def item(_report):
    issue = open_draft(by=None, alert_list=AlertList.WEEKLY, now=NOON)
    add_item(by=None, issue=issue, text=TEXT, now=NOON)
    approve(issue)
    row = IssueItem.objects.get()
    return (
        lambda now: withdraw_item(by=None, item=row, correction="It was wrong.", now=now),
        lambda: IssueItem.objects.get().withdrawn_at is None,
    )


def entry(report):
    record(report)
    row = enter(serve(report.review), EntryKind.NOTIFIED)
    return (
        lambda now: recommendations.take_back_entry(by=None, entry=row, reason="Wrong.", now=now),
        lambda: LedgerEntry.objects.get().taken_back_at is None,
    )


def inquiry_scheme(_report):
    row = InquiryScheme.objects.create(
        key="trials", name="Trials", state=State.PUBLISHED, added_at=NOON
    )
    return (
        lambda now: recommendations.set_scheme_state(
            by=None, scheme=row, state="internal", now=now
        ),
        lambda: InquiryScheme.objects.get().state == State.PUBLISHED,
    )


def contact(_report):
    body = add_body(by=None, about=BodyAbout("Ash Trust"), now=NOON)
    row = recommendations.add_contact(by=None, body=body, address="Ann@ash.example", now=NOON)
    return (
        lambda now: recommendations.remove_contact(by=None, contact=row, now=now),
        lambda: BodyContact.objects.exists(),
    )


def access(_report):
    row = apply()
    approve_access(row)
    return (
        lambda now: revoke_access(by=None, application=row, reason="Shared.", now=now),
        lambda: DataApplication.objects.get().is_open(LATER),
    )


EXAMPLES = {
    example.__name__.replace("_", "-"): example
    for example in (
        *(indicator, highlight, course, session, use, topic, original),
        *(notice, item, entry, contact, access, inquiry_scheme),
    )
}


@pytest.fixture
def opened(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", EXAMPLES)
def test_what_was_withdrawn_is_so_again_in_a_copy_of_yesterday(kind, opened, report):
    open_installation(now=NOON)
    withdraw, is_shown = EXAMPLES[kind](report)
    assert is_shown()
    with transaction.atomic():
        withdraw(LATER)
        assert not is_shown()
        # The rows are those of yesterday again. The journal is a file, and has the new line.
        transaction.set_rollback(True)
    assert is_shown()
    open_installation(now=LATER)
    assert not is_shown()
    assert installation.sending_paused()
    assert removals.unseen_entries() == []


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(WITHDRAWN_KINDS))
def test_what_an_earlier_version_withdrew_is_written_into_its_journal(kind, opened, report):
    open_installation(now=NOON)
    withdraw, is_shown = EXAMPLES[kind](report)
    with transaction.atomic():
        withdraw(LATER)
        removals.journal_file().write_text("")
        open_installation(now=LATER)
        transaction.set_rollback(True)
    assert is_shown()
    open_installation(now=LATER)
    assert not is_shown()


@pytest.mark.django_db
def test_what_is_public_again_stays_so(opened, report, django_capture_on_commit_callbacks):
    open_installation(now=NOON)
    withdraw, is_shown = EXAMPLES["indicator"](report)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(LATER)
        indicators.set_indicator_state(by=None, slug=INDICATOR, state="published", now=LATER)
    installation.Installation.objects.update(removals_seen=0)
    open_installation(now=LATER)
    assert is_shown()


@pytest.mark.django_db
def test_the_journal_names_no_address(opened, report):
    withdraw, _ = EXAMPLES["contact"](report)
    withdraw(LATER)
    assert "ash.example" not in removals.journal_file().read_text().casefold()
