"""Length of the memo of a coding or a report."""

from waymark.core.errors import RuleError

LONGEST_MEMO = 20_000
"""Characters."""


def check_memo(text: str) -> None:
    """Raise RuleError for a memo above LONGEST_MEMO."""
    if len(text) > LONGEST_MEMO:
        raise RuleError(f"a memo has {LONGEST_MEMO:,} characters at most: shorten it")
