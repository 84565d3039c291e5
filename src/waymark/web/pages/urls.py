"""Addresses of the home page, the pages about the site and robots.txt."""

from django.urls import URLPattern, path

from waymark.web.pages import impact, pages, robots

urlpatterns: list[URLPattern] = [
    path("", pages.home_page, name="home"),
    path("about/", pages.about_page, name="about"),
    path("impact/", impact.impact, name="impact"),
    path("help/", pages.help_page, name="help"),
    path("accessibility/", pages.accessibility_page, name="accessibility"),
    path("contact/", pages.contact_page, name="contact"),
    path("privacy/", pages.privacy_page, name="privacy"),
    path("terms/", pages.terms_page, name="terms"),
    path("complaints/", pages.complaints_page, name="complaints"),
    path("robots.txt", robots.robots_txt, name="robots"),
]
