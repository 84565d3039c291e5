"""Consultancies: the terms and hours of work that an enquiry led to."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor
from waymark.core.errors import RuleError
from waymark.enquiries.models import (
    Consultancy,
    ConsultancyHours,
    Enquiry,
    EnquiryKind,
    FeeAgreement,
)
from waymark.enquiries.services.answering import lock_enquiry

MOST_HOURS = Decimal(24)
MOST_FEE = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class ConsultancyTerms:
    """The terms of a consultancy; models.Consultancy explains the fields."""

    organisation: str
    scope: str
    starts_on: date | None
    ends_on: date | None
    agreement: str
    fee: Decimal | None


@audit.serialized
def save_consultancy(
    *, by: Actor, enquiry: Enquiry, terms: ConsultancyTerms, now: datetime
) -> Consultancy:
    """Save the terms of a consultancy. Raises NotPermitted, RuleError."""
    current = lock_enquiry(by, enquiry)
    if current.kind != EnquiryKind.CONSULTANCY:
        raise RuleError("change the kind of the enquiry to consultancy first")
    if terms.agreement not in FeeAgreement.values:
        raise RuleError("choose whether a fee is agreed")
    agreed = terms.agreement == FeeAgreement.AGREED
    if agreed and (terms.fee is None or not 0 < terms.fee < MOST_FEE):
        raise RuleError("enter the agreed fee in pounds, such as 450")
    if terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        raise RuleError("the work must end on or after the day it begins")
    row, _ = Consultancy.objects.update_or_create(
        enquiry=current,
        defaults={
            "organisation": " ".join(terms.organisation.split())[:200],
            "scope": terms.scope.strip()[:5_000],
            "starts_on": terms.starts_on,
            "ends_on": terms.ends_on,
            "agreement": FeeAgreement(terms.agreement),
            "fee": terms.fee if agreed else None,
        },
    )
    audit.record_about(by, "save consultancy", current, now, agreement=terms.agreement)
    return row


@audit.serialized
def add_hours(*, by: Actor, enquiry: Enquiry, on: date, hours: Decimal, now: datetime) -> None:
    """Record hours of work on a consultancy. Raises NotPermitted, RuleError."""
    current = lock_enquiry(by, enquiry)
    consultancy = Consultancy.objects.filter(enquiry=current).first()
    if consultancy is None:
        raise RuleError("save the terms of the consultancy first")
    if not 0 < hours <= MOST_HOURS:
        raise RuleError("enter hours of one day, such as 1.5")
    worked_by = by if isinstance(by, User) else None
    ConsultancyHours.objects.create(
        consultancy=consultancy, on=on, hours=hours, worked_by=worked_by
    )
    audit.record_about(by, "record hours", current, now, hours=str(hours))
