"""Charts of a published overview as files."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.overview.charts.charts import saved_drawing
from waymark.publishing import queries
from waymark.publishing.document.nodes import FigureNode, with_sources
from waymark.publishing.formats.word import figure_png


@require_safe
def chart_as_svg(request: HttpRequest, slug: str, figure: str) -> HttpResponse:
    """A chart as SVG, with its title, base and source in the picture."""
    node = _figure_node(slug, figure)
    return _chart_file(saved_drawing(node.figure, node.source).encode(), "svg", slug, figure)


@require_safe
def chart_as_png(request: HttpRequest, slug: str, figure: str) -> HttpResponse:
    """A chart as PNG, made from its SVG."""
    return _chart_file(figure_png(_figure_node(slug, figure)), "png", slug, figure)


def _figure_node(slug: str, figure: str) -> FigureNode:
    """The figure as the current edition prints it. Raises Http404 if it has none of this id."""
    publication = queries.published_edition(slug)
    document = with_sources(queries.document_of(publication, now=timezone.now()))
    for node in document.nodes:
        if isinstance(node, FigureNode) and node.figure.id == figure:
            return node
    raise Http404(f"{slug} has no chart {figure}")


def _chart_file(content: bytes, ending: str, slug: str, figure: str) -> HttpResponse:
    kind = {"svg": "image/svg+xml", "png": "image/png"}[ending]
    name = f"{slug}-{figure}.{ending}"
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
