"""The imprint: who publishes a document, its contact, licence, address and citation."""

from tests.publishing.small_release import EDITION, small_document
from waymark.publishing.queries.imprint import with_imprint


def test_an_edition_names_its_publisher_contact_licence_and_citation(settings):
    settings.ORGANISATION, settings.CONTACT_EMAIL = "Northshire Partnership", "help@example.org"
    settings.CONTACT_PHONE, settings.DATA_LICENCE = "01234 567890", "CC-BY-4.0"
    settings.SITE_ADDRESS = "https://library.example.org"
    assert with_imprint(small_document(), "small", EDITION).imprint.facts == (
        ("Publisher", "Northshire Partnership"),
        ("Contact", "help@example.org, 01234 567890"),
        ("Website", "https://library.example.org/overviews/small/"),
        (
            "Licence",
            "Creative Commons BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
        ),
        (
            "How to cite it",
            (
                "Northshire Partnership (2026). A small overview, edition 1."
                " https://library.example.org/overviews/small/"
            ),
        ),
    )


def test_a_draft_has_no_citation_and_a_site_without_a_licence_says_so(settings):
    settings.CONTACT_EMAIL = settings.DATA_LICENCE = settings.ORGANISATION = ""
    facts = dict(with_imprint(small_document(), "small").imprint.facts)
    assert "How to cite it" not in facts
    assert facts["Publisher"] == settings.SITE_NAME
    assert facts["Licence"].startswith("No licence is given")
    settings.SITE_ADDRESS = "https://library.example.org"
    facts = dict(with_imprint(small_document(), "small").imprint.facts)
    assert facts["Contact"] == "https://library.example.org/contact/"


def test_a_site_without_an_address_of_its_own_cites_none(settings):
    settings.SITE_ADDRESS, settings.CONTACT_EMAIL = "http://localhost:8000", ""
    settings.CONTACT_PHONE = settings.ORGANISATION_ADDRESS = ""
    facts = dict(with_imprint(small_document(), "small", EDITION).imprint.facts)
    assert facts["Website"] == "no address"
    assert facts["How to cite it"].endswith("A small overview, edition 1. No address.")
    assert facts["Contact"] == "the page Contact of this site"
    assert "localhost" not in "".join(facts.values())
