"""Criteria of the Weekly alert and the checklist of its approval: data, read once. Pure."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from waymark.core.utf8 import read_utf8
from waymark.core.yaml_file import read_yaml

BUILTIN = Path(__file__).parent / "builtin" / "criteria.yaml"
DUPLICATE = "duplicate"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(_Part):
    """A reason to choose a candidate, or not to."""

    key: str
    name: str
    meaning: str


class CheckItem(_Part):
    """Something that a person confirms before an issue is approved."""

    key: str
    name: str


class AlertCriteria(_Part):
    """All criteria, in the order in which they are shown."""

    format: Literal["waymark-alert-criteria 1"]
    choose: tuple[Criterion, ...]
    leave: tuple[Criterion, ...]
    checklist: tuple[CheckItem, ...]

    def name_of(self, key: str) -> str:
        """The name of a criterion; of one that was removed since, its key."""
        return next((row.name for row in (*self.choose, *self.leave) if row.key == key), key)


@cache
def alert_criteria() -> AlertCriteria:
    """The criteria in force."""
    criteria, _ = read_yaml(read_utf8(BUILTIN), AlertCriteria, file=BUILTIN.name)
    return criteria
