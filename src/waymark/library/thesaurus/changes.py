"""Replace a thesaurus by a newer one, and merge one subject into another (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class ThesaurusChange:
    """Keys of the subjects that are new, changed, retired, or in use again.

    left_out: statements of the file that are not kept, one line for each kind.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """True if any subject differs from before."""
        return bool(self.new or self.changed or self.ended or self.back)


def with_file_loaded(old: Thesaurus | None, new: Thesaurus) -> tuple[Thesaurus, ThesaurusChange]:
    """Return the thesaurus after a new one takes the place of an old one, and the change.

    A subject that the new one lacks is retired: it stays, without links to subjects in use.
    """
    # Keys never disappear: records and other libraries refer to them.
    before = old.subjects if old else {}
    after = dict(new.subjects)
    for key, subject in before.items():
        if key not in after:
            after[key] = replace(subject, ended=True, related=frozenset())
    # Old {a, b}, new {b, c}: a is retired, b is compared, c is new. Had b been retired before, it
    # would be "back", and not also "changed".
    common = [key for key in sorted(new.subjects) if key in before]
    return replace(new, subjects=after, tops=None), ThesaurusChange(
        new=tuple(sorted(set(new.subjects) - set(before))),
        changed=tuple(
            key
            for key in common
            if before[key] != after[key] and before[key].ended == after[key].ended
        ),
        ended=tuple(key for key in sorted(before) if after[key].ended and not before[key].ended),
        back=tuple(key for key in common if before[key].ended and not after[key].ended),
    )


def with_subject_merged(thesaurus: Thesaurus, key: str, into: str) -> Thesaurus:
    """Return the thesaurus with one subject merged into another, which takes its names and links.

    Its preferred names become alternative ones; the definition of the target stays as it is. The
    merged subject stays as a retired one that is replaced by the target.
    """
    subjects = {other.key: _pointed_at(other, key, into) for other in thesaurus.subjects.values()}
    source, target = subjects[key], subjects[into]
    subjects[into] = replace(
        target,
        names=tuple(sorted([*target.names, *_moved_names(source, target)])),
        # A target below the source would lose its only broader subject: it takes the source's.
        broader=target.broader - {key} or source.broader - {into},
        related=(target.related | source.related) - {key, into},
    )
    subjects[key] = replace(
        source, ended=True, broader=frozenset(), related=frozenset(), replaced_by=into
    )
    return replace(thesaurus, subjects=without_vertical_links(related_both_ways(subjects)))


def _pointed_at(subject: ThesaurusSubject, key: str, into: str) -> ThesaurusSubject:
    """The subject with its links to the merged one leading to the target instead."""
    if subject.key in (key, into):
        return subject
    return replace(
        subject,
        broader=_with_key_replaced(subject.broader, key, into),
        related=_with_key_replaced(subject.related, key, into),
        replaced_by=into if subject.ended and subject.replaced_by == key else subject.replaced_by,
    )


def _with_key_replaced(keys: frozenset[str], key: str, into: str) -> frozenset[str]:
    return keys - {key} | {into} if key in keys else keys


def _moved_names(source: ThesaurusSubject, target: ThesaurusSubject) -> list[SubjectName]:
    """The names of the source that the target lacks; preferred ones become alternative."""
    present = {(name.language, folded_name(name.text)) for name in target.names}
    return [
        replace(name, kind=ALTERNATIVE if name.kind == PREFERRED else name.kind)
        for name in source.names
        if (name.language, folded_name(name.text)) not in present
    ]


def without_vertical_links(
    subjects: Mapping[str, ThesaurusSubject],
) -> dict[str, ThesaurusSubject]:
    """Drop "related" between a subject and one above or below it, which SKOS S27 forbids.

    A merge can make such pairs: where A is related to B, and B is merged into C above A.
    """
    broader = {key: broader_keys(key, subjects) for key in subjects}
    return {
        key: replace(
            subject,
            related=frozenset(
                other
                for other in subject.related
                if other not in broader[key] and key not in broader[other]
            ),
        )
        for key, subject in subjects.items()
    }
