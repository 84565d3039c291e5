"""The search benchmark's peers: bare Tantivy and SQLite FTS5, asked what our search answers.

    least    the least one can ask Tantivy: ten best records with their count, all facets, and how
             many passages hold any of the words, wherever they are
    bare     the same answer as ours: passages counted in the records found alone, and the three
             best passages of each of the ten records, without headings' and visibility's rules
    fts5     SQLite's full-text index on the same words, asked for the same as bare

Bare Tantivy is asked by its own parser, on the very indexes that our search asks. Both counts are
by aggregation, Tantivy's quickest way of counting.
"""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from benchmarks.search_corpus import Question

if TYPE_CHECKING:
    from waymark.library.search.protocol import IndexDocuments

# Reviews found, of the best ten the score, passages with any of the words.
Answer = tuple[int, list[float], int | None]
Ask = Callable[[Question], Answer]
BEST, PLACES = 10, 3
HEAP = 64 * 1024 * 1024
"""Bytes, as our own writer has."""
CACHE_KIB = 512 * 1024


class Words(TypedDict):
    """What both are given of a record: texts folded and as terms, as ours is given them.

    facets: facet -> values. about: what stands before its passages. places: number and texts.
    """

    record: int
    facets: dict[str, list[str]]
    about: list[tuple[str, str]]
    places: list[tuple[int, str, str]]


def words_given(of: "IndexDocuments") -> Words:
    """Of a record with one report that everybody may see."""
    view = of.records[0]
    return {
        "record": of.record,
        "facets": {facet: list(values) for facet, values in view.facets.items()},
        "about": [(one.folded, one.terms) for one in view.texts[: -len(of.passages)]],
        "places": [(one.passage, one.words.folded, one.words.terms) for one in of.passages],
    }


# ---- Tantivy ----


class BareTantivy:
    """Tantivy on the indexes as they lie in a folder. least: see above."""

    def __init__(self, folder: Path, *, least: bool) -> None:
        import tantivy

        from waymark.library.search.protocol import FACETS

        generation = next(entry for entry in folder.iterdir() if entry.is_dir())
        self.records = tantivy.Index.open(str(generation / "public" / "records"))
        self.passages = tantivy.Index.open(str(generation / "public" / "passages"))
        self.of_records, self.of_passages = self.records.searcher(), self.passages.searcher()
        self.facets, self.least = FACETS, least

    def ask(self, question: Question) -> Answer:
        words = _tantivy_words(question)
        query = self.records.parse_query(_tantivy_records(question), ["stems"])
        best = self.of_records.search(query, limit=BEST)
        addresses = [address for _, address in best.hits]
        numbers = self.of_records.fast_field_values("number", addresses) if addresses else []
        self._count_facets(query, [one for one in self.facets if one not in question.chosen])
        for facet in question.chosen:
            other = self.records.parse_query(_tantivy_records(question, but=facet), ["stems"])
            self._count_facets(other, [facet])
        total = int(best.count)
        passages = self._passages(question, query, words, total)
        if not self.least:
            self._places(words, numbers)
        return total, [score for score, _ in best.hits], passages

    def _count_facets(self, query: Any, facets: list[str]) -> None:
        terms = {name: {"terms": {"field": name, "size": 1_000}} for name in facets}
        self.of_records.aggregate(query, terms)

    def _passages(self, question: Question, query: Any, words: str, total: int) -> int:
        said = words
        if question.is_narrowed and not self.least:
            all_of_them = self.of_records.search(query, limit=max(total, 1), count=False)
            addresses = [address for _, address in all_of_them.hits]
            numbers = self.of_records.fast_field_values("number", addresses) if addresses else [0]
            said = f"+({words}) +record: IN [{' '.join(map(str, numbers))}]"
        wanted = self.passages.parse_query(said, ["stems"])
        counted = self.of_passages.aggregate(wanted, {"n": {"value_count": {"field": "number"}}})
        return int(counted["n"]["value"])

    def _places(self, words: str, numbers: Iterable[object]) -> None:
        for number in numbers:
            query = self.passages.parse_query(f"+({words}) +record:{number}", ["stems"])
            best = self.of_passages.search(query, limit=PLACES)
            if best.hits:
                self.of_passages.fast_field_values("number", [address for _, address in best.hits])


def _tantivy_words(question: Question) -> str:
    if question.phrase:
        return f'exact:"{" ".join(question.phrase)}"'
    return " ".join(f"stems:{stem}" for stem in question.stems)


def _tantivy_records(question: Question, but: str = "") -> str:
    """but: a facet whose choice is left out."""
    conditions = [f'+{name}:"{value}"' for name, value in question.chosen.items() if name != but]
    if question.nation:
        conditions.append(f'+nation:"{question.nation}"')
    if question.years:
        conditions.append(f"+year:[{question.years[0]} TO {question.years[1]}]")
    words = _tantivy_words(question)
    return f"+({words}) {' '.join(conditions)}" if conditions else words


class TantivyBuilder:
    """Indexes of the same words and facets as ours, without what visibility needs."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        from waymark.library.search.protocol import FACETS

        self.texts = [facet for facet in FACETS if facet != "year"]
        self.make = tantivy.Document.from_dict
        of_records = self._common().add_integer_field("year", fast=True, indexed=True)
        for facet in self.texts:
            of_records.add_text_field(facet, fast=True, tokenizer_name="raw", index_option="basic")
        self.writers = []
        for name, builder in (("records", of_records), ("passages", self._common())):
            (folder / name).mkdir(parents=True)
            index = tantivy.Index(builder.build(), path=str(folder / name))
            self.writers.append(index.writer(heap_size=HEAP, num_threads=1))

    @staticmethod
    def _common() -> Any:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("record", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("exact", tokenizer_name="whitespace")
        builder.add_text_field("stems", tokenizer_name="whitespace")
        return builder.add_integer_field("number", fast=True)

    def put(self, of: Words) -> None:
        records, passages = self.writers
        facets, places = of["facets"], of["places"]
        said: dict[str, Any] = {facet: facets[facet] for facet in self.texts}
        said |= {"record": str(of["record"]), "number": of["record"]}
        said |= {"year": [int(year) for year in facets["year"]]}
        said |= {"exact": [one[0] for one in of["about"]] + [one[1] for one in places]}
        said |= {"stems": [one[1] for one in of["about"]] + [one[2] for one in places]}
        records.add_document(self.make(said))
        for number, folded, terms in places:
            place = {"record": str(of["record"]), "number": number}
            passages.add_document(self.make(place | {"exact": folded, "stems": terms}))

    def finish(self) -> None:
        """Commit, and wait for merges."""
        for writer in self.writers:
            writer.commit()
            writer.wait_merging_threads()


# ---- SQLite ----

GAP = " __ "
"""Between two texts of a record, so that no phrase spans them."""
TABLES = """
    PRAGMA journal_mode = off; PRAGMA synchronous = off;
    CREATE TABLE record (id INTEGER PRIMARY KEY, nation TEXT, type TEXT, year INTEGER);
    CREATE TABLE facet (record INTEGER, name TEXT, value TEXT, PRIMARY KEY (record, name, value))
        WITHOUT ROWID;
    CREATE TABLE passage (id INTEGER PRIMARY KEY, record INTEGER);
"""
RECORD_WORDS = """
    CREATE VIRTUAL TABLE record_words USING fts5(
        exact, stems, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '''_'"
    )
"""
PASSAGE_WORDS = """
    CREATE VIRTUAL TABLE passage_words USING fts5(
        exact, stems, record, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '''_'"
    )
"""
OPTIMIZE = (
    "INSERT INTO record_words (record_words) VALUES ('optimize')",
    "INSERT INTO passage_words (passage_words) VALUES ('optimize')",
)
# Of words alone, and of words with conditions on columns: NULL is no condition.
BEST_RECORDS = """
    SELECT rowid, bm25(record_words) FROM record_words WHERE record_words MATCH :words
    ORDER BY 2 LIMIT :best
"""
ALL_RECORDS = "SELECT count(*) FROM record_words WHERE record_words MATCH :words"
ALL_FACETS = """
    SELECT facet.name, facet.value, count(*) FROM record_words
    JOIN facet ON facet.record = record_words.rowid
    WHERE record_words MATCH :words GROUP BY 1, 2
"""
ALL_PASSAGES = "SELECT count(*) FROM passage_words WHERE passage_words MATCH :words"
NARROWED_BEST = """
    SELECT record_words.rowid, bm25(record_words) FROM record_words
    JOIN record ON record.id = record_words.rowid
    WHERE record_words MATCH :words AND (:nation IS NULL OR record.nation = :nation)
    AND (:type IS NULL OR record.type = :type)
    AND (:first IS NULL OR record.year BETWEEN :first AND :last)
    ORDER BY 2 LIMIT :best
"""
NARROWED_RECORDS = """
    SELECT count(*) FROM record_words JOIN record ON record.id = record_words.rowid
    WHERE record_words MATCH :words AND (:nation IS NULL OR record.nation = :nation)
    AND (:type IS NULL OR record.type = :type)
    AND (:first IS NULL OR record.year BETWEEN :first AND :last)
"""
NARROWED_FACETS = """
    SELECT facet.name, facet.value, count(*) FROM record_words
    JOIN record ON record.id = record_words.rowid JOIN facet ON facet.record = record.id
    WHERE record_words MATCH :words AND (:nation IS NULL OR record.nation = :nation)
    AND (:type IS NULL OR record.type = :type)
    AND (:first IS NULL OR record.year BETWEEN :first AND :last)
    AND (:only IS NULL OR facet.name = :only) GROUP BY 1, 2
"""
NARROWED_PASSAGES = """
    SELECT count(*) FROM passage_words JOIN passage ON passage.id = passage_words.rowid
    JOIN record ON record.id = passage.record
    WHERE passage_words MATCH :words AND (:nation IS NULL OR record.nation = :nation)
    AND (:type IS NULL OR record.type = :type)
    AND (:first IS NULL OR record.year BETWEEN :first AND :last)
"""
PLACES_OF_ONE = """
    SELECT rowid FROM passage_words WHERE passage_words MATCH :words
    ORDER BY bm25(passage_words, 1, 1, 0) LIMIT :best
"""


class Fts5:
    """SQLite FTS5 in a file, bm25 ranking, conditions by columns."""

    def __init__(self, file: Path) -> None:
        self.database = sqlite3.connect(file)
        self.database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def ask(self, question: Question) -> Answer:
        words, narrowed = _fts_words(question), question.is_narrowed
        given = _fts_conditions(question) | {"words": words, "best": BEST, "only": None}
        best = self._rows(NARROWED_BEST if narrowed else BEST_RECORDS, given)
        total = self._rows(NARROWED_RECORDS if narrowed else ALL_RECORDS, given)[0][0]
        self._rows(NARROWED_FACETS if narrowed else ALL_FACETS, given)
        for facet in question.chosen:
            self._rows(NARROWED_FACETS, given | {facet: None, "only": facet})
        passages = self._rows(NARROWED_PASSAGES if narrowed else ALL_PASSAGES, given)[0][0]
        for number, _ in best:
            in_record = f"({words}) AND record : r{number}"
            self._rows(PLACES_OF_ONE, {"words": in_record, "best": PLACES})
        return total, [-score for _, score in best], passages

    def _rows(self, sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self.database.execute(sql, given).fetchall()


def _fts_words(question: Question) -> str:
    if question.phrase:
        return f'exact : "{" ".join(question.phrase)}"'
    return f"stems : ({' OR '.join(chr(34) + stem + chr(34) for stem in question.stems)})"


def _fts_conditions(question: Question) -> dict[str, Any]:
    """The named values of the conditions; None: no such condition."""
    first, last = question.years or (None, None)
    nation = question.nation or question.chosen.get("nation")
    return {"nation": nation, "type": question.chosen.get("type"), "first": first, "last": last}


class Fts5Builder:
    """The same words in a database of their own; the texts themselves are not kept, as in ours."""

    def __init__(self, file: Path) -> None:
        self.database = sqlite3.connect(file)
        self.database.executescript(TABLES)
        for table in (RECORD_WORDS, PASSAGE_WORDS):
            self.database.execute(table)

    def put(self, of: Words) -> None:
        run, many = self.database.execute, self.database.executemany
        facets, places, number = of["facets"], of["places"], of["record"]
        one = [(facets[name] or [None])[0] for name in ("nation", "type", "year")]
        run("INSERT INTO record VALUES (?, ?, ?, ?)", [number, *one])
        counted = [(number, name, value) for name, values in facets.items() for value in values]
        many("INSERT INTO facet VALUES (?, ?, ?)", counted)
        exact = GAP.join([said[0] for said in of["about"]] + [said[1] for said in places])
        stems = GAP.join([said[1] for said in of["about"]] + [said[2] for said in places])
        insert = "INSERT INTO record_words (rowid, exact, stems) VALUES (?, ?, ?)"
        run(insert, [number, exact, stems])
        many("INSERT INTO passage VALUES (?, ?)", [(said[0], number) for said in places])
        many(
            "INSERT INTO passage_words (rowid, exact, stems, record) VALUES (?, ?, ?, ?)",
            [(*said, f"r{number}") for said in places],
        )

    def finish(self) -> None:
        """Commit, and merge each index into one, as the manual advises for reading."""
        self.database.commit()
        for merge in OPTIMIZE:
            self.database.execute(merge)
        self.database.execute("ANALYZE")
        self.database.commit()
        self.database.close()
