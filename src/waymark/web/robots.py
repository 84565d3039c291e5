"""robots.txt: it forbids nothing, and says where the sitemap is.

A page that robots.txt forbids is never fetched, so the header that keeps it out of a search engine
is never read, and its bare address may be listed because another site links to it. What is not to
be listed says so itself, with the header X-Robots-Tag and in its own head (see unlisted.py).
"""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What programs that walk the web should know."""
    lines = ["User-agent: *", "Disallow:", ""]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
