"""Every page of the site in one list."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
