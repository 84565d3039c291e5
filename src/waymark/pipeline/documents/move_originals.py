"""Move the originals of an installation from the data folder to an S3 address, and back.

    1. the data folder is locked: neither the site nor a worker runs
    2. what staff erased is deleted in both places, if it is still there
    3. every original that the database names is copied, unless it is there already
    4. every copy is read back and compared with its SHA-256
    5. the data folder notes the new address; with `delete`, the old place is emptied

A move that fails or is killed before the last step leaves the old place in use, and run again it
goes on where it was.
"""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from waymark.core.errors import (
    FileRefused,
    OriginalsRefused,
    OriginalsUnavailable,
    RuleError,
)
from waymark.core.locks import FolderLock
from waymark.documents.files.originals import FOLDER, OriginalStore, note_address, store_at
from waymark.documents.models import Original
from waymark.setting_values import require_s3_address

WORD_FOR_FOLDER = "folder"
WAIT_SECONDS = 5.0
AT_ONCE = 8
"""Files under way: the store answers each only after a while."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MovedOriginals:
    """A finished move. place: where the originals are now; files: of all originals; size: their
    bytes; copied: those that were not there before; deleted: those deleted from the old place."""

    place: str
    files: int
    size: int
    copied: int
    deleted: int


def move_originals(
    address: str, lock: FolderLock, *, delete: bool = False, tell: Tell = lambda step: None
) -> MovedOriginals:
    """Copy all originals to another place, compare them and make it theirs.

    address: s3://bucket/prefix, or "folder" for the data folder. lock: of the data folder, which is
    locked for this process alone. delete: delete them from the old place in the end. Raises
    RuleError if the folder is in use, the place is the one in use, or a file is missing or damaged:
    then the old place stays in use. RuleError also if the old place keeps files: it is left then.
    """
    source, target = store_at(settings.ORIGINALS), _target(address)
    lock.lock_exclusively(wait=WAIT_SECONDS)
    sizes = dict(Original.objects.filter(erased_at=None).values_list("sha256", "size"))
    for store in (source, target):
        _erase_again(store)
    there = target.sizes()
    if strangers := there.keys() - sizes.keys():
        raise RuleError(
            f"{target.name} contains {len(strangers):,} original files that this installation does "
            f"not know, the first is {min(strangers)[:12]}: give an empty address. Nothing was "
            "changed"
        )
    missing = sorted(sha256 for sha256, size in sizes.items() if there.get(sha256) != size)
    tell(f"copying {len(missing):,} of {len(sizes):,} files to {target.name}")
    _refuse_faults(_in_threads(lambda sha256: _copy(source, target, sha256), missing))
    tell("comparing all files")
    _refuse_faults(_in_threads(target.fault, sorted(sizes)))
    note_address("" if target.name == FOLDER else target.name)
    if delete:
        tell(f"deleting the files from {source.name}")
        _delete_all(source, sizes, now_in=target.name)
    return MovedOriginals(
        target.name, len(sizes), sum(sizes.values()), len(missing), len(sizes) if delete else 0
    )


def _target(address: str) -> OriginalStore:
    address = address.rstrip("/")
    if address == WORD_FOR_FOLDER:
        address = ""
    else:
        try:
            require_s3_address(address, "the address")
        except ImproperlyConfigured as error:
            raise RuleError(f"{error}, or the word {WORD_FOR_FOLDER}") from None
    if address == settings.ORIGINALS:
        raise RuleError(f"the original files are in {address or FOLDER} already")
    return store_at(address)


def _erase_again(store: OriginalStore) -> None:
    """Delete what staff erased and a place still has, as it did not answer or a move was cut short.

    After the move nothing would look for it in the place that is not in use.
    """
    for sha256 in Original.objects.exclude(erased_at=None).values_list("sha256", flat=True):
        if store.traces(sha256):
            store.remove(sha256)


def _copy(source: OriginalStore, target: OriginalStore, sha256: str) -> str:
    """Copy an original; returns its fault at the source, as the end of a sentence."""
    try:
        with source.local_file(sha256, checked=False) as path:
            target.add(path, sha256)
    except (FileNotFoundError, FileRefused):
        return source.fault(sha256) or "changed while it was copied"
    return ""


def _delete_all(store: OriginalStore, names: Collection[str], *, now_in: str) -> None:
    """Delete originals from the old place. Raises RuleError if some are still there."""
    kept: list[str] = []
    reason = ""
    for place, sha256 in enumerate(names):
        try:
            store.remove(sha256)
        except OriginalsRefused as error:
            kept.append(sha256)
            reason = reason or str(error)
        except OriginalsUnavailable as error:
            kept.extend(list(names)[place:])
            reason = reason or str(error)
            break
    if kept:
        raise RuleError(
            f"the original files are in {now_in} now, but {len(kept):,} of {len(names):,} could "
            f"not be deleted from {store.name} ({reason}): delete them there yourself, the first "
            f"is {store.place(kept[0])}"
        )


def _in_threads(work: Callable[[str], str], names: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each SHA-256 with the fault that the work found; no thread uses the database."""
    names = list(names)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="originals") as pool:
        return list(zip(names, pool.map(work, names), strict=True))


def _refuse_faults(faults: Iterable[tuple[str, str]]) -> None:
    damaged = [(sha256, fault) for sha256, fault in faults if fault]
    if damaged:
        sha256, fault = damaged[0]
        raise RuleError(
            f"{len(damaged):,} original files are damaged, the first, {sha256[:12]}, {fault}: run "
            "waymark doctor, and restore them from a backup. The old place stays in use"
        )
