"""Names of people and places by rules: capitals, titles, roles, possessives (no Django).

A capital inside a sentence is a name unless the word is common. A common word is a name after a
title or a role, or if it is known as a name too ("Grace") and is used as one.
"""

# Example: "The social worker spoke to Siobhán." -> "Siobhán": it has a capital, is no common word
# and the report never writes it in lower case.

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from waymark.documents.anonymity.identifiers import INITIALS, PERSON, Identifier
from waymark.documents.anonymity.place_uses import ACTS, CONTEXT, with_places
from waymark.documents.anonymity.tokens import PARTICLES, Token, TokenText
from waymark.documents.anonymity.word_lists import words_of

DOTTED_INITIALS = re.compile(r"\b(?:[A-Z]\.[ \u00a0]?){2,4}(?!\.*[@\w])")
BARE_INITIALS = re.compile(
    r"\b(?:initials?|initialled(?: by)?) (?:are |is |were )?[“\"']?(?P<letters>[A-Z]{2,3})\b"
)
RELATIVE = (
    r"(?i:mother|father|mum|dad|parent|brother|sister|sibling|uncle|aunt|grandmother|grandfather"
    r"|partner|child|son|daughter|baby|boyfriend|girlfriend)"
)
RELATIVE_INITIALS = re.compile(
    rf"\b{RELATIVE},? \((?P<after>[A-Z]{{2,3}})\)|\b(?P<before>[A-Z]{{2,3}}) \({RELATIVE}\)"
)
NO_INITIALS = frozenset(
    {"U.K.", "U.S.", "N.I.", "E.U.", "D.O.B.", "U.S.A.", "A.M.", "P.M.", "N.B.", "Q.C.", "K.C."}
)
ROLE_BEFORE = re.compile(
    r"(?P<word>[\w'-]+)(?P<gap>,? (?:called |named |known as |, )?|: |: | \()[“\"']?$"
)
WORD_ENDING = re.compile(
    r"(?:ing|ings|ance|ence|ances|ences|ers|ors|ists|ies|ions|ous|able|ics|ives?)$"
)


@dataclass(slots=True)
class NameEvidence:
    """Mentions of names found so far. sure: words that a title, role or place shows to be names."""

    finds: list[Identifier] = field(default_factory=list)
    sure: set[str] = field(default_factory=set)


def find_names(
    source: TokenText,
    runs: list[list[Token]],
    taken: list[tuple[int, int]],
    pseudonyms: frozenset[str],
) -> list[Identifier]:
    """Names of people and places, and initials.

    taken: spans of other identifiers, of which no part is a name. pseudonyms: words that the report
    declares, in lower case.
    """
    free = _free_runs(runs, taken)
    agency_words = _agency_words(source, free)
    excluded = pseudonyms | agency_words
    evidence = NameEvidence()
    for run in free:
        for segment, cue in _segments(source, run):
            _examine(source, segment, cue, excluded, evidence)
    _add_other_mentions(source, free, excluded, evidence)
    _add_lower_case(source, taken, excluded, evidence)
    finds = with_places(source.text, evidence.finds, of_people={TITLE, ROLE, OWNER})
    return [*finds, *_initials(source)]


def _free_runs(runs: list[list[Token]], taken: list[tuple[int, int]]) -> list[list[Token]]:
    spans = sorted(taken)
    free, index = [], 0
    for run in runs:
        while index < len(spans) and spans[index][1] <= run[0].start:
            index += 1
        rest = [
            token
            for token in run
            if not any(
                start < token.end and token.start < end
                for start, end in spans[index : index + len(run) + 1]
            )
        ]
        if rest:
            free.append(rest)
    return free


# ---- agencies ----


def _agency_words(source: TokenText, runs: list[list[Token]]) -> frozenset[str]:
    """Words of the names of agencies: "Ardmoyle" of "Ardmoyle Area Child Protection Committee"."""
    return frozenset(
        token.lower
        for run in runs
        for token in run[: _agency_end(source, run)]
        if run[0].lower not in words_of("titles")
    )


def _agency_end(source: TokenText, run: list[Token]) -> int:
    """Number of words of a run that are the name of an agency, a law or a document; 0 if none."""
    for index in range(len(run) - 1, -1, -1):
        if run[index].lower in words_of("agencies") and (index > 0 or not run[0].opening):
            return index + 1
    after = source.text[run[-1].end : run[-1].end + CONTEXT]
    following = re.match(r"(?:'s?)? ([\w'-]+)", after)
    if following and following[1] in words_of("agency_phrases"):
        return len(run)
    return 0


# ---- one run ----


def _segments(source: TokenText, run: list[Token]) -> Iterator[tuple[list[Token], str]]:
    """Parts of a run between words that are no names; each with the title or role before it."""
    skip = 0 if run[0].lower in words_of("titles") else _agency_end(source, run)
    segment: list[Token] = []
    cue = ""
    for token in run[skip:]:
        barrier = _barrier(source, token)
        if not barrier:
            segment.append(token)
            continue
        if segment:
            yield segment, cue
        segment, cue = [], barrier if barrier in {"title", "role"} else ""
    if segment:
        yield segment, cue


def _barrier(source: TokenText, token: Token) -> str:
    """Why a word with a capital is no part of a name; "" if it may be one."""
    if token.lower in words_of("titles"):
        return "title"
    if token.lower in PARTICLES:
        return ""
    if token.lower in words_of("roles"):
        return "role"
    if source.is_acronym(token) or _is_one_of(token, "capital_words"):
        return "other"
    if _also_name(token):
        return ""
    return "other" if _is_one_of(token, "agencies", "peoples", "months", "days") else ""


def _is_one_of(token: Token, *lists: str) -> bool:
    """True if the word, or the singular of it, is in one of the lists."""
    forms = {token.lower, token.lower.removesuffix("s")}
    return any(not forms.isdisjoint(words_of(name)) for name in lists)


def _examine(
    source: TokenText,
    segment: list[Token],
    cue: str,
    excluded: frozenset[str],
    evidence: NameEvidence,
) -> None:
    segment = _without_edges(source, segment, sure=bool(cue))
    if not segment or all(token.lower in excluded for token in segment):
        return
    if all(len(token.word) == 1 for token in segment):
        return
    before = source.text[max(0, segment[0].start - CONTEXT) : segment[0].start]
    reason = _reason(source, segment, cue, before)
    if not reason:
        return
    evidence.finds.append(_mention(source, segment, reason))
    if reason != CAPITAL_FIRST:
        evidence.sure.update(
            token.lower for token in segment if token.capital and len(token.word) > 2
        )


TITLE, ROLE = "follows a title", "follows a role"
CAPITAL = "has a capital inside a sentence and is no common word"
CAPITAL_FIRST = "begins a sentence and is no common word"
AS_NAME = "is a name as well as a word, and is used as a name"
AFTER_INITIAL = "follows an initial"
OWNER = "owns something that belongs to a person"
MENTIONED = "is a name elsewhere in the report"
LOWER_CASE = "is in lower case where a name would be"


def _reason(source: TokenText, segment: list[Token], cue: str, before: str) -> str:
    """Why these words are a name, "" if they are none."""
    if cue == "title":
        return TITLE
    unknown = [token for token in segment if _unknown(source, token)]
    if unknown:
        if any(not token.opening and not token.shouted for token in unknown):
            return CAPITAL
        return CAPITAL_FIRST if _begins_as_name(source, segment) else ""
    if _follows_role(segment, cue, before):
        return ROLE
    if len(segment) > 1 and len(segment[0].word) == 1 and not segment[0].opening:
        # Not "B. Decisions" at the start of a heading.
        return AFTER_INITIAL if segment[1].gap.startswith(".") else ""
    if not any(_also_name(token) for token in segment):
        return ""
    return _used_as_name(source, segment)


def _unknown(source: TokenText, token: Token) -> bool:
    return (
        len(token.word) > 1
        and token.capital
        and not _also_name(token)
        and not source.is_ordinary(token)
    )


def _also_name(token: Token) -> bool:
    return token.lower in words_of("ambiguous")


def _follows_role(segment: list[Token], cue: str, before: str) -> bool:
    first = segment[0]
    if first.shouted or first.opening:
        return False
    if cue == "role":
        return any(_also_name(token) for token in segment)
    match = ROLE_BEFORE.search(before)
    if match is None or match["word"].lower() not in words_of("roles"):
        return False
    return bool(match["gap"].strip()) or any(_also_name(token) for token in segment)


def _used_as_name(source: TokenText, segment: list[Token]) -> str:
    """Why a word such as "Grace" is a name here."""
    first, last = segment[0], segment[-1]
    word = _word_after(source, last)
    if last.possessive and word in words_of("belongings"):
        return OWNER
    if first.lower in words_of("months"):
        return ""
    if len(segment) > 1 and not (first.shouted and first.lower in words_of("beginners")):
        return AS_NAME
    if first.shouted or (first.opening and first.lower in words_of("beginners")):
        return AS_NAME if _acts(source, last) else ""
    return AS_NAME


def _begins_as_name(source: TokenText, segment: list[Token]) -> bool:
    """False for one word with the ending of a noun or verb, unless a person's verb follows it."""
    if len(segment) > 1 or not WORD_ENDING.search(segment[0].lower):
        return True
    last = segment[-1]
    if last.possessive:
        return _word_after(source, last) in words_of("belongings")
    return _acts(source, last)


def _acts(source: TokenText, token: Token) -> bool:
    """True if the words after it are said of people: "Hope never settled", "Will, aged seven"."""
    after = ACTS.match(source.text, token.end)
    if after is None:
        return False
    return not after["verb"] or after["verb"].lower() in words_of("person_verbs")


def _word_after(source: TokenText, token: Token) -> str:
    following = re.match(r"(?:'s?)? ([\w'-]+)", source.text[token.end : token.end + CONTEXT])
    return following[1].lower() if following else ""


def _without_edges(source: TokenText, segment: list[Token], *, sure: bool) -> list[Token]:
    """The segment without particles at its ends and common words before the name.

    Example: "When Karen" -> "Karen", "Contact With Karen" in a heading -> "Karen".
    """
    while segment and not sure and _leads(source, segment[0]):
        segment = segment[1:]
    while segment and (not segment[-1].capital or (not sure and _trails(source, segment))):
        segment = segment[:-1]
    return segment


def _trails(source: TokenText, segment: list[Token]) -> bool:
    last = segment[-1]
    surname = len(segment) > 1 and _also_name(segment[-2])
    return last.shouted and source.is_ordinary(last) and not (surname or _also_name(last))


def _leads(source: TokenText, token: Token) -> bool:
    if not token.capital:
        return True
    ordinary = source.is_ordinary(token) and not _also_name(token)
    return ordinary and (token.opening or token.shouted)


def _mention(source: TokenText, named: list[Token], reason: str) -> Identifier:
    start, end = named[0].start, named[-1].end
    words = " ".join(source.text[start:end].split())
    return Identifier(PERSON, start, end, words, reason)


# ---- the whole text ----


def _add_other_mentions(
    source: TokenText, runs: list[list[Token]], excluded: frozenset[str], evidence: NameEvidence
) -> None:
    """Add places where a word is used that is surely a name elsewhere."""
    covered = {start for find in evidence.finds for start in range(find.start, find.end)}
    for run in runs:
        skip = _agency_end(source, run)
        for token in run[skip:]:
            known = token.lower in evidence.sure and token.lower not in excluded
            usable = _also_name(token) or not (
                token.shouted or (token.opening and source.is_ordinary(token))
            )
            new = token.capital and token.start not in covered
            if known and usable and new and not _barrier(source, token):
                evidence.finds.append(_mention(source, [token], MENTIONED))


def _add_lower_case(
    source: TokenText,
    taken: list[tuple[int, int]],
    excluded: frozenset[str],
    evidence: NameEvidence,
) -> None:
    """Add names in lower case: "mum (karen)"."""
    for start, end in source.lower_names:
        word = source.text[start:end]
        free = not any(first < end and start < last for first, last in taken)
        if free and word not in excluded and word not in source.ordinary:
            evidence.finds.append(Identifier(PERSON, start, end, word, LOWER_CASE))


def _initials(source: TokenText) -> Iterator[Identifier]:
    text = source.text
    for match in DOTTED_INITIALS.finditer(text):
        words = match[0].rstrip()
        if words.replace(" ", "") not in NO_INITIALS:
            yield Identifier(INITIALS, match.start(), match.start() + len(words), words, "initials")
    for match in BARE_INITIALS.finditer(text):
        yield Identifier(INITIALS, *match.span("letters"), match["letters"], "called initials")
    for match in RELATIVE_INITIALS.finditer(text):
        group = match.lastgroup or ""
        if match[group] not in source.acronyms:
            yield Identifier(INITIALS, *match.span(group), match[group], "initials of a relative")
