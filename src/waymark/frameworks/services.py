"""Load and publish frameworks."""

import hashlib
from datetime import datetime
from pathlib import Path

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.frameworks.models import Code, Framework, Variable
from waymark.frameworks.queries import file_of, read_once
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.versions import check_supersedes

BUILTIN = Path(__file__).resolve().parent / "builtin"
# Everything else of a code or a variable is read from the stored YAML: file_of().
CODE_COLUMNS = {"name", "definition", "include", "exclude", "cues", "section", "theme"}
VARIABLE_COLUMNS = {"name", "definition", "include", "exclude", "level", "type"}


def builtin_frameworks() -> list[Path]:
    """The framework files that come with Waymark: by name, each version after the one before."""
    return sorted(BUILTIN.glob("*.yaml"))


@audit.serialized
def load_framework(*, by: Actor, source: str, file: str, now: datetime) -> Framework:
    """Store a framework from its YAML as a draft; the same source again changes nothing.

    Raises SpecError with the lines of all faults, RuleError if the version is already published
    with different content.
    """
    require_permission(by, "load frameworks")
    read = read_once(source, file)
    check_supersedes(read, _version_before(read), file=file)
    digest = hashlib.sha256(source.encode()).hexdigest()
    known = Framework.objects.filter(name=read.framework, version=read.version).first()
    if known is not None and known.sha256 == digest:
        return known
    # A draft is replaced whole; a published version has codings that refer to its codes.
    if known is not None:
        if known.published_at is not None:
            raise RuleError(
                f"{known} is published and cannot be changed: give the file a new version number"
            )
        known.delete()
    framework = _store_rows(read, source, digest)
    audit.record_about(by, "load framework", framework, now, sha256=digest)
    return framework


@audit.serialized
def publish_framework(*, by: Actor, framework: Framework, now: datetime) -> None:
    """Freeze a version; it may then be used for coding. Publishing it again changes nothing."""
    require_permission(by, "load frameworks")
    if framework.published_at is None:
        framework.published_at = now
        framework.save(update_fields=["published_at"])
        audit.record_about(by, "publish framework", framework, now)


def _version_before(read: FrameworkFile) -> FrameworkFile | None:
    """The version that a file supersedes, None if it is not loaded or there is none."""
    earlier = Framework.objects.filter(name=read.framework, version=read.supersedes).first()
    return None if earlier is None else file_of(earlier)


def _store_rows(read: FrameworkFile, source: str, digest: str) -> Framework:
    # source is kept as loaded: what a coder saw can be printed years later, comments included.
    framework = Framework.objects.create(
        name=read.framework,
        version=read.version,
        title=read.title,
        description=read.description,
        language=read.language,
        licence=read.licence,
        source=source,
        sha256=digest,
        qualifiers={name: list(values) for name, values in read.qualifiers.items()},
    )
    rows = [
        Code(
            framework=framework,
            code=code.id,
            order=order,
            **code.model_dump(mode="json", include=CODE_COLUMNS),
        )
        for order, code in enumerate(read.codes)
    ]
    # In two steps, because a parent may come after its child in the file: first all rows, then the
    # links between them.
    # PostgreSQL and SQLite both return the keys of rows that bulk_create() wrote.
    stored = {code.code: code for code in Code.objects.bulk_create(rows)}
    children = [(code.id, code.parent) for code in read.codes if code.parent]
    for child, parent in children:
        stored[child].parent = stored[parent]
    Code.objects.bulk_update([stored[child] for child, _ in children], ["parent"])
    Variable.objects.bulk_create(
        Variable(
            framework=framework,
            variable=variable.id,
            order=order,
            values=[value.model_dump() for value in variable.allowed],
            group=variable.group or "",
            **variable.model_dump(mode="json", include=VARIABLE_COLUMNS),
        )
        for order, variable in enumerate(read.variables)
    )
    return framework
