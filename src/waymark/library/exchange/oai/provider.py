"""OAI-PMH 2.0 provider (https://www.openarchives.org/OAI/openarchivesprotocol.html).

Pure: the items come from a HarvestSource. No request raises: faults are answered with the error
codes of the protocol.

Lists are ordered by (datestamp, number), and a resumption token contains the last pair sent, with
the set, dates and format of the request. So nothing is stored between requests, a token never
expires, and a record that changes during a harvest is sent again at the end instead of missed.

Example of a token before it is signed, after 100 records of the case reviews since 2026:

    ListRecords|oai_dc|case-review|2026-01-01T00:00:00+00:00||2026-03-04T10:00:00+00:00|117|100
    verb       |prefix|set        |from                     |until|last datestamp      |number|sent
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from lxml import etree

from waymark.library.exchange.oai.repository import HarvestItem, HarvestSource, ListRequest

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PAGE = 100

Element = etree._Element


class _ProtocolError(Exception):
    """A fault in a request, with the error code of the protocol."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


ARGUMENTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (
        frozenset({"metadataPrefix"}),
        frozenset({"from", "until", "set", "resumptionToken"}),
    ),
    "ListRecords": (
        frozenset({"metadataPrefix"}),
        frozenset({"from", "until", "set", "resumptionToken"}),
    ),
}
"""Verb -> (required arguments, optional arguments)."""


def answer_request(
    arguments: Iterable[tuple[str, str]], source: HarvestSource, *, address: str, now: datetime
) -> bytes:
    """Answer a request with XML. arguments: names and values as sent, including repeated ones;
    address: of the repository."""
    sent = list(arguments)
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", SCHEMA)
    _add_text(root, "responseDate", utc_stamp(now))
    request = _add_text(root, "request", address)
    try:
        verb, arguments_of_verb = _checked_arguments(sent)
        part = etree.Element(f"{{{OAI}}}{verb}")
        _VERBS[verb](part, arguments_of_verb, source, address)
    except _ProtocolError as refused:
        # The protocol: after these two codes the request element has no attributes.
        if refused.code not in {"badVerb", "badArgument"}:
            _repeat_arguments(request, sent)
        _add_text(root, "error", str(refused)).set("code", refused.code)
    else:
        _repeat_arguments(request, sent)
        root.append(part)
    document: bytes = etree.tostring(
        root, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return document


def utc_stamp(moment: datetime) -> str:
    """Format a moment for the protocol, in UTC and whole seconds: 2026-01-31T09:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _repeat_arguments(request: Element, sent: list[tuple[str, str]]) -> None:
    for name, value in sent:
        request.set(name, value)


def _add_text(parent: Element, name: str, text: str) -> Element:
    element: Element = etree.SubElement(parent, f"{{{OAI}}}{name}")
    element.text = NOT_XML.sub("", text)
    return element


def _checked_arguments(sent: list[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """The verb and its other arguments. Raises _ProtocolError."""
    verbs = [value for name, value in sent if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in ARGUMENTS:
        raise _ProtocolError("badVerb", f"use exactly one of these verbs: {', '.join(ARGUMENTS)}")
    (verb,) = verbs
    rest = [(name, value) for name, value in sent if name != "verb"]
    values = dict(rest)
    needed, allowed = ARGUMENTS[verb]
    if len(values) != len(rest):
        raise _ProtocolError("badArgument", "an argument is repeated")
    unknown = values.keys() - needed - allowed
    if unknown:
        raise _ProtocolError("badArgument", f"{verb} has no argument {min(unknown)[:60]!r}")
    if any(NOT_XML.search(value) for value in values.values()):
        raise _ProtocolError("badArgument", "an argument contains a control character")
    # A token is an exclusive argument (OAI-PMH 2.0, 3.5): it contains the list that it continues.
    if "resumptionToken" in values:
        if len(values) > 1:
            raise _ProtocolError("badArgument", "use a resumptionToken without other arguments")
    elif needed - values.keys():
        raise _ProtocolError(
            "badArgument", f"{verb} needs {' and '.join(sorted(needed - values.keys()))}"
        )
    return verb, values


# ---- the verbs ----


def _answer_identify(
    part: Element, arguments: dict[str, str], source: HarvestSource, address: str
) -> None:
    _add_text(part, "repositoryName", source.name)
    _add_text(part, "baseURL", address)
    _add_text(part, "protocolVersion", "2.0")
    _add_text(part, "adminEmail", source.mail)
    _add_text(part, "earliestDatestamp", utc_stamp(source.earliest()))
    _add_text(part, "deletedRecord", "persistent")
    _add_text(part, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    described = etree.SubElement(
        _add_text(part, "description", ""),
        f"{{{IDENTIFIER}}}oai-identifier",
        nsmap={None: IDENTIFIER},
    )
    described.set(
        f"{{{XSI}}}schemaLocation",
        f"{IDENTIFIER} http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
    )
    for name, value in (
        ("scheme", "oai"),
        ("repositoryIdentifier", source.host),
        ("delimiter", ":"),
        ("sampleIdentifier", f"oai:{source.host}:resource/neglect"),
    ):
        etree.SubElement(described, f"{{{IDENTIFIER}}}{name}").text = value


def _answer_formats(
    part: Element, arguments: dict[str, str], source: HarvestSource, address: str
) -> None:
    if "identifier" in arguments:
        _existing_item(arguments["identifier"], source)
    for metadata_format in source.formats():
        element = etree.SubElement(part, f"{{{OAI}}}metadataFormat")
        _add_text(element, "metadataPrefix", metadata_format.prefix)
        _add_text(element, "schema", metadata_format.schema)
        _add_text(element, "metadataNamespace", metadata_format.namespace)


def _answer_sets(
    part: Element, arguments: dict[str, str], source: HarvestSource, address: str
) -> None:
    if "resumptionToken" in arguments:
        raise _ProtocolError("badResumptionToken", "the list of sets has no tokens: it is complete")
    for oai_set in source.sets():
        element = etree.SubElement(part, f"{{{OAI}}}set")
        _add_text(element, "setSpec", oai_set.spec)
        _add_text(element, "setName", oai_set.name)


def _answer_record(
    part: Element, arguments: dict[str, str], source: HarvestSource, address: str
) -> None:
    prefix = _known_prefix(arguments["metadataPrefix"], source)
    item = _existing_item(arguments["identifier"], source)
    if not item.deleted and prefix not in item.metadata:
        raise _ProtocolError("cannotDisseminateFormat", f"{item.identifier} has no {prefix}")
    _add_record(part, item, prefix)


def _existing_item(identifier: str, source: HarvestSource) -> HarvestItem:
    item = source.item(identifier)
    if item is None:
        raise _ProtocolError(
            "idDoesNotExist", f"there is no item with the identifier {identifier[:200]}"
        )
    return item


def _add_record(part: Element, item: HarvestItem, prefix: str) -> None:
    record = etree.SubElement(part, f"{{{OAI}}}record")
    _add_header(record, item)
    if not item.deleted:
        etree.SubElement(record, f"{{{OAI}}}metadata").append(item.metadata[prefix]())


def _add_header(part: Element, item: HarvestItem) -> None:
    header = etree.SubElement(part, f"{{{OAI}}}header")
    if item.deleted:
        header.set("status", "deleted")
    _add_text(header, "identifier", item.identifier)
    _add_text(header, "datestamp", utc_stamp(item.datestamp))
    for spec in item.sets:
        _add_text(header, "setSpec", spec)


def _answer_identifiers(
    part: Element, arguments: dict[str, str], source: HarvestSource, address: str
) -> None:
    _answer_list(
        part, arguments, source, "ListIdentifiers", lambda item, prefix: _add_header(part, item)
    )


def _answer_records(
    part: Element, arguments: dict[str, str], source: HarvestSource, address: str
) -> None:
    _answer_list(
        part, arguments, source, "ListRecords", lambda item, prefix: _add_record(part, item, prefix)
    )


def _answer_list(
    part: Element,
    arguments: dict[str, str],
    source: HarvestSource,
    verb: Literal["ListIdentifiers", "ListRecords"],
    add: Callable[[HarvestItem, str], None],
) -> None:
    token = arguments.get("resumptionToken")
    request = (
        _requested_list(arguments, source) if token is None else _resumed_list(token, source, verb)
    )
    # One more than a page shows whether there is a next page, without a count.
    items = source.items(request, PAGE + 1)
    if not items and token is None:
        raise _ProtocolError("noRecordsMatch", "no records match this set, format and period")
    page = items[:PAGE]
    for item in page:
        add(item, request.prefix)
    if len(items) > PAGE:
        last = page[-1]
        rest = replace(request, after=(last.datestamp, last.number), sent=request.sent + len(page))
        _add_token(part, source.seal(_token_text(rest, verb)), request, source)
    elif token is not None:
        _add_token(part, "", request, source)


def _add_token(part: Element, text: str, request: ListRequest, source: HarvestSource) -> None:
    element = _add_text(part, "resumptionToken", text)
    element.set("completeListSize", str(max(source.count(request), request.sent)))
    element.set("cursor", str(request.sent))


_VERBS: dict[str, Callable[[Element, dict[str, str], HarvestSource, str], None]] = {
    "Identify": _answer_identify,
    "ListMetadataFormats": _answer_formats,
    "ListSets": _answer_sets,
    "GetRecord": _answer_record,
    "ListIdentifiers": _answer_identifiers,
    "ListRecords": _answer_records,
}


# ---- what a list asks for ----


def _known_prefix(prefix: str, source: HarvestSource) -> str:
    known = [known_format.prefix for known_format in source.formats()]
    if prefix not in known:
        raise _ProtocolError(
            "cannotDisseminateFormat", f"use one of these formats: {', '.join(known)}"
        )
    return prefix


def _requested_list(arguments: dict[str, str], source: HarvestSource) -> ListRequest:
    # "2024-05-01" and "2024-05-01T00:00:00Z" have 10 and 20 characters. The protocol demands one
    # granularity for both, so that the harvester knows what "until" includes.
    dates = [arguments[name] for name in ("from", "until") if name in arguments]
    if len({len(date) for date in dates}) > 1:
        raise _ProtocolError(
            "badArgument", "write from and until in the same way, as days or as moments"
        )
    since = _read_moment(arguments["from"], late=False) if "from" in arguments else None
    until = _read_moment(arguments["until"], late=True) if "until" in arguments else None
    if since is not None and until is not None and since > until:
        raise _ProtocolError("badArgument", "from is later than until")
    prefix = _known_prefix(arguments["metadataPrefix"], source)
    spec = arguments.get("set", "")
    if "set" in arguments and spec not in {date.spec for date in source.sets()}:
        raise _ProtocolError("noRecordsMatch", f"there is no set {spec[:100]!r}")
    return ListRequest(prefix, spec, since, until)


def _read_moment(text: str, *, late: bool) -> datetime:
    """A day or moment in UTC. late: its last microsecond instead of its first.

    "2026-01-31" with late -> 2026-01-31T23:59:59.999999Z, so that until includes the whole day.
    """
    if not (DAY.fullmatch(text) or MOMENT.fullmatch(text)):
        raise _ProtocolError("badArgument", f"{text[:40]!r} is not a day or a moment in UTC")
    # A day has no time. fromisoformat() alone would also accept weeks, basic formats and zones,
    # which the protocol forbids.
    short = len(text) == len("2026-01-31")
    try:
        start = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError as error:
        raise _ProtocolError("badArgument", f"{text} does not exist") from error
    if not late:
        return start
    step = timedelta(days=1) if short else timedelta(seconds=1)
    try:
        return start + step - timedelta(microseconds=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _token_text(request: ListRequest, verb: str) -> str:
    after = request.after
    return "|".join(
        (
            verb,
            request.prefix,
            request.set_spec,
            "" if request.since is None else request.since.isoformat(),
            "" if request.until is None else request.until.isoformat(),
            "" if after is None else after[0].isoformat(),
            "" if after is None else str(after[1]),
            str(request.sent),
        )
    )


def _resumed_list(token: str, source: HarvestSource, verb: str) -> ListRequest:
    text = source.unseal(token)
    if text is None or not text.startswith(f"{verb}|"):
        raise _ProtocolError(
            "badResumptionToken", "this token is not valid for this list: start again"
        )
    # No field contains "|": prefixes and sets are our own names, the others numbers and dates.
    _, prefix, spec, since, until, at, number, sent = text.split("|")
    return ListRequest(
        prefix,
        spec,
        datetime.fromisoformat(since) if since else None,
        datetime.fromisoformat(until) if until else None,
        (datetime.fromisoformat(at), int(number)) if at else None,
        int(sent),
    )
