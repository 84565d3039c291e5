"""The files of the embedded index, in generations that are complete before they are used.

    index/current          the generation in use: JSON, replaced in one step
    index/writing          lock file: one writer at a time, others wait
    index/progress         total and begin of a rebuild, while it runs
    index/done             one byte for each of its records that is done
    index/<generation>/    staff/records/, staff/passages/, public/records/ and public/passages/

Staff and the public have indexes of their own, because BM25 weighs a word by how many texts have it
and by their mean length: in one index a text that only staff may see would change the order in
which visitors are shown the others.

A rebuild writes a new generation and switches to it when it is complete; if the process dies
before that, the old one stays in use. Example with 3f.. in use:

    1. lock; delete folders other than 3f.. (left by a rebuild that was interrupted)
    2. write 8c../staff/records and the other three; readers still use 3f.. Several processes write
       parts, 8c../0-5d../staff/records and so on, whose segments are then put together; passages
       that both audiences may see are written once, to 8c../0-5d../both/passages, and linked into
       both indexes. Records are not: those with a hidden report have a text of their own for the
       public, which would be in another segment and so come after all others of the same score
    3. write current.new = {"generation": "8c..", "stamp": ...}, fsync it, rename it to current
    4. delete 3f..; a reader that has its files open can finish, because Linux keeps open files

The rename in step 3 is atomic: a reader sees the old or the new content of `current`, never half
of it. Without the fsync a power cut could leave a renamed but empty file.

An update works inside the generation in use and commits the passages, then the records, of staff
and then of the public. If the process dies in between, the records are not yet marked as indexed,
so the next update repeats them.
"""

import fcntl
import json
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from socket import gethostname

from tantivy import Document, Index, IndexWriter, Schema

from waymark.core.errors import RuleError, ServiceUnavailable
from waymark.core.executor import Executor, all_results
from waymark.core.files import flush_folder
from waymark.library.search.index_values import PUBLIC, STAFF, TIMED
from waymark.library.search.protocol import (
    DocumentVisibility,
    IndexDocuments,
    RebuildProgress,
    SearchAudience,
)
from waymark.library.search.tantivy.joining import join_indexes
from waymark.library.search.tantivy.schema import (
    STAMP,
    passage_documents,
    passage_schema,
    record_documents,
    record_schema,
)

log = logging.getLogger(__name__)

HEAP, PART_HEAP = 32 * 1024 * 1024, 64 * 1024 * 1024
"""Bytes that a writer keeps before it writes a segment; there are four writers, in a part five.

More for a part: eight segments or more would be merged, those of shared passages for each audience.
"""
LOCK_SECONDS = 60.0
OPENING_TRIES = DELETING_TRIES = 3
AUDIENCES = (STAFF, PUBLIC)
BOTH = "both"
LEVELS = ("records", "passages")
PARTS = tuple(f"{audience}/{level}" for audience in AUDIENCES for level in LEVELS)
"""Folders of the indexes of a generation."""
DONE = "done"
LOST = "each worker that wrote a part of the search index ended: run waymark index rebuild again"
NAME = re.compile("[0-9a-f]{16}")
"""Names of generations."""


@dataclass(frozen=True, slots=True)
class OpenIndexes:
    """The open indexes of one generation and audience in this process.

    timed: True if anything opens or closes to the public at a moment, as of the last reload.
    """

    generation: str
    records: Index
    passages: Index
    meta: tuple[Path, Path]
    timed: bool = True


class IndexGenerations:
    """The generations of an index in a folder, which is created by the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[str, OpenIndexes] = {}
        self._seen: dict[str, tuple[int, ...]] = {}
        # Version and content of the file `current`, so that it is read only when it changes.
        self._pointer: tuple[tuple[int, int], tuple[str, str]] = ((0, 0), ("", ""))

    def rebuild(
        self, parts: Sequence[Iterable[IndexDocuments]], *, executor: Executor, total: int
    ) -> None:
        """Write a new generation with these documents and switch to it. total: their number.

        parts: of the documents; if there is more than one, the executor writes them.
        """
        with self._locked():
            old = self.current()
            for folder in self.folder.iterdir():  # left by a rebuild that was interrupted
                if folder.is_dir() and folder.name != old:
                    _delete_folder(folder)
            new = secrets.token_hex(8)
            with self._reported(total):
                self._write_parts(self.folder / new, parts, executor)
            self._switch(new)
            if old is not None:
                # Readers that have its files open can still read them.
                shutil.rmtree(self.folder / old, ignore_errors=True)

    def _write_parts(
        self, folder: Path, parts: Sequence[Iterable[IndexDocuments]], executor: Executor
    ) -> None:
        if len(parts) == 1:
            _write_documents(folder, _counted(parts[0], self.folder / DONE), fresh=True)
            return
        write = partial(_write_part, self.folder / DONE, folder)
        written = dict(all_results(executor, write, enumerate(parts), LOST))
        folders = [folder / written[number] for number in range(len(parts))]
        for audience, level in product(AUDIENCES, LEVELS):
            names = (BOTH, audience) if level == "passages" else (audience,)
            joined = [part / name / level for part in folders for name in names]
            join_indexes(joined, folder / audience / level)
        # Those too that were written by a worker whose part was given to another one.
        for part in folder.iterdir():
            if part.name not in AUDIENCES:
                _delete_folder(part)
        flush_folder(folder)

    @contextmanager
    def _reported(self, total: int) -> Iterator[None]:
        """While a rebuild runs, the file `progress` says so, and `done` how far it is."""
        progress, done = self.folder / "progress", self.folder / DONE
        try:
            done.write_bytes(b"")
            _write_in_one_step(progress, json.dumps({"total": total, "begun": time.time()}))
            yield
        finally:
            progress.unlink(missing_ok=True)
            done.unlink(missing_ok=True)

    def progress(self) -> RebuildProgress | None:
        """How far a rebuild is that is running in any process; None if there is none."""
        try:
            row = json.loads((self.folder / "progress").read_bytes())
            done = (self.folder / DONE).stat().st_size
            with (self.folder / "writing").open() as file:
                # The lock is free if the process died that wrote the file.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return RebuildProgress(done, row["total"], time.time() - row["begun"])
        except (OSError, ValueError):
            pass
        return None

    def replace(self, documents: Iterable[IndexDocuments]) -> None:
        """Replace the documents of these records in the generation in use."""
        with self._locked():
            generation = self.current()
            if generation is None:
                raise RuleError("there is no search index to update: run waymark index rebuild")
            _write_documents(self.folder / generation, documents, fresh=False)

    def _switch(self, generation: str) -> None:
        content = json.dumps({"generation": generation, "stamp": STAMP})
        _write_in_one_step(self.folder / "current", content)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the writer's lock. Raises RuleError if another process does not release it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + LOCK_SECONDS
        with (self.folder / "writing").open("w") as file:
            # The kernel releases the lock if the process dies, so no stale lock can remain.
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        message = "another process is updating the search index: try again later"
                        raise RuleError(message) from None
                    time.sleep(0.05)
            yield

    def current(self) -> str | None:
        """The generation in use; None if there is none, or only one of another version.

        A damaged file `current` counts as none.
        """
        current = self.folder / "current"
        try:
            version = _file_version(current)
            if version != self._pointer[0]:
                self._pointer = version, _read_pointer(current.read_bytes())
        except FileNotFoundError:
            return None
        generation, stamp = self._pointer[1]
        whole = generation and stamp == STAMP and (self.folder / generation).is_dir()
        return generation if whole else None

    def opened(self, audience: SearchAudience) -> OpenIndexes | None:
        """The current indexes of an audience, reloaded if another process has written.

        None if there are none. Raises ServiceUnavailable if they exist but cannot be read.
        """
        name = STAFF if audience.staff else PUBLIC
        # A rebuild may delete the generation between reading `current` and opening its files; the
        # next attempt reads the new `current`.
        for _ in range(OPENING_TRIES - 1):
            try:
                return self._look(name)
            except (OSError, ValueError):  # a rebuild has deleted this generation
                self._open.pop(name, None)
                time.sleep(0.02)
        try:
            return self._look(name)
        except (OSError, ValueError) as error:
            raise unreadable_index(error) from error

    def _look(self, audience: str) -> OpenIndexes | None:
        generation = self.current()
        if generation is None:
            return None
        opened = self._open.get(audience)
        if opened is None or opened.generation != generation:
            records, passages = (self.folder / generation / audience / level for level in LEVELS)
            meta = (records / "meta.json", passages / "meta.json")
            opened = OpenIndexes(
                generation, Index.open(str(records)), Index.open(str(passages)), meta
            )
            self._open[audience] = opened
            self._seen.pop(audience, None)
        # Tantivy replaces meta.json with every commit, so a new version of it means new documents.
        seen = tuple(value for meta in opened.meta for value in _file_version(meta))
        if seen != self._seen.get(audience):
            opened.records.reload()
            opened.passages.reload()
            timed = any(
                level.searcher().doc_freq("audience", TIMED)
                for level in (opened.records, opened.passages)
            )
            opened = replace(opened, timed=timed)
            self._open[audience], self._seen[audience] = opened, seen
        return opened


def _delete_folder(folder: Path) -> None:
    """Delete a folder, or leave it to the next rebuild: a worker taken for dead may write there."""
    for _ in range(DELETING_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
    log.warning("%s cannot be deleted yet: the next rebuild of the index tries again", folder)


def _write_part(
    done: Path, folder: Path, part: tuple[int, Iterable[IndexDocuments]]
) -> tuple[int, str]:
    """Write a part of a new generation to a folder in its own; return its number and the name.

    Passages that both audiences see are written once, beside the rest of each. The folder is a new
    one each time, as a part may be written twice, even at the same time.
    """
    # Made by the rebuild: else a folder of this machine alone would be written and left there.
    if not done.exists():
        raise ServiceUnavailable(
            f"{done.parent} on {gethostname()} is not in the shared data folder: mount that at the "
            "same path on each machine"
        )
    number, documents = part
    name = f"{number}-{secrets.token_hex(4)}"
    _write_documents(folder / name, _counted(documents, done), fresh=True, part=True)
    return number, name


def _counted(documents: Iterable[IndexDocuments], done: Path) -> Iterator[IndexDocuments]:
    """The documents; each record that is written adds a byte to a file that all parts append to."""
    with done.open("ab", buffering=0) as file:
        for document in documents:
            yield document
            file.write(b".")


def _write_documents(
    folder: Path, documents: Iterable[IndexDocuments], *, fresh: bool, part: bool = False
) -> None:
    """Write documents to the indexes in a folder. fresh: the indexes are made, else changed.

    part: the folder is a part of a generation, where BOTH has the passages that both audiences see.
    """
    of_records, of_passages = record_schema(), passage_schema()
    with ExitStack() as stack:

        def writer_for(name: str, schema: Schema) -> IndexWriter:
            index = _open_index(folder / name, schema, fresh=fresh)
            return stack.enter_context(_index_writer(index, PART_HEAP if part else HEAP))

        # What is entered last ends first: passages are committed before records. So a record never
        # shows as indexed without its passages.
        records = {name: writer_for(f"{name}/records", of_records) for name in AUDIENCES}
        names = (BOTH, *AUDIENCES) if part else AUDIENCES
        passages = {name: writer_for(f"{name}/passages", of_passages) for name in names}
        for record in documents:
            # A new index has nothing to delete, and each deletion is looked for at the commit.
            if not fresh:
                for writer in (*passages.values(), *records.values()):
                    _delete_record(writer, record.record)
            for seen, document in passage_documents(record, of_passages):
                _add_document(passages, seen, document)
            for seen, document in record_documents(record, of_records):
                _add_document(records, seen, document)


def _add_document(
    writers: Mapping[str, IndexWriter], seen: DocumentVisibility, document: Document
) -> None:
    """Add a document to the indexes of the audiences that may ever see it."""
    if seen.staff and seen.public and BOTH in writers:
        writers[BOTH].add_document(document)
        return
    if seen.staff:
        writers[STAFF].add_document(document)
    if seen.public:
        writers[PUBLIC].add_document(document)


def _write_in_one_step(path: Path, content: str) -> None:
    """Replace the content of a file; a reader sees the old or the new one, whole."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="ascii") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def unreadable_index(error: BaseException) -> ServiceUnavailable:
    """The error for an index that the engine cannot read."""
    return ServiceUnavailable(
        f"the search index cannot be read ({error}): run waymark index rebuild"
    )


def _read_pointer(content: bytes) -> tuple[str, str]:
    """Generation and stamp in the file `current`; empty if it is damaged."""
    try:
        pointer = json.loads(content)
        generation, stamp = str(pointer["generation"]), str(pointer["stamp"])
    except (ValueError, TypeError, KeyError):
        return "", ""
    return (generation, stamp) if NAME.fullmatch(generation) else ("", "")


def _file_version(file: Path) -> tuple[int, int]:
    """Inode and modification time, which change when the file is replaced."""
    status = file.stat()
    return status.st_ino, status.st_mtime_ns


def _open_index(folder: Path, schema: Schema, *, fresh: bool) -> Index:
    if not fresh:
        return Index.open(str(folder))
    folder.mkdir(parents=True)
    return Index(schema, path=str(folder))


@contextmanager
def _index_writer(index: Index, heap: int) -> Iterator[IndexWriter]:
    """Commit at the end and wait for merges; after an exception nothing is changed."""
    writer = index.writer(heap_size=heap, num_threads=1)
    try:
        yield writer
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    finally:
        writer.wait_merging_threads()


def _delete_record(writer: IndexWriter, record: int) -> None:
    """Delete all documents of a record."""
    writer.delete_documents_by_term("record", str(record))
