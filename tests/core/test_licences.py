"""Licences are known by their short name, their label and their address."""

import pytest

from waymark.core.licences import licence_in, licence_label, licence_url


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("cc by 4.0", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by-nc/4.0", "CC-BY-NC-4.0"),
        ("Open Government Licence 3.0", "OGL-UK-3.0"),
        (
            "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3",
            "OGL-UK-3.0",
        ),
        ("Creative Commons BY-NC-ND 4.0", "CC-BY-NC-ND-4.0"),
        ("CC-BY-2.0", "CC-BY-2.0"),  # not the same licence, so it is left as it is
        ("  For teaching only ", "For teaching only"),
        ("", ""),
    ],
)
def test_a_licence_is_known_however_it_is_written_and_other_terms_stay(text, name):
    assert licence_in(text) == name


def test_other_terms_have_no_address():
    assert licence_url("CC-BY-4.0") == "https://creativecommons.org/licenses/by/4.0/"
    assert licence_url("For teaching only") == ""
    assert licence_label("CC-BY-NC-4.0") == "Creative Commons BY-NC 4.0"
    assert licence_label("For teaching only") == "For teaching only"
