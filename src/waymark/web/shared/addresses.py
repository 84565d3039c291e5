"""Addresses that a page has by the hundred: reverse() for each takes longer than all else."""

from functools import cache

from django.urls import reverse


def passage_address(key: str) -> str:
    """Address of a passage by its citation key, which has no character that must be quoted."""
    before, after = _address_parts("passage")
    return f"{before}{key}{after}"


@cache
def _address_parts(name: str) -> tuple[str, str]:
    before, after = reverse(name, args=["0"]).split("0")
    return before, after
