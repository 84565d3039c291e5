"""Every page of the site in one list."""

from django.urls import URLPattern, path, register_converter

from waymark.web import accounts, documents, errors, frameworks, library, pages, reviews


class PageNumber:
    """A number counted from 1, of at most nine digits."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """From the address."""
        return int(value)

    def to_url(self, value: int) -> str:
        """To the address."""
        return str(value)


register_converter(PageNumber, "n")

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("help/", pages.get_help, name="help"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    # The library and what it holds
    path("library/", library.library, name="library"),
    path("reviews/<slug:reference>/", reviews.review, name="review"),
    path("reports/<str:key>/", documents.report, name="report"),
    path("reports/<str:key>/page/", documents.to_page, name="to-page"),
    path("reports/<str:key>/pages/<n:number>/", documents.report_page, name="report-page"),
    path("reports/<str:key>/pages/<n:number>/image.png", documents.image, name="page-image"),
    path("p/<str:key>/", documents.passage, name="passage"),
    path("p/<str:key>/page/", documents.passage_page, name="passage-page"),
    # What may be coded
    path("themes/", frameworks.themes, name="themes"),
    path("frameworks/", frameworks.frameworks, name="frameworks"),
    path("frameworks/<slug:name>/<str:version>/", frameworks.framework, name="framework"),
    path("frameworks/<slug:name>/<str:version>/<str:code>/", frameworks.code, name="code"),
    # Accounts
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("account/", accounts.account, name="account"),
    path("account/password/", accounts.password, name="password"),
]

handler400 = errors.bad_request
handler403 = errors.not_permitted
handler404 = errors.not_found
handler500 = errors.failed
