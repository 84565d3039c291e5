"""The whole exception tree.

    WaymarkError
        NotPermitted     the person may not do this
        NotFound         there is no such thing, or the person may not see it
        RuleError        a rule of the method or of the data would be broken
            Unprotectable    a count that would stay exposed whatever is withheld
            NotShown         tables that cannot be shown under a profile, each with the reason
            Overtaken        somebody else changed it since the person saw it
        Unavailable      a part of the service cannot answer now
        ParseError       text that does not say what it should; knows where it stopped
        SpecError        one or more faults of a YAML file, each with its line
        Refused          a file that cannot be taken in: what, why, and what to do

Every message is one line a person can act on: what happened, where, what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass


class WaymarkError(Exception):
    """The root: anything the product itself has to say about what went wrong."""


class NotPermitted(WaymarkError):
    """The person may not do this."""


class NotFound(WaymarkError):
    """There is no such thing, or the person may not see it: the two are told alike."""


class RuleError(WaymarkError):
    """A rule of the method or of the data would be broken."""


class Unprotectable(RuleError):
    """A count that would stay exposed whatever is withheld: its table must be made coarser."""

    def __init__(self, key: str, found: str) -> None:
        super().__init__(f"{key} cannot be protected ({found}): make its table coarser")
        self.key = key


class NotShown(RuleError):
    """Tables, or blocks of them, that cannot be shown. reasons: id -> why, and what to do."""

    def __init__(self, said: str, reasons: Mapping[str, str]) -> None:
        super().__init__(said)
        self.reasons = reasons


class Overtaken(RuleError):
    """Somebody else changed a thing since the person who would change it saw it."""


class Unavailable(WaymarkError):
    """A part of the service cannot answer now. The message is for operators, not for visitors."""


class ParseError(WaymarkError):
    """Text that does not say what it should; at: the code point where reading stopped."""

    def __init__(self, reason: str, *, text: str, at: int) -> None:
        super().__init__(f"{reason} at character {at + 1}: {text[at : at + 30]!r}")
        self.reason, self.text, self.at = reason, text, at


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file: line counted from 1 (0 where the whole file is meant)."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class SpecError(WaymarkError):
    """The faults of one YAML file, in the order of their lines."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file, self.faults = file, sorted(faults, key=lambda fault: fault.line)
        super().__init__("; ".join(f"{file}, {fault}" for fault in self.faults))


class Refused(WaymarkError):
    """A file that cannot be taken in. reason: what is wrong; remedy: what a person can do."""

    def __init__(self, file: str, reason: str, remedy: str) -> None:
        super().__init__(f"{file}: {reason}. {remedy}")
        self.file, self.reason, self.remedy = file, reason, remedy
