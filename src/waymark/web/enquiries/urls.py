"""Addresses of the enquiries."""

from django.urls import URLPattern, path

from waymark.web.enquiries import ask, staff

urlpatterns: list[URLPattern] = [
    path("ask/", ask.ask, name="ask"),
    path("ask/<str:reference>/<str:token>/", ask.enquiry_thread, name="enquiry-thread"),
    path("staff/enquiries/", staff.enquiry_list, name="enquiries"),
    path("staff/enquiries/call/", staff.log_call, name="log-call"),
    path("staff/enquiries/<str:reference>/", staff.enquiry_page, name="enquiry"),
]
