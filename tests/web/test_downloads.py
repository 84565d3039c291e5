"""Heavy downloads: one at a time, and not for ever."""

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import reverse

from waymark.web.middleware import downloads
from waymark.web.middleware.downloads import one_at_a_time

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


def ask(view):
    """The view's answer to a visitor."""
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return view(request)


def close(answer):
    """End an answer as a server does, without its signal: that would close the database."""
    for closer in answer._resource_closers:
        closer()


@one_at_a_time
def streamed(request):
    """A file in three pieces."""
    return StreamingHttpResponse(iter([b"a", b"b", b"c"]))


@one_at_a_time
def whole(request):
    """A file made at once."""
    return HttpResponse(b"abc")


@one_at_a_time
def broken(request):
    """A view that fails."""
    raise ValueError("broken")


def test_a_second_download_is_asked_to_come_again_until_the_first_is_closed():
    first = ask(streamed)
    busy = ask(whole)
    assert (busy.status_code, busy["Retry-After"]) == (503, "60")
    assert "Another download is running" in busy.content.decode()
    assert b"".join(first) == b"abc"
    assert ask(whole).status_code == 503
    close(first)
    assert ask(whole).status_code == 200


def test_a_reader_who_goes_before_the_first_piece_lets_the_next_one_in():
    close(ask(streamed))
    assert ask(whole).status_code == 200


def test_a_download_that_fails_lets_the_next_one_in():
    with pytest.raises(ValueError, match="broken"):
        ask(broken)
    assert ask(whole).status_code == 200


def test_a_download_made_at_once_lets_the_next_one_in():
    assert [ask(whole).status_code for _ in range(3)] == [200, 200, 200]


def test_a_reader_who_takes_it_too_slowly_is_cut_off(monkeypatch):
    monkeypatch.setattr(downloads, "WAITING_SECONDS", -1.0)
    download = ask(streamed)
    with pytest.raises(TimeoutError, match="too slow"):
        list(download)
    close(download)
    assert ask(whole).status_code == 200


@pytest.mark.parametrize("name", ["data-csv", "data-parquet"])
def test_the_files_for_researchers_are_heavy_until_they_are_stored(client, framework, name):
    first = ask(streamed)
    assert client.get(reverse(name, args=["codings"])).status_code == 503
    close(first)
    assert b"".join(client.get(reverse(name, args=["codings"])))
    first = ask(streamed)
    assert b"".join(client.get(reverse(name, args=["codings"])))
    close(first)


def test_the_data_of_an_overview_are_heavy(client):
    first = ask(streamed)
    assert client.get(reverse("overview-package", args=["none"])).status_code == 503
    close(first)
    assert client.get(reverse("overview-package", args=["none"])).status_code == 404
