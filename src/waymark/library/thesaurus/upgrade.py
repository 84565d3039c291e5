"""Bring a thesaurus with edits of its own to a new edition of the built-in one (pure).

Three states are compared: the edition that the installation began with (base), what it has now
(current) and the new edition. What the installation changed itself stays; what it left as it was
follows the new edition.

    base    Neglect: "Child neglect"
    current Neglect: "Child neglect", "Self-neglect"     a cataloguer added a name
    new     Neglect: "Neglect of children"               the new edition replaces a name
    result  Neglect: "Neglect of children", "Self-neglect"
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from waymark.library.thesaurus.changes import ThesaurusChange, without_vertical_links
from waymark.library.thesaurus.model import (
    ALTERNATIVE,
    PREFERRED,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    broader_keys,
    folded_name,
    related_both_ways,
)

NameId = tuple[str, str]
"""Language and folded text of a name."""
TEXTS = ("definition", "scope_note", "history_note", "change_note")
SETS = ("broader", "related", "matches")


@dataclass(frozen=True, slots=True)
class ThesaurusUpgrade:
    """A thesaurus after an upgrade, and what a person should look at.

    own: a line for each place where the installation's own edit stayed and the new edition had
    something else. splits: key of a subject that the new edition divided -> keys of those that its
    names went to; records of the first may belong to one of these.
    """

    thesaurus: Thesaurus
    change: ThesaurusChange
    own: tuple[str, ...]
    splits: Mapping[str, frozenset[str]]


def upgraded(base: Thesaurus, current: Thesaurus, new: Thesaurus) -> ThesaurusUpgrade:
    """Return the current thesaurus brought to the new edition."""
    merge = _Merge(base, current, new)
    subjects = merge.subjects()
    details = {
        name.name: _newer(*(getattr(state.scheme, name.name) for state in (base, current, new)))
        for name in fields(new.scheme)
    }
    thesaurus = Thesaurus(
        replace(new.scheme, **(details | {"edition": new.scheme.edition})), subjects
    )
    before = current.subjects
    return ThesaurusUpgrade(
        thesaurus,
        ThesaurusChange(
            new=tuple(sorted(set(subjects) - set(before))),
            changed=tuple(
                sorted(
                    key
                    for key in before
                    if before[key] != subjects[key] and before[key].ended == subjects[key].ended
                )
            ),
            ended=tuple(
                sorted(key for key in before if subjects[key].ended and not before[key].ended)
            ),
        ),
        tuple(sorted(set(merge.own))),
        split_subjects(base, new),
    )


def split_subjects(base: Thesaurus, new: Thesaurus) -> dict[str, frozenset[str]]:
    """Key -> keys of the subjects that took over names of it in the new edition."""
    owners = {
        _name_id(name): subject.key
        for subject in new.subjects.values()
        if not subject.ended
        for name in subject.names
    }
    splits: dict[str, set[str]] = defaultdict(set)
    for subject in base.subjects.values():
        for name in subject.names:
            owner = owners.get(_name_id(name), subject.key)
            if owner != subject.key:
                splits[subject.key].add(owner)
    return {key: frozenset(others) for key, others in sorted(splits.items())}


def _newer(base: Any, current: Any, new: Any) -> Any:
    """What the installation has if it changed it, else what the new edition has."""
    return new if current == base else current


def _name_id(name: SubjectName) -> NameId:
    return name.language, folded_name(name.text)


@dataclass
class _Merge:
    base: Thesaurus
    current: Thesaurus
    new: Thesaurus
    own: list[str] = field(default_factory=list)

    def subjects(self) -> dict[str, ThesaurusSubject]:
        """All subjects after the upgrade, by key."""
        keys = [*self.current.subjects, *(set(self.new.subjects) - set(self.current.subjects))]
        merged = {key: self._merged(key) for key in sorted(keys)}
        return self._linked(self._with_single_owners(merged))

    def _merged(self, key: str) -> ThesaurusSubject:
        base, current, new = (
            state.subjects.get(key) for state in (self.base, self.current, self.new)
        )
        if current is None or new is None:
            # New here, or the installation's own. A subject of the base that the new edition
            # lacks stays too: nothing disappears by itself.
            subject = current or new
            if subject is None:
                raise KeyError(key)
            return subject
        if current.ended:
            if not new.ended and new != base:
                self.own.append(f"{key}: is retired here, and stays so")
            return current
        return self._merged_fields(base or ThesaurusSubject(key, ()), current, new)

    def _merged_fields(
        self, base: ThesaurusSubject, current: ThesaurusSubject, new: ThesaurusSubject
    ) -> ThesaurusSubject:
        values: dict[str, Any] = {}
        for name in TEXTS:
            states = [getattr(state, name) for state in (base, current, new)]
            values[name] = _newer(*states)
            if values[name] != states[2] and states[2] != states[0]:
                self.own.append(f"{current.key}: your {name.replace('_', ' ')} stays")
        for name in SETS:
            ours, theirs = getattr(current, name), getattr(new, name)
            gone = getattr(base, name) - theirs
            # What the installation took out does not come back.
            taken_out = getattr(base, name) - ours
            values[name] = (ours - gone) | (theirs - taken_out)
        return replace(current, names=self._merged_names(base, current, new), **values)

    def _merged_names(
        self, base: ThesaurusSubject, current: ThesaurusSubject, new: ThesaurusSubject
    ) -> tuple[SubjectName, ...]:
        states = [{_name_id(name): name for name in state.names} for state in (base, current, new)]
        names = {
            key: _newer(*(state.get(key) for state in states)) for key in {*states[1], *states[2]}
        }
        own = {
            key
            for key, name in states[1].items()
            if name.kind == PREFERRED and states[0].get(key) != name
        }
        renamed = [name for name in names.values() if name is not None]
        return tuple(sorted(self._one_preferred(current.key, renamed, own)))

    def _one_preferred(
        self, key: str, names: list[SubjectName], own: set[NameId]
    ) -> Iterable[SubjectName]:
        """The names with one preferred in each language: the installation's, if it chose one."""
        chosen = {
            name.language for name in names if name.kind == PREFERRED and _name_id(name) in own
        }
        for name in names:
            second = (
                name.kind == PREFERRED and name.language in chosen and _name_id(name) not in own
            )
            if second:
                self.own.append(f"{key}: your preferred name stays, beside “{name.text}”")
            yield replace(name, kind=ALTERNATIVE) if second else name

    # ---- names that two subjects would have ----

    def _with_single_owners(
        self, subjects: dict[str, ThesaurusSubject]
    ) -> dict[str, ThesaurusSubject]:
        """The subjects without names that lead to another: an own edit is stronger than the new
        edition, which leaves the name, or a whole new subject whose preferred name is taken."""
        owners: dict[NameId, list[str]] = defaultdict(list)
        for subject in subjects.values():
            if not subject.ended:
                for name in subject.names:
                    owners[_name_id(name)].append(subject.key)
        for name_id, keys in owners.items():
            if len(keys) > 1:
                stays = max(keys, key=lambda key: self._is_own(key, name_id))
                for key in keys:
                    if key != stays and key in subjects:
                        self._take_name(subjects, key, name_id, stays)
        return subjects

    def _is_own(self, key: str, name_id: NameId) -> bool:
        """True if the installation itself gave the subject this name."""
        subject = self.current.subjects.get(key)
        first = self.base.subjects.get(key)
        return name_id in _ids(subject) and name_id not in _ids(first)

    def _take_name(
        self, subjects: dict[str, ThesaurusSubject], key: str, name_id: NameId, owner: str
    ) -> None:
        subject = subjects[key]
        lost = next(name for name in subject.names if _name_id(name) == name_id)
        self.own.append(f"{key}: the name “{lost.text}” stays with your subject {owner}")
        if lost.kind == PREFERRED and lost.language == self.new.scheme.language:
            if key not in self.current.subjects:
                del subjects[key]
                return
            subjects[key] = self.current.subjects[key]
            return
        names = tuple(name for name in subject.names if name != lost)
        subjects[key] = replace(subject, names=names)

    # ---- links ----

    def _linked(self, subjects: dict[str, ThesaurusSubject]) -> dict[str, ThesaurusSubject]:
        """The subjects with links to subjects in use only, and without circles."""
        in_use = {key for key, subject in subjects.items() if not subject.ended}
        linked = {
            key: subject
            if subject.ended
            else replace(
                subject,
                broader=self._present(subject.broader, in_use, "broader") - {key},
                related=self._present(subject.related, in_use, "") - {key},
            )
            for key, subject in subjects.items()
        }
        for key in sorted(linked):
            if key in broader_keys(key, linked) and key in self.current.subjects:
                self.own.append(f"{key}: your broader subjects stay")
                linked[key] = replace(linked[key], broader=self.current.subjects[key].broader)
        return without_vertical_links(related_both_ways(linked))

    def _present(self, keys: Iterable[str], in_use: set[str], above: str) -> frozenset[str]:
        """The keys in use; instead of others what they are replaced by, or what is above them."""
        present: set[str] = set()
        pending, visited = list(keys), set[str]()
        while pending:
            key = pending.pop()
            if key in visited:
                continue
            visited.add(key)
            if key in in_use:
                present.add(key)
                continue
            subject = self.current.subjects.get(key) or self.new.subjects.get(key)
            if subject is not None:
                pending += [subject.replaced_by] if subject.replaced_by else []
                pending += list(getattr(subject, above)) if above else []
        return frozenset(present)


def _ids(subject: ThesaurusSubject | None) -> set[NameId]:
    return {_name_id(name) for name in subject.names} if subject else set()
