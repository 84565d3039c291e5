"""Rule that turns coders' independent work into agreed values, for codes and judgements."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from waymark.core.errors import RuleError

Key = TypeVar("Key", bound=Hashable)
BasisName = Literal["sole", "both", "adjudicated"]


@dataclass(frozen=True, slots=True)
class AdjudicatorDecision:
    """Adjudicator's decision on a value where coders differ, with the reason."""

    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class SettledValue(Generic[Key]):
    """Agreed value and how it was reached."""

    key: Key
    value: str
    basis: BasisName
    reason: str = ""


def settle_values(
    work: Sequence[Mapping[Key, str]],
    decisions: Mapping[Key, AdjudicatorDecision],
    *,
    silent: str | None,
) -> list[SettledValue[Key]]:
    """Agreed values of one review, in the order in which the keys first appear.

    work: key -> value for each coder who finished, at least one. silent: value of a key that a
    coder left out ("absent" for codes); None if every coder must give one. The values of a single
    coder, and those on which several agree, are taken over; where coders differ or one gave no
    value, a decision is needed. Raises RuleError naming every key without a decision, without a
    value, or with a decision that is not needed.

    Example: coders {"a": "present", "b": "present"} and {"a": "present"}, silent="absent": a is
    agreed by both; b needs a decision between "present" and "absent".
    """
    if not work:
        raise RuleError("no coder has finished this review: finish its coding first")
    # dict.fromkeys removes duplicates and keeps the order of the first coder.
    keys = list(dict.fromkeys(key for coder_values in work for key in coder_values))
    settled: list[SettledValue[Key]] = []
    wrong: list[str] = []
    for key in keys:
        values = [coder_values.get(key, silent) for coder_values in work]
        if any(value is None for value in values) and key not in decisions:
            wrong.append(f"{key} was not coded by every coder")
        elif len(set(values)) == 1:
            # A decision that is not needed is an error: a coder may have changed the value since
            # the adjudicator wrote it.
            if key in decisions:
                wrong.append(f"{key} needs no decision: the coders agree")
            basis: BasisName = "sole" if len(work) == 1 else "both"
            settled.append(SettledValue(key, str(values[0]), basis))
        # The decision may be a value that neither coder gave: the adjudicator reads the passages
        # again.
        elif key in decisions:
            decided = decisions[key]
            settled.append(SettledValue(key, decided.value, "adjudicated", decided.reason))
        else:
            wrong.append(f"{key} needs a decision: the coders differ")
    wrong += [f"{key} has a decision, but nobody coded it" for key in decisions if key not in keys]
    if wrong:
        raise RuleError("; ".join(wrong))
    return settled
