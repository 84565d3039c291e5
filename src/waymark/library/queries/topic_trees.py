"""What a topic in a query stands for: its subjects, codes and words as they are now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db.models import QuerySet

from waymark.accounts.content_state import ContentCache, digest_mark
from waymark.accounts.permissions import Actor, has_permission
from waymark.frameworks.models import Code
from waymark.library.language.analyser import words_in
from waymark.library.models import TopicVersion
from waymark.library.queries.protected_facts import records_without_facts
from waymark.library.search.parser import ParsedQuery, QueryNote
from waymark.library.search.tree import (
    FieldNode,
    QueryTree,
    TopicNode,
    WordNode,
    fields_in,
    replace_fields,
    word_text,
)

FIELD = "topic"


def open_topics() -> QuerySet[TopicVersion]:
    """The current version of each topic that is not withdrawn, by name."""
    current = TopicVersion.objects.filter(superseded_at=None, topic__withdrawn_at=None)
    return current.select_related("topic").order_by("name", "topic__key")


def with_topics(parsed: ParsedQuery, person: Actor) -> ParsedQuery:
    """A query with each topic:key replaced by what the topic is; a note for an unknown topic."""
    if parsed.tree is None or FIELD not in fields_in(parsed.tree):
        return parsed
    nodes = open_topic_nodes(person)
    unknown: list[FieldNode] = []

    def change(field: FieldNode) -> QueryTree:
        if field.name != FIELD:
            return field
        node = nodes.get(key_in(field))
        if node is None:
            unknown.append(field)
            return field
        return replace(node, typed=field)

    tree = replace_fields(parsed.tree, change)
    notes = (QueryNote(_no_topic(key_in(field)), field.start, field.end) for field in unknown)
    return ParsedQuery(tree, (*parsed.notes, *notes))


def chosen_topics(
    keys: Iterable[str], person: Actor
) -> tuple[tuple[TopicNode, ...] | None, tuple[QueryNote, ...]]:
    """The topics that a filter names, None for no filter; a note for each that does not exist."""
    listed = list(keys)
    if not listed:
        return None, ()
    nodes = topic_nodes(open_topics().filter(topic__key__in=listed), person)
    unknown = (key for key in listed if key not in nodes)
    return tuple(nodes.values()), tuple(QueryNote(_no_topic(key)) for key in unknown)


def _no_topic(key: str) -> str:
    return f"There is no topic {key[:60]}."


def key_in(field: FieldNode) -> str:
    """The key of the topic that a field names: its words were read without their hyphens."""
    return "-".join(field.text.lower().split())


_cached_nodes: ContentCache[Mapping[str, TopicNode]] = ContentCache(size=2)


def open_topic_nodes(person: Actor) -> Mapping[str, TopicNode]:
    """Key -> node of each topic that is not withdrawn; cached for a state of the content."""
    key = has_permission(person, "see protected numbers")
    return _cached_nodes.value(digest_mark(), key, lambda: topic_nodes(open_topics(), person))


def topic_nodes(versions: Iterable[TopicVersion], person: Actor) -> dict[str, TopicNode]:
    """Key -> node of each topic, for a person."""
    listed = list(versions)
    below = _codes_below() if any(map(_codes_of, listed)) else {}
    withheld = records_without_facts(person) if below else frozenset()
    return {
        version.topic.key: TopicNode(
            typed=FieldNode(FIELD, " ".join(words_in(version.topic.key))),
            subjects=tuple(version.subjects),
            codes=with_narrower(_codes_of(version), below),
            counted_codes=frozenset(with_narrower(version.counted_codes, below)),
            words=tuple(WordNode(word_text("-".join(words_in(text)))) for text in version.words),
            without_codes=withheld,
        )
        for version in listed
    }


def _codes_of(version: TopicVersion) -> list[str]:
    return [*version.codes, *version.counted_codes]


def _codes_below() -> dict[str, list[str]]:
    """Code -> the codes directly below it, in any published framework."""
    below: dict[str, list[str]] = defaultdict(list)
    rows = Code.objects.filter(framework__published_at__isnull=False).order_by("framework", "order")
    for parent, code in rows.values_list("parent__code", "code"):
        below[code].extend(())
        if parent is not None:
            below[parent].append(code)
    return below


def with_narrower(codes: Iterable[str], below: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Codes and all codes below them: a review with a part of a theme has the theme."""
    family = list(codes)
    for code in family:
        family += [part for part in below.get(code, ()) if part not in family]
    return tuple(dict.fromkeys(family))
