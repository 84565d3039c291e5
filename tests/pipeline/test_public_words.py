"""Descriptions of reviews and resources: no name becomes public that nobody has decided on."""

import pytest
from django.urls import reverse

from tests.factories import NOON, answer_identifiers, make_person, make_review
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, NotReady, RuleError
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import PublicWordsAnswer
from waymark.library.queries.public_words import mark_of, words_without_answer

NAMED = {"title": "A review about Siobhan", "summary": "Tomasz was seen."}


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR, name="editor")


def publish(editor, item):
    pipeline.change_state(by=editor, item=item, state=State.PUBLISHED, now=NOON)


def answer(editor, item, *, marks=None, **changed):
    marks = marks or [mark_of(found) for found in words_without_answer(item)]
    values = {"verdict": "kept", "answer": "The author.", "now": NOON, **changed}
    return library.answer_public_words(by=editor, item=item, marks=marks, **values)


@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ({"title": "A review about Siobhan"}, "names of people, 1"),
        ({"summary": "The mother, Siobhan, was seen."}, "names of people, 1"),
        ({"board": "Brackenthwaite"}, "names of people, 1"),
        ({"period": "Until she died on 4 July 2011"}, "exact dates of a death or with an age, 1"),
        ({"review_type": "Siobhan's review"}, "names of people, 1"),
    ],
)
def test_a_review_is_not_published_with_words_in_its_description_that_nobody_decided_on(
    editor, fields, kinds
):
    review = make_review("R1", state=State.RECEIVED, **fields)
    with pytest.raises(NotReady) as refusal:
        publish(editor, review)
    (reason,) = refusal.value.reasons
    assert (reason.kind, reason.key) == ("description", "R1")
    assert kinds in reason.reason
    assert "Siobhan" not in str(refusal.value)
    answer(editor, review)
    publish(editor, review)


def test_the_details_of_a_review_are_checked_too_and_a_pseudonym_is_asked_about_once(editor):
    review = make_review("R1", state=State.RECEIVED, title="Review: Child Willow", summary="")
    library.set_details(
        by=editor, review=review, pseudonym="Child Willow", keywords=["Siobhan"], now=NOON
    )
    review = Review.objects.get()
    assert [(found.source, found.words) for found in words_without_answer(review)] == [
        ("pseudonym", "Willow"),
        ("keywords", "Siobhan"),
    ]


def test_a_review_written_for_demonstration_is_about_nobody(editor):
    publish(editor, make_review("R1", state=State.RECEIVED, fictional=True, **NAMED))


def test_an_answer_is_for_the_same_words_in_the_same_text_alone(editor):
    review = make_review("R1", state=State.RECEIVED, **NAMED)
    assert answer(editor, review) == 2
    review.summary = "The baby, Tomasz, was two weeks old."
    review.save()
    assert [found.words for found in words_without_answer(review)] == ["Tomasz"]


def test_an_answer_has_a_reason_and_words_of_the_description_and_is_audited_without_them(editor):
    review = make_review("R1", state=State.RECEIVED, **NAMED)
    for changed, message in (
        ({"answer": " "}, "enter a reason"),
        ({"answer": "x" * 501}, "at most 500"),
        ({"verdict": "masked"}, "choose whether"),
        ({"marks": [("person", "karen", "0")]}, "words of this description"),
    ):
        with pytest.raises(RuleError, match=message):
            answer(editor, review, **changed)
    assert not PublicWordsAnswer.objects.exists()
    answer(editor, review)
    entry = AuditEntry.objects.get(action="answer public words")
    assert entry.detail["kinds"] == {"person": 2}
    assert "Siobhan" not in str(entry.detail)
    with pytest.raises(NotPermitted):
        answer(make_person(Role.CODER), review, marks=[("person", "tomasz", "0")])


def test_a_title_that_was_answered_in_the_report_needs_no_second_answer(editor, tmp_path, settings):
    settings.DATA = tmp_path / "data"
    file = tmp_path / "a.txt"
    file.write_text("Inspection of services in Brackenthwaite\n\nVisits stopped in May.\n")
    report = pipeline.store_file(by=None, path=file, now=NOON)
    assert "Brackenthwaite" in report.review.title
    answer_identifiers(report)
    outcome = pipeline.publish_review(by=editor, review=report.review, now=NOON)
    assert (outcome.published, outcome.refused) == ((report.key,), {})


def test_a_pseudonym_that_was_answered_in_a_report_is_one_in_the_description(
    editor, tmp_path, settings
):
    settings.DATA = tmp_path / "data"
    file = tmp_path / "a.txt"
    file.write_text("1 Findings\n\nThe visits to Child Fern stopped in May.\n")
    report = pipeline.store_file(by=None, path=file, now=NOON)
    Review.objects.update(title="A review: Child Fern")
    review = Review.objects.get()
    assert [found.kind for found in words_without_answer(review)] == ["pseudonym"]
    answer_identifiers(report)
    assert words_without_answer(review) == []


def test_nothing_of_a_review_is_published_while_its_description_has_open_words(
    editor, tmp_path, settings
):
    settings.DATA = tmp_path / "data"
    file = tmp_path / "a.txt"
    file.write_text("1 Findings\n\nThe visits stopped in May.\n")
    report = pipeline.store_file(by=None, path=file, now=NOON)
    Review.objects.update(summary="Tomasz was seen.")
    review = Review.objects.get()
    outcome = pipeline.publish_review(by=editor, review=review, now=NOON)
    assert (outcome.published, list(outcome.refused)) == ((), [""])
    report.refresh_from_db()
    assert report.state == State.RECEIVED


def describe(editor, review, **changed):
    description = pipeline.ReviewDescription(title="A review about nobody", **changed)
    return pipeline.describe_review(by=editor, review=review, description=description, now=NOON)


def test_a_public_review_gets_no_new_name_by_a_change_of_its_description(editor):
    review = make_review("R1", title="A review about nobody")
    with pytest.raises(NotReady, match="“Tomasz” may identify people: leave the words out"):
        describe(editor, review, summary="Tomasz was seen.")
    assert Review.objects.get().summary == ""
    with pytest.raises(NotReady):
        describe(editor, review, keywords=("Tomasz",))
    describe(editor, review, summary="The visits stopped.")
    pipeline.change_state(by=editor, item=review, state=State.INTERNAL, now=NOON)
    describe(editor, review, summary="Tomasz was seen.")
    review = Review.objects.get()
    answer(editor, review)
    publish(editor, review)
    describe(editor, review, summary="Tomasz was seen.", nation="Wales")


def test_words_that_are_public_already_do_not_stop_another_change(editor):
    review = make_review("R1", title="A review about nobody", summary="Tomasz was seen.")
    assert describe(editor, review, summary="Tomasz was seen.", nation="Wales") == ["nation"]


@pytest.fixture
def resource(editor):
    return library.add_resource(
        by=editor,
        description=ResourceDescription(
            kind="research-report",
            title="Learning from the life of Siobhan",
            authors=("Whitcombe, Karen",),
            url="https://example.org/a",
        ),
        key="a",
        now=NOON,
    )


def test_a_publication_is_checked_but_for_its_authors(editor, resource):
    assert [found.words for found in words_without_answer(resource)] == ["Siobhan"]
    with pytest.raises(NotReady) as refusal:
        publish(editor, resource)
    assert refusal.value.reasons[0].kind == "resource-description"
    answer(editor, resource)
    publish(editor, resource)
    description = ResourceDescription(
        kind="research-report", title="Learning from Tomasz", url="https://example.org/a"
    )
    with pytest.raises(NotReady):
        pipeline.describe_resource(by=editor, resource=resource, description=description, now=NOON)


@pytest.mark.parametrize("kind", ["review", "resource"])
def test_words_of_a_description_are_answered_on_its_page(client, editor, resource, kind):
    item = resource
    if kind == "review":
        item = make_review("R1", state=State.RECEIVED, title="A review about Siobhan")
    key = "R1" if kind == "review" else "a"
    client.force_login(editor)
    address = reverse(f"{kind}-words", args=[key])
    refused = client.post(reverse(f"{kind}-state", args=[key]), {"to": "published"})
    assert f'href="{address}"' in refused.content.decode()
    page = client.get(address).content.decode()
    assert "<mark>Siobhan</mark>" in page
    (found,) = words_without_answer(item)
    sent = {"verdict": "kept", "answer": "The author.", "words": "|".join(mark_of(found))}
    assert client.post(address, {**sent, "answer": ""}).status_code == 400
    assert client.post(address, {**sent, "words": "person|karen|0"}).status_code == 400
    client.post(address, sent)
    assert "Someone has decided on all words" in client.get(address).content.decode()
    # The record of this review has no nation, date or subject, which a person confirms.
    form = {"to": "published", "incomplete": "on"}
    client.post(reverse(f"{kind}-state", args=[key]), form)
    item.refresh_from_db()
    assert item.state == State.PUBLISHED


def test_the_form_of_a_public_review_keeps_what_was_typed_and_says_which_words(client, editor):
    make_review("R1", title="A review about nobody")
    client.force_login(editor)
    address = reverse("edit-review", args=["R1"])
    seen = client.get(address).context["form"]["seen"].value()
    sent = {"title": "A review about nobody", "summary": "Tomasz was seen.", "seen": seen}
    answer = client.post(address, {**sent, "action": "save"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "“Tomasz” may identify people" in page
    assert "Tomasz was seen.</textarea>" in page
    assert Review.objects.get().summary == ""
