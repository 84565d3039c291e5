"""Answers of visitors to "Was this page useful?": counts alone."""

from typing import ClassVar

from django.db import models


class PageFeedback(models.Model):
    """Number of equal answers about a page on a day. It has nothing of those who answered.

    kind: URL name of the page. page: its path, without a query. useful: true for yes.
    """

    kind = models.CharField(max_length=40)
    page = models.CharField(max_length=300)
    useful = models.BooleanField()
    day = models.DateField(db_index=True)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["page", "day", "useful"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["page", "day", "useful"], name="one_count_of_a_page_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.day} {'yes' if self.useful else 'no'}: {self.number}"
