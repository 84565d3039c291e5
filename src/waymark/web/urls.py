"""All addresses of the site: each package of pages lists its own."""

from datetime import date

from django.urls import URLResolver, include, path, register_converter

from waymark.web.middleware import errors


class PageNumber:
    """A number counted from 1, of at most nine digits."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """From the address."""
        return int(value)

    def to_url(self, value: int) -> str:
        """To the address."""
        return str(value)


class WorkKind:
    """A kind of work with statements: "briefing" of /briefings/, "guide" of /guides/."""

    regex = "briefings|guides"

    def to_python(self, value: str) -> str:
        """From the address."""
        return value.removesuffix("s")

    def to_url(self, value: str) -> str:
        """To the address."""
        return f"{value}s"


class IsoDay:
    """A day such as 2026-01-31."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """From the address; a day that no calendar has is no address of a page."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """To the address."""
        return value if isinstance(value, str) else value.isoformat()


register_converter(PageNumber, "n")
register_converter(IsoDay, "day")
register_converter(WorkKind, "work")


# The converter must be known before the packages are read, so they are named, not imported.
PACKAGES = (
    "pages",
    "repository",
    "library",
    "reader",
    "overviews",
    "staff",
    "authoring",
    "catalogue",
    "accounts",
    "briefings",
    "alerts",
    "enquiries",
    "bodies",
    "follow_up",
    "indicators",
    "training",
    "data_access",
    "rounds",
    "coding_exchange",
    "coding_queries",
    # After all others below /staff/coding/: its addresses begin with the name of any framework.
    "workbench",
)

urlpatterns: list[URLResolver] = [
    path("", include(f"waymark.web.{package}.urls")) for package in PACKAGES
]

handler400 = errors.bad_request
handler403 = errors.not_permitted
handler404 = errors.not_found
handler500 = errors.server_error
