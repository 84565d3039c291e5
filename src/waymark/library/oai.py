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

from waymark.library.oai_repository import Item, Source, Wanted

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PAGE = 100

Element = etree._Element


class _Refused(Exception):
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


def answer(
    arguments: Iterable[tuple[str, str]], source: Source, *, address: str, now: datetime
) -> bytes:
    """Answer a request with XML. arguments: names and values as sent, including repeated ones;
    address: of the repository."""
    sent = list(arguments)
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", SCHEMA)
    _say(root, "responseDate", stamp(now))
    request = _say(root, "request", address)
    try:
        verb, arguments_of_verb = _checked(sent)
        part = etree.Element(f"{{{OAI}}}{verb}")
        _VERBS[verb](part, arguments_of_verb, source, address)
    except _Refused as refused:
        # The protocol: after these two codes the request element has no attributes.
        if refused.code not in {"badVerb", "badArgument"}:
            _repeat(request, sent)
        _say(root, "error", str(refused)).set("code", refused.code)
    else:
        _repeat(request, sent)
        root.append(part)
    document: bytes = etree.tostring(
        root, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return document


def stamp(moment: datetime) -> str:
    """Format a moment for the protocol, in UTC and whole seconds: 2026-01-31T09:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _repeat(request: Element, sent: list[tuple[str, str]]) -> None:
    for name, value in sent:
        request.set(name, value)


def _say(parent: Element, name: str, text: str) -> Element:
    element: Element = etree.SubElement(parent, f"{{{OAI}}}{name}")
    element.text = NOT_XML.sub("", text)
    return element


def _checked(sent: list[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """The verb and its other arguments. Raises _Refused."""
    verbs = [value for name, value in sent if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in ARGUMENTS:
        raise _Refused("badVerb", f"use exactly one of these verbs: {', '.join(ARGUMENTS)}")
    (verb,) = verbs
    rest = [(name, value) for name, value in sent if name != "verb"]
    values = dict(rest)
    needed, allowed = ARGUMENTS[verb]
    if len(values) != len(rest):
        raise _Refused("badArgument", "an argument is repeated")
    unknown = values.keys() - needed - allowed
    if unknown:
        raise _Refused("badArgument", f"{verb} has no argument {min(unknown)[:60]!r}")
    if any(NOT_XML.search(value) for value in values.values()):
        raise _Refused("badArgument", "an argument contains a control character")
    if "resumptionToken" in values:
        if len(values) > 1:
            raise _Refused("badArgument", "use a resumptionToken without other arguments")
    elif needed - values.keys():
        raise _Refused(
            "badArgument", f"{verb} needs {' and '.join(sorted(needed - values.keys()))}"
        )
    return verb, values


# ---- the verbs ----


def _identify(part: Element, arguments: dict[str, str], source: Source, address: str) -> None:
    _say(part, "repositoryName", source.name)
    _say(part, "baseURL", address)
    _say(part, "protocolVersion", "2.0")
    _say(part, "adminEmail", source.mail)
    _say(part, "earliestDatestamp", stamp(source.earliest()))
    _say(part, "deletedRecord", "persistent")
    _say(part, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    described = etree.SubElement(
        _say(part, "description", ""), f"{{{IDENTIFIER}}}oai-identifier", nsmap={None: IDENTIFIER}
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


def _formats(part: Element, arguments: dict[str, str], source: Source, address: str) -> None:
    if "identifier" in arguments:
        _found(arguments["identifier"], source)
    for metadata_format in source.formats():
        element = etree.SubElement(part, f"{{{OAI}}}metadataFormat")
        _say(element, "metadataPrefix", metadata_format.prefix)
        _say(element, "schema", metadata_format.schema)
        _say(element, "metadataNamespace", metadata_format.namespace)


def _sets(part: Element, arguments: dict[str, str], source: Source, address: str) -> None:
    if "resumptionToken" in arguments:
        raise _Refused("badResumptionToken", "the list of sets has no tokens: it is complete")
    for oai_set in source.sets():
        element = etree.SubElement(part, f"{{{OAI}}}set")
        _say(element, "setSpec", oai_set.spec)
        _say(element, "setName", oai_set.name)


def _record(part: Element, arguments: dict[str, str], source: Source, address: str) -> None:
    prefix = _known_prefix(arguments["metadataPrefix"], source)
    item = _found(arguments["identifier"], source)
    if not item.deleted and prefix not in item.metadata:
        raise _Refused("cannotDisseminateFormat", f"{item.identifier} has no {prefix}")
    _add_record(part, item, prefix)


def _found(identifier: str, source: Source) -> Item:
    item = source.item(identifier)
    if item is None:
        raise _Refused("idDoesNotExist", f"there is no item with the identifier {identifier[:200]}")
    return item


def _add_record(part: Element, item: Item, prefix: str) -> None:
    record = etree.SubElement(part, f"{{{OAI}}}record")
    _add_header(record, item)
    if not item.deleted:
        etree.SubElement(record, f"{{{OAI}}}metadata").append(item.metadata[prefix]())


def _add_header(part: Element, item: Item) -> None:
    header = etree.SubElement(part, f"{{{OAI}}}header")
    if item.deleted:
        header.set("status", "deleted")
    _say(header, "identifier", item.identifier)
    _say(header, "datestamp", stamp(item.datestamp))
    for spec in item.sets:
        _say(header, "setSpec", spec)


def _identifiers(part: Element, arguments: dict[str, str], source: Source, address: str) -> None:
    _list(part, arguments, source, "ListIdentifiers", lambda item, prefix: _add_header(part, item))


def _records(part: Element, arguments: dict[str, str], source: Source, address: str) -> None:
    _list(
        part, arguments, source, "ListRecords", lambda item, prefix: _add_record(part, item, prefix)
    )


def _list(
    part: Element,
    arguments: dict[str, str],
    source: Source,
    verb: Literal["ListIdentifiers", "ListRecords"],
    add: Callable[[Item, str], None],
) -> None:
    token = arguments.get("resumptionToken")
    request = _asked(arguments, source) if token is None else _resumed(token, source, verb)
    # One more than a page shows whether there is a next page, without a count.
    items = source.items(request, PAGE + 1)
    if not items and token is None:
        raise _Refused("noRecordsMatch", "no records match this set, format and period")
    page = items[:PAGE]
    for item in page:
        add(item, request.prefix)
    if len(items) > PAGE:
        last = page[-1]
        rest = replace(request, after=(last.datestamp, last.number), told=request.told + len(page))
        _token(part, source.seal(_written(rest, verb)), request, source)
    elif token is not None:
        _token(part, "", request, source)


def _token(part: Element, text: str, request: Wanted, source: Source) -> None:
    element = _say(part, "resumptionToken", text)
    element.set("completeListSize", str(max(source.count(request), request.told)))
    element.set("cursor", str(request.told))


_VERBS: dict[str, Callable[[Element, dict[str, str], Source, str], None]] = {
    "Identify": _identify,
    "ListMetadataFormats": _formats,
    "ListSets": _sets,
    "GetRecord": _record,
    "ListIdentifiers": _identifiers,
    "ListRecords": _records,
}


# ---- what a list asks for ----


def _known_prefix(prefix: str, source: Source) -> str:
    known = [known_format.prefix for known_format in source.formats()]
    if prefix not in known:
        raise _Refused("cannotDisseminateFormat", f"use one of these formats: {', '.join(known)}")
    return prefix


def _asked(arguments: dict[str, str], source: Source) -> Wanted:
    dates = [arguments[name] for name in ("from", "until") if name in arguments]
    if len({len(date) for date in dates}) > 1:
        raise _Refused("badArgument", "write from and until in the same way, as days or as moments")
    since = _moment(arguments["from"], late=False) if "from" in arguments else None
    until = _moment(arguments["until"], late=True) if "until" in arguments else None
    if since is not None and until is not None and since > until:
        raise _Refused("badArgument", "from is later than until")
    prefix = _known_prefix(arguments["metadataPrefix"], source)
    spec = arguments.get("set", "")
    if "set" in arguments and spec not in {date.spec for date in source.sets()}:
        raise _Refused("noRecordsMatch", f"there is no set {spec[:100]!r}")
    return Wanted(prefix, spec, since, until)


def _moment(text: str, *, late: bool) -> datetime:
    """A day or moment in UTC. late: its last microsecond instead of its first.

    "2026-01-31" with late -> 2026-01-31T23:59:59.999999Z, so that until includes the whole day.
    """
    if not (DAY.fullmatch(text) or MOMENT.fullmatch(text)):
        raise _Refused("badArgument", f"{text[:40]!r} is not a day or a moment in UTC")
    # A day has no time. fromisoformat() alone would also accept weeks, basic formats and zones,
    # which the protocol forbids.
    short = len(text) == len("2026-01-31")
    try:
        start = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError as error:
        raise _Refused("badArgument", f"{text} does not exist") from error
    if not late:
        return start
    step = timedelta(days=1) if short else timedelta(seconds=1)
    try:
        return start + step - timedelta(microseconds=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _written(request: Wanted, verb: str) -> str:
    after = request.after
    return "|".join(
        (
            verb,
            request.prefix,
            request.spec,
            "" if request.since is None else request.since.isoformat(),
            "" if request.until is None else request.until.isoformat(),
            "" if after is None else after[0].isoformat(),
            "" if after is None else str(after[1]),
            str(request.told),
        )
    )


def _resumed(token: str, source: Source, verb: str) -> Wanted:
    text = source.unseal(token)
    if text is None or not text.startswith(f"{verb}|"):
        raise _Refused("badResumptionToken", "this token is not valid for this list: start again")
    # No field contains "|": prefixes and sets are our own names, the others numbers and dates.
    _, prefix, spec, since, until, at, number, sent = text.split("|")
    return Wanted(
        prefix,
        spec,
        datetime.fromisoformat(since) if since else None,
        datetime.fromisoformat(until) if until else None,
        (datetime.fromisoformat(at), int(number)) if at else None,
        int(sent),
    )
