"""Preview: the agreed layer -> an overview as it would be now, stored nowhere."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from waymark import __version__
from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.core import yaml_file
from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_for
from waymark.library.queries import index_state
from waymark.overview.queries.overviews import rows_to_freeze, spec_now
from waymark.overview.releases.partial_release import make_partial_release
from waymark.overview.releases.release import Provenance, Release
from waymark.overview.snapshot.file_format import pack_rows
from waymark.overview.snapshot.rows import FrozenRows
from waymark.overview.spec.schema import OverviewSpec
from waymark.pipeline.publishing.freeze import outdated_index, query_results, read_spec_of
from waymark.pipeline.publishing.population_bases import population_bases
from waymark.publishing.queries import ledger_entries_before

CACHED_LAYERS = 1
"""Agreed layers that a process caches for previews: a large one takes hundreds of MiB."""


@dataclass(frozen=True, slots=True)
class NotInPreview:
    """A part of a spec that cannot be shown. name: "Table 4, Ages"; line: of the spec, from 1.

    table: its id if it is a table, else "". reason: sentences, with what to do.
    """

    name: str
    line: int
    reason: str
    table: str


@dataclass(frozen=True, slots=True)
class OverviewPreview:
    """An overview as it would be counted now.

    spec: the whole one, even if not all of it was counted. release: protected by the profile of the
    spec and against earlier releases; contains only the tables that can be shown, as if only they
    were published. table: the requested one, or "" for all; it may be among those left out.
    reviews: number counted. notes: for the reader. left_out: parts that cannot be shown.
    """

    spec: OverviewSpec
    release: Release
    table: str
    reviews: int
    notes: tuple[str, ...]
    left_out: tuple[NotInPreview, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the tables that can be shown."""
        out = {part.table for part in self.left_out}
        return tuple(table.id for table in self.spec.tables if table.id not in out)


@dataclass(frozen=True, slots=True)
class PreviewSource:
    """All that a preview is counted from. earlier: the ledger that it is protected against."""

    spec: OverviewSpec
    lines: yaml_file.Lines
    framework: Framework
    rows: FrozenRows
    earlier: tuple[bytes, ...]

    @property
    def content(self) -> str:
        """Hash of it: the same source gives the same preview."""
        parts = (
            pack_rows(self.rows).sha256.encode(),
            self.spec.disclosure.profile.encode(),
            self.framework.sha256.encode(),
            __version__.encode(),
            *self.earlier,
        )
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def preview_source(*, by: User, slug: str, spec: str, now: datetime) -> PreviewSource:
    """Read what a preview is counted from; this is quick. Raises as preview_overview does."""
    require_permission(by, "analyse")
    file = f"{slug}.yaml"
    read, lines = read_spec_of(slug, spec, file)
    framework = framework_for(read.framework_name, read.framework_version)
    checked = spec_now(spec, file_of(framework), by, now, file=file)
    # The cached rows do not depend on the tables of the spec: only its selection is in their key.
    agreed = _rows_now(checked, framework, by, now)
    rows = replace(agreed, spec=spec, bases=population_bases(checked, now))
    if not rows.counted:
        raise RuleError("none of its reviews has been read and coded: nothing can be counted")
    is_open = checked.disclosure.profile == "open"
    earlier = () if is_open else ledger_entries_before(slug, rows.counted)
    return PreviewSource(checked, lines, framework, rows, earlier)


def preview_of_source(
    source: PreviewSource,
    *,
    table: str,
    now: datetime,
    on_round: Callable[[int], None] = lambda left_out: None,
) -> OverviewPreview:
    """Count and protect a source, which can take minutes. Raises RuleError.

    on_round: called before each round of protection with the number of tables left out so far.
    """
    checked = source.spec
    ids = [option.id for option in checked.tables]
    chosen = table if table in ids or not table else ids[0]
    showable = make_partial_release(
        source.rows,
        checked,
        file_of(source.framework),
        profile=checked.disclosure.profile,
        provenance=Provenance(0, now, "", __version__, source.framework.sha256),
        earlier=source.earlier,
        only=chosen,
        on_round=on_round,
    )
    left_out = tuple(
        NotInPreview(part.name, yaml_file.line_of(source.lines, part.at), part.reason, part.table)
        for part in showable.left_out
    )
    outdated = outdated_index(checked)
    notes = (outdated,) if outdated else ()
    counted = len(source.rows.counted)
    preview = OverviewPreview(checked, showable.release, chosen, counted, notes, left_out)
    return preview if chosen == table else replace(preview, table=preview.shown[0])


def preview_overview(
    *, by: User, slug: str, spec: str, table: str, now: datetime
) -> OverviewPreview:
    """An overview as it would be frozen and shown now. table: the id of one, or "" for all.

    For an unknown table, the first that can be shown is used. Raises NotPermitted, SpecError with
    the lines of all faults, NotFound, and RuleError if nothing can be counted or shown.
    """
    source = preview_source(by=by, slug=slug, spec=spec, now=now)
    return preview_of_source(source, table=table, now=now)


class _LayerCache:
    """LRU cache of agreed layers, by selection and the last recorded change.

    Without it, every letter typed in the form would read the whole agreed layer again.
    """

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[object, ...], FrozenRows] = OrderedDict()
        self._lock = Lock()

    def get(self, name: tuple[object, ...]) -> FrozenRows | None:
        with self._lock:
            return self._rows.get(name)

    def put(self, name: tuple[object, ...], rows: FrozenRows) -> None:
        with self._lock:
            self._rows[name] = rows
            while len(self._rows) > CACHED_LAYERS:
                self._rows.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()


preview_cache = _LayerCache()


def _rows_now(spec: OverviewSpec, framework: Framework, by: User, now: datetime) -> FrozenRows:
    # Any change of data is in the audit, so a new head of it makes every cached layer stale.
    selection = (spec.select.model_dump_json(), spec.as_at or uk_date(now), framework.pk, by.pk)
    name = (audit.chain_head(), index_state().waiting, *selection)
    rows = preview_cache.get(name)
    if rows is None:
        rows = rows_to_freeze(spec, "", framework, by, now, query_results(spec, by, now))
        preview_cache.put(name, rows)
    return rows
