"""The only writers of topics. A version is superseded and never edited; a topic is never deleted.

Topics are loaded from a file of this program when an installation is created or migrated. What
people here have edited or withdrawn stays as it is, whatever a later file contains.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import ConcurrentChange, RuleError, require_found
from waymark.library.models import Topic, TopicOrigin, TopicVersion
from waymark.library.queries.topics import description_of, unknown_parts
from waymark.library.topics.description import (
    TopicDescription,
    checked_key,
    checked_topic,
    read_topics,
)

BUILTIN = Path(__file__).resolve().parent.parent / "builtin" / "topics.yaml"
EDIT_TOPICS = "edit topics"
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class LoadedTopics:
    """Keys of topics by what loading a file did to them.

    edited: their content differs from the file, because people here edited them: they stay.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    edited: tuple[str, ...]
    withdrawn: tuple[str, ...]


@audit.serialized
def load_topics(*, by: Actor, source: str, file: str, now: datetime) -> LoadedTopics:
    """Add the topics of a file, and change those that nobody here has edited or withdrawn.

    Topics that are not in the file stay. Raises NotPermitted; SpecError with the lines of all
    faults.
    """
    require_permission(by, EDIT_TOPICS)
    described = read_topics(source, file=file)
    current = {
        version.topic.key: version
        for version in TopicVersion.objects.filter(
            superseded_at=None, topic__key__in=described
        ).select_related("topic")
    }
    outcomes: dict[str, list[str]] = {name: [] for name in LoadedTopics.__dataclass_fields__}
    for key, description in described.items():
        outcome = _load_outcome(current.get(key), description)
        outcomes[outcome].append(key)
        if outcome == "new":
            _first_version(key, description, by, TopicOrigin.LOADED, now)
        elif outcome == "changed":
            _next_version(current[key], description, by, TopicOrigin.LOADED, now)
    loaded = LoadedTopics(**{name: tuple(keys) for name, keys in outcomes.items()})
    if loaded.new or loaded.changed:
        audit.record_entry(
            actor=by,
            action="load topics",
            subject=f"topics {file}"[:200],
            now=now,
            new=len(loaded.new),
            changed=len(loaded.changed),
            edited=len(loaded.edited),
        )
    return loaded


def load_builtin_topics(*, by: Actor, now: datetime) -> LoadedTopics:
    """Load the topics that this version of the program has."""
    source = BUILTIN.read_text(encoding="utf-8")
    return load_topics(by=by, source=source, file=BUILTIN.name, now=now)


def _load_outcome(version: TopicVersion | None, description: TopicDescription) -> str:
    if version is None:
        return "new"
    if version.topic.withdrawn_at is not None:
        return "withdrawn"
    if description_of(version) == description:
        return "same"
    return "changed" if version.origin == TopicOrigin.LOADED else "edited"


@audit.serialized
def add_topic(*, by: Actor, key: str, description: TopicDescription, now: datetime) -> TopicVersion:
    """Add a topic. key: cannot be changed later. Raises NotPermitted, RuleError."""
    require_permission(by, EDIT_TOPICS)
    checked = _checked(checked_key(key), description)
    if Topic.objects.filter(key=key).exists():
        raise RuleError(f"there is already a topic {key}, perhaps a withdrawn one")
    version = _first_version(key, checked, by, TopicOrigin.EDITED, now)
    audit.record_about(by, "add topic", version.topic, now, name=checked.name)
    return version


@audit.serialized
def change_topic(
    *, by: Actor, key: str, description: TopicDescription, seen: int, now: datetime
) -> bool:
    """Give a topic a new version; False if nothing changes.

    seen: the number of the version that the person edited. Raises NotPermitted, NotFound,
    RuleError, and ConcurrentChange if there is a newer version.
    """
    require_permission(by, EDIT_TOPICS)
    current = _current_version(key)
    if current.number != seen:
        raise ConcurrentChange(
            "this topic was changed while you were editing: check the current version, "
            "then save again"
        )
    before = description_of(current)
    checked = _checked(key, description, unknown_parts(before))
    if before == checked:
        return False
    _next_version(current, checked, by, TopicOrigin.EDITED, now)
    fields = [name for name, value in asdict(checked).items() if asdict(before)[name] != value]
    audit.record_about(
        by, "change topic", current.topic, now, version=current.number + 1, fields=fields
    )
    return True


@audit.serialized
def withdraw_topic(*, by: Actor, key: str, reason: str, now: datetime) -> None:
    """Hide a topic from visitors, also from searches by it. Once is enough."""
    require_permission(by, EDIT_TOPICS)
    topic = _current_version(key).topic
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise RuleError(f"enter a reason of at most {LONGEST_REASON} characters")
    if topic.withdrawn_at is None:
        Topic.objects.filter(pk=topic.pk).update(withdrawn_at=now)
        removals.note_withdrawal(subject=f"topic {key}", withdrawn=True, now=now)
        audit.record_about(by, "withdraw topic", topic, now, reason=reason)


@audit.serialized
def restore_topic(*, by: Actor, key: str, now: datetime) -> None:
    """Show a withdrawn topic again. Once is enough."""
    require_permission(by, EDIT_TOPICS)
    topic = _current_version(key).topic
    if topic.withdrawn_at is not None:
        Topic.objects.filter(pk=topic.pk).update(withdrawn_at=None)
        removals.note_withdrawal(subject=f"topic {key}", withdrawn=False, now=now)
        audit.record_about(by, "restore topic", topic, now)


def _current_version(key: str) -> TopicVersion:
    current = TopicVersion.objects.filter(topic__key=key, superseded_at=None)
    return require_found(current.select_related("topic").first(), f"there is no topic {key}")


def _checked(
    key: str, description: TopicDescription, allowed: Collection[tuple[str, str]] = ()
) -> TopicDescription:
    """The tidied description. Raises RuleError, also for parts that do not exist.

    allowed: parts that do not exist and may stay, such as codes of a framework that is not loaded.
    """
    checked = checked_topic(key, description)
    unknown = [part for part in unknown_parts(checked) if part not in allowed]
    if unknown:
        raise RuleError("; ".join(f"there is no {kind} {value}" for kind, value in unknown))
    return checked


def _first_version(
    key: str, description: TopicDescription, by: Actor, origin: TopicOrigin, now: datetime
) -> TopicVersion:
    return _write_version(Topic.objects.create(key=key), 1, description, by, origin, now)


def _next_version(
    current: TopicVersion,
    description: TopicDescription,
    by: Actor,
    origin: TopicOrigin,
    now: datetime,
) -> None:
    TopicVersion.objects.filter(pk=current.pk).update(superseded_at=now)
    _write_version(current.topic, current.number + 1, description, by, origin, now)


def _write_version(
    topic: Topic,
    number: int,
    description: TopicDescription,
    by: Actor,
    origin: TopicOrigin,
    now: datetime,
) -> TopicVersion:
    fields = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(description).items()
    }
    return TopicVersion.objects.create(
        topic=topic,
        number=number,
        origin=origin,
        created_at=now,
        created_by=by if isinstance(by, User) else None,
        **fields,
    )
