"""Truth set of the reference check: references to the publications of the demo in four styles.

The styles are written here from their manuals, apart from the code that reads them. Damaged
references have one fault each; made-up ones are near to real ones.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from waymark.enquiries.references.compare import LibraryWork
from waymark.enquiries.references.parts import journal_place

RESOURCES = Path(__file__).resolve().parents[2] / "demo" / "resources.yaml"
ARTICLE = "journal-article"


@dataclass(frozen=True)
class TruthReference:
    """A reference whose truth is known. key: of its work, "" if it is made up; fault: the part
    that is wrong, "" for a right one."""

    text: str
    key: str
    fault: str
    style: str


def publications() -> list[dict[str, Any]]:
    """The publications of the demo; of an article "series" is its journal, "report_number" the
    place in it, as 41(2), 242-260."""
    rows = yaml.safe_load(RESOURCES.read_text("utf-8"))["resources"]
    return [row | _place_in_journal(row) for row in rows]


def _place_in_journal(row: dict[str, Any]) -> dict[str, str]:
    if row["kind"] != ARTICLE:
        return {}
    place = f"{row['volume']}({row['issue']}), {row['pages']}"
    return {"series": row["host_title"], "report_number": place}


def works() -> list[LibraryWork]:
    """The same as works of a library."""
    return [
        LibraryWork(
            key=row["key"],
            title=row["title"],
            strapline=row.get("strapline", ""),
            authors=tuple(row.get("authors", ())),
            bodies=tuple(filter(None, (row.get("publisher"), row.get("conducted_by")))),
            year=row.get("year"),
            journal=row.get("series", "") if row["kind"] == ARTICLE else "",
            place=journal_place(row.get("report_number", "") if row["kind"] == ARTICLE else ""),
            doi=row.get("doi", ""),
            isbn=row.get("isbn", ""),
            url=row.get("url", ""),
        )
        for row in publications()
    ]


# ---- styles ----


def _names(row: dict[str, Any]) -> list[tuple[str, str]]:
    """(surname or body, given names) of each author; the publisher if there is none."""
    if authors := row.get("authors"):
        return [(name.partition(",")[0], name.partition(",")[2].strip()) for name in authors]
    body = row.get("publisher") or row.get("conducted_by")
    return [(body, "")] if body else []


def _initials(given: str, dot: str, space: str) -> str:
    return space.join(f"{name[0]}{dot}" for name in given.split())


def vancouver(row: dict[str, Any]) -> str:
    """Devaney J, Bunting L. Title. Publisher; 2013."""
    names = [f"{s} {_initials(g, '', '')}".strip() for s, g in _names(row)]
    shown = ", ".join(names[:6]) + (", et al" if len(names) > 6 else "")
    year = row.get("year", "[date unknown]")
    if row["kind"] == ARTICLE:
        volume, _, pages = row["report_number"].partition(", ")
        first, last = pages.split("-")
        short = last[1:] if first[0] == last[0] else last
        return f"{shown}. {row['title']}. {row['series']}. {year};{volume}:{first}-{short}."
    publisher = row.get("publisher") or "London"
    return f"{shown}. {row['title']}. {publisher}; {year}." if shown else f"{row['title']}. {year}."


def harvard(row: dict[str, Any]) -> str:
    """Devaney, J. and Bunting, L. (2013) Title. London: Publisher. Available at: URL."""
    names = [f"{s}, {_initials(g, '.', '')}" if g else s for s, g in _names(row)]
    shown = f"{names[0]} et al." if len(names) > 3 else " and ".join(names)
    year = row.get("year", "no date")
    if row["kind"] == ARTICLE:
        volume, _, pages = row["report_number"].partition(", ")
        return f"{shown} ({year}) '{row['title']}', {row['series']}, {volume}, pp. {pages}."
    place = f" London: {row['publisher']}." if row.get("publisher") else ""
    mark = "" if row["title"].endswith("?") else "."
    link = f" Available at: {row['url']} (Accessed: 3 May 2024)." if row.get("url") else ""
    return f"{shown} ({year}) {row['title']}{mark}{place}{link}".strip()


def apa(row: dict[str, Any]) -> str:
    """Devaney, J., & Bunting, L. (2013). Title. Publisher."""
    names = [f"{s}, {_initials(g, '.', ' ')}" if g else s for s, g in _names(row)]
    shown = ", ".join(names[:-1]) + f", & {names[-1]}" if len(names) > 1 else "".join(names)
    dot = "" if shown.endswith(".") else "."
    year = row.get("year", "n.d.")
    if row["kind"] == ARTICLE:
        volume, _, pages = row["report_number"].partition(", ")
        return f"{shown} ({year}). {row['title']}. {row['series']}, {volume}, {pages}."
    mark = "" if row["title"].endswith("?") else "."
    publisher = row.get("publisher")
    end = f" {publisher}." if publisher and row.get("authors") else ""
    return f"{shown} ({year}). {row['title']}{mark}{end}" if shown else f"{row['title']}{dot}"


def chicago(row: dict[str, Any]) -> str:
    """Devaney, John, Lisa Bunting, and David Hayes. Title. London: Publisher, 2013."""
    (surname, given), *others = _names(row) or [("", "")]
    first = f"{surname}, {given}" if given else surname
    rest = [f"{g} {s}".strip() for s, g in others]
    rest = [*rest[:-1], f"and {rest[-1]}"] if rest else []
    shown = ", ".join([first, *rest])
    year = row.get("year", "n.d.")
    if row["kind"] == ARTICLE:
        volume, _, pages = row["report_number"].partition(", ")
        number, _, issue = volume.partition("(")
        return (
            f"{shown}. “{row['title']}.” {row['series']} {number}, no. {issue.rstrip(')')} "
            f"({year}): {pages}."
        )
    publisher = row.get("publisher") or "n.p."
    return f"{shown}. {row['title']}. London: {publisher}, {year}."


STYLES = {"vancouver": vancouver, "harvard": harvard, "apa": apa, "chicago": chicago}

# ---- real, damaged, made up ----


def real() -> Iterator[TruthReference]:
    """Each publication in each style."""
    for row in publications():
        for name, style in STYLES.items():
            yield TruthReference(style(row), row["key"], "", name)


def damaged(seed: int) -> Iterator[TruthReference]:
    """Each publication with one fault: year, author, a title that is cut, pages."""
    chance = random.Random(seed)  # noqa: S311
    rows = publications()
    for row in rows:
        for fault, changed in _faults(row, rows, chance):
            name = chance.choice(list(STYLES))
            # An address would say which publication is meant.
            without_url = {key: value for key, value in changed.items() if key != "url"}
            yield TruthReference(STYLES[name](without_url), row["key"], fault, name)


def _faults(
    row: dict[str, Any], rows: list[dict[str, Any]], chance: random.Random
) -> Iterator[tuple[str, dict[str, Any]]]:
    if row.get("year"):
        yield "year", row | {"year": row["year"] + chance.choice([-3, -2, 2, 4])}
    persons = [name for name in row.get("authors", ()) if "," in name]
    if persons:
        others = [a for r in rows for a in r.get("authors", ()) if "," in a and a not in persons]
        yield "author", row | {"authors": [chance.choice(others), *row["authors"][1:]]}
    words = row["title"].split()
    if len(words) >= 6:
        yield "title", row | {"title": " ".join(words[: round(len(words) * 0.6)])}
    if row["kind"] == ARTICLE:
        volume, _, pages = row["report_number"].partition(", ")
        yield "pages", row | {"report_number": f"{volume}, {int(pages.split('-')[0]) + 7}-399"}
        yield "journal", row | {"series": "Journal of Family Studies"}


def made_up(seed: int) -> Iterator[TruthReference]:
    """References to nothing, near to real ones.

    blend: the beginning of one title and the end of another, with the authors of a third;
    topic: a series title with another topic; invented: real authors and years, and a title that
    sounds right.
    """
    chance = random.Random(seed)  # noqa: S311
    rows = [row for row in publications() if len(row["title"].split()) >= 4]
    for _ in range(60):
        first, second, third = chance.sample(rows, 3)
        one, other = first["title"].split(), second["title"].split()
        title = " ".join([*one[: len(one) // 2], *other[len(other) // 2 :]])
        yield _invented(third, title, "blend", chance)
    for topic in TOPICS:
        row = {"kind": "thematic-briefing", "publisher": "NSPCC", "year": 2016, "title": ""}
        yield _invented(row, f"{topic}: learning from case reviews", "topic", chance)
    with_persons = [row for row in rows if any("," in name for name in row.get("authors", ()))]
    for title in INVENTED:
        yield _invented(chance.choice(with_persons), title, "invented", chance)


def _invented(row: dict[str, Any], title: str, fault: str, chance: random.Random) -> TruthReference:
    name = chance.choice(list(STYLES))
    values = {key: value for key, value in row.items() if key not in {"url", "doi", "isbn"}}
    return TruthReference(STYLES[name](values | {"title": title}), "", fault, name)


TOPICS = (
    "Grandparents",
    "Looked after siblings",
    "Foster carers",
    "Rural families",
    "Twins",
    "Military families",
    "Housing",
    "Faith and culture",
    "Refugee children",
    "Dental neglect",
    "Animal cruelty",
    "Absent mothers",
    "Young carers",
    "Prison visits",
    "Gambling",
)
INVENTED = (
    "Hearing the unheard: child voice in statutory safeguarding inquiries",
    "Beyond the threshold: decision making at the front door of children's services",
    "Professional curiosity and the disguised compliance of parents",
    "The invisible father in child welfare practice: a systematic review",
    "Learning lessons from child death: a decade of reform",
    "Safeguarding infants: midwifery perspectives on pre-birth assessment",
    "A national analysis of neglect reviews in rural communities",
    "Multi-agency failure in serious case reviews: a meta-analysis",
    "Toxic trio revisited: parental vulnerability and risk in case reviews",
    "Supervision as a protective factor in frontline social work",
    "Serious case reviews and the media: narratives of blame",
    "From recommendation to practice change: implementation in local boards",
    "Information sharing between health visitors and general practitioners",
    "Understanding non-accidental injury in the first year of life",
    "Child protection conferences and the participation of families",
    "Reviewing the reviews: a critical synthesis of learning since 2010",
    "Adolescent neglect: what serious case reviews can tell us",
    "Culturally competent practice in child death inquiries",
    "The role of schools in early identification of abuse and neglect",
    "Preventable deaths: cohort evidence from linked administrative data",
)
