"""The agreed layer -> an overview as it would be now, kept nowhere: the preview."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from waymark import __version__
from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require
from waymark.core.errors import RuleError
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_for
from waymark.library.queries import index_state
from waymark.overview.queries import rows_to_freeze
from waymark.overview.release import Provenance, Release, make_release
from waymark.overview.snapshot import FrozenRows
from waymark.overview.spec import OverviewSpec
from waymark.overview.spec_cells import NAMED_CELL
from waymark.overview.spec_check import checked_overview
from waymark.pipeline.counting import answered, index_behind, of_this
from waymark.publishing.queries import ledger_before

KEPT = 1
"""How many agreed layers a process keeps for previews: a large one takes hundreds of MiB."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An overview as it would be counted now, kept nowhere.

    spec: whole, also where not all of it was counted. release: protected with the profile of its
    spec and with what was given out before. table: the one asked for, or "" for all. reviews:
    counted. notes: what else to know.
    """

    spec: OverviewSpec
    release: Release
    table: str
    reviews: int
    notes: tuple[str, ...]


def preview_overview(*, by: User, slug: str, spec: str, table: str, now: datetime) -> Preview:
    """An overview as it would be frozen and shown now. table: the id of one, or "" for all.

    A table that is not there stands for the first. Raises NotPermitted, SpecError with the lines of
    all faults, NotFound, and RuleError where nothing can be counted or shown.
    """
    require(by, "analyse")
    file = f"{slug}.yaml"
    read, _ = of_this(slug, spec, file)
    framework = framework_for(read.framework_name, read.framework_version)
    checked = checked_overview(spec, file_of(framework), file=file)
    rows = replace(_rows_now(checked, framework, by, now), spec=spec)
    if not rows.counted:
        raise RuleError("no review that it asks for is read and coded: nothing can be counted")
    ids = [one.id for one in checked.tables]
    chosen = table if table in ids or not table else ids[0]
    profile = checked.disclosure.profile
    is_open = profile == "open"
    release = make_release(
        rows,
        _only(checked, chosen) if chosen and is_open else checked,
        file_of(framework),
        profile=profile,
        provenance=Provenance(0, now, "", __version__, framework.sha256),
        earlier=() if is_open else ledger_before(slug, rows.counted),
    )
    behind = index_behind(checked)
    return Preview(checked, release, chosen, len(rows.counted), (behind,) if behind else ())


def _only(spec: OverviewSpec, table: str) -> OverviewSpec:
    """A spec with one table, and those whose cells its lead or the panel names.

    Under open each table is counted by itself; under another profile all are protected together.
    """
    (one,) = (one for one in spec.tables if one.id == table)
    wanted = {table, *(found[1] for found in NAMED_CELL.finditer(one.intro))}
    if spec.predictive_value is not None:
        wanted.add(spec.predictive_value.factor.table)
    return spec.model_copy(
        update={
            "tables": tuple(one for one in spec.tables if one.id in wanted),
            "figures": tuple(one for one in spec.figures if one.table in wanted),
        }
    )


class _Kept:
    """The agreed layers read last, by what was asked and the last change that was recorded.

    Whoever types would else have all of it read again with every letter.
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
            while len(self._rows) > KEPT:
                self._rows.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()


kept_for_previews = _Kept()


def _rows_now(spec: OverviewSpec, framework: Framework, by: User, now: datetime) -> FrozenRows:
    asked = (spec.select.model_dump_json(), spec.as_at or now.date(), framework.pk, by.pk)
    name = (audit.head(), index_state().waiting, *asked)
    rows = kept_for_previews.get(name)
    if rows is None:
        rows = rows_to_freeze(spec, "", framework, by, now, answered(spec, by, now))
        kept_for_previews.put(name, rows)
    return rows
