"""The search backend that a setting names."""

from waymark.library.queries.search_backend import search_backend
from waymark.library.search.tantivy.backend import TantivyIndex


def backend_with(folder):
    """Another backend, as far as the setting is concerned."""
    return ("another", folder)


def test_without_a_setting_the_embedded_backend_is_used():
    assert isinstance(search_backend(), TantivyIndex)


def test_a_setting_names_another_backend_which_gets_its_folder(settings):
    settings.SEARCH_BACKENDS = {"another": f"{__name__}.backend_with"}
    settings.SEARCH_BACKEND = "another"
    assert search_backend() == ("another", settings.DATA / "index")
