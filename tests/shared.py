"""Where test material lies that is too large, or too real, to stand beside the tests."""

import os
from pathlib import Path

import pytest

FACTS = Path(__file__).resolve().parent / "facts"
"""Facts of invented reviews, small enough to come with the source."""
SHARED = Path(os.environ.get("WAYMARK_SHARED") or Path(__file__).resolve().parents[2] / "shared")

needs_shared = pytest.mark.skipif(
    not (SHARED / "data").is_dir(),
    reason="the shared test material (../shared/data, or $WAYMARK_SHARED) is not here",
)
