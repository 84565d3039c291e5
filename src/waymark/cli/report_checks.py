"""Commands to check stored reports for hidden text and identifiers of people, and to answer."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from waymark.cli.common import as_json, main, print_answer, print_json, progress_bar, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.reports import WORKERS
from waymark.core.errors import RuleError
from waymark.documents.anonymity.identifiers import KINDS

VERDICTS = click.Choice(["kept", "masked", "false"])


@main.group("reports")
def stored_reports_group() -> None:
    """Hidden text, identifiers of people, scanned pages and newer texts of stored reports."""


@stored_reports_group.command(name="check")
@click.argument("report", required=False)
@click.option(
    "--all", "everything", is_flag=True, help="Also check reports that were checked before."
)
@WORKERS
@as_json
def check_reports(*, report: str | None, everything: bool, workers: int, as_json: bool) -> None:
    """Look for hidden text and identifiers of people, and list reports that need a decision."""
    start_django()
    from waymark.documents.queries.holdings import report_in_any_state
    from waymark.pipeline import check_stored_reports

    only = report_in_any_state(report, None) if report else None
    with progress_bar("Checking", None) as move:
        outcome = check_stored_reports(
            by=None, only=only, everything=everything, workers=workers, on_done=move
        ).as_json()
    if as_json:
        print_json(outcome)
    else:
        _list_checked(outcome)
    for failure in outcome["failed"]:
        click.echo(f"not checked {failure['file']}: it {failure['reason']}", err=True)
    if outcome["held"]:
        click.echo(
            "Next: waymark reports answer REPORT, or Workspace, Hidden text and Workspace, "
            "Anonymity.",
            err=True,
        )
    if outcome["failed"]:
        sys.exit(DONE_WITH_REFUSALS)


def _list_checked(outcome: dict[str, Any]) -> None:
    click.echo(f"checked {outcome['checked']}, failed {len(outcome['failed'])}")
    for report in outcome["held"]:
        seen = "public now" if report["public"] else report["state"]
        click.echo(f"{report['report']}  {report['file']} ({seen}) {report['reason']}")
    if outcome["unchecked"]:
        click.echo(f"not yet checked for identifiers: {outcome['unchecked']}")


@stored_reports_group.command(name="answer")
@click.argument("report")
@click.option("--class", "hidden", help="Class of hidden text, as the list shows it.")
@click.option(
    "--place",
    "places",
    type=int,
    multiple=True,
    help="Number of a place in the list; needed to declare words under a box harmless.",
)
@click.option("--harmless", "verdict", flag_value="harmless", help="The report can be published.")
@click.option("--replace", "verdict", flag_value="replace", help="The file must be replaced.")
@click.option(
    "--all", "--alerts", "identifiers", type=VERDICTS, help="Answer all possible identifiers so."
)
@click.option("--type", "kinds", multiple=True, type=click.Choice(list(KINDS)), help="Only these.")
@click.option("--words", multiple=True, help="Only possible identifiers with these words.")
@click.option(
    "--future", is_flag=True, help="Raise no possible identifier for these words in later reports."
)
@click.option(
    "--everywhere", is_flag=True, help="Also in other reports with the same text around the words."
)
@click.option("--not-a-name", is_flag=True, help="With --future: no word is a person's name.")
@click.option("--because", default="", help="Reason, kept in the audit log.")
@as_json
def answer_report(
    *,
    report: str,
    hidden: str,
    places: tuple[int, ...],
    verdict: str,
    identifiers: str | None,
    kinds: tuple[str, ...],
    words: tuple[str, ...],
    future: bool,
    everywhere: bool,
    not_a_name: bool,
    because: str,
    as_json: bool,
) -> None:
    """Show hidden text and possible identifiers of a report, or record a decision on them.

    --class with --harmless or --replace decides on hidden text; --all decides on possible
    identifiers: kept (may be published), masked (the file must be replaced) or false.
    """
    start_django()
    from waymark.documents import services
    from waymark.documents.queries.holdings import report_in_any_state

    stored, now, count = report_in_any_state(report, None), datetime.now(UTC), 0
    decided = identifiers or verdict
    if identifiers:
        count = services.answer_identifiers(
            by=None,
            report=stored,
            identifiers=_chosen_identifiers(stored, kinds, words),
            verdict=identifiers,
            answer=because,
            in_future=future,
            everywhere=everywhere,
            confirmed=not_a_name,
            now=now,
        )
    elif verdict:
        count = services.answer_hidden_text(
            by=None,
            report=stored,
            kind=hidden or "",
            places=places,
            verdict=verdict,
            answer=because,
            now=now,
        )
    values = {"report": stored.key, "decided": count, **_rows_of(stored)}
    where = f"{stored.file_name}{' and other reports' if everywhere else ''}"
    lines = [f"decided on {count} in {where}: {decided}"]
    print_answer(values, *(lines if decided else _described(values)), as_json=as_json)


def _chosen_identifiers(report: Any, kinds: tuple[str, ...], words: tuple[str, ...]) -> list[int]:
    """Ids of those without an answer, of the types named; others only if their words are."""
    from waymark.documents.anonymity.search import fold_words

    rows = (
        report.possible_identifiers.all()
        if words
        else report.possible_identifiers.filter(verdict="")
    )
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if words:
        rows = rows.filter(folded__in=[fold_words(line) for line in words])
    if not rows:
        raise RuleError(
            f"report {report.key} has no possible identifier without an answer: to answer again, "
            "name the words with --words; waymark reports answer without a decision lists them"
        )
    return list(rows.values_list("pk", flat=True))


def _rows_of(report: Any) -> dict[str, list[dict[str, Any]]]:
    """Hidden text and possible identifiers of a report, as JSON."""
    from waymark.documents.queries.anonymity import (
        identifiers_of,
        other_reports_of,
        pages_of_identifiers,
    )
    from waymark.documents.queries.holdings import hidden_text_of

    fields = {"place": "pk", "kind": "kind", "page": "page", "words": "words"}
    fields |= {"verdict": "verdict", "answer": "answer"}
    finds = [
        {name: getattr(find, field) for name, field in fields.items()}
        for find in hidden_text_of(report, None)
    ]
    identifiers = identifiers_of(report, None)
    pages, elsewhere = pages_of_identifiers(report, identifiers), other_reports_of(identifiers)
    rows = [
        {
            "type": identifier.kind,
            "words": identifier.words,
            "count": identifier.count,
            "pages": pages[identifier.pk],
            "source": identifier.source,
            "reason": identifier.reason,
            "verdict": identifier.verdict,
            "answer": identifier.answer,
            "other_reports": elsewhere[identifier.pk].same_words,
            "same_text": elsewhere[identifier.pk].same_text,
        }
        for identifier in identifiers
    ]
    return {"hidden_text": finds, "alerts": rows}


def _described(values: dict[str, Any]) -> list[str]:
    lines = [
        f"{find['place']}  {find['kind']}  {_page_named(find['page'])}  {_decision(find)}\n"
        f"  {find['words']}"
        for find in values["hidden_text"]
    ]
    for identifier in values["alerts"]:
        pages = ", ".join(map(str, identifier["pages"]))
        place = identifier["source"] or f"page {pages}"
        also = identifier["other_reports"]
        others = f"; also in {also} other report{'s' * (also != 1)}" if also else ""
        others += (
            f", {identifier['same_text']} with the same text" if identifier["same_text"] else ""
        )
        lines.append(
            f"{identifier['type']}  {identifier['count']} on {place}  {_decision(identifier)}\n"
            f"  {identifier['words']}  ({identifier['reason']}{others})"
        )
    return lines


def _page_named(number: int) -> str:
    return f"page {number}" if number else "whole file"


def _decision(row: dict[str, Any]) -> str:
    return f"{row['verdict']}: {row['answer']}" if row["verdict"] else "no decision"


@stored_reports_group.command(name="properties")
@click.option("--harmless", is_flag=True, help="Declare them harmless in every report.")
@click.option("--words", multiple=True, help="Only these properties.")
@click.option("--because", default="", help="Reason, kept in the audit log of each report.")
@as_json
def file_properties(*, harmless: bool, words: tuple[str, ...], because: str, as_json: bool) -> None:
    """List properties of files that nobody has decided on, or decide on them for all reports."""
    start_django()
    from waymark.documents.queries.holdings import open_properties
    from waymark.documents.services import answer_properties

    count = 0
    if harmless:
        chosen = words or tuple(row.words for row in open_properties(None))
        count = answer_properties(by=None, words=chosen, answer=because, now=datetime.now(UTC))
    rows = [asdict(row) for row in open_properties(None)]
    lines = [f"{row['reports']} reports: {row['words']} ({row['cause']})" for row in rows]
    if harmless:
        lines = [f"decided on properties of {count} report{'s' * (count != 1)}"]
    print_answer({"decided": count, "properties": rows}, *lines, as_json=as_json)


@stored_reports_group.command(name="words")
@click.option("--never", multiple=True, help="Words that are never an identifier here.")
@click.option("--always", multiple=True, help="Words that are always an identifier here.")
@click.option("--remove", multiple=True, help="Take these words off the list.")
@click.option("--because", default="", help="Reason for --never, kept in the audit log.")
@click.option("--not-a-name", is_flag=True, help="With --never: no word is a person's name.")
@as_json
def listed_words_command(
    *,
    never: tuple[str, ...],
    always: tuple[str, ...],
    remove: tuple[str, ...],
    because: str,
    not_a_name: bool,
    as_json: bool,
) -> None:
    """List, add and remove words that the anonymity check leaves out, or always finds."""
    start_django()
    from waymark.documents import services
    from waymark.documents.queries.anonymity import listed_words

    now = datetime.now(UTC)
    for rule, words in (("never", never), ("always", always)):
        if words:
            services.list_words(
                by=None, words=words, rule=rule, reason=because, confirmed=not_a_name, now=now
            )
    for line in remove:
        services.unlist_words(by=None, words=line, now=now)
    rows = [
        {"words": row.words, "rule": row.rule, "reason": row.reason} for row in listed_words(None)
    ]
    print_answer(
        {"words": rows}, *(f"{row['rule']}  {row['words']}" for row in rows), as_json=as_json
    )
