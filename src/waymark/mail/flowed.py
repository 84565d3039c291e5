"""Flowed text of an email (RFC 3676): lines that each reader's window wraps anew (no Django).

A line that ends in a space goes on in the next one. So a paragraph is short lines for a program
that does not know this, and fills any window, narrow or wide, in one that does.
"""

import re
import textwrap

WIDTH = 72
"""Characters of a line, with the space that ends it."""
LONG = 60
"""A line of a template with so many characters was broken to fit; a shorter one ends there."""
GOES_ON = re.compile(r"[^\W_]|[\u201c\u2018(]")
LINK = re.compile(r"\S+://\S+")


def joined_paragraphs(text: str) -> str:
    """Text of a template whose paragraphs are on one line each.

    Lines were broken where the source of the program was wide enough. Lists, links and short lines
    such as those of an address stay.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        before = lines[-1] if lines else ""
        if len(before) >= LONG and GOES_ON.match(line) and not _is_link(before, line):
            # A line that was joined to another counts as long for the next.
            lines[-1] = f"{before.rstrip()} {line}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _is_link(*lines: str) -> bool:
    return any(LINK.fullmatch(line.strip()) for line in lines)


def flowed_text(text: str) -> str:
    """Text in lines of WIDTH characters; a link is never broken."""
    return "\n".join(part for line in text.split("\n") for part in _flowed_lines(line))


def _flowed_lines(line: str) -> list[str]:
    line = line if line == "-- " else line.rstrip()
    # Programs read a first ">" as a quotation, a space as the mark of such a line, and "From " as
    # the beginning of an email: a further space in front is taken away by the reader.
    stuffed = f" {line}" if line.startswith((" ", ">", "From ")) else line
    if len(stuffed) <= WIDTH:
        return [stuffed]
    parts = textwrap.wrap(
        stuffed,
        WIDTH - 1,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
    return [f"{part} " for part in parts[:-1]] + parts[-1:]
