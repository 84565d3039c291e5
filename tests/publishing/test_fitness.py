"""What stops an overview from being signed and published: decisions, sources, words."""

from datetime import date, timedelta

import pytest

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, hide
from tests.publishing.giving import give_out, prepare_and_publish, sign, write_introduction
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.coding import services as coding
from waymark.coding.models import Assignment
from waymark.core.errors import RuleError, SpecError
from waymark.documents.anchors import ReportAnchors
from waymark.overview import services as overview
from waymark.overview.queries.overviews import decision_of, latest_version
from waymark.overview.spec.disclosure_decision import DecisionForm
from waymark.profiles import services as profiles
from waymark.publishing import services
from waymark.publishing.document.report_plan import PLAN, default_plan, read_plan
from waymark.publishing.models import Publication, Signature, SigningCapacity
from waymark.publishing.queries.drafts import draft_of
from waymark.publishing.queries.release_gate import release_to_show

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
HEAD = SPEC[: SPEC.index("about:")] + SPEC[SPEC.index("select:") : SPEC.index("tables:")]
ALONE = {
    "flow": "  - {id: T1, kind: flow, title: Flow}\n",
    "themes": "  - {id: T10, kind: themes, title: Themes, of: {themes: true}}\n",
    "agreement": "  - {id: T14, kind: agreement, title: Agreement, of: {themes: true}}\n",
    "crosstab": SPEC[SPEC.index("  - id: T3") : SPEC.index("  - {id: T10")],
}


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@written_once
def frozen(world, source=SPEC, now=NOON):
    created = overview.create_overview(by=world.analyst, spec=source, file="s.yaml", now=now)
    return overview.freeze_overview(by=world.analyst, overview=created, now=now)


def publish(world, snapshot):
    return give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)


def obstacles(snapshot):
    return [(obstacle.page, obstacle.slot) for obstacle in draft_of(snapshot, now=NOON).obstacles]


# ---- sources ----


@pytest.mark.parametrize("kind", ALONE)
@pytest.mark.parametrize("which", ["first", "second"])
def test_no_table_of_any_kind_is_published_over_a_report_that_is_not_public(world, kind, which):
    """The second review is in these tables by its silence alone, or not at all."""
    snapshot = frozen(world, f"{HEAD}tables:\n{ALONE[kind]}")
    hide(getattr(world, which))
    with pytest.raises(RuleError, match="need public sources"):
        publish(world, snapshot)
    assert not Publication.objects.exists()
    assert not Signature.objects.exists()


@pytest.mark.parametrize("kind", ALONE)
def test_each_kind_is_published_over_public_reports(world, kind):
    assert publish(world, frozen(world, f"{HEAD}tables:\n{ALONE[kind]}")).edition == 1


def test_under_a_profile_what_opens_needs_public_sources_in_every_kind(world):
    k3 = f"{HEAD}tables:\n{ALONE['flow']}".replace("profile: open", "profile: k3")
    snapshot = frozen(world, k3)
    hide(world.second)
    with pytest.raises(RuleError, match="reviews without a public report are not: S2"):
        publish(world, snapshot)
    closed = k3.replace("profile: k3,", "profile: k3, open_process: false,")
    overview.revise_overview(
        by=world.analyst, overview=snapshot.overview, spec=closed, file="s", now=NOON
    )
    newer = overview.freeze_overview(by=world.analyst, overview=snapshot.overview, now=NOON)
    assert publish(world, newer).edition == 1


def test_a_review_that_was_withdrawn_since_stops_the_next_edition(world):
    snapshot = frozen(world, f"{HEAD}tables:\n{ALONE['flow']}")
    review = world.second.review
    review.state = State.WITHDRAWN
    review.save(update_fields=["state"])
    with pytest.raises(RuleError, match="these reviews are not: S2"):
        publish(world, snapshot)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED])
def test_a_withdrawn_review_is_not_counted_anew_where_nothing_opens_to_it_either(world, state):
    closed = HEAD.replace("profile: open,", "profile: k3, open_process: false,")
    snapshot = frozen(world, f"{closed}tables:\n{ALONE['flow']}")
    review = world.second.review
    review.state = state
    review.save(update_fields=["state"])
    with pytest.raises(RuleError, match="were withdrawn or expired: S2; freeze"):
        publish(world, snapshot)
    assert not Signature.objects.exists()


def reopen(world):
    coder = Assignment.objects.get(review=world.first.review).coder
    pipeline.reopen_coding(
        by=world.analyst,
        review=world.first.review,
        framework=world.framework,
        coder=coder,
        now=LATER,
    )
    return coder


def test_what_was_frozen_before_a_coding_was_opened_again_is_not_given_out(world):
    snapshot = frozen(world)
    sign(world.analyst, snapshot, SigningCapacity.ANALYST)
    reopen(world)
    says = "these reviews no longer have the coding that was agreed: S1; settle"
    with pytest.raises(RuleError, match=says):
        sign(world.editor, snapshot, SigningCapacity.EDITOR)
    with pytest.raises(RuleError, match=says):
        prepare_and_publish(by=world.editor, snapshot=snapshot, now=LATER)
    with pytest.raises(RuleError, match=says):
        release_to_show(snapshot, now=LATER)


def settle(world, coder):
    place = {"review": world.first.review, "framework": world.framework, "now": LATER}
    coding.finish_coding(by=coder, **place)
    pipeline.settle_review(
        by=world.analyst, adjudicator=world.analyst, codes={}, judgements={}, **place
    )


def test_a_review_that_was_settled_otherwise_has_to_be_frozen_again(world):
    snapshot = frozen(world)
    coder = reopen(world)
    profiles.record_judgement(
        by=coder,
        review=world.first.review,
        child=None,
        variable=world.framework.variables.get(variable="drink"),
        value="not_mentioned",
        anchors=ReportAnchors(world.first),
        spans=[],
        memo="",
        now=LATER,
    )
    settle(world, coder)
    with pytest.raises(RuleError, match="no longer have the coding that was agreed: S1"):
        publish(world, snapshot)
    newer = overview.freeze_overview(by=world.analyst, overview=snapshot.overview, now=LATER)
    assert publish(world, newer).edition == 1


def test_a_review_that_was_settled_as_before_is_no_news(world):
    snapshot = frozen(world)
    settle(world, reopen(world))
    assert (
        overview.freeze_overview(by=world.analyst, overview=snapshot.overview, now=LATER)
        == snapshot
    )
    assert publish(world, snapshot).edition == 1


def test_an_edition_stands_and_is_shown_while_a_coding_is_opened_again(world):
    edition = publish(world, frozen(world))
    reopen(world)
    assert release_to_show(edition.snapshot, now=LATER).profile == "open"


# ---- decisions ----


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("decided: 2026-01-02", "decided: 2026-01-02, proposed: true", "record who decided"),
        ("A controller", "C", "“C” is a placeholder|a placeholder, “C”"),
        ("All is public.", "TODO", "a placeholder, “TODO”"),
        ("2026-01-02", "2026-05-05", "dated 5 May 2026, in the future"),
    ],
)
def test_without_a_decision_nobody_signs_and_nothing_is_published(world, old, new, says):
    """A date in the future is frozen where the clock was wrong; otherwise it is refused there."""
    snapshot = frozen(world, SPEC.replace(old, new), now=NOON + timedelta(days=400))
    write_introduction(snapshot.overview)
    assert obstacles(snapshot) == [("decision", "")]
    seen = draft_of(snapshot, now=NOON).content
    with pytest.raises(RuleError, match=says):
        services.sign_report(
            by=world.analyst,
            snapshot=snapshot,
            capacity=SigningCapacity.ANALYST,
            seen=seen,
            now=NOON,
        )
    with pytest.raises(RuleError, match=says):
        prepare_and_publish(by=world.editor, snapshot=snapshot, now=NOON)
    with pytest.raises(RuleError, match=says):
        pipeline.sign_and_publish(
            by=[world.analyst, world.editor], overview=snapshot.overview, profile=None, now=NOON
        )


def test_a_decision_after_freezing_in_the_yaml_alone_stops_what_was_frozen_before(world):
    snapshot = frozen(world)
    write_introduction(snapshot.overview)
    other = SPEC.replace("All is public.", "All of it is public.")
    overview.revise_overview(
        by=world.analyst, overview=snapshot.overview, spec=other, file="s", now=NOON
    )
    assert obstacles(snapshot) == [("spec", "")]


@pytest.mark.parametrize("decided", ["2026-01-12", "2026-01-02"])
def test_a_file_from_before_a_decision_does_not_undo_it(world, decided):
    snapshot = frozen(world)
    form = DecisionForm("k3", "Jo Ash", "Chair", "Small places.", date.fromisoformat(decided))
    pipeline.decide_disclosure(by=world.editor, slug="small", form=form, now=NOON)
    with pytest.raises(SpecError, match=r"line 10: .* older than the one recorded: Jo Ash decided"):
        pipeline.freeze_overview(by=world.analyst, spec=f"{SPEC}# more\n", file="s.yaml", now=NOON)
    assert decision_of(latest_version(snapshot.overview)).profile == "k3"


def test_a_file_that_only_proposes_a_decision_keeps_the_one_recorded(world):
    snapshot = frozen(world)
    form = DecisionForm("k3", "Jo Ash", "Chair", "Small places.", date(2026, 1, 12))
    pipeline.decide_disclosure(by=world.editor, slug="small", form=form, now=NOON)
    begun = SPEC.replace("2026-01-02", "2026-01-02, proposed: true") + "# changed since\n"
    again = pipeline.freeze_overview(by=world.analyst, spec=begun, file="s.yaml", now=NOON)
    decision = decision_of(latest_version(snapshot.overview))
    assert (decision.profile, decision.controller, decision.proposed) == ("k3", "Jo Ash", False)
    assert decision_of(again) == decision
    assert again.spec.endswith("# changed since\n")


def test_a_file_with_a_later_decision_is_taken(world):
    snapshot = frozen(world)
    later = SPEC.replace("2026-01-02", "2026-01-12").replace("profile: open", "profile: k3")
    for source in (later, later.replace("2026-01-12", "2026-01-13").replace("k3", "open")):
        overview.revise_overview(
            by=world.analyst, overview=snapshot.overview, spec=source, file="s", now=NOON
        )
        assert latest_version(snapshot.overview).spec == source


# ---- words ----


def test_an_overview_of_which_no_chapter_is_written_is_not_signed(world):
    snapshot = frozen(world)
    assert obstacles(snapshot) == [("text", "introduction")]
    with pytest.raises(RuleError, match="the chapter Introduction is required and has no text"):
        prepare_and_publish(by=world.editor, snapshot=snapshot, now=NOON)


@pytest.mark.parametrize("text", ["### A heading alone", "   "])
def test_a_chapter_of_headings_alone_is_not_written(world, text):
    snapshot = frozen(world)
    save(snapshot, text)
    assert obstacles(snapshot) == [("text", "introduction")]


def save(snapshot, text, slot="introduction"):
    services.save_text(
        by=make_person(Role.EDITOR),
        overview=snapshot.overview,
        slot=slot,
        text=text,
        base=0,
        now=NOON,
    )


def test_a_placeholder_in_a_chapter_is_told_with_its_line(world):
    snapshot = frozen(world)
    save(snapshot, "These reviews were read.")
    save(snapshot, "Words.\n\nTODO: ask the board", "reflections")
    assert obstacles(snapshot) == [("text", "reflections")]
    (obstacle,) = draft_of(snapshot, now=NOON).obstacles
    assert str(obstacle).startswith("reflections, line 3: “TODO” is a placeholder")


def test_a_placeholder_in_what_the_yaml_prints_is_told(world):
    snapshot = frozen(world, SPEC.replace("A small overview", "TBC"))
    save(snapshot, "These reviews were read.")
    assert obstacles(snapshot) == [("spec", "")]


def test_a_plan_of_ones_own_says_which_chapters_are_required(world):
    snapshot = frozen(world)
    own = default_plan().replace("    required: true\n", "")
    save(snapshot, own, PLAN)
    assert obstacles(snapshot) == [("text", "foreword")]
    save(snapshot, "Words of thanks.", "reflections")
    assert obstacles(snapshot) == []


def test_a_chapter_that_has_no_text_cannot_be_required():
    own = default_plan().replace("parts: [references]", "required: true\n    parts: [references]")
    with pytest.raises(SpecError, match="references has no text part that someone could write"):
        read_plan(own)
