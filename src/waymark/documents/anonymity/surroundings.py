"""Short marks of the words around a mention: equal where the same words stand (no Django)."""

import re
from hashlib import blake2s

WORDS = 3
"""Words before and after a mention that are compared."""
REACH = 120
"""Characters in which they are looked for."""
WORD = re.compile(r"[^\W_]+")


def surroundings_of(text: str, start: int, end: int) -> str:
    """A mark of the three words before and after text[start:end].

    Case, punctuation and ends of lines do not count, so a text that is read again has the same
    marks where it has the same words. It is a hash: an answer needs no copy of the text.
    """
    before = WORD.findall(text[max(0, start - REACH) : start].casefold())[-WORDS:]
    after = WORD.findall(text[end : end + REACH].casefold())[:WORDS]
    words = f"{' '.join(before)}|{' '.join(after)}"
    return blake2s(words.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
