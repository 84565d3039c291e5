"""Topics and their numbers, limited to what a person may see; nothing here is stored or cached."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from waymark.accounts.permissions import Actor
from waymark.core.errors import require_found
from waymark.frameworks.models import Code
from waymark.library.models import Topic, TopicVersion
from waymark.library.models.kinds import CASE_REVIEW
from waymark.library.queries.search import audience_of, hidden_records
from waymark.library.queries.search_backend import search_backend
from waymark.library.queries.thesaurus import current_thesaurus
from waymark.library.queries.topic_trees import open_topics, topic_nodes
from waymark.library.search.protocol import IndexQuery
from waymark.library.topics.description import TopicDescription

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
    ready = search_backend().ready()
    query, nodes = None, {}
    if listed and ready:
        audience = audience_of(person, now)
        without = hidden_records(person, audience)
        query = IndexQuery(None, audience, OF_REVIEWS, without)
        nodes = topic_nodes(listed, person)
    return [
        TopicCount(
            version.topic.key,
            version.name,
            version.summary,
            search_backend().count(replace(query, tree=nodes[version.topic.key]))
            if query is not None
            else None,
        )
        for version in listed
    ]


def topic_version(key: str) -> TopicVersion:
    """The current version of a topic that is not withdrawn. Raises NotFound."""
    return require_found(open_topics().filter(topic__key=key).first(), f"there is no topic {key}")


def topics_with(*, subject: str = "", code: str = "") -> list[tuple[str, str]]:
    """(key, name) of the topics that have a subject or a code among theirs, by name."""
    return [
        (version.topic.key, version.name)
        for version in open_topics()
        if subject in version.subjects or code in version.codes
    ]


def description_of(version: TopicVersion) -> TopicDescription:
    """The content of a version."""
    return TopicDescription(
        version.name,
        version.summary,
        tuple(version.words),
        tuple(version.subjects),
        tuple(version.codes),
        tuple(version.related),
    )


def unknown_parts(description: TopicDescription) -> list[tuple[str, str]]:
    """("subject", "code" or "topic", value) of the parts of a description that do not exist here.

    A code exists if any published framework has it, a subject if it is in use.
    """
    subjects = current_thesaurus().subjects
    published = Code.objects.filter(framework__published_at__isnull=False)
    codes = set(published.filter(code__in=description.codes).values_list("code", flat=True))
    topics = set(Topic.objects.filter(key__in=description.related).values_list("key", flat=True))
    return [
        *(
            ("subject", key)
            for key in description.subjects
            if key not in subjects or subjects[key].ended
        ),
        *(("code", code) for code in description.codes if code not in codes),
        *(("topic", key) for key in description.related if key not in topics),
    ]
