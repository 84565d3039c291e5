"""Data package of a release for researchers: tidy tables, data dictionary and provenance.

Pure. Made only from the protected release, so no row is about a single review.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import yaml

from waymark.overview.releases.release import Release
from waymark.publishing.document.nodes import FactList, ReportDocument
from waymark.publishing.formats.archive import Member, pack_archive
from waymark.publishing.formats.tidy import csvw
from waymark.publishing.formats.tidy.cells import OF_OVERVIEW, rows_of
from waymark.publishing.formats.tidy.comma import csv_parts
from waymark.publishing.formats.tidy.package import (
    NO_LICENCE,
    PackageDescription,
    PackageFile,
    datapackage_json,
)
from waymark.publishing.formats.tidy.parquet import write_parquet
from waymark.publishing.formats.tidy.readme import readme_text
from waymark.publishing.formats.tidy.shape import (
    DICTIONARY,
    VALUES,
    Row,
    TableShape,
    dictionary_rows,
    value_rows,
)


def data_package(release: Release, document: ReportDocument, *, licence: str) -> bytes:
    """Bytes of the ZIP archive of a release. licence: short name, "" for none.

    The same release gives the same bytes.
    """
    about = replace(
        about_release(release, document.edition, licence=licence),
        publisher=document.imprint.publisher,
        contact=document.imprint.contact,
    )
    files = list(_table_files(release, about))
    # What a person opens first comes first; checksums last, because they are of all the others.
    members: list[Member] = [
        ("README.md", readme_text(about, [file for file, _ in files])),
        ("datapackage.json", datapackage_json(about, [file for file, _ in files])),
        ("provenance.json", provenance_json(release, document, licence=licence)),
        ("spec.yaml", spec_yaml(release)),
        (f"data/{csvw.NAME}", csvw.csvw_json(about, [file for file, _ in files])),
        *((file.path, content) for file, content in files),
    ]
    return pack_archive([*members, ("checksums.txt", _checksum_lines(members))])


def about_release(release: Release, edition: str, *, licence: str) -> PackageDescription:
    """Description of the package of a release. edition: in words."""
    spec, source = release.spec, release.provenance
    return PackageDescription(
        name=f"{spec.overview}-data",
        title=f"{spec.title}: data",
        text=f"Every number of the overview {spec.title} ({spec.place}, {spec.period}), as it is"
        " shown after small numbers were protected.",
        version=str(source.snapshot),
        licence=licence,
        metadata={
            "overview": spec.overview,
            "edition": edition,
            "framework": spec.framework,
            "framework_sha256": source.framework_sha256,
            "snapshot": str(source.snapshot),
            "snapshot_sha256": source.sha256,
            "disclosure_profile": release.profile,
            "program": f"Waymark {source.code_version}",
            **({"warning": release.warning} if release.warning else {}),
        },
    )


def _table_files(
    release: Release, about: PackageDescription
) -> Iterator[tuple[PackageFile, bytes]]:
    tables: list[tuple[TableShape, list[Row]]] = [
        *((shape, list(rows_of(release, shape.name))) for shape in OF_OVERVIEW),
        (DICTIONARY, list(dictionary_rows(OF_OVERVIEW))),
        (VALUES, list(value_rows(OF_OVERVIEW))),
    ]
    for shape, rows in tables:
        parquet = io.BytesIO()
        write_parquet(shape, rows, parquet, about.metadata)
        written = {"csv": b"".join(csv_parts(shape, rows)), "parquet": parquet.getvalue()}
        for ending, content in written.items():
            digest = hashlib.sha256(content).hexdigest()
            path = f"data/{shape.name}.{ending}"
            yield PackageFile(shape, path, len(content), digest, len(rows)), content


def provenance_json(release: Release, document: ReportDocument, *, licence: str) -> bytes:
    """JSON of the provenance: as printed in the document, with the decision on disclosure."""
    spec, source = release.spec, release.provenance
    decision = spec.disclosure
    # As printed, so that the package cannot say anything else than the document.
    facts = [pair for node in document.nodes if isinstance(node, FactList) for pair in node.facts]
    content: dict[str, Any] = {
        "overview": spec.overview,
        "title": spec.title,
        "edition": document.edition,
        "dated": document.dated.isoformat(),
        "licence": licence or NO_LICENCE,
        **({"publisher": document.imprint.publisher} if document.imprint.publisher else {}),
        **({"cite_as": document.imprint.citation} if document.imprint.citation else {}),
        "program": f"Waymark {source.code_version}",
        "framework": spec.framework,
        "framework_sha256": source.framework_sha256,
        "snapshot": source.snapshot,
        "frozen": source.taken_at.isoformat(),
        "snapshot_sha256": source.sha256,
        "profile": release.profile,
        **({"warning": release.warning} if release.warning else {}),
        "decision": {
            "profile": decision.profile,
            "controller": decision.controller,
            **({"role": decision.role} if decision.role else {}),
            "reason": decision.reason,
            "decided": decision.decided.isoformat(),
        },
        "as_printed": dict(facts),
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def spec_yaml(release: Release) -> bytes:
    """YAML of the specification, in its order; comments are left out."""
    plain = release.spec.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, exclude_none=True
    )
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100).encode()


def _checksum_lines(members: Sequence[Member]) -> bytes:
    """One line for each file, in the format of `sha256sum --check`."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in members]
    return "".join(lines).encode()
