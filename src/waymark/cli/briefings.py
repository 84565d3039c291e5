"""Commands of the briefings."""

import sys
from pathlib import Path

import click

from waymark.cli.common import as_json, main, print_answer, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS

GUIDE = click.option("--guide", is_flag=True, help="It is a guide, not a thematic briefing.")


@main.group(name="briefing")
def briefing_group() -> None:
    """Thematic briefings and guides, and what they rest on."""


@briefing_group.command(name="check")
@as_json
def check_briefings(*, as_json: bool) -> None:
    """List statements of published briefings whose passage or number was withdrawn or changed."""
    start_django()
    from django.utils import timezone

    from waymark.briefings.queries.editions import flagged_briefings, published_briefings

    rows = flagged_briefings(timezone.now())
    flagged = [
        {
            "kind": row.publication.kind,
            "slug": row.publication.slug,
            "edition": row.publication.edition,
            "statements": [
                {"number": one.number, "words": one.statement.words, "problems": one.problems}
                for one in row.statements
            ],
        }
        for row in rows
    ]
    checked = len(published_briefings())
    lines = [f"{row.publication}: {len(row.statements)} statements to check again" for row in rows]
    last = f"{checked} checked, {len(flagged)} with statements to check again"
    answer = {"checked": checked, "flagged": flagged}
    print_answer(answer, *lines, last, as_json=as_json)
    if flagged:
        sys.exit(DONE_WITH_REFUSALS)


@briefing_group.command(name="render")
@click.argument("slug")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@GUIDE
@as_json
def render_briefing(*, slug: str, folder: Path, guide: bool, as_json: bool) -> None:
    """Write the published edition of a briefing to a folder, as HTML, PDF and Word."""
    start_django()
    from django.utils import timezone

    from waymark import pipeline

    kind = "guide" if guide else "briefing"
    files = pipeline.render_briefing(kind, slug, folder, now=timezone.now())
    print_answer({"files": list(map(str, files))}, *map(str, files), as_json=as_json)
