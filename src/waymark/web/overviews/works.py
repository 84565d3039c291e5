"""Words of the site for each kind of overview: lists, tabs and cautions."""

from collections.abc import Mapping
from dataclasses import dataclass

from waymark.overview.spec.schema import OverviewKind


@dataclass(frozen=True, slots=True)
class WorkWords:
    """Words for a kind of overview. page: URL name of its list; caution: on the page of each."""

    kind: OverviewKind
    noun: str
    plural: str
    page: str
    lead: str
    caution: str = ""


WORKS: Mapping[OverviewKind, WorkWords] = {
    "overview": WorkWords(
        "overview",
        "overview",
        "Overviews",
        "overviews",
        "An overview counts what many reviews found. Every number links to the reviews it counts,"
        " and from there to the passages in their reports.",
    ),
    "theme-study": WorkWords(
        "theme-study",
        "theme study",
        "Theme studies",
        "theme-studies",
        "A theme study sets the reviews in which a theme was found beside the other reviews.",
        "All of these reviews were held because a child died or was seriously harmed. A difference"
        " between reviews with the theme and the others is a difference in what reports record. It"
        " does not show what leads to harm, and it cannot tell which family is at risk.",
    ),
    "silence-report": WorkWords(
        "silence-report",
        "silence report",
        "Silence reports",
        "silence-reports",
        "A silence report counts what case reviews state, rule out, leave unclear or do not"
        " mention, fact by fact and over the years.",
        "That a report does not mention something does not mean that it was not there. A summary"
        " leaves out more than a full report, so look at the kinds of report first.",
    ),
}
