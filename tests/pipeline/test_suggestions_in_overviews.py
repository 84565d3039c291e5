"""What programs suggested, in the method chapter of an overview; or that no machine was used."""

from dataclasses import replace

import pytest

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from waymark import pipeline
from waymark.accounts.models import Role
from waymark.coding import services
from waymark.coding.models import SampledPassage, Suggestion, SuggestionDecision
from waymark.core.errors import RuleError
from waymark.overview.queries.overviews import frozen_rows, release_of
from waymark.overview.snapshot.file_format import pack_rows, unpack_rows
from waymark.publishing.document.method_text import method_paragraphs
from waymark.publishing.document.suggestion_text import (
    suggestion_nodes,
    suggestion_paragraphs,
)

pytestmark = pytest.mark.django_db
NO_MACHINE = SPEC.replace("period: 2001\n", "period: 2001\nno_machine: true\n")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def world(framework):
    return make_world(framework)


def freeze(world, spec=SPEC):
    return pipeline.freeze_overview(by=world.analyst, spec=spec, file="small.yaml", now=NOON)


def method(snapshot):
    return " ".join(method_paragraphs(release_of(snapshot, "open")))


@pytest.fixture
def suggested(world):
    """The cue "stop*" is in one sentence of S1, which no agreed coding touches."""
    for report in (world.first, world.second):
        pipeline.suggest_codes(by=None, report=report, framework=world.framework, now=NOON)
    SuggestionDecision.objects.create(
        suggestion=Suggestion.objects.get(),
        decided_by=world.analyst,
        accepted=False,
        decided_at=NOON,
    )
    return world


def test_an_overview_whose_reviews_no_program_touched_says_nothing_of_programs(world):
    snapshot = freeze(world)
    assert frozen_rows(snapshot).suggesters == ()
    assert "A program" not in method(snapshot)
    assert "No machine was used" not in method(snapshot)


def test_it_can_declare_that_no_machine_was_used(world):
    assert "No machine was used: no program suggested a code" in method(freeze(world, NO_MACHINE))


def test_the_declaration_is_refused_where_a_program_suggested_codes(suggested):
    with pytest.raises(RuleError, match="no_machine: cues 1 suggested codes for reviews"):
        freeze(suggested, NO_MACHINE)


def test_the_method_says_what_became_of_the_suggestions_and_what_was_missed(suggested):
    reader = make_person(Role.CODER)
    sample = services.draw_sample(
        by=suggested.analyst,
        machine=services.cue_machine(NOON),
        framework=suggested.framework,
        reader=reader,
        size=5,
        seed=1,
        now=NOON,
    )
    for row in sample.rows.all():
        services.answer_passage(by=reader, passage=row, codes=[], now=NOON)
    snapshot = freeze(suggested)
    text = method(snapshot)
    assert "A program, cues 1 (cues of the framework), suggested codes." in text
    assert "In 2 reviews that it read and did not learn from, it made 1 suggestion" in text
    assert "0 of them (0%, 95% interval 0% to 79%) agree with what people settled" in text
    assert "People looked at 1: they accepted 0, changed 0 and refused 1." in text
    assert "Of 2 passages without a suggestion, 2 drawn by chance were read by a person" in text
    assert "0 of these had a code (95% interval 0% to 0% of all)" in text
    release = release_of(snapshot, "open")
    sentence, points = suggestion_nodes(release)
    assert sentence.words == ("Suggestions of cues 1 by code:",)
    ((point,),) = points.points
    assert "1 suggestion, precision 0%, 95% interval 0% to 79%" in point
    assert point.endswith("0 accepted, 0 changed, 1 refused")
    assert SampledPassage.objects.count() == 2


def test_a_protected_overview_names_the_program_and_gives_no_numbers_of_it(suggested):
    release = replace(release_of(freeze(suggested), "open"), profile="k3")
    (text,) = suggestion_paragraphs(release)
    assert text.startswith("A program, cues 1 (cues of the framework), suggested codes.")
    assert "small numbers are protected" in text
    assert not set("023456789") & set(text)
    assert list(suggestion_nodes(release)) == []


def test_what_was_not_estimated_is_said(suggested):
    assert "nobody read passages without a suggestion" in method(freeze(suggested))


def test_the_figures_are_frozen_with_the_rows_and_read_again(suggested):
    rows = frozen_rows(freeze(suggested))
    (use,) = rows.suggesters
    assert (use.name, use.reviews, use.passages, use.unsuggested) == ("cues 1", 2, 3, 2)
    assert unpack_rows(pack_rows(rows).content) == rows
