"""Looking for what a person must not find: canaries, and somebody who reads them off every page."""

import io
import re
import subprocess
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults
from zipfile import ZipFile

from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from waymark.accounts.models import Role, State, User

OVER, TO_COME = "embargo over", "embargo to come"
STATES = (
    State.RECEIVED,
    State.IN_CHECK,
    State.INTERNAL,
    TO_COME,
    OVER,
    State.PUBLISHED,
    State.WITHDRAWN,
    State.EXPIRED,
)
PUBLIC = {State.PUBLISHED, OVER}
GONE = {State.WITHDRAWN, State.EXPIRED}
STAFF = {Role.CATALOGUER, Role.CODER, Role.ANALYST, Role.EDITOR, Role.ADMINISTRATOR}
KEEPERS = {Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}
VISITOR = "visitor"
PEOPLE = (VISITOR, *Role)
THOROUGH = {VISITOR, Role.CODER}
"""Walk through all there is; the others through some: what tells roles apart is not the thing."""

CANARY = re.compile(r"kx[a-z]{3}q")
# Letters drawn at random for every page: one in fifty thousand looks like a canary. Signatures made
# with the key of the site are no better.
TOKEN = re.compile(
    r'(csrfmiddlewaretoken" value="|csrftoken=)[A-Za-z0-9]{32,64}(?![A-Za-z0-9])'
    r'|(name="(?:page|started)" value=")[\w:-]{60,}(?=")'
)
SITE = ClientHandler(enforce_csrf_checks=False)


def planted(letter: str, number: int) -> str:
    """A word that stands nowhere else: of a kind of place (a letter), in one thing (a number)."""
    return f"kx{letter}{97 + number // 26:c}{97 + number % 26:c}q"


def states_open_to(who: str) -> set[str]:
    """The states in which a person may see something."""
    return set(STATES) - GONE if who in STAFF else PUBLIC


class Seeker:
    """One person at the site, who reads off every canary that a page or file holds."""

    def __init__(self, who: str) -> None:
        self.who, self.client, self.said = who, Client(), ""
        self.content = b""
        self.person: User | AnonymousUser = AnonymousUser()
        # 5 and 8 have no common divisor: each state of a review and of a report is among them.
        self.every = 1 if who in THOROUGH else 5
        if who != VISITOR:
            self.person = User.objects.get(username=who)
            self.client.force_login(self.person)

    def get(self, name: str, *args: object, **asked: object) -> tuple[int, set[str]]:
        """The status of a page, and the canaries in what came back, headers and all.

        Not by the test client's own get, which copies the context of every template.
        """
        environment = {
            "PATH_INFO": reverse(name, args=args),
            "QUERY_STRING": urlencode(asked, doseq=True),
            "HTTP_HOST": "testserver",
            "HTTP_COOKIE": self.client.cookies.output(attrs=[], header="", sep=";"),
        }
        setup_testing_defaults(environment)
        answer = SITE(environment)
        content = b"".join(answer)
        status = answer.status_code
        self.content = content
        self.said = TOKEN.sub("", content.decode("utf-8", "replace") + str(answer.headers))
        if name == "overview-pdf" and status == 200:
            command = ["pdftotext", "-", "-"]
            done = subprocess.run(command, input=content, capture_output=True, check=True)
            self.said += done.stdout.decode()
        if {"xlsx", "eml"} & set(args):
            self.said += _inside(content)
        return status, set(CANARY.findall(self.said))

    def leaf(self, name: str, *args: object, **asked: object) -> set[str]:
        """The canaries on all the pages of a list."""
        found: set[str] = set()
        for number in range(1, 20):
            status, seen = self.get(name, *args, **asked, page=number)
            found |= seen
            if status != 200 or f"page={number + 1}" not in self.said:
                return found
        raise AssertionError(f"{name} has too many pages")


def _inside(content: bytes) -> str:
    """The texts inside a workbook or the draft of an email, which are packed or encoded there."""
    if content.startswith(b"PK"):
        with ZipFile(io.BytesIO(content)) as packed:
            return "".join(
                packed.read(name).decode("utf-8", "replace") for name in packed.namelist()
            )
    if content.startswith(b"Subject: "):
        message = message_from_bytes(content, policy=default)
        body = message.get_body()
        parts = [part.get_content() for part in message.iter_attachments()]
        return f"{body.get_content() if body else ''}{parts}"
    return ""
