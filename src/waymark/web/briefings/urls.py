"""Addresses of the briefings."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
