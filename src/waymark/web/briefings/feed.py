"""Feed of the briefings and guides."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from waymark.briefings.queries import editions
from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.web.library.exports import AtomFeed, entry_html, feed_answer, tag_uri


@require_safe
def briefings_feed(request: HttpRequest) -> HttpResponse:
    """Atom feed of the current briefings and guides, the newest first."""
    feed = AtomFeed(
        title=f"{settings.SITE_NAME}: briefings",
        link=request.build_absolute_uri(reverse("briefings")),
        feed_guid=tag_uri("briefings"),
        description="Thematic briefings and guides, newest first.",
        language="en-gb",
        feed_url=request.build_absolute_uri(),
        feed_copyright=FORBIDDEN_USES_IN_FULL,
    )
    for row in editions.published_briefings():
        place = [row.kind, row.slug, row.edition]
        page = request.build_absolute_uri(reverse("briefing-edition", args=place))
        feed.add_item(
            title=f"{row.title}, edition {row.edition}",
            link=page,
            description=entry_html(editions.content_of(row).about.strapline),
            unique_id=tag_uri("/".join(map(str, ("briefings", *place)))),
            unique_id_is_permalink=False,
            pubdate=row.published_at,
            updateddate=row.published_at,
            author_name=settings.SITE_NAME,
        )
    return feed_answer(request, feed)
