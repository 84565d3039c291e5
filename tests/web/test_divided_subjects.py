"""The page of records whose subject a newer edition of the thesaurus divided."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person, make_review
from tests.library.conftest import make_resource
from tests.web.test_pages import see
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.library.services import catalogue_resource, catalogue_review, set_subjects
from waymark.library.services.thesaurus import EARLIER, load_thesaurus, upgrade_thesaurus

pytestmark = pytest.mark.django_db
PAGE = reverse("divided-subjects")


@pytest.fixture
def divided(client, settings, tmp_path):
    """A review and a withdrawn resource, both with a subject that was divided."""
    settings.DATA = tmp_path
    return _divided()


@written_once
def _divided():
    first = next(iter(EARLIER.values()))
    load_thesaurus(by=None, source=first.read_bytes(), file=first.name, now=NOON)
    review = make_review("T1", title="Kxreview", state=State.INTERNAL)
    resource = make_resource("a", title="Kxgone", state=State.WITHDRAWN)
    records = (
        catalogue_review(by=None, review=review, now=NOON),
        catalogue_resource(by=None, resource=resource, now=NOON),
    )
    for record in records:
        set_subjects(by=None, record=record, subjects=["autistic-children"], now=NOON)
    upgrade_thesaurus(by=None, now=NOON)
    return records[0]


def test_a_record_is_listed_with_what_may_fit_better_until_somebody_has_chosen(client, divided):
    client.force_login(make_person(Role.CATALOGUER))
    text = see(client, PAGE)
    assert "1 choice to make" in text
    assert "Kxreview" in text
    markup = client.get(PAGE).content.decode()
    assert f'href="{reverse("review-about", args=["T1"])}"' in markup
    assert '/subjects/children-with-adhd/"' in markup
    keys = ["autistic-children", "children-with-adhd"]
    set_subjects(by=None, record=divided, subjects=keys, now=NOON)
    assert "No choices to make" in see(client, PAGE)


def test_a_withdrawn_record_is_not_listed_and_others_may_not_see_the_page(client, divided):
    assert client.get(PAGE).status_code == 302
    client.force_login(make_person(Role.CODER))
    assert client.get(PAGE).status_code == 403
    client.force_login(make_person(Role.EDITOR))
    assert "Kxgone" not in see(client, PAGE)
