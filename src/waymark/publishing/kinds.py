"""Rules of each kind of manuscript: who writes it, who must sign it and who publishes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from waymark.publishing.models import ManuscriptKind, SigningCapacity


@dataclass(frozen=True, slots=True)
class KindRules:
    """Permissions that a person needs. capacities: those in which each content must be signed."""

    write: str
    capacities: Mapping[SigningCapacity, str]
    publish: str


_OVERVIEW = KindRules(
    write="write overviews",
    capacities={
        SigningCapacity.ANALYST: "analyse",
        SigningCapacity.EDITOR: "publish overviews",
    },
    publish="publish overviews",
)
_BRIEFING = KindRules(
    write="write briefings",
    capacities={
        SigningCapacity.AUTHOR: "write briefings",
        SigningCapacity.EDITOR: "publish briefings",
    },
    publish="publish briefings",
)
_ANNUAL = KindRules(
    write="edit indicators",
    capacities={
        SigningCapacity.ANALYST: "edit indicators",
        SigningCapacity.EDITOR: "publish indicators",
    },
    publish="publish indicators",
)
# Nothing is published on the word of one person, so every kind has at least two capacities.
KIND_RULES: Mapping[str, KindRules] = {
    ManuscriptKind.OVERVIEW: _OVERVIEW,
    ManuscriptKind.BRIEFING: _BRIEFING,
    ManuscriptKind.GUIDE: _BRIEFING,
    ManuscriptKind.ANNUAL: _ANNUAL,
}
