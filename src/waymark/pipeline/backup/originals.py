"""Originals of a backup that is restored where WAYMARK_ORIGINALS names an address."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from waymark.core.errors import OriginalsUnavailable, RuleError
from waymark.documents.files.originals import original_store
from waymark.documents.files.storage import files_of

log = logging.getLogger(__name__)


def check_empty_address() -> None:
    """Raise RuleError if originals are at the address already: another installation may use them.

    Then a copy that erases a file, as it does for removals of the journal, would take it from both.
    """
    if settings.ORIGINALS and (count := len(original_store().sizes())):
        raise RuleError(
            f"{settings.ORIGINALS} contains {count:,} original files already: give another address "
            "in WAYMARK_ORIGINALS, or --replace if no other installation uses them"
        )


@contextmanager
def originals_at_address(new: Path, *, tell: Callable[[str], None]) -> Iterator[None]:
    """Move the originals of a new data folder to the address of the settings, if there is one.

    Those that were not there are removed again if the block fails.
    """
    if not settings.ORIGINALS:
        yield
        return
    tell(f"copying the original files to {settings.ORIGINALS}")
    store, added = original_store(), []
    there = store.sizes().keys()
    try:
        paths = sorted(files_of(new / "originals"))
        for path in paths:
            if path.name not in there:
                added.append(path.name)
            store.add(path, path.name)
            path.unlink()
        (new / "originals-address").write_text(f"{settings.ORIGINALS}\n", "utf-8")
        if newer := there - {path.name for path in paths}:
            tell(
                f"note: {settings.ORIGINALS} has {len(newer):,} original files that are not in "
                "this backup: before you start the site, run waymark files unknown and waymark "
                "files quarantine"
            )
        yield
    except BaseException:
        log.warning("removing %d original files from %s again", len(added), store.name)
        with suppress(OriginalsUnavailable):
            for sha256 in added:
                store.remove(sha256)
        raise
