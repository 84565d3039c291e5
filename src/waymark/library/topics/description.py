"""What a topic is, and the file of topics. Pure.

format: waymark-topics 1
topics:
  - key: safer-sleep            name in addresses
    name: Babies and safer sleep
    summary: Some sentences in plain words.
    words: [safer sleep, co-sleeping]
    subjects: [safer-sleep]     keys of the thesaurus
    codes: [prac.neglect]
    counted_codes: [out.fatal.related.sudi]   codes of which no passage is shown
    related: [neglect]          keys of other topics
"""

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from waymark.core.errors import FileFault, RuleError, SpecError
from waymark.core.yaml_file import Lines, line_of, read_yaml
from waymark.library.language.analyser import words_in

KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_KEY, LONGEST_NAME = 60, 80
MOST_SUMMARY_WORDS = 120
MOST_WORDS, MOST_OTHERS = 24, 40
PARTS = ("words", "subjects", "codes", "counted_codes", "related")


@dataclass(frozen=True, slots=True)
class TopicDescription:
    """What a topic is: see TopicVersion for the fields."""

    name: str
    summary: str
    words: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    counted_codes: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


class _TopicEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: str
    name: str
    summary: str
    words: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    counted_codes: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


class _TopicsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal["waymark-topics 1"]
    topics: tuple[_TopicEntry, ...]


def checked_key(key: str) -> str:
    """The key, if it can be one. Raises RuleError."""
    if not KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        raise RuleError(
            "a web address name has lower-case letters, digits and single hyphens, at most"
            f" {LONGEST_KEY} characters"
        )
    return key


def checked_topic(key: str, topic: TopicDescription) -> TopicDescription:
    """The description with its spaces tidied and without repetitions. Raises RuleError."""
    tidied = TopicDescription(
        " ".join(topic.name.split()),
        " ".join(topic.summary.split()),
        *(_tidied(getattr(topic, field)) for field in PARTS),
    )
    if not tidied.name or len(tidied.name) > LONGEST_NAME:
        raise RuleError(f"enter a name of at most {LONGEST_NAME} characters")
    length = len(tidied.summary.split())
    if not 0 < length <= MOST_SUMMARY_WORDS:
        raise RuleError(f"enter a summary of at most {MOST_SUMMARY_WORDS} words: this has {length}")
    empty = [words for words in tidied.words if not words_in(words)]
    if empty:
        raise RuleError(f"{empty[0]} contains no letters or numbers to search for")
    if key in tidied.related:
        raise RuleError("a topic cannot be related to itself")
    _refuse_too_many(tidied)
    if not (tidied.words or tidied.subjects or tidied.codes or tidied.counted_codes):
        raise RuleError("enter words, subjects or codes: without any of them the topic is empty")
    return tidied


def _refuse_too_many(topic: TopicDescription) -> None:
    if len(topic.words) > MOST_WORDS:
        raise RuleError(f"enter at most {MOST_WORDS} words and phrases")
    both = set(topic.codes) & set(topic.counted_codes)
    if both:
        raise RuleError(f"{min(both)} is entered twice: as a code, and as one that only counts")
    if (
        max(map(len, (topic.subjects, topic.codes, topic.counted_codes, topic.related)))
        > MOST_OTHERS
    ):
        raise RuleError(f"enter at most {MOST_OTHERS} subjects, codes or related topics")


def _tidied(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for line in values if (value := " ".join(line.split()))))


def read_topics(source: str, *, file: str) -> dict[str, TopicDescription]:
    """Key -> description of the topics in a file. Raises SpecError with the lines of all faults."""
    read, lines = read_yaml(source, _TopicsFile, file=file)
    topics: dict[str, TopicDescription] = {}
    faults = []
    for number, entry in enumerate(read.topics):
        values = entry.model_dump()
        key = values.pop("key")
        try:
            if key in topics:
                raise RuleError(f"{key} appears twice")
            topics[checked_key(key)] = checked_topic(key, TopicDescription(**values))
        except RuleError as error:
            faults.append(FileFault(line_of(lines, ("topics", number)), str(error)))
    faults += _unknown_related(read, topics, lines)
    if faults:
        raise SpecError(file, faults)
    return topics


def _unknown_related(
    read: _TopicsFile, topics: dict[str, TopicDescription], lines: Lines
) -> list[FileFault]:
    return [
        FileFault(
            line_of(lines, ("topics", number, "related", place)), f"there is no topic {other}"
        )
        for number, entry in enumerate(read.topics)
        for place, other in enumerate(entry.related)
        if other not in topics
    ]
