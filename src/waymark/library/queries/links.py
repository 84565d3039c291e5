"""Addresses of published resources: those to try, and those that do not work."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.library.models import Resource
from waymark.library.queries.resources import open_resources


def links_to_check(now: datetime) -> QuerySet[Resource]:
    """The public resources whose address is due to be tried, those never tried first.

    Pages of this site are not among them.
    """
    due = Q(link_due_at=None) | Q(link_due_at__lte=now)
    rows = open_resources(AnonymousUser(), now).filter(due).exclude(url="")
    own = rows.exclude(url__startswith=settings.SITE_ADDRESS) if settings.SITE_ADDRESS else rows
    return own.order_by(F("link_due_at").asc(nulls_first=True), "pk")


def broken_links(person: Actor) -> QuerySet[Resource]:
    """Published resources whose address did not work when last tried. Raises NotPermitted."""
    require_permission(person, "catalogue")
    return Resource.objects.filter(state=State.PUBLISHED, link_failed_at__isnull=False)
