"""Passages that no work may cite, because an overview protects a number about their review."""

from collections.abc import Mapping

from waymark.core.errors import RuleError
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import counted_reviews, decided_profile
from waymark.publishing.document.citations import CitedPassage
from waymark.publishing.queries.editions import next_release
from waymark.publishing.queries.protected import protecting_snapshots
from waymark.publishing.queries.side_doors import side_doors


def protected_passages(passages: Mapping[str, CitedPassage]) -> dict[str, str]:
    """Those whose words carry a fact that a table may withhold, each with the reason.

    Example: a table withholds 3 of 24 reviews with neglect; a briefing that quotes a passage about
    neglect names one of the 3.
    """
    refused: dict[str, str] = {}
    if not passages:
        return refused
    for slug, snapshot in protecting_snapshots():
        counted = counted_reviews(snapshot)
        keys = [key for key, passage in passages.items() if passage.review in counted]
        if keys:
            reasons = _reasons(snapshot, keys)
            refused |= {key: f"{reason} (overview {slug})" for key, reason in reasons.items()}
    return refused


def _reasons(snapshot: Snapshot, keys: list[str]) -> dict[str, str]:
    profile = getattr(snapshot, "profile", None)
    try:
        chosen = profile if profile and profile != "open" else decided_profile(snapshot)
        return side_doors(snapshot, next_release(snapshot, chosen), keys)
    except RuleError as error:
        return {key: f"the passage {key} cannot be checked: {error}" for key in keys}
