"""Read a feed: Atom, RSS 2.0 or RSS 1.0, whatever its media type says. Pure.

The formats differ in the names of elements alone, so they are read by local names. Markup in titles
and summaries becomes text. lxml is used rather than a feed library, because what comes from other
servers is read inside the worker: entities and document types are refused, and no part of the text
meets a regular expression that its writer could slow down.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from waymark.core.uk_time import UK_TIME, uk_date
from waymark.core.wording import date_in_words
from waymark.library.exchange.readers.xml import (
    BadXml,
    Element,
    local_name,
    parse_xml,
    text_of,
)

MOST_ENTRIES = 200
LONGEST_TITLE, LONGEST_SUMMARY = 300, 1_200
LONGEST_MARKUP = 10_000
"""Characters of a text that are read: nested elements take the square of their number."""
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>?#]{1,90}")
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


class NotAFeed(Exception):
    """Content that is no feed. problem, remedy: for the person who keeps the list."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry. name: the same whenever the feed is read; published: None if it does not say."""

    name: str
    title: str
    summary: str
    address: str
    published: date | None
    doi: str

    @property
    def dated(self) -> str:
        """The date of publication in words, "" if unknown."""
        return date_in_words(self.published) if self.published else ""


def read_feed(content: bytes, *, address: str) -> list[FeedEntry]:
    """The entries of a feed in its order, at most MOST_ENTRIES. address: of the feed.

    Entries without a title or a web address are left out. Raises NotAFeed.
    """
    root = _root(content)
    entries = [element for element in root.iter() if local_name(element) in {"entry", "item"}]
    read = (_entry(element, address) for element in entries[:MOST_ENTRIES])
    return [entry for entry in read if entry.title and entry.address]


def _root(content: bytes) -> Element:
    beginning = content[:1_000].lstrip().lower()
    if beginning.startswith((b"<!doctype html", b"<html")):
        raise NotAFeed(
            "it is a web page and not a feed",
            "Look on that page for a link to its feed (RSS or Atom), and enter that address.",
        )
    try:
        root = parse_xml(content.lstrip())
    except BadXml as error:
        raise NotAFeed(
            f"line {error.line}: {error}", "Ask the publisher to correct the feed."
        ) from error
    if local_name(root) not in {"feed", "rss", "RDF"}:
        raise NotAFeed(
            f"it is XML, but no feed: its first element is {local_name(root)}",
            "Look for the feed (RSS or Atom) on the publisher's page.",
        )
    return root


def _entry(element: Element, base: str) -> FeedEntry:
    parts: dict[str, list[Element]] = {}
    for child in element:
        parts.setdefault(local_name(child), []).append(child)
    title = _plain(_first_text(parts, "title"))[:LONGEST_TITLE]
    address = _address(parts, base)
    name = _first_text(parts, "id", "guid", "identifier").strip() or address or title
    summary = _plain(_first_text(parts, "summary", "description", "encoded", "content"))
    written = _first_text(parts, "doi", "identifier") + " " + address
    return FeedEntry(
        # Of any length in the feed; only its identity matters.
        name=hashlib.sha256(name.encode()).hexdigest(),
        title=title,
        summary=_shortened(summary, LONGEST_SUMMARY),
        address=address,
        published=_published(parts),
        doi=_doi(written),
    )


def _first_text(parts: dict[str, list[Element]], *names: str) -> str:
    for name in names:
        for element in parts.get(name, ()):
            if text := text_of(element).strip():
                return text
    return ""


def _address(parts: dict[str, list[Element]], base: str) -> str:
    """The page of an entry: Atom's alternate link, RSS's link, or a guid that is an address."""
    links = parts.get("link", [])
    addresses = [
        link.get("href") or "" for link in links if link.get("rel", "alternate") == "alternate"
    ]
    addresses += [(link.text or "").strip() for link in links]
    addresses += [text_of(guid).strip() for guid in parts.get("guid", []) if _is_permalink(guid)]
    for text in filter(None, addresses):
        try:
            address = urljoin(base, text)
            parsed = urlsplit(address)
        except ValueError:
            continue
        if parsed.scheme in {"http", "https"} and parsed.hostname and len(address) <= 1_000:
            return _NOT_PRINTED.sub("", address).replace(" ", "%20")
    return ""


def _is_permalink(guid: Element) -> bool:
    return guid.get("isPermaLink") != "false" and (guid.text or "").strip().startswith("http")


def _published(parts: dict[str, list[Element]]) -> date | None:
    for name in ("published", "pubDate", "date", "issued", "updated"):
        if day := _day(_first_text(parts, name)):
            return day
    return None


def _day(text: str) -> date | None:
    """The day of an RFC 3339 or RFC 822 date; None for anything else."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
            # A day alone, or a time without its zone, is taken as it is written.
            return uk_date(moment if moment.tzinfo else moment.replace(tzinfo=UK_TIME))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _doi(text: str) -> str:
    match = _DOI.search(text)
    return match[0].rstrip(".,;)").lower() if match else ""


def _plain(text: str) -> str:
    """Text without markup, on one line."""
    text = text[:LONGEST_MARKUP]
    if "<" in text or "&" in text:
        tree = LexborHTMLParser(text)
        tree.strip_tags(["script", "style"], recursive=True)
        text = tree.text(separator=" ") if tree.root is not None else ""
    return " ".join(_NOT_PRINTED.sub(" ", text).split())


def _shortened(text: str, most: int) -> str:
    """The text, or its words up to a length."""
    if len(text) <= most:
        return text
    return text[: most - 2].rsplit(" ", 1)[0] + " …"
