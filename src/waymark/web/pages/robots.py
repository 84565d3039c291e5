"""robots.txt: forbids nothing and names the sitemap.

Search engines never fetch a page that robots.txt forbids, so they do not see a "noindex" header and
may list the bare address because another site links to it. Pages that must not be listed therefore
say so themselves, with X-Robots-Tag and a meta element (see web/middleware/robots.py).
"""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe


@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    """robots.txt for crawlers."""
    lines = ["User-agent: *", "Disallow:", ""]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
