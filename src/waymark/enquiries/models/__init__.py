"""Tables of the Information Service."""

from waymark.enquiries.models.enquiries import (
    Enquiry,
    EnquiryChannel,
    EnquiryKind,
    EnquiryState,
)

__all__ = ["Enquiry", "EnquiryChannel", "EnquiryKind", "EnquiryState"]
