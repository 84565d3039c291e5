"""Checks and notes about the machine, its connections and the address of original files."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from waymark.accounts.cluster import cluster_executor
from waymark.core.data_folder import file_system_of
from waymark.core.errors import FileRefused, RuleError, ServiceUnavailable
from waymark.documents.files.storage import (
    files_of,
    originals_folder,
)
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.confinement import confinement_faults
from waymark.documents.isolation.engine import find_engine
from waymark.documents.isolation.parent import recognise_isolated
from waymark.documents.isolation.sandbox import sandbox_fault
from waymark.pipeline.backup.postgresql import sorts_by_letters
from waymark.pipeline.checks.checks_before_serving import check_address

CONFINED = "the kernel confines the reading process (Landlock, filtered system calls)"


def cluster_faults() -> Iterator[str]:
    try:
        with cluster_executor():
            return
    except ServiceUnavailable as error:
        yield str(error)


def address_faults() -> Iterator[str]:
    try:
        check_address()
    except RuleError as error:
        yield str(error)


def bucket_faults() -> Iterator[str]:
    # Imported only here: an installation without the setting does not load the client.
    from waymark.documents.files.s3_bucket import bucket_faults

    yield from bucket_faults(settings.ORIGINALS)


def original_notes() -> Iterator[str]:
    """What an administrator should know of an address where originals are."""
    if not settings.ORIGINALS:
        return
    from waymark.documents.files.s3_bucket import bucket_notes

    if any(files_of(originals_folder())):
        yield (
            f"the original files are in {settings.ORIGINALS}, and {originals_folder()} still has "
            "files: delete it when a backup has all of them"
        )
    try:
        yield from bucket_notes(settings.ORIGINALS)
    except ServiceUnavailable:
        return  # a fault of the checks


def sandbox_notes() -> Iterator[str]:
    """What the isolation of uploaded files lacks here, and what holds all the same."""
    missing = confinement_faults()
    if fault := sandbox_fault():
        holds = "" if missing else "; " + CONFINED
        yield f"uploaded files are read with limits, but in no sandbox: {fault}{holds}"
    for reason in missing:
        yield f"the process that reads uploaded files is not wholly confined: {reason}"


def engine_notes() -> Iterator[str]:
    """A note if a Tesseract outside the system cannot open its libraries where files are read."""
    engine = find_engine()
    if engine is None or engine.of_system:
        return
    import pikepdf

    with tempfile.NamedTemporaryFile(suffix=".pdf") as file, pikepdf.new() as blank:
        blank.add_blank_page(page_size=(72, 72))
        blank.save(Path(file.name))
        languages = "+".join(sorted(engine.languages)[:1]) or "eng"
        try:
            recognise_isolated(Path(file.name), 1, engine, languages, reading_limits())
        except (FileRefused, OSError):
            yield (
                f"{engine.program} does not start where uploaded files are read: install Tesseract "
                "from the system, or with its libraries in a folder of /opt"
            )


def file_system_notes() -> Iterator[str]:
    """A note if several hosts cannot share the embedded index on this file system."""
    kind = file_system_of(Path(settings.DATA))
    if kind.startswith("nfs") and settings.SEARCH_BACKEND == "tantivy":
        yield (
            f"the data folder is on NFS ({kind}): before a second host uses it, set "
            "WAYMARK_SEARCH_BACKEND=opensearch, because a file of the embedded index that one host "
            "deletes is gone for the others that read it"
        )


def order_notes() -> Iterator[str]:
    if connection.vendor == "postgresql" and not sorts_by_letters(connection):
        yield (
            "the database sorts by the rules of a language, so some lists have another order than "
            "documented: restore a backup to a database created with createdb --locale=C "
            "--template=template0"
        )
