"""Widths of text, so that drawings can wrap and place it: SVG has no layout. Pure."""

# Advance widths of Helvetica, in thousandths of the size. The fonts of the site and of the PDF are
# narrower, and Arial is as wide, so text never needs more room than calculated here.
_WIDTHS = {
    222: "ijl'|",
    278: " ftI.,:;!/[]\\",
    333: "r-()`",
    355: '"',
    389: "*",
    500: "ckJsvxyz",
    584: "+=<>~",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "…—",
}
_ADVANCES = {character: width for width, group in _WIDTHS.items() for character in group}
_OTHER = 556
BOLD = 1.07


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text, rather too large than too small."""
    units = sum(_ADVANCES.get(character, _OTHER) for character in words)
    return units * size / 1000 * (BOLD if bold else 1)


def wrapped_text(words: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """Text in lines that fit into a width; a word that is too wide is broken."""
    lines = [""]
    for word in words.split(" "):
        for part in _broken_word(word, room, size, bold=bold):
            longer = f"{lines[-1]} {part}".strip(" ") if lines[-1] else part
            if text_width(longer, size, bold=bold) <= room:
                lines[-1] = longer
            else:
                lines.append(part)
    return [line for line in lines if line] or [""]


def _broken_word(word: str, room: float, size: float, *, bold: bool) -> list[str]:
    parts = [""]
    for character in word:
        if parts[-1] and text_width(parts[-1] + character, size, bold=bold) > room:
            parts.append("")
        parts[-1] += character
    return parts
