"""The tables as one asks for them in a notebook or a script.

Everything heavy is loaded when it is first asked for, so that importing this costs nothing.
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

    folder: what `waymark --data` takes. Notebooks run an event loop, beside which Django would
    not ask its database: it is told that nobody else waits for this process.
    """
    import django

    os.environ["WAYMARK_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    _check_folder()


def _check_folder() -> None:
    """Raises RuleError where folder and database differ, or where removals wait to be repeated.

    Also where there is no installation. Nothing is written by reading, so a database that was put
    back from a copy is refused here.
    """
    from django.conf import settings
    from django.db import connection

    from waymark.accounts import installation, removals

    file = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor == "sqlite" and not (file.is_file() and file.stat().st_size):
        raise RuleError(f"there is no installation in {settings.DATA}: open the folder of one")
    installation.check(installation.FolderContents(known=1))
    if installation.is_bound() and removals.unseen():
        raise RuleError(
            f"{installation.database_name()} is older than {removals.journal_file()}, so it shows "
            "what was withdrawn: run waymark work --once first"
        )


def _records(table: str, by: str, overview: str, framework: str, as_at: date | None) -> "DataFrame":
    from waymark.datasets import frames

    return frames.records(
        table, by=by, overview=overview, framework=framework, as_at=as_at, now=datetime.now(UTC)
    )


def reviews(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each review, one column for each fact that is judged of reviews.

    by: the account whose view it is; "" for what everybody may see. overview: its frozen rows in
    place of what is agreed now. framework: "name version"; the one published last where it is "".
    The same holds for the other tables. Raises NotFound for an account, overview or framework
    there is not, NotPermitted where the overview withholds its rows.
    """
    return _records("reviews", by, overview, framework, None)


def children(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each child, one column for each fact that is judged of children.

    Ages are whole months; age_status says why one is not there.
    """
    return _records("children", by, overview, framework, None)


def judgements(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each agreed value of a review or a child. silence: the report does not tell."""
    return _records("judgements", by, overview, framework, None)


def judgement_quotes(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each place in an open report that carries a judgement, with its words."""
    return _records("judgement_quotes", by, overview, framework, None)


def codings(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each place in an open report that bears a code as agreed, with its words.

    Columns qualifier.* say what else coders said of the place; with overview they are "not_kept",
    since frozen rows hold none.
    """
    return _records("codings", by, overview, framework, None)


def review_codes(*, by: str = "", overview: str = "", framework: str = "") -> "DataFrame":
    """One row for each coded review and each code: found or not_found, which is not absence."""
    return _records("review_codes", by, overview, framework, None)


def recommendations(
    *, by: str = "", overview: str = "", framework: str = "", as_at: date | None = None
) -> "DataFrame":
    """One row for each recommendation, with what was last told. as_at: overdue on that day."""
    return _records("recommendations", by, overview, framework, as_at)


def overview_table(slug: str, table: str, profile: str | None = None) -> "DataFrame":
    """One row for each cell of a table of the latest snapshot, under a disclosure profile.

    slug: as "demo"; table: as "T3"; profile: open, k3, k5 or r5; None for the one that the data
    controller decided on. Raises NotFound, and RuleError for a profile there is not, for one that
    protects less than the one decided on, before a decision, and where a source is not public:
    for these `waymark overview table` has an option that is recorded.
    """
    from waymark.datasets import frames

    return frames.cells(slug, table, profile, now=datetime.now(UTC))


def dictionary(*, framework: str = "") -> "DataFrame":
    """One row for each field of each table: type, unit, what it says, and its values."""
    from waymark.datasets import frames

    return frames.dictionary(framework=framework, now=datetime.now(UTC))
