"""Codebooks of REFI-QDA (.qdc) to and from frameworks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from waymark import __version__
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.files.refi.codebook import (
    codebook_losses,
    codebook_of,
    draft_framework,
)
from waymark.coding.files.refi.writing import codebook_file
from waymark.documents.reading.qda_values import QdaProject
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of
from waymark.frameworks.services import load_framework


@dataclass(frozen=True, slots=True)
class CodebookExport:
    """A codebook file. losses: what it cannot contain, in words."""

    content: bytes
    codes: int
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodebookImport:
    """A draft framework made of a codebook. losses: what it does not contain, in words."""

    framework: Framework
    codes: int
    losses: tuple[str, ...]


def export_codebook(framework: Framework) -> CodebookExport:
    """A published framework as a codebook; frameworks are public."""
    file = file_of(framework)
    content = codebook_file(codebook_of(file, f"Waymark {__version__}"))
    return CodebookExport(content, len(file.codes), tuple(codebook_losses(file)))


def import_codebook(
    *,
    by: Actor,
    project: QdaProject,
    name: str,
    title: str = "",
    base: Framework | None = None,
    only: Iterable[str] | None = None,
    now: datetime,
) -> CodebookImport:
    """Store the codes of a codebook or a project as a draft framework; a person publishes it.

    base: a framework to extend, under the new name. only: GUIDs of the codes to add. Raises
    NotPermitted; RuleError if there is no code; SpecError for a name that cannot be.
    """
    require_permission(by, "load frameworks")
    extended = file_of(base) if base else None
    draft = draft_framework(project, name=name, title=title, base=extended, only=only)
    framework = load_framework(by=by, source=draft.source, file=f"{name}.yaml", now=now)
    return CodebookImport(framework, len(draft.ids), draft.losses)
