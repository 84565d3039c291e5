"""Numbers of lists of a web page, as a browser shows them: "1.", "b.", "iv." (no Django)."""

from collections.abc import Mapping
from dataclasses import dataclass

from waymark.documents.parsers.web.styles import Properties

TYPES = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman"}
STYLES = ("lower-alpha", "upper-alpha", "lower-latin", "upper-latin", "lower-roman",
          "upper-roman", "decimal-leading-zero", "decimal", "none")  # fmt: skip
BULLETS = ("disc", "circle", "square")
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
         (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
LARGEST = 100_000


@dataclass(slots=True)
class NumberedList:
    """An open list. style: of its numbers, "none" for bullets; number: of the next item."""

    style: str
    number: int
    step: int = 1

    def marker(self, attributes: Mapping[str, str | None], properties: Properties) -> str:
        """The number before the next item, as "2. "; "" where none is shown."""
        stated = whole_number(attributes.get("value"))
        number = self.number if stated is None else stated
        self.number = number + self.step
        style = _style(attributes, properties) or self.style
        return "" if style == "none" else f"{formatted_number(number, style)}. "


def open_list(
    tag: str, attributes: Mapping[str, str | None], properties: Properties
) -> NumberedList:
    """A list as it begins. tag: ol, or ul and menu, whose items have no numbers."""
    style = _style(attributes, properties) or ("decimal" if tag == "ol" else "none")
    start = whole_number(attributes.get("start"))
    step = -1 if "reversed" in attributes else 1
    return NumberedList(style, 1 if start is None else start, step)


def formatted_number(number: int, style: str) -> str:
    """A number in the style of a list, as "iv" for 4 in lower-roman."""
    if style.endswith(("alpha", "latin")) and 0 < number <= LARGEST:
        text = _letters(number)
    elif style.endswith("roman") and 0 < number < 4_000:
        text = _roman(number)
    else:
        return f"{number:02}" if style == "decimal-leading-zero" else str(number)
    return text.upper() if style.startswith("upper") else text


def whole_number(value: str | None) -> int | None:
    """An attribute as a number; None if it is none, or absurdly large."""
    try:
        number = int(value or "")
    except ValueError:
        return None
    return number if abs(number) <= LARGEST else None


def _style(attributes: Mapping[str, str | None], properties: Properties) -> str:
    declared = f"{properties.get('list-style-type', '')} {properties.get('list-style', '')}"
    for word in declared.split():
        if word in STYLES:
            return word
        if word in BULLETS:
            return "none"
    stated = attributes.get("type") or ""
    return TYPES.get(stated) or {"I": "upper-roman"}.get(stated, "")


def _letters(number: int) -> str:
    """1 -> a, 26 -> z, 27 -> aa."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(97 + rest) + text
    return text


def _roman(number: int) -> str:
    text = ""
    for value, letters in ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text
