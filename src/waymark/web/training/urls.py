"""Addresses of the training."""

from django.urls import path

from waymark.web.training import public, staff

urlpatterns = [
    path("training/", public.training, name="training"),
    path("training/calendar.ics", public.training_calendar, name="training-calendar"),
    path("training/<slug:slug>/", public.course_page, name="course"),
    path("training/<slug:slug>/calendar.ics", public.course_calendar, name="course-calendar"),
    path("staff/training/", staff.course_list, name="edit-training"),
    path("staff/training/add/", staff.add_course, name="add-course"),
    path("staff/training/edit/<slug:slug>/", staff.edit_course, name="edit-course"),
    path("staff/training/edit/<slug:slug>/state/", staff.course_state, name="course-state"),
    path("staff/training/edit/<slug:slug>/sessions/add/", staff.add_session, name="add-session"),
    path(
        "staff/training/edit/<slug:slug>/sessions/<n:number>/",
        staff.edit_session,
        name="edit-session",
    ),
]
