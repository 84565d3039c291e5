"""Short lines that are no headings: a label with its value, address, date, number, grade (no
Django).

They are set apart on cover pages and in tables, often in bold, and say nothing of what follows.
"""

# Example: "Inspection dates: 2 to 6 December 2019", "12 High Street", "M1 2WD", "T: 0300 123 1231",
# "Requires improvement" are details; "Recommendation 1: share records", "What happened: the first
# year" are not.

import re

_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?{_MONTH}(?:\s+\d{{4}})?"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}"
)
DATE = re.compile(
    rf"(?:from\s+)?(?:{_DAY}|\d{{1,2}})(?:\s*(?:to|and|until|[\u2013-])\s*(?:{_DAY}))?",
    re.IGNORECASE,
)
GRADE = re.compile(
    r"outstanding|good|requires improvement(?: to be good)?|inadequate|adequate|satisfactory"
    r"|(?:partly |not )?met|yes|no|none|n/?a|not applicable|high|medium|low|red|amber|green",
    re.IGNORECASE,
)
PHONE = re.compile(
    r"(?:t|tel|telephone|phone|textphone|minicom|fax|mobile)?[.:]?\s*\(?\+?\d[\d ()-]{8,}\d",
    re.IGNORECASE,
)
ONLINE = re.compile(r"(?:[a-z-]{1,9}:\s*)?(?:\S+@\S+|https?://\S+|www\.\S+)", re.IGNORECASE)
POSTCODE = re.compile(r"(?:.*[\s,])?(?:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|[A-Z]\d[\dW] ?[A-Z\d]{4})")
STREET = re.compile(
    r"(?:\d{1,4}[a-z]?,?\s+)?(?:[A-Z][\w'\u2019-]+\s){1,4}(?:Street|Road|Avenue|Crescent|Terrace)"
    r"|\d{1,4}[a-z]?,?\s+(?:[A-Z][\w'\u2019-]+\s?){1,4}"
    r"(?:Lane|Close|Drive|Square|Way|Place|Court|House|Gardens|Park|Row|Hill)"
)
_LABELS = (
    r"(?:dates?|names?|periods?)(?: of [\w ]{1,30})?|published|inspectors?|authors?|chair"
    r"|reviewers?|tel(?:ephone)?|phone|textphone|fax|e-?mail|web(?:site)?|address|postcode|ref(?:erence)?"
    r"|version|status|isbn|urn|by|d\.?o\.?b\.?|ages?|gender|ethnicity"
)
LABELLED = re.compile(
    rf"(?:[\w'\u2019-]+\s+){{0,3}}(?:{_LABELS})(?:\(s\))?\s*:\s*\S", re.IGNORECASE
)
LABEL_OF_DATE = re.compile(r"(?:[\w'\u2019-]+\s+){0,4}[\w'\u2019-]+\s*:\s*(?P<value>\S.*)")


def is_labelled(text: str) -> bool:
    """True for a label and its value, such as "Lead reviewer: A. Writer" or "Agreed: May 2019"."""
    if LABELLED.match(text):
        return True
    labelled = LABEL_OF_DATE.fullmatch(text)
    return labelled is not None and is_detail(labelled["value"], grades=False)


def is_detail(text: str, *, grades: bool = True) -> bool:
    """True for a date, phone number, e-mail, web, street or postal address; or a grade."""
    plain = text.strip(" .,;")
    kinds = (DATE, PHONE, ONLINE, STREET, POSTCODE, *((GRADE,) if grades else ()))
    return len(plain) <= 100 and any(kind.fullmatch(plain) for kind in kinds)
