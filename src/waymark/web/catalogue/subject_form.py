"""The form of one subject of the thesaurus."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError

from waymark.library.queries import thesaurus as queries
from waymark.library.thesaurus import (
    ALTERNATIVE,
    DRAFT,
    HIDDEN,
    KEY,
    MATCH_KINDS,
    PREFERRED,
    SubjectMatch,
    SubjectName,
    ThesaurusSubject,
)
from waymark.web.library.subjects import LANGUAGES
from waymark.web.shared.fields import (
    CheckField,
    HiddenField,
    LinesField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm

# "unig @cy | a note": a name, its language and what is shown to people who search by it.
LINE = re.compile(
    r"(?P<text>[^|]+?)\s*(?:@(?P<code>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})?)\s*)?"
    r"(?:\|\s*(?P<note>.*))?"
)
MATCH = re.compile(rf"(?P<kind>{'|'.join(MATCH_KINDS)})\s+(?P<address>\S+)")


class SubjectForm(SiteForm):
    """A subject of the thesaurus. old: the one that is changed, None for a new one."""

    seen = HiddenField()
    key = TextField(
        "Key",
        missing="Enter a key.",
        hint="Small letters, digits and hyphens, such as home-conditions. It never changes.",
        most=80,
    )
    preferred = TextField(
        "Preferred name",
        missing="Enter the name that is shown.",
        hint="In English, as people say it now.",
        most=120,
    )
    preferred_cy = TextField("Preferred name in Welsh", most=120)
    preferred_ga = TextField("Preferred name in Irish", most=120)
    alternative = LinesField(
        "Other names",
        hint="One on each line: synonyms, abbreviations. For another language put @cy or @ga after "
        "the name. After a | you can write a note: people who search by the name see it.",
    )
    hidden = LinesField(
        "Hidden names",
        hint="One on each line: misspellings and old words. Searches use them; they are never "
        "shown. After a | you can write a note: people who search by the word see it.",
    )
    draft = LinesField(
        "Draft names",
        hint="One on each line, with @cy or @ga: names that no translator has checked. Searches "
        "use them; only staff see them. Move a checked one to the preferred or other names.",
    )
    definition = TextAreaField("Definition", rows=3)
    scope_note = TextAreaField("How to use it", rows=2)
    history_note = TextAreaField("History", hint="Earlier names and meanings, with dates.", rows=2)
    change_note = TextAreaField("Changes in this thesaurus", rows=2)
    matches = LinesField(
        "Matches in other lists",
        rows=2,
        hint="One on each line: exact, close, broad, narrow or related, then an address, such as "
        "close urn:waymark:framework:cr-core:prac.neglect.",
    )
    broader = LinesField("Broader subjects", rows=2, hint="One on each line, by name or key.")
    top = CheckField("It is a top subject, without a broader one")
    related = LinesField(
        "Related subjects",
        rows=3,
        hint="One on each line, by name or key. No broader or narrower subjects.",
    )
    groups = (
        (
            "Names",
            (
                *("key", "preferred", "preferred_cy", "preferred_ga"),
                *("alternative", "hidden", "draft"),
            ),
        ),
        (
            "Meaning and place",
            (
                *("definition", "scope_note", "history_note", "change_note"),
                *("broader", "top", "related", "matches"),
            ),
        ),
    )

    def __init__(self, old: ThesaurusSubject | None = None, **options: Any) -> None:
        initial = {"seen": queries.thesaurus_version(), **(_initial_values(old) if old else {})}
        super().__init__(initial=initial, **options)
        self.old = old
        if old:
            del self.fields["key"]

    def clean_key(self) -> str:
        """A key that addresses and files can contain."""
        key: str = self.cleaned_data["key"]
        if not KEY.fullmatch(key) or key != key.lower():
            raise ValidationError("Use small letters, digits and hyphens.")
        return key

    def clean_broader(self) -> frozenset[str]:
        """Keys of the broader subjects."""
        return self._keys("broader")

    def clean_related(self) -> frozenset[str]:
        """Keys of the related subjects."""
        return self._keys("related")

    def clean_matches(self) -> frozenset[SubjectMatch]:
        """Concepts of other lists."""
        matches = {line: MATCH.fullmatch(line) for line in self.cleaned_data["matches"]}
        if wrong := [line for line, match in matches.items() if match is None]:
            raise ValidationError(
                f"Begin “{wrong[0][:60]}” with exact, close, broad, narrow or related."
            )
        return frozenset(SubjectMatch(**match.groupdict()) for match in matches.values() if match)

    def _keys(self, field: str) -> frozenset[str]:
        keys = {line: key_of_subject(line) for line in self.cleaned_data[field]}
        if unknown := [line for line, key in keys.items() if key is None]:
            raise ValidationError(f"There is no subject “{unknown[0][:60]}”.")
        return frozenset(key for key in keys.values() if key)

    def clean(self) -> dict[str, Any]:
        """A subject has either a broader one or its place at the top."""
        values = self.cleaned_data
        if "broader" in values and bool(values["broader"]) == values["top"]:
            self.add_error("broader", "Enter a broader subject, or tick that it is a top subject.")
        return values

    @property
    def subject(self) -> ThesaurusSubject:
        """The subject of a valid form."""
        values = self.cleaned_data
        preferred = {
            "en": values["preferred"],
            "cy": values["preferred_cy"],
            "ga": values["preferred_ga"],
        }
        names = {
            _with_old_note(SubjectName(PREFERRED, code, text), self.old)
            for code, text in preferred.items()
            if text
        }
        # Preferred names in languages that the form has no field for stay as they are.
        if self.old is not None:
            names |= {
                name
                for name in self.old.names
                if name.kind == PREFERRED and name.language not in LANGUAGES
            }
        for kind in (ALTERNATIVE, HIDDEN, DRAFT):
            names |= _names_of_kind(kind, values[kind])
        return ThesaurusSubject(
            key=self.old.key if self.old else values["key"],
            names=tuple(sorted(names)),
            definition=values["definition"],
            scope_note=values["scope_note"],
            history_note=values["history_note"],
            change_note=values["change_note"],
            broader=values["broader"],
            related=values["related"],
            matches=values["matches"],
        )


def _initial_values(subject: ThesaurusSubject) -> dict[str, Any]:
    known = queries.current_thesaurus().subjects

    def names(kind: str) -> tuple[str, ...]:
        return tuple(
            name.text
            + (f" @{name.language}" if name.language != "en" else "")
            + (f" | {name.note}" if name.note else "")
            for name in subject.names
            if name.kind == kind
        )

    def names_of(keys: frozenset[str]) -> tuple[str, ...]:
        return tuple(sorted(known[key].name("en") for key in keys))

    preferred = {name.language: name.text for name in subject.names if name.kind == PREFERRED}
    return {
        "preferred": preferred.get("en", ""),
        "preferred_cy": preferred.get("cy", ""),
        "preferred_ga": preferred.get("ga", ""),
        "alternative": names(ALTERNATIVE),
        "hidden": names(HIDDEN),
        "draft": names(DRAFT),
        "definition": subject.definition,
        "scope_note": subject.scope_note,
        "history_note": subject.history_note,
        "change_note": subject.change_note,
        "matches": tuple(f"{match.kind} {match.address}" for match in sorted(subject.matches)),
        "broader": names_of(subject.broader),
        "top": not subject.broader,
        "related": names_of(subject.related),
    }


def _names_of_kind(kind: str, lines: Iterable[str]) -> set[SubjectName]:
    """Names of a kind; English where no language code follows."""
    matches = [match for line in lines if (match := LINE.fullmatch(line))]
    return {
        SubjectName(kind, (match["code"] or "en").lower(), match["text"], match["note"] or "")
        for match in matches
    }


def _with_old_note(name: SubjectName, old: ThesaurusSubject | None) -> SubjectName:
    """The name with the note that it had; preferred names have no place for one in the form."""
    return next(
        (same for same in (old.names if old else ()) if replace(same, note="") == name),
        name,
    )


def key_of_subject(name: str) -> str | None:
    """The key of the subject with this name or key."""
    return (
        name
        if name in queries.current_thesaurus().subjects
        else queries.subject_lexicon().key_of(name)
    )
