"""A list of abstracts -> records of reviews, with every line that could not be read, by place."""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise

from waymark.library.exchange.abstracts.event import Told, told_in
from waymark.library.exchange.abstracts.listed import Line, lines_of
from waymark.library.exchange.abstracts.profiles import (
    MONTHS,
    Profile,
    Profiles,
    builtin_profiles,
    compiled,
)
from waymark.library.exchange.reading.found import Candidate, Gathered, Reading, line, lines
from waymark.library.exchange.record import RecordData

LONGEST_HEADING = 160
LISTS = frozenset({"issues", "learning", "recommendations", "keywords"})
LABELS = {
    "background": "Background",
    "issues": "Key issues",
    "learning": "Learning",
    "recommendations": "Recommendations",
    "model": "Model",
    "ethnicity": "Ethnicity and nationality",
}
ITEMS = re.compile(r"\s*;\s*(?:and\s+)?|\s*\u2022\s*")
LONGEST_KEYWORDS = 2_000


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading says. authority: "" where the board is not named."""

    text: str
    line: int
    year: int | None
    month: int | None
    authority: str
    pseudonym: str
    anonymous: bool
    profile: Profile
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Entry:
    """One abstract being read. parts: name -> texts, in the order of the list."""

    heading: Heading
    parts: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    at: str = "event"
    open_list: bool = False

    def say(self, part: str, text: str) -> None:
        """Add a text to a part."""
        if text:
            self.parts.setdefault(part, []).append(text)


def read_abstracts(content: bytes) -> Reading:
    """The abstracts of a list, by the profiles that come with the program."""
    return read_list(content, builtin_profiles())


def read_list(content: bytes, profiles: Profiles) -> Reading:
    """The abstracts of a list. What belongs to none, and what no part takes up, is a fault."""
    gathered = Gathered()
    found, warnings = lines_of(content)
    gathered.notes += warnings
    entries: list[Entry] = []
    list_year: int | None = None
    for one in found:
        said = _year_of_list(one, profiles)
        heading = heading_in(one, profiles, list_year)
        if heading is not None:
            entries.append(Entry(heading, notes=list(heading.notes)))
        elif said is not None:
            list_year = said
        elif compiled(profiles.links, whole=True).match(one.text):
            continue
        elif not entries:
            gathered.fault(f"line {one.number}", f"belongs to no abstract: {one.text[:80]!r}")
        else:
            _take(entries[-1], one, gathered)
    _add(entries, profiles, gathered)
    if not entries:
        gathered.fault("line 1", "holds no heading such as: 2014 - Board - Child A")
    return gathered.reading()


def _year_of_list(one: Line, profiles: Profiles) -> int | None:
    found = compiled(profiles.list_year).search(one.text) if len(one.text) <= 120 else None
    return int(found["year"]) if found else None


# ---- headings ----


def heading_in(one: Line, profiles: Profiles, list_year: int | None) -> Heading | None:
    """What a line says as a heading; None for any other line."""
    text = one.text
    if len(text) > LONGEST_HEADING:
        return None
    begun = compiled(r"(?:(?:MONTH) )?(?P<year>20\d\d)(?!\d)").match(text)
    year = int(begun["year"]) if begun else list_year
    profile = profiles.of_year(year)
    if profile is None:
        return None
    if begun is not None and _is_sentence(text):
        return None
    for pattern in profile.heading_patterns:
        found = pattern.match(text)
        if found is not None:
            return _heading(one, found.groupdict(), profile, profiles, list_year)
    if one.marked and profile.marked_headings and list_year is not None:
        return _heading(one, {"pseudonym": text}, profile, profiles, list_year)
    return None


def _is_sentence(text: str) -> bool:
    """A sentence may begin with a year too: it ends with a full stop and goes on in lower case."""
    return text.endswith(".") and re.match(r"(?:\w+ )?20\d\d [a-z]", text) is not None


def _heading(
    one: Line,
    said: dict[str, str | None],
    profile: Profile,
    profiles: Profiles,
    list_year: int | None,
) -> Heading:
    authority, pseudonym = (line(said.get(name) or "") for name in ("authority", "pseudonym"))
    anonymous = (
        bool(authority) and compiled(profiles.unnamed, whole=True).match(authority) is not None
    )
    notes = []
    if not pseudonym:
        notes.append("the heading has no name of a child or family that can be told apart")
    if not authority:
        notes.append("the heading names no board")
    month, year = said.get("month"), said.get("year")
    return Heading(
        text=one.text,
        line=one.number,
        year=int(year) if year else list_year,
        month=MONTHS.index(month.capitalize()) + 1 if month else None,
        authority="" if anonymous else authority,
        pseudonym=pseudonym,
        anonymous=anonymous,
        profile=profile,
        notes=tuple(notes),
    )


# ---- parts ----


def _take(entry: Entry, one: Line, gathered: Gathered) -> None:
    """One line below a heading: into the parts whose labels it holds, or into the one that is
    under way."""
    labels = list(entry.heading.profile.label_pattern.finditer(one.text)) or _bare_label(entry, one)
    if not labels:
        _go_on(entry, one, gathered)
        return
    before = one.text[: labels[0].start()].strip()
    if before:
        _go_on(entry, replace(one, text=before), gathered)
    ends = [found.start() for found in labels[1:]] + [len(one.text)]
    for found, end in zip(labels, ends, strict=True):
        name = next((n for n, said in found.groupdict().items() if said and n != "lost"), "")
        if not name:
            name = _next_part(entry)
            entry.notes.append(
                f"line {one.number}: a label is lost; read as {LABELS.get(name, name).lower()} "
                "because of its place"
            )
        text = one.text[found.end() : end].strip()
        entry.at, entry.open_list = name, name in LISTS and not text
        entry.say(name, text)


def _bare_label(entry: Entry, one: Line) -> list[re.Match[str]]:
    """Labels without a colon, that say "makes" or "include": "Makes recommendations on ..."."""
    found = []
    for name, pattern in entry.heading.profile.parts.items():
        label = compiled(rf"(?:\A|(?<=[.;] ))(?P<{name}>{pattern})(?<=\w) ")
        found += [
            match
            for match in label.finditer(one.text)
            if re.search(r"(?i)\b(?:makes|includes?)\b", match[0])
        ]
    return sorted(found, key=lambda match: match.start())


def _next_part(entry: Entry) -> str:
    """The part that comes after the one under way in the order of the profile."""
    order = [part for part in entry.heading.profile.order if part != "ethnicity"]
    lists = [part for part in order if part in LISTS and part != "keywords"]
    after = order[order.index(entry.at) + 1 :] if entry.at in order else order
    return next((part for part in after if part in lists), entry.at)


def _go_on(entry: Entry, one: Line, gathered: Gathered) -> None:
    """A line without a label."""
    if entry.at == "event" or (entry.at == "background" and not _keywords(one.text)):
        if entry.parts.get("event") and entry.heading.profile.bare_keywords and _keywords(one.text):
            entry.at = "keywords"
            entry.say("keywords", one.text)
        else:
            entry.say(entry.at, one.text)
    elif entry.open_list:
        entry.say(entry.at, one.text)
    elif entry.heading.profile.bare_keywords and _keywords(one.text) and entry.at != "keywords":
        entry.at = "keywords"
        entry.say("keywords", one.text)
    else:
        gathered.fault(f"line {one.number}", f"fits no part of an abstract: {one.text[:80]!r}")


def _keywords(text: str) -> bool:
    """Whether a line is a bare list of keywords: short words between commas, no sentence."""
    if len(text) > LONGEST_KEYWORDS:
        return False
    parts = divided(text.rstrip("."))
    return (
        len(parts) >= 2
        and not re.search(r"[.;:!?] ", text)
        and all(0 < len(part.split()) <= 6 for part in parts)
        and not text[0].isdigit()
    )


# ---- records ----


def _add(entries: Iterable[Entry], profiles: Profiles, gathered: Gathered) -> None:
    made = []
    for entry in entries:
        if not entry.parts:
            gathered.fault(f"line {entry.heading.line}", "nothing stands under this heading")
            continue
        told = told_in(" ".join(entry.parts.get("event", [])), profiles.event)
        made.append((entry, told))
    flags = _possible_duplicates(made)
    for number, (entry, told) in enumerate(made):
        if gathered.full:
            return
        gathered.add(_candidate(entry, told, flags.get(number, [])))


def _candidate(entry: Entry, told: Told, flags: list[str]) -> Candidate:
    heading, said = entry.heading, said_of(entry, told)
    return Candidate(
        RecordData(
            kind="case-review",
            title=_title(heading),
            board=heading.authority,
            pseudonym=heading.pseudonym,
            year=heading.year,
            abstract=_abstract(entry),
            keywords=lines(_keywords_of(entry)),
        ),
        f"line {heading.line}",
        notes=(*entry.notes, *flags),
        abstract=said,
    )


def _title(heading: Heading) -> str:
    board = heading.authority or ("board not named" if heading.anonymous else "")
    name = heading.pseudonym or heading.text
    return f"{name} ({board})" if board else name


def _abstract(entry: Entry) -> str:
    """The abstract in paragraphs, its own words, each part with its label."""
    parts = [*entry.parts.get("event", [])]
    for name, label in LABELS.items():
        texts = entry.parts.get(name, [])
        if texts:
            parts.append(f"{label}: {'; '.join(text.rstrip(';') for text in texts)}")
    return "\n\n".join(parts)


def said_of(entry: Entry, told: Told) -> dict[str, object]:
    """What an abstract says, as kept with the record: plain values, for those who code the review.

    heading, profile, line; anonymous; month (of publication); event: the fields of Told; issues,
    learning, recommendations, keywords: lists; background, model, ethnicity: texts.
    """
    heading = entry.heading
    return {
        "heading": heading.text,
        "profile": heading.profile.name,
        "line": heading.line,
        "anonymous": heading.anonymous,
        "month": heading.month,
        "event": asdict(told),
        "background": " ".join(entry.parts.get("background", [])),
        "issues": _items(entry.parts.get("issues", [])),
        "learning": _items(entry.parts.get("learning", [])),
        "recommendations": _items(entry.parts.get("recommendations", [])),
        "model": " ".join(entry.parts.get("model", [])),
        "ethnicity": " ".join(entry.parts.get("ethnicity", [])),
        "keywords": _keywords_of(entry),
    }


def _keywords_of(entry: Entry) -> list[str]:
    return [
        word.rstrip(".")
        for text in entry.parts.get("keywords", [])
        for word in divided(text)
        if word.strip(" .")
    ]


def divided(text: str) -> list[str]:
    """Keywords divided by commas or semicolons outside brackets."""
    words, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth = max(0, depth + (sign == "(") - (sign == ")"))
        if sign in ",;" and not depth:
            words.append(text[start:at].strip())
            start = at + 1
    return [*words, text[start:].strip()]


def _items(texts: list[str]) -> list[str]:
    """The items of a part: divided by semicolons, without a full stop at the end."""
    return [
        item.strip().rstrip(".") for text in texts for item in ITEMS.split(text) if item.strip(" .")
    ]


def _possible_duplicates(made: list[tuple[Entry, Told]]) -> dict[int, list[str]]:
    """Number of an entry -> what it may be the same as. Told both ways, never merged."""
    flags: dict[int, list[str]] = {}
    for numbers, reason in (
        *_grouped(made, _event_key, "the same outcome, age, sex and month"),
        *_grouped(made, _name_key, "the same board and name"),
    ):
        for one, other in pairwise(numbers):
            for here, there in ((one, other), (other, one)):
                line_there = made[there][0].heading.line
                flags.setdefault(here, []).append(
                    f"may be the same as the abstract on line {line_there}: {reason}"
                )
    return flags


def _grouped(
    made: list[tuple[Entry, Told]],
    key: Callable[[Entry, Told], Hashable | None],
    reason: str,
) -> list[tuple[list[int], str]]:
    groups: dict[Hashable, list[int]] = {}
    for number, (entry, told) in enumerate(made):
        found = key(entry, told)
        if found is not None:
            groups.setdefault(found, []).append(number)
    return [(numbers, reason) for numbers in groups.values() if len(numbers) > 1]


def _event_key(entry: Entry, told: Told) -> Hashable | None:
    return told.key


def _name_key(entry: Entry, told: Told) -> Hashable | None:
    heading = entry.heading
    if not heading.pseudonym or not heading.authority:
        return None
    return heading.authority.casefold(), heading.pseudonym.casefold()
