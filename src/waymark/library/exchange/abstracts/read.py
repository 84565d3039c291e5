"""Read a list of abstracts into records of reviews, with the place of every unreadable line.

Such a list looks like this:

    2014 - Blackmoor Board - Child A                   heading: year, authority, pseudonym
    Death of a 5-month-old girl in May 2013. ...       event, in paragraphs without a label
    Key issues: late booking; domestic abuse           a label begins a part
    Keywords: infant deaths, neglect                   a list, divided by commas
"""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise

from waymark.library.exchange.abstracts.event import EventFacts, event_facts
from waymark.library.exchange.abstracts.headings import AbstractHeading, heading_in
from waymark.library.exchange.abstracts.listed import ListLine, lines_of
from waymark.library.exchange.abstracts.profiles import (
    ListProfiles,
    builtin_profiles,
    compile_pattern,
)
from waymark.library.exchange.readers.result import (
    CandidateRecord,
    ReadCollector,
    ReadResult,
    clean_lines,
)
from waymark.library.exchange.record import RecordData

LISTS = frozenset({"issues", "learning", "recommendations", "keywords"})
LABELS = {
    "background": "Background",
    "issues": "Key issues",
    "learning": "Learning",
    "recommendations": "Recommendations",
    "model": "Model",
    "ethnicity": "Ethnicity and nationality",
}
ITEMS = re.compile(r";\s*(?:and\s+)?|\u2022")
LONGEST_KEYWORDS = 2_000


@dataclass(slots=True)
class AbstractEntry:
    """An abstract during reading. parts: name -> texts in order; at: the current part."""

    heading: AbstractHeading
    parts: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    at: str = "event"
    open_list: bool = False

    def add_text(self, part: str, text: str) -> None:
        """Add a text to a part."""
        if text:
            self.parts.setdefault(part, []).append(text)


def read_abstracts(content: bytes) -> ReadResult:
    """Read a list of abstracts with the built-in profiles."""
    return read_list(content, builtin_profiles())


def read_list(content: bytes, profiles: ListProfiles) -> ReadResult:
    """Read a list of abstracts. Lines that belong to no abstract or part are faults."""
    gathered = ReadCollector()
    list_lines, warnings = lines_of(content)
    gathered.notes += warnings
    entries: list[AbstractEntry] = []
    list_year: int | None = None
    for list_line in list_lines:
        heading_year = _year_of_list(list_line, profiles)
        heading = heading_in(list_line, profiles, list_year)
        if heading is not None:
            entries.append(AbstractEntry(heading, notes=list(heading.notes)))
        elif heading_year is not None:
            list_year = heading_year
        elif compile_pattern(profiles.links, whole=True).match(list_line.text):
            continue
        elif not entries:
            gathered.fault(
                f"line {list_line.number}",
                f"does not belong to any abstract: {list_line.text[:80]!r}",
            )
        else:
            _take_line(entries[-1], list_line, gathered)
    _add_candidates(entries, profiles, gathered)
    if not entries:
        gathered.fault("line 1", "contains no heading such as: 2014 - Board - Child A")
    return gathered.result()


def _year_of_list(list_line: ListLine, profiles: ListProfiles) -> int | None:
    text = list_line.text
    match = compile_pattern(profiles.list_year).search(text) if len(text) <= 120 else None
    return int(match["year"]) if match else None


# ---- parts ----


def _take_line(entry: AbstractEntry, list_line: ListLine, gathered: ReadCollector) -> None:
    """Add a line below a heading to the parts whose labels it has, else to the current part."""
    profile = entry.heading.profile
    # "Background: a boy of 3 died. Learning: share records." has two labels; what comes before the
    # first belongs to the part begun on an earlier line.
    labels = list(profile.label_pattern.finditer(list_line.text)) or _bare_label(entry, list_line)
    if not labels:
        _take_unlabelled(entry, list_line, gathered)
        return
    before = list_line.text[: labels[0].start()].strip()
    if before:
        _take_unlabelled(entry, replace(list_line, text=before), gathered)
    ends = [label.start() for label in labels[1:]] + [len(list_line.text)]
    for label, end in zip(labels, ends, strict=True):
        name = next((n for n, value in label.groupdict().items() if value and n != "lost"), "")
        if not name:
            name = _next_part(entry)
            label_name = LABELS.get(name, name).lower()
            entry.notes.append(
                f"line {list_line.number}: a label is missing; read as {label_name} "
                "because of its position"
            )
        text = list_line.text[label.end() : end].strip()
        entry.at, entry.open_list = name, name in LISTS and not text
        entry.add_text(name, text)


def _bare_label(entry: AbstractEntry, list_line: ListLine) -> list[re.Match[str]]:
    """Labels with "makes" or "include" and no colon: "Makes recommendations on ..."."""
    matches = []
    for name, pattern in entry.heading.profile.parts.items():
        label = compile_pattern(rf"(?:\A|(?<=[.;] ))(?P<{name}>{pattern})(?<=\w) ")
        matches += [
            match
            for match in label.finditer(list_line.text)
            if re.search(r"(?i)\b(?:makes|includes?)\b", match[0])
        ]
    return sorted(matches, key=lambda match: match.start())


def _next_part(entry: AbstractEntry) -> str:
    """The list that comes after the current part in the order of the profile."""
    order = [part for part in entry.heading.profile.order if part != "ethnicity"]
    lists = [part for part in order if part in LISTS and part != "keywords"]
    after = order[order.index(entry.at) + 1 :] if entry.at in order else order
    return next((part for part in after if part in lists), entry.at)


def _take_unlabelled(entry: AbstractEntry, list_line: ListLine, gathered: ReadCollector) -> None:
    """Add a line without a label to the current part, or begin the keywords with it.

    Some lists have keywords without a label in the last line of an abstract: "neglect, infants".
    """
    text = list_line.text
    is_keywords = _is_keyword_list(text)
    # "neglect, infants" below the last part has no label, but only commas and no verb: keywords. In
    # a list of items ("- share records") the same words would be an item.
    begins_keywords = (
        entry.heading.profile.bare_keywords
        and is_keywords
        and entry.at != "keywords"
        and not entry.open_list
        and (entry.at != "event" or "event" in entry.parts)
    )
    in_narrative = entry.at == "event" or (entry.at == "background" and not is_keywords)
    if begins_keywords:
        entry.at = "keywords"
    if begins_keywords or in_narrative or entry.open_list:
        entry.add_text(entry.at, text)
    else:
        message = f"does not fit any part of an abstract: {text[:80]!r}"
        gathered.fault(f"line {list_line.number}", message)


def _is_keyword_list(text: str) -> bool:
    """True for a bare list of keywords: short words between commas, not a sentence."""
    if len(text) > LONGEST_KEYWORDS:
        return False
    parts = split_keywords(text.rstrip("."))
    return (
        len(parts) >= 2
        and not re.search(r"[.;:!?] ", text)
        and all(0 < len(part.split()) <= 6 for part in parts)
        and not text[0].isdigit()
    )


# ---- records ----


def _add_candidates(
    entries: Iterable[AbstractEntry], profiles: ListProfiles, gathered: ReadCollector
) -> None:
    read_entries = []
    for entry in entries:
        if not entry.parts:
            gathered.fault(f"line {entry.heading.line}", "there is nothing under this heading")
            continue
        event = event_facts(" ".join(entry.parts.get("event", [])), profiles.event)
        read_entries.append((entry, event))
    flags = _possible_duplicates(read_entries)
    for number, (entry, event) in enumerate(read_entries):
        if gathered.full:
            return
        gathered.add(_entry_candidate(entry, event, flags.get(number, [])))


def _entry_candidate(entry: AbstractEntry, event: EventFacts, flags: list[str]) -> CandidateRecord:
    heading, abstract = entry.heading, abstract_contents(entry, event)
    return CandidateRecord(
        RecordData(
            kind="case-review",
            title=_entry_title(heading),
            board=heading.authority,
            pseudonym=heading.pseudonym,
            year=heading.year,
            abstract=_entry_abstract(entry),
            keywords=clean_lines(_keywords_of(entry)),
        ),
        f"line {heading.line}",
        notes=(*entry.notes, *flags),
        abstract=abstract,
    )


def _entry_title(heading: AbstractHeading) -> str:
    board = heading.authority or ("board not named" if heading.anonymous else "")
    name = heading.pseudonym or heading.text
    return f"{name} ({board})" if board else name


def _entry_abstract(entry: AbstractEntry) -> str:
    """The words of the abstract in paragraphs, each part with its label."""
    parts = [*entry.parts.get("event", [])]
    for name, label in LABELS.items():
        texts = entry.parts.get(name, [])
        if texts:
            parts.append(f"{label}: {'; '.join(text.rstrip(';') for text in texts)}")
    return "\n\n".join(parts)


def abstract_contents(entry: AbstractEntry, event: EventFacts) -> dict[str, object]:
    """Contents of an abstract as JSON values, stored with the record for those who code the review.

    heading, profile, line; anonymous; month (of publication); event: fields of EventFacts;
    issues, learning, recommendations, keywords: lists; background, model, ethnicity: texts.
    """
    heading = entry.heading
    return {
        "heading": heading.text,
        "profile": heading.profile.name,
        "line": heading.line,
        "anonymous": heading.anonymous,
        "month": heading.month,
        "event": asdict(event),
        "background": " ".join(entry.parts.get("background", [])),
        "issues": _split_items(entry.parts.get("issues", [])),
        "learning": _split_items(entry.parts.get("learning", [])),
        "recommendations": _split_items(entry.parts.get("recommendations", [])),
        "model": " ".join(entry.parts.get("model", [])),
        "ethnicity": " ".join(entry.parts.get("ethnicity", [])),
        "keywords": _keywords_of(entry),
    }


def _keywords_of(entry: AbstractEntry) -> list[str]:
    return [
        word.rstrip(".")
        for text in entry.parts.get("keywords", [])
        for word in split_keywords(text)
        if word.strip(" .")
    ]


def split_keywords(text: str) -> list[str]:
    """Split keywords at commas and semicolons outside brackets: a (b, c), d -> a (b, c) | d."""
    words, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth = max(0, depth + (sign == "(") - (sign == ")"))
        if sign in ",;" and not depth:
            words.append(text[start:at].strip())
            start = at + 1
    return [*words, text[start:].strip()]


def _split_items(texts: list[str]) -> list[str]:
    """The items of a part: split at semicolons, without the full stop at the end."""
    return [
        item.strip().rstrip(".") for text in texts for item in ITEMS.split(text) if item.strip(" .")
    ]


def _possible_duplicates(entries: list[tuple[AbstractEntry, EventFacts]]) -> dict[int, list[str]]:
    """Index of an entry -> notes on possible duplicates. Both get a note; nothing is merged."""
    flags: dict[int, list[str]] = {}
    for numbers, reason in (
        *_group_entries(entries, _event_key, "the same outcome, age, sex and month"),
        *_group_entries(entries, _name_key, "the same board and name"),
    ):
        for first, second in pairwise(numbers):
            for number, other in ((first, second), (second, first)):
                other_line = entries[other][0].heading.line
                flags.setdefault(number, []).append(
                    f"may be the same as the abstract on line {other_line}: {reason}"
                )
    return flags


def _group_entries(
    entries: list[tuple[AbstractEntry, EventFacts]],
    key: Callable[[AbstractEntry, EventFacts], Hashable | None],
    reason: str,
) -> list[tuple[list[int], str]]:
    groups: dict[Hashable, list[int]] = {}
    for number, (entry, event) in enumerate(entries):
        group_key = key(entry, event)
        if group_key is not None:
            groups.setdefault(group_key, []).append(number)
    return [(numbers, reason) for numbers in groups.values() if len(numbers) > 1]


def _event_key(entry: AbstractEntry, event: EventFacts) -> Hashable | None:
    return event.key


def _name_key(entry: AbstractEntry, event: EventFacts) -> Hashable | None:
    heading = entry.heading
    if not heading.pseudonym or not heading.authority:
        return None
    return heading.authority.casefold(), heading.pseudonym.casefold()
