"""Pages of subjects, forms for the thesaurus, and imports from files, as people meet them."""

import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.library.conftest import make_resource
from tests.library.test_thesaurus_kept import SMALL
from tests.web.test_pages import see
from waymark.accounts.models import Role, State
from waymark.documents.models import Review
from waymark.library.models import Import, Resource
from waymark.library.queries.thesaurus import current_thesaurus, thesaurus_version
from waymark.library.services import catalogue_resource, set_subjects
from waymark.library.services.thesaurus import change_subject, load_thesaurus, merge_subjects
from waymark.library.thesaurus import SubjectName
from waymark.web.catalogue import imports

pytestmark = pytest.mark.django_db
CSV = b"title,year,kind,keywords\nCrossing rivers,2004,guidance,blaze\nKeeping watch,2005,,\n"
ABSTRACT = b"""December 2014 - Blackmoor - Child BR
Serious injury of a 3-year-old girl in June 2013.
Learning: hear the child; plan moves.
Keywords: smoke
A line too many.
"""


@pytest.fixture(autouse=True)
def small(settings, tmp_path):
    settings.DATA = tmp_path
    load_thesaurus(by=None, source=SMALL.encode(), file="small.ttl", now=NOON)


@pytest.fixture
def cataloguer(client):
    person = make_person(Role.CATALOGUER, name="cataloguer")
    client.force_login(person)
    return person


def markup(client, address: str) -> str:
    return client.get(address).content.decode()


def file(content: bytes, name: str = "a.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# ---- for everybody ----


def test_the_tree_and_the_letters_lead_to_subjects(client):
    said = see(client, reverse("subjects"))
    assert 'href="/subjects/ember/"' in markup(client, reverse("subjects"))
    assert "these 4 subjects" in said
    letters = see(client, reverse("subjects") + "?by=letter")
    assert "Blaze: see Fire" in letters
    assert "fyre" not in said + letters


def test_a_subject_says_what_it_is_and_leads_to_its_records(client):
    record = catalogue_resource(by=None, resource=make_resource("a"), now=NOON)
    set_subjects(by=None, record=record, subjects=["ember"], now=NOON)
    said = see(client, "/subjects/fire/")
    assert "1 record on this subject or a narrower one" in said
    assert 'href="/find/?subject=fire"' in markup(client, "/subjects/fire/")
    for words in ("Used for Blaze", "Broader Harm", "Narrower Ember", "Related Smoke"):
        assert words in said
    assert "fyre" not in said
    assert 'lang="cy">Niwed<' in markup(client, "/subjects/harm/")
    see(client, "/subjects/nothing/", status=404)


def test_a_subject_that_was_merged_leads_to_the_other(client):
    merge_subjects(by=None, key="smoke", into="fire", now=NOON)
    answer = client.get("/subjects/smoke/")
    assert (answer.status_code, answer["Location"]) == (302, "/subjects/fire/")


def test_subjects_are_given_as_turtle_and_json(client):
    turtle = client.get("/subjects/fire/subject.ttl")
    assert turtle["Content-Type"].startswith("text/turtle")
    assert b"skos:narrower subject:ember" in turtle.content
    assert client.get("/subjects/fire/subject.jsonld").json()["@id"] == "urn:t:fire"
    assert client.get("/subjects/fire/subject.pdf").status_code == 404
    whole = client.get("/subjects/thesaurus.ttl")
    assert whole["Content-Disposition"] == 'attachment; filename="thesaurus.ttl"'
    assert "noindex" not in whole.headers.get("X-Robots-Tag", "")


# ---- keeping the thesaurus ----


def test_a_visitor_signs_in_and_a_coder_is_refused(client):
    for name in ("keep-subjects", "add-subject", "load-subjects", "imports"):
        assert client.get(reverse(name)).status_code == 302
    client.force_login(make_person(Role.CODER))
    for name in ("keep-subjects", "add-subject", "load-subjects", "imports"):
        assert client.get(reverse(name)).status_code == 403


ASH = {"key": "ash", "preferred": "Ash", "broader": "Fire", "alternative": "Cinders\nLludw @cy"}


def test_a_subject_is_added_with_its_names(client, cataloguer):
    answer = client.post(reverse("add-subject"), ASH)
    assert (answer.status_code, answer["Location"]) == (302, "/subjects/ash/")
    made = current_thesaurus().subjects["ash"]
    assert made.broader == {"fire"}
    assert [(one.kind, one.language, one.text) for one in made.names] == [
        ("alternative", "cy", "Lludw"),
        ("alternative", "en", "Cinders"),
        ("preferred", "en", "Ash"),
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"key": "A sh"}, "Use small letters, digits and hyphens."),
        ({"preferred": ""}, "Enter the name that is shown."),
        ({"broader": ""}, "Enter a broader subject, or tick that it is a top subject."),
        ({"top": "on"}, "Enter a broader subject, or tick that it is a top subject."),
        ({"broader": "Nowhere"}, "There is no subject “Nowhere”."),
        ({"preferred": "blaze"}, "shares the name &#x27;blaze&#x27; (en) with ash."),
        ({"key": "fire"}, "There is already a subject fire."),
    ],
)
def test_what_is_wrong_with_a_subject_is_said(client, cataloguer, change, told):
    answer = client.post(reverse("add-subject"), ASH | change)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert "ash" not in current_thesaurus().subjects


def test_a_form_saved_as_it_came_changes_nothing(client, cataloguer):
    see(client, "/staff/subjects/fire/edit/")
    said = markup(client, "/staff/subjects/fire/edit/")
    shown = dict(re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', said))
    shown |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)</textarea>', said))
    before = current_thesaurus().subjects
    seen = {"seen": thesaurus_version(), "do": "save"}
    assert client.post("/staff/subjects/fire/edit/", shown | seen).status_code == 302
    assert current_thesaurus().subjects == before
    changed = shown | seen | {"preferred": "Flame"}
    assert client.post("/staff/subjects/fire/edit/", changed).status_code == 302
    assert current_thesaurus().subjects["fire"].name("en") == "Flame"
    late = client.post("/staff/subjects/fire/edit/", shown | seen | {"preferred": "Glow"})
    assert late.status_code == 400
    assert "The thesaurus was changed while you were editing" in late.content.decode()


def test_drafts_notes_and_matches_go_through_the_form(client, cataloguer):
    match = "close urn:waymark:framework:cr-core:fac.neglect"
    values = {
        "seen": thesaurus_version(),
        "preferred": "Fire",
        "hidden": "fyre\nconflagration | A grand word for it.",
        "draft": "Tân @cy",
        "history_note": "Called Blaze until 2001.",
        "matches": match,
        "broader": "harm",
        "do": "save",
    }
    assert client.post("/staff/subjects/fire/edit/", values).status_code == 302
    fire = current_thesaurus().subjects["fire"]
    assert SubjectName("draft", "cy", "Tân") in fire.names
    assert SubjectName("hidden", "en", "conflagration", "A grand word for it.") in fire.names
    assert fire.history_note == "Called Blaze until 2001."
    shown = markup(client, "/staff/subjects/fire/edit/")
    for words in ("conflagration | A grand word for it.", "Tân @cy", match):
        assert words in shown
    wrong = values | {"matches": "the same", "seen": thesaurus_version()}
    told = client.post("/staff/subjects/fire/edit/", wrong)
    assert "Begin “the same” with exact, close, broad, narrow or related." in told.content.decode()


def test_a_draft_name_is_shown_to_staff_alone(client, cataloguer):
    fire = current_thesaurus().subjects["fire"]
    names = tuple(sorted((*fire.names, SubjectName("draft", "cy", "Tân"))))
    change_subject(by=None, subject=replace(fire, names=names), now=NOON)
    assert "In Welsh (draft) Tân No translator has checked it." in see(client, "/subjects/fire/")
    public = Client()
    for address in ("/subjects/fire/", "/subjects/", "/subjects/?by=letter"):
        assert "Tân" not in markup(public, address)


def test_a_subject_is_merged_and_ended(client, cataloguer):
    late = client.post("/staff/subjects/ember/edit/", {"do": "merge", "into": "Nowhere"})
    assert "There is no subject Nowhere to merge it into." in late.content.decode()
    said = client.post("/staff/subjects/ember/edit/", {"do": "merge", "into": "blaze"}, follow=True)
    assert "Merged: 0 records moved." in said.content.decode()
    kept = client.post("/staff/subjects/harm/edit/", {"do": "end"})
    assert "This subject has narrower subjects" in kept.content.decode()
    client.post("/staff/subjects/smoke/edit/", {"do": "end"})
    assert current_thesaurus().subjects["smoke"].ended
    assert "2 retired" in see(client, reverse("keep-subjects"))
    see(client, "/staff/subjects/smoke/edit/", status=404)


def test_a_file_is_looked_at_before_it_takes_the_place(client, cataloguer):
    changed = SMALL.replace("Ember", "Cinder").encode()
    answer = client.post(reverse("load-subjects"), {"file": file(changed, "b.ttl")})
    page = answer["Location"]
    said = see(client, page)
    assert "Changed 1 : ember" in said
    assert current_thesaurus().subjects["ember"].name("en") == "Ember"
    client.post(page, {"do": "load"})
    assert current_thesaurus().subjects["ember"].name("en") == "Cinder"
    see(client, page, status=404)


def test_a_faulty_file_is_told_with_its_lines_and_dropped(client, cataloguer):
    answer = client.post(reverse("load-subjects"), {"file": file(b"nonsense", "b.ttl")})
    said = see(client, answer["Location"], status=400)
    assert "line 1: not Turtle" in said
    assert "Replace thesaurus" not in said
    client.post(answer["Location"], {"do": "drop"})
    assert Import.objects.count() == 0
    assert client.post(reverse("load-subjects")).status_code == 400
    large = file(b"x" * (5 * 1024 * 1024 + 1), "b.ttl")
    assert client.post(reverse("load-subjects"), {"file": large}).status_code == 400


# ---- imports ----


def test_a_file_is_looked_at_then_taken_then_undone(client, cataloguer):
    page = client.post(reverse("imports"), {"file": file(CSV)})["Location"]
    said = see(client, page)
    assert "1 record does not say what it is" in said
    assert "Subjects: Fire" in said
    assert Resource.objects.count() == 0

    first = client.post(page, {"do": "take"})
    assert first.status_code == 400
    assert "Choose the kind of the records" in first.content.decode()
    done = client.post(page, {"do": "take", "kind": "tool"}, follow=True).content.decode()
    assert "2 records imported." in done
    assert 'href="/staff/resources/crossing-rivers-2004/record/"' in done
    assert [one.kind for one in Resource.objects.order_by("year")] == ["guidance", "tool"]

    undone = client.post(page, {"do": "undo"}, follow=True).content.decode()
    assert "2 withdrawn." in undone
    assert {one.state for one in Resource.objects.all()} == {State.WITHDRAWN}
    assert "Undone" in see(client, reverse("imports"))


def test_a_button_pressed_twice_takes_in_once_and_leads_to_what_came(client, cataloguer):
    page = client.post(reverse("imports"), {"file": file(CSV)})["Location"]
    client.post(page, {"do": "take", "kind": "tool"})
    again = client.post(page, {"do": "take", "kind": "tool"}, follow=True)
    assert again.status_code == 200
    said = again.content.decode()
    assert "had already been imported" in said
    assert "Undo import" in said
    assert Resource.objects.count() == 2


def test_a_file_that_brings_nothing_offers_nothing_to_take(client, cataloguer):
    page = client.post(reverse("imports"), {"file": file(b"colour\nred\n")})["Location"]
    said = client.get(page).content.decode()
    assert "It contains no record that can be imported" in said
    assert 'value="take"' not in said
    assert 'value="drop"' in said


def test_what_is_perhaps_here_is_taken_only_when_asked(client, cataloguer):
    make_resource("river", title="Crossing rivers", year=2004)
    page = client.post(reverse("imports"), {"file": file(CSV)})["Location"]
    assert "Possible duplicate" in see(client, page)
    client.post(page, {"do": "take", "kind": "tool"})
    assert Resource.objects.count() == 2
    page = client.post(reverse("imports"), {"file": file(CSV)})["Location"]
    client.post(page, {"do": "take", "kind": "tool", "like": "on"})
    assert Resource.objects.count() == 3


def test_abstracts_are_shown_to_those_who_code_and_to_nobody_else(client, cataloguer):
    page = client.post(reverse("imports"), {"file": file(ABSTRACT, "a.txt")})["Location"]
    assert "does not fit any part of an abstract" in see(client, page)
    done = client.post(page, {"do": "take"}, follow=True).content.decode()
    address = "/staff/reviews/2014-blackmoor-child-br/abstract/"
    assert f'href="{address}"' in done
    coder = Client()
    coder.force_login(make_person(Role.CODER))
    said = see(coder, address)
    for words in ("Outcome Serious harm", "Age 3 years", "When June 2013", "plan moves"):
        assert words in said
    assert "are not agreed or counted" in said
    assert Client().get(address).status_code == 302
    reader = Client()
    reader.force_login(make_person(Role.READER))
    assert reader.get(address).status_code == 403
    Review.objects.update(state=State.WITHDRAWN)
    assert coder.get(address).status_code == 404


def test_a_file_that_is_no_catalogue_or_too_large_is_refused(client, cataloguer, monkeypatch):
    answer = client.post(reverse("imports"), {"file": file(b"%PDF", "a.pdf")})
    assert "The kind of file could not be detected" in answer.content.decode()
    assert client.post(reverse("imports")).status_code == 400
    monkeypatch.setattr(imports, "LARGEST", 10)
    answer = client.post(reverse("imports"), {"file": file(CSV)})
    assert "is larger than" in answer.content.decode()
    assert Import.objects.count() == 0


def test_more_records_than_a_page_takes_are_left_to_the_command(client, cataloguer, monkeypatch):
    monkeypatch.setattr(imports, "MOST_RECORDS", 1)
    page = client.post(reverse("imports"), {"file": file(CSV)})["Location"]
    assert "import them with the command line" in see(client, page)
    assert client.post(page, {"do": "take", "kind": "tool"}).status_code == 400
    assert Resource.objects.count() == 0


def test_forged_forms_are_refused(cataloguer):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cataloguer)
    for name in ("imports", "load-subjects"):
        assert strict.post(reverse(name), {"file": file(CSV)}).status_code == 403
    assert Import.objects.count() == 0
