"""Services of overviews: the only writers of their tables."""

from waymark.overview.services.overviews import (
    create_overview,
    decide_disclosure,
    freeze_overview,
    revise_overview,
)
from waymark.overview.services.prepared_releases import (
    drop_prepared,
    prepare_release,
)
from waymark.overview.services.table_checks import (
    ask_check,
    finish_check,
    lease_check,
    note_round,
    return_check,
)

__all__ = [
    "ask_check",
    "create_overview",
    "decide_disclosure",
    "drop_prepared",
    "finish_check",
    "freeze_overview",
    "lease_check",
    "note_round",
    "prepare_release",
    "return_check",
    "revise_overview",
]
