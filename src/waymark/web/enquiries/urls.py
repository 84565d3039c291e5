"""Addresses of the enquiries."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
