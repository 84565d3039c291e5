"""Addresses of the home page, help and robots.txt."""

from django.urls import URLPattern, path

from waymark.web.pages import pages, robots

urlpatterns: list[URLPattern] = [
    path("", pages.home_page, name="home"),
    path("about/", pages.about_page, name="about"),
    path("help/", pages.help_page, name="help"),
    path("accessibility/", pages.accessibility_page, name="accessibility"),
    path("robots.txt", robots.robots_txt, name="robots"),
]
