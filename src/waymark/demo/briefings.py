"""Briefings of the demo, whose source names passages by review and paragraph, as "R08 4.3.3"."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone

from waymark import pipeline
from waymark.accounts.models import User
from waymark.briefings import services
from waymark.briefings.models import BriefingUse
from waymark.briefings.queries.drafts import current_texts
from waymark.briefings.text.about import BriefingAbout
from waymark.core.errors import FileFault, SpecError
from waymark.core.wording import date_in_words
from waymark.core.yaml_file import load_yaml
from waymark.demo.labelled_passages import labelled_passages
from waymark.publishing.models import Manuscript, Publication, SigningCapacity
from waymark.publishing.queries import current_edition

KIND = "briefing"
FILE = "briefings.yaml"


@dataclass(frozen=True)
class BriefingWriters:
    """The two people who sign the briefings of the demo."""

    author: User
    editor: User


def write_briefings(place: Path, writers: BriefingWriters, overview: str) -> None:
    """Write, sign and publish the briefings that are not published yet. Raises SpecError."""
    values, _ = load_yaml((place / "services" / FILE).read_text("utf-8"), file=FILE)
    keys = _PassageKeys()
    for entry in values["briefings"]:
        if current_edition(entry["key"], KIND) is None:
            _publish_briefing(entry, keys, writers, overview)


def _publish_briefing(
    entry: Mapping[str, Any], keys: "_PassageKeys", writers: BriefingWriters, overview: str
) -> None:
    slug, now = entry["key"], timezone.now()
    manuscript = Manuscript.objects.filter(kind=KIND, slug=slug).first() or services.add_briefing(
        by=writers.author, kind=KIND, slug=slug, about=_about_of(entry, overview), now=now
    )
    current = current_texts(manuscript)
    for slot, text in _texts_of(entry, keys).items():
        services.save_briefing_text(
            by=writers.author,
            manuscript=manuscript,
            slot=slot,
            text=text,
            base=current[slot].number if slot in current else 0,
            now=now,
        )
    for person, capacity in (
        (writers.author, SigningCapacity.AUTHOR),
        (writers.editor, SigningCapacity.EDITOR),
    ):
        seen = pipeline.briefing_draft(manuscript, now).content.sha256
        pipeline.sign_briefing(
            by=person, manuscript=manuscript, capacity=capacity, seen=seen, now=now
        )
    edition = pipeline.publish_briefing(by=writers.editor, manuscript=manuscript, now=now)
    _record_uses(entry, edition, writers.editor)


def _about_of(entry: Mapping[str, Any], overview: str) -> BriefingAbout:
    selection, period = entry["selection"], entry["period"]
    return BriefingAbout(
        title=entry["title"],
        strapline=entry["strapline"],
        audience=entry["audience"],
        subjects=tuple(selection["subjects"]),
        query=" OR ".join(f"subject:{subject}" for subject in selection["subjects"]),
        rule=selection["rule"],
        reviews=tuple(selection["reviews"]),
        first=period["first"],
        last=period["last"],
        searched_on=entry["searched_on"],
        review_on=entry["review_on"],
        overview=overview,
    )


def _texts_of(entry: Mapping[str, Any], keys: "_PassageKeys") -> dict[str, str]:
    sections = entry["sections"]
    return {
        "why": "\n\n".join(keys.statements(sections["why_commissioned"])),
        "issues": keys.parts(sections["key_issues"]),
        "learning": keys.parts(sections["learning"]),
        "helped": _points(keys.statements(sections["what_helped"])),
        "questions": _points(entry["questions"]),
        "limits": _points(keys.statements(entry["limits"])),
        "references": _points(f"[@record:{key}]" for key in entry["references"]),
        "changes": _points(
            f"{date_in_words(change['on'])}: {change['what']}" for change in entry["changes"]
        ),
        "short": f"{keys.parts(entry['seven_minutes'])}\n\n{_points(entry['questions'])}",
    }


def _points(rows: Iterable[str]) -> str:
    return "\n".join(f"- {row}" for row in rows)


def _record_uses(entry: Mapping[str, Any], edition: Publication, editor: User) -> None:
    """Records of fictional teams, as they would send them, shown by a person."""
    if BriefingUse.objects.filter(manuscript=edition.manuscript).exists():
        return
    for row in entry.get("used_by", ()):
        used_on: date = row["used_on"]
        use = services.ReportedUse(team=row["team"], used_on=used_on, change=row["change"])
        record = services.take_use(by=None, publication=edition, use=use, now=timezone.now())
        services.decide_use(by=editor, use=record.pk, shown=True, now=timezone.now())


class _PassageKeys:
    """Citation keys by review and paragraph; each report is read once."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, str]] = {}

    def parts(self, parts: Iterable[Mapping[str, Any]]) -> str:
        """Headings, each with its statements as a list, or as paragraphs if there is one."""
        texts = []
        for part in parts:
            rows = list(self.statements(part["statements"]))
            texts.append(f"### {part['heading']}\n\n{_points(rows) if len(rows) > 1 else rows[0]}")
        return "\n\n".join(texts)

    def statements(self, statements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """Each statement with the keys of its passages, or marked as the author's own."""
        for row in statements:
            if row.get("own"):
                yield f"{row['text']} {{own}}"
            else:
                marks = "".join(f" [@{self._key(cite)}]" for cite in row["cites"])
                yield f"{row['text']}{marks}"

    def _key(self, cite: str) -> str:
        reference, _, label = cite.partition(" ")
        if reference not in self._keys:
            self._keys[reference] = labelled_passages(reference)
        if label not in self._keys[reference]:
            raise SpecError(FILE, [FileFault(0, f"{reference} has no paragraph {label}")])
        return self._keys[reference][label]
