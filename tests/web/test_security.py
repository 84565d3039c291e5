"""What somebody might try on the site: forged forms, wrong roles, other sites, many at once."""

import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

import waymark
from tests.factories import NOON, make_person, make_report, make_review
from tests.web.addresses import site_pages
from waymark import pipeline
from waymark.accounts.audit import broken_links, chain_head
from waymark.accounts.models import Role, State, User
from waymark.documents.files.storage import page_images_folder
from waymark.documents.models import Intake, IntakeState, Report, Review
from waymark.web.middleware.robots import PAGES, name_is_listed

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
FORMS_OF_THE_REPOSITORY = {
    "quotations",
    "quote-draft",
    "page-feedback",
    "original-decision",
    "concern",
    "concern-check",
    "confirm-deposit",
    "deposit",
    "return-deposits",
    "accept-text",
    "reject-text",
    "deposit-check",
    "edit-notices",
    "end-notice",
    "anonymity",
    "anonymity-checks",
    "anonymity-words",
    "hidden-text",
    "hidden-texts",
    "scanned-pages",
    "release-pages",
    "keeping",
    "family-told",
    "letter-again",
    "newer-text",
    "publish-review",
    "report-keeping",
    "resource-state",
    "resource-words",
    "review-words",
    "withdraw-report",
    "withdraw-resource",
    "withdraw-review",
}
FORMS_OF_THE_CATALOGUE = {
    "add-resource",
    "add-subject",
    "add-topic",
    "bulk-undo",
    "bulk-preview",
    "delete-search",
    "edit-resource",
    "edit-review",
    "edit-subject",
    "edit-topic",
    "import",
    "imports",
    "load-subjects",
    "load-subjects-preview",
    "rename-search",
    "resource-about",
    "resource-address",
    "review-about",
    "review-steps",
    "save-search",
    "search-history",
}
FORMS_OF_OVERVIEWS = {
    "new-overview",
    "add-figure",
    "add-table",
    "edit-figure",
    "edit-table",
    "overview-freeze",
    "overview-reviews",
    "overview-tables",
    "choose-passages",
    "decide",
    "confirm-texts",
    "drop-unsaved",
    "check-tables",
    "remedy",
    "store-unsaved",
    "sign-report",
    "spec",
    "write-text",
    "spec-preview",
    "table-preview",
    "spec-version",
}
# Harvesters ask by POST too, as their protocol has it; it changes nothing, so it needs no token.
# Mail programs unsubscribe without a token of ours (RFC 8058): that of the link is the right one.
ASKED_BY_POST = {"oai", "alert-unsubscribe"}
FORMS_OF_BRIEFINGS = {
    "briefing-use",
    "briefing-uses",
    "new-briefing",
    "describe-briefing",
    "edit-briefing-text",
    "sign-briefing",
    "withdraw-briefing",
}
FORMS_OF_ALERTS = {
    "alerts",
    "alert-address",
    "alert-confirm",
    "alert-erase",
    "alert-preferences",
    "alert-stop",
    "add-subscriber",
    "find-subscriber",
    "subscriber",
    "subscriber-failures",
}
FORMS_OF_INDICATORS = {
    "contacts-log",
    "correct-value",
    "edit-annual-report",
    "edit-annual-reports",
    "edit-indicator",
    "edit-nation",
    "import-statistics",
    "indicator-state",
    "publish-highlight",
    "series-breaks",
    "statistics-import",
}
FORMS_OF_TRAINING = {
    "add-course",
    "add-session",
    "course-state",
    "edit-course",
    "edit-session",
}
FORMS_OF_DATA_ACCESS = {"apply-for-data", "data-application", "decide-data-application"}
FORMS_OF_ACCOUNTS = {"account-link", "forgotten-password", "invite-account", "manage-account"}
FORMS_OF_ROUNDS = {"add-round", "coding-round", "adjudicate", "case-profile"}
FORMS_OF_ROUNDS |= {"next-framework", "framework-version", "recode"}
FORMS_OF_ROUNDS |= {
    "connect-language-model",
    "suggesters",
    "suggester",
    "suggestions-off",
    "passage-sample",
}
FORMS_OF_ENQUIRIES = {
    *("ask", "check-references", "enquiry-thread", "enquiry", "enquiry-references", "log-call"),
    *("sort-email", "store-answer"),
    *("edit-search", "literature-search", "new-search", "search-results", "search-source"),
}
FORMS_OF_OTHER_OVERVIEWS = {
    *("keep-other-overviews", "add-other-overview", "edit-other-overview"),
    "fill-other-overviews",
}
FORMS_OF_BODIES = {
    *("add-body", "edit-body", "keep-bodies", "merge-body"),
    *("edit-author", "keep-authors"),
}
FORMS_OF_FOLLOW_UP = {
    "body-contacts",
    "edit-ledger",
    "enter-our-recommendations",
    "inquiry-scheme",
    "leave-our-recommendations",
    "our-recommendation",
    "our-recommendations",
    "propose-recommendations",
    "relate-recommendations",
}
FORMS_OF_CODING_EXCHANGE = {
    "coding-exchange",
    "coding-export",
    "coding-import",
    "coding-results",
    "import-codebook",
}
FORMS_OF_ANSWERS = {"new-answer", "edit-answer"}
FORMS_OF_REQUESTS = {"ask-for-copy", "gap", "consultancy", "resource-holdings"}
FORMS_OF_ISSUES = {
    "alert-record",
    "alert-delivery",
    "alert-feeds",
    "alert-issues",
    "alert-schedule",
    "change-feed",
    "decide-candidate",
    "edit-alert-issue",
    "edit-alert-item",
    "gather-alerts",
    "preview-alert",
}
FORMS_OF_CODING = {"coding-keys", "workbench-act", "workbench-begin", "workbench-finish"}
FORMS = (
    FORMS_OF_THE_REPOSITORY
    | FORMS_OF_CODING
    | FORMS_OF_THE_CATALOGUE
    | FORMS_OF_OVERVIEWS
    | FORMS_OF_BRIEFINGS
    | FORMS_OF_ACCOUNTS
    | FORMS_OF_ALERTS
    | FORMS_OF_ISSUES
    | FORMS_OF_ENQUIRIES
    | FORMS_OF_BODIES
    | FORMS_OF_OTHER_OVERVIEWS
    | FORMS_OF_FOLLOW_UP
    | FORMS_OF_ANSWERS
    | FORMS_OF_CODING_EXCHANGE
    | FORMS_OF_REQUESTS
    | FORMS_OF_INDICATORS
    | FORMS_OF_TRAINING
    | FORMS_OF_DATA_ACCESS
    | FORMS_OF_ROUNDS
    | ASKED_BY_POST
    | {
        "password",
        "own-sessions",
        "add-app",
        "passkeys",
        "remove-passkey",
        "second-factor",
        "second-step",
        "report-state",
        "review-state",
        "sign-in",
        "sign-out",
        "upload",
        "next-edition",
        "note-edition",
        "withdraw-overview",
        "withheld-cell",
    }
)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


@pytest.fixture
def addresses(coded) -> dict[str, str]:
    """An address of every page of the site, by its name."""
    known = {
        "reference": "W01",
        "key": coded.key,
        "number": 1,
        "width": 480,
        "name": "cr-core",
        "version": "1.0.0",
        "code": "prac.recording",
        "slug": "small",
        "alert_list": "weekly",
        "table": "T3",
        "figure": "none",
        "row": "all",
        "column": "n",
        "batch": "none",
        "kind": "review",
        "work": "briefing",
        "signed": "none",
        "token": "none",
        "first": "small",
        "second": "small",
        "ending": "ris",
        "chapter": "none",
        "slot": "none",
        "source": 1,
        "theme": "none",
        "nation": "england",
        "measure": "none",
        "area": "E92000001",
        "period": "2025",
        "year": "2024-25",
        "day": "2026-01-31",
    }
    made = {}
    for page in site_pages():
        wanted = page.pattern.converters
        made[page.name] = reverse(page.name, kwargs={name: known[name] for name in wanted})
    made["passage"] = made["passage"].replace(coded.key, f"{coded.key}-0-10")
    made["passage-page"] = made["passage-page"].replace(coded.key, f"{coded.key}-0-10")
    return made


def everything_stored() -> dict[str, object]:
    """How many rows each table has, and the end of the audit chain."""
    tables = {model._meta.db_table for model in apps.get_models()} - {"django_session"}
    # One query for all: a walk asks after each of hundreds of pages.
    counts = ", ".join(f'(SELECT count(*) FROM "{table}")' for table in sorted(tables))  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        counted = dict(zip(sorted(tables), cursor.fetchone(), strict=True))
    return {"head": chain_head(), "states": str(Review.objects.values_list("state"))} | counted


# ---- forms ----


def test_looking_never_changes_anything(client, addresses):
    everywhere = list(addresses.values())
    for number, roles in enumerate([*((role,) for role in Role), tuple(Role)]):
        client.force_login(make_person(*roles))
        before = everything_stored()
        # Nobody comes further than a person with every role; each of the others sees a quarter.
        every_role = len(roles) > 1
        for address in everywhere if every_role else everywhere[number % 4 :: 4]:
            client.get(address, {"to": "withdrawn", "reason": "x", "next": "/", "q": "school"})
            if every_role:
                client.head(address)
        assert everything_stored() == before, roles


def test_no_page_takes_a_form_that_another_site_sent(addresses):
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(make_person(*Role))
    signed_in = deepcopy(forger.cookies)
    before = everything_stored()
    for name, address in addresses.items():
        forger.cookies = deepcopy(signed_in)
        sent = {"to": "withdrawn", "reason": "x", "name": "x", "password": "x"}
        sent["files"] = SimpleUploadedFile("a.txt", b"Some text.")
        refused = {200} if name in ASKED_BY_POST else {403, 405}
        assert forger.post(address, sent).status_code in refused, name
        assert everything_stored() == before, name


def test_only_pages_with_a_form_take_one(client, addresses):
    person = make_person(*Role)
    wrong: list[str] = []
    for name, address in addresses.items():
        client.force_login(person)  # anew: one of the forms signs out
        if (client.post(address).status_code == 405) == (name in FORMS):
            wrong.append(name)
        for method in ("put", "patch", "delete"):
            assert getattr(client, method)(address).status_code == 405, (method, name)
    assert wrong == []


def test_an_address_that_only_takes_a_form_says_what_to_do_when_it_is_opened(client, addresses):
    client.force_login(make_person(*Role))
    answers = {name: client.get(address) for name, address in addresses.items()}
    refused = {name: answer for name, answer in answers.items() if answer.status_code == 405}
    assert {"page-feedback", "sign-out", "end-notice"} <= set(refused)
    for name, answer in refused.items():
        page = " ".join(answer.content.decode().split())
        assert "<h1>There is no page to read here</h1>" in page, name
        assert "Go back to the page with the form" in page, name
        assert "POST" in answer["Allow"], name


@pytest.mark.parametrize("role", [None, *Role])
def test_a_form_changes_something_for_those_roles_only_that_may(client, addresses, role):
    if role:
        client.force_login(make_person(role))
    keeper = role in {Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}
    for name in ("review-state", "report-state"):
        client.post(addresses[name], {"to": "internal"})
    states = {Review.objects.get().state, Report.objects.get().state}
    assert states == ({State.INTERNAL} if keeper else {State.PUBLISHED})
    client.post(addresses["upload"], {"files": [SimpleUploadedFile("a.txt", b"Some text.")]})
    assert Intake.objects.count() == (1 if keeper else 0)


def test_a_button_pressed_on_a_page_that_is_out_of_date_changes_nothing(client, addresses):
    client.force_login(make_person(Role.EDITOR))
    page = client.get(addresses["review-state"])
    seen = re.search(r'name="from" value="(\w+)"', page.content.decode())[1]
    review = Review.objects.get()
    pipeline.change_state(by=None, item=review, state=State.WITHDRAWN, now=NOON)
    answer = client.post(addresses["review-state"], {"from": seen, "to": "internal"})
    assert answer.status_code == 400
    words = answer.content.decode()
    assert "It has since been changed to withdrawn" in words
    review.refresh_from_db()
    assert review.state == State.WITHDRAWN
    answer = client.post(addresses["review-state"], {"from": "withdrawn", "to": "internal"})
    assert answer.status_code == 302


# ---- headers and cookies ----


def test_every_answer_says_what_browsers_and_search_engines_may_do_with_it(client, addresses):
    for person in (None, make_person(*Role)):
        if person:
            client.force_login(person)
        for name, address in addresses.items():
            answer = client.get(address)
            policy = answer["Content-Security-Policy"]
            assert "default-src 'self'" in policy, name
            assert "object-src 'none'" in policy, name
            assert "frame-ancestors 'none'" in policy, name
            assert "unsafe" not in policy, name
            assert answer["X-Content-Type-Options"] == "nosniff", name
            assert answer["Referrer-Policy"] == "same-origin", name
            assert answer["X-Frame-Options"] == "DENY", name
            assert answer["Cross-Origin-Opener-Policy"] == "same-origin", name
            assert answer["Cross-Origin-Resource-Policy"] == "same-origin", name
            listed = name_is_listed(name) and answer.status_code == 200
            assert answer.has_header("X-Robots-Tag") != listed, name
            kept = "no-store" if person else "no-"
            assert kept in answer["Cache-Control"], name
            if person and is_page(answer):
                assert f'action="{reverse("sign-out")}"' in answer.content.decode(), name


def is_page(answer):
    """True for a page that a person reads, which has the head with "Sign out"."""
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def test_what_search_engines_may_list_are_pages_of_the_site():
    assert {page.name for page in site_pages()} >= set(PAGES)


def test_the_image_of_a_page_is_kept_by_no_browser_of_those_who_may_see_more(client, coded):
    coded.pages.update(has_image=True)
    kept = page_images_folder() / coded.key[:2] / f"{coded.key}-1-1240.png"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"PNG")
    address = reverse("page-image", args=[coded.key, 1])
    answer = client.get(address)
    assert answer["Cache-Control"] == "private, max-age=30, must-revalidate"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["X-Content-Type-Options"] == "nosniff"
    client.force_login(make_person(Role.CODER))
    assert client.get(address)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ["png", "webp"])
def test_a_browser_that_has_the_image_of_a_page_is_asked_to_keep_it_until_it_is_withdrawn(
    client, coded, name
):
    coded.pages.update(has_image=True)
    folder = page_images_folder() / coded.key[:2]
    folder.mkdir(parents=True, exist_ok=True)
    for file in (f"{coded.key}-1-1240.png", f"{coded.key}-1-480.webp"):
        (folder / file).write_bytes(b"IMAGE")
    address = {
        "png": reverse("page-image", args=[coded.key, 1]),
        "webp": reverse("page-image-webp", args=[coded.key, 1, 480]),
    }[name]
    first = client.get(address)
    assert (first.status_code, first.content) == (200, b"IMAGE")
    assert first["Content-Type"] == f"image/{name}"
    assert first["Cache-Control"] == "private, max-age=30, must-revalidate"
    for known in (first["ETag"], f"W/{first['ETag']}"):
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again["Cache-Control"] == "private, max-age=30, must-revalidate"
    assert client.get(address, headers={"If-None-Match": '"another"'}).status_code == 200
    pipeline.change_state(by=None, item=coded, state=State.WITHDRAWN, now=NOON)
    gone = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (gone.status_code, gone["Cache-Control"]) == (404, "no-store")


def test_the_image_of_a_page_comes_in_listed_widths_only(client, coded):
    coded.pages.update(has_image=True)
    for width in (1, 479, 999_999_999):
        address = reverse("page-image-webp", args=[coded.key, 1, width])
        assert client.get(address).status_code == 404
    assert client.get(reverse("page-image-webp", args=[coded.key, 2, 480])).status_code == 404


def test_the_cookies_are_for_the_server_alone(client):
    make_person(Role.READER, name="ann")
    client.get(reverse("sign-in"))
    client.post(reverse("sign-in"), {"name": "ann", "password": PASSWORD})
    sent = client.post(reverse("own-sessions"), {"do": "others"})
    cookies = client.cookies
    names = {project.SESSION_COOKIE_NAME, project.CSRF_COOKIE_NAME, "device", "messages"}
    assert (set(cookies), sent.status_code) == (names, 302)
    for cookie in cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
    assert not cookies[project.SESSION_COOKIE_NAME]["max-age"]


def test_behind_https_the_cookies_are_bound_to_the_host_and_django_finds_nothing_to_warn_of(
    tmp_path,
):
    said = (
        "from waymark.settings import *; from waymark.web.shared.message_cookies import HostCookie;"
        " print(SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, HostCookie.cookie_name)"
    )
    check = "from django.core.management import execute_from_command_line as run; run(sys.argv)"
    asked = ("check", "--deploy", "--fail-level", "WARNING")
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {said}; {check}", *asked],
        env={"WAYMARK_HTTPS": "1", "WAYMARK_DATA": str(tmp_path)}
        | {"DJANGO_SETTINGS_MODULE": "waymark.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "__Host-session __Host-csrf __Host-messages"


STATIC = Path(waymark.__file__).parent / "web" / "static"


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_scripts_insert_text_as_text(script):
    """Nothing reads HTML or runs what it is given; comparing two parts is no insertion."""
    assert not re.findall(
        r"(?:inner|outer)HTML\s*\+?=(?!=)|insertAdjacentHTML|document\.write|\beval\(|new Function",
        script.read_text(),
    )


@pytest.mark.parametrize(
    "address",
    ["/.git/config", "/static/.git/config", "/static/../settings.py", "/static/%2e%2e/urls.py"],
)
def test_no_file_of_the_program_is_served(client, address):
    assert client.get(address).status_code == 404


# ---- sessions and signing in ----


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(client):
    make_person(Role.READER, name="ann")
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.cookies[project.SESSION_COOKIE_NAME] = planted
    client.post(reverse("sign-in"), {"name": "ann", "password": PASSWORD})
    assert client.cookies[project.SESSION_COOKIE_NAME].value != planted
    thief = Client()
    thief.cookies[project.SESSION_COOKIE_NAME] = planted
    assert thief.get(reverse("account")).status_code == 302


def test_a_session_is_worth_nothing_after_signing_out(client):
    client.force_login(make_person(Role.READER))
    copied = client.cookies[project.SESSION_COOKIE_NAME].value
    client.post(reverse("sign-out"))
    thief = Client()
    thief.cookies[project.SESSION_COOKIE_NAME] = copied
    assert thief.get(reverse("account")).status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org/",
        "///example.org/",
        "/\\example.org/",
        "\\\\example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:example.org",
        "https:///example.org",
        " //example.org",
        "/\t/example.org",
        "//testserver@example.org/",
    ],
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_no_address_of_another_site_is_followed(client, elsewhere, signed_in):
    person = make_person(Role.READER, name="ann")
    if signed_in:
        client.force_login(person)
    address = f"{reverse('sign-in')}?{urlencode({'next': elsewhere})}"
    sent = {"name": "ann", "password": PASSWORD, "next": elsewhere}
    for answer in (client.get(address), client.post(address, sent)):
        if answer.status_code == 200:
            assert "example.org" not in answer.content.decode()
        else:
            assert answer["Location"] == "/"


def test_a_page_of_the_site_is_returned_to_after_signing_in(client):
    make_person(Role.READER, name="ann")
    sent = {"name": "ann", "password": PASSWORD, "next": "/find/?q=a%20b"}
    assert client.post(reverse("sign-in"), sent)["Location"] == "/find/?q=a%20b"


def test_a_host_that_is_not_ours_gets_no_page(client):
    assert client.get("/", headers={"host": "example.org"}).status_code == 400


# ---- files ----


@pytest.fixture
def keeper(client):
    person = make_person(Role.CATALOGUER)
    client.force_login(person)
    return person


def upload(client, *files):
    return client.post(reverse("upload"), {"files": list(files)})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\secret-key", "secret-key"),
        ("C:\\Users\\A\\report.txt", "report.txt"),
        ("re\x07port\x1b[31m.txt", "report[31m.txt"),
        ("cod\u202etxt.exe", "codtxt.exe"),
        ("a" * 600 + ".txt", "a" * 251 + ".txt"),
        ("<script>alert(1)</script>.txt", "script>.txt"),
    ],
)
def test_a_name_is_a_name_and_nothing_else(client, keeper, folder, settings, said, kept):
    file = SimpleUploadedFile("x.txt", b"Some text.\n\nMore text.")
    file._name = said  # as a browser might send it, past what the test client would tidy
    before = {path for path in settings.DATA.rglob("*") if path.is_file()}
    upload(client, file)
    intake = Intake.objects.get()
    assert intake.file_name == kept
    staged = {path for path in settings.DATA.rglob("*") if path.is_file()} - before
    assert [path.parent.name for path in staged] == ["staging"]
    assert re.fullmatch(r"[0-9a-f]{32}", intake.staged)
    page = client.get(reverse("upload-batch", args=[intake.batch])).content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"\n \t\n", b"%PDF-", b"PK\x03\x04", b"\xff\xfe"]
)
def test_a_file_with_nothing_in_it_is_refused_with_a_reason(client, keeper, content):
    upload(client, SimpleUploadedFile("empty.pdf", content))
    pipeline.run_worker(once=True)
    intake = Intake.objects.get()
    assert intake.state == IntakeState.REFUSED
    assert intake.reason
    assert intake.remedy
    assert not Report.objects.exists()


def test_null_characters_in_forms_and_addresses_break_nothing(client, keeper):
    make_report(make_review("T1"), "Some text.")
    for address in ("/find/?q=a%00b&theme=%00", "/staff/?state=%00", "/sign-in/?next=%00"):
        assert client.get(address).status_code in {200, 302, 404}
    assert client.get("/reports/%00/").status_code == 404
    answer = upload(client)
    answer = client.post(
        reverse("upload"),
        {"files": [SimpleUploadedFile("a.txt", b"x")], "review": "T\0001", "kind": "\0"},
    )
    assert answer.status_code == 400
    assert broken_links() == []
    assert User.objects.count() == 1


@pytest.mark.parametrize("address", ["/", "/find/", "/sign-in/"])
def test_a_request_is_never_sent_back_by_trace(client, address):
    assert client.trace(address).status_code == 405
