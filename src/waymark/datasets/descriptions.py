"""Descriptions of the files of data: their title, licence and framework."""

from dataclasses import replace

from django.conf import settings

from waymark import __version__
from waymark.datasets.queries import DataRequest, OverviewSource
from waymark.publishing.formats.package import about_release
from waymark.publishing.formats.tidy.package import PackageDescription


def about_records(request: DataRequest) -> PackageDescription:
    """Description of the files of what is agreed now."""
    return PackageDescription(
        name="waymark-data",
        title=f"{settings.SITE_NAME}: data",
        text="Coded data about case reviews: reviews, children, judgements, codings and"
        " recommendations. The basis of each coding and judgement says whether one coder alone,"
        " both coders alike or an adjudicator decided it. Suggestions by programs are not"
        " included.",
        version=__version__,
        licence=settings.DATA_LICENCE,
        publisher=settings.ORGANISATION or settings.SITE_NAME,
        contact=settings.CONTACT_EMAIL,
        metadata={
            "framework": str(request.framework),
            "framework_sha256": request.framework.sha256,
            "framework_licence": request.framework.licence,
            "overdue_as_at": request.as_at.isoformat(),
            "program": f"Waymark {__version__}",
        },
    )


def about_overview(source: OverviewSource) -> PackageDescription:
    """Description of the files of an overview."""
    edition = f"Edition {source.edition}" if source.edition else "Draft, not published"
    return replace(
        about_release(source.release, edition, licence=settings.DATA_LICENCE),
        publisher=settings.ORGANISATION or settings.SITE_NAME,
        contact=settings.CONTACT_EMAIL,
    )
