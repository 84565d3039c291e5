"""The search backend that a setting names."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from waymark.library.queries import search_backend
from waymark.library.search.tantivy.backend import TantivyIndex


def test_without_a_setting_the_embedded_backend_is_used():
    assert isinstance(search_backend.search_backend(), TantivyIndex)


def test_a_setting_names_another_backend_which_gets_its_folder(settings, monkeypatch):
    folders = []
    monkeypatch.setitem(
        search_backend.BACKENDS, "memory", lambda folder: folders.append(folder) or "it"
    )
    settings.SEARCH_BACKEND = "memory"
    assert search_backend.search_backend() == "it"
    assert folders == [settings.DATA / "index"]


def test_the_error_for_an_unknown_name_lists_the_known_ones(settings):
    settings.SEARCH_BACKEND = "elastic"
    with pytest.raises(ImproperlyConfigured, match=r"'elastic', but .* are: tantivy"):
        search_backend.search_backend()
