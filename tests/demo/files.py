"""What the demo's own files say, read without the product: codes that stand, and dates."""

import re
from calendar import month_name
from pathlib import Path

import yaml

THEMES_IN_ORDER = (
    *("early", "neglect", "threshold", "communication", "recording", "compliance"),
    *("assessment", "supervision", "child_focus", "organisation", "interagency"),
)
DEMO = Path(__file__).resolve().parents[2] / "demo"


def coding_files():
    """Review -> the coding files of its coders, as plain YAML."""
    by_review = {}
    for path in sorted((DEMO / "codings").glob("R*.coder.*.yaml")):
        by_review.setdefault(path.name[:3], []).append(yaml.safe_load(path.read_text("utf-8")))
    return by_review


def adjudicated(review):
    """Code -> whether the adjudicator let it stand, of the codes that two coders differed about."""
    path = DEMO / "codings" / f"{review}.adjudication.yaml"
    decisions = yaml.safe_load(path.read_text("utf-8"))["decisions"] if path.exists() else []
    return {one["code"]: one["agreed"] == "present" for one in decisions if "code" in one}


def agreed_in_files():
    """Code and review of every code that stands: of one coder, of both, or as adjudicated."""
    for review, files in coding_files().items():
        codes = [{one["code"] for one in file["codings"]} for file in files]
        chosen = adjudicated(review)
        for code in set().union(*codes):
            if all(code in own for own in codes) or chosen.get(code):
                yield code, review


def strengths_by_code():
    """Code -> the reviews in which a passage with that code, which stands, is a strength."""
    agreed, strengths = set(agreed_in_files()), {}
    for review, files in coding_files().items():
        for coding in (one for file in files for one in file["codings"]):
            praised = coding.get("qualifiers", {}).get("valence") == "strength"
            if praised and (coding["code"], review) in agreed:
                strengths.setdefault(coding["code"], set()).add(review)
    return strengths


def report_heads():
    """The facts at the head of each report of the demo."""
    for path in sorted((DEMO / "reports").glob("R*.md")):
        yield yaml.safe_load(path.read_text("utf-8").split("---")[1])


def months_of(head):
    """Months from the end of the period to completion, and from there to publication."""
    month, year = re.findall(r"([A-Z][a-z]+) (\d{4})", head["period"])[-1]
    ended = 12 * int(year) + list(month_name).index(month)
    completed, published = (
        12 * day.year + day.month for day in (head["completed"], head["published"])
    )
    return completed - ended, published - completed
