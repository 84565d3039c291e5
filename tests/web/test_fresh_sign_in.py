"""Grave acts ask for the password again, keep what was sent, and go on."""

from datetime import timedelta

import html5lib
import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from tests.factories import make_person
from tests.web.test_security import FORMS
from waymark.accounts.models import Role
from waymark.accounts.queries import find_account
from waymark.accounts.sessions import CONFIRMED
from waymark.web.middleware.fresh_sign_in import GRAVE

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def ann():
    return make_person(Role.CODER, name="ann")


@pytest.fixture
def administrator(client):
    person = make_person(Role.ADMINISTRATOR, name="admin")
    client.force_login(person)
    return person


def signed_in_ago(client, **ago):
    session = client.session
    session[CONFIRMED] = (timezone.now() - timedelta(**ago)).isoformat()
    session.save()


def grant(client, person, **more):
    sent = {"action": "grant", "role": "editor", **more}
    return client.post(reverse("manage-account", args=[person.pk]), sent)


def has_role(person):
    return Role.EDITOR in find_account(person.username).roles


def test_within_10_minutes_of_signing_in_nothing_is_asked(client, administrator, ann):
    signed_in_ago(client, minutes=9)
    assert grant(client, ann).status_code == 302
    assert has_role(ann)


def test_later_the_password_is_asked_for_and_nothing_is_done_before(client, administrator, ann):
    signed_in_ago(client, minutes=10)
    asked = grant(client, ann)
    assert asked.status_code == 403
    assert "Enter your password again" in asked.content.decode()
    assert asked["Cache-Control"] == "private, no-store"
    assert not has_role(ann)
    wrong = grant(client, ann, confirm_password="wrong")
    assert "The current password is incorrect" in wrong.content.decode()
    assert not has_role(ann)
    assert grant(client, ann, confirm_password=PASSWORD).status_code == 302
    assert has_role(ann)


def test_what_was_sent_is_kept_in_the_form_and_the_password_is_not(client, administrator):
    signed_in_ago(client, minutes=10)
    sent = {"name": 'ben"><b>', "roles": ["coder", "analyst"], "confirm_password": "wrong"}
    answer = client.post(reverse("invite-account") + "?a=1&b=2", sent)
    tree = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
    (form,) = [one for one in tree.iter("form") if one.get("action", "").endswith("?a=1&b=2")]
    kept = [
        (one.get("name"), one.get("value"))
        for one in form.iter("input")
        if one.get("name") != "csrfmiddlewaretoken"
    ]
    assert kept == [
        ("name", 'ben"><b>'),
        ("roles", "coder"),
        ("roles", "analyst"),
        ("confirm_passkey", None),
        ("confirm_password", None),
    ]


def test_once_entered_it_is_not_asked_for_again(client, administrator, ann):
    signed_in_ago(client, minutes=10)
    grant(client, ann, confirm_password=PASSWORD)
    withdrawn = client.post(
        reverse("manage-account", args=[ann.pk]), {"action": "withdraw", "role": "editor"}
    )
    assert withdrawn.status_code == 302
    assert not has_role(ann)


def test_wrong_passwords_lead_to_a_pause(client, administrator, ann):
    signed_in_ago(client, minutes=10)
    for _ in range(5):
        grant(client, ann, confirm_password="wrong")
    paused = grant(client, ann, confirm_password=PASSWORD)
    assert "Wait 1 minute" in paused.content.decode()
    assert not has_role(ann)


def test_a_session_of_an_earlier_version_is_asked(client, administrator, ann):
    session = client.session
    del session[CONFIRMED]
    session.save()
    assert grant(client, ann).status_code == 403


def test_looking_and_other_buttons_ask_for_nothing(client, administrator, ann):
    signed_in_ago(client, hours=1)
    assert client.get(reverse("manage-account", args=[ann.pk])).status_code == 200
    assert client.post(reverse("own-sessions"), {"do": "others"}).status_code == 302
    # A button of the page of a subscriber that erases nothing.
    other = client.post(reverse("subscriber", args=[999_999]), {"action": "stop"})
    assert "Enter your password again" not in other.content.decode()
    erase = client.post(reverse("subscriber", args=[999_999]), {"action": "erase"})
    assert "Enter your password again" in erase.content.decode()


def test_visitors_are_led_to_signing_in(ann):
    answer = grant(Client(), ann)
    assert answer.url.startswith(reverse("sign-in"))


@pytest.mark.parametrize("name", GRAVE)
def test_every_page_of_the_list_exists(name):
    assert get_resolver().reverse_dict.getlist(name), name


@pytest.mark.parametrize(
    ("name", "args", "button"),
    [
        ("bulk-preview", ["reviews"], ""),
        ("course-state", ["first-steps"], ""),
        ("publish-highlight", [], "publish"),
        ("publish-highlight", [], "withdraw"),
        ("edit-answer", ["sleep"], "publish"),
        ("edit-answer", ["sleep"], "withdraw"),
        ("edit-topic", ["sleep"], "withdraw"),
        ("edit-alert-item", [1], "withdraw"),
        ("edit-other-overview", ["wales-2020"], "list"),
        ("edit-other-overview", ["wales-2020"], "unlist"),
        ("edit-topic", ["sleep"], "restore"),
        ("bulk-undo", ["none"], ""),
        ("original-decision", ["none"], ""),
        ("concern-check", ["none"], ""),
        ("preview-alert", [1], ""),
        ("framework-version", ["cr-core", "1.0.0"], "publish"),
        ("inquiry-scheme", ["none"], ""),
        ("body-contacts", ["none"], ""),
        ("coding-export", [], ""),
        ("coding-results", ["csv"], ""),
        ("connect-language-model", [], ""),
    ],
)
def test_whatever_publishes_withdraws_or_gives_away_asks_for_the_password(
    client, administrator, name, args, button
):
    signed_in_ago(client, minutes=10)
    asked = client.post(reverse(name, args=args), {"do": button})
    assert asked.status_code == 403
    assert "Enter your password again" in asked.content.decode()


def test_what_harms_a_person_is_hidden_without_a_password(client, administrator):
    signed_in_ago(client, minutes=10)
    hidden = client.post(reverse("concern-check", args=["none"]), {"do": "hide"})
    assert "Enter your password again" not in hidden.content.decode()


NEEDS_NO_PASSWORD = {
    "the form itself asks for the password, or is how one signs in or out": {
        *("sign-in", "second-step", "sign-out", "password", "second-factor", "account-link"),
        *("forgotten-password", "own-sessions", "add-app", "passkeys", "remove-passkey"),
    },
    "open to people without an account, who have no password": {
        *("ask", "ask-for-copy", "enquiry-thread", "concern", "deposit", "confirm-deposit"),
        *("alerts", "alert-address", "alert-confirm", "alert-erase", "alert-preferences"),
        *("alert-stop", "alert-unsubscribe", "apply-for-data", "data-application"),
        *("page-feedback", "briefing-use", "oai", "check-references"),
        *("our-recommendations", "our-recommendation", "enter-our-recommendations"),
        "leave-our-recommendations",
    },
    "passages that the same page shows in full, or a draft from public ones": {
        *("quotations", "quote-draft"),
    },
    "changes one's own lists alone": {
        *("save-search", "rename-search", "delete-search", "search-history", "coding-keys"),
    },
    "work that nobody outside sees until somebody publishes it": {
        *("upload", "imports", "import", "new-overview", "add-figure", "add-table"),
        *("edit-figure", "edit-table", "overview-freeze", "overview-reviews", "overview-tables"),
        *("choose-passages", "decide", "confirm-texts", "drop-unsaved", "check-tables", "remedy"),
        *("store-unsaved", "spec", "write-text", "spec-preview", "table-preview", "spec-version"),
        *("new-briefing", "describe-briefing", "edit-briefing-text", "new-answer"),
        *("add-table", "next-edition", "edit-annual-reports", "statistics-import"),
        *("import-statistics", "contacts-log", "add-course", "alert-issues", "alert-schedule"),
        *("edit-alert-issue", "decide-candidate", "gather-alerts", "alert-feeds", "change-feed"),
        *("anonymity", "anonymity-checks", "anonymity-words", "review-words", "resource-words"),
        *("hidden-text", "hidden-texts", "scanned-pages", "release-pages", "add-other-overview"),
        *("fill-other-overviews", "keep-other-overviews", "next-framework", "new-search"),
        *("edit-search", "literature-search", "search-results", "search-source"),
    },
    "coding and its rounds, which no reader sees": {
        *("workbench-act", "workbench-begin", "workbench-finish", "add-round", "coding-round"),
        *("adjudicate", "case-profile", "recode", "suggesters", "suggester", "suggestions-off"),
        *("passage-sample", "coding-exchange", "coding-import", "import-codebook"),
    },
    "corrects public words that have versions, so that it can be put back": {
        *("add-resource", "edit-resource", "resource-about", "resource-address", "edit-review"),
        *("resource-holdings", "review-about", "review-steps", "add-subject", "edit-subject"),
        *("load-subjects", "load-subjects-preview", "add-topic", "add-body", "edit-body"),
        *("keep-bodies", "merge-body", "edit-author", "keep-authors", "edit-indicator"),
        *("edit-nation", "series-breaks", "correct-value", "edit-course", "add-session"),
        *("edit-session", "alert-record", "edit-ledger", "propose-recommendations"),
        *("relate-recommendations", "note-edition", "edit-notices", "end-notice", "newer-text"),
        *("accept-text", "reject-text"),
    },
    "answers one person, or notes what was done": {
        *("enquiry", "enquiry-references", "log-call", "sort-email", "store-answer", "gap"),
        *("consultancy", "briefing-uses", "family-told", "letter-again", "alert-delivery"),
        *("subscriber-failures", "find-subscriber", "add-subscriber", "return-deposits"),
    },
    "begins periods at whose end a person decides": {"keeping"},
}


def test_every_form_is_grave_or_has_a_reason_why_it_is_not():
    """A new form fails here until it stands in GRAVE or above."""
    decided = set().union(*NEEDS_NO_PASSWORD.values())
    assert decided & GRAVE.keys() == set()
    assert decided | GRAVE.keys() == FORMS
