"""The embedded engine: two Tantivy indexes in a folder, for an installation on one machine.

    index/current          which generation is in use: JSON, replaced in one step
    index/writing          lock: one writer at a time, waited for
    index/<generation>/    records/ and passages/

A rebuild makes a new generation and switches over when it is whole; a process that dies before
leaves the old one in use. An update commits the passages, then the records; who dies between has
not marked the records as done, and the next update does them again.
"""

import difflib
import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, cast

from tantivy import (
    Document,
    Index,
    IndexWriter,
    Occur,
    Order,
    Query,
    Schema,
    Searcher,
    SearchResult,
)

from waymark.core.errors import RuleError
from waymark.library.analysis import forms
from waymark.library.search import (
    FACETS,
    Audience,
    Found,
    FoundRecord,
    Places,
    Request,
    ReviewDocuments,
    SearchBackend,
)
from waymark.library.search.compiled import Compiler, either, filtering
from waymark.library.search.schema import (
    EXACT,
    STAMP,
    passage_documents,
    passage_schema,
    record_documents,
    record_schema,
)
from waymark.library.tree import Or, Phrase, Prefix, Word, sought

HEAP = 64 * 1024 * 1024
LOCK_SECONDS = 60.0
OPENING_TRIES = 3
LEVELS = ("records", "passages")
VALUES_OF_A_FACET = 1_000
# Above this number of reviews the passages of an AND are not counted: too dear for what it tells.
COUNTED_REVIEWS = 2_000
LIKE_WORDS, LIKE_SHOWN, LIKE_ENOUGH = 2_000, 3, 0.75
# More than words can weigh: among the places of a review, texts come before headings.
TEXT_BONUS = 100.0


@dataclass(frozen=True, slots=True)
class _Open:
    """The indexes of a generation as one process holds them open."""

    generation: str
    records: Index
    passages: Index
    meta: tuple[Path, Path]


@lru_cache(maxsize=8)
def index_in(folder: Path) -> SearchBackend:
    """The index of a folder: one for a process, so that it stays open."""
    return TantivyIndex(folder)


class TantivyIndex:
    """See SearchBackend. folder: made when something is first written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: _Open | None = None
        self._seen: tuple[int, ...] = ()
        # What the file `current` says, with its version: it is read once for each.
        self._pointer: tuple[tuple[int, int], dict[str, str]] = ((0, 0), {})

    # ---- writing ----

    def ready(self) -> bool:
        return self._generation() is not None

    def rebuild(self, documents: Iterable[ReviewDocuments]) -> None:
        with self._locked():
            kept = self._generation()
            for left in self.folder.iterdir():  # what a rebuild that was cut short left behind
                if left.is_dir() and left.name != kept:
                    shutil.rmtree(left)
            made = secrets.token_hex(8)
            self._write(made, documents, fresh=True)
            self._switch(made)
            if kept is not None:
                # Readers that still have its files open keep them until they let go.
                shutil.rmtree(self.folder / kept, ignore_errors=True)

    def replace(self, documents: Iterable[ReviewDocuments]) -> None:
        with self._locked():
            generation = self._generation()
            if generation is None:
                raise RuleError("there is no search index to update: build it anew")
            self._write(generation, documents, fresh=False)

    def _write(self, generation: str, documents: Iterable[ReviewDocuments], *, fresh: bool) -> None:
        records = _index(self.folder / generation / "records", record_schema(), fresh=fresh)
        passages = _index(self.folder / generation / "passages", passage_schema(), fresh=fresh)
        with _writer(records) as of_records, _writer(passages) as of_passages:
            for of in documents:
                _put(of_passages, of.review, passage_documents(of, passages.schema))
                _put(of_records, of.review, record_documents(of, records.schema))

    def _switch(self, generation: str) -> None:
        said = json.dumps({"generation": generation, "stamp": STAMP})
        new = self.folder / "current.new"
        with new.open("w", encoding="ascii") as file:
            file.write(said)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / "current")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of the writer. Raises RuleError when another holds it too long."""
        self.folder.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + LOCK_SECONDS
        with (self.folder / "writing").open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        said = "another process is writing the search index: try again later"
                        raise RuleError(said) from None
                    time.sleep(0.05)
            yield

    def _generation(self) -> str | None:
        """The generation in use; None where there is none, or one of another version."""
        current = self.folder / "current"
        try:
            version = _version(current)
            if version != self._pointer[0]:
                self._pointer = version, json.loads(current.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        said = self._pointer[1]
        whole = said["stamp"] == STAMP and (self.folder / said["generation"]).is_dir()
        return said["generation"] if whole else None

    # ---- reading ----

    def find(self, request: Request) -> Found:
        opened = self._current()
        if opened is None:
            return Found(0, None, (), {})
        compiler = Compiler(opened.records.schema)
        searcher = opened.records.searcher()
        asked = _Asked(compiler, request)
        order: dict[str, Any] = {}
        if request.sort != "relevance":
            order = {"order_by_field": "order"}
            order["order"] = Order.Desc if request.sort == "newest" else Order.Asc
        found = searcher.search(asked.query(), limit=request.limit, offset=request.offset, **order)
        total = _total(found)
        addresses = [address for _, address in found.hits]
        numbers = searcher.fast_field_values("number", addresses) if addresses else []
        records = tuple(
            FoundRecord(
                review=int(number or 0),
                reports=_numbers(searcher.doc(address).get_first("reports")),
                score=0.0 if order else float(key),
            )
            for (key, address), number in zip(found.hits, numbers, strict=True)
        )
        passages = _count_places(opened, asked, searcher, total)
        return Found(total, passages, records, _facets(searcher, asked))

    def places(self, request: Request, *, reviews: Iterable[int], limit: int) -> dict[int, Places]:
        opened = self._current()
        leaves = list(sought(request.tree))
        if opened is None or not leaves:
            return {}
        compiler = Compiler(opened.passages.schema)
        searcher = opened.passages.searcher()
        shared = [
            (Occur.Must, either(compiler.leaf(leaf) for leaf in leaves)),
            (Occur.Must, compiler.audience(request.audience)),
            (Occur.Should, Query.const_score_query(compiler.raw("kind", "text"), TEXT_BONUS)),
        ]
        totals, addresses = {}, {}
        for review in reviews:
            query = Query.boolean_query([(Occur.Must, compiler.reviews([review])), *shared])
            best = searcher.search(query, limit=limit)
            totals[review] = _total(best)
            addresses[review] = [address for _, address in best.hits]
        together = [address for of in addresses.values() for address in of]
        numbers = iter(searcher.fast_field_values("number", together) if together else [])
        return {
            review: Places(totals[review], tuple(int(next(numbers) or 0) for _ in of))
            for review, of in addresses.items()
        }

    def count_passages(self, audience: Audience, *, without: frozenset[int]) -> int:
        opened = self._current()
        if opened is None:
            return 0
        compiler = Compiler(opened.passages.schema)
        clauses = [(Occur.Must, compiler.audience(audience))]
        if without:
            clauses.append((Occur.MustNot, compiler.reviews(without)))
        return _count(opened.passages.searcher(), Query.boolean_query(clauses))

    def like(self, word: str, audience: Audience) -> list[str]:
        opened = self._current()
        folded = forms(word)[0]
        if opened is None or len(folded) < LIKE_SHOWN:
            return []
        seen = Compiler(opened.records.schema).audience(audience)
        terms = opened.records.searcher().terms_with_prefix(
            EXACT, folded[:1], filter_query=seen, limit=LIKE_WORDS
        )
        known = [term for term, records in terms if records > 0]
        return difflib.get_close_matches(folded, known, n=LIKE_SHOWN, cutoff=LIKE_ENOUGH)

    def _current(self) -> _Open | None:
        """The indexes as they stand now: opened again where another process has written."""
        for _ in range(OPENING_TRIES - 1):
            try:
                return self._look()
            except (OSError, ValueError):  # a rebuild took this generation away meanwhile
                self._open = None
                time.sleep(0.02)
        try:
            return self._look()
        except (OSError, ValueError) as error:
            raise RuleError(f"the search index cannot be read ({error}): build it anew") from error

    def _look(self) -> _Open | None:
        generation = self._generation()
        if generation is None:
            return None
        opened = self._open
        if opened is None or opened.generation != generation:
            records, passages = (self.folder / generation / level for level in LEVELS)
            meta = (records / "meta.json", passages / "meta.json")
            opened = _Open(generation, Index.open(str(records)), Index.open(str(passages)), meta)
            self._open, self._seen = opened, ()
        seen = tuple(value for meta in opened.meta for value in _version(meta))
        if seen != self._seen:
            opened.records.reload()
            opened.passages.reload()
            self._seen = seen
        return opened


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with the queries it stands for."""

    compiler: Compiler
    request: Request

    def query(self, *, but: str = "") -> Query:
        """What is asked for; but: a facet whose selection is left out."""
        request, compiler = self.request, self.compiler
        clauses = [(Occur.Must, compiler.audience(request.audience))]
        if request.tree is not None:
            clauses.append((Occur.Must, compiler.record(request.tree)))
        chosen = compiler.selections(request.selections, but=but)
        clauses.extend((Occur.Must, selection) for selection in chosen)
        if request.without:
            clauses.append((Occur.MustNot, compiler.reviews(request.without)))
        return Query.boolean_query(clauses)


def _facets(searcher: Searcher, asked: _Asked) -> dict[str, tuple[tuple[str, int], ...]]:
    """The counts of every facet; one pass for those without a selection, one for each other."""
    chosen = [facet for facet in FACETS if asked.request.selections.get(facet)]
    counts = _count_values(searcher, asked.query(), [f for f in FACETS if f not in chosen])
    for facet in chosen:
        counts |= _count_values(searcher, asked.query(but=facet), [facet])
    return {facet: counts[facet] for facet in FACETS}


def _count_values(
    searcher: Searcher, query: Query, facets: list[str]
) -> dict[str, tuple[tuple[str, int], ...]]:
    if not facets:
        return {}
    terms = {facet: {"terms": {"field": facet, "size": VALUES_OF_A_FACET}} for facet in facets}
    counted = searcher.aggregate(query, terms)
    return {
        facet: tuple(
            sorted(
                ((str(one["key"]), int(one["doc_count"])) for one in counted[facet]["buckets"]),
                key=lambda pair: (-pair[1], pair[0]),
            )
        )
        for facet in facets
    }


def _count_places(opened: _Open, asked: _Asked, searcher: Searcher, total: int) -> int | None:
    """How many passages of the reviews found hold any of the words; None where not counted."""
    request = asked.request
    leaves = list(sought(request.tree))
    if not leaves:
        return None
    compiler = Compiler(opened.passages.schema)
    clauses = [
        (Occur.Must, filtering(either(compiler.leaf(leaf) for leaf in leaves))),
        (Occur.Must, compiler.audience(request.audience)),
    ]
    if not _any_word_will_do(request):
        if total > COUNTED_REVIEWS:
            return None
        found = searcher.search(asked.query(), limit=max(total, 1), count=False)
        reviews = searcher.fast_field_values("number", [address for _, address in found.hits])
        clauses.append((Occur.Must, compiler.reviews(int(review or 0) for review in reviews)))
    elif request.without:
        clauses.append((Occur.MustNot, compiler.reviews(request.without)))
    return _count(opened.passages.searcher(), Query.boolean_query(clauses))


def _any_word_will_do(request: Request) -> bool:
    """Whether each passage with one of the words lies in a review that is found."""
    tree = request.tree
    parts = tree.parts if isinstance(tree, Or) else (tree,)
    plain = all(isinstance(part, Word | Prefix | Phrase) for part in parts)
    return plain and not any(request.selections.values())


class _Counted(Protocol):
    """What the engine's own type description leaves out of a result."""

    count: int | None


def _total(result: SearchResult) -> int:
    return cast(_Counted, result).count or 0


def _count(searcher: Searcher, query: Query) -> int:
    """How many documents a query finds: by an aggregation, which weighs nothing and so is quick."""
    counted = searcher.aggregate(query, {"found": {"value_count": {"field": "number"}}})
    return int(counted["found"]["value"])


def _numbers(said: object) -> tuple[int, ...]:
    return tuple(int(number) for number in str(said or "").split())


def _version(file: Path) -> tuple[int, int]:
    """Changes when the file is replaced."""
    read = file.stat()
    return read.st_ino, read.st_mtime_ns


def _index(folder: Path, schema: Schema, *, fresh: bool) -> Index:
    if not fresh:
        return Index.open(str(folder))
    folder.mkdir(parents=True)
    return Index(schema, path=str(folder))


@contextmanager
def _writer(index: Index) -> Iterator[IndexWriter]:
    """Commits at the end and waits for merges; after an exception nothing has changed."""
    writer = index.writer(heap_size=HEAP, num_threads=1)
    try:
        yield writer
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    finally:
        writer.wait_merging_threads()


def _put(writer: IndexWriter, review: int, documents: Iterable[Document]) -> None:
    """In place of all that the index held of a review."""
    writer.delete_documents_by_term("review", str(review))
    for document in documents:
        writer.add_document(document)
