"""Where the shared test material lies, and the mark for tests that need it."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("WAYMARK_SHARED") or Path(__file__).resolve().parents[2] / "shared")

needs_shared = pytest.mark.skipif(
    not (SHARED / "fixture" / "fixture.json").exists(),
    reason="the shared test material (../shared, or $WAYMARK_SHARED) is not here",
)
