"""Addresses of signing in and of one's own account."""

from django.urls import URLPattern, path

from waymark.web.accounts import accounts, links, organisation, passkeys, second_factor, sessions

urlpatterns: list[URLPattern] = [
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-in/code/", second_factor.second_step, name="second-step"),
    path("account/second-factor/", second_factor.second_factor, name="second-factor"),
    path("account/second-factor/app/", second_factor.add_app, name="add-app"),
    path("account/passkeys/", passkeys.passkeys, name="passkeys"),
    path("account/passkeys/<int:number>/", passkeys.remove_passkey, name="remove-passkey"),
    path("sign-in/forgotten/", links.forgotten_password, name="forgotten-password"),
    path("account/link/<str:token>/", links.choose_by_link, name="account-link"),
    path("sign-in/organisation/", organisation.to_organisation, name="organisation-sign-in"),
    path("sign-in/organisation/back/", organisation.from_organisation, name="organisation-back"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("account/", accounts.own_account, name="account"),
    path("account/sessions/", sessions.own_sessions, name="own-sessions"),
    path("account/password/", accounts.change_own_password, name="password"),
]
