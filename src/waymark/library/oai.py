"""OAI-PMH 2.0 (https://www.openarchives.org/OAI/openarchivesprotocol.html): requests and answers.

Pure: what is in the repository comes from a Source. Nothing sent raises: what is wrong with a
request is told in the answer, with the protocol's own codes.

Lists go by (datestamp, number), and a token holds the last of these that was told, with the set,
the dates and the format of the request. So nothing is kept between requests, a token never expires,
and a record that changes while somebody harvests comes again at the end instead of being missed.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from lxml import etree

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PAGE = 100

Element = etree._Element


@dataclass(frozen=True, slots=True)
class Format:
    """A form of metadata. prefix: as requests name it."""

    prefix: str
    schema: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Set:
    """A part of the repository. spec: hierarchical, levels divided by colons."""

    spec: str
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A record as harvesters are told of it. number: tells items of one datestamp apart.

    metadata: prefix -> how its description is made; empty where it is deleted.
    """

    identifier: str
    datestamp: datetime
    number: int
    sets: tuple[str, ...]
    metadata: Mapping[str, Callable[[], Element]] = field(default_factory=dict)

    @property
    def deleted(self) -> bool:
        """Whether it was told of once and is no more."""
        return not self.metadata


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list asks for. since, until: both included, None where open. after: (datestamp,
    number) of the last item told, None at the beginning."""

    prefix: str
    spec: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, int] | None = None
    told: int = 0


class Source(Protocol):
    """The repository. host: its name in identifiers."""

    @property
    def name(self) -> str: ...

    @property
    def mail(self) -> str: ...

    @property
    def host(self) -> str: ...

    def earliest(self) -> datetime:
        """No datestamp is before this, also of what is deleted."""

    def sets(self) -> Sequence[Set]:
        """All sets."""

    def formats(self) -> Sequence[Format]:
        """All forms of metadata."""

    def item(self, identifier: str) -> Item | None:
        """The item of an identifier; None where there never was one for the public."""

    def items(self, wanted: Wanted, limit: int) -> Sequence[Item]:
        """The next items of a list by (datestamp, number), at most limit."""

    def count(self, wanted: Wanted) -> int:
        """How many the whole list has, whatever was told."""

    def seal(self, said: str) -> str:
        """A text that the repository will know as its own."""

    def unseal(self, token: str) -> str | None:
        """What was sealed; None for anything else."""


class _Refused(Exception):
    """A request that the protocol has a code for."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
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
"""Verb -> the arguments it must have, and those it may have."""


def answer(
    arguments: Iterable[tuple[str, str]], source: Source, *, address: str, now: datetime
) -> bytes:
    """The answer to a request, as XML. arguments: names and values as they were sent, repeated ones
    too. address: of the repository."""
    sent = list(arguments)
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", SCHEMA)
    _say(root, "responseDate", stamp(now))
    request = _say(root, "request", address)
    try:
        verb, said = _checked(sent)
        part = etree.Element(f"{{{OAI}}}{verb}")
        _VERBS[verb](part, said, source, address)
    except _Refused as refused:
        if refused.code not in {"badVerb", "badArgument"}:
            _repeat(request, sent)
        _say(root, "error", str(refused)).set("code", refused.code)
    else:
        _repeat(request, sent)
        root.append(part)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


def stamp(moment: datetime) -> str:
    """A moment as the protocol writes it, in UTC and whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _repeat(request: Element, sent: list[tuple[str, str]]) -> None:
    for name, value in sent:
        request.set(name, value)


def _say(parent: Element, name: str, text: str) -> Element:
    made: Element = etree.SubElement(parent, f"{{{OAI}}}{name}")
    made.text = NOT_XML.sub("", text)
    return made


def _checked(sent: list[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """The verb and its arguments. Raises _Refused."""
    verbs = [value for name, value in sent if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in ARGUMENTS:
        raise _Refused("badVerb", f"send one verb of {', '.join(ARGUMENTS)}")
    (verb,) = verbs
    rest = [(name, value) for name, value in sent if name != "verb"]
    said = dict(rest)
    needed, allowed = ARGUMENTS[verb]
    if len(said) != len(rest):
        raise _Refused("badArgument", "an argument is sent more than once")
    unknown = said.keys() - needed - allowed
    if unknown:
        raise _Refused("badArgument", f"{verb} has no argument {min(unknown)[:60]!r}")
    if any(NOT_XML.search(value) for value in said.values()):
        raise _Refused("badArgument", "an argument holds a control character")
    if "resumptionToken" in said:
        if len(said) > 1:
            raise _Refused("badArgument", "a resumptionToken goes without other arguments")
    elif needed - said.keys():
        raise _Refused("badArgument", f"{verb} needs {' and '.join(sorted(needed - said.keys()))}")
    return verb, said


# ---- the verbs ----


def _identify(part: Element, said: dict[str, str], source: Source, address: str) -> None:
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


def _formats(part: Element, said: dict[str, str], source: Source, address: str) -> None:
    if "identifier" in said:
        _found(said["identifier"], source)
    for one in source.formats():
        made = etree.SubElement(part, f"{{{OAI}}}metadataFormat")
        _say(made, "metadataPrefix", one.prefix)
        _say(made, "schema", one.schema)
        _say(made, "metadataNamespace", one.namespace)


def _sets(part: Element, said: dict[str, str], source: Source, address: str) -> None:
    if "resumptionToken" in said:
        raise _Refused("badResumptionToken", "the list of sets is given whole")
    for one in source.sets():
        made = etree.SubElement(part, f"{{{OAI}}}set")
        _say(made, "setSpec", one.spec)
        _say(made, "setName", one.name)


def _record(part: Element, said: dict[str, str], source: Source, address: str) -> None:
    prefix = _known_prefix(said["metadataPrefix"], source)
    item = _found(said["identifier"], source)
    if not item.deleted and prefix not in item.metadata:
        raise _Refused("cannotDisseminateFormat", f"{item.identifier} has no {prefix}")
    _add_record(part, item, prefix)


def _found(identifier: str, source: Source) -> Item:
    item = source.item(identifier)
    if item is None:
        raise _Refused("idDoesNotExist", f"there is no item {identifier[:200]}")
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


def _identifiers(part: Element, said: dict[str, str], source: Source, address: str) -> None:
    _list(part, said, source, "ListIdentifiers", lambda item, prefix: _add_header(part, item))


def _records(part: Element, said: dict[str, str], source: Source, address: str) -> None:
    _list(part, said, source, "ListRecords", lambda item, prefix: _add_record(part, item, prefix))


def _list(
    part: Element,
    said: dict[str, str],
    source: Source,
    verb: Literal["ListIdentifiers", "ListRecords"],
    add: Callable[[Item, str], None],
) -> None:
    token = said.get("resumptionToken")
    wanted = _asked(said, source) if token is None else _resumed(token, source, verb)
    found = source.items(wanted, PAGE + 1)
    if not found and token is None:
        raise _Refused("noRecordsMatch", "no record is of that set, format and time")
    page = found[:PAGE]
    for item in page:
        add(item, wanted.prefix)
    if len(found) > PAGE:
        last = page[-1]
        rest = replace(wanted, after=(last.datestamp, last.number), told=wanted.told + len(page))
        _token(part, source.seal(_written(rest, verb)), wanted, source)
    elif token is not None:
        _token(part, "", wanted, source)


def _token(part: Element, text: str, wanted: Wanted, source: Source) -> None:
    made = _say(part, "resumptionToken", text)
    made.set("completeListSize", str(max(source.count(wanted), wanted.told)))
    made.set("cursor", str(wanted.told))


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
    known = [one.prefix for one in source.formats()]
    if prefix not in known:
        raise _Refused("cannotDisseminateFormat", f"there is {', '.join(known)}")
    return prefix


def _asked(said: dict[str, str], source: Source) -> Wanted:
    given = [said[name] for name in ("from", "until") if name in said]
    if len({len(one) for one in given}) > 1:
        raise _Refused("badArgument", "from and until are written in two ways: use one")
    since = _moment(said["from"], late=False) if "from" in said else None
    until = _moment(said["until"], late=True) if "until" in said else None
    if since is not None and until is not None and since > until:
        raise _Refused("badArgument", "from is later than until")
    prefix = _known_prefix(said["metadataPrefix"], source)
    spec = said.get("set", "")
    if "set" in said and spec not in {one.spec for one in source.sets()}:
        raise _Refused("noRecordsMatch", f"there is no set {spec[:100]!r}")
    return Wanted(prefix, spec, since, until)


def _moment(text: str, *, late: bool) -> datetime:
    """A day or moment. late: the last moment that the text means, to the microsecond."""
    if not (DAY.fullmatch(text) or MOMENT.fullmatch(text)):
        raise _Refused("badArgument", f"{text[:40]!r} is no day or moment in UTC")
    short = len(text) == len("2026-01-31")
    try:
        start = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError as error:
        raise _Refused("badArgument", f"there is no {text}") from error
    if not late:
        return start
    step = timedelta(days=1) if short else timedelta(seconds=1)
    try:
        return start + step - timedelta(microseconds=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _written(wanted: Wanted, verb: str) -> str:
    after = wanted.after
    return "|".join(
        (
            verb,
            wanted.prefix,
            wanted.spec,
            "" if wanted.since is None else wanted.since.isoformat(),
            "" if wanted.until is None else wanted.until.isoformat(),
            "" if after is None else after[0].isoformat(),
            "" if after is None else str(after[1]),
            str(wanted.told),
        )
    )


def _resumed(token: str, source: Source, verb: str) -> Wanted:
    said = source.unseal(token)
    if said is None or not said.startswith(f"{verb}|"):
        raise _Refused("badResumptionToken", "this is no token of such a list: begin it anew")
    _, prefix, spec, since, until, at, number, told = said.split("|")
    return Wanted(
        prefix,
        spec,
        datetime.fromisoformat(since) if since else None,
        datetime.fromisoformat(until) if until else None,
        (datetime.fromisoformat(at), int(number)) if at else None,
        int(told),
    )
