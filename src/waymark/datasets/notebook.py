"""The tables as functions for notebooks and scripts.

Everything heavy is imported when it is first used, so that importing this module costs nothing.
"""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from waymark.core.errors import RuleError

if TYPE_CHECKING:
    from pandas import DataFrame


def open_data(folder: str | Path) -> None:
    """Open the data folder of an installation, for this process. Call it once, before anything.

    folder: the value of `waymark --data`.
    """
    import django

    os.environ["WAYMARK_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    # Notebooks run an event loop, and Django refuses queries inside one by default. They are safe
    # here, because nothing else waits for this process.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    _check_folder()


def check_opened() -> None:
    """Raise RuleError, with the remedy, if no data folder is open."""
    from django.apps import apps

    if not apps.ready:
        raise RuleError(
            "no library is open: call open_data() with the folder of an installation first, as in"
            ' api.open_data("my-library")'
        )


def _check_folder() -> None:
    """Raises RuleError if folder and database do not match, or if removals must be repeated.

    Also if there is no installation. Reading writes nothing, so a database that was restored from a
    backup is refused here until its removals have been repeated.
    """
    from django.conf import settings
    from django.db import connection

    from waymark.accounts import installation, removals

    file = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor == "sqlite" and not (file.is_file() and file.stat().st_size):
        raise RuleError(f"there is no installation in {settings.DATA}: open the folder of one")
    installation.check_folder(installation.FolderContents(known=1))
    if installation.is_bound() and removals.unseen_entries():
        raise RuleError(
            f"{installation.database_name()} is older than {removals.journal_file()}, so it shows "
            "withdrawn material: run waymark work --once first"
        )


def _records_frame(
    table: str, by: str, overview: str, framework: str, as_at: date | None
) -> "DataFrame":
    check_opened()
    from waymark.datasets import frames

    return frames.records_frame(
        table, by=by, overview=overview, framework=framework, as_at=as_at, now=datetime.now(UTC)
    )


def reviews(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each review, one column for each fact about reviews.

    by: the account whose view it is; "" for what everybody may see. overview: use its frozen rows
    instead of what is agreed now. framework: "name version"; by default, the one published last.
    The other tables have the same parameters. Raises NotFound for an unknown account, overview or
    framework, NotPermitted if the overview withholds its rows.
    """
    return _records_frame("reviews", by, overview, framework, None)


def children(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each child, one column for each fact about children.

    Ages are whole months; age_status gives the reason if one is missing.
    """
    return _records_frame("children", by, overview, framework, None)


def judgements(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each agreed value; its column "silence" tells what reports do not mention."""
    return _records_frame("judgements", by, overview, framework, None)


def judgement_quotes(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each passage of an open report that is evidence of a judgement, with its text."""
    return _records_frame("judgement_quotes", by, overview, framework, None)


def codings(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each passage of an open report with an agreed code, with its text.

    Columns qualifier.* contain the coders' other remarks on the passage; with overview they are
    "not_kept", because frozen rows have none.
    """
    return _records_frame("codings", by, overview, framework, None)


def review_codes(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each coded review and each code: found or not_found, which is not absence."""
    return _records_frame("review_codes", by, overview, framework, None)


def recommendations(
    *, by: str = "", overview: str = "", framework: str = "", as_at: date | None = None
) -> "DataFrame":
    """One row for each recommendation, with its last known status. as_at: day for overdue."""
    return _records_frame("recommendations", by, overview, framework, as_at)


def overview_table(slug: str, table: str, profile: str | None = None) -> "DataFrame":
    """One row for each cell of a table of the latest snapshot, under a disclosure profile.

    slug: as "demo"; table: as "T3"; profile: open, k3, k5 or r5; None for the one that the data
    controller decided on. Raises NotFound, and RuleError for an unknown profile, for one that
    protects less than the one decided on, before a decision, and if a source is not public: for
    these `waymark overview table` has an option whose use is recorded.
    """
    check_opened()
    from waymark.datasets import frames

    return frames.cells_frame(slug, table, profile, now=datetime.now(UTC))


def dictionary(*, framework: str = "") -> "DataFrame":
    """One row for each field of each table: type, unit, description and values."""
    check_opened()
    from waymark.datasets import frames

    return frames.dictionary_frame(framework=framework, now=datetime.now(UTC))
