"""Commands to show reviews and frameworks, and to write files to fill in."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from waymark.cli.common import as_json, main, print_answer, print_json, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.method import coding_group, framework_group
from waymark.cli.overviews import overview_group
from waymark.core.errors import OpenReason, RuleError


@main.group("review")
def review_group() -> None:
    """Reviews: list, show and publish them."""


@review_group.command("list")
@as_json
def review_list(*, as_json: bool) -> None:
    """List every review: reference, state, coding progress, title."""
    start_django()
    from waymark.frameworks.queries import current_framework
    from waymark.pipeline import review_statuses

    statuses = list(review_statuses(None, datetime.now(UTC), framework=current_framework()))
    if as_json:
        print_json({"reviews": [status.as_json() for status in statuses]})
        return
    for status in statuses:
        reference, state = status.review.reference, status.review.get_state_display()
        click.echo(f"{reference:<16} {state:<10} {status.coding:<12} {status.review.title}")
    if not statuses:
        click.echo("There are no reviews yet. To add some, run: waymark ingest PATH", err=True)


@review_group.command("show")
@click.argument("reference")
@as_json
def review_show(*, reference: str, as_json: bool) -> None:
    """Show a review with its reports and coders, and the next step."""
    start_django()
    from waymark.core.errors import NotFound
    from waymark.frameworks.queries import current_framework
    from waymark.pipeline import review_statuses

    now, known = datetime.now(UTC), current_framework()
    status = next(review_statuses(None, now, framework=known, reference=reference), None)
    if status is None:
        raise NotFound(f"there is no review {reference}: waymark review list shows them all")
    if as_json:
        print_json(status.as_json())
        return
    click.echo(f"{reference}: {status.review.title}")
    click.echo(f"State: {status.review.get_state_display()}; coding: {status.coding}")
    for report in status.reports:
        state, pages = report.get_state_display(), report.page_count
        click.echo(f"Report {report.key}: {report.kind}, {report.file_name}, {pages} p., {state}")
        if scans := status.scans.get(report.pk):
            click.echo(f"  {scans}: waymark reports recognise {report.key}")
    for name, finished in status.coders.items():
        click.echo(f"Coder {name}: {'finished' if finished else 'in progress'}")
    click.echo(f"Next: {_next_step(status.coding, reference)}", err=True)


def _next_step(progress: str, reference: str) -> str:
    return {
        "coded": f"waymark coding settle {reference} --by NAME",
        "settled": "waymark overview new NAME",
        "being coded": "complete or correct the coding file, then run: waymark coding import FILE",
    }.get(progress, f"waymark coding new {reference} --coder NAME")


@review_group.command("publish")
@click.argument("references", nargs=-1, required=True)
@click.option("--by", help="Account that acts. Default: the operator.")
@as_json
def review_publish(*, references: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Publish reviews and their reports. If one cannot be published, every reason is shown."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.core.errors import WaymarkError
    from waymark.pipeline import publish_reviews

    person = find_account(by) if by else None
    published: list[str] = []
    refused: list[dict[str, Any]] = []
    results = publish_reviews(by=person, references=references, now=datetime.now(UTC))
    for reference, opened in results.items():
        if isinstance(opened, WaymarkError):
            click.echo(f"not published {reference}: {opened}", err=True)
            row = {"review": reference, "report": "", "reason": str(opened), "reasons": []}
            refused.append(row)
            continue
        if opened.published:
            published.append(reference)
        refused += [_refused(reference, key, rows) for key, rows in opened.refused.items()]
    print_answer(
        {"published": published, "refused": refused},
        *(f"{reference}: published, at /reviews/{reference}/" for reference in published),
        as_json=as_json,
    )
    if refused:
        sys.exit(DONE_WITH_REFUSALS)


@review_group.command("answer")
@click.argument("reference")
@click.option("--all", "verdict", type=click.Choice(["kept", "false"]), help="Decide on all.")
@click.option("--words", multiple=True, help="Decide only on these words.")
@click.option("--because", default="", help="Reason, kept in the audit log.")
@as_json
def review_answer(
    *, reference: str, verdict: str | None, words: tuple[str, ...], because: str, as_json: bool
) -> None:
    """Show words in a review's description that may identify a person, or decide on them."""
    start_django()
    from waymark.documents.anonymity.search import fold_words
    from waymark.documents.queries.holdings import review_in_any_state
    from waymark.library.queries.public_words import public_words_of
    from waymark.library.services import answer_public_words

    review, count = review_in_any_state(reference, None), 0
    if verdict:
        chosen = {fold_words(line) for line in words}
        found = public_words_of(review, None)
        marks = [row.mark for row in found if row.mark[1] in chosen or not (chosen or row.answer)]
        count = answer_public_words(
            by=None,
            item=review,
            marks=marks,
            verdict=verdict,
            answer=because,
            now=datetime.now(UTC),
        )
    rows = [
        {
            "type": row.found.kind,
            "words": row.found.words,
            "field": row.part,
            "verdict": row.answer.verdict if row.answer else "",
            "answer": row.answer.answer if row.answer else "",
        }
        for row in public_words_of(review, None)
    ]
    print_answer(
        {"review": reference, "decided": count, "words": rows},
        *(
            f"{row['type']}  in the {row['field']}  {row['verdict'] or 'no decision'}\n"
            f"  {row['words']}"
            f"  {row['words']}"
            for row in rows
        ),
        as_json=as_json,
    )


def _refused(reference: str, key: str, reasons: Sequence[OpenReason]) -> dict[str, Any]:
    """Print why a report, or a review itself, was not published; the same as JSON."""
    subject = f"{reference}, report {key}" if key else reference
    click.echo(f"not published {subject}:", err=True)
    for reason in reasons:
        click.echo(f"  {reason}", err=True)
    return {
        "review": reference,
        "report": key,
        "reason": "; ".join(map(str, reasons)),
        "reasons": [asdict(reason) for reason in reasons],
    }


@framework_group.command("show")
@click.argument("name", required=False)
@click.option("--of", "code", default="", help="Show one code or variable with its definition.")
@as_json
def framework_show(*, name: str | None, code: str, as_json: bool) -> None:
    """Show a framework's codes, variables and values. NAME: such as "cr-core 1.0.0"."""
    start_django()
    from waymark.frameworks.listing import framework_json, framework_text
    from waymark.frameworks.queries import file_of, framework_or_current

    known = file_of(framework_or_current(name))
    print_answer(framework_json(known, of=code), framework_text(known, of=code), as_json=as_json)


@coding_group.command("new")
@click.argument("review")
@click.option("--coder", required=True, help="Account that will code the review.")
@click.option("--framework", "name", help='Such as "cr-core 1.0.0". Default: the latest.')
@click.option("--report", default="overview-report", show_default=True, help="Kind of report.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@as_json
def coding_new(
    *, review: str, coder: str, name: str | None, report: str, to: Path | None, as_json: bool
) -> None:
    """Write a coding file to fill in, with every variable and code of the framework."""
    start_django()
    from waymark.accounts.permissions import require_permission
    from waymark.accounts.queries import find_account
    from waymark.coding.assignments import coders_of_reviews
    from waymark.coding.files.draft_file import draft_coding_file
    from waymark.documents.queries.reader import reports_of, review_for
    from waymark.documents.queries.scan_marks import mark_of_report
    from waymark.frameworks.queries import file_of, framework_or_current

    now = datetime.now(UTC)
    person = find_account(coder)
    require_permission(person, "code")
    record = review_for(review, None, now)
    known = framework_or_current(name)
    if person.username in coders_of_reviews([record.pk], known).get(record.pk, ({}, False))[0]:
        raise RuleError(
            f"{person.username} has already coded {review}, and an empty file would withdraw that: "
            "correct the file you imported and import it again"
        )
    stored = {stored.kind: stored for stored in reports_of(record, None, now)}
    kinds = [*stored]
    if report not in kinds:
        have = ", ".join(kinds) or "no report"
        raise RuleError(f"{review} has no {report}: it has {have}. Choose one with --report")
    source = draft_coding_file(
        file_of(known),
        review=record.reference,
        report=report,
        coder=person.username,
        title=record.title,
        scan=mark_of_report(stored[report]),
    )
    target = to or Path(f"{record.reference}.{person.username}.yaml")
    _write_new(target, source)
    print_answer(
        {"file": str(target), "review": record.reference, "coder": person.username},
        f"{target} is written. Complete it, then run: waymark coding import {target}",
        as_json=as_json,
    )


@overview_group.command("new")
@click.argument("name")
@click.option(
    "--title",
    default="Learning from case reviews",
    show_default=True,
    help="Title of the overview.",
)
@click.option("--place", default="Place", show_default=True, help="Area that the reviews are from.")
@click.option("--period", default="", help="When they were completed, such as 2003 to 2008.")
@click.option("--query", default="", help="Select reviews by a search of the library.")
@click.option("--collection", default="", help="Select the reviews of a collection.")
@click.option(
    "--review",
    "reviews",
    multiple=True,
    help="Select a review by reference; can be given several times.",
)
@click.option(
    "--template",
    type=click.Choice(["everything", "theme-study", "silence-report"]),
    default="everything",
    show_default=True,
    help="What to begin with.",
)
@click.option("--theme", default="", help="Theme of a theme study: code:ID or factor:ID.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@as_json
def overview_new(
    *,
    name: str,
    title: str,
    place: str,
    period: str,
    query: str,
    collection: str,
    reviews: tuple[str, ...],
    template: str,
    theme: str,
    to: Path | None,
    as_json: bool,
) -> None:
    """Write a new overview specification (YAML) from a template."""
    start_django()
    from django.utils import timezone

    from waymark.overview.queries.templates import installed_specs
    from waymark.overview.spec.schema import read_overview
    from waymark.overview.spec.template import (
        THEME_STUDY,
        NewOverview,
        chosen_reviews,
        new_specification,
    )

    kind = THEME_STUDY if theme else template
    if kind == THEME_STUDY and not theme:
        raise click.UsageError("a theme study needs --theme code:ID or factor:ID")
    part, _, of = theme.partition(":")
    select = chosen_reviews(query=query, collection=collection, reviews=reviews)
    study = {part: of} if theme else None
    beginning = NewOverview(name, title, place, period or "All years", select, study)
    today = timezone.localdate()
    source = new_specification(installed_specs()[kind], beginning, today=today)
    target = to or Path(f"{name}.yaml")
    read_overview(source, file=target.name)
    _write_new(target, source)
    print_answer(
        {"file": str(target), "overview": name},
        f"{target} is written. Next: waymark overview freeze {target} --by NAME",
        as_json=as_json,
    )


@contextmanager
def _removed_on_error(target: Path) -> Iterator[None]:
    """Remove a file that could not be written whole, such as on a full disk."""
    try:
        yield
    except OSError:
        target.unlink()
        raise


def _write_new(target: Path, source: str) -> None:
    """Write a new file. Raises RuleError if it exists."""
    try:
        # Mode "x" fails if the file exists, so a completed coding file is never overwritten.
        with target.open("x", encoding="utf-8") as file, _removed_on_error(target):
            file.write(source)
            file.flush()
    except FileExistsError:
        raise RuleError(
            f"{target} already exists and was not changed: choose another file with --to"
        ) from None
