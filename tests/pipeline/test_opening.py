"""Matching of folder and database, files moved aside, and emails that wait."""

import json
import stat
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts import file_permissions, installation, removals
from waymark.accounts import services as accounts
from waymark.accounts.models import AuditEntry, Installation, Role, RoleGrant, State, User
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents import services as documents
from waymark.documents.files import storage
from waymark.library.services.retention import TombstoneText
from waymark.mail import services as outbox
from waymark.mail.email_text import EmailText
from waymark.mail.outbox import write_letter
from waymark.pipeline import change_state, store_file
from waymark.pipeline.checks.checks_before_serving import open_installation
from waymark.pipeline.checks.unknown_files import returnable, unknown_files
from waymark.pipeline.removals.replay_removals import replay_removals

WAYMARK = Path(sys.executable).with_name("waymark")
TEXT = "A review of services.\n\nThe visits stopped in May. Nobody asked why.\n"
IDENTIFIER = "0123456789abcdef0123456789abcdef"
UNKNOWN = "ab" * 32


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return settings.DATA


@pytest.fixture
def report(db, folder, tmp_path):
    """A published report, stored with its file."""
    file = tmp_path / "report.txt"
    file.write_text(TEXT)
    stored = store_file(by=None, path=file, now=NOON)
    for item in (stored, stored.review):
        change_state(by=None, item=item, state=State.PUBLISHED, now=NOON)
    return stored


def open_it(now=NOON):
    open_installation(now=now)


def write_identifier(folder, identifier=IDENTIFIER):
    content = json.dumps({"installation": identifier, "version": 1})
    (folder / "installation.json").write_text(content)


def put(path, content=b"%PDF-1.7 a file that no row names"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# ---- folder and database ----


def test_the_first_start_writes_one_identifier_into_folder_and_database(report, folder):
    open_it()
    content = json.loads((folder / "installation.json").read_text())
    assert content == {"installation": installation.database_identifier(), "version": 1}
    assert len(content["installation"]) == 32
    assert AuditEntry.objects.filter(action="bind folder").count() == 1
    open_it()
    assert AuditEntry.objects.filter(action="bind folder").count() == 1


def test_a_folder_of_another_installation_is_refused_and_both_are_named(report, folder):
    open_it()
    write_identifier(folder)
    with pytest.raises(RuleError) as refused:
        open_it()
    for name in (str(folder), IDENTIFIER, installation.database_identifier(), "WAYMARK_DATA"):
        assert name in str(refused.value)


def test_a_new_database_is_refused_for_a_folder_that_belongs_to_another(db, folder):
    write_identifier(folder)
    message = f"contains installation {IDENTIFIER}, and .* new or a different"
    with pytest.raises(RuleError, match=message):
        open_it()
    assert not Installation.objects.exists()


def test_a_copy_from_before_there_were_identifiers_becomes_part_again(report, folder):
    write_identifier(folder)
    open_it()
    assert installation.database_identifier() == IDENTIFIER


def test_a_start_killed_between_database_and_folder_is_finished_by_the_next(report, folder):
    open_it()
    identifier = installation.database_identifier()
    (folder / "installation.json").unlink()
    open_it()
    assert installation.folder_identifier() == identifier


def test_a_folder_without_the_files_of_the_database_is_refused(report, folder):
    open_it()
    (folder / "installation.json").unlink()
    storage.original_path(report.original_id).unlink()
    with pytest.raises(RuleError, match="1 files are missing"):
        open_it()


def test_a_file_that_names_no_installation_is_refused(report, folder):
    (folder / "installation.json").write_text("{")
    with pytest.raises(RuleError, match=r"installation\.json does not name .* from a backup"):
        open_it()


@pytest.mark.parametrize("bound", [True, False])
@pytest.mark.parametrize("place", [f"originals/ab/{UNKNOWN}", f"publications/{UNKNOWN}.pdf"])
def test_a_file_that_the_database_does_not_know_stops_the_start_and_stays(
    report, folder, place, bound
):
    if bound:
        open_it()
    path = put(folder / place)
    with pytest.raises(RuleError, match=f"{path}.*waymark files quarantine.*Nothing was deleted"):
        open_it()
    documents.sweep_leftovers(by=None, now=NOON + timedelta(days=4_000))
    assert path.exists()


def test_what_is_being_stored_does_not_stop_another_start(report, folder):
    storage.note_arriving(UNKNOWN)
    put(folder / "originals" / "ab" / UNKNOWN)
    open_it()
    (path,) = unknown_files().arriving
    assert path.name == UNKNOWN


def test_an_upload_that_no_row_names_is_kept(report, folder):
    path = put(folder / "staging" / ("c" * 32))
    documents.sweep_leftovers(by=None, now=NOON + timedelta(days=4_000))
    assert path.exists()
    open_it()


# ---- quarantine ----


def test_what_is_moved_aside_can_be_taken_in_from_there(report, folder):
    path = put(folder / "originals" / "ab" / UNKNOWN)
    (unknown,) = unknown_files().blocking
    place = documents.move_aside(by=None, path=unknown, now=NOON)
    assert place == folder / "quarantine" / "originals" / f"{UNKNOWN}.pdf"
    assert (place.exists(), path.exists()) == (True, False)
    assert AuditEntry.objects.filter(action="move to quarantine").count() == 1
    open_it()


def test_what_the_database_names_comes_back_to_its_place(report):
    path = storage.original_path(report.original_id)
    place = documents.move_aside(by=None, path=path, now=NOON)
    assert place.name == f"{report.original_id}.txt"
    assert returnable() == {place: path}
    documents.bring_back(by=None, path=place, target=path, now=NOON)
    assert (path.read_text(), place.exists()) == (TEXT, False)


def test_nothing_in_quarantine_is_overwritten(report, folder):
    put(folder / "quarantine" / "originals" / f"{UNKNOWN}.pdf", b"another")
    path = put(folder / "originals" / "ab" / UNKNOWN)
    with pytest.raises(RuleError, match="is a different file"):
        documents.move_aside(by=None, path=path, now=NOON)
    assert path.exists()
    with pytest.raises(NotPermitted):
        documents.move_aside(by=make_person(Role.READER), path=path, now=NOON)


# ---- the journal of an earlier version, and what a service refuses ----


def lines():
    return [
        (entry["subject"], entry.get("state", entry["what"]))
        for entry in removals.last_entries().values()
        if entry["what"] != removals.KINDS
    ]


def test_what_an_earlier_version_withdrew_stays_withdrawn_in_a_copy_from_before(report):
    review = report.review
    change_state(by=None, item=review, state=State.WITHDRAWN, now=NOON)
    removals.journal_file().unlink()
    open_it()
    assert (f"review {review.reference}", "withdrawn") in lines()
    # The copy from before: as a database that has read nothing and shows the review.
    Installation.objects.update(removals_seen=0)
    type(review).objects.update(state=State.PUBLISHED)
    open_it()
    review.refresh_from_db()
    assert review.state == State.WITHDRAWN
    assert installation.sending_paused()


def test_a_withdrawal_that_is_refused_leaves_no_line(report):
    open_it()
    review = report.review
    text = TombstoneText(review.title)
    with pytest.raises(RuleError, match="must not identify"):
        change_state(by=None, item=review, state=State.WITHDRAWN, tombstone=text, now=NOON)
    assert lines() == []
    with pytest.raises(NotPermitted):
        change_state(by=make_person(Role.READER), item=report, state=State.WITHDRAWN, now=NOON)
    assert lines() == []


@pytest.mark.parametrize("state", [State.INTERNAL, State.WITHDRAWN, State.EXPIRED, State.IN_CHECK])
def test_whatever_closes_a_public_report_is_in_the_journal(report, state):
    open_it()
    change_state(by=None, item=report, state=state, now=NOON)
    assert (f"report {report.key}", str(state)) in lines()
    assert removals.unseen_entries() == []


def test_what_only_staff_ever_saw_is_not(db, folder):
    hidden = make_report(make_review(state=State.RECEIVED), "Words.", state=State.RECEIVED)
    change_state(by=None, item=hidden, state=State.IN_CHECK, now=NOON)
    assert lines() == []


def test_what_was_put_back_is_not_closed_again(report, django_capture_on_commit_callbacks):
    open_it()
    with django_capture_on_commit_callbacks(execute=True):
        for state in (State.WITHDRAWN, State.PUBLISHED):
            change_state(by=None, item=report, state=state, now=NOON)
    Installation.objects.update(removals_seen=0)
    assert replay_removals(now=NOON) == []
    report.refresh_from_db()
    assert report.state == State.PUBLISHED
    assert not installation.sending_paused()


def test_nothing_is_opened_by_the_journal(report, django_capture_on_commit_callbacks):
    open_it()
    with django_capture_on_commit_callbacks(execute=True):
        for state in (State.WITHDRAWN, State.PUBLISHED):
            change_state(by=None, item=report, state=state, now=NOON)
    Installation.objects.update(removals_seen=1)
    type(report).objects.update(state=State.WITHDRAWN)
    assert replay_removals(now=NOON) == []
    report.refresh_from_db()
    assert report.state == State.WITHDRAWN


# ---- emails ----


def letter():
    wording = EmailText("Received", "Thank you.")
    return write_letter(key="one", to="a@board.example", wording=wording, now=NOON)


def test_no_email_is_sent_while_sending_is_paused(report):
    open_it()
    letter()
    installation.pause_sending(reason="The copy is of May.", now=NOON)
    assert outbox.lease_letter(now=NOON) is None
    assert installation.pause_of_sending() == (NOON, "The copy is of May.")
    with pytest.raises(NotPermitted):
        installation.resume_sending(by=make_person(Role.EDITOR), now=NOON)
    installation.resume_sending(by=make_person(Role.ADMINISTRATOR), now=NOON)
    assert outbox.lease_letter(now=NOON) is not None


def test_a_pause_needs_a_reason(report):
    open_it()
    with pytest.raises(RuleError, match="enter a reason for the pause"):
        installation.pause_sending(reason=" ", now=NOON)


def test_a_copy_from_before_an_email_was_sent_starts_with_sending_paused(report, folder):
    open_it()
    outbox.letter_sent(letter=letter(), now=NOON)
    installation.note_position()
    noted = (folder / "audit-position").read_text()
    open_it()
    assert not installation.sending_paused()
    # As a database that has one entry less than it had.
    (folder / "audit-position").write_text(str(int(noted) + 1))
    open_it()
    assert installation.sending_paused()


# ---- what other users of the machine may read ----


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_of_an_earlier_version_is_made_private(db, folder):
    folder.chmod(0o755)
    put(folder / "installation.json").chmod(0o644)
    file_permissions.keep_private()
    assert mode_of(folder) == 0o700


def test_a_folder_that_holds_other_things_is_left_as_it_is(db, folder):
    put(folder / "somebody.txt")
    folder.chmod(0o755)
    file_permissions.keep_private()
    assert mode_of(folder) == 0o755


# ---- accounts, and a restore that was cut short ----


def test_a_leaver_stays_out_when_a_copy_from_before_is_put_back(
    db, folder, django_capture_on_commit_callbacks
):
    open_it()
    bea, carl, dan = (
        make_person(role, name=name)
        for role, name in ((Role.ADMINISTRATOR, "bea"), (Role.EDITOR, "carl"), (Role.EDITOR, "dan"))
    )
    make_person(Role.ADMINISTRATOR, name="ann")
    accounts.close_account(person=bea, by=None, now=NOON)
    accounts.withdraw_role(person=carl, role=Role.EDITOR, by=None, now=NOON)
    accounts.close_account(person=dan, by=None, now=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        accounts.reopen_account(person=dan, by=None, now=NOON)
    # As in the copy, where bea is the only administrator.
    User.objects.update(is_active=True)
    User.objects.filter(username="ann").delete()
    RoleGrant.objects.create(person=carl, role=Role.EDITOR)
    Installation.objects.update(removals_seen=0, sending_paused_at=None)
    open_it()
    assert dict(User.objects.values_list("username", "is_active")) == {
        "bea": False,
        "carl": True,
        "dan": True,
    }
    assert list(RoleGrant.objects.filter(person=carl)) == []
    assert installation.sending_paused()
    open_it()
    assert AuditEntry.objects.filter(action="close account", subject="account bea").count() == 2


def test_accounts_that_an_earlier_version_closed_are_in_the_new_journal(db, folder):
    make_person(Role.EDITOR, name="bea")
    User.objects.update(is_active=False)
    open_it()
    User.objects.update(is_active=True)
    Installation.objects.update(removals_seen=0)
    open_it()
    assert not User.objects.get().is_active


def test_no_empty_installation_is_begun_where_a_restore_was_cut_short(folder, settings):
    settings.DATA = folder / "library"
    (folder / "library.before-restore-2026-05-04T120000Z").mkdir()
    with pytest.raises(RuleError, match="a restore was cut short"):
        installation.check_new_database()
    settings.DATA.mkdir()
    installation.check_new_database()
