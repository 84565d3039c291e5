"""Find out if a text suggests that a child is at risk now. Pure; at_risk.yaml has the words.

The answer only decides whether people see at once whom to call. It never stops a message.
"""

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from waymark.core import yaml_file

RULES = Path(__file__).resolve().parent / "at_risk.yaml"
_SENTENCE = re.compile(r"[.!?;\n]+")
_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
LONGEST = 50_000
"""Characters of a text that are read."""
NEGATION_REACH = 2
"""Words before a phrase in which a negation is looked for: "is not being hurt", "never was"."""


class _RulesFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    same: dict[str, str]
    always: tuple[str, ...]
    person: tuple[str, ...]
    harm: tuple[str, ...]
    danger: tuple[str, ...]
    not_before: tuple[str, ...]
    study: tuple[str, ...]


class _RiskRules:
    """The rules as patterns over words divided by one space."""

    def __init__(self, rules: _RulesFile) -> None:
        self.same = rules.same
        self.always = _any_of(rules.always)
        self.person = _any_of(rules.person)
        self.harm = _any_of((*rules.harm, *rules.danger))
        self.negation = _any_of(rules.not_before)
        self.study = _any_of(rules.study)

    def match(self, text: str) -> bool:
        """True if a sentence says that a child is at risk now."""
        sentence = " ".join(self.same.get(word, word) for word in _WORD.findall(text))
        if self._affirmed(self.always, sentence):
            return True
        if self.study.search(sentence) or not self.person.search(sentence):
            return False
        return self._affirmed(self.harm, sentence)

    def _affirmed(self, phrases: re.Pattern[str], sentence: str) -> bool:
        """True if a phrase occurs that is not negated.

        Example: "my son is not being hurt": "being hurt" has "not" right before it or in it.
        """
        for match in phrases.finditer(sentence):
            start = match.start()
            before = " ".join(sentence[max(0, start - 60) : start].split()[-NEGATION_REACH:])
            if not self.negation.search(before):
                return True
        return False


def may_be_at_risk(*texts: str) -> bool:
    """True if a sentence of the texts suggests that a child is at risk now."""
    rules = _rules()
    return any(
        rules.match(sentence)
        for text in texts
        for sentence in _SENTENCE.split(text[:LONGEST].casefold().replace("\u2019", "'"))
    )


@cache
def _rules() -> _RiskRules:
    content, _ = yaml_file.load_yaml(RULES.read_text("utf-8"), file=RULES.name)
    return _RiskRules(_RulesFile.model_validate(content))


def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Pattern of phrases: "a|b c" is "a c" or "b c"; "bruise*" is any word that begins so."""
    return re.compile("|".join(rf"(?<!\S){_phrase(phrase)}(?!\S)" for phrase in phrases))


def _phrase(phrase: str) -> str:
    return " ".join(_word(word) for word in phrase.split())


def _word(word: str) -> str:
    choices = [re.escape(choice).replace(r"\*", r"\S*") for choice in word.split("|")]
    return f"(?:{'|'.join(choices)})"
