"""Read who holds the rights in a publication, and the terms of its reuse. Pure."""

import re
from collections.abc import Iterable
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.licences import LICENCES, licence_in
from waymark.library.exchange.readers.result import clean_line

HOLDER = re.compile(r"(?i)^(?:rights holder:|copyright holder:|copyright|\(c\)|\u00a9)[\s:\u00a9]*")
LICENCE = re.compile(r"(?i)^(?:licen[cs]ed under|licen[cs]e|terms of reuse)\s*:?\s*")
LONGEST = 200


def rights_in(texts: Iterable[str], *, stated_only: bool = False) -> dict[str, Any]:
    """{"rights_holder", "licence"} of statements of rights, "" where none says it.

    "Licence: CC BY 4.0" and the address of a licence are terms; "\u00a9 A board" names the holder.
    Another statement counts as terms, unless only those that say what they are count, as in notes.
    """
    holder = licence = other = ""
    for text in map(clean_line, texts):
        name = licence_in(LICENCE.sub("", text))
        if not text or text == FORBIDDEN_USES_IN_FULL:
            continue
        if name in LICENCES or LICENCE.match(text):
            licence = licence or name
        elif HOLDER.match(text):
            holder = holder or HOLDER.sub("", text)
        else:
            other = other or text
    terms = licence or ("" if stated_only else other)
    return {"rights_holder": holder[:LONGEST], "licence": terms[:LONGEST]}
