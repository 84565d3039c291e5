"""Files of the data folder that no row of the database names."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from waymark.documents.files import storage
from waymark.documents.files.originals import original_store
from waymark.documents.models import Intake, Original
from waymark.publishing.models import Publication

_NAME = re.compile(r"[0-9a-f]{64}(\.pdf)?|[0-9a-f]{32}")
"""Names of originals, publications and uploads, as documents/files/storage.py gives them; no
other file is of the installation."""


@dataclass(frozen=True, slots=True)
class UnknownFiles:
    """Files without a row. arriving: originals and publications whose storing was cut short."""

    originals: tuple[Path, ...] = ()
    publications: tuple[Path, ...] = ()
    uploads: tuple[Path, ...] = ()
    arriving: tuple[Path, ...] = ()

    @property
    def blocking(self) -> tuple[Path, ...]:
        """Those that show that the database is older than the folder, or another one."""
        return self.originals + self.publications


def known_publications() -> set[str]:
    """Names of the files of all published editions."""
    return set(Publication.objects.filter(withdrawn_at=None).values_list("pdf", flat=True))


def unknown_files(*, elsewhere: bool = True) -> UnknownFiles:
    """Files of the data folder, and of the address where originals are, that no row names.

    An original at that address has the path that it would have in the folder: see place_of().
    elsewhere: False to leave that address out, as listing it takes a second or more.

    The order matters while others store files: first the files, then which of them are arriving,
    then the rows. A file that has arrived by then has its row.
    """
    folders = (storage.originals_folder(), storage.publications_folder(), storage.staging_folder())
    # Example of the wrong order, rows first: rows {a}; then b is stored with its row; files
    # {a, b}: b would seem unknown and go to the quarantine. In this order b is seen as arriving, or
    # has its row.
    files = {folder: _names_in(folder) for folder in folders}
    if settings.ORIGINALS:
        files[storage.originals_folder()] = _originals_elsewhere() if elsewhere else {}
    arriving = storage.arriving_names()
    known = {
        storage.originals_folder(): set(Original.objects.values_list("sha256", flat=True)),
        storage.publications_folder(): set(Publication.objects.values_list("pdf", flat=True)),
        storage.staging_folder(): set(Intake.objects.values_list("staged", flat=True)),
    }
    unknown = {
        folder: sorted(Path(names[name], name) for name in names.keys() - known[folder])
        for folder, names in files.items()
    }
    originals, publications, uploads = unknown.values()
    return UnknownFiles(
        tuple(path for path in originals if path.name not in arriving),
        tuple(path for path in publications if path.name not in arriving),
        tuple(uploads),
        tuple(path for path in originals + publications if path.name in arriving),
    )


def place_of(path: Path) -> str:
    """Where an unknown file is: its path, or its address if it is an original elsewhere."""
    if path.is_relative_to(storage.originals_folder()):
        return original_store().place(path.name)
    return str(path)


def _originals_elsewhere() -> dict[str, str]:
    sizes = original_store().sizes()
    return {sha256: str(storage.original_path(sha256).parent) for sha256 in sizes}


def _names_in(folder: Path) -> dict[str, str]:
    """Name -> the folder it is in, of files that are of the installation by their names.

    No Path for each of them: there may be tens of thousands, and every command asks.
    """
    walked = ((place, names) for place, _, names in os.walk(folder))
    return {name: place for place, names in walked for name in names if _NAME.fullmatch(name)}


def returnable() -> dict[Path, Path]:
    """Files in quarantine that the database names by now -> their places, which are empty."""
    originals = Original.objects.filter(erased_at=None).values_list("sha256", flat=True)
    staged = Intake.objects.exclude(staged="").values_list("staged", flat=True)
    places = {("originals", sha256): storage.original_path(sha256) for sha256 in originals}
    places |= {("staging", name): storage.staging_folder() / name for name in staged}
    places |= {
        ("publications", name.removesuffix(".pdf")): storage.publications_folder() / name
        for name in known_publications()
    }
    files = {
        path: places.get((path.parent.name, path.name.partition(".")[0]))
        for path in storage.files_of(storage.quarantine_folder())
    }
    return {path: place for path, place in files.items() if place and not _is_there(place)}


def _is_there(place: Path) -> bool:
    if place.is_relative_to(storage.originals_folder()):
        return original_store().has(place.name)
    return place.exists()
