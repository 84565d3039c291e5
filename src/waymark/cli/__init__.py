"""The waymark command: each command reads its input, calls one function and prints the result.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 failed, 130 interrupted. With --json, stdout
has one JSON value and nothing else; progress goes to stderr. See docs/commands.md.
"""

from waymark.cli import (
    accounts,
    agreement,
    alerts,
    briefings,
    catalogue,
    coding_exchange,
    data,
    desk,
    drafts,
    files,
    indicators,
    keeping,
    mail,
    method,
    overviews,
    readings,
    recommendations,
    references,
    report_checks,
    reports,
    scanned_pages,
    site,
    subscribers,
    topics,
    training,
)
from waymark.cli.common import main

__all__ = [
    "accounts",
    "agreement",
    "alerts",
    "briefings",
    "catalogue",
    "coding_exchange",
    "data",
    "desk",
    "drafts",
    "files",
    "indicators",
    "keeping",
    "mail",
    "main",
    "method",
    "overviews",
    "readings",
    "recommendations",
    "references",
    "report_checks",
    "reports",
    "scanned_pages",
    "site",
    "subscribers",
    "topics",
    "training",
]
