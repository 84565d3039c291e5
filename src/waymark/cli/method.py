"""Commands of the method: frameworks, coding, overviews."""

import sys
from datetime import datetime
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
from waymark.core.utf8 import read_utf8

BY = click.option("--by", required=True, help="The account under whose name it is done.")


@main.group()
def framework() -> None:
    """Coding frameworks."""


@framework.command("load")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--publish", is_flag=True, help="Freeze this version, so that it can be used.")
@one_line_errors
def framework_load(*, file: Path | None, publish: bool) -> None:
    """Load a framework's YAML; without FILE, those that come with Waymark. Faults have lines."""
    start(new=True)
    from django.utils import timezone

    from waymark.frameworks.services import (
        builtin_frameworks,
        load_framework,
        publish_framework,
    )

    now = timezone.now()
    for one in [file] if file else builtin_frameworks():
        made = load_framework(by=None, source=read_utf8(one), file=one.name, now=now)
        if publish:
            publish_framework(by=None, framework=made, now=now)
        click.echo(f"{made}: {made.codes.count()} codes, {made.variables.count()} variables")


@main.group()
def coding() -> None:
    """Coding files."""


@coding.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@one_line_errors
def coding_import(*, file: Path, as_json: bool) -> None:
    """Store one coder's work on one review, or an adjudication of it, from a YAML file.

    The same file again changes nothing. A corrected one replaces the coder's work while the review
    is open to the coder; `waymark coding reopen` opens it.
    """
    start()
    from django.utils import timezone

    from waymark.pipeline import import_coding_file

    result = import_coding_file(source=read_utf8(file), file=file.name, now=timezone.now())
    change = result.change
    counts = {
        "added": len(change.added),
        "withdrawn": len(change.withdrawn),
        "changed": len(change.changed),
        "same": len(change.same),
    }
    if as_json:
        print_json(
            {
                "file": file.name,
                "stored": result.new,
                "outcome": result.outcome,
                **counts,
                "differences": change.lines() if result.outcome == "superseded" else [],
            }
        )
        return
    if result.outcome == "unchanged":
        click.echo(
            f"{file.name}: is stored already, with the same content: nothing was changed. "
            "The coder has finished the review"
        )
    elif result.outcome == "superseded":
        said = ", ".join(f"{number} {name}" for name, number in counts.items())
        click.echo(f"{file.name}: replaces the coder's earlier work: {said}")
        for line in change.lines():
            click.echo(f"  {line}")
    else:
        click.echo(f"{file.name}: {result.outcome}")


@coding.command("reopen")
@click.argument("review")
@click.option("--coder", required=True, help="The account whose finished work is opened again.")
@BY
@click.option("--framework", "of", default="cr-core 1.0.0", show_default=True)
@as_json
@one_line_errors
def coding_reopen(*, review: str, coder: str, by: str, of: str, as_json: bool) -> None:
    """Let a coder correct a finished review. Nothing stays agreed until it is settled again."""
    start()
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.documents.queries import review_for
    from waymark.frameworks.queries import framework_called
    from waymark.pipeline import reopen_coding

    now = timezone.now()
    person = account(by)
    reopened = reopen_coding(
        by=person,
        review=review_for(review, person, now),
        framework=framework_called(of),
        coder=account(coder),
        now=now,
    )
    if as_json:
        print_json(
            {
                "review": reopened.review,
                "coder": coder,
                "agreed_codes_ended": reopened.codes,
                "agreed_values_ended": reopened.judgements,
                "snapshots_counting": list(reopened.snapshots),
            }
        )
        return
    click.echo(f"{reopened.review} is open to {coder}")
    if reopened.codes or reopened.judgements:
        click.echo(
            f"{reopened.codes} agreed codes and {reopened.judgements} agreed values no longer"
            f" stand: settle the review again when {coder} has finished"
        )
    for snapshot in reopened.snapshots:
        click.echo(f"counted before the correction: {snapshot}; freeze the overview again")


@coding.command("settle")
@click.argument("review")
@BY
@click.option("--framework", "of", default="cr-core 1.0.0", show_default=True)
@one_line_errors
def coding_settle(*, review: str, by: str, of: str) -> None:
    """Make a review's agreed layer where its coders differ in nothing (or there is one)."""
    start()
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.documents.queries import review_for
    from waymark.frameworks.queries import framework_called
    from waymark.pipeline import settle_review

    now = timezone.now()
    person = account(by)
    settle_review(
        by=person,
        adjudicator=person,
        review=review_for(review, person, now),
        framework=framework_called(of),
        codes={},
        judgements={},
        now=now,
    )
    click.echo(f"{review} is settled")


@coding.command("suggest")
@click.argument("reviews", nargs=-1, required=True)
@click.option("--framework", "of", default="cr-core 1.0.0", show_default=True)
@one_line_errors
def coding_suggest(*, reviews: tuple[str, ...], of: str) -> None:
    """Suggest codes for the reports of reviews; suggestions are never counted."""
    start()
    from django.utils import timezone

    from waymark.documents.queries import reports_of, review_for
    from waymark.frameworks.queries import framework_called
    from waymark.pipeline import suggest_codes

    now = timezone.now()
    framework = framework_called(of)
    for reference in reviews:
        new = sum(
            suggest_codes(by=None, report=report, framework=framework, now=now)
            for report in reports_of(review_for(reference, None, now), None, now)
        )
        click.echo(f"{reference}: {new} new suggestions")


@main.group()
def overview() -> None:
    """Overview analyses."""


@overview.command("freeze")
@click.argument("spec", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@BY
@one_line_errors
def overview_freeze(*, spec: Path, by: str) -> None:
    """Freeze an overview as its YAML asks for it, made or changed where needed."""
    start()
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.pipeline import freeze_overview, update_index

    update_index()  # a query of the library is answered from it
    snapshot = freeze_overview(
        by=account(by), spec=read_utf8(spec), file=spec.name, now=timezone.now()
    )
    click.echo(f"{snapshot.overview.slug}: snapshot {snapshot.number}, SHA-256 {snapshot.sha256}")


PROFILES = click.Choice(["open", "k3", "k5", "r5"])


@overview.command("decide")
@click.argument("slug")
@click.option("--profile", type=PROFILES, required=True)
@click.option("--controller", required=True, help="Who decided: a person or a body, by name.")
@click.option("--role", required=True, help="In which role.")
@click.option("--decided", type=click.DateTime(["%Y-%m-%d"]), required=True, help="On which day.")
@click.option("--reason", required=True, help="Why; it is published with the overview.")
@BY
@one_line_errors
def overview_decide(
    *, slug: str, profile: str, controller: str, role: str, decided: datetime, reason: str, by: str
) -> None:
    """Record the data controller's decision on how small numbers of an overview are protected."""
    start()
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.overview.deciding import DecisionForm
    from waymark.pipeline import decide_disclosure
    from waymark.publishing.giving_out import still_shown

    form = DecisionForm(profile, controller, role, reason, decided.date())
    snapshot = decide_disclosure(by=account(by), slug=slug, form=form, now=timezone.now())
    click.echo(f"{slug}: {controller} decided on the profile {profile}")
    if snapshot is None:
        click.echo("freeze the overview, so that the decision counts for its numbers", err=True)
    if warning := still_shown(slug, profile):
        click.echo(warning, err=True)


PROFILE = click.option(
    "--profile",
    type=PROFILES,
    help="How small numbers are protected. Default: as the data controller decided.",
)
AGAINST = click.option(
    "--against-decision",
    is_flag=True,
    help="Show also what may not be given out. Needs --by; recorded and marked.",
)
LOOKING = click.option("--by", help="With --against-decision: the account that looks at it.")


@overview.command("table")
@click.argument("slug")
@click.argument("table")
@PROFILE
@AGAINST
@LOOKING
@as_json
@one_line_errors
def overview_table(
    *,
    slug: str,
    table: str,
    profile: str | None,
    against_decision: bool,
    by: str | None,
    as_json: bool,
) -> None:
    """Print one table of an overview, with the evidence of every cell."""
    _check_looking(by, against=against_decision)
    start()
    from django.utils import timezone

    from waymark import pipeline
    from waymark.accounts.queries import account
    from waymark.overview.plain import table_json, table_text

    person = account(by) if by else None
    made = pipeline.overview_table(slug, table, profile=profile, by=person, now=timezone.now())
    if as_json:
        print_json(table_json(made))
    else:
        click.echo(table_text(made))


def _check_looking(by: str | None, *, against: bool) -> None:
    """Raises UsageError where one of --against-decision and --by is there without the other."""
    if against != bool(by):
        raise click.UsageError("--against-decision needs --by NAME, and --by is for it alone")


@overview.command("publish")
@click.argument("slug")
@click.option(
    "--by",
    multiple=True,
    required=True,
    help="An account that signs the edition. Give it twice: an analyst and an editor.",
)
@click.option(
    "--profile",
    type=PROFILES,
    help="The profile you expect: refused where the data controller decided on another.",
)
@one_line_errors
def overview_publish(*, slug: str, by: tuple[str, ...], profile: str | None) -> None:
    """Sign the report of an overview by two people, and publish it as its next edition."""
    start()
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.overview.queries import overview_for
    from waymark.pipeline import sign_and_publish
    from waymark.publishing.queries import told_elsewhere

    now = timezone.now()
    edition = sign_and_publish(
        by=[account(name) for name in by], overview=overview_for(slug), profile=profile, now=now
    )
    click.echo(f"{edition.slug}: edition {edition.edition} is published at /overviews/{slug}/")
    if said := told_elsewhere(edition.snapshot, edition.profile, now):
        click.echo(said, err=True)


@overview.command("write")
@click.argument("slug")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@BY
@one_line_errors
def overview_write(*, slug: str, folder: Path, by: str) -> None:
    """Save the chapters of a report from Markdown files, as introduction.md, and plan.yaml."""
    start()
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.overview.queries import overview_for
    from waymark.pipeline import report_draft, save_texts

    overview, now = overview_for(slug), timezone.now()
    for one in save_texts(by=account(by), overview=overview, folder=folder, now=now):
        click.echo(f"{one.slot}: version {one.number}")
    draft = report_draft(overview, now)
    for obstacle in draft.in_the_way:
        click.echo(str(obstacle), err=True)
    if draft.in_the_way:
        sys.exit(DONE_WITH_REFUSALS)


@overview.command("render")
@click.argument("slug")
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True)
@PROFILE
@AGAINST
@LOOKING
@click.option("--formats", default="html,pdf", show_default=True, help="Comma-separated.")
@one_line_errors
def overview_render(
    *,
    slug: str,
    to: Path,
    profile: str | None,
    against_decision: bool,
    by: str | None,
    formats: str,
) -> None:
    """Write an overview to a folder: html, pdf, docx, xlsx, ods, csv, json, package."""
    _check_looking(by, against=against_decision)
    start()
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.pipeline import render_overview

    person, now = account(by) if by else None, timezone.now()
    for file in render_overview(
        slug, to, profile=profile, formats=formats.split(","), by=person, now=now
    ):
        click.echo(str(file))


@overview.command("compare")
@click.argument("first")
@click.argument("second")
@as_json
@one_line_errors
def overview_compare(*, first: str, second: str, as_json: bool) -> None:
    """Set two published overviews side by side, with differences where they mean something."""
    start()
    from waymark.publishing.compare_said import comparison_json, comparison_text
    from waymark.publishing.queries import compared

    made = compared(first, second).comparison
    if as_json:
        print_json(comparison_json(made))
    else:
        click.echo(comparison_text(made))


@overview.command("attack")
@click.argument(
    "folders",
    metavar="DIR...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option("--threshold", type=click.IntRange(2), help="k, where no file says it.")
@click.option(
    "--counted",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A rendering in which nothing is withheld.",
)
@as_json
@one_line_errors
def overview_attack(
    *, folders: tuple[Path, ...], threshold: int | None, counted: Path | None, as_json: bool
) -> None:
    """Try to work out what the files of rendered overviews withhold, of all of them together."""
    from waymark.publishing.attack.audit import attack
    from waymark.publishing.attack.report import audit_json, audit_text

    audit = attack(*folders, threshold=threshold, counted=counted)
    if as_json:
        print_json(audit_json(audit))
    else:
        click.echo(audit_text(audit))
    if not audit.holds:
        sys.exit(DONE_WITH_REFUSALS)
