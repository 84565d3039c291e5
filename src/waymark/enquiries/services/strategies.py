"""Strategy of a literature search: sources, lines, and the runs of each line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.core.uk_time import uk_date
from waymark.enquiries.models import LineRun, LiteratureSearch, SearchLine, SearchSource
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.queries.library_runs import run_query
from waymark.enquiries.queries.searches import mark_of_lines
from waymark.enquiries.search_strategy import LONGEST_LINE, MOST_LINES, expanded, renumbered
from waymark.enquiries.services.searches import lock_search

MOST_SOURCES = 20
MOST_HITS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line as it was typed, "" for an empty one.

    hits: None where none were entered: a run from before stays. Of our library always None.
    """

    text: str
    hits: int | None = None


@audit.serialized
def add_source(
    *, by: Actor, search: LiteratureSearch, name: str, platform: str, now: datetime
) -> SearchSource:
    """Add a database to a search, after the others. Raises RuleError."""
    current = lock_search(by, search)
    if not name.strip():
        raise RuleError("enter the name of the database")
    known = current.sources.all()
    if len(known) >= MOST_SOURCES:
        raise RuleError(f"a search has at most {MOST_SOURCES} sources")
    typed_source = (name.strip().casefold(), platform.strip().casefold())
    if typed_source in {(row.name.casefold(), row.platform.casefold()) for row in known}:
        raise RuleError(f"{name.strip()} is a source of this search already")
    last = known.aggregate(last=Max("number"))["last"] or 0
    source = SearchSource.objects.create(
        search=current, number=last + 1, name=name.strip()[:120], platform=platform.strip()[:120]
    )
    audit.record_about(by, "add source to literature search", current, now, source=source.name)
    return source


@audit.serialized
def remove_source(*, by: Actor, source: SearchSource, now: datetime) -> None:
    """Remove a source that was never run. Raises RuleError."""
    require_permission(by, HANDLE)
    current = lock_search(by, source.search)
    if source.is_library:
        raise RuleError("our library is in every search: leave its strategy empty")
    if LineRun.objects.filter(line__source=source).exists():
        raise RuleError("this source was searched: what was found there is part of the record")
    audit.record_about(by, "remove source of literature search", current, now, source=source.name)
    source.delete()


@audit.serialized
def save_lines(
    *,
    by: Actor,
    source: SearchSource,
    lines: Sequence[TypedLine],
    on: date,
    now: datetime,
    seen: str | None = None,
) -> None:
    """Store the lines of a source in their order, with the hits that were entered.

    An empty line is left out: those after it move up with their runs, and "#4" becomes "#3". A
    changed line is superseded, and its runs stay with it. on: day on which hits were found. seen:
    StrategySource.mark that the person changed. Raises RuleError, and ConcurrentChange if somebody
    saved other lines since.
    """
    require_permission(by, HANDLE)
    current = lock_search(by, source.search)
    stored = {line.number: line for line in source.lines.filter(superseded_at=None)}
    if seen is not None and seen != mark_of_lines(stored.values()):
        raise ConcurrentChange(
            "someone else changed this strategy while you were editing: your lines were not saved"
        )
    typed = {number: line.text.strip() for number, line in enumerate(lines, start=1)}
    texts = renumbered(typed)
    _check_lines([*texts.values()], lines, source, on, now)
    for number in stored.keys() - texts.keys():
        _supersede(stored[number], now)
    # A line moves up at most, to a number that was free or has moved before it.
    for number, (place, text) in enumerate(texts.items(), start=1):
        line = stored.get(place)
        if line is not None and line.text == typed[place]:
            line.number, line.text = number, text
            line.save(update_fields=["number", "text"])
        else:
            _supersede(line, now)
            line = SearchLine.objects.create(source=source, number=number, text=text)
        hits = lines[place - 1].hits
        if hits is not None and not source.is_library:
            _record_hits(line, hits, on, now)
    audit.record_about(by, "save strategy", current, now, source=source.name, lines=len(texts))


def _check_lines(
    texts: Sequence[str],
    lines: Sequence[TypedLine],
    source: SearchSource,
    on: date,
    now: datetime,
) -> None:
    """Raise RuleError for lines that cannot be stored. texts: those that are not empty."""
    if len(texts) > MOST_LINES:
        raise RuleError(f"a strategy has at most {MOST_LINES} lines in one source")
    if any(len(text) > LONGEST_LINE for text in texts):
        raise RuleError(f"a line must have {LONGEST_LINE:,} characters or fewer")
    if any(line.hits is not None and not 0 <= line.hits <= MOST_HITS for line in lines):
        raise RuleError("enter hits as a whole number")
    if on > uk_date(now):
        raise RuleError("the date of the search is in the future")
    if source.is_library:
        numbered = dict(enumerate(texts, start=1))
        for number in numbered:
            expanded(number, numbered)


def _supersede(line: SearchLine | None, now: datetime) -> None:
    if line is not None:
        line.superseded_at = now
        line.save(update_fields=["superseded_at"])


def _record_hits(line: SearchLine, hits: int, on: date, now: datetime) -> None:
    last = line.runs.last()
    if last is None or (last.hits, last.on) != (hits, on):
        LineRun.objects.create(line=line, hits=hits, on=on, recorded_at=now)


@audit.serialized
def run_source(*, by: Actor, source: SearchSource, now: datetime) -> int:
    """Run every line in our library, as the public sees it; the number of lines.

    Also of a finished search: its report keeps the runs from before. Raises RuleError for a line
    that is not understood, and for a source that is not our library.
    """
    require_permission(by, HANDLE)
    if not source.is_library:
        raise RuleError(f"search {source.name} itself, and enter the hits")
    lines = list(source.lines.filter(superseded_at=None))
    if not lines:
        raise RuleError("enter the strategy first")
    texts = {line.number: line.text for line in lines}
    runs = [run_query(expanded(line.number, texts), now) for line in lines]
    LineRun.objects.bulk_create(
        LineRun(line=line, on=uk_date(now), hits=hits, records=keys, recorded_at=now)
        for line, (hits, keys) in zip(lines, runs, strict=True)
    )
    audit.record_about(by, "run literature search", source.search, now, lines=len(lines))
    return len(lines)


def typed_lines(values: Mapping[str, str]) -> list[TypedLine]:
    """The lines of a form: "line-1" with "hits-1", and so on. Raises RuleError for other hits."""
    lines = []
    for number in range(1, MOST_LINES + 1):
        text, hits = values.get(f"line-{number}", ""), values.get(f"hits-{number}", "")
        plain = hits.replace(",", "").replace(" ", "")
        if plain and not (plain.isascii() and plain.isdecimal() and len(plain) < 11):
            raise RuleError(f"line {number}: enter hits as a whole number, such as 1,204")
        lines.append(TypedLine(text, int(plain) if plain else None))
    return lines
