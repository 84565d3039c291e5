r"""Decode LaTeX with pylatexenc, quickly: "Caf\'e \& 50\%" -> "Café & 50%".

Most values have accents, escaped signs and dashes alone. These are decoded one by one and kept in a
cache; only a value with other commands is parsed as a whole, which takes a hundred times as long.
"""

import re
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text

SYMBOLS = (
    "textbackslash|textasciitilde|textasciicircum|textbraceleft|textbraceright|lbrace|rbrace|"
    "textendash|textemdash|textquoteleft|textquoteright|textquotedblleft|textquotedblright|"
    "ldots|dots|ss|ae|AE|oe|OE|aa|AA|dh|DH|th|TH|[lLoOij]"
)
FRAGMENT = re.compile(
    r"\\[\"'`^~=.](?:\{\\?[A-Za-z]\}|\s*\\[ij](?![A-Za-z])|\s*[A-Za-z])"
    r"|\\[uvHtcdbkr](?:\{\\?[A-Za-z]{1,2}\}|\s+\\?[A-Za-z](?![A-Za-z]))"
    r"|\\[&%$#_{}]"
    rf"|\\(?:{SYMBOLS})(?![A-Za-z])(?:\{{\}}|\s+)?"
)
"""A command without others inside: an accent and its letter, an escaped sign, a special letter."""
SIGNS = re.compile(rf"({FRAGMENT.pattern})|``|''|---?|~|[{{}}]")
LIGATURES = {
    "``": "\N{LEFT DOUBLE QUOTATION MARK}",
    "''": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "---": "\N{EM DASH}",
    "--": "\N{EN DASH}",
    "~": " ",
    "{": "",
    "}": "",
}
PLAIN = {
    r"\textbackslash": "\\",
    r"\textasciitilde": "~",
    r"\textasciicircum": "^",
    r"\{": "{",
    r"\}": "}",
    r"\textbraceleft": "{",
    r"\textbraceright": "}",
    r"\lbrace": "{",
    r"\rbrace": "}",
}
LINK = re.compile(r"\\(?:url|path)\s*\{([^{}]*)\}")
PER_CENT = re.compile(r"(?<!\\)%")
DECODER = LatexNodes2Text(keep_braced_groups=False, math_mode="verbatim")


def without_latex(value: str) -> str:
    """The text that LaTeX prints. A per cent sign stays one: "50% of cases" has no comment.

    Raises ValueError as pylatexenc does.
    """
    linked = LINK.sub(r"\1", value)
    rest = FRAGMENT.sub("", linked)
    if "\\" in rest or "$" in rest:
        text: str = DECODER.latex_to_text(PER_CENT.sub(r"\\%", linked))
        return text
    return SIGNS.sub(lambda match: _decoded(match[0]), linked)


@lru_cache(maxsize=2_000)
def _decoded(sign: str) -> str:
    if sign in LIGATURES:
        return LIGATURES[sign]
    bare = sign.removesuffix("{}").strip()
    if bare in PLAIN:
        return PLAIN[bare]
    text: str = DECODER.latex_to_text(sign)
    return text.strip()
