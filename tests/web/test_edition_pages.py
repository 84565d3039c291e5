"""The archive of editions: each at its address, with its files, what changed, and corrections."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from lxml import etree

from tests.factories import NOON, make_person
from tests.publishing.giving import give_out
from tests.web.test_overview_pages import SPEC, given_out
from tests.web.test_pages import see, strictly
from tests.written_once import written_once
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotPermitted, RuleError
from waymark.pipeline.publishing.edition_files import make_next_files
from waymark.publishing import services
from waymark.publishing.models import EditionFile, EditionNoteKind, Publication

pytestmark = pytest.mark.django_db

ARCHIVE, FIRST, SECOND = (
    "/overviews/small/editions/",
    "/overviews/small/editions/1/",
    "/overviews/small/editions/2/",
)
ENDINGS = ["docx", "ods", "xlsx", "zip"]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test, with its own publications."""
    settings.DATA = tmp_path


@pytest.fixture
def editions(coded):
    """Two editions of an overview; the second has another introduction."""
    return _two_editions()


@written_once
def _two_editions():
    first = given_out(SPEC)
    editor = make_person(Role.EDITOR)
    services.save_text(
        by=editor,
        overview=first.frozen.overview,
        slot="introduction",
        text="These reviews were read again.",
        base=1,
        now=NOON,
    )
    second = give_out(editor=editor, snapshot=first.frozen, now=NOON + timedelta(days=30))
    return first, second


def file_address(number, ending):
    return reverse("overview-edition-file", args=["small", number, ending])


def note(edition, kind=EditionNoteKind.CHANGE, text="A new introduction.", **changed):
    values = {"by": make_person(Role.EDITOR), "reason": "Readers asked for it.", "now": NOON}
    values |= changed
    return services.note_edition(publication=edition, kind=kind, text=text, **values)


# ---- pages ----


def test_every_edition_has_an_address_and_the_archive_lists_them_newest_first(client, editions):
    page = see(client, ARCHIVE)
    assert page.index("Edition 2") < page.index("Edition 1")
    for heading in ("Next edition", "Revisions policy", "Quality and method", "Contact"):
        assert heading in page
    assert "This is the current edition." in see(client, SECOND)
    assert "There is a newer edition." in see(client, FIRST)
    assert "Page not found" in see(client, "/overviews/small/editions/3/", status=404)


def test_an_old_edition_says_what_it_counted(client, editions):
    page = see(client, FIRST)
    assert "Reviews counted 1" in page
    assert "Framework cr-core 1.0.0" in page


def test_what_changed_and_why_is_on_the_edition_and_in_the_archive_and_feed(client, editions):
    note(editions[1])
    for address in (ARCHIVE, SECOND):
        assert "A new introduction." in see(client, address)
        assert "Readers asked for it." in see(client, address)
    assert "A new introduction." not in see(client, FIRST)
    feed = client.get(reverse("overview-feed", args=["small"])).content.decode()
    assert "A new introduction." in feed
    assert SECOND in feed


def test_the_words_of_a_note_are_no_tags_in_the_feed(client, editions):
    """Feed readers show the text of an entry as HTML."""
    note(editions[1], text="Tables of <5 reviews, and <img src=x onerror=alert(1)>.")
    feed = etree.fromstring(client.get(reverse("overview-feed", args=["small"])).content)
    (shown,) = feed.xpath("//*[local-name()='summary'][contains(., 'Tables')]/text()")
    assert shown == "<p>Tables of &lt;5 reviews, and &lt;img src=x onerror=alert(1)&gt;.</p>"


def test_a_correction_is_shown_on_the_overview_itself(client, editions):
    note(editions[1], EditionNoteKind.CORRECTION, "Page 3: read 2005 for 2006.")
    for address in ("/overviews/small/", SECOND, ARCHIVE):
        assert "Page 3: read 2005 for 2006." in see(client, address)
    assert "Page 3" not in see(client, FIRST)


def test_a_withdrawn_edition_says_so_at_its_address_and_in_the_archive(client, editions):
    first = Publication.objects.get(edition=1)
    services.withdraw_edition(by=make_person(Role.EDITOR), publication=first, reason="x", now=NOON)
    stone = see(client, FIRST, status=410)
    assert "Overview, edition 1" in stone
    assert first.title not in stone  # it may be what was wrong
    assert f"withdrawn on {NOON:%-d %B %Y}" in see(client, ARCHIVE)
    assert client.get(file_address(1, "pdf")).status_code == 404


def test_without_a_current_edition_there_is_no_archive(client, editions):
    """What was wrong with a withdrawn newest edition may be wrong with those before it."""
    last = Publication.objects.get(edition=2)
    services.withdraw_edition(by=make_person(Role.EDITOR), publication=last, reason="x", now=NOON)
    for address in (ARCHIVE, FIRST, SECOND, file_address(1, "pdf")):
        assert client.get(address).status_code == 404, address


# ---- files ----


def test_a_worker_makes_the_files_of_each_edition_once(client, editions):
    assert make_next_files(lambda: NOON)
    assert make_next_files(lambda: NOON)
    assert not make_next_files(lambda: NOON)
    made = EditionFile.objects.values_list("publication__edition", "ending")
    assert sorted(made) == [(number, ending) for number in (1, 2) for ending in ENDINGS]
    for ending in ENDINGS:
        answer = client.get(file_address(1, ending))
        assert answer.status_code == 200
        assert (
            f"small-edition-1{'-data' * (ending == 'zip')}.{ending}"
            in (answer["Content-Disposition"])
        )
        assert zipfile.is_zipfile(io.BytesIO(answer.content))
    links = {link.get("href") for link in strictly(client.get("/overviews/small/")).iter("a")}
    assert {file_address(2, ending) for ending in ("docx", "xlsx", "ods")} <= links
    assert {"/overviews/small.pdf", "/overviews/small/data.zip"} <= links
    old = {link.get("href") for link in strictly(client.get(FIRST)).iter("a")}
    assert {file_address(1, ending) for ending in ("pdf", *ENDINGS)} <= old


@pytest.mark.parametrize(
    ("older", "current", "status"),
    [
        ("open", "k5", 404),
        ("k3", "k5", 404),
        ("k5", "r5", 404),
        ("k5", "k5", 200),
        ("k5", "open", 200),
    ],
)
def test_an_edition_under_a_profile_that_was_left_has_no_files(
    client, editions, older, current, status
):
    """Two protections set against each other could undo both; open protects nothing any more."""
    for row, profile in zip(editions, (older, current), strict=True):
        Publication.objects.filter(pk=row.pk).update(profile=profile)
        for ending in ENDINGS:
            EditionFile.objects.create(publication=row, ending=ending, content=b"x", made_at=NOON)
    for ending in ("pdf", *ENDINGS):
        for number, expected in ((1, status), (2, 200)):
            answer = client.get(file_address(number, ending))
            assert answer.status_code == expected, (number, ending)
            b"".join(answer)
    page = client.get(FIRST)
    linked = {link.get("href") for link in strictly(page).iter("a")}
    assert (file_address(1, "pdf") in linked) == (status == 200)
    assert ("Small numbers are now protected differently" in page.content.decode()) == (
        status == 404
    )


def test_files_stay_byte_for_byte_and_go_with_a_withdrawn_edition(client, editions):
    EditionFile.objects.create(
        publication=editions[0], ending="docx", content=b"as it was", made_at=NOON
    )
    while make_next_files(lambda: NOON + timedelta(days=900)):
        pass
    assert client.get(file_address(1, "docx")).content == b"as it was"
    assert client.get(file_address(1, "xlsx")).status_code == 404
    services.withdraw_edition(
        by=make_person(Role.EDITOR), publication=editions[0], reason="x", now=NOON
    )
    assert not EditionFile.objects.filter(publication=editions[0]).exists()


def test_only_formats_of_an_edition_are_files(client, editions):
    for ending in ("exe", "html", "pdf.exe"):
        assert client.get(f"{FIRST}report.{ending}").status_code == 404


# ---- who may note ----


def test_an_editor_publishes_a_note_and_announces_the_next_edition(client, editions):
    client.force_login(make_person(Role.EDITOR, name="editor"))
    page = reverse("note-edition", args=["small", 2])
    assert client.post(page, {"kind": "change", "text": "", "reason": "x"}).status_code == 400
    sent = {"kind": "change", "text": "A new introduction.", "reason": "It was too short."}
    assert client.post(page, sent)["Location"] == SECOND
    assert "It was too short." in see(client, SECOND)
    address = reverse("next-edition", args=["small"])
    assert client.post(address, {"when": "June 2027"})["Location"] == ARCHIVE
    assert "Expected: June 2027." in see(client, ARCHIVE)
    actions = list(AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[:2])
    assert actions == ["announce overview", "note edition of overview"]


def test_nobody_else_notes_or_announces(client, editions):
    analyst = make_person(Role.ANALYST)
    with pytest.raises(NotPermitted):
        note(editions[1], by=analyst)
    with pytest.raises(NotPermitted):
        services.announce_next_edition(
            by=analyst, manuscript=editions[1].manuscript, when="June", now=NOON
        )
    client.force_login(analyst)
    assert client.get(reverse("note-edition", args=["small", 2])).status_code == 403
    assert "Add a note" not in see(client, SECOND)


@pytest.mark.parametrize("changed", [{"text": " "}, {"reason": ""}, {"text": "x" * 5_001}])
def test_a_note_needs_what_and_why_and_has_a_limit(editions, changed):
    with pytest.raises(RuleError):
        note(editions[1], **changed)
