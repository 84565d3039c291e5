"""Walker that sends random requests to every address of the site, as a visitor and as each role.

It first follows links from the first pages, to learn real values for the parts of addresses, the
names of queries and the fields of forms. Then it asks each address in turn with a random method,
query, headers and body: values that it learned, mixed with values that often break programs.

    python -m tests.web.walker DATA --requests 20000 --seed 7
"""

import argparse
import json
import os
import random
import re
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

ODD: tuple[str, ...] = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1",
        "2",
        "00",
        "1.5",
        "1e999",
        "NaN",
        "Infinity",
        "True",
        "null",
        "none",
    ),
    *("9" * 9, "9" * 20, "9" * 400, "-" + "9" * 20, "0x10", "١٢", "²", "½", "1,000", "1 000"),
    *("2026-02-30", "0001-01-01", "9999-12-31", "2026-13-01", "31/12/2026", "24", "2024-25"),
    *(
        "'",
        '"',
        "\\",
        "\0",
        "a\0b",
        "\r\n",
        "\x1b",
        "\x7f",
        "%",
        "%00",
        "%s",
        "{}",
        "{0}",
        "[]",
        "[1",
    ),
    *("<script>alert(1)</script>", "&amp;", "]]>", "../../../etc/passwd", "//example.org", "a:b:c"),
    *("é" * 300, "a" * 5_000, "\u202e", "\u00a0", "\ufeff", "\U0001f600", "ﬁ", "İ", "ß", "\u0301"),
    *("neglect", "neglect AND", "(((", '"school', "title:", "NOT", "*", "a*", "near/0", "OR OR"),
    *("javascript:alert(1)", "http://[", "https://example.org/é", "mailto:", "name@example.org"),
    *(
        "[[",
        "]]",
        "{T1/all/n}",
        "{}{}{}",
        "# x",
        "---\na: b: c",
        "title: x\ntables: 7",
        "!!python/x",
    ),
)
HEADERS: dict[str, tuple[str, ...]] = {
    "Range": ("bytes=0-", "bytes=-0", "bytes=5-2", "bytes=0-1,3-4", "x", "bytes=9999999999999-"),
    "If-None-Match": ('"x"', "W/", "*", '"', ","),
    "If-Modified-Since": ("x", "Mon, 01 Jan 0001 00:00:00 GMT", "9" * 30),
    "If-Range": ('"x"', "x"),
    "Accept": ("text/html;q=x", "application/json", "*/*;q=9", "é"),
    "Accept-Encoding": ("gzip;q=0", "br;q=é", ","),
    "Accept-Language": ("xx-" * 40, "cy;q=2", "é"),
    "Origin": ("http://testserver", "http://testserver", "null", "https://example.org", "é"),
    "Referer": ("http://[", "x", "https://example.org/é"),
    "X-Forwarded-For": ("x", "::1%eth0", "1.2.3.4, 5", ","),
    "Cookie": ("sessionid=x; csrftoken=é", "messages=x", "a=" + "b" * 3_000, ";;="),
}
METHODS = ("GET",) * 11 + ("POST",) * 7 + ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
FILES = (
    ("a.pdf", b"%PDF-1.7 and no more"),
    ("a.txt", b"1 Findings\n\nThe visits stopped in May.\n"),
    ("é\u202e.csv", b"a,b\n1\n\xff\xfe,2,3\n"),
    ("a.xlsx", b"PK\x03\x04broken"),
    ("a.ris", b"TY  - RPRT\nTI  - x\nER  - \n"),
    ("a.json", b'[{"id": 1e999}]'),
    ("a.qdpx", b"PK\x05\x06" + bytes(18)),
    ("", b""),
)
FIELD = re.compile(r"<(?:input|select|textarea|button)\b[^>]*\bname=\"([^\"]+)\"[^>]*>")
VALUE = re.compile(r"\bvalue=\"([^\"]*)\"")
LINK = re.compile(r"(?:href|action|src)=\"(/[^\"#]*)")


@dataclass(slots=True)
class Knowledge:
    """What the walker learned. parts: of addresses, by name; queries, fields: values by name.

    forms: names of the fields on the page of an address, by its name.
    """

    parts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    queries: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    forms: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that was answered with 500, or not at all, and the end of its traceback."""

    person: str
    method: str
    address: str
    body: str
    where: str


class Walker:
    """Sends requests through Django's test client. clients: by the name of the person."""

    def __init__(self, seed: int, people: Sequence[Any]) -> None:
        from django.test import Client

        self.random = random.Random(seed)  # noqa: S311 the same walk for the same seed
        self.people: dict[str, Any] = {"visitor": None} | {str(row): row for row in people}
        self.clients = {name: Client(raise_request_exception=False) for name in self.people}
        self.known = Knowledge()
        self.raised: list[str] = []
        self.refresh_sessions()

    def refresh_sessions(self) -> None:
        """Sign everybody in again: some requests sign out, or close an account."""
        for name, person in self.people.items():
            if person is not None:
                type(person).objects.filter(pk=person.pk).update(is_active=True)
                self.clients[name].force_login(person)

    # ---- learning ----

    def learn(self, first: Sequence[str], *, most: int) -> None:
        """Follow links from the first pages, at most so many, as a person with every page."""
        seen, waiting = set(first), list(first)
        names = list(self.clients)
        for count in range(most):
            if not waiting:
                return
            address = waiting.pop(self.random.randrange(len(waiting)))
            answer = self.clients[names[-1 - count % len(names)]].get(address)
            if answer.status_code != 200 or answer.streaming:
                continue
            text = answer.content.decode(errors="replace")
            name = answer.resolver_match.url_name if answer.resolver_match else ""
            self._learn_fields(name, text)
            for link in LINK.findall(text):
                path = link.replace("&amp;", "&")
                if self._learn_address(path) and path not in seen:
                    seen.add(path)
                    waiting.append(path)

    def _learn_fields(self, page: str, text: str) -> None:
        for match in FIELD.finditer(text):
            self.known.forms[page].add(match[1])
            value = VALUE.search(match[0])
            if value and len(self.known.fields[match[1]]) < 40:
                self.known.fields[match[1]].add(value[1])

    def _learn_address(self, link: str) -> bool:
        """True if the link is a page of the site to follow."""
        from django.urls import Resolver404, resolve

        parts = urlsplit(link)
        try:
            found = resolve(parts.path)
        except Resolver404:
            return False
        for name, value in found.kwargs.items():
            if len(self.known.parts[name]) < 200:
                written = value.isoformat() if isinstance(value, date) else str(value)
                self.known.parts[name].add(written)
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            if len(self.known.queries[name]) < 40:
                self.known.queries[name].add(value)
        return not parts.path.startswith("/static/")

    # ---- asking ----

    def walk(self, requests: int) -> Iterator[Fault]:
        """Ask every address in turn, so many requests in all; the faults."""
        from django.core.signals import got_request_exception

        from tests.web.addresses import site_pages

        got_request_exception.connect(self._note_exception)
        pages = site_pages()
        self.random.shuffle(pages)
        for number in range(requests):
            if number % 200 == 0:
                self.refresh_sessions()
            fault = self._ask(pages[number % len(pages)])
            if fault is not None:
                yield fault
        got_request_exception.disconnect(self._note_exception)

    def _note_exception(self, **_: Any) -> None:
        kind, error, trace = sys.exc_info()
        frames = [row for row in traceback.extract_tb(trace) if "waymark" in row.filename]
        places = " < ".join(f"{row.filename[-40:]}:{row.lineno}" for row in frames[:-4:-1])
        self.raised.append(f"{kind.__name__ if kind else ''}: {str(error)[:200]} at {places}")

    def _ask(self, page: Any) -> Fault | None:
        name = self.random.choice(list(self.clients))
        method = self.random.choice(METHODS)
        address = self._address(page) + self._query()
        # From anywhere, so that the limits of one network do not hide pages.
        headers = {"REMOTE_ADDR": f"192.0.2.{self.random.randint(1, 254)}"}
        if self.random.random() < 0.3:
            header = self.random.choice(list(HEADERS))
            value = self.random.choice(HEADERS[header])
            headers[f"HTTP_{header.upper().replace('-', '_')}"] = value.encode().decode("latin-1")
        body, content_type = (
            self._body(page.name) if method in {"POST", "PUT", "PATCH"} else ("", "")
        )
        self.raised.clear()
        client = self.clients[name]
        cookies = deepcopy(client.cookies)
        try:
            answer = self._send(client, method, address, body, content_type, headers)
            status = answer.status_code
            if answer.streaming:
                for _ in answer:
                    pass
        except Exception as error:  # noqa: BLE001 whatever escapes is a fault of the site
            self.raised.append(f"{type(error).__name__}: {error}")
            status = 500
        client.cookies = cookies
        if status < 500 or (status == 503 and not self.raised):
            return None
        written = body if isinstance(body, str) else repr(body)
        return Fault(name, method, address[:300], written[:400], "; ".join(self.raised)[:700])

    def _send(
        self, client: Any, method: str, address: str, body: Any, content_type: str, headers: Any
    ) -> Any:
        if method in {"POST", "PUT", "PATCH"} and content_type:
            data = body.encode() if isinstance(body, str) else body
            return client.generic(method, address, data, content_type, **headers)
        if method == "POST":
            return client.post(address, body or {}, **headers)
        return client.generic(method, address, **headers)

    def _value(self, known: set[str]) -> str:
        if known and self.random.random() < 0.7:
            return self.random.choice(sorted(known))
        return self.random.choice(ODD)

    def _address(self, page: Any) -> str:
        """An address of a page, with known or odd parts; one that no page has is as good."""
        route = str(page.pattern)

        def part(match: re.Match[str]) -> str:
            kind, _, name = match[1].rpartition(":")
            known = self.known.parts[name]
            if kind in {"n", "day", "work", "int", "slug"} and not known:
                known = {"n": {"1"}, "int": {"1"}, "day": {"2026-01-31"}}.get(kind, {"small"})
            odd_goes = kind in {"", "str", "path"}
            value = self._value(known) if odd_goes or self.random.random() < 0.2 else ""
            return quote(value or self.random.choice(sorted(known) or ["1"]), safe="")

        return "/" + re.sub(r"<([^>]+)>", part, route)

    def _query(self) -> str:
        if self.random.random() < 0.5:
            return ""
        names = sorted(self.known.queries | self.known.fields) or ["q"]
        chosen = self.random.choices(names, k=self.random.randint(1, 4))
        rows = [(name, self._value(self.known.queries.get(name, set()))) for name in chosen]
        return "?" + urlencode(rows)

    def _body(self, page: str) -> tuple[Any, str]:
        """A body and its type; "" for a form in parts, given as a dictionary."""
        kind = self.random.random()
        if kind < 0.05:
            return "x" * 70_000, "text/plain"
        if kind < 0.1:
            return self.random.choice(("{", "[[[", '{"a": 1e999}', "\0", "")), "application/json"
        if kind < 0.13:
            return "--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"
        names = sorted(self.known.forms.get(page) or self.known.fields) or ["name"]
        chosen = names if kind < 0.6 else self.random.sample(names, k=len(names) // 2)
        body: dict[str, Any] = {}
        for name in chosen:
            values = [
                self._value(self.known.fields[name]) for _ in range(self.random.choice((1, 1, 2)))
            ]
            body[name] = values if len(values) > 1 else values[0]
        if self.random.random() < 0.25:
            from django.core.files.uploadedfile import SimpleUploadedFile

            file_name, content = self.random.choice(FILES)
            fields = ("files", "file", *self.random.sample(names, k=1))
            body[self.random.choice(fields)] = SimpleUploadedFile(file_name or "x", content)
        return body, ""


FIRST = (
    *("/", "/find/?q=neglect", "/topics/", "/subjects/", "/overviews/", "/staff/", "/deposit/"),
    *(
        "/oai/?verb=Identify",
        "/help/",
        "/statistics/",
        "/training/",
        "/bodies/",
        "/alerts/",
        "/ask/",
    ),
)


def main(arguments: Sequence[str], write: Callable[[str], object] = print) -> int:
    """Walk over the site of a data folder, which the walk changes; 1 if anything broke."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--learn", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    os.environ.update(WAYMARK_DATA=options.data, DJANGO_SETTINGS_MODULE="waymark.settings")
    import logging

    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import setup_test_environment

    logging.disable(logging.CRITICAL)
    setup_test_environment()
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    from waymark.accounts.models import User

    walker = Walker(options.seed, User.objects.filter(is_active=True).order_by("pk"))
    walker.learn(FIRST, most=options.learn)
    broken = 0
    for fault in walker.walk(options.requests):
        broken += 1
        write(json.dumps({name: getattr(fault, name) for name in Fault.__slots__}))
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
