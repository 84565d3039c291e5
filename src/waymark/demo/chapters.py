"""Chapters of the demo's report, whose sources name passages by their words.

Keys depend on the bytes of the reports, which the build makes; the words do not. A line of its own,
{other overviews}, stands for what is stored of overviews of other bodies.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils import timezone

from waymark import pipeline
from waymark.accounts.models import User
from waymark.coding.files.coding_file import find_quote
from waymark.core.errors import FileFault, RuleError, SpecError
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import Report
from waymark.documents.queries.reader import text_of
from waymark.overview.models import OtherOverview, Overview
from waymark.overview.queries.other_overviews import chapter_text

NAMED = re.compile(r'(?P<open>\{quote |\[@)(?P<review>R\d+) "(?P<words>[^"]+)"(?P<close>[}\]])')

OTHERS = "{other overviews}"


def write_report_of(overview: Overview, place: Path, by: User) -> None:
    """Save the chapters in a folder as the texts of an overview's report. Raises SpecError."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for file in sorted(place.iterdir()):
            (folder / file.name).write_text(_text_with_keys(file), "utf-8")
        pipeline.save_texts(by=by, overview=overview, folder=folder, now=timezone.now())


def _text_with_keys(file: Path) -> str:
    """Text of a file with each passage named by its key."""
    source = file.read_text("utf-8")
    if OTHERS in source:
        rows = OtherOverview.objects.filter(listed=True).prefetch_related("findings")
        source = source.replace(OTHERS, chapter_text(rows.order_by("year", "title")).strip())

    def key(match: re.Match[str]) -> str:
        report = Report.objects.get(review__reference=match["review"])
        text = text_key(report.key, report.reading)
        try:
            span = find_quote(text_of(report), match["words"])
        except RuleError as error:
            line = source.count("\n", 0, match.start()) + 1
            raise SpecError(file.name, [FileFault(line, str(error))]) from error
        return f"{match['open']}{span_key(text, span)}{match['close']}"

    return NAMED.sub(key, source)
