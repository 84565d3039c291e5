"""References as other programs write them: of several kinds and formats, each value unlike others.

A value that is found neither in a record nor in its notes was lost unsaid.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

KINDS = ("article", "book", "chapter", "thesis", "report")
RIS_TYPES = {
    "article": "JOUR",
    "book": "BOOK",
    "chapter": "CHAP",
    "thesis": "THES",
    "report": "RPRT",
}
BIBTEX_TYPES = {
    "article": "article",
    "book": "book",
    "chapter": "incollection",
    "thesis": "phdthesis",
    "report": "techreport",
}
ENDNOTE_TYPES = {
    "article": "Journal Article",
    "book": "Book",
    "chapter": "Book Section",
    "thesis": "Thesis",
    "report": "Report",
}
CSL_TYPES = {
    "article": "article-journal",
    "book": "book",
    "chapter": "chapter",
    "thesis": "thesis",
    "report": "report",
}


@dataclass
class MixedReference:
    """A reference. values: what no import may lose, each found by its words alone."""

    number: int
    kind: str
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mark = self.mark
        self.values = {
            "title": f"Otters titled {mark}",
            "author": f"Heron{mark}, Ann",
            "second": f"Egret{mark}, Bo",
            "publisher": f"Press {mark}",
            "place": f"Town{mark}",
            "abstract": f"Words about {mark} abstractly.",
            "keyword": f"key{mark}",
            "url": f"https://works.example/{mark}",
            "doi": f"10.1234/{mark}",
            "note": f"Held on shelf {mark}",
            "label": f"Callnumber {mark}",
        }
        if self.kind in {"article", "chapter"}:
            self.values |= {"host": f"Host of {mark}", "pages": f"{self.number}01-{self.number}09"}
        if self.kind == "article":
            self.values |= {"volume": f"7{self.number:04}", "issue": f"8{self.number:04}"}

    @property
    def mark(self) -> str:
        """A word of letters that no other reference has."""
        return "zz" + "".join("abcdefghij"[int(sign)] for sign in f"{self.number:05}")

    @property
    def year(self) -> int:
        return 1990 + self.number % 35


def references(number: int) -> Iterator[MixedReference]:
    """Made references, of every kind in turn."""
    for place in range(number):
        yield MixedReference(place + 1, KINDS[place // 4 % len(KINDS)])


def as_ris(rows: list[MixedReference]) -> str:
    """The references as RIS."""
    tags = {
        "title": "TI",
        "author": "AU",
        "second": "AU",
        "publisher": "PB",
        "place": "CY",
        "abstract": "AB",
        "keyword": "KW",
        "url": "UR",
        "doi": "DO",
        "note": "N1",
        "label": "CN",
        "host": "T2",
        "volume": "VL",
        "issue": "IS",
        "pages": "SP",
    }
    return "\n".join(
        "\n".join(
            [
                f"TY  - {RIS_TYPES[row.kind]}",
                *(f"{tags[name]}  - {value}" for name, value in row.values.items()),
                f"PY  - {row.year}",
                "ER  - \n",
            ]
        )
        for row in rows
    )


def as_bibtex(rows: list[MixedReference]) -> str:
    """The references as BibTeX."""
    names = {"place": "address", "label": "callnumber", "keyword": "keywords", "issue": "number"}
    blocks = []
    for row in rows:
        values = dict(row.values)
        values["author"] += " and " + values.pop("second")
        host = "journal" if row.kind == "article" else "booktitle"
        lines = [
            f"  {host if name == 'host' else names.get(name, name)} = {{{value}}},"
            for name, value in values.items()
        ]
        block = [f"@{BIBTEX_TYPES[row.kind]}{{{row.mark},", *lines, f"  year = {row.year}", "}"]
        blocks.append("\n".join(block))
    return "\n\n".join(blocks)


def as_endnote(rows: list[MixedReference]) -> str:
    """The references as EndNote's tagged text."""
    tags = {
        "title": "%T",
        "author": "%A",
        "second": "%A",
        "publisher": "%I",
        "place": "%C",
        "abstract": "%X",
        "keyword": "%K",
        "url": "%U",
        "doi": "%R",
        "note": "%Z",
        "label": "%L",
        "volume": "%V",
        "issue": "%N",
        "pages": "%P",
    }
    blocks = []
    for row in rows:
        own = tags | {"host": "%J" if row.kind == "article" else "%B"}
        lines = [f"{own[name]} {value}" for name, value in row.values.items()]
        blocks.append("\n".join([f"%0 {ENDNOTE_TYPES[row.kind]}", *lines, f"%D {row.year}"]))
    return "\n\n".join(blocks)


def as_csl(rows: list[MixedReference]) -> str:
    """The references as CSL-JSON."""
    names = {
        "place": "publisher-place",
        "keyword": "keyword",
        "url": "URL",
        "doi": "DOI",
        "label": "call-number",
        "host": "container-title",
        "pages": "page",
    }
    entries = []
    for row in rows:
        values = dict(row.values)
        people = [values.pop(name).split(", ") for name in ("author", "second")]
        entry = {names.get(name, name): value for name, value in values.items()}
        entry |= {
            "id": row.mark,
            "type": CSL_TYPES[row.kind],
            "author": [{"family": last, "given": first} for last, first in people],
            "issued": {"date-parts": [[row.year]]},
        }
        entries.append(entry)
    return json.dumps(entries)


WRITERS = {"ris": as_ris, "bibtex": as_bibtex, "endnote": as_endnote, "csl": as_csl}
"""Format -> how it is written here, by nothing of the product."""
