"""Read XML with references: EndNote's and MODS of the Library of Congress."""

from collections.abc import Callable, Iterator

from lxml import etree

from waymark.library.exchange.readers.reference import (
    BODY,
    ReferenceFields,
    ReferenceForm,
    candidate_of,
    written_here,
)
from waymark.library.exchange.readers.result import LONGEST, ReadCollector, ReadResult
from waymark.library.exchange.readers.tagged import ENDNOTE
from waymark.library.exchange.readers.xml import BadXml, Element, local_name, parse_xml, text_of
from waymark.library.exchange.record import ARTICLE

Pairs = Iterator[tuple[str, str]]
ENDNOTE_XML = ReferenceForm(
    names={
        "type": ("ref-type",),
        "kind": ("work-type",),
        "title": ("titles/title",),
        "short_title": ("titles/short-title",),
        "authors": ("authors/author",),
        "editors": ("secondary-authors/author",),
        "journal": ("periodical/full-title", "periodical/abbr-1"),
        "second_title": ("titles/secondary-title",),
        "series": ("titles/tertiary-title",),
        "publisher": ("publisher",),
        "place": ("pub-location",),
        "volume": ("volume",),
        "issue_or_number": ("number", "issue"),
        "number": ("report-id",),
        "pages": ("pages",),
        "edition": ("edition",),
        "dates": ("pub-dates/date", "dates/year"),
        "accessed": ("access-date",),
        "isbn_or_issn": ("isbn",),
        "doi": ("electronic-resource-num",),
        "url": ("related-urls/url", "web-urls/url"),
        "abstract": ("abstract",),
        "keywords": ("keywords/keyword",),
        "language": ("language",),
        "notes": ("notes",),
    },
    kinds=ENDNOTE.kinds,
    silent=frozenset(
        [
            "database",
            "source-app",
            "rec-number",
            "key",
            "ref-type-number",
            "pdf-urls/url",
            "foreign-keys/key",
            "remote-database-name",
            "remote-database-provider",
            "accession-num",
            "dates/date",
        ]
    ),
    keyword_signs="",
)
MODS = ReferenceForm(
    names={
        "type": ("genre", "typeOfResource"),
        "title": ("title",),
        "strapline": ("subTitle",),
        "authors": ("author",),
        "editors": ("editor",),
        "second_title": ("host/title",),
        "series": ("series/title",),
        "publisher": ("publisher",),
        "place": ("place",),
        "volume": ("volume",),
        "issue": ("issue",),
        "number": ("identifier report number",),
        "pages": ("pages",),
        "edition": ("edition",),
        "dates": ("dateIssued", "copyrightDate", "dateCreated"),
        "accessed": ("dateCaptured",),
        "isbn_or_issn": (
            *("identifier isbn", "identifier issn", "host/identifier issn"),
            *("host/identifier isbn", "series/identifier issn"),
        ),
        "doi": ("identifier doi",),
        "url": ("url", "identifier uri"),
        "abstract": ("abstract",),
        "keywords": ("topic", "geographic", "temporal", "subject name"),
        "language": ("languageTerm",),
        "notes": ("note",),
        "rights": ("accessCondition",),
    },
    kinds={
        **dict.fromkeys(("academic journal", "periodical"), ARTICLE),
        "moving image": "recording",
        "sound recording-nonmusical": "recording",
        "web site": "web-page",
        "statute": "legislation",
    },
    silent=frozenset(
        [
            "recordIdentifier",
            "recordContentSource",
            "recordCreationDate",
            "recordChangeDate",
            "recordOrigin",
            "languageOfCataloging",
            "issuance",
            "form",
            "internetMediaType",
            "digitalOrigin",
            "location",
            "typeOfResource",
            "url",
            "record",
        ]
    ),
    keyword_signs="",
)


def read_endnote_xml(content: bytes) -> ReadResult:
    """Read a file that EndNote exported as XML."""
    return _read(content, "record", _endnote_pairs, ENDNOTE_XML)


def read_mods(content: bytes) -> ReadResult:
    """Read MODS: one record or a collection of them."""
    return _read(content, "mods", _mods_pairs, MODS)


def _read(
    content: bytes, name: str, pairs_of: Callable[[Element], Pairs], form: ReferenceForm
) -> ReadResult:
    gathered = ReadCollector()
    try:
        root = parse_xml(content)
    except BadXml as error:
        gathered.fault(f"line {error.line}", str(error))
        return gathered.result()
    literal = written_here(content.decode("utf-8", "replace"))
    elements = (one for one in root.iter(etree.Element) if local_name(one) == name)
    for number, element in enumerate(elements, start=1):
        if gathered.full:
            break
        place = f"record {number} (line {element.sourceline})"
        pairs = ((key, text[:LONGEST]) for key, text in pairs_of(element))
        fields = ReferenceFields(pairs, literal=literal)
        gathered.add(candidate_of(fields, form, place, literal=literal))
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "contains no records")
    return gathered.result()


# ---- EndNote ----


def _endnote_pairs(record: Element) -> Pairs:
    """(path of the last two elements, text): "titles/title", "authors/author"."""
    for part in record.iter(etree.Element):
        name, parent = local_name(part), part.getparent()
        if name == "ref-type":
            yield "ref-type", part.get("name", "")
        elif not any(local_name(one) != "style" for one in part) and name != "style":
            above = local_name(parent) if parent is not None else ""
            # EndNote divides lines by a carriage return.
            text = text_of(part).replace("\r", "\n")
            yield (name if above == "record" else f"{above}/{name}"), text


# ---- MODS ----

ROLES = {"aut": "author", "author": "author", "cre": "author", "creator": "author"}
EDITORS = {"edt", "editor"}
OF_HOST = {"volume": "volume", "vol": "volume", "issue": "issue", "number": "issue", "no": "issue"}


def _mods_pairs(mods: Element) -> Pairs:
    for part in mods:
        name = local_name(part)
        if name in OF_MODS:
            yield from OF_MODS[name](part)
        elif len(part):
            yield from _mods_group(part)
        elif name:
            yield name, text_of(part)


def _mods_title(info: Element, before: str) -> Pairs:
    """Title with its article and part; other titles are told by their type."""
    kind = info.get("type")
    parts = {local_name(one): text_of(one).strip() for one in info}
    words = (parts.get(name, "") for name in ("nonSort", "title", "partNumber", "partName"))
    title = " ".join(filter(None, words))
    yield f"{before}{kind} title" if kind else f"{before}title", title
    if parts.get("subTitle"):
        yield f"{before}{kind} subTitle" if kind else f"{before}subTitle", parts["subTitle"]


def _mods_identifier(identifier: Element) -> Pairs:
    kind = (identifier.get("type") or "").lower()
    yield f"identifier {kind}".strip(), text_of(identifier)


def _mods_language(language: Element) -> Pairs:
    """The first term of a language: others say the same in words."""
    yield from (("languageTerm", text_of(term)) for term in list(language)[:1])


def _mods_name(name: Element) -> tuple[str, str]:
    parts = [one for one in name if local_name(one) == "namePart"]
    by_type = {one.get("type", ""): text_of(one).strip() for one in parts}
    terms = [
        text_of(one).strip().lower()
        for one in name.iter(etree.Element)
        if local_name(one) == "roleTerm"
    ]
    role = next((ROLES[term] for term in terms if term in ROLES), "author" if not terms else "")
    role = "editor" if EDITORS & set(terms) else role or f"name ({terms[0]})"
    whole = ", ".join(filter(None, (by_type.get("family"), by_type.get("given"))))
    plain = " ".join(text_of(one).strip() for one in parts if not one.get("type"))
    if name.get("type") in {"corporate", "conference"} and role in {"author", "editor"}:
        return role, f"{BODY}{plain}"
    return role, whole or plain


def _mods_related(item: Element) -> Pairs:
    """The journal or book that has the work, and its series; other related works are told."""
    kind = item.get("type", "")
    before = f"{kind}/" if kind in {"host", "series"} else f"related {kind}/"
    for part in item:
        name = local_name(part)
        if name == "titleInfo":
            yield from _mods_title(part, before)
        elif name == "part":
            yield from _mods_part(part)
        elif name == "name" and kind == "host":
            role, text = _mods_name(part)
            yield ("editor" if role in {"editor", "author"} else role), text
        elif name == "identifier":
            yield f"{before}identifier {(part.get('type') or '').lower()}".strip(), text_of(part)
        elif name == "originInfo" and kind == "host":
            yield from _mods_group(part)
        else:
            yield f"{before}{name}", text_of(part)


def _mods_part(part: Element) -> Pairs:
    for one in part:
        name, kind = local_name(one), (one.get("type") or one.get("unit") or "").lower()
        texts = {local_name(inner): text_of(inner).strip() for inner in one}
        if name == "detail" and kind in OF_HOST:
            yield OF_HOST[kind], texts.get("number") or texts.get("caption") or ""
        elif name == "extent":
            ends = (texts.get("start", ""), texts.get("end", ""))
            yield "pages", texts.get("list") or "-".join(filter(None, ends))
        elif name == "date":
            yield "dateIssued", text_of(one)
        else:
            yield f"part {name}", text_of(one)


def _mods_subject(subject: Element) -> Pairs:
    words = [text_of(one).strip() for one in subject if local_name(one) in {"topic", "geographic"}]
    if words:
        yield "topic", " - ".join(words)
    for one in subject:
        if local_name(one) not in {"topic", "geographic"}:
            yield "subject name", " ".join(text_of(one).split())


def _mods_group(group: Element) -> Pairs:
    """The parts of a group without a meaning of its own, such as originInfo."""
    for part in group:
        name = local_name(part)
        if name == "place":
            texts = [one for one in part if one.get("type") != "code"]
            yield from (("place", text_of(one)) for one in texts)
        elif name:
            yield name, text_of(part)


OF_MODS: dict[str, Callable[[Element], Pairs]] = {
    "name": lambda part: iter([_mods_name(part)]),
    "relatedItem": _mods_related,
    "part": _mods_part,
    "subject": _mods_subject,
    "titleInfo": lambda part: _mods_title(part, ""),
    "identifier": _mods_identifier,
    "language": _mods_language,
}
"""Element of MODS -> reader of what is inside."""
