"""Published briefings, alerts, answers and checks as tables for notebooks, as everybody sees them.

Everything heavy is imported when it is first used, so that importing this module costs nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from waymark.datasets.notebook import check_opened

if TYPE_CHECKING:
    from pandas import DataFrame

BRIEFING_COLUMNS = (
    *("kind", "name", "title", "edition", "published", "audience", "statements"),
    "to_check",
)
STATEMENT_COLUMNS = (
    *("kind", "name", "edition", "number", "section", "words", "own_view", "passages", "records"),
    "problems",
)
USE_COLUMNS = ("kind", "name", "edition", "team", "used_on", "change")
REFERENCE_COLUMNS = ("reference", "found", "record", "title", "differences")
ITEM_COLUMNS = (
    *("list", "issue", "approved", "heading", "summary", "group", "source", "dated"),
    *("address", "record", "corrected"),
)
ANSWER_COLUMNS = ("name", "question", "answer", "published", "subjects", "sources")


def _frame(columns: Sequence[str], rows: Iterable[tuple[Any, ...]], title: str) -> "DataFrame":
    from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
    from waymark.core.extras import OptionalModule

    pandas = OptionalModule("pandas", "data")
    table: DataFrame = pandas.DataFrame(list(rows), columns=list(columns))
    table.attrs = {"title": title, "forbidden_uses": FORBIDDEN_USES_IN_FULL}
    return table


def briefings() -> "DataFrame":
    """One row for each published briefing and guide, the newest first.

    name: the last part of its address; statements: how many it makes; to_check: how many of them
    rest on something that was withdrawn or changed since.
    """
    check_opened()
    from waymark.briefings.queries.editions import (
        broken_statements,
        content_of,
        published_briefings,
    )

    now = datetime.now(UTC)

    def rows() -> Iterable[tuple[Any, ...]]:
        for row in published_briefings():
            content = content_of(row)
            yield (
                *(row.kind, row.slug, row.title, row.edition, row.published_at),
                *(content.about.audience, len(content.statements)),
                len(broken_statements(row, now)),
            )

    return _frame(BRIEFING_COLUMNS, rows(), "Published briefings and guides")


def briefing_statements() -> "DataFrame":
    """One row for each statement of the published briefings and guides.

    section: its name, "short" for the seven-minute form. words: without its numbers, "" for a
    quotation. own_view: True if the author marked it as their own. passages: citation keys;
    records: keys of publications; problems: why it is to be checked again, as sentences.
    """
    check_opened()
    from waymark.briefings.queries.editions import (
        checked_statements,
        content_of,
        published_briefings,
    )

    now = datetime.now(UTC)

    def rows() -> Iterable[tuple[Any, ...]]:
        for edition in published_briefings():
            for row in checked_statements(content_of(edition), now):
                statement = row.statement
                yield (
                    *(edition.kind, edition.slug, edition.edition, row.number, statement.slot),
                    *(statement.words, statement.own, list(statement.passages)),
                    *(list(statement.names("record")), list(row.problems)),
                )

    return _frame(STATEMENT_COLUMNS, rows(), "Statements of published briefings and guides")


def briefing_uses() -> "DataFrame":
    """One row for each record of what a team did with a briefing that a person decided to show.

    edition: the one that was current then; change: what the team changed, in its words.
    """
    check_opened()
    from waymark.briefings.queries.uses import all_shown_uses

    def rows() -> Iterable[tuple[Any, ...]]:
        for use in all_shown_uses():
            manuscript = use.manuscript
            yield (
                *(manuscript.kind, manuscript.slug, use.edition),
                *(use.team, use.used_on, use.change),
            )

    return _frame(USE_COLUMNS, rows(), "Records of how teams used briefings")


def check_references(text: str) -> "DataFrame":
    """One row for each reference of a text, compared with what the public can find here.

    found: "yes", "differs" or "no"; record, title: of the publication that it means, "" for none;
    differences: sentences. Raises RuleError for a text without a reference.
    """
    check_opened()
    from django.contrib.auth.models import AnonymousUser

    from waymark.enquiries.queries.references import check_references as check

    def rows() -> Iterable[tuple[Any, ...]]:
        for row in check(text, AnonymousUser(), datetime.now(UTC), limited=False).results:
            record = (row.record.key, row.record.title) if row.record else ("", "")
            differences = [
                f"{part.name}: {part.given}; in the library {part.library}"
                for part in row.differences
            ]
            yield (row.text, str(row.outcome), *record, differences)

    return _frame(REFERENCE_COLUMNS, rows(), "Checked references")


def alert_items() -> "DataFrame":
    """One row for each item of the archived issues of all lists, the newest issue first.

    record: the last part of the address of its record, "" for none. corrected: when, if it was.
    Items that were withdrawn, or whose record was, are left out.
    """
    check_opened()
    from waymark.alerts.queries.issues import ARCHIVED, shown_items
    from waymark.library.queries.exchange import kind_and_name

    items = shown_items(datetime.now(UTC)).filter(issue__alert_list__in=ARCHIVED)
    ordered = items.select_related("issue").order_by("-issue__approved_at", "issue", "position")

    def rows() -> Iterable[tuple[Any, ...]]:
        for item in ordered:
            issue = item.issue
            yield (
                *(issue.alert_list, issue.number, issue.approved_at, item.heading, item.summary),
                *(item.group, item.source, item.dated, item.address),
                *(kind_and_name(item.record)[1] if item.record else "", item.corrected_at),
            )

    return _frame(ITEM_COLUMNS, rows(), "Items of alerts")


def indicator_values(slug: str) -> "DataFrame":
    """One row for each published value of an indicator, as everybody sees it.

    slug: the last part of its address. Where a marker such as c stands for a number, there is no
    value. Raises NotFound for an indicator that is not published.
    """
    check_opened()
    from dataclasses import astuple, fields

    from django.contrib.auth.models import AnonymousUser

    from waymark.indicators.data_files import DataRow
    from waymark.indicators.queries.data_rows import data_rows
    from waymark.indicators.queries.indicators import visible_indicator

    indicator = visible_indicator(slug, AnonymousUser())
    columns = [field.name for field in fields(DataRow)]
    table = _frame(columns, map(astuple, data_rows(indicator)), str(indicator))
    table["value"] = table["value"].astype("Float64")
    return table


def answers() -> "DataFrame":
    """One row for each published answer, the newest first.

    answer: with the numbers of its sources; sources: their addresses on the site, in that order.
    """
    check_opened()
    from waymark.enquiries.citation_marks import numbered
    from waymark.enquiries.queries.published_answers import public_answers, sources_of

    now = datetime.now(UTC)
    published = public_answers(now).prefetch_related("resource__record__subjects")

    def rows() -> Iterable[tuple[Any, ...]]:
        for row in published:
            sources = sources_of(row, now)
            if sources is None or not row.is_approved:
                continue
            subjects = sorted(subject.key for subject in row.resource.record.subjects.all())
            yield (
                *(row.resource.key, row.resource.title, numbered(row.text), row.approved_at),
                *(subjects, [source.path for source in sources]),
            )

    return _frame(ANSWER_COLUMNS, rows(), "Published answers")
