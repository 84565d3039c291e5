"""Protection of any table of counts, on its own: the engine's front door. Pure.

For counts outside overviews, such as indicators and statistics of the library. A table is a system
of counts with the equations between them; `cube_system` makes one of a table with its margins. A
release of several tables, or after earlier ones, needs `suppressed_release` or `rounded_release`
instead: what one table prints can undo what another withholds.
"""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from types import MappingProxyType
from typing import Literal

from waymark.core.errors import RuleError
from waymark.core.tables import WITHHELD_MARK
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.engine.rounding import round_counts
from waymark.overview.disclosure.engine.suppress import suppress_counts

_SEAL = object()
PROFILES: dict[str, tuple[Literal["open", "withhold", "round"], int]] = {
    "open": ("open", 1),
    "k3": ("withhold", 3),
    "k5": ("withhold", 5),
    "r5": ("round", 5),
}
"""Name -> the method, and its threshold or base of rounding."""


def profile_of(name: str) -> tuple[Literal["open", "withhold", "round"], int]:
    """The method of a profile and its threshold or base. Raises RuleError for an unknown name."""
    if name not in PROFILES:
        raise RuleError(
            f"there is no disclosure profile {name}. Choose one of: {', '.join(PROFILES)}"
        )
    return PROFILES[name]


@dataclass(frozen=True, slots=True)
class ProtectedCounts:
    """The printable numbers of a table: only protect_counts() can make one (the seal).

    printed: number by key, None if it is withheld; latent counts are not in it. within: no number
    is further than this from the true count; 0 unless they are rounded.
    """

    profile: str
    printed: Mapping[str, int | None]
    within: int
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise RuleError("protected counts are made by protect_counts(), never by hand")

    def shown(self, key: str) -> str:
        """The text of one cell: the number, or the mark for withheld. Raises KeyError."""
        number = self.printed[key]
        return WITHHELD_MARK if number is None else str(number)


def protect_counts(table: CountSystem, profile: str) -> ProtectedCounts:
    """Protect one table under a profile; the result has passed the audit.

    Raises RuleError for an unknown profile, UnprotectableCount if no pattern or rounding is safe.

    2, 3, 9 and all 14 print as [c], [c], 9, 14 under k3: the 2 is small, and 3 is the cheapest
    number that keeps it from following as 14 - 3 - 9. Under r5 they print as multiples of 5 that
    still add up to 15; under open as they are.
    """
    method, k = profile_of(profile)
    printed: dict[str, int | None] = {
        count.key: count.value for count in table.counts if count.exposure != "latent"
    }
    within = 0
    if method == "withhold":
        # Only printed keys: a pattern may also name latent counts, which must not appear even as
        # [c].
        printed |= dict.fromkeys(suppress_counts(table, k, insiders=True).withheld & printed.keys())
    elif method == "round":
        rounding = round_counts(table, k)
        printed |= rounding.printed
        within = rounding.within
    return ProtectedCounts(profile, MappingProxyType(printed), within, _SEAL)
