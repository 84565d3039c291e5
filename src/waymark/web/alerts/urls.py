"""Addresses of the alerts."""

from django.urls import URLPattern, path

from waymark.web.alerts import sign_up, subscriptions

urlpatterns: list[URLPattern] = [
    path("alerts/", sign_up.alerts_page, name="alerts"),
    path("alerts/confirm/<str:token>/", sign_up.confirm_page, name="alert-confirm"),
    path(
        "alerts/preferences/<str:token>/", subscriptions.preferences_page, name="alert-preferences"
    ),
    path(
        "alerts/preferences/<str:token>/address/",
        subscriptions.change_address,
        name="alert-address",
    ),
    path("alerts/preferences/<str:token>/stop/", subscriptions.stop_all, name="alert-stop"),
    path("alerts/preferences/<str:token>/erase/", subscriptions.erase_page, name="alert-erase"),
    path("alerts/erased/", subscriptions.erased_page, name="alert-erased"),
    path(
        "alerts/unsubscribe/<str:token>/<slug:alert_list>/",
        subscriptions.unsubscribe,
        name="alert-unsubscribe",
    ),
]
