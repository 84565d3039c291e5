"""A collection for both engines, with every kind of visibility; and random trees of queries."""

import random
from datetime import UTC, date, datetime, timedelta

import yaml

from tests.cluster.nodes import HERE
from waymark.library.indexing.index_fields import analysed_text, terms_of
from waymark.library.search.known_items import title_keys
from waymark.library.search.protocol import (
    DocumentVisibility,
    IndexDocuments,
    PassageDocument,
    RecordDocument,
    SearchAudience,
)
from waymark.library.search.tree import (
    DatesNode,
    ExpandedNode,
    FieldNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    TopicNode,
    WordNode,
    YearsNode,
    all_of,
    any_of,
    none_of,
)

DEMO = HERE.parents[1] / "demo"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PUBLIC = SearchAudience(staff=False, now=NOW)
LATER = SearchAudience(staff=False, now=NOW + 60 * DAY)
STAFF = SearchAudience(staff=True, now=NOW)
OPEN = DocumentVisibility(staff=True, public=True)
WELSH = "Mae'r plentyn yn byw gyda'i deulu ac roedd y gweithiwr yn poeni am esgeulustod"


def demo_documents() -> list[IndexDocuments]:
    """The reports and resources of the demo: one in seven only for staff, one under embargo."""
    reports = sorted((DEMO / "reports").glob("R*.md"))
    resources = yaml.safe_load((DEMO / "resources.yaml").read_text("utf-8"))["resources"]
    documents = [_report(number, path.read_text("utf-8")) for number, path in enumerate(reports, 1)]
    start = len(documents) + 1
    return documents + [_resource(number, one) for number, one in enumerate(resources, start)]


def _report(number: int, file: str) -> IndexDocuments:
    _, head, text = file.split("---\n", 2)
    facts = yaml.safe_load(head)
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    if number % 5 == 0:
        parts.append(WELSH)
    words = [analysed_text(part.lstrip("# ")) for part in parts]
    headings = [part.startswith("#") for part in parts]
    title = analysed_text(facts["title"])
    seen = DocumentVisibility(staff=True, public=number % 7 != 0)
    completed = date.fromisoformat(str(facts["completed"]))

    def view(visibility: DocumentVisibility, shown: int) -> RecordDocument:
        return RecordDocument(
            visibility=visibility,
            reports=(number,),
            title=title,
            texts=(title, *words[:shown]),
            words={
                "title": terms_of([facts["title"]]),
                "board": terms_of([facts["board"]]),
                "publisher": terms_of([facts["board"]]),
                "kind": terms_of(["case review"]),
            },
            facets={
                "collection": ("reviews",),
                "kind": ("case-review",),
                "year": (str(completed.year),),
                "board": (facts["board"],),
                "nation": ("Northern Ireland",),
                "subject": ("neglect", "school")[: 1 + number % 2],
            },
            dated=completed.toordinal(),
            available=NOW - number * DAY,
            identifiers=(facts["review"].lower(), *title_keys(facts["title"])),
            codes=("prac.neglect",) if number % 3 == 0 else (),
        )

    if number % 6:
        views = [view(seen, len(words))]
    else:  # the second half opens a month from now
        end = NOW + 30 * DAY
        half = len(words) // 2
        views = [
            view(DocumentVisibility(staff=True, public=False), len(words)),
            view(DocumentVisibility(staff=False, public=True, until=end), half),
            view(DocumentVisibility(staff=False, public=True, since=end), len(words)),
        ]
    passages = tuple(
        PassageDocument(seen, number * 1_000 + place, text, heading)
        for place, (text, heading) in enumerate(zip(words, headings, strict=True))
    )
    return IndexDocuments(number, tuple(views), passages, version=1)


def _resource(number: int, resource: dict) -> IndexDocuments:
    title = analysed_text(resource["title"])
    texts = [resource.get("summary", ""), *resource.get("key_points", ())]
    year = resource.get("year")
    authors = resource.get("authors", [])
    record = RecordDocument(
        visibility=OPEN if number % 7 else DocumentVisibility(staff=True, public=False),
        reports=(),
        title=title,
        texts=(title, *(analysed_text(text) for text in texts if text)),
        words={"title": terms_of([resource["title"]]), "author": terms_of(authors)},
        facets={
            "collection": ("resources",),
            "kind": (resource["kind"],),
            "year": () if year is None else (str(year),),
            "nation": (resource["nation"],) if resource.get("nation") else (),
            "author": tuple(authors),
        },
        dated=0 if year is None else date(year, 1, 1).toordinal(),
        available=None if number % 4 == 0 else NOW - number * DAY,
        identifiers=title_keys(resource["title"]),
    )
    return IndexDocuments(number, (record,), version=1)


WORDS = (
    *("baby", "neglect", "school", "mother", "fathers", "assessment", "sleeping", "suicide"),
    *("methadone", "supervision", "teenager", "police", "alcohol", "visits", "esgeulustod"),
    *("plant", "referral", "pre-birth", "child's", "nothing-has-this", "learning", "violence"),
)
PHRASES = ("the mother", "health visitor", "case conference", "social services", "young people")
PREFIXES = ("neg", "pract", "super", "vis", "s")
FIELDS = (("title", "child"), ("board", "ardmoyle"), ("author", "devaney"), ("kind", "case review"))


def random_tree(draw: random.Random, depth: int = 3) -> QueryTree:
    """A tree of up to three levels, with every kind of node."""
    if depth and draw.random() < 0.6:
        parts = [random_tree(draw, depth - 1) for _ in range(draw.randint(2, 3))]
        join = draw.choice(("all", "all", "any", "not"))
        if join == "not":
            return all_of([parts[0], none_of(parts[1])])
        return all_of(parts) if join == "all" else any_of(parts)
    return _random_leaf(draw)


def _random_leaf(draw: random.Random) -> QueryTree:
    match draw.randrange(10):
        case 0:
            return PhraseNode(draw.choice(PHRASES))
        case 1:
            return PrefixNode(draw.choice(PREFIXES))
        case 2:
            return FieldNode(*draw.choice(FIELDS), without=frozenset(draw.sample(range(130), 3)))
        case 3:
            first = draw.randint(2003, 2012)
            return YearsNode(first, draw.choice((None, first, first + 4)))
        case 4:
            return DatesNode(draw.choice(("added", "published")), "2005-03", None)
        case 5:
            names = tuple(WordNode(word) for word in draw.sample(WORDS, 2))
            return ExpandedNode(WordNode(draw.choice(WORDS)), names)
        case 6:
            words = tuple(WordNode(word) for word in draw.sample(WORDS, 2))
            typed = FieldNode("topic", "neglect")
            return TopicNode(typed, ("school",), ("prac.neglect",), words, frozenset({3, 9}))
    return WordNode(draw.choice(WORDS))
