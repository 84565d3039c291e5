"""Details of enquiries that are requests: for a copy or a loan, and for work on a project."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.enquiries.models.enquiries import Enquiry
from waymark.library.models import Resource


class WantedForm(models.TextChoices):
    COPY = "copy", "A copy of a part, for private study or research"
    LOAN = "loan", "A loan"
    VISIT = "visit", "A visit to read it"


class CopyRequest(models.Model):
    """The item that an asker would like to read, and in what form.

    part: chapter or pages of a copy. declaration: version of the text in copy_declaration.yaml that
    the asker confirmed, with the name on the enquiry; "" for a loan or a visit.
    """

    enquiry = models.OneToOneField(Enquiry, models.CASCADE, related_name="copy_request")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="+")
    wanted = models.CharField(max_length=5, choices=WantedForm.choices)
    part = models.CharField(max_length=300, blank=True)
    declaration = models.CharField(max_length=20, blank=True)
    declared_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(wanted="copy") | ~models.Q(declaration=""),
                name="a_copy_needs_a_declaration",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wanted} for {self.enquiry_id}"


class FeeAgreement(models.TextChoices):
    OPEN = "open", "Not agreed yet"
    NONE = "none", "No fee"
    AGREED = "agreed", "Agreed"


class Consultancy(models.Model):
    """Work on a project that an enquiry led to. fee: in pounds, of an agreed one alone."""

    enquiry = models.OneToOneField(Enquiry, models.CASCADE, related_name="consultancy")
    organisation = models.CharField(max_length=200, blank=True)
    scope = models.TextField(blank=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    agreement = models.CharField(
        max_length=6, choices=FeeAgreement.choices, default=FeeAgreement.OPEN
    )
    fee = models.DecimalField(max_digits=9, decimal_places=2, null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(agreement="agreed", fee__isnull=False)
                | ~models.Q(agreement="agreed") & models.Q(fee=None),
                name="an_agreed_fee_has_its_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"consultancy {self.enquiry_id}"


class ConsultancyHours(models.Model):
    """Hours that somebody worked on a consultancy on one day."""

    consultancy = models.ForeignKey(Consultancy, models.CASCADE, related_name="hours")
    on = models.DateField()
    hours = models.DecimalField(max_digits=4, decimal_places=2)
    worked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(hours__gt=0, hours__lte=24), name="hours_of_one_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hours} on {self.on}"
