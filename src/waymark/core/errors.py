"""The whole exception tree.

    WaymarkError
        NotPermitted         the person does not have the role for this
        NotFound             not found, or not visible to this person
        RuleError            the request breaks a rule of the method or of the data
            UnprotectableCount   a count that stays exposed whatever is withheld
            TablesNotShown       tables that cannot be shown under a profile, each with the reason
            NoSingleCause        tables that are unsafe together, whichever of them is left out
            NotReady             a record that cannot be published yet, with every reason
            ConcurrentChange     someone else changed the record in the meantime
        ServiceUnavailable   a part of the service does not work at the moment
            SearchBeingBuilt     the search index is being built
            MissingExtra         a package that this installation does not have
            OriginalMissing      a stored file that is gone
            OriginalsUnavailable   the address where originals are does not answer
                OriginalsRefused       it refuses this installation, or is not there
        ParseError           text that cannot be parsed, with the position of the error
        SpecError            errors of a YAML file, each with its line
        FileRefused          a file that cannot be read: name, reason and remedy
            NotEnoughMemory      the file may be sound: the computer had no memory to read it

Every message is one line that a person can act on: what happened, where, what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class WaymarkError(Exception):
    """Root of all errors that the product raises on purpose."""


class NotPermitted(WaymarkError):
    """The person does not have the role for this."""


class NotFound(WaymarkError):
    """Not found, or not visible to this person (deliberately indistinguishable)."""


def require_found(value: T | None, message: str) -> T:
    """The value, such as the row of a query. Raises NotFound with the message for None."""
    if value is None:
        raise NotFound(message)
    return value


class RuleError(WaymarkError):
    """The request breaks a rule of the method or of the data."""


class UnprotectableCount(RuleError):
    """A count that stays exposed whatever is withheld, until its table is made coarser."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key} cannot be protected ({reason}): make its table coarser")
        self.key, self.reason = key, reason


class TablesNotShown(RuleError):
    """Tables, or blocks of them, that cannot be shown. reasons: id -> reason and remedy."""

    def __init__(self, message: str, reasons: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reasons = reasons


class NoSingleCause(RuleError):
    """Tables that together could be used to work out a small count; none alone is the cause."""


class ConcurrentChange(RuleError):
    """Someone else changed the record after the person opened it."""


@dataclass(frozen=True, slots=True)
class OpenReason:
    """Why a record cannot be published yet.

    kind: of the question, such as "hidden-text". key, name: of the record that it is about. reason:
    the end of a sentence about it. remedy: what to do, with the command that does it.
    """

    kind: str
    key: str
    name: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name} {self.reason}: {self.remedy}"


class NotReady(RuleError):
    """A record that cannot be published yet. reasons: all of them."""

    def __init__(self, reasons: Sequence[OpenReason]) -> None:
        super().__init__("; ".join(map(str, reasons)))
        self.reasons = tuple(reasons)


class ServiceUnavailable(WaymarkError):
    """A part of the service does not work. The message is for operators, not for visitors."""


class SearchBeingBuilt(ServiceUnavailable):
    """The search index is being built. done, total: records; seconds_left: an estimate."""

    def __init__(self, done: int, total: int, seconds_left: int) -> None:
        super().__init__(f"the search index is being built: {done} of {total} records are done")
        self.done, self.total, self.seconds_left = done, total, seconds_left


class MissingExtra(ServiceUnavailable):
    """A package of an extra is not installed. remedy: the command that installs it."""

    def __init__(self, package: str, extra: str) -> None:
        self.remedy = f"Install it with: pip install 'waymark[{extra}]'"
        super().__init__(f"this needs the package {package}, which is not installed. {self.remedy}")


class OriginalMissing(ServiceUnavailable):
    """The stored file of a report is not in the data folder, though nobody erased it."""

    def __init__(self, report: str, path: object) -> None:
        super().__init__(
            f"the original file of report {report} is missing: {path}. Run waymark doctor, and "
            "restore the file from a backup"
        )


class OriginalsUnavailable(ServiceUnavailable):
    """The address where originals are does not answer, or answers with other bytes."""


class OriginalsRefused(OriginalsUnavailable):
    """The address where originals are refuses this installation, or does not exist."""


class ParseError(WaymarkError):
    """Text that cannot be parsed. at: code point where parsing stopped, from 0."""

    def __init__(self, reason: str, *, text: str, at: int) -> None:
        super().__init__(f"{reason} at character {at + 1}: {text[at : at + 30]!r}")
        self.reason, self.text, self.at = reason, text, at


@dataclass(frozen=True, slots=True)
class FileFault:
    """Error in a file. line: counted from 1; 0 for the whole file."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class SpecError(WaymarkError):
    """Errors of one YAML file, sorted by line."""

    def __init__(self, file: str, faults: list[FileFault]) -> None:
        self.file, self.faults = file, sorted(faults, key=lambda fault: fault.line)
        super().__init__("; ".join(f"{file}, {fault}" for fault in self.faults))


class FileRefused(WaymarkError):
    """A file that cannot be read. reason: what is wrong; remedy: what a person can do."""

    def __init__(self, file: str, reason: str, remedy: str) -> None:
        super().__init__(f"{file}: {reason}. {remedy}")
        self.file, self.reason, self.remedy = file, reason, remedy


class NotEnoughMemory(FileRefused):
    """A file that may be sound: the computer had too little free memory to read it."""

    def __init__(self, file: str, reason: str) -> None:
        remedy = (
            "The file may be sound: close other programs or use a computer with more free memory, "
            "then upload it again"
        )
        super().__init__(file, reason, remedy)
