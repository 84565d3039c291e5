"""Errors as pages: what happened, and what to do."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tests.factories import make_person
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.web import urls

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def raising(error):
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    *urls.urlpatterns,
    path("lost/", raising(NotFound("there is no review X"))),
    path("barred/", raising(NotPermitted("ann cannot code: you need the role coder"))),
    path("wrong/", raising(RuleError("a year is needed"))),
    path("denied/", raising(PermissionDenied())),
    path("odd/", raising(SuspiciousOperation("secret detail"))),
    path("broken/", raising(ValueError("secret detail"))),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.mark.parametrize("address", ["/reports/a%00/", "/staff/uploads/%00/", "/p/%00/"])
def test_an_address_with_a_null_character_names_nothing(client, address):
    client.force_login(make_person(Role.EDITOR))
    assert "Page not found" in see(client, address, 404)


def test_what_does_not_exist_and_what_one_may_not_see_get_the_same_page(client):
    assert "Page not found" in see(client, "/lost/", 404)
    assert client.get("/lost/").content == client.get("/no-such-page/").content.replace(
        b"/no-such-page/", b"/lost/"
    )


def test_a_visitor_who_may_not_is_asked_to_sign_in(client):
    assert client.get("/barred/").url == "/sign-in/?next=/barred/"


def test_a_person_who_may_not_is_told_which_role_it_needs(client):
    client.force_login(make_person())
    said = see(client, "/barred/", 403)
    assert "Ann cannot code: you need the role coder." in said
    assert "ask an administrator for the role" in said


def test_a_broken_rule_is_told_with_what_to_do(client):
    said = see(client, "/wrong/", 400)
    assert "A year is needed." in said
    assert "Go back, correct the problem and try again." in said


def test_only_a_form_that_was_sent_has_changes_that_are_not_saved(client):
    assert "Your changes have not been saved." not in see(client, "/wrong/", 400)
    assert "Your changes have not been saved." in words_of(strictly(client.post("/wrong/")))


def test_what_django_itself_refuses_is_told_without_details(client):
    assert "You cannot see this page" in see(client, "/denied/", 403)
    said = see(client, "/odd/", 400)
    assert "could not understand the request" in said
    assert "secret" not in said


def test_a_fault_of_ours_is_told_as_ours_without_details(client, caplog):
    client.raise_request_exception = False
    said = see(client, "/broken/", 500)
    assert "there is a problem with the site" in said
    assert "secret" not in said
    assert "secret detail" in caplog.text


def test_a_form_without_its_protection_is_explained():
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in/", {"name": "ann", "password": "x"})
    assert answer.status_code == 403
    assert "Send the form again" in answer.content.decode()
