"""Words of a file name as a sentence would have them (no Django)."""

import re
from pathlib import PurePath

from waymark.documents.anonymity.lower_names import is_general
from waymark.documents.anonymity.word_lists import words_of

# "karenWhitcombe", "KarenWhitcombe2", "SCRKaren": a new word begins where the case changes.
PARTS = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+|[^\W\d_A-Z]+")
SHORTEST_NAME = 3


def words_of_file_name(file_name: str) -> str:
    """ "Review_of-karenWhitcombe-R12.pdf" -> "review of Karen Whitcombe".

    Signs and changes of case are spaces; codes are left out. A word in lower case that is no
    ordinary one gets a capital, since names are written small in file names.
    """
    parts = (
        part
        for word in re.split(r"[^\w'\u2019]+|_", PurePath(file_name).stem)
        for part in _parts(word)
    )
    return " ".join(map(_as_in_sentence, parts))


def _as_in_sentence(part: str) -> str:
    # The capital of "Report" in "KarenReport" would make one name of both.
    if is_general(part.lower()) and part.lower() not in words_of("ambiguous"):
        return part.lower()
    return part.capitalize() if _may_be_name(part) else part


def _parts(word: str) -> list[str]:
    # "O'Brien" and "McEvoy" are one word.
    if re.match(r"(?:O['\u2019]|Ma?c)[A-Z]", word):
        return [word]
    parts = [part for part in PARTS.findall(word) if not part.isupper() or len(part) == 1]
    # "R12" and "v2" are codes, "karen2" is a name.
    shortest = SHORTEST_NAME if any(letter.isdigit() for letter in word) else 1
    return [part for part in parts if len(part) >= shortest]


def _may_be_name(word: str) -> bool:
    known = is_general(word) or word.upper() in words_of("acronyms")
    return word.islower() and len(word) >= SHORTEST_NAME and not known
