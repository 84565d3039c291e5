"""Passkeys in a real browser with an authenticator, under the content security policy of the site.

Chromium's own virtual authenticator (WebAuthn of the DevTools protocol) holds the keys.
"""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.web.small_site import small_site
from tests.web.test_alert_journey import PASSWORD, faults, sign_in

pytestmark = pytest.mark.browser

ROWS = f"""
import django
django.setup()
from django.utils import timezone
from waymark.accounts.models import Role
from waymark.accounts.services import create_account
for name in ("ann", "ben", "eve"):
    create_account(
        name=name, password={PASSWORD!r}, roles=[Role.ADMINISTRATOR], full_name="", by=None,
        now=timezone.now(),
    )
"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
SIGN = """async (asked) => JSON.stringify(await navigator.credentials.get(
  {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked)}))"""
FORM = "form:has([data-passkey])"
QUESTION = "JSON.parse(document.querySelector('[data-passkey]').dataset.passkey).publicKey"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with small_site(tmp_path_factory.mktemp("passkeys"), ROWS, host="localhost") as address:
        yield address


class Phone:
    """A window of a browser on a device that holds passkeys. errors: of its console."""

    def __init__(self, context) -> None:
        self.page = context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda line: self.errors.append(line.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tools = context.new_cdp_session(self.page)
        self.tools.send("WebAuthn.enable")
        self.device = self._add()

    def _add(self) -> str:
        answer = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        return answer["authenticatorId"]

    def keys(self) -> list[dict]:
        sent = {"authenticatorId": self.device}
        return self.tools.send("WebAuthn.getCredentials", sent)["credentials"]

    def replace_key(self, key: dict) -> None:
        """Put a copy of a key in place of all that the device holds."""
        self.tools.send("WebAuthn.clearCredentials", {"authenticatorId": self.device})
        sent = {"authenticatorId": self.device, "credential": key}
        self.tools.send("WebAuthn.addCredential", sent)

    def enrol(self, name: str = "My work phone") -> None:
        self.page.goto("/account/passkeys/")
        self.page.get_by_label("Name of the passkey").fill(name)
        self.page.get_by_label("Current password").fill(PASSWORD)
        self.page.get_by_role("button", name="Add a passkey").click()


@pytest.fixture
def phone(chromium, site):
    context = chromium.new_context(base_url=site)
    context.set_default_timeout(20_000)
    yield Phone(context)
    context.close()


def send(page, answer: str):
    """Send the answer of a passkey by the form of the page."""
    page.locator(FORM).first.evaluate(
        "(form, answer) => { form.elements.passkey.value = answer; form.submit(); }", answer
    )


def test_a_passkey_is_added_signs_in_and_is_removed(phone, axe):
    page = phone.page
    sign_in(page, "ann")
    page.goto("/account/second-factor/")
    page.get_by_role("link", name="add a passkey").click()
    wrong = faults(page, axe)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert").first).to_contain_text("Enter a name")
    assert phone.keys() == [], "nothing is made before the form is filled in"
    phone.enrol()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.goto("/account/passkeys/")
    expect(page.get_by_role("cell", name="Never")).to_be_visible()
    phone.enrol("The same phone again")
    expect(page.locator("[data-passkey] [role=alert]")).to_have_text(
        "This device has a passkey for your account already."
    )
    wrong += faults(page, axe)
    sign_in(page, "ann")
    expect(page.get_by_role("heading", level=1)).to_have_text("Use a passkey or a code")
    wrong += faults(page, axe)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()
    page.goto("/account/passkeys/")
    expect(page.get_by_role("cell", name="Never")).to_have_count(0)
    page.get_by_role("link", name="Remove My work phone").click()
    page.get_by_label("Current password").fill(PASSWORD)
    wrong += faults(page, axe)
    page.get_by_role("button", name="with a passkey in place of a code").click()
    expect(page.get_by_role("status").first).to_have_text("The passkey My work phone is removed.")
    assert wrong == []
    assert [line for line in phone.errors if "status of 400" not in line] == []


def test_a_removed_passkey_is_refused_however_it_is_asked_for(phone):
    page = phone.page
    sign_in(page, "eve")
    phone.enrol("Lost")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    (lost,) = phone.keys()
    phone.tools.send("WebAuthn.clearCredentials", {"authenticatorId": phone.device})
    phone.enrol("Here")
    expect(page.get_by_role("status").first).to_have_text("Your passkey is added.")
    page.get_by_role("link", name="Remove Lost").click()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="with a passkey in place of a code").click()
    expect(page.get_by_role("status").first).to_have_text("The passkey Lost is removed.")
    phone.replace_key(lost)
    sign_in(page, "eve")
    asked = page.evaluate(QUESTION)
    web_id = lost["credentialId"].replace("+", "-").replace("/", "_").rstrip("=")
    assert web_id not in str(asked), "the site does not ask for it"
    asked["allowCredentials"] = [{"type": "public-key", "id": web_id}]
    send(page, page.evaluate(SIGN, asked))
    expect(page.get_by_role("alert").first).to_contain_text("This passkey was not accepted")


@contextmanager
def other_origin():
    """Address of another site on the same machine, for which browsers take the same passkeys."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>An imitation</title>")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_what_another_site_had_signed_and_what_a_copy_signs_is_refused(phone, site):
    page = phone.page
    sign_in(page, "ben")
    phone.enrol()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    with other_origin() as imitation:
        for signed_at, outcome in ((imitation, 400), (f"{site}/help/", 200)):
            sign_in(page, "ben")
            asked = page.evaluate(QUESTION)
            token = page.locator(f"{FORM} [name=csrfmiddlewaretoken]").input_value()
            page.goto(signed_at)
            sent = {"csrfmiddlewaretoken": token, "passkey": page.evaluate(SIGN, asked)}
            answer = page.request.post("/sign-in/code/", form=sent)
            assert answer.status == outcome, signed_at
            assert ("was not accepted" in answer.text()) == (outcome == 400)
    (key,) = phone.keys()
    phone.replace_key(key | {"signCount": 0})
    sign_in(page, "ben")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert").first).to_contain_text("This passkey may have been copied")
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
