"""Drafts whose sentences are checked: what is kept, what holds signing, what turns red and when."""

from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.overview.world import ASKED, SPEC, STOPPED
from tests.publishing.giving import give_out, sign
from tests.written_once import written_once
from waymark import pipeline
from waymark.coding import services as coding
from waymark.coding.assignments import finished_coders
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import ReportText
from waymark.overview import services as overview
from waymark.profiles import services as profiles
from waymark.publishing import queries, services
from waymark.publishing.formats.html import render_page
from waymark.publishing.models import ReportVersion, SigningCapacity
from waymark.publishing.queries import drafts

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
TEXT = """\
In half of the reviews drink is recorded. {check half: T2/present/n of T2/all/n}

One of the reviews mentions it. {check one: T2/present/n} The others are silent.

Most reviews were read. {check most: T1/coded/n of T1/identified/n}
"""


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
@written_once
def small(world):
    return overview.create_overview(by=world.analyst, spec=SPEC, file="s.yaml", now=NOON)


@pytest.fixture
@written_once
def snapshot(world, small):
    return overview.freeze_overview(by=world.analyst, overview=small, now=NOON)


def save(world, small, text, *, slot="introduction", base=0):
    return services.save_text(
        by=world.editor, overview=small, slot=slot, text=text, base=base, now=NOON
    )


def red(snapshot, now=NOON):
    faults = drafts.draft_of(snapshot, now=now).sentences.faults
    return [(fault.paragraph, fault.sentence) for fault in faults]


def key_of(words):
    text = ReportText.objects.get(content__contains=words)
    start = text.content.index(words)
    return f"{text.report.key}-{start}-{start + len(words)}"


def test_a_text_with_a_number_that_nothing_supports_is_saved_and_cannot_be_signed(
    world, small, snapshot
):
    save(world, small, "Several reviews say so.")
    assert ReportVersion.objects.get().text == "Several reviews say so."
    with pytest.raises(
        RuleError, match=r"Introduction, paragraph 1, sentence 1 \(line 1\): “Sever"
    ):
        sign(world.editor, snapshot, SigningCapacity.EDITOR)
    save(world, small, "Reviews say so.", base=1)
    assert sign(world.editor, snapshot, SigningCapacity.EDITOR)


def test_unsupported_numbers_are_in_the_one_list_of_obstacles(world, small, snapshot):
    save(world, small, "Half of them.\n\n{T2/nobody/n}")
    obstacles = [(row.slot, row.message) for row in drafts.draft_of(snapshot, now=NOON).obstacles]
    assert [slot for slot, _ in obstacles] == ["introduction", "introduction"]
    assert "T2 has no row nobody" in obstacles[0][1]
    assert "“Half” is not linked to a table" in obstacles[1][1]


def test_a_changed_coding_turns_exactly_the_sentences_red_that_it_contradicts(
    world, small, snapshot
):
    save(world, small, TEXT)
    assert red(snapshot) == []
    # Nobody drinks in S1 any more: 0 of 2 reviews. The reviews read are as many as before.
    _judge_anew(world, "stated_absent")
    assert red(snapshot) == []
    again = overview.freeze_overview(by=world.analyst, overview=small, now=LATER)
    assert red(again, LATER) == [(1, 1), (2, 1)]
    problems = [row.problem for row in drafts.draft_of(again, now=LATER).sentences.faults]
    assert problems == [
        "“half” means exactly half: T2/present/n is 0 of 2",
        "“one”: T2/present/n is 0",
    ]


def _judge_anew(world, value):
    review = world.first.review
    (coder,) = finished_coders(review, world.framework)
    place = {"review": review, "framework": world.framework, "now": LATER}
    pipeline.reopen_coding(by=world.analyst, coder=coder, **place)
    profiles.record_judgement(
        by=coder,
        review=review,
        child=None,
        variable=world.framework.variables.get(variable="drink"),
        value=value,
        anchors=ReportAnchors(world.first),
        spans=[Span(0, 20)],
        memo="",
        now=LATER,
    )
    coding.finish_coding(by=coder, **place)
    pipeline.settle_review(
        by=world.analyst, adjudicator=world.analyst, codes={}, judgements={}, **place
    )


def test_a_quotation_in_the_text_of_a_theme_is_a_passage_coded_with_it(world, small, snapshot):
    slot = "key-themes:a"
    save(world, small, f"{{quote {key_of(ASKED)}}}", slot=slot)
    save(world, small, "Words.")
    assert drafts.draft_of(snapshot, now=NOON).obstacles == ()
    # A part of a coded passage will do; words next to it will not.
    save(world, small, f"{{quote {key_of('asked why')}}}", slot=slot, base=1)
    assert drafts.draft_of(snapshot, now=NOON).obstacles == ()
    save(world, small, f"{{quote {key_of(f'{STOPPED} {ASKED}')}}}", slot=slot, base=2)
    (obstacle,) = drafts.draft_of(snapshot, now=NOON).obstacles
    assert (obstacle.slot, "is not coded with" in obstacle.message) == (slot, True)


def test_a_quotation_in_another_chapter_needs_no_theme(world, small, snapshot):
    save(world, small, f"{{quote {key_of(STOPPED)}}}")
    assert drafts.draft_of(snapshot, now=NOON).obstacles == ()


def test_the_edition_names_figures_typed_by_hand_with_their_reasons(world, small, snapshot):
    save(world, small, "Two people read. {exempt two: their names are in the foreword}")
    edition = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    page = render_page(queries.document_of(edition, now=NOON))
    assert "Figures typed by hand" in page
    assert "Introduction, “Two”: their names are in the foreword." in page
    assert "exempt" not in page
