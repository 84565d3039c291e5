"""Addresses of the alerts."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
