"""Where the publication of a resource can be read."""

from typing import ClassVar

from django.db import models

from waymark.library.models.catalogue import Resource


class HoldingKind(models.TextChoices):
    OPEN = "open", "Free to read online"
    SHELF = "shelf", "Held by a library"
    SCAN = "scan", "We can send a scan of a part"
    LOAN = "loan", "We can lend it"
    VISIT = "visit", "You can read it on a visit"


class Holding(models.Model):
    """A place or way to get a publication. place: of the library or site; address: its web page."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="holdings")
    kind = models.CharField(max_length=5, choices=HoldingKind.choices)
    place = models.CharField(max_length=200, blank=True)
    address = models.URLField(max_length=500, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["resource", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resource", "kind", "place", "address"], name="one_holding_of_a_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}".strip()
