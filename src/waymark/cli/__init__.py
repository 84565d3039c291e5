"""The waymark command: reads, calls one function, prints. See docs/commands.md.

Exit codes: 0 done, 1 done with refusals, 2 wrong use, 3 failed. With --json one JSON object goes to
stdout and nothing else; progress goes to stderr.
"""

from waymark.cli import accounts, catalogue, data, drafts, files, keeping, method, reports, site
from waymark.cli.common import main

__all__ = [
    "accounts",
    "catalogue",
    "data",
    "drafts",
    "files",
    "keeping",
    "main",
    "method",
    "reports",
    "site",
]
