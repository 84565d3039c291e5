"""Imprint of a document of this installation, from its settings and its edition."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.urls import reverse

from waymark.core.licences import licence_label, licence_url
from waymark.core.site_address import NO_ADDRESS, public_address
from waymark.core.uk_time import uk_date
from waymark.core.wording import as_sentence
from waymark.publishing.document.nodes import DocumentImprint, EditionInfo, ReportDocument
from waymark.publishing.formats.tidy.csvw import licence_property

NO_LICENCE = "No licence is given: quote with a citation, and ask us for anything else"


def with_imprint(
    document: ReportDocument, slug: str, edition: EditionInfo | None = None
) -> ReportDocument:
    """An overview with its publisher, contact, licence and address.

    slug: name of the overview. edition: None for a draft, which has no citation.
    """
    site = public_address(settings.SITE_ADDRESS)
    address = site + reverse("overview", args=[slug]) if site else ""
    publisher = settings.ORGANISATION or settings.SITE_NAME
    citation = ""
    if edition is not None and edition.number is not None:
        year = uk_date(edition.dated).year
        named = f"{publisher} ({year}). {document.title}, edition {edition.number}."
        citation = f"{named} {address or as_sentence(NO_ADDRESS)}"
    return replace(document, imprint=imprint_of_site(address or NO_ADDRESS, citation))


def imprint_of_site(address: str, citation: str = "") -> DocumentImprint:
    """Publisher, contact and licence of this installation."""
    contacts = (
        settings.CONTACT_EMAIL,
        settings.CONTACT_PHONE,
        settings.ORGANISATION_ADDRESS,
    )
    licence = settings.DATA_LICENCE
    url = licence_url(licence)
    words = f"{licence_label(licence)}{f' ({url})' if url else ''}" if licence else NO_LICENCE
    return DocumentImprint(
        publisher=settings.ORGANISATION or settings.SITE_NAME,
        # Without a contact of its own a document leads to the page with all ways to ask.
        contact=", ".join(filter(None, contacts)) or _contact_page(),
        licence=words,
        address=address,
        citation=citation,
    )


def _contact_page() -> str:
    site = public_address(settings.SITE_ADDRESS)
    return site + reverse("contact") if site else "the page Contact of this site"


def csvw_properties(imprint: DocumentImprint) -> dict[str, Any]:
    """Publisher and licence for the CSVW description of a single table."""
    publisher = {"dc:publisher": imprint.publisher} if imprint.publisher else {}
    return publisher | licence_property(settings.DATA_LICENCE)
