"""Commands that lead from one step to the next: reviews, frameworks, files to fill in."""

import sys
from pathlib import Path

import click

from waymark.cli.common import (
    DONE_WITH_REFUSALS,
    as_json,
    main,
    one_line_errors,
    print_json,
    start,
)
from waymark.cli.method import coding, framework, overview
from waymark.core.errors import RuleError


@main.group()
def review() -> None:
    """Reviews: list them, look at one, publish them."""


@review.command("list")
@as_json
@one_line_errors
def review_list(*, as_json: bool) -> None:
    """List every review: reference, state, how far it is coded, title."""
    start()
    from django.utils import timezone

    from waymark.frameworks.queries import current_framework
    from waymark.pipeline import review_statuses

    statuses = list(review_statuses(None, timezone.now(), framework=current_framework()))
    if as_json:
        print_json({"reviews": [status.as_json() for status in statuses]})
        return
    for status in statuses:
        reference, state = status.review.reference, status.review.get_state_display()
        click.echo(f"{reference:<16} {state:<10} {status.coding:<12} {status.review.title}")
    if not statuses:
        click.echo("There are no reviews yet: waymark ingest PATH", err=True)


@review.command("show")
@click.argument("reference")
@as_json
@one_line_errors
def review_show(*, reference: str, as_json: bool) -> None:
    """Show a review with its reports and coders, and what can be done next."""
    start()
    from django.utils import timezone

    from waymark.core.errors import NotFound
    from waymark.frameworks.queries import current_framework
    from waymark.pipeline import review_statuses

    now, known = timezone.now(), current_framework()
    status = next(review_statuses(None, now, framework=known, reference=reference), None)
    if status is None:
        raise NotFound(f"there is no review {reference}: waymark review list names them")
    if as_json:
        print_json(status.as_json())
        return
    click.echo(f"{reference}: {status.review.title}")
    click.echo(f"State: {status.review.get_state_display()}; coding: {status.coding}")
    for report in status.reports:
        state, pages = report.get_state_display(), report.page_count
        click.echo(f"Report {report.key}: {report.kind}, {report.file_name}, {pages} p., {state}")
    for name, finished in status.coders.items():
        click.echo(f"Coder {name}: {'finished' if finished else 'at work'}")
    click.echo(f"Next: {_next_step(status.coding, reference)}", err=True)


def _next_step(progress: str, reference: str) -> str:
    return {
        "coded": f"waymark coding settle {reference} --by NAME",
        "settled": "waymark overview new NAME",
        "being coded": "complete or correct the coding file, then: waymark coding import FILE",
    }.get(progress, f"waymark coding new {reference} --coder NAME")


@review.command("publish")
@click.argument("references", nargs=-1, required=True)
@click.option("--by", help="The account under whose name it is done; else whoever runs this.")
@one_line_errors
def review_publish(*, references: tuple[str, ...], by: str | None) -> None:
    """Let everybody see reviews and their reports. What cannot be published is told with why."""
    start()
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.core.errors import WaymarkError
    from waymark.documents.queries import review_for
    from waymark.pipeline import publish_review

    person, refused = account(by) if by else None, False
    for reference in references:
        now = timezone.now()
        try:
            opened = publish_review(by=person, review=review_for(reference, person, now), now=now)
        except WaymarkError as error:
            click.echo(f"not published {reference}: {error}", err=True)
            refused = True
            continue
        if opened.published:
            click.echo(f"{reference}: published, at /reviews/{reference}/")
        for key, reason in opened.refused.items():
            click.echo(f"not published {reference}, report {key}: {reason}", err=True)
            refused = True
    if refused:
        sys.exit(DONE_WITH_REFUSALS)


@framework.command("show")
@click.argument("name", required=False)
@click.option("--of", default="", help="One code or variable, with its definition.")
@as_json
@one_line_errors
def framework_show(*, name: str | None, of: str, as_json: bool) -> None:
    """Show a framework's codes, variables and values. NAME: as "cr-core 1.0.0"."""
    start()
    from waymark.frameworks.listing import framework_json, framework_text
    from waymark.frameworks.queries import file_of, framework_or_current

    known = file_of(framework_or_current(name))
    if as_json:
        print_json(framework_json(known))
    else:
        click.echo(framework_text(known, of=of))


@coding.command("new")
@click.argument("review")
@click.option("--coder", required=True, help="The account that will code the review.")
@click.option("--framework", "name", help='As "cr-core 1.0.0"; else the one published last.')
@click.option("--report", default="overview-report", show_default=True, help="Kind of the report.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@one_line_errors
def coding_new(*, review: str, coder: str, name: str | None, report: str, to: Path | None) -> None:
    """Write a coding file to fill in, with every variable and code of the framework."""
    start()
    from django.utils import timezone

    from waymark.accounts.permissions import require
    from waymark.accounts.queries import account
    from waymark.coding.draft_file import draft_coding_file
    from waymark.coding.queries import coders_of_reviews
    from waymark.documents.queries import reports_of, review_for
    from waymark.frameworks.queries import file_of, framework_or_current

    now = timezone.now()
    person = account(coder)
    require(person, "code")
    found = review_for(review, None, now)
    known = framework_or_current(name)
    if person.username in coders_of_reviews([found.pk], known).get(found.pk, ({}, False))[0]:
        raise RuleError(
            f"{person.username} has coded {review} already, and an empty file would withdraw that: "
            "correct the file that was imported, and import it again"
        )
    kinds = [one.kind for one in reports_of(found, None, now)]
    if report not in kinds:
        have = ", ".join(kinds) or "no report"
        raise RuleError(f"{review} has no {report}: it has {have}; name one with --report")
    source = draft_coding_file(
        file_of(known),
        review=found.reference,
        report=report,
        coder=person.username,
        title=found.title,
    )
    target = to or Path(f"{found.reference}.{person.username}.yaml")
    _write_new(target, source)
    click.echo(f"{target} is written: complete it, then: waymark coding import {target}")


@overview.command("new")
@click.argument("name")
@click.option("--title", default="Learning from case reviews", show_default=True)
@click.option("--place", default="Place", show_default=True, help="Where the reviews are from.")
@click.option("--period", default="", help="When they were completed, as 2003 to 2008.")
@click.option("--query", default="", help="Which reviews, as one searches the library.")
@click.option("--collection", default="", help="Which reviews: those of a collection.")
@click.option("--review", "reviews", multiple=True, help="Which reviews: give each reference.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@one_line_errors
def overview_new(
    *,
    name: str,
    title: str,
    place: str,
    period: str,
    query: str,
    collection: str,
    reviews: tuple[str, ...],
    to: Path | None,
) -> None:
    """Write the YAML of a new overview, with all tables and figures that come with Waymark."""
    start()
    from django.utils import timezone

    from waymark.overview.beginning import (
        EVERYTHING,
        Beginning,
        begun,
        builtin_specs,
        chosen_reviews,
    )
    from waymark.overview.spec import read_overview

    select = chosen_reviews(query=query, collection=collection, reviews=reviews)
    beginning = Beginning(name, title, place, period or "All years", select)
    today = timezone.localdate()
    source = begun(builtin_specs()[EVERYTHING], beginning, today=today)
    target = to or Path(f"{name}.yaml")
    read_overview(source, file=target.name)
    _write_new(target, source)
    click.echo(f"{target} is written. Next: waymark overview freeze {target} --by NAME")


def _write_new(target: Path, source: str) -> None:
    """Write a file that does not exist yet. Raises RuleError where it does."""
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(source)
    except FileExistsError:
        raise RuleError(
            f"{target} is there already and was left as it is: name another with --to"
        ) from None
