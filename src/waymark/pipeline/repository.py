"""A board's deposit: received -> checked -> filed -> published or returned; and its letters."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, time
from pathlib import PurePath

from django.utils import timezone

from waymark.accounts.audit import in_turn
from waymark.accounts.installation import note_position
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, Person
from waymark.coding.models import Assignment
from waymark.core.errors import RuleError
from waymark.documents import services as documents
from waymark.documents.models import Report, Review
from waymark.documents.uploads import Upload
from waymark.library import services as library
from waymark.library.models import Deposit
from waymark.library.post import Unsent, can_send, post
from waymark.library.queries import repository
from waymark.library.services import deposits, letters
from waymark.library.services.deposits import Offer
from waymark.library.traces import traces
from waymark.pipeline.states import OPENING, change_state

NOT_YET_OPEN = frozenset({State.RECEIVED, State.IN_CHECK})


def receive_deposit(
    *, by: Person, offer: Offer, files: Iterable[Upload], origin: str, now: datetime
) -> Deposit:
    """Take a deposit: its files go into the reading queue, an acknowledgement into the post.

    The files are on the disk before the first row, and all rows are written at once. Where the
    board is not to be named, neither are its files: their names often name it. origin: where the
    request came from. Raises TooManyDeposits.
    """
    deposits.check_room(origin=origin, mailbox=offer.contact_email, now=now)
    reference, batch = deposits.new_reference(now), secrets.token_hex(8)
    staged = [documents.stage_file(file) for file in files]
    if offer.anonymous:
        staged = [
            replace(one, name=f"{reference}-{number}{PurePath(one.name).suffix.lower()[:6]}")
            for number, one in enumerate(staged, start=1)
        ]
    return _written(by, offer, staged, (reference, batch), origin, now)


@in_turn
def _written(
    by: Person,
    offer: Offer,
    staged: list[documents.Staged],
    names: tuple[str, str],
    origin: str,
    now: datetime,
) -> Deposit:
    reference, batch = names
    documents.queue_deposit(by=by, files=staged, batch=batch, now=now)
    return deposits.take_deposit(
        by=by,
        offer=offer,
        reference=reference,
        batch=batch,
        files=len(staged),
        origin=origin,
        now=now,
    )


@in_turn
def review_for_deposit(*, deposit: Deposit, now: datetime) -> Review:
    """The review under which the reader puts the files of a deposit: one for all of them.

    Made with the first; it is called by the deposit's reference until staff file it.
    """
    if deposit.review is not None:
        return deposit.review
    found = Review.objects.filter(reference=deposit.reference).first()
    return found or documents.add_review(
        by=None, reference=deposit.reference, title=f"Deposit {deposit.reference}", now=now
    )


@in_turn
def begin_check(*, by: Actor, deposit: Deposit, now: datetime) -> None:
    """Staff look at a deposit: it, its review and its reports are in check."""
    deposits.begin_check(by=by, deposit=deposit, now=now)
    reports = repository.check_of(deposit).reports
    things: list[Report | Review] = [*reports, *{report.review for report in reports}]
    for thing in things:
        if thing.state == State.RECEIVED:
            change_state(by=by, thing=thing, state=State.IN_CHECK, now=now)


@in_turn
def file_as_new(
    *, by: Actor, deposit: Deposit, reference: str, title: str, now: datetime
) -> Review:
    """Make a deposit a review of its own, with the board's name unless it is not to be named.

    Raises RuleError for a reference that is taken, before every file is read, and where the
    reference or the title tells a board that is not to be named.
    """
    reports = _ready(by, deposit)
    if not reports:
        raise RuleError("none of its files could be taken in: return it, or add it to a review")
    _check_name(deposit, f"{reference} {title}")
    review = reports[0].review
    if Assignment.objects.filter(review=review).exists():
        raise RuleError("somebody has begun to code it: its reference stays")
    board = "" if deposit.anonymous else deposit.board
    documents.enter_review(
        by=by, review=review, reference=reference, title=title, board=board, now=now
    )
    return _filed(by, deposit, review, reports, now)


@in_turn
def file_under(*, by: Actor, deposit: Deposit, review: Review, now: datetime) -> Review:
    """Add the files of a deposit to a review that is here already. Raises RuleError as above."""
    reports = _ready(by, deposit)
    if review.state in {State.WITHDRAWN, State.EXPIRED}:
        raise RuleError(f"{review.reference} is {review.get_state_display().lower()}")
    if deposit.anonymous and traces(deposit.board, f"{review.board} {review.title}"):
        raise RuleError(f"{review.reference} names the board, which is not to be named")
    documents.move_reports(by=by, reports=reports, review=review, now=now)
    return _filed(by, deposit, review, reports, now)


def _ready(by: Actor, deposit: Deposit) -> tuple[Report, ...]:
    deposits.undecided(by, deposit)
    check = repository.check_of(deposit)
    if check.waiting:
        raise RuleError("its files are still being read: wait until all are")
    return check.reports


def _check_name(deposit: Deposit, said: str) -> None:
    if not deposit.anonymous:
        return
    found = traces(deposit.board, said)
    if found:
        raise RuleError(f"“{found[0].words}” tells the board, which is not to be named")


def _filed(
    by: Actor, deposit: Deposit, review: Review, reports: tuple[Report, ...], now: datetime
) -> Review:
    for report in reports:
        if deposit.anonymous and report.title != review.title:
            documents.name_report(by=by, report=report, title=review.title, now=now)
    deposits.note_filed(by=by, deposit=deposit, review=review, now=now)
    library.catalogue_review(by=by, review=review, now=now)
    return review


@in_turn
def publish_deposit(*, by: Actor, deposit: Deposit, looked: bool, now: datetime) -> None:
    """Open what a board sent, at once or when its embargo ends, and write to it.

    looked: that a person has looked at each place which may tell a board that is not to be named.
    Raises RuleError for a deposit that is not filed, and where its files name such a board.
    """
    review = deposit.review
    if review is None:
        raise RuleError("say first which review it belongs to")
    reports = _ready(by, deposit)
    _check_anonymous(deposit, looked=looked)
    opens = _opening(deposit, now)
    state = State.EMBARGOED if opens else State.PUBLISHED
    for report in reports:
        change_state(by=by, thing=report, state=state, public_from=opens, now=now)
    if review.state in NOT_YET_OPEN:
        change_state(by=by, thing=review, state=state, public_from=opens, now=now)
    elif review.state not in OPENING:
        said = review.get_state_display().lower()
        raise RuleError(f"its review {review.reference} is {said}: open that first")
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
            "a file names the board, which is not to be named: return it and ask for another copy"
        )
    if check.hinted and not looked:
        raise RuleError("look at each place that may tell the board, and say that you did")


def _opening(deposit: Deposit, now: datetime) -> datetime | None:
    """The moment at which its embargo ends, None where it has none or it is over."""
    if deposit.embargo_until is None:
        return None
    ends = timezone.make_aware(datetime.combine(deposit.embargo_until, time()))
    return ends if ends > now else None


@in_turn
def return_deposit(*, by: Actor, deposit: Deposit, reason: str, now: datetime) -> None:
    """Do not take a deposit: write to the board why. Its files are shown to nobody any more.

    Raises RuleError without a reason, and where a file of it is open already.
    """
    deposits.undecided(by, deposit)
    reports = repository.check_of(deposit).reports
    for report in reports:
        if report.state not in NOT_YET_OPEN:
            raise RuleError(f"{report.file_name} was opened: withdraw it, then return the deposit")
        change_state(by=by, thing=report, state=State.WITHDRAWN, now=now)
    for review in {report.review for report in reports}:
        if review.state in NOT_YET_OPEN and not _holds_others(review, reports):
            change_state(by=by, thing=review, state=State.WITHDRAWN, now=now)
    deposits.note_returned(by=by, deposit=deposit, reason=reason, now=now)


def _holds_others(review: Review, reports: tuple[Report, ...]) -> bool:
    return review.reports.exclude(pk__in=[report.pk for report in reports]).exists()


def send_letter(*, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Send the letter that has waited longest; False where none is to be sent, or no server set."""
    if not can_send():
        return False
    letter = letters.lease_letter(now=clock())
    if letter is None:
        return False
    try:
        post(letter)
    except Unsent as error:
        letters.letter_failed(letter=letter, reason=str(error), final=error.final, now=clock())
    else:
        letters.letter_sent(letter=letter, now=clock())
        # Put back from a copy that does not contain this, the database would send it again.
        note_position()
    return True
