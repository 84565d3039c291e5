"""Scores of a sentence as part of an abstract: the heading above it, and cue words in it.

A score is a number of points; it comes with its reasons, which are shown beside the sentence.
"""

import re
from collections.abc import Callable
from typing import Literal

Part = Literal["event", "background", "issues", "recommendations"]
ScoredReasons = tuple[float, list[str]]

NUMBER = re.compile(
    r"\s*(?:(?:Recommendation|Finding)\s+)?(?:\d+(?:\.\d+)*|[a-z]\))[.:)]?\s+", re.I
)
_HEADINGS: dict[Part, re.Pattern[str]] = {
    "event": re.compile(
        r"summary|introduction|what happened|circumstance|incident|event|death", re.I
    ),
    "background": re.compile(
        r"background|famil|parent|household|histor|mother|father|child|who |context|profile", re.I
    ),
    "issues": re.compile(
        r"finding|analysis|reflection|learn|lesson|theme|issue|practice|apprais|agenc|help that",
        re.I,
    ),
    "recommendations": re.compile(r"recommendation|action", re.I),
}
_ELSEWHERE = re.compile(
    r"terms of reference|methodolog|how (?:the review|we) work|appendi|reference", re.I
)
_OUTCOME = re.compile(
    r"\b(?:died|death|dead|lifeless|killed|killing|suicide|took (?:his|her|their) own life|drown\w*"
    r"|serious(?:ly)? (?:injur|harm|ill)\w*|injur(?:y|ies|ed)|non-accidental|fractur\w*|abused"
    r"|starv\w*)",
    re.I,
)
_COUNT = (
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen)"
)
_AGE = re.compile(
    rf"\b(?:aged? (?:of )?{_COUNT}|{_COUNT}[- ](?:day|week|month|year)s?\b|newborn|infant|baby)",
    re.I,
)
_SEX = re.compile(r"\b(?:boy|girl|son|daughter|he|she|his|her)\b", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_FAMILY = re.compile(
    r"\b(?:mother|father|parents?|stepfather|partner|siblings?|family|carers?)\b", re.I
)
_FACTOR = re.compile(
    r"\b(?:depress\w*|mental (?:ill )?health|mental illness|alcohol|drank|drinking|drugs?|cannabis"
    r"|heroin|domestic (?:violence|abuse)|violen(?:t|ce)|homeless\w*|debt"
    r"|learning (?:disab|difficult)\w*"
    r"|known to|register(?:ed)?|looked after|in care|neglect\w*|prison|police|teenage)",
    re.I,
)
_LAPSE = re.compile(
    r"\b(?:nobody|no one|none of|never|without|unasked|unseen|missed|lost|fail\w*|delay\w*|instead"
    r"|(?:did|was|were|had|is) not|not (?:shared|told|seen|asked|recorded|known|considered)"
    r"|should have|could have|opportunit\w+|good practice)",
    re.I,
)
_PRACTICE = re.compile(
    r"\b(?:assess\w*|information|record\w*|communicat\w*|meeting|conference|referr\w*|threshold\w*"
    r"|supervis\w*|visit\w*|polic(?:y|ies)|procedure\w*|agenc\w+|social worker\w*|school"
    r"|health visitor\w*"
    r"|midwi\w+|staff\w*|caseload\w*|training)",
    re.I,
)
_ASKS = re.compile(r"\b(?:should|must|recommends?|needs? to|is to|are to)\b", re.I)
_FULL_DATE = re.compile(
    r"\b\d{1,2}(?:st|nd|rd|th)? "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (?:19|20)\d\d"
    r"|\b\d{1,2}[/.]\d{1,2}[/.](?:19|20)?\d\d\b"
)


def sentence_score(part: Part, text: str, heading: str, position: float) -> ScoredReasons:
    """Return the score of a sentence for a part, with the reasons.

    heading: the path above it; position: in the report, 0 to 1. Reports tell the event and
    the background early, so that early sentences score up to one point more for these.

    "A boy aged 3 died in 2019." at 0.1, below "1 Introduction", as event: 2 (outcome) + 0.9
    (early) + 2 (age) + 0.5 (sex) + 1 (year) + 2 (heading) = 8.4.
    """
    if _ELSEWHERE.search(heading):
        return 0.0, []
    score, why = _CUES[part](text, position)
    if _HEADINGS[part].search(heading):
        return score + 2, [*why, f"under “{heading.rsplit(' > ', 1)[-1]}”"]
    # "Should" is everywhere in a report: only a heading makes it a recommendation.
    if part == "recommendations":
        return 0.0, []
    return score - (4 if _HEADINGS["recommendations"].search(heading) else 0), why


def _cues_of_event(text: str, position: float) -> ScoredReasons:
    # Without an outcome a sentence is not about the event, however many ages it has.
    outcome = _OUTCOME.search(text)
    if not outcome:
        return 0.0, []
    why = [f"“{outcome[0].lower()}”"]
    score = 2.0 + (1 - position)
    for cue, worth, name in ((_AGE, 2, "an age"), (_SEX, 0.5, ""), (_YEAR, 1, "a year")):
        if cue.search(text):
            score += worth
            why += [name] if name else []
    return score, why


def _cues_of_background(text: str, position: float) -> ScoredReasons:
    factors = sorted({word.lower() for word in _FACTOR.findall(text)})
    family = 1.0 if _FAMILY.search(text) else 0.0
    # A factor alone may be about an agency ("the police"), a relative alone about anything.
    if not factors or not family:
        return family, []
    return family + min(len(factors), 2) + (1 - position), [f"“{word}”" for word in factors]


def _cues_of_issues(text: str, position: float) -> ScoredReasons:
    lapses = sorted({word.lower() for word in _LAPSE.findall(text)})
    practice = sorted({word.lower() for word in _PRACTICE.findall(text)})
    score = min(len(lapses), 2) + min(len(practice), 2) * 0.75
    return score, [f"“{word}”" for word in (*lapses, *practice)]


def _cues_of_recommendations(text: str, position: float) -> ScoredReasons:
    asks = _ASKS.search(text)
    return (1.5, [f"“{asks[0].lower()}”"]) if asks else (0.0, [])


_CUES: dict[Part, Callable[[str, float], ScoredReasons]] = {
    "event": _cues_of_event,
    "background": _cues_of_background,
    "issues": _cues_of_issues,
    "recommendations": _cues_of_recommendations,
}


def sentence_warning(part: Part, text: str) -> str:
    """A warning shown with a sentence, or "". Recommendations may contain dates."""
    if part != "recommendations" and _FULL_DATE.search(text):
        return "Contains a full date. Abstracts give only the month or the year."
    return ""
