"""Charts of a published overview as files."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.publishing import queries
from waymark.publishing.document.nodes import FigureNode, with_sources
from waymark.web.shared.chart_files import chart_file


@require_safe
def overview_chart(request: HttpRequest, slug: str, figure: str, ending: str) -> HttpResponse:
    """A chart as SVG, or as PNG made from it, with its title, base and source in the picture."""
    node = _figure_node(slug, figure)
    return chart_file(node.figure, node.source, ending=ending, name=f"{slug}-{figure}")


def _figure_node(slug: str, figure: str) -> FigureNode:
    """The figure as the current edition prints it. Raises Http404 if it has none of this id."""
    publication = queries.published_edition(slug)
    document = with_sources(queries.document_of(publication, now=timezone.now()))
    for node in document.nodes:
        if isinstance(node, FigureNode) and node.figure.id == figure:
            return node
    raise Http404(f"{slug} has no chart {figure}")
