"""A board's deposit: received -> checked -> filed -> published or returned; and its emails."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import PurePath

from django.utils import timezone

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, Person, require_permission
from waymark.coding.models import Assignment
from waymark.core.errors import RuleError
from waymark.core.jobs import HourlyRun, Job, JobQueue
from waymark.core.wording import list_in_words
from waymark.documents import services as documents
from waymark.documents.anonymity.board_names import find_name
from waymark.documents.files.storage import unstage_upload
from waymark.documents.files.uploads import IncomingFile
from waymark.documents.models import Intake, Report, Review
from waymark.library import services as library
from waymark.library.models import Deposit
from waymark.library.queries import repository
from waymark.library.services import deposits
from waymark.library.services.deposits import DepositOffer
from waymark.pipeline.library.record_checklist import require_catalogued
from waymark.pipeline.publishing.publication_reasons import OPENING, require_ready
from waymark.pipeline.removals.state_changes import change_state

NOT_YET_OPEN = frozenset({State.RECEIVED, State.IN_CHECK})


def receive_deposit(
    *, by: Person, offer: DepositOffer, files: Iterable[IncomingFile], origin: str, now: datetime
) -> Deposit:
    """Receive a deposit: queue its files for reading and an email for sending.

    Where there is mail, the files of a person without an account wait until the mailbox is
    confirmed, and so never delay the work of staff.

    The files are on the disk before the first row, and all rows are written in one transaction. For
    an anonymous board the files get neutral names, because their own often name it. The same
    deposit sent twice within a day is one: its sender pressed the button again. origin: network
    address of the request. Raises TooManyDeposits.
    """
    deposits.check_room(origin=origin, mailbox=offer.contact_email, now=now)
    reference, batch = deposits.new_reference(now), secrets.token_hex(8)
    # Before the transaction: files of 100 MiB are not written while other writers wait.
    staged = [documents.stage_file(file) for file in files]
    if offer.anonymous:
        staged = [
            replace(file, name=f"{reference}-{number}{PurePath(file.name).suffix.lower()[:6]}")
            for number, file in enumerate(staged, start=1)
        ]
    return _write_deposit(by, offer, staged, (reference, batch), origin, now)


@serialized_in("documents", "library")
def _write_deposit(
    by: Person,
    offer: DepositOffer,
    staged: list[documents.StagedFile],
    names: tuple[str, str],
    origin: str,
    now: datetime,
) -> Deposit:
    reference, batch = names
    content = deposits.content_mark(offer, [documents.hash_of_staged(file) for file in staged])
    if (earlier := deposits.deposit_sent_before(content, now)) is not None:
        for file in staged:
            unstage_upload(file.staged_name)
        return earlier
    held = deposits.needs_confirmation(by)
    documents.queue_deposit(by=by, files=staged, batch=batch, now=now, held=held)
    return deposits.take_deposit(
        by=by,
        offer=offer,
        reference=reference,
        batch=batch,
        files=len(staged),
        origin=origin,
        content=content,
        now=now,
    )


@serialized_in("documents", "library")
def confirm_deposit(*, token: str, now: datetime) -> Deposit:
    """Confirm a deposit by the link in its email, and let its files be read.

    A second time changes nothing. Raises NotFound.
    """
    batch = deposits.deposit_of_token(token).batch
    files = Intake.objects.filter(batch=batch).count()
    documents.release_held(batch=batch)
    return deposits.confirm_deposit(token=token, files=files, now=now)


def drop_stale_deposits(now: datetime) -> bool:
    """Delete the deposits that nobody confirmed in time, with their files; False if there are none.

    They were never read, and count for nothing.
    """
    stale = list(repository.stale_unconfirmed(now - timedelta(days=deposits.CONFIRM_DAYS)))
    for deposit in stale:
        _drop_stale(deposit, now)
    return bool(stale)


@serialized_in("documents", "library")
def _drop_stale(deposit: Deposit, now: datetime) -> None:
    documents.refuse_held(by=None, batch=deposit.batch, now=now)
    deposits.drop_unconfirmed(by=None, deposit=deposit, now=now)


@serialized_in("documents", "library")
def review_for_deposit(*, deposit: Deposit, now: datetime) -> Review:
    """The one review for all files of a deposit.

    It is created for the first file and has the deposit's reference until staff file the deposit.
    """
    if deposit.review is not None:
        return deposit.review
    review = Review.objects.filter(reference=deposit.reference).first()
    return review or documents.add_review(
        by=None, reference=deposit.reference, title=f"Deposit {deposit.reference}", now=now
    )


@serialized_in("documents", "library")
def begin_check(*, by: Actor, deposit: Deposit, now: datetime) -> None:
    """Begin the check of a deposit: it, its review and its reports become "in check".

    Staff may begin with one that nobody confirmed, as when they know its board: it is then read.
    """
    deposits.begin_check(by=by, deposit=deposit, now=now)
    documents.release_held(batch=deposit.batch)
    reports = repository.check_of(deposit).reports
    items: list[Report | Review] = [*reports, *{report.review for report in reports}]
    for item in items:
        if item.state == State.RECEIVED:
            change_state(by=by, item=item, state=State.IN_CHECK, now=now)


@serialized_in("documents", "library")
def file_as_new(
    *,
    by: Actor,
    deposit: Deposit,
    reference: str,
    title: str,
    now: datetime,
    board: str | None = None,
    completed_on: date | None = None,
    published_on: date | None = None,
) -> Review:
    """Create a review from a deposit, with the board's name unless it is anonymous.

    board: its name in the record, None for the name in the deposit. Raises RuleError if the
    reference is taken, if files are still being read, and if the reference or the title names an
    anonymous board.
    """
    reports = _reports_to_file(by, deposit)
    if not reports:
        raise RuleError(_no_file_of_its_own(deposit))
    _check_name(deposit, f"{reference} {title}")
    review = reports[0].review
    if Assignment.objects.filter(review=review).exists():
        raise RuleError("coding of this review has begun: its reference cannot be changed")
    named = deposit.board if board is None else board
    documents.enter_review(
        by=by,
        review=review,
        reference=reference,
        title=title,
        board="" if deposit.anonymous else named,
        completed_on=completed_on,
        published_on=published_on,
        now=now,
    )
    return _note_filed(by, deposit, review, reports, now)


@serialized_in("documents", "library")
def file_under(*, by: Actor, deposit: Deposit, review: Review, now: datetime) -> Review:
    """Add the files of a deposit to an existing review. Raises RuleError as above."""
    reports = _reports_to_file(by, deposit)
    if review.state in {State.WITHDRAWN, State.EXPIRED}:
        raise RuleError(
            f"{review.reference} is {review.get_state_display().lower()}: restore it on its page "
            "Visibility first, or return the deposit"
        )
    if deposit.anonymous and find_name(deposit.board, f"{review.board} {review.title}"):
        raise RuleError(f"{review.reference} names the board, which asked not to be named")
    documents.move_reports(by=by, reports=reports, review=review, now=now)
    return _note_filed(by, deposit, review, reports, now)


def _reports_to_file(by: Actor, deposit: Deposit) -> tuple[Report, ...]:
    """Its reports. Raises RuleError if it is filed already: a page may show it as it was before."""
    review = deposits.lock_undecided(by, deposit).review
    if review is not None:
        raise RuleError(
            f"{deposit.reference} is already filed as {review.reference}: change what is wrong in "
            "that record"
        )
    return _reports_if_ready(by, deposit)


def _no_file_of_its_own(deposit: Deposit) -> str:
    """The reason why no review can be created from a deposit without reports."""
    stored = [file.report for file in repository.check_of(deposit).files if file.report]
    if not stored:
        return "none of its files could be read: return the deposit, or add it to a review"
    names = list_in_words(sorted({report.review.reference for report in stored}))
    return f"its files are already stored with {names}: add the deposit to that, or return it"


def _reports_if_ready(by: Actor, deposit: Deposit) -> tuple[Report, ...]:
    deposits.lock_undecided(by, deposit)
    check = repository.check_of(deposit)
    if check.waiting:
        raise RuleError("its files are still being read: try again when all have been read")
    return check.reports


def _check_name(deposit: Deposit, text: str) -> None:
    if not deposit.anonymous:
        return
    matches = find_name(deposit.board, text)
    if matches:
        raise RuleError(f"“{matches[0].words}” names the board, which asked not to be named")


def _note_filed(
    by: Actor, deposit: Deposit, review: Review, reports: tuple[Report, ...], now: datetime
) -> Review:
    for report in reports:
        if deposit.anonymous and report.title != review.title:
            documents.name_report(by=by, report=report, title=review.title, now=now)
    deposits.note_filed(by=by, deposit=deposit, review=review, now=now)
    library.catalogue_review(by=by, review=review, now=now)
    return review


@serialized_in("documents", "library")
def publish_deposit(
    *, by: Actor, deposit: Deposit, looked: bool, incomplete: bool, now: datetime
) -> None:
    """Publish a deposit now or when its embargo ends, and queue an email to the board.

    looked: a person has checked each place that may name an anonymous board. incomplete: a person
    wants it published with the gaps of its catalogue record. Raises RuleError for a deposit that
    is not filed or not catalogued, and if its files name such a board.
    """
    review = deposit.review
    if review is None:
        raise RuleError("file the deposit under a review first")
    reports = _reports_if_ready(by, deposit)
    if not reports and review.state not in OPENING:
        raise RuleError(f"it brought no file of its own: publish {review.reference} first")
    _check_anonymous(deposit, looked=looked)
    opens = _embargo_end(deposit, now)
    state = State.EMBARGOED if opens else State.PUBLISHED
    require_permission(by, "publish reports")
    require_ready([*reports, review], now, deciding=deposit)
    require_catalogued(review, incomplete=incomplete)
    for report in reports:
        change_state(by=by, item=report, state=state, public_from=opens, now=now, deciding=deposit)
    if review.state in NOT_YET_OPEN:
        change_state(by=by, item=review, state=state, public_from=opens, now=now, deciding=deposit)
    elif review.state not in OPENING:
        state_label = review.get_state_display().lower()
        raise RuleError(f"its review {review.reference} is {state_label}: publish that first")
    ends = [repository.retention_of(report).until for report in reports]
    deposits.note_published(
        by=by,
        deposit=deposit,
        opens=deposit.embargo_until if opens else None,
        until=min((day for day in ends if day), default=None),
        now=now,
    )


def _check_anonymous(deposit: Deposit, *, looked: bool) -> None:
    if not deposit.anonymous:
        return
    check = repository.check_of(deposit)
    if check.named:
        raise RuleError(
            "a file names the board, which asked not to be named: return the deposit and ask for "
            "another copy"
        )
    if check.hinted and not looked:
        raise RuleError("check each place that may name the board, and confirm that you have")


def _embargo_end(deposit: Deposit, now: datetime) -> datetime | None:
    """The moment at which its embargo ends; None if it has none or it has ended."""
    if deposit.embargo_until is None:
        return None
    ends = timezone.make_aware(datetime.combine(deposit.embargo_until, time()))
    return ends if ends > now else None


@serialized_in("documents", "library")
def return_deposit(*, by: Actor, deposit: Deposit, reason: str, now: datetime) -> None:
    """Return a deposit: withdraw its files and queue an email to the board with the reason.

    Raises RuleError without a reason, and if one of its files has been published.
    """
    deposits.lock_undecided(by, deposit)
    documents.refuse_held(by=None, batch=deposit.batch, now=now)
    reports = repository.check_of(deposit).reports
    for report in reports:
        if report.state not in NOT_YET_OPEN:
            raise RuleError(
                f"{report.file_name} was published: withdraw it, then return the deposit"
            )
        change_state(by=by, item=report, state=State.WITHDRAWN, now=now)
    for review in {report.review for report in reports}:
        if review.state in NOT_YET_OPEN and not _has_other_reports(review, reports):
            change_state(by=by, item=review, state=State.WITHDRAWN, now=now)
    deposits.note_returned(by=by, deposit=deposit, reason=reason, now=now)


def return_deposits(
    *, by: Actor, deposits_to_return: Iterable[Deposit], reason: str, now: datetime
) -> dict[str, str]:
    """Return several deposits for one reason; reference -> why, of those that cannot be returned.

    Each by itself: the others are returned all the same. Raises NotPermitted.
    """
    require_permission(by, "handle deposits")
    refused = {}
    for deposit in deposits_to_return:
        try:
            return_deposit(by=by, deposit=deposit, reason=reason, now=now)
        except RuleError as error:
            refused[deposit.reference] = str(error)
    return refused


def _has_other_reports(review: Review, reports: tuple[Report, ...]) -> bool:
    return review.reports.exclude(pk__in=[report.pk for report in reports]).exists()


JOBS = (Job("delete unconfirmed deposits", JobQueue.UPKEEP, HourlyRun(drop_stale_deposits)),)
