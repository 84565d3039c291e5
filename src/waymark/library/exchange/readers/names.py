"""Names of people and bodies as other catalogues write them. Pure."""

import re
from collections.abc import Iterable, Iterator

from waymark.library.catalogue.author_names import has_body_word
from waymark.library.exchange.readers.result import clean_line

# "Ann Smithson, Karl Marsh, Max Weston": three or more names of two or three capitalised words.
WHOLE_NAME = re.compile(r"(?:[A-Z][\w.'\u2019-]*\s){1,2}[A-Z][\w'\u2019-]+")


def names_in(values: Iterable[str]) -> tuple[str, ...]:
    """The names in fields of which one may have several: "Lindqvist, Maja; Prior, Ewan" is two."""
    names = (name for value in values for name in _divided(value))
    return tuple(dict.fromkeys(name for name in names if name))


def _divided(value: str) -> Iterator[str]:
    # A line that begins with a space goes on with the name above; another is a name of its own.
    for line in re.split(r"\n(?!\s)", value):
        for part in line.split(";"):
            name = clean_line(part).strip(",; ")
            parts = [one.strip() for one in name.split(",")]
            whole = len(parts) > 2 and all(map(WHOLE_NAME.fullmatch, parts))
            if whole and not has_body_word(name):
                yield from map(surname_first, parts)
            else:
                yield name


def surname_first(name: str) -> str:
    """ "Ann Mary Smithson" as "Smithson, Ann Mary"; one with a comma or of one word unchanged."""
    first, space, surname = name.rpartition(" ")
    return f"{surname}, {first}" if space and "," not in name else name
