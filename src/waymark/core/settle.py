"""From coders' independent work to one agreed layer: the rule, for codes and judgements alike."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from waymark.core.errors import RuleError

Key = TypeVar("Key", bound=Hashable)
BasisName = Literal["sole", "both", "adjudicated"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an adjudicator decided where coders differ, and why."""

    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settled(Generic[Key]):
    """One agreed value and how it was reached."""

    key: Key
    value: str
    basis: BasisName
    reason: str = ""


def settle(
    work: Sequence[Mapping[Key, str]], decisions: Mapping[Key, Decision], *, silent: str | None
) -> list[Settled[Key]]:
    """The agreed values of one review, in the order in which the keys first appear.

    work: one mapping of key to value per coder who finished, at least one. silent: the value that
    stands for a key a coder left out ("absent" for codes); None where every coder must have said.
    A sole coder's values stand. Where several agree, theirs stands. Where they differ, a decision
    is needed. Raises RuleError naming every key without a decision, without a value, or with a
    decision nobody needs.
    """
    if not work:
        raise RuleError("nobody has finished coding this review: a coder hands it in first")
    keys = list(dict.fromkeys(key for one in work for key in one))
    made: list[Settled[Key]] = []
    wrong: list[str] = []
    for key in keys:
        values = [one.get(key, silent) for one in work]
        if any(value is None for value in values):
            wrong.append(f"{key} was not judged by every coder")
        elif len(set(values)) == 1:
            if key in decisions:
                wrong.append(f"{key} needs no decision: the coders agree")
            basis: BasisName = "sole" if len(work) == 1 else "both"
            made.append(Settled(key, str(values[0]), basis))
        elif key in decisions:
            decided = decisions[key]
            made.append(Settled(key, decided.value, "adjudicated", decided.reason))
        else:
            wrong.append(f"{key} needs a decision: the coders differ")
    wrong += [f"{key} was decided but nobody coded it" for key in decisions if key not in keys]
    if wrong:
        raise RuleError("; ".join(wrong))
    return made
