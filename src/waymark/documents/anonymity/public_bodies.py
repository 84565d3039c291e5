"""Contacts of public bodies, which identify nobody: addresses, email and telephone (no Django)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from waymark.core.errors import RuleError
from waymark.core.utf8 import read_utf8
from waymark.documents.anonymity.numbers import PHONE, POSTCODE, find_emails
from waymark.documents.anonymity.word_lists import FOLDER, is_common, words_of

BUILTIN = FOLDER / "public_bodies.yaml"
FIELDS = frozenset({"name", "addresses", "emails", "telephones"})
BETWEEN = r"[\s,;|]+"
"""What may stand between two words of an address: it may be on one line or on several."""
EIRCODE_AT_END = re.compile(r"\b[A-Z]\d[\dW] [\dA-Z]{4}$")


@dataclass(frozen=True, slots=True)
class PublicContacts:
    """Contacts of public bodies: a pattern for names and addresses, and what is compared as it is.

    domains: of email addresses. telephones: their digits.
    """

    printed: re.Pattern[str]
    emails: frozenset[str]
    domains: frozenset[str]
    telephones: frozenset[str]

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of the contacts in a text with plain quotes and spaces."""
        for match in self.printed.finditer(text):
            yield match.span()
        for match in find_emails(text):
            if self._is_public_email(match[0].lower()):
                yield match.span()
        for match in PHONE.finditer(text):
            if _digits(match[0]) in self.telephones:
                yield match.span()

    def _is_public_email(self, address: str) -> bool:
        mailbox, _, domain = address.rpartition("@")
        labels = domain.split(".")
        below = {".".join(labels[index:]) for index in range(len(labels))}
        return address in self.emails or (
            not self.domains.isdisjoint(below)
            # "grace.hope@" and "kh@" may be a person's: every part must be a word and no name.
            and all(map(_is_general, re.split(r"[._-]", mailbox)))
        )


def _is_general(word: str) -> bool:
    return len(word) > 2 and is_common(word) and word not in words_of("ambiguous")


def _digits(telephone: str) -> str:
    return re.sub(r"^(?:00)?44", "0", re.sub(r"\D", "", telephone.replace("(0)", "")))


@cache
def public_contacts(*more: Path) -> PublicContacts:
    """The contacts of the built-in list and of more files of the same format, read once.

    Raises RuleError for a file that has another format, naming it.
    """
    bodies: list[Mapping[str, Any]] = []
    domains: set[str] = set()
    for file in (BUILTIN, *more):
        content = _content(file)
        bodies += content.get("bodies") or []
        domains |= {str(domain).lower() for domain in content.get("domains") or []}
    printed = [
        _pattern(str(words))
        for body in bodies
        for words in (body["name"], *body.get("addresses", []))
    ]
    return PublicContacts(
        # The longest first: an address begins with the name of its body.
        re.compile(rf"(?<!\w)(?:{'|'.join(sorted(printed, key=len, reverse=True))})(?!\w)"),
        frozenset(str(email).lower() for body in bodies for email in body.get("emails", [])),
        frozenset(domains),
        frozenset(_digits(str(row)) for body in bodies for row in body.get("telephones", [])),
    )


def _content(file: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(read_utf8(file))
    except yaml.YAMLError as error:
        raise RuleError(f"{file} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not content.keys() <= {"domains", "bodies"}:
        raise RuleError(f"{file} must have the keys domains and bodies, as docs/anonymity.md shows")
    for body in content.get("bodies") or []:
        _check_body(file, body)
    return content


def _check_body(file: Path, body: object) -> None:
    if not isinstance(body, dict) or "name" not in body or not body.keys() <= FIELDS:
        raise RuleError(f"{file}: each body has a name and can have {', '.join(sorted(FIELDS))}")
    for address in body.get("addresses", []):
        if not POSTCODE.search(str(address)) and not EIRCODE_AT_END.search(str(address)):
            raise RuleError(f"{file}: the address “{address}” has no postcode: add it")


def _pattern(words: str) -> str:
    return BETWEEN.join(re.escape(word) for word in re.split(r"[\s,;]+", words.strip()))
