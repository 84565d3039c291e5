"""Colours of documents as numbers, and their contrast (no Django)."""

import re

Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
NAMED: dict[str, Colour] = {
    "black": BLACK,
    "white": WHITE,
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "lightgray": (211, 211, 211),
    "lightgrey": (211, 211, 211),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "darkgray": (169, 169, 169),
    "darkgrey": (169, 169, 169),
    "red": (255, 0, 0),
    "darkred": (139, 0, 0),
    "maroon": (128, 0, 0),
    "yellow": (255, 255, 0),
    "green": (0, 128, 0),
    "darkgreen": (0, 100, 0),
    "lime": (0, 255, 0),
    "cyan": (0, 255, 255),
    "blue": (0, 0, 255),
    "darkblue": (0, 0, 139),
    "navy": (0, 0, 128),
    "magenta": (255, 0, 255),
    "purple": (128, 0, 128),
}
HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{2})?", re.IGNORECASE)
RGB = re.compile(
    r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/].*)?\)", re.IGNORECASE
)
LEAST_CONTRAST = 1.25  # black on white has 21; below this, words look like an empty place
DARK = 0.18  # relative luminance


def colour_of(value: str) -> Colour | None:
    """A colour as written by Word or a style sheet; None for anything but a plain colour."""
    value = value.strip()
    if value.lower() in NAMED:
        return NAMED[value.lower()]
    if match := RGB.fullmatch(value):
        red, green, blue = (min(int(part), 255) for part in match.groups())
        return red, green, blue
    if match := HEX.fullmatch(value):
        digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    return None


def relative_luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def is_unreadable(words: Colour, ground: Colour) -> bool:
    """True if words in this colour look like their ground: as light, and of the same hue.

    Example: #f7f7f7 on white has a contrast of 1.07 and differs by 8 of 255: unreadable. Pure blue
    on black differs by 255 and can be read, although both are dark.
    """
    lighter, darker = sorted((relative_luminance(words), relative_luminance(ground)), reverse=True)
    # Light yellow on white differs by up to 255 in blue and is still hard to read, but it is
    # visible: a marker pen, not hidden text. So both must hold.
    alike = max(abs(part - other) for part, other in zip(words, ground, strict=True)) < 64
    return alike and (lighter + 0.05) / (darker + 0.05) < LEAST_CONTRAST


def is_dark(ground: Colour) -> bool:
    """True if words in the colour of this ground look like a black box."""
    return relative_luminance(ground) < DARK
