"""The agreed layer -> frozen overview."""

from datetime import datetime

from waymark.accounts.models import User
from waymark.core.errors import NotFound
from waymark.overview import services as overview
from waymark.overview.models import Snapshot
from waymark.overview.queries import overview_for
from waymark.overview.spec import read_overview


def freeze_overview(*, by: User, spec: str, file: str, now: datetime) -> Snapshot:
    """Freeze an overview as its YAML asks for it: made or changed where needed.

    Raises NotPermitted, SpecError with the lines of all faults, RuleError.
    """
    read, _ = read_overview(spec, file=file)
    try:
        there = overview_for(read.overview)
    except NotFound:
        there = overview.create_overview(by=by, spec=spec, file=file, now=now)
    if there.spec != spec:
        there = overview.revise_overview(by=by, overview=there, spec=spec, file=file, now=now)
    return overview.freeze(by=by, overview=there, now=now)
