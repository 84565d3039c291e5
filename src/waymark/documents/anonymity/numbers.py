"""Numbers with check digits, and other written codes that belong to one person (no Django)."""

import re
from collections.abc import Iterator

from waymark.documents.anonymity.identifiers import (
    ADDRESS,
    CONTACT,
    HEALTH_NUMBER,
    OFFICIAL_NUMBER,
    Identifier,
)
from waymark.documents.anonymity.word_lists import in_either_case

TEN_DIGITS = re.compile(r"(?<![\d+])\d{3}[ .-]?\d{3}[ .-]?\d{4}(?!\d)|(?<!\d)\d{6}[ -]?\d{4}(?!\d)")
LABELLED_HEALTH = re.compile(
    r"\b(?:(?:NHS|H&C|H\+C|HCN|CHI|health and care|hosp(?:ital|\.)?|PAS|patient|unit)\s+"
    r"(?:number|no\.?|ID)|MRN|HCN)\b[\s:.]*(?:is|was)?\s*(?P<number>[A-Z]{0,3}\d[\d -]{4,14}\d)",
    re.IGNORECASE,
)
POSTCODE = re.compile(
    r"\b(?:GIR ?0AA|(?:[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d|[A-HK-Y]\d\d|\d[A-HJKPS-UW]"
    r"|[A-HK-Y]\d[ABEHMNPRV-Y]))[ \u00a0\n]{0,2}\d[ABD-HJLNP-UW-Z]{2})\b"
)
EIRCODE = re.compile(r"\b(?:[AC-FHKNPRTV-Y]\d\d|D6W)[ \u00a0]?[0-9AC-FHKNPRTV-Y]{4}\b")
COUNTIES = "C|CE|CN|CW|D|DL|G|KE|KK|KY|L|LD|LH|LK|LM|LS|MH|MN|MO|OY|RN|SO|T|W|WH|WW|WX"
COURTS = "EWHC|EWFC|EWCA(?: Civ)?|UKSC|NIFam|NICA|NIQB|CSOH|CSIH|IEHC"
NUMBERED = in_either_case(
    [
        *("passport", "licence", "case", "claim", "crime", "incident", "file", "court", "pupil"),
        *("care", "reference", "custody"),
    ]
)
VEHICLE, COURT = "vehicle registration", "number of a court case"
OFFICIAL_PATTERNS = (
    (
        "National Insurance number",
        re.compile(
            r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
            r" ?\d\d ?\d\d ?\d\d ?[A-D]?\b"
        ),
    ),
    ("driving licence number", re.compile(r"\b[A-Z]{2,5}9{0,3}\d{6}[A-Z][A-Z9]\d[A-Z]{2}\b")),
    (VEHICLE, re.compile(r"\b[A-HJ-PR-Y][A-HJ-PR-Y]\d\d ?[A-HJ-PR-Z]{3}\b")),
    (VEHICLE, re.compile(r"\b(?:[A-HJ-PR-Y]IZ|[A-HJ-PR-Y][A-Z]Z) ?\d{3,4}\b")),
    (VEHICLE, re.compile(r"\b[A-HJ-NPR-Y]\d{1,3} ?[A-HJ-PR-Y]{3}\b")),
    (VEHICLE, re.compile(rf"\b[01]\d[12]?-(?:{COUNTIES})-\d{{1,6}}\b")),
    (COURT, re.compile(r"\b[A-Z]{2}\d\d[A-Z]\d{5}\b")),
    (COURT, re.compile(rf"\[\d{{4}}\] (?:{COURTS})(?: \d+)?(?: \((?:Fam|B)\))?")),
    ("pupil number", re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]\b")),
    (
        "numbered file",
        re.compile(
            rf"(?:{NUMBERED})(?i: (?:number|no\.?|ref(?:erence)?\.?|ID)\b)[ :.]*(?:(?:is|was) )?"
            r"(?=[A-Z/-]{0,8}\d)[A-Z\d][A-Z\d/-]{4,17}\b"
        ),
    ),
)
EMAIL = re.compile(r"\b[\w.+'-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")
PHONE = re.compile(
    r"(?<![\w/.-])(?:\+44|\+353|0044|00353)[ -]?(?:\(0\))?[ -]?\d(?:[ -]?\d){7,10}(?!\d)"
    r"|(?<![\w/.-])\(?0\d{2,4}\)?(?:[ -]?\d){5,8}(?!\d)|(?<![\w/.-])07\d{3}\.\d{3}\.\d{3}(?!\d)"
)
# "Snapchat: kaz_h", "instagram handle kaz.holl": a name that no sentence has.
HANDLE = re.compile(
    r"\b(?i:facebook|instagram|snapchat|tiktok|twitter|whatsapp|xbox|playstation|gamertag|telegram)"
    r"(?i: (?:account|handle|name|username|user name|page|profile|gamertag))?(?: is|:)? "
    r"(?P<handle>(?=[\w.]*[a-z])[A-Za-z]\w*(?:[._]\w+|\d)[\w.]{0,28}\b)"
)
ACCOUNT = re.compile(
    r"(?<![\w@.])@[A-Za-z_][\w.]{2,29}\b|(?<![\w#&/])#[A-Za-z]\w{5,40}\b"
    r"|\b(?:https?://)?(?:www\.|m\.)?(?:facebook|instagram|twitter|x|tiktok|linkedin|snapchat"
    r"|youtube|justgiving|gofundme|threads)\.(?:com|net)/[\w@./?=&%-]{2,}"
    r"|\bhttps?://[\w.-]+/~[\w./-]+",
    re.IGNORECASE,
)
WEB = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
ORGANISATIONAL = re.compile(
    r"^(?:info|enquir\w*|contact\w*|admin\w*|office|feedback|press\w*|help\w*|mail|post|hello"
    r"|support|media|complaints?|[\w.-]*safeguarding[\w.-]*|[\w.-]*(?:team|board|service)s?)@",
    re.IGNORECASE,
)
# Numbers of organisations: 0300, 0800 and the like are given to no household.
ORGANISATION_PHONE = re.compile(r"^0(?:3\d\d|80[08]|84[345]|9\d\d)")


def has_check_digit(digits: str) -> bool:
    """True for ten digits of which the last is right by the rule of modulus 11.

    NHS numbers, Health and Care numbers of Northern Ireland and CHI numbers of Scotland share it.
    """
    # Example: 943 476 5919: 9*10 + 4*9 + 3*8 + 4*7 + 7*6 + 6*5 + 5*4 + 9*3 + 1*2 = 299;
    # 299 % 11 = 2; 11 - 2 = 9, the last digit.
    total = sum(
        int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)
    )
    return (11 - total % 11) % 11 == int(digits[9]) and len(set(digits)) > 1


def find_numbers(text: str) -> list[Identifier]:
    """Health service numbers, official numbers, contact details and postcodes."""
    return [
        *_accounts_and_emails(text),
        *_health_numbers(text),
        *_official_numbers(text),
        *_phones(text),
        *_postcodes(text),
    ]


def web_spans(text: str) -> list[tuple[int, int]]:
    """Spans of web and email addresses: the words in them are no words of the text."""
    return [match.span() for match in (*WEB.finditer(text), *find_emails(text))]


def find_emails(text: str) -> Iterator[re.Match[str]]:
    """Email addresses; most texts have none, which a letter tells before a pattern does."""
    return EMAIL.finditer(text) if "@" in text else iter(())


def _find(kind: str, match: re.Match[str], reason: str, group: str | int = 0) -> Identifier:
    words = " ".join(match[group].split())
    return Identifier(kind, match.start(group), match.end(group), words, reason)


def _health_numbers(text: str) -> Iterator[Identifier]:
    for match in LABELLED_HEALTH.finditer(text):
        yield _find(HEALTH_NUMBER, match, "called a health number", "number")
    for match in TEN_DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if has_check_digit(digits):
            yield _find(HEALTH_NUMBER, match, f"{_scheme(digits)}: its check digit is right")


def _scheme(digits: str) -> str:
    if digits[:2] in {"32", "33", "34", "35", "36", "37", "38", "39"}:
        return "Health and Care number"
    if 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12:
        return "CHI number"
    return "NHS number"


def _official_numbers(text: str) -> Iterator[Identifier]:
    for reason, pattern in OFFICIAL_PATTERNS:
        for match in pattern.finditer(text):
            yield _find(OFFICIAL_NUMBER, match, reason)


def _accounts_and_emails(text: str) -> Iterator[Identifier]:
    for match in find_emails(text):
        if not ORGANISATIONAL.match(match[0]):
            yield _find(CONTACT, match, "email address")
    for match in ACCOUNT.finditer(text):
        yield _find(CONTACT, match, "account or page of a person")
    for match in HANDLE.finditer(text):
        yield _find(CONTACT, match, "account or page of a person", "handle")


def _phones(text: str) -> Iterator[Identifier]:
    for match in PHONE.finditer(text):
        digits = re.sub(r"\D", "", match[0].replace("(0)", ""))
        national = re.sub(r"^(?:00)?(?:44|353)", "0", digits)
        if 9 <= len(national) <= 11 and not ORGANISATION_PHONE.match(national):
            yield _find(CONTACT, match, "telephone number")


def _postcodes(text: str) -> Iterator[Identifier]:
    for match in POSTCODE.finditer(text):
        yield _find(ADDRESS, match, "postcode")
    for match in EIRCODE.finditer(text):
        # "A12 2014" could be a road and a year: an Eircode has a letter in its second part.
        if any(letter.isalpha() for letter in match[0][-4:]):
            yield _find(ADDRESS, match, "Eircode")
