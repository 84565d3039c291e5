"""The pieces of words that a BERT model reads: WordPiece with the uncased English vocabulary.

"Safeguarding" -> safeguard ##ing -> [28805, 2075]. The tokenizers of model makers bring
programs that download; of all they can do, this is the part that one model needs.
"""

import gzip
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

VOCABULARY_FILE = Path(__file__).with_name("bert-vocabulary.txt.gz")
UNKNOWN, FIRST, LAST = "[UNK]", "[CLS]", "[SEP]"
LONGEST_WORD = 100
"""Longer ones are unknown to the model."""
# Characters of languages that put no spaces between words: each is a word.
IDEOGRAPHS = (
    *((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F)),
    *((0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)),
)


@cache
def vocabulary() -> dict[str, int]:
    """Piece -> its number, from 0 in the order of the file."""
    with gzip.open(VOCABULARY_FILE, "rt", encoding="utf-8", newline="\n") as lines:
        return {line.rstrip("\n"): number for number, line in enumerate(lines)}


def piece_numbers(text: str, limit: int) -> list[int]:
    """The numbers of a text's pieces between those of its beginning and end; at most limit."""
    known = vocabulary()
    numbers = [known[FIRST]]
    for word in _words(text):
        numbers += _pieces(word)
        if len(numbers) >= limit:
            break
    return [*numbers[: limit - 1], known[LAST]]


def _words(text: str) -> Iterator[str]:
    """Words and marks in lower case without accents."""
    cleaned = "".join(_cleaned(character) for character in text)
    plain = "".join(
        character
        for character in unicodedata.normalize("NFD", cleaned)
        if unicodedata.category(character) != "Mn"
    )
    for run in plain.lower().split():
        begun = 0
        for place, character in enumerate(run):
            if _is_mark(character):
                if begun < place:
                    yield run[begun:place]
                yield character
                begun = place + 1
        if begun < len(run):
            yield run[begun:]


def _cleaned(character: str) -> str:
    """A character without control characters, with spaces around an ideograph."""
    if character in "\t\n\r" or unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    if code in {0, 0xFFFD} or unicodedata.category(character).startswith("C"):
        return ""
    if code > 0x3000 and any(first <= code <= last for first, last in IDEOGRAPHS):
        return f" {character} "
    return character


def _is_mark(character: str) -> bool:
    if character.isascii():
        return not character.isalnum() and character.isprintable() and character != " "
    return unicodedata.category(character).startswith("P")


def _pieces(word: str) -> list[int]:
    """The longest known beginning, then of the rest again; one unknown part makes all unknown."""
    known = vocabulary()
    if len(word) > LONGEST_WORD:
        return [known[UNKNOWN]]
    numbers = []
    start = 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = word[start:end] if start == 0 else f"##{word[start:end]}"
            if piece in known:
                numbers.append(known[piece])
                start = end
                break
        else:
            return [known[UNKNOWN]]
    return numbers
