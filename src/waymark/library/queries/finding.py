"""Searching the library, as far as a person may see it.

The index answers with numbers; what is shown is read from the database and asked there once more
whether the person may see it. What the index still holds and the person may not see (a report
withdrawn a moment ago) is left out of hits and counts alike.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from waymark.accounts.permissions import Actor, may
from waymark.accounts.visibility import visible_to
from waymark.core.errors import Unavailable
from waymark.documents.models import Report
from waymark.documents.queries import open_reports
from waymark.library.answers import Facet, FacetValue, Hit, SearchAnswer
from waymark.library.engine import engine
from waymark.library.facts import NATURE, theme_labels, value_labels
from waymark.library.hits import Rows, hits_of, open_records, rows_of
from waymark.library.kinds import KINDS
from waymark.library.models import CatalogueRecord, to_do
from waymark.library.queries.suggesting import Broadening, suggested
from waymark.library.query import Note, Parsed, parse
from waymark.library.search import FACETS, Audience, Found, Request, Sort
from waymark.library.subjects import concept_names, headings_among
from waymark.library.tree import And, Phrase, Prefix, Tree, Word, all_of, any_of, as_text, sought

YEAR, SUBJECT = "year", "subject"
ENOUGH = 10
"""Records that fill a page."""
MOST_ON_A_PAGE = 1_000
REACH = 10_000
MOST_CHOSEN = 20
MOST_OF_A_VISITOR, FACETS_OF_A_VISITOR = 8, 3
LONGEST_VALUE = 200
CHECKS = 3
MOST_DOUBTFUL = 500
LABELS = {
    "kind": "Kind",
    "subject": "Subject",
    "theme": "Theme for learning",
    "nature": "Nature of the incident",
    "year": "Year",
    "nation": "Nation",
    "type": "Type of review",
}

Filters = Mapping[str, Iterable[str]]


def search(
    query: str | Tree,
    *,
    person: Actor,
    now: datetime,
    filters: Filters | None = None,
    page: int = 1,
    limit: int = 10,
    sort: Sort = "relevance",
    broaden: bool = True,
    near: bool = False,
) -> SearchAnswer:
    """The records that a query finds, a page of them, with the places where its words stand.

    filters: facet -> values chosen; any value of a facet will do, and every facet must. page:
    counted from 1; limit: records on a page, at most MOST_ON_A_PAGE. An empty query lists
    everything, newest first; so does relevance where there are no words to weigh. broaden: also
    search the other names that the thesaurus has for what was typed. near: where few records hold
    all of the words, also tell the best of those that hold some. Never raises for what a person
    typed: notes tell what was not understood. Raises Unavailable while there is no index.
    """
    parsed = parse(query) if isinstance(query, str) else Parsed(query)
    text = query if isinstance(query, str) else as_text(query)
    chosen, refused = _chosen(filters or {}, person)
    notes = [*parsed.notes, *refused]
    if parsed.tree is None and text.strip():
        return SearchAnswer(text, None, tuple(notes), 0, None, 1, 0, (), (), None)
    if not engine().ready() and CatalogueRecord.objects.exists():
        raise Unavailable("the search index is missing or damaged: run waymark index rebuild")
    broadening = Broadening() if broaden and any(sought(parsed.tree)) else None
    tree, also = broadening.of(parsed.tree) if broadening else (parsed.tree, ())
    page, limit = max(page, 1), min(max(limit, 1), MOST_ON_A_PAGE)
    offset = (page - 1) * limit
    beyond = offset + limit > REACH
    audience = Audience(staff=may(person, "see unpublished reports"), now=now)
    request = Request(
        tree=tree,
        audience=audience,
        selections=chosen,
        without=_set_aside(person, audience),
        sort="newest" if sort == "relevance" and not any(sought(tree)) else sort,
        offset=0 if beyond else offset,
        limit=1 if beyond else limit,
    )
    request, found, rows = _checked(request, person, now)
    looser = _looser(parsed.tree, broadening) if near and page == 1 and not beyond else None
    pages = -(-found.total // limit)
    if page > pages > 0:
        notes.append(Note(f"There is no page {page:,}: the last one is {pages:,}."))
    elif beyond and found.total:
        said = f"Only the first {REACH:,} records can be paged through: narrow the search."
        notes.append(Note(said))
    return SearchAnswer(
        query=text,
        tree=parsed.tree,
        notes=tuple(notes),
        total=found.total,
        passages_total=found.passages,
        page=page,
        pages=pages,
        hits=() if beyond else hits_of(request, found, rows),
        facets=_facets(found, chosen),
        suggestion=None if found.total else suggested(parsed.tree, request, broadening),
        also=also,
        near=() if looser is None else _near(looser, request, found, person, now),
    )


def _looser(tree: Tree | None, broadening: Broadening | None) -> Tree | None:
    """What asks for any of the words instead of all; None where all are not asked for.

    Whatever else is asked, as a year, stays asked.
    """
    if not isinstance(tree, And):
        return None
    typed = [part for part in tree.parts if isinstance(part, Word | Prefix | Phrase)]
    if len(typed) < 2:
        return None
    rest = [part for part in tree.parts if part not in typed]
    loose = all_of([*rest, any_of(typed)])
    return broadening.of(loose)[0] if broadening else loose


def _near(
    tree: Tree, request: Request, found: Found, person: Actor, now: datetime
) -> tuple[Hit, ...]:
    """The best records that hold some of the words, where fewer than ENOUGH hold them all."""
    if found.total >= ENOUGH or found.total > len(found.records):
        return ()
    held = frozenset(record.record for record in found.records)
    wider = replace(
        request,
        tree=tree,
        without=request.without | held,
        sort="relevance",
        offset=0,
        limit=ENOUGH,
    )
    return hits_of(*_checked(wider, person, now))


def search_json(
    query: str,
    *,
    limit: int = 10,
    person: Actor = None,
    now: datetime | None = None,
    broaden: bool = False,
) -> dict[str, Any]:
    """What `waymark search --json` prints; person None: the operator at the command line.

    Programs are answered what they say: other names are searched only where they ask for it.
    """
    answer = search(query, person=person, now=now or timezone.now(), limit=limit, broaden=broaden)
    return answer.as_json()


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much of the library a person may see; passages as far as the index has followed."""

    reviews: int
    resources: int
    reports: int
    passages: int


def holdings(person: Actor, now: datetime) -> Holdings:
    """The numbers of catalogued reviews and resources, and of the reviews' reports and passages,
    open to a person."""
    audience = Audience(staff=may(person, "see unpublished reports"), now=now)
    records = open_records(person, now)
    return Holdings(
        reviews=records.filter(review__isnull=False).count(),
        resources=records.filter(resource__isnull=False).count(),
        reports=open_reports(person, now).filter(review__record__isnull=False).count(),
        passages=engine().count_passages(audience, without=_set_aside(person, audience)),
    )


@dataclass(frozen=True, slots=True)
class IndexState:
    """ready: whether there is an index of this version. waiting: records it has yet to follow."""

    ready: bool
    waiting: int


def index_state() -> IndexState:
    """How far the index has followed."""
    return IndexState(ready=engine().ready(), waiting=to_do().count())


# ---- what is asked ----


def _chosen(filters: Filters, person: Actor) -> tuple[dict[str, tuple[str, ...]], list[Note]]:
    """The selections that mean something, and what is to be said of the others."""
    chosen: dict[str, tuple[str, ...]] = {}
    refused = []
    for facet, values in filters.items():
        if facet not in FACETS:
            refused.append(Note(f"There is no filter {facet[:60]}. Filters: {', '.join(FACETS)}."))
            continue
        kept = [value for value in values if value and len(value) <= LONGEST_VALUE]
        if facet == YEAR:
            wrong = [value for value in kept if not (value.isascii() and value.isdecimal())]
            refused += [Note(f"{value[:60]} is no year.") for value in wrong]
            kept = [value for value in kept if value not in wrong and len(value) <= len("2004")]
        if kept:
            chosen[facet] = tuple(dict.fromkeys(kept))[:MOST_CHOSEN]
    if person is not None and not person.is_authenticated:
        return _bounded(chosen, refused)
    return chosen, refused


def _bounded(
    chosen: dict[str, tuple[str, ...]], notes: list[Note]
) -> tuple[dict[str, tuple[str, ...]], list[Note]]:
    """What a visitor may choose at once: programs walk through every combination there is."""
    kept: dict[str, tuple[str, ...]] = {}
    left = MOST_OF_A_VISITOR
    for facet, values in chosen.items():
        if left and len(kept) < FACETS_OF_A_VISITOR:
            kept[facet] = values[:left]
            left -= len(kept[facet])
    if kept == chosen:
        return chosen, notes
    said = (
        f"At most {MOST_OF_A_VISITOR} choices under {FACETS_OF_A_VISITOR} headings can be combined "
        "without signing in, so the others are left out. Words narrow a search further."
    )
    return kept, [*notes, Note(said)]


def _set_aside(person: Actor, audience: Audience) -> frozenset[int]:
    """Records of which the index still holds what the person may no longer see.

    Only a record that waits to be indexed can be such a one. Where very many wait, all that might
    be are set aside.
    """
    waiting = to_do().filter(indexed_at__isnull=False)
    if not waiting.exists():
        return frozenset()
    hidden = Report.objects.filter(review=OuterRef("review")).exclude(
        visible_to(person, now=audience.now)
    )
    # Of those that wait alone: of a large library nearly all are whole.
    whole = open_records(person, audience.now).filter(~Exists(hidden), pk__in=waiting.values("pk"))
    doubtful = waiting.exclude(pk__in=whole).values_list("pk", flat=True)
    numbers = frozenset(doubtful)
    if not numbers or len(numbers) > MOST_DOUBTFUL:
        return numbers
    held = engine().held(numbers, audience)
    rows = rows_of(list(numbers), person, audience.now)
    return frozenset(one.record for one in held if not rows.shows(one))


# ---- what is answered beside the hits ----


def _checked(request: Request, person: Actor, now: datetime) -> tuple[Request, Found, Rows]:
    """What is found, asked again without each record whose rows say that it must not show."""
    for _ in range(CHECKS):
        found = engine().find(request)
        rows = rows_of([one.record for one in found.records], person, now)
        gone = {one.record for one in found.records if not rows.shows(one)}
        if not gone:
            return request, found, rows
        request = replace(request, without=request.without | gone)
    kept = tuple(one for one in found.records if one.record not in gone)
    return request, replace(found, total=found.total - len(gone), records=kept), rows


def _facets(found: Found, chosen: Mapping[str, tuple[str, ...]]) -> tuple[Facet, ...]:
    """The facets with their labels: years newest first, others by count. What is chosen stays.

    A subject at the top of the thesaurus is not listed beside those that stand under it.
    """
    facets = []
    for name in FACETS:
        counted = dict(found.facets.get(name, ()))
        for value in chosen.get(name, ()):
            counted.setdefault(value, 0)
        if name == SUBJECT:
            for heading in headings_among(counted) - set(chosen.get(name, ())):
                del counted[heading]
        labels = _labels_of(name, list(counted))
        order = sorted(counted, reverse=True) if name == YEAR else list(counted)
        values = tuple(
            FacetValue(
                value, labels.get(value, value), counted[value], value in chosen.get(name, ())
            )
            for value in order
        )
        facets.append(Facet(name, LABELS[name], values))
    return tuple(facets)


def _labels_of(facet: str, values: list[str]) -> dict[str, str]:
    if not values:
        return {}
    if facet == "kind":
        return KINDS
    if facet == SUBJECT:
        return concept_names(values)
    if facet == "theme":
        return theme_labels(values)
    return value_labels(NATURE) if facet == "nature" else {}
