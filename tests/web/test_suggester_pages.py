"""Pages of suggesters: train, ask for suggestions, draw and read samples, switch off."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.coding.settled_world import small_model, trained_machine
from tests.coding.test_suggestion_figures import WORDS, read_report
from tests.factories import NOON, make_person, make_review
from waymark.accounts.models import Role
from waymark.coding import services
from waymark.coding.models import (
    MachineCoder,
    PassageSample,
    SampledPassage,
    SuggestionBlock,
    SuggestionRun,
)
from waymark.web.shared.code_picker import codes_by_section

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def machine(framework, model):
    return trained_machine(framework, model)


@pytest.fixture
def lead(db):
    return make_person(Role.ANALYST, name="lead")


@pytest.fixture
def client(lead):
    client = Client()
    client.force_login(lead)
    return client


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_an_analyst_trains_a_suggester_in_the_background(client, framework):
    page = text(client.get(reverse("suggesters")))
    assert "needs at least 6 settled reviews" in page
    answer = client.post(reverse("suggesters"), {"framework": "small 1.0.0"})
    machine = MachineCoder.objects.get()
    assert answer["Location"] == reverse("suggester", args=[machine.pk])
    assert (machine.state, machine.asked_by.username) == ("waiting", "lead")
    assert "It suggests nothing: linear 1 is not trained" in text(client.get(answer["Location"]))
    assert "linear 1" in text(client.get(reverse("suggesters")))


def test_a_suggester_shows_its_figures_on_documents_it_had_not_seen(client, machine):
    page = text(client.get(reverse("suggester", args=[machine.pk])))
    assert "32 passages of 8 settled reviews" in page
    # 6 of 8 by Wilson: 0.41 to 0.93.
    assert "0.75 (0.41 to 0.93)" in page
    assert "Too few examples to learn: a.b" in page
    assert "Learning curve" in page


def test_each_kind_of_suggester_says_which_frameworks_it_can_read_with(
    client, framework, machine, settings
):
    settings.LANGUAGE_MODELS = True
    language = services.connect_language_model(
        by=make_person(Role.ADMINISTRATOR),
        address="https://models.example/chat",
        model="small-7b",
        private=False,
        now=NOON,
    )
    expected = {
        machine: "small 1.0.0",
        services.cue_machine(NOON): "every framework, by its cues",
        language: "every framework, by the definitions of its codes",
    }
    for row, words in expected.items():
        page = text(client.get(reverse("suggester", args=[row.pk])))
        assert f"<dt>Framework</dt><dd>{words}</dd>" in page.replace("> <", "><")


def test_it_is_asked_to_read_the_reviews_of_a_round_or_of_references(client, machine, framework):
    coder = make_person(Role.CODER)
    read_report(framework, services.cue_machine(NOON), coder, "T1")
    address = reverse("suggester", args=[machine.pk])
    sent = {"do": "read", "framework": "small 1.0.0"}
    assert "choose a round" in text(client.post(address, sent)).lower()
    client.post(address, {**sent, "reviews": "T1"})
    assert SuggestionRun.objects.filter(machine=machine).count() == 1
    assert client.post(address, {**sent, "reviews": "NONE"}).status_code == 400
    page = text(client.get(address))
    assert "Reports that wait for it</dt><dd>1</dd>" in page


def test_a_sample_is_drawn_with_its_seed_and_read_by_its_reader(client, framework, lead):
    machine = services.cue_machine(NOON)
    read_report(framework, machine, make_person(Role.CODER, name="cora"))
    reader = make_person(Role.CODER, name="rita")
    address = reverse("suggester", args=[machine.pk])
    sent = {"do": "sample", "framework": "small 1.0.0", "reader": "rita", "size": "2", "seed": "11"}
    answer = client.post(address, {**sent, "size": "0"})
    assert (answer.status_code, "1 to 1,000 passages" in text(answer)) == (400, True)
    client.post(address, sent)
    page = text(client.get(address))
    assert "2 of 2 passages drawn with the seed 11" in page
    assert "0 of 2" in page
    browser = Client()
    browser.force_login(reader)
    sample = PassageSample.objects.get()
    assert "seed 11" in text(browser.get(reverse("passage-samples")))
    assert "You have no passages to read." in text(client.get(reverse("passage-samples")))
    reading = reverse("passage-sample", args=[sample.pk])
    shown = text(browser.get(reading))
    assert any(words in shown for words in WORDS[2:])
    assert "checked" not in shown
    assert browser.post(reading, {"passage": "1"}).status_code == 400
    assert browser.post(reading, {"passage": "1", "codes": ["-", "a"]}).status_code == 400
    browser.post(reading, {"passage": "1", "codes": ["-"]})
    browser.post(reading, {"passage": "2", "codes": ["a"]})
    assert list(SampledPassage.objects.values_list("codes", flat=True)) == [[], ["a"]]
    assert "All passages are read" in text(browser.get(reading))
    assert "checked" in text(browser.get(reading, {"passage": "2"}))
    assert browser.get(reading, {"passage": "9"}).status_code == 404
    assert client.get(reading).status_code == 404
    # One passage found, one missed, and all of them read.
    assert "0.50 (0.50 to 0.50)" in text(client.get(address))


def test_codes_of_a_sampled_passage_are_under_their_sections_and_found_by_a_part_of_their_name(
    client, framework, lead
):
    machine = services.cue_machine(NOON)
    read_report(framework, machine, make_person(Role.CODER, name="cora"))
    reader = make_person(Role.CODER, name="rita")
    sent = {"do": "sample", "framework": "small 1.0.0", "reader": "rita", "size": "1", "seed": "11"}
    client.post(reverse("suggester", args=[machine.pk]), sent)
    browser = Client()
    browser.force_login(reader)
    reading = reverse("passage-sample", args=[PassageSample.objects.get().pk])
    ((section, codes),) = codes_by_section(framework)
    page = browser.get(reading).content.decode()
    assert f"<summary>{section} ({len(codes)})</summary>" in page
    assert '<option value="a: A"></option>' in page
    picked = browser.post(reading, {"passage": "1", "do": "pick", "pick": "a: A", "codes": ["-"]})
    assert picked.status_code == 200
    assert re.search(r'value="a"[^>]* checked', picked.content.decode())
    assert not re.search(r'value="-"[^>]* checked', picked.content.decode())
    assert '<details class="tick-group" open>' in picked.content.decode()
    assert SampledPassage.objects.get().answered_at is None
    refused = browser.post(reading, {"passage": "1", "do": "pick", "pick": "zebra"})
    assert (refused.status_code, "no code with the words zebra" in text(refused)) == (400, True)
    # Typed and saved at once: the code counts.
    browser.post(reading, {"passage": "1", "pick": "a: A"})
    assert SampledPassage.objects.get().codes == ["a"]


def test_an_analyst_stops_using_a_suggester(client, machine):
    address = reverse("suggester", args=[machine.pk])
    client.post(address, {"do": "end"})
    machine.refresh_from_db()
    assert machine.ended_at is not None
    assert "no longer used" in text(client.get(address))
    client.post(address, {"do": "end"})
    assert client.post(address, {"do": "nothing"}).status_code == 400


def test_suggestions_are_switched_off_and_on_for_a_collection_or_a_review(client, lead):
    make_review("N1", collection="north")
    address = reverse("suggestions-off")
    assert "Suggestions are on everywhere." in text(client.get(address))
    for wrong in ({}, {"collection": "north", "review": "N1"}, {"collection": "nowhere"}):
        assert client.post(address, {"do": "off", **wrong}).status_code == 400
    client.post(address, {"do": "off", "collection": "north", "reason": "Families asked."})
    client.post(address, {"do": "off", "review": "N1"})
    page = text(client.get(address))
    assert "Families asked." in page
    assert SuggestionBlock.objects.filter(lifted_at=None).count() == 2
    for block in SuggestionBlock.objects.all():
        client.post(address, {"do": "on", "block": block.pk})
    assert SuggestionBlock.objects.filter(lifted_at=None).count() == 0
    assert client.post(address, {"do": "on", "block": "x"}).status_code == 404


def test_where_suggestions_are_off_there_is_no_page_and_no_entry_in_the_menu(
    client, machine, settings
):
    assert reverse("suggesters") in text(client.get(reverse("my-work")))
    settings.SUGGESTIONS = False
    for name, args in (
        ("suggesters", ()),
        ("suggester", (machine.pk,)),
        ("suggestions-off", ()),
        ("passage-samples", ()),
        ("passage-sample", (1,)),
    ):
        assert client.get(reverse(name, args=args)).status_code == 404, name
        assert client.post(reverse(name, args=args)).status_code in {404, 405}, name
    page = text(client.get(reverse("my-work")))
    assert reverse("suggesters") not in page
    assert reverse("passage-samples") not in page
