"""A world in the database for overviews: three reviews, two of them read, all through services."""

from dataclasses import dataclass

from tests.factories import NOON, make_person, make_report, make_review
from tests.written_once import written_once
from waymark.accounts.models import Role, State, User
from waymark.coding import services as coding
from waymark.coding.files.coding_file import find_quote
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Report
from waymark.frameworks.models import Framework
from waymark.profiles import services as profiles

SPEC = """\
overview: small
title: A small overview
subtitle: For tests
framework: small 1.0.0
place: Nowhere
period: 2001
about:
  - There are {T2/all/n} reviews.
select: {collection: small}
disclosure: {profile: open, controller: A controller, reason: All is public., decided: 2026-01-02}
tables:
  - {id: T1, kind: flow, title: Flow}
  - id: T2
    kind: crosstab
    title: Drink
    blocks:
      - id: drink
        title: Drink
        unit: review
        base: reviews read and coded
        rows: {variable: drink}
        all_label: All reviews
  - id: T3
    kind: crosstab
    title: Sex
    blocks:
      - id: sex
        title: Sex
        unit: child
        base: children
        rows: {variable: sex}
        all_label: All children
  - {id: T10, kind: themes, title: Themes, of: {themes: true}}
figures:
  - {id: F1, kind: flow, table: T1, title: Flow}
"""
STOPPED = "The visits stopped in May."
ASKED = "Nobody asked why."


@dataclass(frozen=True)
class World:
    """S1: drinks, theme a. S2: not mentioned, no theme. S3: no report."""

    framework: Framework
    first: Report
    second: Report
    analyst: User
    editor: User


@written_once
def make_world(framework: Framework) -> World:
    reviews = [make_review(f"S{n}", collection="small") for n in (1, 2, 3)]
    first = make_report(reviews[0], f"{STOPPED} {ASKED}", "The girl was two.")
    second = make_report(reviews[1], "The file held two letters.")
    analyst, editor = make_person(Role.ANALYST), make_person(Role.EDITOR)
    coder = make_person(Role.CODER)
    for report, value, quote in ((first, "present", STOPPED), (second, "not_mentioned", None)):
        place = {"review": report.review, "framework": framework, "now": NOON}
        coding.assign_coder(by=coder, coder=coder, **place)
        _judge(coder, framework, report, "drink", value, quote)
        if quote:
            child = profiles.add_child(
                by=coder, review=report.review, number=1, name="Child A", now=NOON
            )
            _judge(coder, framework, report, "sex", "female", "The girl", child=child)
            anchors = ReportAnchors(report)
            coding.record_coding(
                by=coder,
                anchors=anchors,
                span=find_quote(anchors.text, ASKED),
                code=framework.codes.get(code="a"),
                qualifiers={},
                memo="",
                now=NOON,
            )
        coding.finish_coding(by=coder, **place)
        coding.settle_codes(by=analyst, adjudicator=analyst, decisions={}, **place)
        profiles.settle_judgements(
            by=analyst, adjudicator=analyst, coders=[coder], decisions={}, **place
        )
    return World(framework, first, second, analyst, editor)


def _judge(coder, framework, report, variable, value, quote, *, child=None):
    anchors = ReportAnchors(report)
    profiles.record_judgement(
        by=coder,
        review=report.review,
        child=child,
        variable=framework.variables.get(variable=variable),
        value=value,
        anchors=anchors,
        spans=[find_quote(anchors.text, quote)] if quote else [],
        memo="",
        now=NOON,
    )


def hide(report: Report, state: State = State.INTERNAL) -> None:
    """Take a report out of the public's sight."""
    report.state = state
    report.save(update_fields=["state"])
