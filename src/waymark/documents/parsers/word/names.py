"""Names of WordprocessingML, and helpers to read its attributes."""

from lxml import etree

Element = etree._Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
WPS = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
V = "{urn:schemas-microsoft-com:vml}"
VAL = f"{W}val"


def value_at(element: Element | None, path: str, attribute: str = VAL) -> str:
    """An attribute of the first element at a path below; "" if there is none."""
    inner = element.find(path) if element is not None else None
    return inner.get(attribute, "") if inner is not None else ""


def is_on(mark: Element | None, attribute: str = VAL) -> bool:
    """True if a property is there and does not say that it is off."""
    return mark is not None and mark.get(attribute, "true").lower() not in {"0", "false", "off"}


def number_in(value: str | None, default: float = 0.0) -> float:
    """The number that an attribute states; default for anything else."""
    try:
        number = float(value or "")
    except ValueError:
        return default
    return number if abs(number) < 1e9 else default
