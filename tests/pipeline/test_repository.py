"""Deposits, terms and tombstones, from the form to the letter."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.documents.making import typeset
from tests.factories import NOON, answer_description, answer_identifiers, make_person, make_review
from waymark import pipeline
from waymark.accounts import removals
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents import services as documents
from waymark.documents.models import Intake, IntakeState, Report, Review
from waymark.library import services as library
from waymark.library.models import (
    Deposit,
    DepositMade,
    DepositState,
    Removal,
    Retention,
    ReviewDetails,
)
from waymark.library.queries import repository
from waymark.library.queries.deposit_records import record_gaps
from waymark.library.services import deposits
from waymark.library.services.deposits import MAX_A_DAY, DepositOffer, TooManyDeposits
from waymark.mail.models import Letter
from waymark.pipeline.removals.replay_removals import close_again

DAY = timedelta(days=1)
BOARD = "Zennorshire Safeguarding Children Partnership"
TEXT = b"1 Findings\n\nThe visits stopped in May. Nobody asked why the child was not seen.\n"
OFFER = DepositOffer(
    board=BOARD,
    contact_name="A. Person",
    contact_email="board@zennorshire.example",
    title="Child Fern",
    rights="The board holds the copyright and may publish it.",
)


@pytest.fixture
def keeper(db):
    return make_person(Role.CATALOGUER, name="keeper")


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


def offered(*files, origin="192.0.2.1", now=NOON, confirmed=True, **changed):
    """A deposit of these files (name, bytes), read by the worker; its identifiers are answered.

    confirmed: its sender follows the link in the email.
    """
    deposit = pipeline.receive_deposit(
        by=AnonymousUser(),
        offer=DepositOffer(**{**{n: getattr(OFFER, n) for n in OFFER.__slots__}, **changed}),
        files=[SimpleUploadedFile(name, content) for name, content in files],
        origin=origin,
        now=now,
    )
    if confirmed:
        pipeline.confirm_deposit(token=deposits.confirmation_token(deposit), now=now)
    while pipeline.read_upload(clock=lambda: now):
        pass
    answer_identifiers()
    deposit.refresh_from_db()
    return deposit


def reports_of(deposit):
    return list(Report.objects.filter(intakes__batch=deposit.batch).order_by("pk"))


# ---- deposits ----


def test_a_deposit_waits_for_staff_with_its_files_read_and_its_acknowledgement_written(db, data):
    deposit = offered(("Fern.txt", TEXT), ("Fern plan.txt", TEXT + b"Plan.\n"))
    first, second = reports_of(deposit)
    assert first.review == second.review
    assert (first.state, first.review.state, deposit.state) == ("received", "received", "received")
    assert repository.check_of(deposit).waiting == 0
    letter = Letter.objects.get()
    assert letter.to == "board@zennorshire.example"
    assert deposit.reference in letter.subject
    assert "2 files" in letter.body
    assert "five" not in letter.body
    assert "5 years" in letter.body
    assert letter.sent_at is None


def test_a_letter_says_nothing_of_the_case_and_repeats_nothing_that_was_typed(db, data, keeper):
    deposit = offered(("Fern.txt", TEXT), note="See https://elsewhere.example")
    pipeline.return_deposit(by=keeper, deposit=deposit, reason="Page 2 is missing.", now=NOON)
    for letter in Letter.objects.all():
        letter_text = f"{letter.subject}\n{letter.body}"
        for typed in ("Zennor", "Fern", "A. Person", "elsewhere", "copyright and may"):
            assert typed not in letter_text
    assert "Page 2 is missing." in Letter.objects.get(key__endswith="returned").body


def test_a_deposit_is_seen_by_those_who_handle_deposits_alone(db, data):
    deposit = offered(("Fern.txt", TEXT))
    assert repository.deposit_for(deposit.reference, make_person(Role.EDITOR)) == deposit
    for person in (AnonymousUser(), *(make_person(role) for role in (Role.READER, Role.CODER))):
        with pytest.raises(NotPermitted):
            repository.listed_deposits(person)
        with pytest.raises(NotPermitted):
            repository.deposit_for(deposit.reference, person)


def test_one_address_makes_ten_deposits_in_a_day_and_then_waits(db, data):
    for number in range(MAX_A_DAY):
        offered(
            (f"{number}.txt", TEXT + bytes([65 + number])), contact_email=f"a{number}@b.example"
        )
    with pytest.raises(TooManyDeposits, match="deposits a day"):
        offered(("more.txt", TEXT))
    assert Deposit.objects.count() == MAX_A_DAY
    assert Intake.objects.filter(state=IntakeState.WAITING).count() == 0
    offered(("other.txt", TEXT + b"other"), origin="192.0.2.2")
    offered(("more.txt", TEXT), now=NOON + DAY)
    assert DepositMade.objects.filter(at__lte=NOON).count() == 0


def test_the_same_deposit_sent_twice_within_a_day_is_one(db, data, keeper):
    files = (("Fern.txt", TEXT), ("Plan.txt", TEXT + b"Plan."))
    first = offered(*files)
    staged = set((data / "staging").iterdir())
    sender = "Board@Zennorshire.example"
    again = offered(*reversed(files), contact_email=sender, now=NOON + DAY / 2)
    assert again == first
    assert Intake.objects.count() == 2
    assert Letter.objects.count() == 1
    assert set((data / "staging").iterdir()) == staged


@pytest.mark.parametrize(
    ("files", "changed"),
    [
        ((("Fern.txt", TEXT + b"More."),), {}),
        ((("Fern.txt", TEXT),), {"contact_email": "other@zennorshire.example"}),
        ((("Fern.txt", TEXT),), {"anonymous": True}),
        ((("Fern.txt", TEXT),), {"note": "A correction."}),
        ((("Fern.txt", TEXT),), {"now": NOON + DAY}),
    ],
)
def test_other_files_another_sender_a_correction_or_a_later_day_make_another(
    db, data, files, changed
):
    first = offered(("Fern.txt", TEXT))
    assert offered(*files, **changed) != first


def test_what_was_returned_can_be_sent_again_on_the_same_day(db, data, keeper):
    first = offered(("Fern.txt", TEXT))
    pipeline.return_deposit(by=keeper, deposit=first, reason="It is a draft.", now=NOON)
    assert offered(("Fern.txt", TEXT)) != first


def test_nobody_has_a_stranger_flooded_with_letters(db, data):
    for number in range(MAX_A_DAY):
        offered((f"{number}.txt", TEXT + bytes([65 + number])), origin=f"192.0.2.{number}")
    with pytest.raises(TooManyDeposits):
        offered(
            ("more.txt", TEXT), origin="198.51.100.7", contact_email="BOARD@zennorshire.example"
        )


def test_too_many_waiting_deposits_close_the_door_for_all(db, data, monkeypatch):
    monkeypatch.setattr(deposits, "MAX_WAITING", 2)
    first = offered(("1.txt", TEXT))
    offered(("2.txt", TEXT + b"2"))
    with pytest.raises(TooManyDeposits, match="unchecked"):
        offered(("3.txt", TEXT + b"3"))
    pipeline.begin_check(by=None, deposit=first, now=NOON)
    offered(("3.txt", TEXT + b"3"))


def test_what_nobody_could_read_is_told_and_makes_no_review(db, data, keeper):
    deposit = offered(("broken.pdf", b"%PDF-1.4 nothing"))
    check = repository.check_of(deposit)
    assert check.reports == ()
    assert check.files[0].intake.reason
    assert not Review.objects.exists()
    with pytest.raises(RuleError, match="none of its files"):
        pipeline.file_as_new(
            by=keeper, deposit=deposit, reference="F1", title="Child Fern", now=NOON
        )
    pipeline.return_deposit(by=keeper, deposit=deposit, reason="It cannot be opened.", now=NOON)


def test_hidden_words_of_a_deposit_are_told_to_those_who_check_it(db, data):
    page = b"<html><body><h1>A report</h1><p>Open words here.</p><p hidden>The name is Wren.</p>"
    deposit = offered(("report.html", page))
    report = repository.check_of(deposit).files[0].report
    assert "cannot be seen" in " ".join(report.warnings)
    assert "Wren" not in " ".join(report.warnings)
    assert [text.words for text in report.hidden_texts.all()] == ["The name is Wren."]


def test_a_board_named_in_hidden_text_is_told_to_those_who_check_it(db, data):
    page = f"<html><body><h1>A report</h1><p>Open words here.</p><p hidden>{BOARD}</p>"
    deposit = offered(("report.html", page.encode()), anonymous=True)
    assert repository.check_of(deposit).named


def test_a_board_named_in_a_running_header_is_told_to_those_who_check_it(db, data, tmp_path):
    source = (
        f"#set page(header: [Report of \\ {BOARD}])\n= Findings\nThe visits stopped in May.\n"
        "#pagebreak()\nNobody asked why."
    )
    file = typeset(source, tmp_path / "headed.pdf")
    deposit = offered(("headed.pdf", file.read_bytes()), anonymous=True)
    check = repository.check_of(deposit)
    assert [(trace.page, trace.whole) for trace in check.files[0].named] == [(1, True), (2, True)]


def test_a_deposit_with_hidden_text_is_published_once_somebody_found_it_harmless(db, data, keeper):
    page = b"<html><body><h1>A report</h1><p>Open words here.</p><p hidden>The name is Wren.</p>"
    deposit = offered(("report.html", page))
    pipeline.file_as_new(by=keeper, deposit=deposit, reference="F1", title="Child Fern", now=NOON)
    deposit.refresh_from_db()
    answer_description(deposit.review)
    with pytest.raises(RuleError, match="hidden text that nobody has marked as harmless"):
        pipeline.publish_deposit(by=keeper, deposit=deposit, looked=True, incomplete=True, now=NOON)
    report = Report.objects.get()
    assert (report.state, Review.objects.get().state) == (State.RECEIVED, State.RECEIVED)
    documents.answer_hidden_text(
        by=keeper, report=report, kind="invisible", verdict="harmless", answer="A menu", now=NOON
    )
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=True, incomplete=True, now=NOON)
    assert Report.objects.get().state == State.PUBLISHED


def test_the_author_that_a_pdf_names_is_told_and_looked_through_for_the_board(db, data, tmp_path):
    named = (
        '#set document(author: "A. Writer, Zennorshire")\n= Findings\nThe visits stopped in May.'
    )
    file = typeset(named, tmp_path / "named.pdf")
    deposit = offered(("named.pdf", file.read_bytes()), anonymous=True)
    check = repository.check_of(deposit)
    words = check.files[0].report.hidden_texts.values_list("kind", "words")
    assert list(words) == [("metadata", "A. Writer, Zennorshire")]
    assert [(trace.page, trace.words) for trace in check.files[0].named] == [(0, "Zennorshire")]


def test_a_deposit_becomes_a_review_and_is_published_with_its_term_and_a_letter(db, data, keeper):
    deposit = offered(("Fern.txt", TEXT), available_years=3)
    pipeline.begin_check(by=keeper, deposit=deposit, now=NOON)
    assert reports_of(deposit)[0].state == State.IN_CHECK
    review = pipeline.file_as_new(
        by=keeper, deposit=deposit, reference="F1", title="Child Fern", now=NOON
    )
    assert (review.reference, review.board) == ("F1", BOARD)
    deposit.refresh_from_db()
    answer_description(deposit.review)
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=False, incomplete=True, now=NOON)
    (report,) = reports_of(deposit)
    assert (report.state, report.review.state) == ("published", "published")
    assert Retention.objects.get(report=report).until == date(2029, 5, 4)
    deposit.refresh_from_db()
    assert (deposit.state, deposit.decided_by) == (DepositState.PUBLISHED, keeper)
    assert "4 May 2029" in Letter.objects.get(key__endswith="published").body
    with pytest.raises(RuleError, match="already published"):
        pipeline.return_deposit(by=keeper, deposit=deposit, reason="No.", now=NOON)


def test_withdrawing_what_a_board_sent_tells_the_board_once(db, data, keeper):
    deposit = offered(("Fern.txt", TEXT))
    pipeline.begin_check(by=keeper, deposit=deposit, now=NOON)
    pipeline.file_as_new(by=keeper, deposit=deposit, reference="F1", title="Child Fern", now=NOON)
    deposit.refresh_from_db()
    answer_description(deposit.review)
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=False, incomplete=True, now=NOON)
    (report,) = reports_of(deposit)
    for item in (report, deposit.review):
        pipeline.change_state(by=keeper, item=item, state=State.WITHDRAWN, now=NOON)
    letter = Letter.objects.get(key__contains="withdrawn")
    assert letter.to == "ann@board.example" or "@" in letter.to
    assert deposit.reference in letter.body
    assert "Fern" not in letter.body


def test_a_withdrawal_repeated_after_a_restore_does_not_tell_the_board_again(db, data, keeper):
    """The backup is of before the withdrawal; the board was told of it by the newer database."""
    deposit = offered(("Fern.txt", TEXT))
    pipeline.begin_check(by=keeper, deposit=deposit, now=NOON)
    pipeline.file_as_new(by=keeper, deposit=deposit, reference="F1", title="Child Fern", now=NOON)
    deposit.refresh_from_db()
    answer_description(deposit.review)
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=False, incomplete=True, now=NOON)
    (report,) = reports_of(deposit)
    for item in (report, deposit.review):
        subject, opening = item.audit_subject(), (State.WITHDRAWN, None)
        line = removals.state_line(subject=subject, opening=opening, now=NOON)
        assert close_again(subject, {(subject, removals.STATE, 0): line}, NOON)
    assert Review.objects.get().state == State.WITHDRAWN
    assert not Letter.objects.filter(key__contains="withdrawn").exists()


def test_a_deposit_that_is_not_catalogued_is_published_only_on_purpose(db, data, keeper):
    deposit = offered(("Fern.txt", TEXT))
    review = pipeline.file_as_new(
        by=keeper, deposit=deposit, reference="F1", title="Child Fern", now=NOON
    )
    deposit.refresh_from_db()
    answer_description(review)
    gaps = "no nation, no date of completion or publication and no subject"
    with pytest.raises(RuleError, match=f"the record of F1 has {gaps}: catalogue it first"):
        pipeline.publish_deposit(
            by=keeper, deposit=deposit, looked=True, incomplete=False, now=NOON
        )
    assert not repository.is_public(Review.objects.get(), NOON)
    Review.objects.update(nation="England", published_on=date(2026, 5, 1))
    assert record_gaps(Review.objects.get()) == ["subject"]
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=True, incomplete=True, now=NOON)
    assert repository.is_public(Review.objects.get(), NOON)


def test_what_a_deposit_brought_is_published_with_the_deposit_alone(db, data, keeper):
    deposit = offered(("Fern.txt", TEXT))
    (report,) = reports_of(deposit)
    for item in (report, report.review):
        with pytest.raises(RuleError, match="nobody has decided on its deposit"):
            pipeline.change_state(by=keeper, item=item, state=State.PUBLISHED, now=NOON)
    assert not Review.objects.filter(state=State.PUBLISHED).exists()


def test_an_embargo_of_the_board_ends_at_midnight_of_its_day_and_the_term_begins_then(
    db, data, keeper
):
    deposit = offered(("Fern.txt", TEXT), embargo_until=date(2026, 6, 1))
    pipeline.file_as_new(by=keeper, deposit=deposit, reference="F1", title="Child Fern", now=NOON)
    deposit.refresh_from_db()
    answer_description(deposit.review)
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=False, incomplete=True, now=NOON)
    review = Review.objects.get(reference="F1")
    # Midnight in London in summer is 23:00 UTC the day before.
    assert review.public_from.isoformat() == "2026-05-31T23:00:00+00:00"
    before, after = review.public_from - timedelta(seconds=1), review.public_from
    assert not repository.is_public(review, before)
    assert repository.is_public(review, after)
    assert Retention.objects.get().until == date(2031, 6, 1)


def test_the_files_of_a_deposit_can_go_to_a_review_that_is_here(db, data, keeper):
    there = make_review("T1", board=BOARD)
    library.catalogue_review(by=None, review=there, now=NOON)
    deposit = offered(("Fern.txt", TEXT))
    pipeline.file_under(by=keeper, deposit=deposit, review=there, now=NOON)
    assert [report.review for report in reports_of(deposit)] == [there]
    assert not Review.objects.filter(reference=deposit.reference).exists()
    deposit.refresh_from_db()
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=False, incomplete=True, now=NOON)
    assert reports_of(deposit)[0].state == State.PUBLISHED


def test_a_filed_deposit_is_not_filed_again_from_a_page_that_shows_it_as_before(db, data, keeper):
    there = make_review("T1", board=BOARD)
    deposit = offered(("Fern.txt", TEXT))
    stale = Deposit.objects.get()
    pipeline.file_as_new(by=keeper, deposit=deposit, reference="F1", title="Child Fern", now=NOON)
    with pytest.raises(RuleError, match="is already filed as F1"):
        pipeline.file_as_new(by=keeper, deposit=stale, reference="F2", title="Another", now=NOON)
    with pytest.raises(RuleError, match="is already filed as F1"):
        pipeline.file_under(by=keeper, deposit=stale, review=there, now=NOON)
    (report,) = reports_of(deposit)
    assert (report.review.reference, report.review.title) == ("F1", "Child Fern")


def test_a_deposit_of_stored_files_alone_is_added_to_their_review_and_never_publishes_it(
    db, data, keeper
):
    first, second = offered(("Fern.txt", TEXT)), offered(("Fern.txt", TEXT), note="Again.")
    review = pipeline.file_as_new(
        by=keeper, deposit=first, reference="F1", title="Child Fern", now=NOON
    )
    answer_description(review)
    with pytest.raises(RuleError, match="its files are already stored with F1: add the deposit"):
        pipeline.file_as_new(by=keeper, deposit=second, reference="F2", title="Fern", now=NOON)
    Review.objects.update(state=State.WITHDRAWN)
    with pytest.raises(RuleError, match="F1 is withdrawn: restore it on its page Visibility"):
        pipeline.file_under(by=keeper, deposit=second, review=Review.objects.get(), now=NOON)
    Review.objects.update(state=State.IN_CHECK)
    pipeline.file_under(by=keeper, deposit=second, review=review, now=NOON)
    publish = {"by": keeper, "looked": False, "incomplete": True, "now": NOON}
    with pytest.raises(RuleError, match="it brought no file of its own: publish F1 first"):
        pipeline.publish_deposit(deposit=Deposit.objects.get(pk=second.pk), **publish)
    assert not repository.is_public(Review.objects.get(), NOON)
    for deposit in (first, second):
        pipeline.publish_deposit(deposit=Deposit.objects.get(pk=deposit.pk), **publish)
    assert repository.is_public(Review.objects.get(), NOON)
    assert set(Deposit.objects.values_list("state", flat=True)) == {DepositState.PUBLISHED}


def test_a_returned_deposit_is_shown_to_nobody_and_leaves_no_tombstone(db, data, keeper):
    deposit = offered(("Fern.txt", TEXT))
    with pytest.raises(RuleError, match="why you are returning it"):
        pipeline.return_deposit(by=keeper, deposit=deposit, reason="  ", now=NOON)
    pipeline.return_deposit(by=keeper, deposit=deposit, reason="Page 2 is missing.", now=NOON)
    (report,) = reports_of(deposit)
    assert (report.state, report.review.state) == ("withdrawn", "withdrawn")
    assert not Removal.objects.exists()
    assert repository.tombstone_of(report, AnonymousUser(), NOON) is None


# ---- a board that is not to be named ----


def test_an_anonymous_deposit_names_its_board_nowhere_but_to_staff_who_handle_it(db, data, keeper):
    deposit = offered(("Zennorshire Fern.txt", TEXT), anonymous=True)
    with pytest.raises(RuleError, match="“Zennorshire” names the board"):
        pipeline.file_as_new(
            by=keeper, deposit=deposit, reference="F1", title="A Zennorshire child", now=NOON
        )
    review = pipeline.file_as_new(
        by=keeper, deposit=deposit, reference="F1", title="A child of three", now=NOON
    )
    deposit.refresh_from_db()
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=False, incomplete=True, now=NOON)
    (report,) = reports_of(deposit)
    assert review.board == ""
    assert ReviewDetails.objects.get(review=review).anonymous
    assert (report.title, report.file_name) == ("A child of three", f"{deposit.reference}-1.txt")
    written = [str(row) for row in AuditEntry.objects.values()]
    written += [str(row) for row in Review.objects.values()] + [
        str(r) for r in Report.objects.values()
    ]
    written += [str(row) for row in Intake.objects.values()]
    assert not [text for text in written if "zennor" in text.casefold()]


def test_an_anonymous_file_that_names_the_board_is_not_published(db, data, keeper):
    deposit = offered(("a.txt", TEXT + BOARD.upper().encode() + b" met.\n"), anonymous=True)
    pipeline.file_as_new(by=keeper, deposit=deposit, reference="F1", title="A child", now=NOON)
    deposit.refresh_from_db()
    with pytest.raises(RuleError, match="a file names the board"):
        pipeline.publish_deposit(by=keeper, deposit=deposit, looked=True, incomplete=True, now=NOON)


def test_a_word_that_may_tell_the_board_has_to_be_looked_at(db, data, keeper):
    deposit = offered(("a.txt", TEXT + b"The family moved to Zennorshire.\n"), anonymous=True)
    pipeline.file_as_new(by=keeper, deposit=deposit, reference="F1", title="A child", now=NOON)
    deposit.refresh_from_db()
    (file,) = repository.check_of(deposit).files
    assert [(trace.page, trace.words, trace.whole) for trace in file.named] == [
        (1, "Zennorshire", False)
    ]
    with pytest.raises(RuleError, match="check each place"):
        pipeline.publish_deposit(
            by=keeper, deposit=deposit, looked=False, incomplete=True, now=NOON
        )
    pipeline.publish_deposit(by=keeper, deposit=deposit, looked=True, incomplete=True, now=NOON)
