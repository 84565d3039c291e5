"""The files of the embedded engine: written whole or not at all, opened as they stand.

    index/current          which generation is in use: JSON, replaced in one step
    index/writing          lock: one writer at a time, waited for
    index/<generation>/    records/ and passages/

A rebuild makes a new generation and switches over when it is whole; a process that dies before
leaves the old one in use. An update commits the passages, then the records; who dies between has
not marked the records as done, and the next update does them again.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tantivy import Document, Index, IndexWriter, Schema

from waymark.core.errors import RuleError, Unavailable
from waymark.library.languages import ENGLISH, LANGUAGES
from waymark.library.search import Documents
from waymark.library.search.schema import (
    STAMP,
    TIMED,
    passage_documents,
    passage_schema,
    record_documents,
    record_schema,
)

HEAP = 64 * 1024 * 1024
LOCK_SECONDS = 60.0
OPENING_TRIES = 3
LEVELS = ("records", "passages")
NAME = re.compile("[0-9a-f]{16}")
"""Names of generations."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The indexes of a generation as one process holds them open.

    languages: those that its texts are written in, and timed: whether anything opens or closes to
    the public at a moment, as they stood when they were last looked at.
    """

    generation: str
    records: Index
    passages: Index
    meta: tuple[Path, Path]
    languages: tuple[str, ...] = (ENGLISH,)
    timed: bool = True


class Generations:
    """The generations of an index in a folder, which is made when something is first written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: Opened | None = None
        self._seen: tuple[int, ...] = ()
        # What the file `current` says, with its version: it is read once for each.
        self._pointer: tuple[tuple[int, int], tuple[str, str]] = ((0, 0), ("", ""))

    def rebuild(self, documents: Iterable[Documents]) -> None:
        """Make a generation of these documents and switch over to it."""
        with self._locked():
            kept = self.current()
            for left in self.folder.iterdir():  # what a rebuild that was cut short left behind
                if left.is_dir() and left.name != kept:
                    shutil.rmtree(left)
            made = secrets.token_hex(8)
            self._write(made, documents, fresh=True)
            self._switch(made)
            if kept is not None:
                # Readers that still have its files open keep them until they let go.
                shutil.rmtree(self.folder / kept, ignore_errors=True)

    def replace(self, documents: Iterable[Documents]) -> None:
        """Put these in place of what the generation in use holds of their records."""
        with self._locked():
            generation = self.current()
            if generation is None:
                raise RuleError("there is no search index to update: run waymark index rebuild")
            self._write(generation, documents, fresh=False)

    def _write(self, generation: str, documents: Iterable[Documents], *, fresh: bool) -> None:
        records = _index(self.folder / generation / "records", record_schema(), fresh=fresh)
        passages = _index(self.folder / generation / "passages", passage_schema(), fresh=fresh)
        with _writer(records) as of_records, _writer(passages) as of_passages:
            for of in documents:
                _put(of_passages, of.record, passage_documents(of, passages.schema))
                _put(of_records, of.record, record_documents(of, records.schema))

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

    def current(self) -> str | None:
        """The generation in use; None where there is none, or one of another version.

        A file `current` that says nothing of sense names none.
        """
        current = self.folder / "current"
        try:
            version = _version(current)
            if version != self._pointer[0]:
                self._pointer = version, _pointer(current.read_bytes())
        except FileNotFoundError:
            return None
        generation, stamp = self._pointer[1]
        whole = generation and stamp == STAMP and (self.folder / generation).is_dir()
        return generation if whole else None

    def opened(self) -> Opened | None:
        """The indexes as they stand now: opened again where another process has written.

        None where there are none. Raises Unavailable where they are there and cannot be read.
        """
        for _ in range(OPENING_TRIES - 1):
            try:
                return self._look()
            except (OSError, ValueError):  # a rebuild took this generation away meanwhile
                self._open = None
                time.sleep(0.02)
        try:
            return self._look()
        except (OSError, ValueError) as error:
            raise unreadable(error) from error

    def _look(self) -> Opened | None:
        generation = self.current()
        if generation is None:
            return None
        opened = self._open
        if opened is None or opened.generation != generation:
            records, passages = (self.folder / generation / level for level in LEVELS)
            meta = (records / "meta.json", passages / "meta.json")
            opened = Opened(generation, Index.open(str(records)), Index.open(str(passages)), meta)
            self._open, self._seen = opened, ()
        seen = tuple(value for meta in opened.meta for value in _version(meta))
        if seen != self._seen:
            opened.records.reload()
            opened.passages.reload()
            timed = any(
                level.searcher().doc_freq("audience", TIMED)
                for level in (opened.records, opened.passages)
            )
            opened = replace(opened, languages=_languages(opened.records), timed=timed)
            self._open, self._seen = opened, seen
        return opened


def unreadable(error: BaseException) -> Unavailable:
    """What an operator is told of an index that the engine cannot read."""
    return Unavailable(f"the search index cannot be read ({error}): run waymark index rebuild")


def _pointer(content: bytes) -> tuple[str, str]:
    """Generation and stamp that the file `current` names; empty where it is damaged."""
    try:
        pointer = json.loads(content)
        generation, stamp = str(pointer["generation"]), str(pointer["stamp"])
    except (ValueError, TypeError, KeyError):
        return "", ""
    return (generation, stamp) if NAME.fullmatch(generation) else ("", "")


def _languages(records: Index) -> tuple[str, ...]:
    """English, and those that any text is written in."""
    searcher = records.searcher()
    return tuple(one for one in LANGUAGES if one == ENGLISH or searcher.doc_freq("language", one))


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


def _put(writer: IndexWriter, record: int, documents: Iterable[Document]) -> None:
    """In place of all that the index held of a record."""
    writer.delete_documents_by_term("record", str(record))
    for document in documents:
        writer.add_document(document)
