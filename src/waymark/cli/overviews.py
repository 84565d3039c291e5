"""Commands for overviews: freeze, decide, table, publish, write, render, compare, attack."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import BY, as_json, main, print_answer, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.inputs import INPUT_FILE
from waymark.core.utf8 import read_utf8


@main.group("overview")
def overview_group() -> None:
    """Overviews."""


@overview_group.command("freeze")
@click.argument("spec", type=INPUT_FILE)
@BY
@as_json
def overview_freeze(*, spec: Path, by: str, as_json: bool) -> None:
    """Freeze an overview from its specification (YAML); creates or updates the overview."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.pipeline import freeze_overview, update_index
    from waymark.publishing.queries.protected import closed_facts_note

    update_index()  # a specification can select reviews by a search
    snapshot = freeze_overview(
        by=find_account(by), spec=read_utf8(spec), file=spec.name, now=datetime.now(UTC)
    )
    slug, number, sha256 = snapshot.overview.slug, snapshot.number, snapshot.sha256
    print_answer(
        {"overview": slug, "snapshot": number, "sha256": sha256},
        f"{slug}: snapshot {number}, SHA-256 {sha256}",
        as_json=as_json,
    )
    if note := closed_facts_note(snapshot):
        click.echo(note, err=True)
        click.echo(
            "A worker protects the numbers before they can be read and signed: run waymark work"
            " --once, unless waymark serve is running.",
            err=True,
        )


@overview_group.command("others")
@click.argument("file", type=INPUT_FILE)
@BY
@as_json
def overview_others(*, file: Path, by: str, as_json: bool) -> None:
    """Import overviews of other bodies from YAML; those known already are replaced."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.overview.services.other_overviews import import_other_overviews
    from waymark.overview.spec.other_overviews import read_other_overviews

    entries = read_other_overviews(read_utf8(file), file=file.name)
    rows = import_other_overviews(by=find_account(by), entries=entries, now=datetime.now(UTC))
    slugs = [row.slug for row in rows]
    print_answer({"stored": slugs}, f"{len(slugs)} stored: {', '.join(slugs)}", as_json=as_json)


PROFILES = click.Choice(["open", "k3", "k5", "r5"])


@overview_group.command("decide")
@click.argument("slug")
@click.option("--profile", type=PROFILES, required=True, help="The chosen profile.")
@click.option("--controller", required=True, help="Name of the person or body that decided.")
@click.option("--role", required=True, help="Their role.")
@click.option(
    "--decided", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day of the decision."
)
@click.option("--reason", required=True, help="Reason, published with the overview.")
@BY
@as_json
def overview_decide(
    *,
    slug: str,
    profile: str,
    controller: str,
    role: str,
    decided: datetime,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Record the data controller's decision on how small numbers of an overview are protected."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.overview.spec.disclosure_decision import DecisionForm
    from waymark.pipeline import decide_disclosure
    from waymark.publishing.queries.release_gate import exposure_warning

    # None for the snapshot: the specification has changed since the last one, so the decision
    # applies only after the next freeze.
    form = DecisionForm(profile, controller, role, reason, decided.date())
    snapshot = decide_disclosure(by=find_account(by), slug=slug, form=form, now=datetime.now(UTC))
    number = snapshot.number if snapshot else None
    print_answer(
        {"overview": slug, "profile": profile, "controller": controller, "snapshot": number},
        f"{slug}: {controller} decided on the profile {profile}",
        as_json=as_json,
    )
    if snapshot is None:
        click.echo("freeze the overview to apply the decision to its numbers", err=True)
    if warning := exposure_warning(slug, profile):
        click.echo(warning, err=True)


PROFILE = click.option(
    "--profile",
    type=PROFILES,
    help="How small numbers are protected. Default: as the data controller decided.",
)
AGAINST = click.option(
    "--against-decision",
    is_flag=True,
    help="Also show protected numbers. Needs --by; recorded and marked.",
)
LOOKING = click.option("--by", help="With --against-decision: account that views the numbers.")


@overview_group.command("table")
@click.argument("slug")
@click.argument("table")
@PROFILE
@AGAINST
@LOOKING
@as_json
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
    _check_against_decision(by, against=against_decision)
    start_django()
    from waymark import pipeline
    from waymark.accounts.queries import find_account
    from waymark.overview.tables.export import table_json, table_text

    person = find_account(by) if by else None
    now = datetime.now(UTC)
    protected = pipeline.overview_table(slug, table, profile=profile, by=person, now=now)
    print_answer(table_json(protected), table_text(protected), as_json=as_json)


def _check_against_decision(by: str | None, *, against: bool) -> None:
    """Raise UsageError if only one of --against-decision and --by is given."""
    if against != bool(by):
        raise click.UsageError(
            "--against-decision needs --by NAME, and --by needs --against-decision"
        )


@overview_group.command("publish")
@click.argument("slug")
@click.option(
    "--by",
    multiple=True,
    required=True,
    help="Account that signs the edition. Give it twice: an analyst and an editor.",
)
@click.option(
    "--profile",
    type=PROFILES,
    help="Profile you expect: refused if the data controller decided on another.",
)
@as_json
def overview_publish(*, slug: str, by: tuple[str, ...], profile: str | None, as_json: bool) -> None:
    """Sign an overview as two people and publish it as its next edition."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.overview.queries.overviews import overview_for
    from waymark.pipeline import sign_and_publish
    from waymark.publishing.queries import public_pages_warning

    now = datetime.now(UTC)
    edition = sign_and_publish(
        by=[find_account(name) for name in by],
        overview=overview_for(slug),
        profile=profile,
        now=now,
    )
    address = f"/overviews/{slug}/"
    print_answer(
        {"overview": edition.slug, "edition": edition.edition, "address": address},
        f"{edition.slug}: edition {edition.edition} is published at {address}",
        as_json=as_json,
    )
    if warning := public_pages_warning(edition.frozen, edition.profile, now):
        click.echo(warning, err=True)


@overview_group.command("write")
@click.argument("slug")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@BY
@as_json
def overview_write(*, slug: str, folder: Path, by: str, as_json: bool) -> None:
    """Save the chapters of an overview from files such as introduction.md, and plan.yaml."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.core.language_advice import advice_on_fields
    from waymark.overview.queries.overviews import overview_for
    from waymark.pipeline import report_draft, save_texts
    from waymark.publishing.document.report_plan import PLAN

    overview, now = overview_for(slug), datetime.now(UTC)
    saved = save_texts(by=find_account(by), overview=overview, folder=folder, now=now)
    draft = report_draft(overview, now)
    advice = advice_on_fields((text.slot, text.text) for text in saved if text.slot != PLAN)
    print_answer(
        {
            "overview": slug,
            "saved": [{"text": text.slot, "version": text.number} for text in saved],
            "obstacles": [str(obstacle) for obstacle in draft.obstacles],
            "language": [asdict(row) for row in advice],
        },
        *(f"{text.slot}: version {text.number}" for text in saved),
        as_json=as_json,
    )
    for row in advice:
        click.echo(f"advice: {row}", err=True)
    for obstacle in draft.obstacles:
        click.echo(str(obstacle), err=True)
    if draft.obstacles:
        sys.exit(DONE_WITH_REFUSALS)


@overview_group.command("render")
@click.argument("slug")
@click.option(
    "--to", type=click.Path(file_okay=False, path_type=Path), required=True, help="New folder."
)
@PROFILE
@AGAINST
@LOOKING
@click.option("--formats", default="html,pdf", show_default=True, help="Comma-separated.")
@as_json
def overview_render(
    *,
    slug: str,
    to: Path,
    profile: str | None,
    against_decision: bool,
    by: str | None,
    formats: str,
    as_json: bool,
) -> None:
    """Write an overview to a folder: html, pdf, docx, xlsx, ods, csv, json, package."""
    _check_against_decision(by, against=against_decision)
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.pipeline import render_overview

    person, now = find_account(by) if by else None, datetime.now(UTC)
    rendered = render_overview(
        slug, to, profile=profile, formats=formats.split(","), by=person, now=now
    )
    files = [str(file) for file in rendered]
    print_answer({"files": files}, *files, as_json=as_json)


@overview_group.command("compare")
@click.argument("first")
@click.argument("second")
@as_json
def overview_compare(*, first: str, second: str, as_json: bool) -> None:
    """Compare two published overviews, with differences where they are meaningful."""
    start_django()
    from waymark.publishing.comparison.export import comparison_json, comparison_text
    from waymark.publishing.queries import compare_editions

    comparison = compare_editions(first, second).comparison
    print_answer(comparison_json(comparison), comparison_text(comparison), as_json=as_json)


@overview_group.command("attack")
@click.argument(
    "folders",
    metavar="DIR...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option("--threshold", type=click.IntRange(2), help="k, if no file states it.")
@click.option(
    "--counted",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the same overview with nothing withheld.",
)
@as_json
def overview_attack(
    *, folders: tuple[Path, ...], threshold: int | None, counted: Path | None, as_json: bool
) -> None:
    """Try to work out withheld numbers from the files of rendered overviews, taken together."""
    from waymark.publishing.attack.audit import attack_folders
    from waymark.publishing.attack.report import audit_json, audit_text

    audit = attack_folders(*folders, threshold=threshold, counted=counted)
    print_answer(audit_json(audit), audit_text(audit), as_json=as_json)
    if not audit.is_safe:
        sys.exit(DONE_WITH_REFUSALS)
