"""Topics and their numbers, limited to what a person may see.

The numbers are cached for a state of the library only, so a withdrawal changes them at once.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts.content_state import ContentCache
from waymark.accounts.permissions import Actor, has_permission
from waymark.core.errors import require_found
from waymark.frameworks.models import Code
from waymark.library.models import Topic, TopicVersion
from waymark.library.models.kinds import CASE_REVIEW
from waymark.library.queries.library_mark import index_mark
from waymark.library.queries.search import audience_of, checked_results, hidden_records
from waymark.library.queries.search_backend import index_is_ready, search_backend
from waymark.library.queries.thesaurus import current_thesaurus, subject_lexicon
from waymark.library.queries.topic_trees import open_topics, topic_nodes
from waymark.library.search.nearest_topic import TopicNames, nearest_topic
from waymark.library.search.protocol import IndexQuery
from waymark.library.topics.description import TopicDescription

PREVIEWED = 5
OF_REVIEWS = {"kind": (CASE_REVIEW,)}
"""The filter of a search for the reviews of a topic."""


@dataclass(frozen=True, slots=True)
class TopicCount:
    """A topic in a list. reviews: how many a search for them finds; None without an index."""

    key: str
    name: str
    summary: str
    reviews: int | None


def topic_counts(
    person: Actor, now: datetime, *, keys: Iterable[str] | None = None
) -> list[TopicCount]:
    """The topics by name, each with the number of its reviews that a person may see.

    keys: only these topics. The number of database queries does not depend on topics or records.
    """
    versions = open_topics() if keys is None else open_topics().filter(topic__key__in=list(keys))
    listed = list(versions)
    counts = _review_counts(listed, person, now) if listed and index_is_ready() else {}
    return [
        TopicCount(version.topic.key, version.name, version.summary, counts.get(version.topic.key))
        for version in listed
    ]


_cached_counts: ContentCache[Mapping[str, int]] = ContentCache()


def _review_counts(listed: list[TopicVersion], person: Actor, now: datetime) -> Mapping[str, int]:
    """Topic -> number of its reviews: of these topics, or of all if they are cached."""
    mark = index_mark(person, now)
    if mark is None:
        return _count_reviews(listed, person, now)
    # Who may see protected numbers has other counts than who may not.
    key = has_permission(person, "see protected numbers")
    return _cached_counts.value(mark, key, lambda: _count_reviews(list(open_topics()), person, now))


def _count_reviews(listed: list[TopicVersion], person: Actor, now: datetime) -> Mapping[str, int]:
    audience = audience_of(person, now)
    without = hidden_records(person, audience)
    query = IndexQuery(tree=None, audience=audience, selections=OF_REVIEWS, without=without)
    return {
        key: search_backend().count(replace(query, tree=node))
        for key, node in topic_nodes(listed, person).items()
    }


def nearest_topic_to(text: str) -> tuple[str, str] | None:
    """(key, name) of the topic nearest to words that find nothing; None if no topic has any.

    A topic is called by its name, its words, and the names of its subjects and narrower ones.
    """
    lexicon, versions = subject_lexicon(), {row.topic.key: row for row in open_topics()}
    names = {
        key: TopicNames(
            (row.name, *row.words),
            tuple(name for subject in row.subjects for name in lexicon.names_of(subject)),
        )
        for key, row in versions.items()
    }
    key = nearest_topic(text, names)
    return None if key is None else (key, versions[key].name)


def topic_names() -> dict[str, str]:
    """Key -> name of the topics, by name."""
    return dict(open_topics().values_list("topic__key", "name"))


def topic_version(key: str) -> TopicVersion:
    """The current version of a topic that is not withdrawn. Raises NotFound."""
    return require_found(open_topics().filter(topic__key=key).first(), f"there is no topic {key}")


def topics_with(*, subject: str = "", code: str = "") -> list[tuple[str, str]]:
    """(key, name) of the topics that have a subject or a code among theirs, by name."""
    return [
        (version.topic.key, version.name)
        for version in open_topics()
        if subject in version.subjects or code in {*version.codes, *version.counted_codes}
    ]


@dataclass(frozen=True, slots=True)
class TopicPreview:
    """What a topic would find. first: (reference, title) of the first reviews; unknown: see
    unknown_parts()."""

    reviews: int
    first: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str], ...]


def preview_topic(description: TopicDescription, person: Actor, now: datetime) -> TopicPreview:
    """What a topic with this content would find. Nothing is stored."""
    version = TopicVersion(topic=Topic(key="preview"), **asdict(description))
    audience = audience_of(person, now)
    query = IndexQuery(
        tree=topic_nodes([version], person)["preview"],
        audience=audience,
        selections=OF_REVIEWS,
        without=hidden_records(person, audience),
        limit=PREVIEWED,
    )
    _, results, rows = checked_results(query, person, now)
    reviews = [rows.records[match.record].review for match in results.records]
    first = tuple((review.reference, review.title) for review in reviews if review is not None)
    return TopicPreview(results.total, first, tuple(unknown_parts(description)))


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic in the list for staff. unknown: see unknown_parts()."""

    version: TopicVersion
    reviews: int | None
    unknown: tuple[tuple[str, str], ...]


def listed_topics() -> QuerySet[TopicVersion]:
    """The current version of each topic, also of withdrawn ones, for those who edit topics."""
    current = TopicVersion.objects.filter(superseded_at=None)
    return current.select_related("topic", "created_by")


def topic_rows(
    person: Actor, now: datetime, versions: Iterable[TopicVersion] | None = None
) -> list[TopicRow]:
    """Topics with the number of their reviews; withdrawn ones have none.

    versions: the current ones of these topics, of all by name if it is None.
    """
    counts = {line.key: line.reviews for line in topic_counts(person, now)}
    if versions is None:
        versions = listed_topics().order_by("name", "topic__key")
    known = _known_parts()
    return [
        TopicRow(
            version,
            counts.get(version.topic.key),
            tuple(_unknown(description_of(version), known)),
        )
        for version in versions
    ]


def versions_of(key: str) -> list[TopicVersion]:
    """All versions of a topic, the newest first. Raises NotFound."""
    versions = TopicVersion.objects.filter(topic__key=key).select_related("topic", "created_by")
    return require_found(list(versions.order_by("-number")) or None, f"there is no topic {key}")


def description_of(version: TopicVersion) -> TopicDescription:
    """The content of a version."""
    return TopicDescription(
        version.name,
        version.summary,
        tuple(version.words),
        tuple(version.subjects),
        tuple(version.codes),
        tuple(version.counted_codes),
        tuple(version.related),
    )


def unknown_parts(description: TopicDescription) -> list[tuple[str, str]]:
    """("subject", "code" or "topic", value) of the parts of a description that do not exist here.

    A code exists if any published framework has it, a subject if it is in use.
    """
    return _unknown(description, _known_parts())


KnownParts = Mapping[str, Container[str]]
"""Kind of part -> the values that exist."""


def _known_parts() -> KnownParts:
    published = Code.objects.filter(framework__published_at__isnull=False)
    subjects = current_thesaurus().subjects.values()
    return {
        "subject": {subject.key for subject in subjects if not subject.ended},
        "code": set(published.values_list("code", flat=True)),
        "topic": set(Topic.objects.values_list("key", flat=True)),
    }


def _unknown(description: TopicDescription, known: KnownParts) -> list[tuple[str, str]]:
    parts = (
        *(("subject", value) for value in description.subjects),
        *(("code", value) for value in (*description.codes, *description.counted_codes)),
        *(("topic", value) for value in description.related),
    )
    return [(kind, value) for kind, value in parts if value not in known[kind]]
