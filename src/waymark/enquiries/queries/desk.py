"""Enquiries for those who handle them, and the thread that an asker reads by a private link."""

from datetime import datetime

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.crypto import constant_time_compare

from waymark.accounts.models import User
from waymark.accounts.permissions import ALLOWED, Actor, require_permission
from waymark.core.errors import NotFound, require_found
from waymark.enquiries.models import EmailToSort, Enquiry, EnquiryAttachment, EnquiryState

HANDLE = "handle enquiries"


def listed_enquiries(person: Actor) -> QuerySet[Enquiry]:
    """All enquiries. is_open: 1 for those that wait for us, else 0. Raises NotPermitted."""
    require_permission(person, HANDLE)
    return Enquiry.objects.select_related("assigned_to").annotate(
        is_open=Case(
            When(state=EnquiryState.WAITING, then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        )
    )


def waiting_enquiries(person: Actor) -> QuerySet[Enquiry]:
    """Enquiries that wait for us. Raises NotPermitted."""
    require_permission(person, HANDLE)
    return Enquiry.objects.filter(state=EnquiryState.WAITING)


def overdue_enquiries(person: Actor, now: datetime) -> QuerySet[Enquiry]:
    """Enquiries that wait although their answer was due. Raises NotPermitted."""
    return waiting_enquiries(person).filter(due_at__lt=now)


def enquiry_for(reference: str, person: Actor) -> Enquiry:
    """The enquiry with a reference. Raises NotPermitted, NotFound."""
    require_permission(person, HANDLE)
    rows = Enquiry.objects.filter(reference=reference).select_related("assigned_to")
    return require_found(rows.first(), f"there is no enquiry {reference}")


def thread_of(reference: str, token: str) -> Enquiry:
    """The enquiry that a private link opens. Raises NotFound, alike for all that is wrong."""
    enquiry = Enquiry.objects.filter(reference=reference, erased_at=None).first()
    if enquiry is None or not constant_time_compare(enquiry.token, token):
        raise NotFound("there is no enquiry at this address")
    return enquiry


def people_of_the_desk(person: Actor) -> QuerySet[User]:
    """People who handle enquiries. Raises NotPermitted."""
    require_permission(person, HANDLE)
    people = User.objects.filter(is_active=True, grants__role__in=ALLOWED[HANDLE])
    return people.distinct().order_by("username")


def emails_to_sort(person: Actor) -> QuerySet[EmailToSort]:
    """Emails that wait for a decision. Raises NotPermitted."""
    require_permission(person, HANDLE)
    rows = EmailToSort.objects.filter(decision="")
    return rows.select_related("mail", "enquiry")


def email_to_sort(number: int, person: Actor) -> EmailToSort:
    """An email to decide on, or decided. Raises NotPermitted, NotFound."""
    require_permission(person, HANDLE)
    rows = EmailToSort.objects.filter(pk=number).select_related("mail", "enquiry", "decided_by")
    return require_found(rows.first(), f"there is no email {number}")


def attachment_for(number: int, reference: str, person: Actor) -> EnquiryAttachment:
    """A stored attachment of an enquiry. Raises NotPermitted, NotFound."""
    require_permission(person, HANDLE)
    rows = EnquiryAttachment.objects.filter(pk=number, message__enquiry__reference=reference)
    return require_found(rows.exclude(sha256="").first(), f"there is no attachment {number}")
