"""Words of a text with what their letters and surroundings say about them (no Django)."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from waymark.documents.anonymity.lower_names import lower_case_names
from waymark.documents.anonymity.numbers import web_spans
from waymark.documents.anonymity.word_lists import is_common, words_of

# Accents may be letters of their own: the last letter of "Adébáyọ̀" has one above and one below.
LETTERS = r"(?:[^\W\d_][\u0300-\u036f]*)+"
WORD = re.compile(rf"{LETTERS}(?:['-]{LETTERS})*")
POSSESSIVE = ("'s", "'S")
PLURAL_POSSESSIVE = frozenset({"' ", "'\n"})
NEW_SENTENCE = re.compile(
    r"[.!?:;\u2022\u25cf\u25aa\n\t|]|[\u2013\u2014-]\s|\s[\u2013\u2014-]|[“\"']$"
)
# fmt: off
PARTICLES = frozenset({
    "ap", "ab", "ferch", "van", "von", "der", "den", "de", "la", "le", "da", "dos", "del", "di",
    "bin", "ibn", "binti", "al", "el", "ul", "ur", "ud", "uí", "ní", "nic", "mac", "mc", "an", "ó",
    "ua",
})
# fmt: on
DEFINED = re.compile(r"(?<![\w'-])(?P<words>(?:[\w'-]{1,30} ){2,9})\((?P<short>[A-Z]{2,8})s?\)")
SHORT_CAPITALS = 3
LONGEST_RUN = 12


@dataclass(slots=True)
class Token:
    """A word: word without "'s", its span, and what its letters say.

    opening: it begins a sentence, line or cell, where every word has a capital. shouted: its line
    is in capitals, or most of its words have one, so that a capital says nothing.
    gap: the text between it and the word before. lower: the word in lower case. capital: it has one
    at its beginning.
    """

    word: str
    start: int
    end: int
    gap: str
    opening: bool
    possessive: bool
    shouted: bool = False
    lower: str = field(init=False)
    capital: bool = field(init=False)

    def __post_init__(self) -> None:
        self.lower = self.word.lower()
        # "Karen", "KAREN", "O'Brien", and "tSaoir".
        self.capital = self.word[0].isupper() or (len(self.word) > 2 and self.word[1].isupper())

    @property
    def upper(self) -> bool:
        return len(self.word) > 1 and self.word.isupper()


@dataclass
class TokenText:
    """A text with its words, and what its own use of capitals says about them."""

    text: str
    tokens: list[Token]

    @cached_property
    def ordinary(self) -> frozenset[str]:
        """Words that the text writes in lower case at least as often, other than as names.

        One hurried "karen" must not make "Karen" a common word.
        """
        names = {start for start, _ in self.lower_names}
        lower = Counter(
            token.lower
            for token in self.tokens
            if token.word.islower() and token.start not in names
        )
        capital = Counter(
            token.lower for token in self.tokens if token.capital and not token.opening
        )
        return frozenset(word for word, count in lower.items() if count >= capital[word])

    @cached_property
    def lower_names(self) -> list[tuple[int, int]]:
        """Spans of words in lower case that stand where a name does."""
        return sorted(set(lower_case_names(self.text)))

    @cached_property
    def acronyms(self) -> frozenset[str]:
        """Abbreviations that the text itself explains, as in "family group meeting (FGM)"."""
        defined = {
            match["short"]
            for match in DEFINED.finditer(self.text)
            if _abbreviates(match["short"].lower(), match["words"].lower())
        }
        return words_of("acronyms") | defined

    def is_acronym(self, token: Token) -> bool:
        """True for "GP", "GPs", and short words in capitals within ordinary lines."""
        bare = token.word.removesuffix("s") if not token.upper else token.word
        if not (len(bare) > 1 and bare.isupper()):
            # "DfE", "CiCC", but not "McEvoy" and "O'Neill".
            capitals = sum(letter.isupper() for letter in token.word)
            return "-" not in token.word and (
                capitals > 2 or (capitals > 1 and token.word[-1].isupper())
            )
        if bare in self.acronyms or token.word in self.acronyms:
            return True
        if not token.upper:
            return len(bare) > 1
        return not token.shouted and (
            len(bare) <= SHORT_CAPITALS or not re.search("[AEIOUYÁÉÍÓÚ]", bare)
        )

    def is_ordinary(self, token: Token) -> bool:
        """True for a word that is common, or that the text writes in lower case too."""
        return token.lower in self.ordinary or is_common(token.lower)


def _abbreviates(short: str, words: str) -> bool:
    """True if the words begin with letters of the abbreviation: "family group meeting", "fgm".

    "the younger girl (KAREN)" is no abbreviation.
    """
    initials = [word[0] for word in re.split(r"[ -]", words) if word]
    return sum(letter in initials for letter in short) * 3 >= len(short) * 2 or (
        short[0] in initials and len(short) > 2 and _spelt_from(short, words)
    )


def _spelt_from(short: str, words: str) -> bool:
    """True if the letters stand in the last words in this order: "regional nurse", "regn"."""
    last = words.split()[-3:]
    letters = iter("".join(last))
    in_order = all(letter in letters for letter in short)
    return in_order and short[0] == last[0][0] and short not in words


def tokenise(text: str) -> TokenText:
    """The words of a text in order, without those of web and email addresses."""
    skipped = {at for span in web_spans(text) for at in range(*span)}
    tokens: list[Token] = []
    end_before = 0
    for match in WORD.finditer(text):
        if match.start() in skipped:
            continue
        gap = text[end_before : match.start()]
        tokens.append(_token(match, gap, tokens[-1] if tokens else None))
        end_before = match.end()
    _mark_shouted(tokens)
    return TokenText(text, tokens)


def _token(match: re.Match[str], gap: str, before: Token | None) -> Token:
    word = match[0]
    possessive = word.endswith(POSSESSIVE)
    if possessive:
        word = word[:-2]
    elif word[-1] in "sS" and match.string[match.end() : match.end() + 2] in PLURAL_POSSESSIVE:
        possessive = True
    opening = before is None or _opens(gap, before)
    start = match.start()
    return Token(word, start, start + len(word), gap, opening, possessive)


def _opens(gap: str, before: Token) -> bool:
    if gap == " ":
        return False
    bare = gap
    # The full stop of "Mr." and of an initial ends no sentence.
    short = before.lower in words_of("titles") or (len(before.word) == 1 and before.capital)
    if short and gap.startswith(".") and "\n" not in gap:
        bare = gap[1:]
    return NEW_SENTENCE.search(bare) is not None


def _mark_shouted(tokens: list[Token]) -> None:
    """Mark the words of lines in which most long words have a capital."""
    line: list[Token] = []
    for token in [*tokens, None]:
        if token is None or "\n" in token.gap:
            # The first word says nothing: it has a capital in every line.
            long = [word for word in line[1:] if len(word.word) > SHORT_CAPITALS]
            capitals = sum(word.capital for word in long)
            if long and capitals * 3 >= len(long) * 2:
                for word in line:
                    word.shouted = True
            line = []
        if token is not None:
            line.append(token)


def runs_of(tokens: list[Token]) -> list[list[Token]]:
    """Runs of words with capitals that stand side by side, with particles such as "ap" between."""
    runs: list[list[Token]] = []
    run: list[Token] = []
    for position, token in enumerate(tokens):
        if run and not _continues(run, token, tokens, position):
            runs.append(_trimmed(run))
            run = []
        if token.capital or (run and token.lower in PARTICLES):
            run.append(token)
    if run:
        runs.append(_trimmed(run))
    return [run for run in runs if run]


def _continues(run: list[Token], token: Token, tokens: list[Token], position: int) -> bool:
    before = run[-1]
    if (
        len(run) == LONGEST_RUN
        or token.opening
        or (before.possessive and not _names_a_place(run, token))
    ):
        return False
    joined = token.gap in {" ", "\u00a0", ""} or (
        token.gap in {". ", "."} and (len(before.word) == 1 or before.lower in words_of("titles"))
    )
    if not joined or before is not tokens[position - 1]:
        return False
    if token.capital:
        return True
    following = tokens[position + 1 : position + 3]
    return token.lower in PARTICLES and any(word.capital for word in following)


def _names_a_place(run: list[Token], token: Token) -> bool:
    """True in "St Brannoc's High School", where the possessive does not end the name."""
    return run[0].lower in {"st", "saint"} or token.lower in words_of("institutions")


def _trimmed(run: list[Token]) -> list[Token]:
    while run and not run[-1].capital:
        run = run[:-1]
    return run
