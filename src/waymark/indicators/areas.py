"""Nations and levels of areas. Pure."""

NATIONS = {
    "england": "England",
    "wales": "Wales",
    "scotland": "Scotland",
    "northern-ireland": "Northern Ireland",
}
"""Key -> name, in the order in which pages show them."""
NATION_CODES = {
    "E92000001": "england",
    "W92000004": "wales",
    "S92000003": "scotland",
    "N92000002": "northern-ireland",
}
"""Code of the Office for National Statistics -> key."""
_FIRST_LETTERS = {"E": "england", "W": "wales", "S": "scotland", "N": "northern-ireland"}
LEVELS = {"national": "Nation", "regional": "Region", "local": "Local area"}


def nation_of_code(code: str) -> str:
    """Nation of a code of the Office for National Statistics, "" if it is none of the four."""
    known = code[1:].isdigit() and len(code) == 9
    return _FIRST_LETTERS.get(code[:1], "") if known else ""


def code_of_nation(nation: str) -> str:
    """Code of a nation: "wales" -> "W92000004"."""
    return next(code for code, key in NATION_CODES.items() if key == nation)
