"""Overviews and data sets for search engines, as schema.org in JSON-LD."""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.licences import licence_url
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.formats.tidy.shape import TableShape
from waymark.publishing.models import Publication

CONTEXT = "https://schema.org"
DATA_DESCRIPTION = "The tables of the overview as files, each column described."
CSV, PARQUET, ZIP, PDF = (
    *("text/csv", "application/vnd.apache.parquet"),
    *("application/zip", "application/pdf"),
)


def overview_json_ld(
    request: HttpRequest,
    publication: Publication,
    document: ReportDocument,
    tables: Iterable[str],
    *,
    closed: bool,
) -> str:
    """An edition as a report, whose numbers are a data set. tables: their ids.

    closed: the PDF is not available, because words that it quotes are no longer public.
    """
    slug = publication.slug
    page = request.build_absolute_uri(reverse("overview", args=[slug]))
    shared = {
        "version": str(publication.edition),
        "datePublished": f"{publication.published_at:%Y-%m-%d}",
        "inLanguage": "en-GB",
        **_terms(),
    }
    files = [
        _download(request, reverse("overview-package", args=[slug]), ZIP, "All tables"),
        *(
            _download(request, reverse("overview-csv", args=[slug, table]), CSV, table)
            for table in tables
        ),
    ]
    pdf = _download(request, reverse("overview-pdf", args=[slug]), PDF, document.title)
    return _script(
        {
            "@type": "Report",
            "@id": page,
            "url": page,
            "name": document.title,
            "alternativeHeadline": document.subtitle,
            "description": document.scope,
            **shared,
            "encoding": [] if closed else [pdf],
            "hasPart": {
                "@type": "Dataset",
                "@id": f"{page}#data",
                "name": f"{document.title}: data",
                "description": f"{DATA_DESCRIPTION} {document.scope}",
                "isAccessibleForFree": True,
                **shared,
                "distribution": files,
            },
        }
    )


def data_json_ld(request: HttpRequest, tables: Iterable[TableShape]) -> str:
    """The public tables of coded data as one data set."""
    page = request.build_absolute_uri(reverse("data"))
    names = [(table.name, table.title) for table in tables]
    files = [
        _download(request, reverse(view, args=[name]), kind, title)
        for name, title in names
        for view, kind in (("data-csv", CSV), ("data-parquet", PARQUET))
    ]
    return _script(
        {
            "@type": "Dataset",
            "@id": page,
            "url": page,
            "name": f"{settings.SITE_NAME}: coded data of case reviews",
            "description": "Coded data of case reviews as tables, with a dictionary that explains"
            " every value and says whether one coder, two coders or an adjudicator decided it.",
            "inLanguage": "en-GB",
            "isAccessibleForFree": True,
            **_terms(),
            "distribution": files,
        }
    )


def _terms() -> dict[str, Any]:
    """Publisher, licence and forbidden uses."""
    body = {"@type": "Organization", "name": settings.ORGANISATION}
    named = {"publisher": body, "copyrightHolder": body, "creator": body}
    return {
        **(named if settings.ORGANISATION else {}),
        "license": licence_url(settings.DATA_LICENCE) or settings.DATA_LICENCE,
        "usageInfo": {"@type": "CreativeWork", "text": FORBIDDEN_USES_IN_FULL},
    }


def _download(request: HttpRequest, address: str, media_type: str, name: str) -> dict[str, str]:
    return {
        "@type": "DataDownload" if media_type != PDF else "MediaObject",
        "name": name,
        "encodingFormat": media_type,
        "contentUrl": request.build_absolute_uri(address),
    }


def _script(node: dict[str, Any]) -> str:
    """Content of a script element: without empty values, and with nothing that could end it."""
    whole = {"@context": CONTEXT, **_without_empty(node)}
    return json.dumps(whole, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")


def _without_empty(node: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_empty(value) if isinstance(value, dict) else value
        for name, value in node.items()
        if value
    }
