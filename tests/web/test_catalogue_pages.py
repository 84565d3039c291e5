"""Pages of resources, and the forms in which cataloguers describe resources and reviews."""

import re
from datetime import date

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role, State
from waymark.documents.models import Review
from waymark.library import services
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Concept, Label, Relation, RelationKind, Resource, ReviewStep
from waymark.pipeline import change_state

pytestmark = pytest.mark.django_db
KEEPERS = {Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}
GOOD = {
    "kind": "research-report",
    "title": "Seeing the child",
    "language": "en",
    "authors": "Rowe, Ada\r\nBell, Tom",
    "publisher": "A press",
    "published_on_year": "2013",
    "key_points": "One point.\n\nAnother.",
    "contents": "Foreword | 5\nAnnex",
    "url": "https://press.example/seeing",
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def cataloguer(client):
    person = make_person(Role.CATALOGUER, name="cataloguer")
    client.force_login(person)
    return person


def enter(key="a", *, state=State.PUBLISHED, **said):
    """A resource as it was entered."""
    said = {"kind": "guidance", "title": "Seeing the child", "year": 2013, **said}
    made = services.add_resource(
        by=None, key=key, description=ResourceDescription(**said), now=NOON
    )
    change_state(by=None, item=made, state=state, now=NOON)
    return made


def sent(client, address, form, status=200):
    """The words of the page that answers a form."""
    answer = client.post(address, form)
    assert answer.status_code == status
    return words_of(strictly(answer))


def day(name, iso="--"):
    """A date as its three inputs send it."""
    return dict(zip((f"{name}_year", f"{name}_month", f"{name}_day"), iso.split("-"), strict=True))


def subject(key, name):
    made = Concept.objects.create(key=key)
    Label.objects.create(concept=made, kind="preferred", text=name)
    return made


def seen_of(client, address):
    """The mark of what a form showed."""
    see(client, address)
    page = client.get(address).content.decode()
    return re.search(r'name="seen" value="([^"]*)"', page)[1]


# ---- for everybody ----


def test_the_page_of_a_resource_tells_all_that_is_known_of_it(client, settings):
    settings.CONTACT_EMAIL, settings.CONTACT_PHONE = "ask@example.org", "0123 456"
    made = enter(
        "seeing",
        strapline="What reviews say",
        authors=("Rowe, Ada", "Bell, Tom"),
        conducted_by="a university",
        publisher="A press",
        published_on=date(2013, 1, 24),
        covers="2003 to 2008",
        key_points=("One point.",),
        contents=(("Foreword", 5), ("Annex", None)),
        url="https://press.example/seeing",
        series="Readers",
    )
    enter("later", title="Seeing them again", series="Readers", year=2015)
    other = enter("other", title="Hearing the child")
    made.record.subjects.add(subject("child-focus", "Keeping the child in focus"))
    services.link_records(
        by=None, source=made.record, target=other.record, kind=RelationKind.REPLACES, now=NOON
    )
    said = see(client, reverse("resource", args=["seeing"]))
    for words in (
        "What reviews say",
        "This work was done by a university.",
        "Ada Rowe and Tom Bell",
        "24 January 2013",
        "2003 to 2008",
        "One point.",
        "Rowe, A. and Bell, T. (2013) Seeing the child: What reviews say. A press. Available at:",
        "Replaces:",
        "Hearing the child",
        "In the series “Readers”",
        "Seeing them again",
        "0123 456",
        "ask@example.org",
    ):
        assert words in said, words
    page = client.get(reverse("resource", args=["seeing"])).content.decode()
    link = re.search(r'<a class="button" href="https://press.example/seeing"([^>]*)>', page)[1]
    assert 'rel="noopener noreferrer external"' in link
    assert "press.example" in said
    assert "/find/?subject=child-focus" in page
    assert re.search(r'<th scope="row">Foreword</th><td class="n">5</td>', page)
    assert "X-Robots-Tag" not in client.get(reverse("resource", args=["seeing"])).headers


def test_a_course_shows_its_days_and_hours(client):
    enter(
        "course",
        kind="training-course",
        title="Reading reviews",
        year=2027,
        starts_on=date(2027, 3, 9),
        ends_on=date(2027, 3, 10),
        cpd_hours=11,
    )
    said = see(client, reverse("resource", args=["course"]))
    assert "9 March 2027 to 10 March 2027" in said
    assert "11 hours of continuing professional development" in said


def test_without_a_contact_the_box_leads_to_the_form_and_to_the_library(client):
    enter()
    words = see(client, reverse("resource", args=["a"]))
    assert "Ask us , or search the library for other reviews and resources" in words


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("who", [None, *Role])
def test_who_sees_a_resource_follows_its_state_on_every_page(client, who, state):
    made = enter("hidden", title="A canary title", series="S", state=State.PUBLISHED)
    near = enter("near", title="Near it", series="S", year=2019)
    services.link_records(by=None, source=near.record, target=made.record, now=NOON)
    Resource.objects.filter(pk=made.pk).update(state=state, public_from=NOON.replace(year=2999))
    if who:
        client.force_login(make_person(who))
    gone = state in {State.WITHDRAWN, State.EXPIRED}
    staff = who in set(Role) - {Role.READER}
    may = state == State.PUBLISHED or (staff and not gone)
    status = client.get(reverse("resource", args=["hidden"])).status_code
    assert status == (200 if may else 404)
    near = see(client, reverse("resource", args=["near"]))
    assert ("A canary title" in near) is may
    answer = client.get(reverse("held-resources"))
    listed = "A canary title" in answer.content.decode()
    assert listed is (staff and (not gone or who in KEEPERS))


def test_a_review_s_page_tells_its_subjects_process_and_related_records(client):
    review = make_review("T1", published_on=date(2005, 3, 15), summary="One.\n\nKey issues: two.")
    record = services.catalogue_review(by=None, review=review, now=NOON)
    record.subjects.add(subject("neglect", "Neglect"))
    other = enter("a", title="A report on neglect")
    hidden = enter("b", title="Not yet open", state=State.INTERNAL)
    for resource in (other, hidden):
        services.link_records(by=None, source=record, target=resource.record, now=NOON)
    by = {"by": None, "review": review, "now": NOON}
    services.set_details(
        scheme="nir-cmr", pseudonym="Child Oak", period_from=date(2003, 6, 1), **by
    )
    services.record_step(status="commissioned", on=date(2004, 5, 3), **by)
    services.record_step(status="paused", on=date(2004, 6, 3), reason="A trial", **by)
    said = see(client, reverse("review", args=["T1"]))
    for words in ("Neglect", "Child Oak", "June 2003 on", "Commissioned: May 2004"):
        assert words in said, words
    assert "A report on neglect" in said
    for words in ("Not yet open", "Paused", "A trial"):
        assert words not in said, words
    page = client.get(reverse("review", args=["T1"])).content.decode()
    assert "<p>One.</p>" in page


# ---- who may come in ----


CATALOGUERS = [
    ("add-resource", ()),
    ("edit-resource", ("a",)),
    ("resource-about", ("a",)),
    ("edit-review", ("T1",)),
    ("review-about", ("T1",)),
    ("review-steps", ("T1",)),
    ("subject-names", ()),
]


@pytest.mark.parametrize("who", [None, *Role])
def test_the_forms_are_open_to_cataloguers_alone(client, who):
    enter("a")
    services.catalogue_review(by=None, review=make_review("T1"), now=NOON)
    if who:
        client.force_login(make_person(who))
    expected = 302 if who is None else 200 if who in KEEPERS else 403
    for name, args in CATALOGUERS:
        address = reverse(name, args=args)
        assert client.get(address).status_code == expected, name
        if expected != 200 and name != "subject-names":
            assert client.post(address, {**GOOD, "do": "save"}).status_code == expected, name
    assert Resource.objects.count() == 1
    staff = who is not None and who != Role.READER
    for name in ("held-resources", "due"):
        expected = 302 if who is None else 200 if staff else 403
        assert client.get(reverse(name)).status_code == expected, name


# ---- a resource ----


def test_a_resource_is_entered_and_led_on_to_its_subjects(client, cataloguer):
    answer = client.post(reverse("add-resource"), {**GOOD, "do": "save"})
    made = Resource.objects.get()
    assert answer["Location"] == reverse("resource-about", args=[made.key])
    assert (made.state, made.year) == (State.RECEIVED, 2013)
    assert made.authors == ["Rowe, Ada", "Bell, Tom"]
    assert made.contents == [["Foreword", 5], ["Annex", None]]
    assert "Resource added." in see(client, answer["Location"])


def test_what_is_wrong_is_told_above_and_beside_each_field_and_what_was_typed_stays(
    client, cataloguer
):
    wrong = {
        **GOOD,
        "title": "",
        "published_on_year": "MMXIII",
        "accessed_on_day": "1",
        "isbn": "1",
    }
    said = sent(client, reverse("add-resource"), wrong, status=400)
    assert said.startswith("Error: Add a resource")
    assert "There is a problem" in said
    page = client.post(reverse("add-resource"), wrong).content.decode()
    summary = re.findall(r'<li><a href="#(\w+)">', page)
    assert summary == ["title", "published_on_0", "accessed_on_0", "isbn"]
    assert page.count('aria-invalid="true"') == 2 + 3 + 3
    assert "Rowe, Ada\nBell, Tom</textarea>" in page.replace("\r\n", "\n")
    assert not Resource.objects.exists()


def test_a_likely_duplicate_is_shown_first_and_saved_if_the_person_says_so(client, cataloguer):
    enter("seen", title="Seeing the Child!", authors=("Rowe, Ada",), year=2012)
    said = sent(client, reverse("add-resource"), {**GOOD, "do": "save"})
    assert "This may be in the catalogue already" in said
    assert "It has nearly the same title." in said
    # "Save anyway" counts only for what was shown.
    client.post(reverse("add-resource"), {**GOOD, "do": "anyway", "not": "something-else"})
    assert Resource.objects.count() == 1
    client.post(reverse("add-resource"), {**GOOD, "do": "anyway", "not": "seen"})
    assert Resource.objects.count() == 2


def test_a_change_of_what_tells_no_works_apart_is_not_asked_about_again(client, cataloguer):
    enter("one", title="Seeing the child")
    enter("two", title="Seeing the child")
    address = reverse("edit-resource", args=["two"])
    same = {
        "kind": "guidance",
        "title": "Seeing the child",
        "published_on_year": "2013",
        "language": "en",
    }
    changed = {**same, "seen": seen_of(client, address), "summary": "New.", "do": "save"}
    assert client.post(address, changed).status_code == 302
    changed = {**changed, "seen": seen_of(client, address), "published_on_year": "2014"}
    assert "may be in the catalogue already" in sent(client, address, changed)


def test_what_somebody_else_saved_meanwhile_is_told_and_nothing_is_lost(client, cataloguer):
    enter("a")
    address = reverse("edit-resource", args=["a"])
    mine = {**GOOD, "seen": seen_of(client, address), "do": "save"}
    made = Resource.objects.get()
    theirs = ResourceDescription(
        kind="guidance", title="Seeing the child", year=2013, publisher="Theirs"
    )
    services.change_resource(by=None, resource=made, description=theirs, now=NOON)
    said = sent(client, address, mine, status=409)
    assert "This record was changed while you were editing" in said
    assert "Theirs" in said
    made.refresh_from_db()
    assert made.publisher == "Theirs"
    page = client.post(address, mine).content.decode()
    assert 'value="A press"' in page
    again = {**mine, "seen": re.search(r'name="seen" value="([^"]*)"', page)[1]}
    assert client.post(address, again).status_code == 302
    made.refresh_from_db()
    assert made.publisher == "A press"


def test_saving_what_is_there_changes_nothing_and_the_history_tells_who_did_what(
    client, cataloguer
):
    client.post(reverse("add-resource"), {**GOOD, "do": "save"})
    made = Resource.objects.get()
    address = reverse("edit-resource", args=[made.key])
    same = {**GOOD, "seen": seen_of(client, address), "do": "save"}
    assert "No changes to save." in see(client, client.post(address, same)["Location"])
    client.post(address, {**same, "publisher": "Another press"})
    said = see(client, reverse("resource-history", args=[made.key]))
    assert "Change resource : publisher" in said
    assert "Add resource" in said
    assert said.count("Change resource") == 1


# ---- subjects and relations ----


def test_subjects_are_searched_added_and_taken_away_without_script(client, cataloguer):
    made = enter("a")
    subject("neglect", "Neglect")
    address = reverse("resource-about", args=["a"])
    assert "Neglect" in see(client, f"{address}?subject=negl")
    client.post(address, {"do": "add-subject", "what": "neglect"})
    assert [one.key for one in made.record.subjects.all()] == ["neglect"]
    assert "No other subject has this name" in see(client, f"{address}?subject=neglect")
    client.post(address, {"do": "remove-subject", "what": "neglect"})
    assert not made.record.subjects.exists()
    assert client.post(address, {"do": "add-subject", "what": "nothing"}).status_code == 400
    assert client.post(address, {"do": "something"}).status_code == 400


def test_names_are_offered_while_one_types(client, cataloguer):
    subject("neglect", "Neglect")
    answer = client.get(reverse("subject-names"), {"q": "neg"})
    assert answer.json() == {"subjects": [{"name": "Neglect", "found_by": ""}]}
    assert client.get(reverse("subject-names")).json() == {"subjects": []}


@pytest.mark.parametrize(
    ("how", "kind", "turned"),
    [
        ("related", "related", False),
        ("part-of", "part-of", False),
        ("has-part", "part-of", True),
        ("replaces", "replaces", False),
        ("replaced-by", "replaces", True),
    ],
)
def test_records_are_found_and_linked_either_way_round(client, cataloguer, how, kind, turned):
    here, there = enter("here"), enter("there", title="Elsewhere")
    address = reverse("resource-about", args=["here"])
    assert "Elsewhere" in see(client, f"{address}?record=elsew")
    client.post(address, {"do": "relate", "what": str(there.record.pk), "how": how})
    made = Relation.objects.get()
    ends = (there.record, here.record) if turned else (here.record, there.record)
    assert (made.kind, (made.source, made.target)) == (kind, ends)
    assert client.post(address, {"do": "unrelate", "what": "0"}).status_code == 404
    client.post(address, {"do": "unrelate", "what": str(made.pk)})
    assert not Relation.objects.exists()


def test_a_review_without_a_record_is_led_to_its_data_first(client, cataloguer):
    make_review("T1")
    answer = client.get(reverse("review-about", args=["T1"]))
    assert answer["Location"] == reverse("edit-review", args=["T1"])


# ---- reviews ----


TEXT = (
    "1.1 In May 2004 a girl of four months died at home.",
    "1.2 Nobody recorded the visits of that winter.",
)


@pytest.fixture
def review(cataloguer):
    made = make_review("T1", title="Case review: Child Oak", board="A board")
    make_report(made, *TEXT)
    return made


def test_sentences_are_taken_edited_and_saved_with_their_places(client, review):
    address = reverse("edit-review", args=["T1"])
    page = client.get(address).content.decode()
    keys = re.findall(r'name="place" value="([^"]+)"', page)
    assert len(keys) == 2
    form = {"title": review.title, "board": "A board", "seen": seen_of(client, address)}
    page = client.post(address, {**form, "do": "take", "place": keys}).content.decode()
    abstract = re.search(r'name="summary"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)[1]
    assert abstract.split("\n\n") == [
        "In May 2004 a girl of four months died at home.",
        "Key issues: Nobody recorded the visits of that winter.",
    ]
    review.refresh_from_db()
    assert review.summary == ""
    edited = abstract.replace("Nobody recorded", "No one recorded")
    kept = re.findall(r'type="hidden" name="place" value="([^"]+)"', page)
    assert kept == keys
    client.post(address, {**form, "do": "save", "summary": edited, "place": kept})
    review.refresh_from_db()
    assert review.summary == edited
    assert [one.key for one in review.abstract_places.all()] == [keys[0]]
    assert f"/p/{keys[0]}/" in client.get(reverse("review", args=["T1"])).content.decode()


def test_a_review_s_faults_are_told_by_field_and_a_twin_is_asked_about(client, review):
    address = reverse("edit-review", args=["T1"])
    form = {
        "title": "",
        "scheme": "no",
        **day("period_from", "2005-02-01"),
        **day("period_to", "2005-01-01"),
    }
    page = client.post(address, {**form, "do": "save"})
    assert page.status_code == 400
    assert re.findall(r'<li><a href="#(\w+)">', page.content.decode()) == [
        "title",
        "scheme",
        "period_to_0",
    ]
    twin = make_review("T2", board="A Board", published_on=date(2005, 3, 1))
    services.set_details(by=None, review=twin, pseudonym="Child Oak", now=NOON)
    form = {
        "title": "Case review: Child Oak",
        "board": "A board",
        "pseudonym": "Child oak",
        **day("published_on", "2005-11-30"),
        "seen": seen_of(client, address),
    }
    said = sent(client, address, {**form, "do": "save"})
    assert "the same board, pseudonym and year" in said
    assert client.post(address, {**form, "do": "anyway", "not": "T2"}).status_code == 302
    assert Review.objects.get(reference="T1").published_on == date(2005, 11, 30)


def test_a_review_changed_meanwhile_is_told(client, review):
    address = reverse("edit-review", args=["T1"])
    seen = seen_of(client, address)
    Review.objects.filter(reference="T1").update(nation="Wales")
    said = sent(client, address, {"title": "Mine", "seen": seen, "do": "save"}, status=409)
    assert "This record was changed while you were editing" in said
    assert "Wales" in said


def test_steps_are_recorded_and_taken_back_on_their_page(client, review):
    address = reverse("review-steps", args=["T1"])
    assert "which process the review follows" in see(client, address)
    services.set_details(by=None, review=review, scheme="eng-lcspr", now=NOON)
    step = {"do": "record", "status": "known", **day("on", "2026-05-01")}
    assert client.post(address, step).status_code == 302
    said = see(client, address)
    assert "Became known to the authority" in said
    assert "Notified: by 11 May 2026" in said
    assert "overdue" in see(client, reverse("due"))
    for wrong, words in (
        ({"status": "published"}, "“Published” cannot follow"),
        ({"status": "notified", **day("on")}, "Enter the date of the step"),
        ({"status": "", **day("on", "2026-05-02")}, "Choose the status that was reached"),
    ):
        assert words in sent(client, address, {**step, **wrong}, status=400)
    taken = ReviewStep.objects.get()
    stale = {"do": "take-back", "step": "0"}
    assert (
        "another step was recorded in the meantime"
        in sent(client, address, stale, status=400).lower()
    )
    client.post(address, {"do": "take-back", "step": str(taken.pk)})
    taken.refresh_from_db()
    assert taken.superseded_at is not None


def test_the_form_of_a_resource_advises_on_words_with_their_field_and_saves_them(
    client, cataloguer
):
    client.post(
        reverse("add-resource"), {**GOOD, "key_points": "One.\nThe family was hard to reach."}
    )
    made = Resource.objects.get()
    said = words_of(strictly(client.get(reverse("edit-resource", args=[made.key]))))
    assert "Key points, line 2: “hard to reach”" in said
    assert "Instead: “families whom services did not reach”" in said


def test_the_form_of_a_review_advises_on_words_with_their_field(client, cataloguer):
    make_review("R1", title="Review", summary="The mother refused to engage.")
    said = words_of(strictly(client.get(reverse("edit-review", args=["R1"]))))
    assert "Abstract, line 1: “refused to engage”" in said
