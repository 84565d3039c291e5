"""Colours of style sheets with their opacity, as browsers paint them (no Django)."""

# Example: rgba(0, 0, 0, 0.04) on white is painted as (245, 245, 245), which looks like the page.

import re

from PIL import ImageColor

from waymark.documents.parsers.colours import HEX, Colour

Paint = tuple[Colour, float]
"""A colour and its opacity, from 0 to 1."""

NUMBER = r"[+-]?\d{0,6}\.?\d{1,6}"
FUNCTION = re.compile(r"(rgb|hsl)a?\(\s*([^()]*)\)", re.IGNORECASE)
PART = re.compile(rf"({NUMBER})(%|deg|turn|rad|grad)?", re.IGNORECASE)
TURNS = {"deg": 1.0, "turn": 360.0, "rad": 57.29578, "grad": 0.9, "": 1.0, "%": 3.6}
CLEAR: Paint = ((0, 0, 0), 0.0)


def paint_of(value: str) -> Paint | None:
    """A colour as written in a style sheet; None for anything but a plain colour."""
    value = value.strip().lower()
    if value == "transparent":
        return CLEAR
    if value in ImageColor.colormap:
        return _from_hex(str(ImageColor.colormap[value]))
    if value.startswith("#"):
        return _from_hex(value)
    if match := FUNCTION.fullmatch(value):
        return _from_function(match[1], match[2])
    # Old pages write digits without the "#".
    return _from_hex(f"#{value}") if HEX.fullmatch(value) else None


def blend(paint: Paint, ground: Colour) -> Colour:
    """The colour that a reader sees where paint is laid on a ground."""
    colour, opacity = paint
    red, green, blue = (
        round(opacity * part + (1 - opacity) * under)
        for part, under in zip(colour, ground, strict=True)
    )
    return red, green, blue


def _from_hex(value: str) -> Paint | None:
    digits = value[1:]
    if not re.fullmatch(r"(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", digits):
        return None
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    opacity = int(digits[6:], 16) / 255 if len(digits) == 8 else 1.0
    return (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)), opacity


def _from_function(name: str, inside: str) -> Paint | None:
    parts = PART.findall(inside)
    if len(parts) not in {3, 4}:
        return None
    opacity = _share(*parts[3]) if len(parts) == 4 else 1.0
    if name == "rgb":
        red, green, blue = (
            round(255 * _share(number, unit)) if unit == "%" else round(float(number))
            for number, unit in parts[:3]
        )
        return (_byte(red), _byte(green), _byte(blue)), opacity
    turn = float(parts[0][0]) * TURNS.get(parts[0][1], 1.0) % 360
    full, light = (min(max(float(number), 0), 100) for number, _ in parts[1:3])
    red, green, blue = ImageColor.getrgb(f"hsl({turn:.0f}, {full:.1f}%, {light:.1f}%)")[:3]
    return (red, green, blue), opacity


def _byte(value: int) -> int:
    return min(max(value, 0), 255)


def _share(number: str, unit: str) -> float:
    return min(max(float(number) / (100 if unit == "%" else 1), 0.0), 1.0)
