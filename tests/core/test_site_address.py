"""Which addresses of a site others can open, and what is cited where there is none."""

import pytest

from waymark.core.site_address import first_public_host, public_address


@pytest.mark.parametrize(
    "site",
    [
        *("http://localhost:8000", "https://waymark.localhost", "http://127.0.0.1:8000"),
        *("http://127.1", "http://[::1]:8000", "http://0.0.0.0", "https://*", ""),
    ],
)
def test_an_address_of_the_machine_itself_is_none(site):
    assert public_address(site) == ""


@pytest.mark.parametrize("site", ["https://library.example.org", "http://intranet:8000"])
def test_any_other_address_is_one(site):
    assert public_address(f"{site}/") == site


def test_the_first_host_that_others_can_open_is_the_address():
    assert first_public_host(["localhost", "127.0.0.1", ".example.org", "b.org"]) == "example.org"
    assert first_public_host(["*", "[::1]"]) == ""
