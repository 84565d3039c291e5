"""Charts as files: SVG, and the PNG that is made from it."""

from collections.abc import Mapping

from django.http import Http404, HttpResponse

from waymark.core.tables import Figure
from waymark.overview.charts.charts import saved_drawing
from waymark.publishing.document.nodes import FigureNode
from waymark.publishing.formats.word import figure_png

KINDS: Mapping[str, str] = {"svg": "image/svg+xml", "png": "image/png"}


def chart_file(figure: Figure, source: str, *, ending: str, name: str) -> HttpResponse:
    """A chart with its title, base and source in the picture. Raises Http404 for another ending.

    source: what the chart is from, as printed in it. name: of the file, without its ending.
    """
    if ending not in KINDS:
        raise Http404(f"charts are not written as {ending}")
    content = (
        saved_drawing(figure, source).encode()
        if ending == "svg"
        else figure_png(FigureNode("", figure, "", source))
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return HttpResponse(content, content_type=KINDS[ending], headers=headers)
