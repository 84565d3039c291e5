"""Vectors of passages in files of the data folder, searched by comparing all of them.

    passages, records, opens    three numbers of each row: of the passage (minus that of the record
                                for its description), of the record, and the moment from which it
                                may be found, in microseconds
    hashes                      of the text, by which a vector serves an equal text again
    signs                       one bit for each number of a vector
    values                      the vectors, 8 bits a number

Row 7 of one file belongs to row 7 of the others. A row is removed by zeros over all of it, at once,
and its place is used again. Readers map the files, and processes share the memory. Each change
writes another word into the small file "revision", which each search reads: where it differs, the
files are mapped anew, because a network file system shows no change in what is mapped already. What
is found is checked in the database before it is shown.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from waymark.core.extras import LaterModule
from waymark.core.files import write_aside
from waymark.core.locks import FolderLock
from waymark.library.meaning.embedder import DIMENSIONS, SCALE
from waymark.library.meaning.scan import WORDS, Column, nearest_by_signs, products_at, signs_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from waymark.library.meaning.embedder import Vectors
else:
    np = LaterModule("numpy")

BYTES_OF_HASH = 16
COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "hashes": ("uint8", (BYTES_OF_HASH,)),
    "signs": ("uint64", (WORDS,)),
    "values": ("int8", (DIMENSIONS,)),
    "opens": ("int64", ()),
    "records": ("int64", ()),
    "passages": ("int64", ()),
}
"""File -> type and shape of a row. Passages are last: a row counts when it has one."""
WAIT = 60.0
REVISION = "revision"


def text_hash(text: str) -> bytes:
    """The hash of a text: BYTES_OF_HASH bytes."""
    return blake2b(text.encode(), digest_size=BYTES_OF_HASH).digest()


class VectorRow(NamedTuple):
    """A row to store. text: its hash. opens: microseconds; 0: it can be found already."""

    passage: int
    record: int
    opens: int
    text: bytes


class NearPassage(NamedTuple):
    """A row near a question. likeness: cosine of their vectors, at most about 1; text: its hash."""

    passage: int
    record: int
    likeness: float
    text: bytes


@dataclass(frozen=True)
class VectorFiles:
    """The vectors of one model in one folder."""

    folder: Path

    def __len__(self) -> int:
        """The number of rows, removed ones included."""
        sizes = [self._size(name) for name in COLUMNS]
        return min(sizes)

    def rows(self) -> list[VectorRow]:
        """All rows that are there."""
        passages, records, opens, hashes = self._columns("passages", "records", "opens", "hashes")
        there = np.flatnonzero(passages)
        return [
            VectorRow(int(passages[at]), int(records[at]), int(opens[at]), hashes[at].tobytes())
            for at in there
        ]

    def vectors_of(self, texts: Iterable[bytes]) -> dict[bytes, Vectors]:
        """Hash of a text -> its vector, of those that are there."""
        wanted = set(texts)
        passages, hashes, values = self._columns("passages", "hashes", "values")
        if not wanted or not len(passages):
            return {}
        # First by half of the hash, a number that numpy can look up; then by all of it.
        halves = np.ascontiguousarray(hashes).view(np.uint64)[:, 0]
        asked = np.frombuffer(b"".join(wanted), np.uint64)[::2]
        there = np.isin(halves, asked) & (passages != 0)
        return {
            key: np.array(values[at])
            for at in np.flatnonzero(there)
            if (key := hashes[at].tobytes()) in wanted
        }

    def replace(
        self,
        records: Iterable[int],
        rows: Iterable[VectorRow],
        vectors: Mapping[bytes, Vectors],
    ) -> None:
        """Make these the rows of these records; rows that stay keep their place.

        vectors: by the hash of the text, for every row that is new or has another text.
        """
        wanted = {row.passage: row for row in rows}
        with self._writing():
            self._repair()
            passages, owners, opens, hashes = self._columns(
                "passages", "records", "opens", "hashes", mode="r+"
            )
            mine = np.flatnonzero(np.isin(owners, list(records)) & (passages != 0))
            gone = []
            for at in mine:
                row = wanted.get(int(passages[at]))
                if row is None or row.text != hashes[at].tobytes():
                    gone.append(at)
                else:
                    opens[at], owners[at] = row.opens, row.record
                    del wanted[row.passage]
            if len(mine):
                opens.flush()
                owners.flush()
            self._erase(np.array(gone, dtype=np.intp))
            self._add(list(wanted.values()), vectors)

    def nearest(self, question: Vectors, *, now: int, limit: int) -> list[NearPassage]:
        """The nearest rows that may be found now (microseconds), nearest first."""
        # Read before the files are mapped: a change after it is one for the next search.
        revision = self._revision()
        length = len(self)
        if not length:
            return []
        passages, records, opens, signs, values, hashes = _kept_columns(self, length, revision)
        at = nearest_by_signs(signs, question)
        at = at[(passages[at] != 0) & (opens[at] <= now)]
        products = products_at(values, at, question)
        best = np.argsort(-products, kind="stable")[:limit]
        return [
            NearPassage(
                int(passages[at[one]]),
                int(records[at[one]]),
                float(products[one]) / SCALE**2,
                hashes[at[one]].tobytes(),
            )
            for one in best
        ]

    # ---- what else is known of the vectors ----

    def note(self, name: str) -> Any:
        """What was last written under this name; None if nothing was."""
        try:
            return json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def write_note(self, name: str, values: Any) -> None:
        """Replace what is written under a name by other values, as JSON has them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_aside(self.folder / f"{name}.json", json.dumps(values).encode())

    # ---- files ----

    def _size(self, name: str) -> int:
        try:
            length = (self.folder / name).stat().st_size
        except FileNotFoundError:
            return 0
        return length // _bytes_of_row(name)

    def _columns(self, *names: str, mode: Any = "r") -> list[Column]:
        """The columns, mapped; all of the same length while another process adds rows."""
        length = len(self)
        columns: list[Column] = []
        for name in names:
            kind, shape = COLUMNS[name]
            size = (length, *shape)
            # An empty file cannot be mapped.
            columns.append(
                np.memmap(self.folder / name, kind, mode, shape=size)
                if length
                else np.empty(size, kind)
            )
        return columns

    def _erase(self, at: npt.NDArray[np.intp]) -> None:
        if not len(at):
            return
        # Passages first: from then on no reader takes the row.
        names = tuple(reversed(COLUMNS))
        for column in self._columns(*names, mode="r+"):
            column[at] = 0
            # What was erased must not come back after a failure of power.
            column.flush()

    def _add(self, rows: list[VectorRow], vectors: Mapping[bytes, Vectors]) -> None:
        """Write rows over removed ones, then at the end."""
        if not rows:
            return
        added = _columns_of(rows, vectors)
        free = np.flatnonzero(self._columns("passages")[0] == 0)[: len(rows)]
        mapped = self._columns(*COLUMNS, mode="r+")
        for name, column in zip(COLUMNS, mapped, strict=True):
            if len(free):
                column[free] = added[name][: len(free)]
                column.flush()
        for name in COLUMNS:
            with (self.folder / name).open("ab") as file:
                file.write(added[name][len(free) :].tobytes())
                file.flush()
                # Passages come last, so a failure of power leaves no passage without its vector:
                # it would never be made again, because its record is noted as complete.
                os.fsync(file.fileno())

    def _repair(self) -> None:
        """Erase what a process left that died while it wrote: no removal would find it."""
        length = len(self)
        for name in COLUMNS:
            path = self.folder / name
            if path.exists() and path.stat().st_size != length * _bytes_of_row(name):
                os.truncate(path, length * _bytes_of_row(name))
        passages, *others = self._columns(*reversed(COLUMNS))
        free = np.flatnonzero(passages == 0)
        if len(free):
            left = [column[free].reshape(len(free), -1).any(axis=1) for column in others]
            self._erase(free[np.any(left, axis=0)])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with closing(FolderLock(self.folder)) as lock:
            lock.lock_exclusively(wait=WAIT)
            try:
                yield
            finally:
                # Also after a failure, which may have changed a part.
                write_aside(self.folder / REVISION, secrets.token_hex(8).encode())

    def _revision(self) -> str:
        # By its content: on a network file system times are known only from a while ago.
        try:
            return (self.folder / REVISION).read_text("ascii")
        except FileNotFoundError:
            return ""


@lru_cache(maxsize=4)
def _kept_columns(store: VectorFiles, length: int, revision: str) -> tuple[Column, ...]:
    """The columns for a search, mapped once: to map them anew costs as much as the search.

    length, revision: of the files as they are now, so that each change is seen.
    """
    columns = store._columns("passages", "records", "opens", "signs", "values", "hashes")
    # Plain arrays over the same memory: each part of a memmap is dearer to make.
    return tuple(map(np.asarray, columns))


def _bytes_of_row(name: str) -> int:
    kind, shape = COLUMNS[name]
    return int(np.dtype(kind).itemsize * np.prod(shape, dtype=int))


def _columns_of(rows: list[VectorRow], vectors: Mapping[bytes, Vectors]) -> dict[str, Column]:
    values = np.stack([vectors[row.text] for row in rows])
    return {
        "hashes": np.frombuffer(b"".join(row.text for row in rows), np.uint8).reshape(
            -1, BYTES_OF_HASH
        ),
        "signs": signs_of(values),
        "values": values,
        "opens": np.array([row.opens for row in rows], np.int64),
        "records": np.array([row.record for row in rows], np.int64),
        "passages": np.array([row.passage for row in rows], np.int64),
    }
