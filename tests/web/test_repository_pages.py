"""The pages of the repository: depositing, checking, withdrawing, keeping; tombstones; what
search engines may list."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    NOON,
    answer_description,
    answer_identifiers,
    make_person,
    make_report,
    make_review,
)
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.documents.files.storage import original_path, page_images_folder
from waymark.documents.models import Intake, Page, Report, Review
from waymark.library.access.indexing_policy import RULES, RecordClass
from waymark.library.models import (
    Deposit,
    DepositState,
    Removal,
    Resource,
    Retention,
)
from waymark.library.services import catalogue_resource, catalogue_review
from waymark.library.services.deposits import confirmation_token
from waymark.library.services.resources import set_resource_state
from waymark.mail.models import Letter
from waymark.web.middleware.robots import PAGES, name_is_listed

pytestmark = pytest.mark.django_db

BOARD = "Zennorshire Safeguarding Children Partnership"
PAST = {"embargo_until_day": "1", "embargo_until_month": "1", "embargo_until_year": "2001"}
TEXT = b"1 Findings\n\nThe visits stopped in May. Nobody asked why the child was not seen.\n"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


@pytest.fixture
def keeper(client):
    person = make_person(Role.CATALOGUER, name="cataloguer")
    client.force_login(person)
    return person


def inputs(name, iso):
    """A date as its three inputs send it."""
    return dict(zip((f"{name}_year", f"{name}_month", f"{name}_day"), iso.split("-"), strict=True))


def words(answer):
    """The words of a page, without its markup."""
    said = answer.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", said).replace("&#x27;", "'").split())


def sent(client, *, files=None, **changed):
    """The answer to the form of deposits, filled in and changed."""
    said = {
        "board": BOARD,
        "contact_name": "A. Person",
        "contact_email": "board@zennorshire.example",
        "title": "Child Fern",
        "rights": "on",
        "available_years": "5",
        **changed,
    }
    said = {name: value for name, value in said.items() if value is not None}
    files = [SimpleUploadedFile("Fern.txt", TEXT)] if files is None else files
    return client.post(reverse("deposit"), {**said, "files": files})


def deposited(**changed):
    """A deposit whose files have been read and whose possible identifiers have been answered."""
    answer = sent(Client(), **changed)
    assert answer.status_code == 302, words(answer)
    link = confirmation_token(Deposit.objects.latest("pk"))
    assert Client().post(reverse("confirm-deposit", args=[link])).status_code == 200
    pipeline.run_worker(once=True)
    answer_identifiers()
    return Deposit.objects.latest("pk")


# ---- depositing ----


def test_a_visitor_deposits_a_report_and_is_told_its_reference(client):
    answer = sent(client)
    told = client.get(answer["Location"])
    made = Deposit.objects.get()
    assert made.reference in words(told)
    assert BOARD not in words(told)
    assert Intake.objects.get().batch == made.batch
    assert Letter.objects.get().to == "board@zennorshire.example"
    assert client.get("/deposit/received/nonsense/").status_code == 404


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"board": " "}, "board", "Enter the name of the board"),
        ({"contact_name": ""}, "contact_name", "Enter a contact name"),
        ({"contact_email": "nobody"}, "contact_email", "Enter an email address"),
        ({"contact_email": "a@b.example\nBcc: c@d.example"}, "contact_email", "an email address"),
        ({"title": ""}, "title", "Enter the title"),
        ({"rights": None}, "rights", "the right to publish this report"),
        ({"embargo_until_year": "2001"}, "embargo_until_0", "must include a day"),
        (PAST, "embargo_until_0", "a day after today"),
        ({"available_years": "99"}, "available_years", "Choose how long"),
        ({"files": []}, "files", "Choose a file"),
        ({"homepage": "https://spam.example"}, "homepage", "Leave this field empty"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(client, changed, field, message):
    answer = sent(client, **changed)
    assert answer.status_code == 400
    said = answer.content.decode()
    assert f'<a href="#{field}">' in said
    assert f'id="{field}"' in said
    assert message in words(answer)
    assert not Deposit.objects.exists()
    assert not Intake.objects.exists()
    assert not Letter.objects.exists()


def test_a_file_that_is_too_large_is_told_to_the_board_at_once_and_nothing_is_kept(
    client, settings
):
    settings.MAX_UPLOAD_MIB = 1
    large = SimpleUploadedFile("large.pdf", b"%PDF" + bytes(1024 * 1024))
    answer = sent(client, files=[large, SimpleUploadedFile("Fern.txt", TEXT)])
    assert answer.status_code == 400
    assert "large.pdf is larger than 1 MiB" in words(answer)
    assert not Deposit.objects.exists()
    assert not Intake.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("report.exe", b"MZ" + bytes(200), "report.exe is not a PDF, DOCX, ODT, HTML, email"),
        ("scan.png", b"\x89PNG\r\n\x1a\n" + bytes(99), "scan.png is an image"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + bytes(99), "old.doc is an old or locked Office document"),
        ("nothing.pdf", b"", "nothing.pdf is empty"),
    ],
)
def test_a_board_is_told_at_once_of_a_file_that_nobody_can_read(client, name, content, message):
    files = [SimpleUploadedFile("Fern.txt", TEXT), SimpleUploadedFile(name, content)]
    answer = sent(client, files=files)
    assert answer.status_code == 400
    assert words(answer).count(message) == 2  # in the summary and beside the field
    assert "Choose your files again" not in words(answer)
    assert words(answer).count("Fern.txt") == 1  # the kept one, ticked for sending
    assert not Deposit.objects.exists()
    assert not Intake.objects.exists()


def test_after_ten_deposits_of_an_address_nothing_more_is_kept_that_day(client, settings):
    for number in range(10):
        files = [SimpleUploadedFile(f"{number}.txt", TEXT + bytes([65 + number]))]
        assert sent(client, files=files, contact_email=f"a{number}@b.example").status_code == 302
    answer = sent(client, contact_email="another@b.example")
    assert answer.status_code == 429
    assert "10 deposits a day" in words(answer)
    assert Deposit.objects.count() == 10
    assert "10 deposits a day" in words(client.get(reverse("deposit")))
    settings.HTTPS = True
    elsewhere = {"HTTP_X_FORWARDED_FOR": "198.51.100.9", "HTTP_X_FORWARDED_PROTO": "https"}
    assert "10 deposits a day" not in words(client.get(reverse("deposit"), **elsewhere))


def test_a_site_that_takes_no_deposits_has_no_form(client, settings):
    settings.DEPOSITS = False
    assert client.get(reverse("deposit")).status_code == 404
    assert sent(client).status_code == 404
    assert reverse("deposit") not in client.get("/about/").content.decode()


def test_a_deposit_sent_from_another_site_is_refused():
    guarded = Client(enforce_csrf_checks=True)
    assert sent(guarded).status_code == 403
    assert not Deposit.objects.exists()


# ---- checking ----


def test_staff_check_a_deposit_make_it_a_review_and_publish_it(client, keeper):
    made = deposited()
    page = reverse("deposit-check", args=[made.reference])
    assert "Child Fern" in words(client.get(reverse("deposits")))
    assert "Fern.txt" in words(client.get(page))
    client.post(page, {"do": "begin"})
    answer = client.post(page, {"do": "new", "new_reference": "a b", "new_title": "Child Fern"})
    assert answer.status_code == 400
    assert 'value="a b"' in answer.content.decode()
    client.post(page, {"do": "new", "new_reference": "F1", "new_title": "Child Fern"})
    refused = client.post(page, {"do": "publish"})
    assert reverse("review-words", args=["F1"]) in refused.content.decode()
    answer_description(Review.objects.get(reference="F1"))
    uncatalogued = client.post(page, {"do": "publish"})
    assert uncatalogued.status_code == 400
    assert "It is not catalogued yet" in words(uncatalogued)
    assert reverse("edit-review", args=["F1"]) in uncatalogued.content.decode()
    assert Client().get(reverse("review", args=["F1"])).status_code == 404
    assert client.post(page, {"do": "publish", "incomplete": "on"}).status_code == 302
    assert Client().get(reverse("review", args=["F1"])).status_code == 200
    assert Deposit.objects.get().state == DepositState.PUBLISHED
    said = words(client.get(page))
    assert "waiting to be sent" in said
    assert "What next" not in said


STATED = b"""Serious case review: Child Fern

Zennorshire Safeguarding Children Board

1 Summary

The review was completed on 12 March 2013. It was published on 4 May 2014.
"""


def test_title_board_and_dates_are_proposed_from_the_file_and_saved_as_a_person_confirms_them(
    client, keeper
):
    made = deposited(title="Our report", files=[SimpleUploadedFile("Fern.txt", STATED)])
    page = reverse("deposit-check", args=[made.reference])
    shown = client.get(page).content.decode()
    assert 'value="Serious case review: Child Fern"' in shown
    assert "“completed on 12 March 2013”" in shown
    report = Report.objects.get()
    place = reverse("report-page", args=[report.key, 1])
    assert shown.count(f'<b>Proposed.</b> The report says on <a href="{place}">page 1') == 4
    assert 'name="completed_on_year" value="2013"' in shown
    assert not Review.objects.filter(completed_on__isnull=False).exists()
    client.post(
        page,
        {
            "do": "new",
            "new_reference": "F1",
            "new_title": "Child Fern",
            "new_board": BOARD,
            **inputs("completed_on", "2013-03-13"),
        },
    )
    review = Review.objects.get(reference="F1")
    assert (review.title, review.board) == ("Child Fern", BOARD)
    assert (review.completed_on.isoformat(), review.published_on) == ("2013-03-13", None)


def test_nothing_that_names_the_board_is_proposed_where_it_is_not_to_be_named(client, keeper):
    text = STATED.replace(b"Serious case review", b"Zennorshire case review")
    made = deposited(anonymous="on", files=[SimpleUploadedFile("Fern.txt", text)])
    shown = client.get(reverse("deposit-check", args=[made.reference])).content.decode()
    assert "“completed on 12 March 2013”" in shown
    assert 'name="new_board"' not in shown
    assert 'value="Zennorshire' not in shown


def test_a_returned_deposit_keeps_its_reason(client, keeper):
    made = deposited()
    page = reverse("deposit-check", args=[made.reference])
    assert client.post(page, {"do": "return", "reason": ""}).status_code == 400
    client.post(page, {"do": "return", "reason": "Page 2\r\nis missing."})
    assert Deposit.objects.get().returned_because == "Page 2\nis missing."
    assert "Page 2" in words(client.get(page))
    assert client.post(page, {"do": "begin"}).status_code == 400
    assert client.post(page, {"do": "nonsense"}).status_code == 400


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.ANALYST])
def test_nobody_else_sees_or_decides_a_deposit(client, role):
    made = deposited()
    if role:
        client.force_login(make_person(role))
    for name, args in (
        ("deposits", ()),
        ("deposit-check", (made.reference,)),
        ("letters", ()),
        ("keeping", ()),
    ):
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == (403 if role else 302), name
        assert "Fern" not in words(answer)
    for do in ("begin", "new", "publish", "return"):
        client.post(reverse("deposit-check", args=[made.reference]), {"do": do, "reason": "x"})
    assert Deposit.objects.get().state == DepositState.RECEIVED


def test_a_board_that_is_not_to_be_named_is_named_on_no_page_of_the_public(client, keeper):
    made = deposited(anonymous="on", files=[SimpleUploadedFile("Zennorshire.txt", TEXT)])
    page = reverse("deposit-check", args=[made.reference])
    client.post(page, {"do": "new", "new_reference": "F1", "new_title": "A child of three"})
    client.post(page, {"do": "publish", "incomplete": "on"})
    pipeline.run_worker(once=True)
    report = Report.objects.get()
    visitor = Client()
    told = words(visitor.get(reverse("review", args=["F1"])))
    assert "Board not named" in told
    addresses = [
        "/",
        "/find/",
        "/find/?q=child",
        reverse("review", args=["F1"]),
        reverse("report-page", args=[report.key, 1]),
        reverse("passage", args=[report.passages.last().key]),
        "/sitemap.xml",
        "/library/feed.atom",
        "/library/results.ris?q=child",
    ]
    for address in addresses:
        said = visitor.get(address).content.decode()
        assert "ennorshire" not in said, address
    assert "A child of three" in visitor.get("/find/?q=child").content.decode()


# ---- letters ----


def test_letters_wait_where_there_is_no_mail_server_and_staff_see_it(client, keeper):
    deposited()
    assert "No mail server is set, so 1 email waits." in words(client.get(reverse("deposits")))
    letter = Letter.objects.get()
    letter.failed = "550 no such mailbox"
    letter.save()
    assert "550 no such mailbox" in words(client.get(reverse("letters")))
    client.post(reverse("letter-again", args=[letter.pk]))
    letter.refresh_from_db()
    assert letter.failed == ""


# ---- withdrawing, and tombstones ----


@pytest.fixture
def shown(db):
    """A public review with one report, a page image drawn, in the catalogue."""
    review = make_review("T1", title="Review kxtitle", summary="About kxsummary.", board="kxboard")
    report = make_report(review, "The kxtext stopped in May.")
    Page.objects.filter(report=report).update(has_image=True)
    catalogue_review(by=None, review=review, now=NOON)
    kept = page_images_folder() / report.key[:2] / f"{report.key}-1-1240.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"PNG kximage")
    (kept.parent / f"{report.key}-1-480.webp").write_bytes(b"WEBP kximage")
    return report


def places_of(report):
    """Every address of a report and its review."""
    passage = report.passages.get().key
    return [
        reverse("review", args=[report.review.reference]),
        reverse("report", args=[report.key]),
        reverse("report-page", args=[report.key, 1]),
        reverse("to-page", args=[report.key]),
        reverse("page-image", args=[report.key, 1]),
        reverse("page-image-webp", args=[report.key, 1, 480]),
        reverse("passage", args=[passage]),
        reverse("passage-page", args=[passage]),
    ]


def test_a_withdrawn_review_has_a_tombstone_at_each_of_its_addresses(
    client, keeper, shown, django_capture_on_commit_callbacks
):
    make_review("T2", title="The corrected review")
    catalogue_review(by=None, review=Review.objects.get(reference="T2"), now=NOON)
    page = reverse("withdraw-review", args=["T1"])
    assert "No published overview counts this review." in words(client.get(page))
    assert client.post(page, {"reason": ""}).status_code == 400
    assert client.post(page, {"reason": "Wrong.", "successor": "none"}).status_code == 400
    said = {"reason": "A corrected version has taken its place.", "successor": "T2"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, said).status_code == 302
    assert not list(page_images_folder().rglob("*.*"))
    for who in (Client(), client):
        for address in places_of(shown):
            answer = who.get(address)
            assert answer.status_code == 410, address
            told = answer.content.decode()
            assert said["reason"] in told
            assert reverse("review", args=["T2"]) in told
            # A token drawn at random may hold these letters.
            assert "kx" not in re.sub(r'csrfmiddlewaretoken" value="\w+"', "", told), address
            assert "no-store" in answer["Cache-Control"]
            assert "noindex" in answer["X-Robots-Tag"]
            assert 'name="robots"' in told


def test_whoever_withdraws_second_is_told_that_somebody_was_first(client, keeper, shown):
    page = reverse("withdraw-review", args=["T1"])
    client.post(page, {"reason": "The board asked for it.", "from": "published"})
    second = client.post(page, {"reason": "Another reason.", "from": "published"}, follow=True)
    assert "T1 was already withdrawn" in words(second)
    tombstone = words(Client().get(reverse("review", args=["T1"])))
    assert "The board asked for it." in tombstone
    assert "Another reason." not in tombstone


def test_a_withdrawn_report_leaves_its_review_and_points_to_it(client, keeper, shown):
    client.post(reverse("withdraw-report", args=[shown.key]), {"reason": "Sent by mistake."})
    review, *others = places_of(shown)
    assert client.get(review).status_code == 200
    assert "kxtext" not in client.get(review).content.decode()
    for address in others:
        answer = client.get(address)
        assert answer.status_code == 410
        assert f'href="{review}"' in answer.content.decode()


def test_a_withdrawn_publication_has_a_tombstone_too(client, keeper):
    resource = Resource.objects.create(
        key="kxres", kind="tool", title="A kxres tool", added_at=NOON
    )
    catalogue_resource(by=None, resource=resource, now=NOON)
    set_resource_state(by=None, resource=resource, state=State.PUBLISHED, now=NOON)
    page = reverse("withdraw-resource", args=["kxres"])
    assert client.get(reverse("resource-state", args=["kxres"])).status_code == 200
    client.post(page, {"reason": "Its publisher took it back."})
    answer = Client().get(reverse("resource", args=["kxres"]))
    assert answer.status_code == 410
    assert "A publication" in words(answer)
    assert "kxres tool" not in words(answer)


def test_what_was_never_public_leaves_no_tombstone(client, keeper):
    review = make_review("T1", state=State.INTERNAL)
    catalogue_review(by=None, review=review, now=NOON)
    page = reverse("withdraw-review", args=["T1"])
    assert "It has not been public" in words(client.get(page))
    client.post(page, {"reason": "A test."})
    assert Client().get(reverse("review", args=["T1"])).status_code == 404
    assert not Removal.objects.exists()


def test_a_tombstone_goes_when_the_review_is_put_back(client, keeper, shown):
    client.post(reverse("withdraw-review", args=["T1"]), {"reason": "A check."})
    form = {"from": "withdrawn", "to": "published", "incomplete": "on"}
    client.post(reverse("review-state", args=["T1"]), form)
    assert Client().get(places_of(shown)[0]).status_code == 200
    assert Removal.objects.get().undone_at is not None
    client.post(reverse("review-state", args=["T1"]), {"to": "internal"})
    assert Client().get(places_of(shown)[0]).status_code == 404


def test_a_reason_that_names_the_board_is_refused_and_stays_in_the_form(client, keeper, shown):
    answer = client.post(reverse("withdraw-review", args=["T1"]), {"reason": "As kxboard asked."})
    assert answer.status_code == 400
    assert "Remove “kxboard”" in words(answer)
    assert "As kxboard asked." in words(answer)


def test_staff_put_an_embargo_on_a_review_until_a_day(client, keeper, shown):
    page = reverse("review-state", args=["T1"])
    for wrong in ("--", "soon--", "2001-01-01", "2999-01-01"):
        said = {"to": "embargoed", **inputs("day", wrong)}
        assert client.post(page, said).status_code == 400
    day = timezone.localdate() + timedelta(days=30)
    # The record of this review has no nation, date or subject, which a person confirms.
    form = {"to": "embargoed", "incomplete": "on", **inputs("day", day.isoformat())}
    client.post(page, form)
    review = Review.objects.get(reference="T1")
    assert (review.state, timezone.localdate(review.public_from)) == (State.EMBARGOED, day)
    assert Client().get(reverse("review", args=["T1"])).status_code == 404
    assert f"until {day.day} {day:%B %Y}, 00:00" in words(client.get(page))


# ---- keeping ----


def test_staff_set_for_how_long_a_file_may_be_had(client, keeper, shown):
    page = reverse("report-keeping", args=[shown.key])
    for wrong in (
        {**inputs("until", "2031--"), "reason": "x"},
        {**inputs("until", "2031-01-01"), "reason": ""},
        {**inputs("until", "2031-01-01"), "reason": "x", "legal_hold": "on"},
    ):
        answer = client.post(page, wrong)
        assert answer.status_code == 400
        assert 'name="until_year" value="2031"' in answer.content.decode()
    client.post(page, {**inputs("until", "2031-01-01"), "reason": "The board asked."})
    assert Retention.objects.get(report=shown).until == date(2031, 1, 1)
    assert AuditEntry.objects.get(action="set retention").detail["reason"] == "The board asked."
    assert "1 January 2031" in words(client.get(page))


def test_an_expired_file_has_a_note_on_the_page_of_its_review(client, keeper, shown):
    day = timezone.localdate()
    said = {**inputs("until", day.isoformat()), "reason": "A test."}
    client.post(reverse("report-keeping", args=[shown.key]), said)
    assert "Review kxtitle" in words(client.get(reverse("keeping")))
    pipeline.run_worker(once=True)
    review, *others = places_of(shown)
    visitor = Client()
    assert "The period for which this file was available is over" in words(visitor.get(review))
    for address in others:
        assert visitor.get(address).status_code == 410
    assert "we no longer show them" in words(visitor.get(review))
    assert "No recommendations have been recorded" not in words(visitor.get(review))
    found = words(visitor.get("/find/?q=kxtitle"))
    assert "Review kxtitle" in found
    assert "Review kxtitle" not in words(visitor.get("/find/?q=kxtext"))


def test_one_button_lets_the_time_begin_for_what_was_given_none(client, keeper, shown):
    hidden = make_report(make_review("T9", state=State.INTERNAL), "Words.")
    assert "1 report was added before expiry was recorded" in words(client.get(reverse("keeping")))
    assert client.post(reverse("keeping")).status_code == 302
    today = timezone.localdate()
    assert Retention.objects.get().until.year == today.year + 5
    assert not Retention.objects.filter(report=hidden).exists()
    assert "added before expiry was recorded" not in words(client.get(reverse("keeping")))
    assert "1 file found" in words(client.get(reverse("keeping") + "?status=later"))


def test_that_button_is_refused_to_others_also_where_nothing_is_left_to_begin(client, db):
    client.force_login(make_person(Role.CODER))
    assert client.post(reverse("keeping")).status_code == 403


def test_a_file_is_erased_only_by_typing_its_key(
    client, keeper, django_capture_on_commit_callbacks
):
    made = deposited()
    report = Report.objects.get()
    page = reverse("report-keeping", args=[report.key])
    assert "Erase the file" not in words(client.get(page))
    assert client.post(page, {"erase": report.key}).status_code == 400
    pipeline.return_deposit(by=keeper, deposit=made, reason="x", now=NOON)
    assert "Erase the file" in words(client.get(page))
    assert client.post(page, {"erase": "yes"}).status_code == 400
    assert original_path(report.original_id).exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {"erase": report.key})
    assert not original_path(report.original_id).exists()
    assert "erased" in words(client.get(page))


# ---- what search engines may list ----


def test_the_ways_that_tell_search_engines_agree_for_every_class(client, shown):
    """Header, meta element, robots.txt and sitemap: for each class, what its rule says."""
    resource = Resource.objects.create(
        key="tool", kind="tool", title="A tool", added_at=NOON, state=State.PUBLISHED
    )
    catalogue_resource(by=None, resource=resource, now=NOON)
    passage = shown.passages.get().key
    pages = {
        "home": (),
        "about": (),
        "deposit": (),
        "topics": (),
        "methods": (),
        "frameworks": (),
        "overviews": (),
        "resource": ("tool",),
        "review": ("T1",),
        "report-page": (shown.key, 1),
        "page-image": (shown.key, 1),
        "passage": (passage,),
        "find": (),
        "feed-atom": (),
        "sign-in": (),
    }
    pipeline.update_index()
    classes = {PAGES.get(name, RecordClass.STAFF) for name in pages}
    assert classes >= set(RULES) - {RecordClass.TOMBSTONE, RecordClass.EVIDENCE}
    robots = client.get("/robots.txt").content.decode()
    assert re.findall(r"^Disallow:(.*)$", robots, re.M) == [""]
    assert robots.rstrip().endswith("Sitemap: http://testserver/sitemap.xml")
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)  # noqa: S314
    mapped = {one.text for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    for name, args in pages.items():
        listed = RULES[PAGES.get(name, RecordClass.STAFF)].listed
        address = reverse(name, args=args)
        answer = client.get(address)
        assert answer.status_code == 200, name
        assert answer.has_header("X-Robots-Tag") != listed, name
        if answer["Content-Type"].startswith("text/html"):
            assert ('name="robots"' in answer.content.decode()) != listed, name
        assert (f"http://testserver{address}" in mapped) == listed, name
        assert name_is_listed(name) == listed
    assert RULES[RecordClass.RESOURCE].listed
    assert not RULES[RecordClass.CASE_REVIEW].listed


def test_no_address_of_the_sitemap_is_kept_from_search_engines(client, shown):
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)  # noqa: S314
    mapped = [one.text for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert mapped
    for address in mapped:
        answer = client.get(address.removeprefix("http://testserver"))
        assert answer.status_code == 200, address
        assert not answer.has_header("X-Robots-Tag"), address


def test_errors_and_tombstones_at_addresses_of_listed_pages_are_not_listed(client, keeper):
    resource = Resource.objects.create(
        key="tool", kind="tool", title="A tool", added_at=NOON, state=State.PUBLISHED
    )
    catalogue_resource(by=None, resource=resource, now=NOON)
    page, nowhere = (reverse("resource", args=[key]) for key in ("tool", "nowhere"))
    assert not client.get(page).has_header("X-Robots-Tag")
    pipeline.change_state(by=keeper, item=resource, state=State.WITHDRAWN, now=timezone.now())
    for address, status in ((page, 410), (nowhere, 404)):
        answer = Client().get(address)
        assert (answer.status_code, answer["X-Robots-Tag"]) == (status, "noindex, nofollow")
        assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()
