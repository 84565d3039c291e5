"""What a person typed, made safe to show again and to search for."""

import re

# Control characters and code points that stand for no character: no database or page holds them.
UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]+")


def typed(value: str) -> str:
    """The text with each run of characters that cannot be meant as one space, trimmed."""
    return UNWANTED.sub(" ", value).strip()
