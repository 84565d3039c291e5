"""OAI-PMH harvester (oai_dc): records of a repository, page by page, or of saved answers.

The client is that of oaipmh, with our own fetching and XML parsing: each answer has a size and
time limit, there is a pause between requests, and one unreadable record does not affect others.

    GET ?verb=ListRecords&metadataPrefix=oai_dc      -> 100 records, resumptionToken abc
    GET ?verb=ListRecords&resumptionToken=abc        -> 40 records, no token: the end
"""

import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import etree
from oaipmh import error as oai_errors
from oaipmh.client import BaseClient

from waymark import __version__
from waymark.core.errors import RuleError
from waymark.library.exchange.readers.result import (
    CandidateRecord,
    DeletedRecord,
    ReadCollector,
    ReadResult,
    clean_line,
    clean_lines,
    clean_paragraphs,
    day_in,
    doi_in,
    first_in,
    isbn_in,
    kind_in,
    language_in,
    language_note,
    url_in,
    year_in,
)
from waymark.library.exchange.readers.rights import rights_in
from waymark.library.exchange.readers.xml import BadXml, Element, local_name, parse_xml, text_of
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


def read_oai(content: bytes) -> ReadResult:
    """Read a saved answer to ListRecords or GetRecord."""
    gathered = ReadCollector()
    try:
        root = parse_xml(content)
    except BadXml as error:
        gathered.fault(f"line {error.line}", str(error))
        return gathered.result()
    _gather_records(root, "", gathered)
    if not gathered.candidates and not gathered.deleted and not gathered.faults:
        gathered.fault("line 1", "contains no OAI-PMH records")
    if root.findtext(".//oai:resumptionToken", namespaces=NAMESPACES):
        note = "this is one page of a longer list: harvest the repository to get the rest"
        gathered.notes.append(note)
    return gathered.result()


# ---- over the network ----


@dataclass(frozen=True, slots=True)
class HarvestRequest:
    """A harvest of a repository. since, until: days or moments in the protocol's format, or ""."""

    address: str
    of_set: str = ""
    since: str = ""
    until: str = ""
    prefix: str = "oai_dc"

    def arguments(self) -> dict[str, str]:
        """The arguments of ListRecords."""
        values = {
            "metadataPrefix": self.prefix,
            "set": self.of_set,
            "from": self.since,
            "until": self.until,
        }
        return {name: value for name, value in values.items() if value}


Fetch = Callable[[str], bytes]
"""Address -> bytes of the answer. Raises RuleError with the reason."""


class HarvestClient:
    """The client of oaipmh with our own fetching and parsing."""

    def __init__(self, address: str, fetch: Fetch) -> None:
        self._address, self._fetch = address, fetch
        self._protocol: Any = BaseClient()
        self._protocol.makeRequest = self._request
        self._protocol.parse = self._parsed

    def _request(self, **arguments: str) -> bytes:
        return self._fetch(f"{self._address}?{urlencode(arguments)}")

    def _parsed(self, xml: bytes) -> Element:
        try:
            return parse_xml(xml)
        except BadXml as error:
            raise RuleError(f"the answer cannot be read: line {error.line}: {error}") from error

    def answer(self, **kw: str) -> Element:
        """The answer to a request. Raises RuleError with the name of a protocol error."""
        try:
            root: Element = self._protocol.makeRequestErrorHandling(**kw)
        except oai_errors.NoRecordsMatchError:
            return etree.Element("nothing")
        except oai_errors.ErrorBase as error:
            name = type(error).__name__.removesuffix("Error")
            raise RuleError(
                f"the repository answers {name}: {clean_line(str(error))[:200]}"
            ) from error
        if local_name(root) != "OAI-PMH":
            raise RuleError(f"there is no OAI-PMH repository at {self._address}")
        return root


def harvest_records(
    request: HarvestRequest,
    *,
    fetch: Fetch | None = None,
    on_page: Callable[[int], None] = lambda records: None,
) -> ReadResult:
    """Harvest all requested records. on_page: called with the number of records so far.

    A failure after the first page is a fault of that page; the records before it are returned.
    Raises RuleError if the first page fails.
    """
    client = HarvestClient(request.address, fetch or polite_fetch())
    gathered = ReadCollector()
    arguments: Mapping[str, str] = request.arguments()
    seen: set[str] = set()
    for number in range(1, MOST_REQUESTS + 1):
        try:
            root = client.answer(verb="ListRecords", **arguments)
        except RuleError as error:
            # Nothing was received yet, so there is nothing to keep: the person gets the error
            # itself.
            if number == 1:
                raise
            gathered.fault(f"page {number}", f"{error}; harvest again from where it stopped")
            return gathered.result()
        _gather_records(root, f"page {number}, ", gathered)
        on_page(len(gathered.candidates) + len(gathered.deleted))
        # An empty token ends the list, as a missing one does (OAI-PMH 2.0, 3.5).
        token = (root.findtext(".//oai:resumptionToken", namespaces=NAMESPACES) or "").strip()
        if not token or gathered.full:
            return gathered.result()
        # Some repositories send the same token for ever: only MOST_REQUESTS would end that.
        if token in seen:
            gathered.fault(
                f"page {number}",
                "the repository sent the same resumption token twice, so the list has no end",
            )
            return gathered.result()
        seen.add(token)
        arguments = {"resumptionToken": token}
    gathered.fault(f"page {MOST_REQUESTS}", f"stopped after {MOST_REQUESTS:,} pages")
    return gathered.result()


class _WebRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects to http and https addresses only."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The next request. Raises RuleError for any other address."""
        _check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def polite_fetch(
    *,
    pause: float = PAUSE,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetch:
    """Return a fetch function that pauses between requests and waits as long as a busy server asks.

    pause: seconds between two requests; seconds: limit for one answer.
    """
    opener = urllib.request.build_opener(_WebRedirects())
    opener.addheaders = [("User-Agent", f"Waymark/{__version__} (OAI-PMH harvester)")]
    asked_before = False

    def fetch(address: str) -> bytes:
        nonlocal asked_before
        _check_address(address)
        if asked_before:
            sleep(pause)
        asked_before = True
        for tries in range(1, MOST_TRIES + 1):
            try:
                return _read_answer(opener, address, seconds, most_bytes)
            except urllib.error.HTTPError as error:
                wait = _seconds_to_wait(error, tries)
                error.close()
                if wait is None:
                    raise RuleError(
                        f"the repository answers {error.code} {error.reason}"
                    ) from error
                sleep(wait)
            except TimeoutError as error:
                message = f"the repository did not answer within {seconds:.0f} seconds"
                raise RuleError(message) from error
            except (urllib.error.URLError, OSError) as error:
                reason = getattr(error, "reason", error)
                raise RuleError(f"the repository cannot be reached: {reason}") from error
        raise RuleError(f"the repository is still busy after {MOST_TRIES} attempts")

    return fetch


def _read_answer(
    opener: urllib.request.OpenerDirector, address: str, seconds: float, most_bytes: int
) -> bytes:
    """Read an answer within the limits of time and size. Raises TimeoutError, RuleError."""
    until = time.monotonic() + seconds
    parts, size = [], 0
    with opener.open(address, timeout=seconds) as answer:
        # read1 returns what has arrived, so that a server which sends one byte at a time cannot
        # keep us beyond the time limit, which the timeout of a single read would allow.
        while part := answer.read1(65_536):
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise RuleError(f"an answer is larger than {most_bytes // MIB} MiB")
            if time.monotonic() > until:
                raise TimeoutError
    return b"".join(parts)


def _seconds_to_wait(error: urllib.error.HTTPError, tries: int) -> float | None:
    """Seconds until the next attempt; None to give up."""
    if error.code not in BUSY or tries == MOST_TRIES:
        return None
    # Retry-After may also be a date; then, as without one, wait 10, 20, 30 seconds.
    retry_after = (error.headers.get("Retry-After") or "").strip()
    wait = float(retry_after) if retry_after.isdecimal() else 10.0 * tries
    return wait if wait <= LONGEST_WAIT else None


def _check_address(address: str) -> None:
    """Raise RuleError if this is not a web address."""
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise RuleError(f"{address[:100]} is not a web address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RuleError(
            f"{address[:100]} is not a web address: it must begin with https:// or http://"
        )


# ---- from records to values ----


def _gather_records(root: Element, before: str, gathered: ReadCollector) -> None:
    for number, record in enumerate(root.iterfind(".//oai:record", NAMESPACES), start=1):
        if gathered.full:
            return
        place = f"{before}record {number}"
        identifier = clean_line(record.findtext("oai:header/oai:identifier", "", NAMESPACES))
        header = record.find("oai:header", NAMESPACES)
        if not identifier or header is None:
            gathered.fault(place, "has no identifier")
        elif header.get("status") == "deleted":
            gathered.deleted.append(DeletedRecord(f"oai:{identifier}", place))
        else:
            _add_candidate(record, identifier, place, gathered)


def _add_candidate(record: Element, identifier: str, place: str, gathered: ReadCollector) -> None:
    elements: defaultdict[str, list[str]] = defaultdict(list)
    for element in record.iter(f"{{{DC}}}*"):
        if text := text_of(element).strip():
            elements[local_name(element)].append(text)
    if not elements:
        gathered.fault(place, "has no description in Dublin Core (oai_dc)")
        return
    notes = list(language_note(_first_text(elements["language"])))
    if len(elements["title"]) > 1:
        notes.append(f"we left out further titles: {'; '.join(elements['title'][1:])[:200]}")
    data = _record_data(elements)
    gathered.add(CandidateRecord(data, place, identity=f"oai:{identifier}", notes=tuple(notes)))


def _record_data(elements: defaultdict[str, list[str]]) -> RecordData:
    """Convert Dublin Core elements (name -> texts).

    identifier holds addresses, DOIs and ISBNs alike, so each is read for what it looks like:
    ["https://doi.org/10.1000/1", "https://board.example/r.pdf"] gives the DOI and the address.
    """
    identifiers = elements["identifier"]
    return RecordData(
        kind=first_in(elements["type"], kind_in),
        title=clean_line(_first_text(elements["title"])),
        authors=clean_lines(elements["creator"]),
        publisher=clean_line(_first_text(elements["publisher"])),
        year=first_in(elements["date"], year_in),
        published_on=first_in(elements["date"], day_in),
        nation=_first_text(nation for nation in elements["coverage"] if nation in NATIONS),
        language=language_in(_first_text(elements["language"])),
        abstract=clean_paragraphs("\n\n".join(elements["description"])),
        keywords=clean_lines(elements["subject"]),
        url=first_in((text for text in identifiers if not doi_in(text)), url_in),
        doi=first_in(identifiers, doi_in),
        isbn=first_in(identifiers, isbn_in),
        **rights_in([*elements["rights"], *elements["license"]]),
    )


def _first_text(texts: Iterable[str]) -> str:
    return next(iter(texts), "")
