"""Look up subjects by any of their names."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from waymark.library.language.analyser import runs_of
from waymark.library.language.languages import LANGUAGES, language_of_tag
from waymark.library.thesaurus.model import DRAFT, HIDDEN, PREFERRED, SubjectName, Thesaurus

WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[&+]")


class SubjectLexicon:
    """The names of the subjects in use, indexed by their words; retired subjects are not found."""

    def __init__(self, thesaurus: Thesaurus) -> None:
        self.language = thesaurus.scheme.language
        self._subjects = {
            key: subject for key, subject in thesaurus.subjects.items() if not subject.ended
        }
        self._keys: dict[tuple[str, ...], str] = {}
        self._runs: dict[tuple[str, ...], str] = {}
        self._notes: dict[tuple[str, ...], str] = {}
        for key, subject in self._subjects.items():
            # First come, first served: names in the thesaurus's own language win over others.
            for name in sorted(subject.names, key=lambda name: name.language != self.language):
                self._keys.setdefault(words_of_name(name.text), key)
                for run in runs_of(name.text, (language_of_tag(name.language),)):
                    self._runs.setdefault(run, key)
                    if name.note:
                        self._notes.setdefault(run, name.note)
        self._known = frozenset(term for run in self._runs for term in run)
        self.longest = max(map(len, self._keys), default=0)
        """Number of words of the longest name."""
        self._below: dict[str, list[str]] = defaultdict(list)
        for key, subject in self._subjects.items():
            for wider in subject.broader:
                self._below[wider].append(key)

    def key_of(self, name: str) -> str | None:
        """The key of the subject with this name, in any language and letter case."""
        return self._keys.get(words_of_name(name))

    def key_of_words(self, words: Sequence[str]) -> str | None:
        """The key of the subject that adjacent words name, as written or in inflected forms."""
        # runs_of() analyses hyphenated words as one run, as in the index.
        text = "-".join(words)
        runs = runs_of(text) if text else ()
        by_form = (self._runs[run] for run in runs if run in self._runs)
        return self.key_of(text) or next(by_form, None)

    def knows_word(self, word: str) -> bool:
        """True for a word, in any inflected form, that is part of a name in any language."""
        return any(self._known.issuperset(run) for run in runs_of(word))

    def note_on(self, words: Sequence[str]) -> str:
        """The note on the name that adjacent words make, in any inflected form; "" without one."""
        runs = runs_of("-".join(words)) if words else ()
        return next((self._notes[run] for run in runs if run in self._notes), "")

    def name(self, key: str) -> str:
        """The preferred name of a subject; the key if there is no such subject."""
        return self._subjects[key].name(self.language) if key in self._subjects else key

    def names_of(self, key: str, *, languages: Collection[str] = LANGUAGES) -> tuple[str, ...]:
        """The names of a subject and of all narrower ones, its own first, each once.

        Hidden names are left out; drafts are not, because texts in their language contain them.
        languages: of names, as analysis knows them.
        """
        names: dict[str, None] = {}
        for narrower in self._with_narrower(key):
            for name in sorted(self._subjects[narrower].names, key=self._rank):
                if name.kind != HIDDEN and language_of_tag(name.language) in languages:
                    names.setdefault(name.text)
        return tuple(names)

    def every_name(self, languages: Collection[str] = LANGUAGES) -> list[str]:
        """All names that may be offered to everybody, in these languages."""
        return [
            name.text
            for subject in self._subjects.values()
            for name in subject.names
            if name.kind not in (HIDDEN, DRAFT) and language_of_tag(name.language) in languages
        ]

    def _rank(self, name: SubjectName) -> tuple[bool, bool]:
        """Preferred names first, and within each kind those in the thesaurus's own language."""
        return name.kind != PREFERRED, name.language != self.language

    def _with_narrower(self, key: str) -> list[str]:
        """A subject and all narrower ones, breadth first."""
        order: dict[str, None] = {}
        pending = [key] if key in self._subjects else []
        while pending:
            current = pending.pop(0)
            if current not in order:
                order[current] = None
                pending.extend(sorted(self._below[current]))
        return list(order)


def words_of_name(text: str) -> tuple[str, ...]:
    """The words of a name as they are looked up: without case, hyphens and punctuation."""
    return tuple(word.replace("\u2019", "'") for word in WORDS.findall(text.casefold()))
