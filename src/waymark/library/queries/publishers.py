"""Publishers of the catalogue as bodies: their publications, and names that no body has yet.

Names join them, as they join boards to reviews: a record keeps its publisher as it is printed.
"""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.bodies.models import Body, BodyName
from waymark.bodies.queries import body_called, names_of, open_bodies
from waymark.library.models import Resource
from waymark.library.queries.resources import newest_first, open_resources


def publications_of(body: Body, person: Actor, now: datetime) -> QuerySet[Resource]:
    """The publications of a body, under any of its names, that a person may see, newest first."""
    names = names_of(body).values("name")
    return newest_first(open_resources(person, now).filter(publisher__in=names))


def publisher_of(resource: Resource, person: Actor, now: datetime) -> Body | None:
    """The body that published a resource, if it has a page that the person may open."""
    body = body_called(resource.publisher) if resource.publisher else None
    if body is None or body.listed:
        return body
    return open_bodies(person, now).filter(pk=body.pk).first()


def publishers_without_body(person: Actor, now: datetime) -> list[tuple[str, int]]:
    """Publishers that no body has as a name, with the number of their publications, most first.

    Only publications that everyone can see: records of bodies made for these names are public.
    Raises NotPermitted.
    """
    require_permission(person, "see unpublished reports")
    named = BodyName.objects.filter(name=OuterRef("publisher"))
    public = open_resources(AnonymousUser(), now)
    rows = public.exclude(publisher="").filter(~Exists(named)).order_by()
    counted = rows.values_list("publisher").annotate(Count("pk"))
    return sorted(counted, key=lambda row: (-row[1], row[0]))
