"""Possible identifiers of people in reports, the answers to them, and the reports they block."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.documents.anonymity.file_names import words_of_file_name
from waymark.documents.anonymity.identifiers import KINDS, Identifier
from waymark.documents.anonymity.search import fold_words, may_name_person
from waymark.documents.models import (
    AnonymityVerdict,
    ListedWords,
    PossibleIdentifier,
    ReadingState,
    Report,
    ReportText,
    WordRule,
)
from waymark.documents.queries.anonymity import (
    IdentifierFinder,
    identifier_finder,
    identifiers_of_standing_text,
)
from waymark.documents.reading.values import METADATA, ReadReport

CLOSING = frozenset({AnonymityVerdict.KEPT, AnonymityVerdict.FALSE})
"""Verdicts after which a possible identifier no longer blocks publication."""
LONGEST_ANSWER = 500
LONGEST_WORDS = 200
MOST_PLACES = 200
ROWS = 500


@dataclass(frozen=True, slots=True)
class IdentifierChanges:
    """Numbers after a check: new, kept with their answers, and gone with the text."""

    new: int
    carried_over: int
    gone: int


# ---- looking ----


def find_in_reading(
    read: ReadReport, file_name: str, find: IdentifierFinder | None = None
) -> list[Identifier]:
    """Identifiers in a file that is being stored.

    find: by the words of this installation; with it the database is not asked.
    """
    parts = {
        "title": read.title,
        "header or footer": "\n".join({line.text: None for line in read.running_lines}),
        # An author in the properties is a question of its own already.
        "hidden text": "\n".join(place.text for place in read.hidden if place.kind != METADATA),
    }
    return _find(read.text, file_name, parts, find or identifier_finder())


def _find_in_report(report: Report) -> list[Identifier]:
    text = ReportText.objects.get(report=report)
    hidden = report.hidden_texts.exclude(kind=METADATA).values_list("words", flat=True)
    # The citation keys of an earlier text still lead to its words, and so does a page image.
    earlier = report.readings.filter(state=ReadingState.OLDER).values_list("content", flat=True)
    parts = {
        "title": report.title,
        "header or footer": "\n".join({line["text"]: None for line in text.running_lines}),
        "hidden text": "\n".join(hidden),
        "earlier text": "\n".join(earlier),
    }
    return _find(text.content, report.file_name, parts, identifier_finder())


def _find(
    text: str, file_name: str, parts: dict[str, str], find: IdentifierFinder
) -> list[Identifier]:
    """Identifiers in a text and in other parts of its file, by the name of the part."""
    return find(text, {"file name": words_of_file_name(file_name), **parts})


def _rows_of(report: Report, finds: Iterable[Identifier]) -> list[PossibleIdentifier]:
    """One row for all mentions of the same words."""
    mentions: dict[tuple[str, str], list[Identifier]] = defaultdict(list)
    for find in finds:
        mentions[find.kind, fold_words(find.words)[:LONGEST_WORDS]].append(find)
    return [
        PossibleIdentifier(
            report=report,
            kind=kind,
            words=same[0].words[:LONGEST_WORDS],
            folded=folded,
            source=same[0].source,
            reason=same[0].reason[:LONGEST_WORDS],
            count=sum(find.source == same[0].source for find in same),
            surroundings=sorted({find.surroundings for find in same}),
            places=[[find.start, find.end] for find in same if not find.source][:MOST_PLACES],
        )
        for (kind, folded), same in mentions.items()
    ]


def store_identifiers(*, report: Report, finds: Iterable[Identifier]) -> None:
    """Store the identifiers of a file that is being stored, in the caller's transaction."""
    PossibleIdentifier.objects.bulk_create(_rows_of(report, finds), batch_size=ROWS)


@audit.serialized
def refresh_identifiers(*, by: Actor, report: Report, now: datetime) -> IdentifierChanges:
    """Look for identifiers in the stored text again: after a new reading, or as it was never done.

    A possible identifier for the same kind and words keeps its answer if the words around them
    agree too: the answer for an author must not pass to a child of the same name. A possible
    identifier whose words are in none of the texts any more is removed, and its answer stays in the
    audit log. No state changes. Raises NotPermitted.
    """
    require_permission(by, "check anonymity")
    rows = _rows_of(report, _find_in_report(report))
    known = {(row.kind, row.folded): row for row in report.possible_identifiers.all()}
    unchanged = 0
    for row in rows:
        earlier = known.pop((row.kind, row.folded), None)
        if earlier is not None and _keeps_answer(earlier, row):
            unchanged += 1
            row.verdict, row.answer = earlier.verdict, earlier.answer
            row.answered_at, row.answered_by = earlier.answered_at, earlier.answered_by
    report.possible_identifiers.all().delete()
    PossibleIdentifier.objects.bulk_create(rows, batch_size=ROWS)
    Report.objects.filter(pk=report.pk).update(anonymity_checked_at=now)
    changes = IdentifierChanges(len(rows) - unchanged, unchanged, len(known))
    audit.record_about(by, "look for identifiers", report, now, new=changes.new, gone=changes.gone)
    return changes


def _keeps_answer(earlier: PossibleIdentifier, row: PossibleIdentifier) -> bool:
    # Without marks it was stored by an earlier version, which carried every answer. Words that had
    # to be masked block the report whoever they name.
    unmarked = earlier.surroundings is None
    masked = earlier.verdict == AnonymityVerdict.MASKED
    return not earlier.verdict or unmarked or masked or earlier.has_surroundings_of(row)


# ---- answering ----


@audit.serialized
def answer_identifiers(
    *,
    by: Actor,
    report: Report,
    identifiers: Collection[int],
    verdict: str,
    answer: str,
    now: datetime,
    in_future: bool = False,
    everywhere: bool = False,
    confirmed: bool = False,
) -> int:
    """Answer those of a report with these ids; returns how many, with those of other reports.

    A later answer replaces an earlier one. "masked" blocks the report until its file is replaced.
    in_future: these words are never an identifier here, so later reports raise no possible
    identifier for them; confirmed: as in list_words. everywhere: give the same answer, with its
    reason, to possible identifiers without one in other reports for the same words with the same
    words around them. Raises NotPermitted; RuleError without a reason or for possible identifiers
    that the report does not have.
    """
    require_permission(by, "check anonymity")
    answer = _checked_reason(answer)
    if verdict not in AnonymityVerdict.values:
        raise RuleError("choose whether the words may be published, must be masked or are harmless")
    if verdict not in CLOSING and (in_future or everywhere):
        raise RuleError(
            "words that must be masked cannot be left out of later checks or answered for other "
            "reports: each file must be replaced"
        )
    chosen = list(report.possible_identifiers.filter(pk__in=identifiers))
    if not chosen:
        raise RuleError("choose at least one possible identifier of this report: reload the page")
    same = identifiers_of_standing_text(chosen) if everywhere else {}
    for rows in ([*chosen], *same.values()):
        _answer_in_report(
            by, rows, verdict, answer, now, as_in="" if rows == chosen else report.key
        )
    if in_future:
        words = [identifier.words for identifier in chosen]
        _list_words(by, words, WordRule.NEVER, answer, now, confirmed=confirmed)
    return len(chosen) + sum(map(len, same.values()))


def _answer_in_report(
    by: Actor,
    identifiers: Sequence[PossibleIdentifier],
    verdict: str,
    answer: str,
    now: datetime,
    *,
    as_in: str,
) -> None:
    """Answer those of one report. as_in: key of the report where the answer was given, or ""."""
    PossibleIdentifier.objects.filter(pk__in=[identifier.pk for identifier in identifiers]).update(
        verdict=verdict,
        answer=answer,
        answered_at=now,
        answered_by=by if isinstance(by, User) else None,
    )
    detail: dict[str, object] = {"as_in": as_in} if as_in else {}
    # Without the words: the log is kept longer than a report may be.
    audit.record_about(
        by,
        "answer possible identifiers",
        identifiers[0].report,
        now,
        kinds=dict(Counter(identifier.kind for identifier in identifiers)),
        verdict=verdict,
        answer=answer,
        identifiers=len(identifiers),
        **detail,
    )


def _checked_reason(answer: str) -> str:
    answer = " ".join(answer.split())
    if not answer:
        raise RuleError("enter a reason: it is recorded with your name")
    if len(answer) > LONGEST_ANSWER:
        raise RuleError(f"the reason is longer than {LONGEST_ANSWER} characters: shorten it")
    return answer


# ---- the words of the installation ----


@audit.serialized
def list_words(
    *,
    by: Actor,
    words: Sequence[str],
    rule: str,
    now: datetime,
    reason: str = "",
    confirmed: bool = False,
) -> int:
    """List words as never, or always, an identifier; returns how many are new or changed.

    Words that are never one need a reason, and those that may be a person's name the confirmation
    that they are none here: no later report shows them to anyone. Reports already checked keep
    their possible identifiers. Raises NotPermitted; RuleError for an empty line, and without reason
    or confirmation; then none is listed.
    """
    require_permission(by, "check anonymity")
    if rule not in WordRule.values:
        raise RuleError("choose whether the words are never or always an identifier")
    reason = _checked_reason(reason) if rule == WordRule.NEVER else " ".join(reason.split())
    return _list_words(by, words, rule, reason, now, confirmed=confirmed)


def _list_words(
    by: Actor, words: Sequence[str], rule: str, reason: str, now: datetime, *, confirmed: bool
) -> int:
    names = [line for line in words if rule == WordRule.NEVER and may_name_person(line)]
    if names and not confirmed:
        raise RuleError(
            f"“{names[0]}” may be the name of a person, and later reports would not show it to "
            "anyone: confirm that it names no person, or leave it out"
        )
    changed = 0
    for line in words:
        folded = fold_words(line)
        if not folded or len(folded) > LONGEST_WORDS:
            raise RuleError(f"enter words of 1 to {LONGEST_WORDS} characters")
        row = ListedWords.objects.filter(folded=folded).first() or ListedWords(folded=folded)
        if row.pk is None or row.rule != rule:
            row.words, row.rule, row.added_at = " ".join(line.split()), rule, now
            row.reason = reason[:LONGEST_ANSWER]
            row.added_by = by if isinstance(by, User) else None
            row.save()
            _record_listing(by, "list words", row, now)
            changed += 1
    return changed


@audit.serialized
def unlist_words(*, by: Actor, words: str, now: datetime) -> None:
    """Take words off the list. Raises NotPermitted, RuleError if they are not on it."""
    require_permission(by, "check anonymity")
    row = ListedWords.objects.filter(folded=fold_words(words)).first()
    if row is None:
        raise RuleError(f"“{words}” is not on the list")
    _record_listing(by, "take words off the list", row, now)
    row.delete()


def _record_listing(by: Actor, action: str, row: ListedWords, now: datetime) -> None:
    # Without the words, which may be somebody's name, listed as "never" by mistake too: nobody can
    # erase the log.
    audit.record_about(by, action, row, now, rule=row.rule, reason=row.reason)


# ---- publication ----


def open_identifiers(report: Report) -> QuerySet[PossibleIdentifier]:
    """Those of a report that block its publication: unanswered, or to be masked."""
    return _open_identifiers_in(report.possible_identifiers.all())


def _open_identifiers_in(rows: QuerySet[PossibleIdentifier]) -> QuerySet[PossibleIdentifier]:
    return rows.exclude(verdict__in=CLOSING)


def reason_not_anonymous(report: Report) -> str:
    """Reason why they prevent publication, as the end of a sentence; "" if none does.

    It names kinds and numbers, never the words.
    """
    return reasons_not_anonymous([report]).get(report.pk, "")


def reasons_not_anonymous(reports: Collection[Report]) -> dict[int, str]:
    """The same of many, by primary key, in one query; without those that nothing holds back."""
    counts = _count_open_identifiers(reports)
    return {report: _reason_in_words(kinds) for report, kinds in counts.items()}


def _count_open_identifiers(reports: Collection[Report]) -> dict[int, Counter[tuple[str, str]]]:
    """Primary key of a report -> number of open possible identifiers by verdict and kind."""
    rows = _open_identifiers_in(PossibleIdentifier.objects.filter(report__in=reports))
    counts: defaultdict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for report, verdict, kind in rows.order_by().values_list("report", "verdict", "kind"):
        counts[report][verdict, kind] += 1
    return counts


def _reason_in_words(counts: Counter[tuple[str, str]]) -> str:
    sentences = {
        "": "may identify people, and nobody has decided on that",
        AnonymityVerdict.MASKED: "has words that must be masked in a new file",
    }
    parts = []
    for verdict, words in sentences.items():
        kinds = [
            f"{name[0].lower()}{name[1:]}, {counts[verdict, kind]}"
            for kind, name in KINDS.items()
            if counts[verdict, kind]
        ]
        if kinds:
            parts.append(f"{words} ({'; '.join(kinds)})")
    return ", and it ".join(parts)


def has_new_identifiers(report: Report, earlier: str) -> bool:
    """True if an open one is for words of the text that an earlier text of it has less often.

    Once more is new too: the author has an answer, and now a child of the same name is in it.
    """
    before, after = fold_words(earlier), fold_words(ReportText.objects.get(report=report).content)
    patterns = [
        re.compile(rf"(?<!\w){re.escape(identifier.folded)}(?!\w)")
        for identifier in open_identifiers(report)
        if identifier.places
    ]
    return any(len(words.findall(before)) < len(words.findall(after)) for words in patterns)


def open_questions(reports: Collection[Report]) -> dict[int, tuple[str, str]]:
    """Why the anonymity check prevents publication, and what to do, by primary key of a report."""
    counts = _count_open_identifiers(reports)
    questions = {report.pk: _question(report, counts.get(report.pk)) for report in reports}
    return {report: question for report, question in questions.items() if question is not None}


def _question(report: Report, counts: Counter[tuple[str, str]] | None) -> tuple[str, str] | None:
    if report.anonymity_checked_at is None:
        return (
            "was stored before Waymark looked for identifiers of people",
            f"run waymark reports check {report.key}, or check it at Workspace, Anonymity",
        )
    if counts:
        why = _reason_in_words(counts)
        if any(verdict == "" for verdict, _ in counts):
            command = f"waymark reports answer {report.key}"
            remedy = f"answer them at Workspace, Anonymity or with {command}, then publish"
            return why, remedy
        return why, "upload a copy without the words, then withdraw this report"
    return None
