"""Names of settings that are nearly right. Reads no setting, so that every command can ask."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

import waymark

PREFIX = "WAYMARK_"
SOURCES = ("settings.py", "setting_values.py")
NEAR = 0.75
"""Likeness of two names, from 0 to 1, from which one is taken for a misspelling of the other."""


def misspelt_settings(names: Collection[str]) -> list[str]:
    """A sentence for each name of a variable that is nearly that of a setting: it has no effect."""
    package = Path(waymark.__file__).parent
    source = "".join((package / file).read_text("utf-8") for file in SOURCES)
    known = {name.removeprefix(PREFIX) for name in re.findall(rf"{PREFIX}[A-Z_]+", source)}
    sentences = []
    for name in sorted(names):
        own = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and own not in known:
            near = get_close_matches(own.upper(), known, n=1, cutoff=NEAR)
            sentences += [
                f"the setting {name} does not exist and has no effect: did you mean {PREFIX}{word}?"
                for word in near
            ]
    return sentences
