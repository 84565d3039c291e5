"""Records harvested by OAI-PMH (oai_dc): from a repository, page by page, or from saved answers.

The client is that of oaipmh; what goes over the line and how XML is read is ours: each answer has
a largest size and a time limit, requests come one after another with a pause, and a record that
cannot be read costs only itself.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import etree
from oaipmh import error as oai_errors
from oaipmh.client import BaseClient

from waymark import __version__
from waymark.core.errors import RuleError
from waymark.library.exchange.reading.found import (
    Candidate,
    Deleted,
    Gathered,
    Reading,
    day_in,
    doi_in,
    isbn_in,
    kind_in,
    language_in,
    language_note,
    line,
    lines,
    paragraphs,
    url_in,
    year_in,
)
from waymark.library.exchange.reading.xml import BadXml, Element, local, parsed, text_of
from waymark.library.exchange.record import RecordData

DC = "http://purl.org/dc/elements/1.1/"
NAMESPACES = {"oai": "http://www.openarchives.org/OAI/2.0/"}
NATIONS = ("England", "Northern Ireland", "Scotland", "Wales")
MIB = 1024 * 1024
MOST_BYTES = 20 * MIB
SECONDS = 60.0
PAUSE = 1.0
LONGEST_WAIT = 120.0
MOST_TRIES = 4
MOST_REQUESTS = 10_000
BUSY = frozenset({429, 503})


def read_oai(content: bytes) -> Reading:
    """The records of a saved answer to ListRecords or GetRecord."""
    gathered = Gathered()
    try:
        root = parsed(content)
    except BadXml as error:
        gathered.fault(f"line {error.line}", str(error))
        return gathered.reading()
    _gather(root, "", gathered)
    if not gathered.candidates and not gathered.deleted and not gathered.faults:
        gathered.fault("line 1", "holds no record of OAI-PMH")
    if root.findtext(".//oai:resumptionToken", namespaces=NAMESPACES):
        gathered.notes.append("this is one page of a longer list: harvest it for the rest")
    return gathered.reading()


# ---- over the line ----


@dataclass(frozen=True, slots=True)
class Asked:
    """What is harvested. since, until: days or moments as the protocol writes them, or ""."""

    address: str
    of_set: str = ""
    since: str = ""
    until: str = ""
    prefix: str = "oai_dc"

    def arguments(self) -> dict[str, str]:
        """The arguments of ListRecords."""
        said = {
            "metadataPrefix": self.prefix,
            "set": self.of_set,
            "from": self.since,
            "until": self.until,
        }
        return {name: value for name, value in said.items() if value}


Fetch = Callable[[str], bytes]
"""An address -> the answer's bytes. Raises RuleError with what went wrong."""


class Client:
    """The client of oaipmh, with our own fetching and parsing in place of its."""

    def __init__(self, address: str, fetch: Fetch) -> None:
        self._address, self._fetch = address, fetch
        self._protocol: Any = BaseClient()
        self._protocol.makeRequest = self._request
        self._protocol.parse = self._parsed

    def _request(self, **arguments: str) -> bytes:
        return self._fetch(f"{self._address}?{urlencode(arguments)}")

    def _parsed(self, xml: bytes) -> Element:
        try:
            return parsed(xml)
        except BadXml as error:
            raise RuleError(f"the answer cannot be read: line {error.line}: {error}") from error

    def answer(self, **kw: str) -> Element:
        """An answer without an error of the protocol. Raises RuleError naming it."""
        try:
            root: Element = self._protocol.makeRequestErrorHandling(**kw)
        except oai_errors.NoRecordsMatchError:
            return etree.Element("nothing")
        except oai_errors.ErrorBase as error:
            name = type(error).__name__.removesuffix("Error")
            raise RuleError(f"the repository answers {name}: {line(str(error))[:200]}") from error
        if local(root) != "OAI-PMH":
            raise RuleError(f"what answers at {self._address} is no OAI-PMH repository")
        return root


def harvest(
    asked: Asked,
    *,
    fetch: Fetch | None = None,
    on_page: Callable[[int], None] = lambda records: None,
) -> Reading:
    """All records of a repository that are asked for. on_page: told how many there are so far.

    What goes wrong half-way is a fault of the page where it did; the records before it stand.
    Raises RuleError where not even the first page comes.
    """
    client = Client(asked.address, fetch or polite())
    gathered = Gathered()
    arguments: Mapping[str, str] = asked.arguments()
    seen: set[str] = set()
    for number in range(1, MOST_REQUESTS + 1):
        try:
            root = client.answer(verb="ListRecords", **arguments)
        except RuleError as error:
            if number == 1:
                raise
            gathered.fault(f"page {number}", f"{error}; harvest again from where it stopped")
            return gathered.reading()
        _gather(root, f"page {number}, ", gathered)
        on_page(len(gathered.candidates) + len(gathered.deleted))
        token = (root.findtext(".//oai:resumptionToken", namespaces=NAMESPACES) or "").strip()
        if not token or gathered.full:
            return gathered.reading()
        if token in seen:
            gathered.fault(
                f"page {number}",
                "the repository goes round in a circle: it gives the same resumption token again",
            )
            return gathered.reading()
        seen.add(token)
        arguments = {"resumptionToken": token}
    gathered.fault(f"page {MOST_REQUESTS}", f"stopped after {MOST_REQUESTS:,} pages")
    return gathered.reading()


class _SameKind(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to another web address only."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The next request. Raises RuleError for an address that is none of the web."""
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def polite(
    *,
    pause: float = PAUSE,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetch:
    """Fetching with a pause between requests, that waits as long as a busy server asks for.

    pause, seconds: between two requests, and for one answer.
    """
    opener = urllib.request.build_opener(_SameKind())
    opener.addheaders = [("User-Agent", f"Waymark/{__version__} (OAI-PMH harvester)")]
    asked_before = False

    def fetch(address: str) -> bytes:
        nonlocal asked_before
        _check(address)
        if asked_before:
            sleep(pause)
        asked_before = True
        for tries in range(1, MOST_TRIES + 1):
            try:
                return _read(opener, address, seconds, most_bytes)
            except urllib.error.HTTPError as error:
                wait = _wait(error, tries)
                error.close()
                if wait is None:
                    raise RuleError(
                        f"the repository answers {error.code} {error.reason}"
                    ) from error
                sleep(wait)
            except TimeoutError as error:
                raise RuleError(f"no answer within {seconds:.0f} seconds") from error
            except (urllib.error.URLError, OSError) as error:
                reason = getattr(error, "reason", error)
                raise RuleError(f"the repository cannot be reached: {reason}") from error
        raise RuleError(f"the repository is still busy after {MOST_TRIES} tries")

    return fetch


def _read(
    opener: urllib.request.OpenerDirector, address: str, seconds: float, most_bytes: int
) -> bytes:
    """The answer, within the time and the size. Raises TimeoutError, RuleError."""
    until = time.monotonic() + seconds
    parts, size = [], 0
    with opener.open(address, timeout=seconds) as answer:
        while part := answer.read1(65_536):
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise RuleError(f"an answer is larger than {most_bytes // MIB} MiB")
            if time.monotonic() > until:
                raise TimeoutError
    return b"".join(parts)


def _wait(error: urllib.error.HTTPError, tries: int) -> float | None:
    """Seconds until the next try; None where there is none."""
    if error.code not in BUSY or tries == MOST_TRIES:
        return None
    said = (error.headers.get("Retry-After") or "").strip()
    wait = float(said) if said.isdecimal() else 10.0 * tries
    return wait if wait <= LONGEST_WAIT else None


def _check(address: str) -> None:
    """Raises RuleError for what is no web address."""
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise RuleError(f"{address[:100]} is no web address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RuleError(
            f"{address[:100]} is no web address: it must begin with https:// or http://"
        )


# ---- what the records say ----


def _gather(root: Element, before: str, gathered: Gathered) -> None:
    for number, record in enumerate(root.iterfind(".//oai:record", NAMESPACES), start=1):
        if gathered.full:
            return
        place = f"{before}record {number}"
        identifier = line(record.findtext("oai:header/oai:identifier", "", NAMESPACES))
        header = record.find("oai:header", NAMESPACES)
        if not identifier or header is None:
            gathered.fault(place, "has no identifier")
        elif header.get("status") == "deleted":
            gathered.deleted.append(Deleted(f"oai:{identifier}", place))
        else:
            _add(record, identifier, place, gathered)


def _add(record: Element, identifier: str, place: str, gathered: Gathered) -> None:
    said: dict[str, list[str]] = {}
    for one in record.iter(f"{{{DC}}}*"):
        if text := text_of(one).strip():
            said.setdefault(local(one), []).append(text)
    if not said:
        gathered.fault(place, "has no description in Dublin Core (oai_dc)")
        return
    days = said.get("date", [])
    day = next((whole for one in days if (whole := day_in(one))), None)
    identifiers = said.get("identifier", [])
    notes = [note for one in said.get("language", [])[:1] for note in language_note(one)]
    if len(said.get("title", [])) > 1:
        notes.append(f"further titles left out: {'; '.join(said['title'][1:])[:200]}")
    data = RecordData(
        kind=next(filter(None, map(kind_in, said.get("type", []))), ""),
        title=line(next(iter(said.get("title", [])), "")),
        authors=lines(said.get("creator", [])),
        publisher=line(next(iter(said.get("publisher", [])), "")),
        year=next((found for one in days if (found := year_in(one))), None),
        published_on=day,
        nation=next((one for one in said.get("coverage", []) if one in NATIONS), ""),
        language=language_in(next(iter(said.get("language", [])), "")),
        abstract=paragraphs("\n\n".join(said.get("description", []))),
        keywords=lines(said.get("subject", [])),
        url=next((url for one in identifiers if (url := url_in(one)) and not doi_in(one)), ""),
        doi=next((doi for one in identifiers if (doi := doi_in(one))), ""),
        isbn=next((isbn for one in identifiers if (isbn := isbn_in(one))), ""),
    )
    gathered.add(Candidate(data, place, identity=f"oai:{identifier}", notes=tuple(notes)))
