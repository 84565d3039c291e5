"""The small release of the overview tests, with a fixed provenance, and what spoils it."""

from datetime import UTC, datetime

from tests.overview.small import FRAMEWORK, SPEC_YAML, rows
from waymark.overview.releases.release import Provenance, Release, make_release
from waymark.overview.spec.check import checked_overview
from waymark.publishing.document.nodes import EditionInfo, ReportDocument
from waymark.publishing.document.render import plain_document

FROZEN = datetime(2026, 5, 4, 12, tzinfo=UTC)
EDITION = EditionInfo(1, datetime(2026, 5, 5, 9, 30, tzinfo=UTC))
PROVENANCE = Provenance(1, FROZEN, "ab" * 32, "0.1.0", "f" * 64)


def small_release(old: str = "", new: str = "") -> Release:
    """The release of the small spec, with one piece of its YAML replaced."""
    spec = checked_overview(SPEC_YAML.replace(old, new, 1), FRAMEWORK, file="small.yaml")
    return make_release(rows(), spec, FRAMEWORK, profile="open", provenance=PROVENANCE)


def small_document(old: str = "", new: str = "") -> ReportDocument:
    return plain_document(small_release(old, new), EDITION)
