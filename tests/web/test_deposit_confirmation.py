"""A deposit counts once its mailbox is confirmed; strangers never delay or block others."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role
from waymark.documents import services as documents
from waymark.documents.files.storage import staging_folder
from waymark.documents.models import Intake, IntakeState
from waymark.library.models import Deposit, DepositMade, DepositState
from waymark.library.services.deposits import (
    CONFIRM_DAYS,
    MAX_A_DAY,
    MAX_OF_A_SITE,
    DepositOffer,
    TooManyDeposits,
    confirm_deposit,
    confirmation_token,
    take_deposit,
)
from waymark.mail.models import Letter
from waymark.pipeline.documents.deposits import drop_stale_deposits

pytestmark = pytest.mark.django_db

SENT = {
    "board": "Zennorshire Safeguarding Children Partnership",
    "contact_name": "A. Person",
    "contact_email": "board@zennorshire.example",
    "title": "Child Fern",
    "rights": "on",
    "available_years": "5",
}


@pytest.fixture(autouse=True)
def mail(settings, tmp_path):
    """A data folder, and a mail server that nobody asks: emails wait to be sent."""
    settings.DATA = tmp_path
    settings.SITE_ADDRESS = "https://library.example"
    settings.MAIL_SERVER = {**settings.MAIL_SERVER, "host": "mail.example"}


def send(title="Child Fern", address="192.0.2.1", client=None, **changed):
    file = SimpleUploadedFile("Fern.txt", f"1 Findings\n\n{title} was not seen.\n".encode())
    fields = {**SENT, "title": title, **changed, "files": [file]}
    return (client or Client()).post(reverse("deposit"), fields, REMOTE_ADDR=address)


def sent(**options):
    """The deposit of a form that was sent."""
    answer = send(**options)
    assert answer.status_code == 302, answer.content.decode()
    return Deposit.objects.latest("pk")


def link_in(letter):
    return re.search(r"https://library\.example(/deposit/confirm/\S+)", letter.body)[1]


@pytest.fixture
def keeper(client):
    person = make_person(Role.CATALOGUER, name="keeper")
    client.force_login(person)
    return person


def test_a_deposit_counts_once_its_sender_has_followed_the_link_and_pressed_the_button():
    answer = send()
    page = Client().get(answer["Location"]).content.decode()
    assert f"within {CONFIRM_DAYS} days" in page
    deposit, letter = Deposit.objects.get(), Letter.objects.get()
    assert (deposit.state, letter.to) == (DepositState.TO_CONFIRM, "board@zennorshire.example")
    assert letter.subject == f"Confirm your deposit {deposit.reference}"
    assert not pipeline.read_upload()
    # Programs that check emails open every link: opening it changes nothing.
    opened = Client().get(link_in(letter))
    assert "Confirm that you sent this deposit" in opened.content.decode()
    assert Deposit.objects.get().confirmed_at is None
    done = Client().post(link_in(letter))
    assert "Your deposit is confirmed" in done.content.decode()
    deposit.refresh_from_db()
    assert (deposit.state, bool(deposit.confirmed_at)) == (DepositState.RECEIVED, True)
    assert (
        Letter.objects.latest("pk").subject == f"We have received your deposit {deposit.reference}"
    )
    assert pipeline.read_upload()
    assert Intake.objects.get().state == IntakeState.STORED
    assert Client().post(link_in(letter)).status_code == 200
    assert Letter.objects.count() == 2


def test_the_link_is_in_the_email_alone():
    """The page after the form has a signed reference too: it confirms nothing."""
    shown = send()["Location"].rstrip("/").rpartition("/")[2]
    assert Client().post(reverse("confirm-deposit", args=[shown])).status_code == 404
    assert Client().post(reverse("confirm-deposit", args=["made-up"])).status_code == 404
    assert Deposit.objects.get().state == DepositState.TO_CONFIRM


def test_one_network_cannot_close_the_form_for_others():
    """The first 64 bits of an IPv6 address are one network: a program has as many as it wants."""
    for number in range(MAX_A_DAY):
        sent(
            title=f"Child {number}",
            address=f"2001:db8::{number:x}",
            contact_email=f"a{number}@b.example",
        )
    assert send(title="Child 11", address="2001:db8::ffff").status_code == 429
    assert send(title="Child 11", address="2001:db8:0:1::1").status_code == 302


def test_nor_can_all_networks_of_one_ipv6_site():
    """A site has 65,536 networks of 64 bits: enough to fill the room of everybody."""

    def take(number, origin):
        offer = DepositOffer("A board", "A. Person", f"a{number}@b.example", f"C{number}", "ours")
        reference = f"D2026-{number}"
        return take_deposit(
            by=AnonymousUser(),
            offer=offer,
            reference=reference,
            batch=reference,
            files=1,
            origin=origin,
            content=reference,
            now=timezone.now(),
        )

    for number in range(MAX_OF_A_SITE):
        take(number, f"2001:db8:5:{number:x}::/64")
    with pytest.raises(TooManyDeposits, match="not confirmed yet"):
        take(98, "2001:db8:5:ffff::/64")
    assert take(99, "2001:db8:6:1::/64").reference == "D2026-99"
    confirm_deposit(
        token=confirmation_token(Deposit.objects.get(reference="D2026-0")),
        files=1,
        now=timezone.now(),
    )
    assert take(98, "2001:db8:5:ffff::/64").reference == "D2026-98"


def test_a_network_whose_deposits_nobody_confirms_makes_no_more_on_the_next_day(keeper, client):
    for number in range(MAX_A_DAY):
        sent(title=f"Child {number}", contact_email=f"a{number}@b.example")
    DepositMade.objects.update(at=timezone.now() - timedelta(days=2))
    refused = send(title="Child 11")
    assert refused.status_code == 429
    assert "are not confirmed yet" in refused.content.decode()
    sent(title="Child 12", address="192.0.2.2")
    assert DepositMade.objects.count() == MAX_A_DAY + 1
    token = confirmation_token(Deposit.objects.earliest("pk"))
    Client().post(reverse("confirm-deposit", args=[token]))
    assert send(title="Child 11").status_code == 302


def test_deposits_that_nobody_confirmed_are_not_among_those_to_check(client, keeper):
    sent(title="Child Unproven")
    sent(title="Child Proven")
    confirm(Deposit.objects.get(title="Child Proven"))
    page = client.get(reverse("deposits")).content.decode()
    assert "Child Proven" in page
    assert "Child Unproven" not in page
    assert "1 deposit is not confirmed" in page
    apart = client.get(reverse("deposits"), {"state": "to_confirm"}).content.decode()
    assert "Child Unproven" in apart
    assert "Child Proven" not in apart
    work = client.get(reverse("my-work")).content.decode()
    assert "deposit to check" in work
    assert "not confirmed" not in work


def confirm(deposit):
    return pipeline.confirm_deposit(token=confirmation_token(deposit), now=timezone.now())


def test_without_a_mail_server_deposits_are_taken_and_staff_see_them_apart(
    client, keeper, settings
):
    settings.MAIL_SERVER = {**settings.MAIL_SERVER, "host": ""}
    answer = send()
    assert "Confirm it now" not in Client().get(answer["Location"]).content.decode()
    deposit = Deposit.objects.get()
    assert Letter.objects.get().subject == f"We have received your deposit {deposit.reference}"
    assert pipeline.read_upload()
    assert "deposit that is not confirmed" in client.get(reverse("my-work")).content.decode()
    assert "Phone the board" in see(client, deposit)
    client.post(reverse("deposit-check", args=[deposit.reference]), {"do": "begin"})
    deposit.refresh_from_db()
    assert deposit.state == DepositState.IN_CHECK
    # It was read, so it does not go by itself, also if mail is set up later.
    assert not drop_stale_deposits(timezone.now() + timedelta(days=30))


def see(client, deposit):
    return client.get(reverse("deposit-check", args=[deposit.reference])).content.decode()


def test_staff_who_know_the_board_begin_the_check_of_an_unconfirmed_deposit(client, keeper):
    deposit = sent()
    assert "not read before it is confirmed" in see(client, deposit)
    client.post(reverse("deposit-check", args=[deposit.reference]), {"do": "begin"})
    assert pipeline.read_upload()
    assert Deposit.objects.get().state == DepositState.IN_CHECK


def test_the_deposit_of_staff_needs_no_confirmation(client, keeper):
    assert send(client=client).status_code == 302
    assert Deposit.objects.get().state == DepositState.RECEIVED
    assert pipeline.read_upload()


def test_what_nobody_confirms_within_a_week_is_deleted_with_its_files(
    django_capture_on_commit_callbacks,
):
    deposit = sent()
    other = sent(title="Child Proven")
    confirm(other)
    now = timezone.now()
    assert not drop_stale_deposits(now + timedelta(days=CONFIRM_DAYS - 1))
    with django_capture_on_commit_callbacks(execute=True):
        assert drop_stale_deposits(now + timedelta(days=CONFIRM_DAYS, minutes=1))
    assert list(Deposit.objects.all()) == [other]
    staged = Intake.objects.get(batch=other.batch).staged
    assert [path.name for path in staging_folder().iterdir()] == [staged]
    entry = AuditEntry.objects.get(action="drop unconfirmed deposit")
    assert entry.subject == f"deposit {deposit.reference}"
    assert Client().get(link_in(Letter.objects.earliest("pk"))).status_code == 404


def test_staff_return_several_deposits_at_once_and_write_to_nobody_unproven(client, keeper):
    for name in ("One", "Two", "Three"):
        sent(title=f"Child {name}", contact_email=f"{name}@b.example")
    confirm(Deposit.objects.get(title="Child Two"))
    page = reverse("return-deposits")
    assert client.post(page, {"reason": "Spam."}).status_code == 400
    chosen = list(Deposit.objects.exclude(title="Child Three").values_list("reference", flat=True))
    answer = client.post(page, {"chosen": chosen, "reason": "It is no report."}, follow=True)
    assert "2 deposits returned." in answer.content.decode()
    states = dict(Deposit.objects.values_list("title", "state"))
    assert states == {
        "Child One": DepositState.RETURNED,
        "Child Two": DepositState.RETURNED,
        "Child Three": DepositState.TO_CONFIRM,
    }
    returned = Letter.objects.filter(key__endswith="returned")
    assert [letter.to for letter in returned] == ["Two@b.example"]
    unread = Intake.objects.get(batch=Deposit.objects.get(title="Child One").batch)
    assert (unread.state, unread.staged) == (IntakeState.REFUSED, "")


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER])
def test_nobody_else_returns_deposits(client, role):
    deposit = sent()
    if role:
        client.force_login(make_person(role))
    client.post(reverse("return-deposits"), {"chosen": [deposit.reference], "reason": "x"})
    assert Deposit.objects.get().state == DepositState.TO_CONFIRM


def test_files_of_staff_are_read_before_those_of_deposits(keeper):
    for number in range(3):
        confirm(sent(title=f"Child {number}"))
    file = SimpleUploadedFile("late.txt", b"1 Findings\n\nThe visits stopped.\n")
    documents.receive_upload(by=keeper, files=[file], batch="b", now=timezone.now())
    assert documents.lease_intake(now=timezone.now()).file_name == "late.txt"


# ---- quotas of uploads ----


def upload(person, size, name="a.txt"):
    file = SimpleUploadedFile(name, b"x" * size)
    return documents.receive_upload(by=person, files=[file], batch="b", now=timezone.now())


def test_an_account_adds_so_much_in_a_day_and_others_are_not_affected(keeper, settings):
    settings.UPLOADS_A_DAY_MIB = 1
    upload(keeper, 600_000)
    with pytest.raises(documents.UploadQuotaReached, match="1 MiB a day"):
        upload(keeper, 600_000)
    upload(make_person(Role.CATALOGUER), 600_000)
    Intake.objects.update(received_at=timezone.now() - timedelta(days=2))
    upload(keeper, 600_000)
    assert Intake.objects.count() == 3


def test_all_accounts_together_leave_so_much_unread_and_deposits_do_not_count(keeper, settings):
    settings.UPLOADS_WAITING_MIB = 1
    confirm(sent())
    Intake.objects.update(size=5_000_000)
    upload(keeper, 600_000)
    with pytest.raises(documents.UploadQuotaReached, match="wait to be read"):
        upload(make_person(Role.CATALOGUER), 600_000)
    Intake.objects.update(state=IntakeState.STORED)
    upload(keeper, 600_000)


def test_uploads_at_once_do_not_pass_a_quota_together(keeper, settings):
    """Another file comes while one is received: both were within the quota when they began."""
    settings.UPLOADS_A_DAY_MIB = 1

    class Slow(SimpleUploadedFile):
        def chunks(self, chunk_size=None):
            upload(keeper, 600_000, "fast.txt")
            yield from super().chunks(chunk_size)

    slow = Slow("slow.txt", b"x" * 600_000)
    with pytest.raises(documents.UploadQuotaReached, match="1 MiB a day"):
        documents.receive_upload(by=keeper, files=[slow], batch="b", now=timezone.now())
    assert [intake.file_name for intake in Intake.objects.all()] == ["fast.txt"]
    staged = [path.name for path in staging_folder().iterdir()]
    assert staged == [Intake.objects.get().staged]


def test_the_form_says_that_a_quota_is_used_up(client, keeper, settings):
    settings.UPLOADS_A_DAY_MIB = 1
    upload(keeper, 1_000_000)
    file = SimpleUploadedFile("b.txt", b"1 Findings\n\n" + b"x" * 100_000)
    answer = client.post(reverse("upload"), {"files": [file]})
    assert answer.status_code == 400
    assert "You can add 1 MiB a day" in answer.content.decode()


def test_a_quota_that_is_reached_between_two_files_shows_which_were_added(client, keeper, settings):
    """Others may use it up meanwhile. Here the limit is lowered when the first file is queued."""

    def lower(**_):
        settings.UPLOADS_A_DAY_MIB = 0

    files = [SimpleUploadedFile(f"{name}.txt", b"1 Findings\n\nIt stopped.\n") for name in "abc"]
    post_save.connect(lower, sender=Intake)
    try:
        answer = client.post(reverse("upload"), {"files": files}, follow=True)
    finally:
        post_save.disconnect(lower, sender=Intake)
    (added,) = Intake.objects.all()
    assert answer.redirect_chain == [(reverse("upload-batch", args=[added.batch]), 302)]
    assert "Added 1 of 3 files, up to a.txt. You can add 0 MiB a day" in answer.content.decode()
