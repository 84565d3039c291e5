"""The site's navigation: what the header, the footer and the workspace menu link to.

An entry is shown only if its page exists and the person may open it, so a menu never has an empty
item. An entry can name several pages: it links to the first that exists.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse
from django.utils import timezone

from waymark.accounts.content_state import ContentCache, digest_mark
from waymark.accounts.models import User
from waymark.accounts.permissions import Person, has_permission
from waymark.web.shared.waiting_work import waiting_counts

COUNTED_SECONDS = 10
"""The counts are a query over thirty lists: it took a fifth of the time of a staff page."""
_COUNTS: ContentCache[dict[str, int]] = ContentCache(size=256)


@dataclass(frozen=True, slots=True)
class MenuPlace:
    """Entry of a menu. pages: URL names, best first; permission: needed to see it, "" for none.

    parts: further first parts of addresses that belong to it, such as reviews/ to Find. query: what
    of the page is meant, such as "?kind=case-review". setting: without which it is not shown.
    """

    label: str
    pages: tuple[str, ...]
    permission: str = ""
    parts: tuple[str, ...] = ()
    query: str = ""
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """Group of entries in the workspace menu or the footer, with its heading."""

    label: str
    places: tuple[MenuPlace, ...]


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """Entry as shown. current: "page" on its page, "true" in its section, else "".

    waiting: number of things there that wait for the person.
    """

    label: str
    url: str
    current: str
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class NavigationGroup:
    """Group of entries as shown, with its heading."""

    label: str
    entries: tuple[NavigationEntry, ...]


FINDINGS = (
    *("overviews", "theme-studies", "silence-reports", "other-overviews"),
    *("compare", "briefings"),
)
SECTIONS = (
    MenuPlace(
        "Find",
        ("find", "library"),
        parts=("library", "resources", "authors", "reviews", "reports", "p"),
    ),
    MenuPlace("Topics", ("topics",)),
    MenuPlace("Findings", ("findings", "overviews"), parts=FINDINGS),
    MenuPlace("Statistics", ("statistics",), parts=("indicators", "annual-reports", "helpline")),
    MenuPlace("Recommendations", ("recommendations", "bodies"), parts=("bodies",)),
)
"""The sections of the public site. Nothing else belongs here, whoever is signed in."""

TOOLS = (
    MenuPlace("Ask us", ("ask",)),
    MenuPlace("Alerts", ("alerts",)),
)
DEPOSIT = MenuPlace("Deposit a report", ("deposit",))
SIGN_IN = MenuPlace("Sign in", ("sign-in",))
MY_ACCOUNT = MenuPlace("My account", ("account",))
MY_WORK = MenuPlace("My work", ("my-work", "staff"))

FOOTER = (
    MenuPlace("About", ("about",)),
    MenuPlace("Methods", ("methods",)),
    MenuPlace("Questions answered", ("answers",)),
    MenuPlace("Data for researchers", ("data",)),
    MenuPlace("Training", ("training",)),
    MenuPlace("Impact and evidence", ("impact",)),
    MenuPlace("Check references", ("check-references",)),
    MenuPlace("Service notices", ("notices",)),
    MenuPlace("Contact and opening hours", ("contact",)),
    MenuPlace("Privacy", ("privacy",)),
    MenuPlace("Terms and reuse", ("terms",)),
    MenuPlace("Accessibility", ("accessibility",)),
    MenuPlace("Complaints", ("complaints",)),
    MenuPlace("Concerns and removals", ("removals",)),
)

STAFF = "see unpublished reports"
STAFF_PAGES = "/staff/"
"""Beginning of every address of the workspace."""
WORKSPACE = (
    Area("", (MenuPlace("My work", ("my-work",), STAFF),)),
    Area(
        "Collection",
        (
            MenuPlace("Reviews and reports", ("staff",), STAFF),
            MenuPlace("Find and quote", ("find-and-quote",), STAFF),
            MenuPlace("Add reports", ("upload",), "add reports", parts=("staff/uploads",)),
            MenuPlace("Resources", ("held-resources",), STAFF),
            MenuPlace("Deposits", ("deposits",), "handle deposits"),
            MenuPlace("Import records", ("imports",), "catalogue"),
            MenuPlace("File expiry", ("keeping",), "publish reports"),
            MenuPlace("Thesaurus", ("keep-subjects",), "edit the thesaurus"),
            MenuPlace("Bodies", ("keep-bodies",), "catalogue"),
            MenuPlace("Authors", ("keep-authors",), "catalogue"),
            MenuPlace("Links that do not work", ("broken-links",), "catalogue"),
            MenuPlace("Deadlines", ("due",), STAFF),
            MenuPlace("Bulk changes", ("bulk-changes",), "catalogue"),
        ),
    ),
    Area(
        "Checks",
        (
            MenuPlace("Hidden text", ("hidden-texts",), "decide on hidden text"),
            MenuPlace("Anonymity", ("anonymity-checks",), "check anonymity"),
            MenuPlace("Newer texts", ("newer-texts",), "publish reports"),
        ),
    ),
    Area(
        "Coding",
        (
            MenuPlace("Queue", ("coding-queue",), "code"),
            MenuPlace("Workbench", ("continue-coding",), "code"),
            MenuPlace("Rounds", ("coding-rounds",), "adjudicate"),
            MenuPlace("Case profiles", ("case-profiles",), "code"),
            MenuPlace("Disagreements", ("disagreements",), "adjudicate"),
            MenuPlace("Decisions", ("coding-decisions",), "code"),
            MenuPlace("Agreement", ("agreement",), "adjudicate"),
            MenuPlace("Suggesters", ("suggesters",), "lead suggestions", setting="SUGGESTIONS"),
            MenuPlace("Passages to read", ("passage-samples",), "code", setting="SUGGESTIONS"),
            MenuPlace("Framework", ("edit-frameworks",), "load frameworks"),
            MenuPlace("Queries", ("coding-queries",), "code"),
            MenuPlace("Exchange", ("coding-exchange",), "code"),
        ),
    ),
    Area(
        "Analysis",
        (
            MenuPlace("Overviews in progress", ("specs",), "write overviews"),
            MenuPlace("Indicators", ("edit-indicators",), "edit indicators"),
            MenuPlace("Annual reports", ("edit-annual-reports",), "edit indicators"),
            MenuPlace("Data access", ("data-applications",), "decide on data access"),
        ),
    ),
    Area(
        "Publishing",
        (
            MenuPlace("Topics", ("edit-topics",), "edit topics"),
            MenuPlace("Weekly alert", ("alert-inbox",), "edit alerts"),
            MenuPlace(
                "Alerts",
                ("edit-alerts",),
                "edit alerts",
                parts=("staff/alerts/issues", "staff/alerts/items"),
            ),
            MenuPlace("Service notices", ("edit-notices",), "publish reports"),
            MenuPlace("Briefings", ("edit-briefings", "briefing-uses"), "write briefings"),
            MenuPlace("Training", ("edit-training",), "edit training"),
            MenuPlace("Subscribers", ("subscribers",), "manage subscribers"),
            MenuPlace("Unfinished mailings", ("deliveries",), "manage emails"),
            MenuPlace("Failing addresses", ("failing-subscribers",), "manage subscribers"),
        ),
    ),
    Area(
        "Desk",
        (
            MenuPlace("Enquiries", ("enquiries",), "handle enquiries"),
            MenuPlace("Gap list", ("gaps",), "handle enquiries"),
            MenuPlace("Published answers", ("edit-answers",), "handle enquiries"),
            MenuPlace("Contacts log", ("contacts-log",), "log contacts"),
            MenuPlace("Emails to sort", ("sort-emails",), "handle enquiries"),
            MenuPlace("Searches", ("searches",), "handle enquiries"),
            MenuPlace("Concerns", ("concerns",), "publish reports"),
            MenuPlace("Page feedback", ("feedback",), STAFF),
            MenuPlace("Unsent emails", ("letters",), "manage emails"),
        ),
    ),
    Area(
        "Follow-up",
        (MenuPlace("Recommendations", ("follow-up",), "record progress"),),
    ),
    Area(
        "Admin",
        (
            MenuPlace("Accounts", ("accounts",), "manage accounts"),
            MenuPlace("Alert feeds", ("alert-feeds",), "manage feeds"),
            MenuPlace("Audit log", ("audit-log",), "read the audit log"),
        ),
    ),
)


def address_of(place: MenuPlace) -> str | None:
    """Address of the first page of a place that exists."""
    return _address_in(get_resolver(), place)


# Each page of the site asks for some fifty addresses, which are the same as long as it runs.
@lru_cache(maxsize=512)
def _address_in(_resolver: URLResolver, place: MenuPlace) -> str | None:
    for name in place.pages:
        try:
            return reverse(name) + place.query
        except NoReverseMatch:
            continue
    return None


def place_of(page: str, places: Iterable[MenuPlace]) -> MenuPlace | None:
    """The first place that has a page of this URL name."""
    return next((place for place in places if page in place.pages), None)


def place_at(path: str) -> tuple[Area, MenuPlace, str]:
    """Area, place and address of the workspace that a path belongs to: the longest beginning."""
    addresses = [
        (area, place, address)
        for area in WORKSPACE
        for place in area.places
        if (address := address_of(place)) and path.startswith(address)
    ]
    return max(addresses, key=lambda match: len(match[2]))


def entries(
    places: Iterable[MenuPlace],
    request: HttpRequest,
    person: Person,
    waiting: Mapping[str, int] | None = None,
) -> tuple[NavigationEntry, ...]:
    """Entries of places whose page exists and which the person may see.

    waiting: URL name of a page -> number of things there that wait for the person.
    """
    visible = []
    for place in places:
        url = address_of(place)
        if url is None or (place.permission and not has_permission(person, place.permission)):
            continue
        if place.setting and not getattr(settings, place.setting):
            continue
        number = sum((waiting or {}).get(page, 0) for page in place.pages)
        current = _current(place, url, request.path_info)
        visible.append(NavigationEntry(place.label, url, current, number))
    # The address of a page can be the beginning of another's, as of a list and what adds to it.
    longest = max((len(entry.url) for entry in visible if entry.current), default=0)
    return tuple(
        replace(entry, current="") if len(entry.url) < longest else entry for entry in visible
    )


def _current(place: MenuPlace, url: str, path: str) -> str:
    """The address decides, not the page found: no page and a page denied must look the same."""
    if path == url:
        return "page"
    starts = [f"/{part}/" for part in place.parts] + ([url] if url != STAFF_PAGES else [])
    return "true" if path.startswith(tuple(starts)) else ""


def menu_counts(person: User, now: datetime) -> dict[str, int]:
    """The numbers of what waits for a person, counted again after each change that is audited.

    What nobody did, such as an email that arrived, is counted within COUNTED_SECONDS.
    """
    moment = int(now.timestamp()) // COUNTED_SECONDS
    return _COUNTS.value(digest_mark(), (person.pk, moment), lambda: waiting_counts(person, now))


def workspace_groups(request: HttpRequest, person: Person) -> tuple[NavigationGroup, ...]:
    """The menu of the workspace, with the counts of what waits; nothing for others than staff."""
    if not isinstance(person, User) or not has_permission(person, STAFF):
        return ()
    waiting = menu_counts(person, timezone.now())
    visible = (
        NavigationGroup(area.label, entries(area.places, request, person, waiting))
        for area in WORKSPACE
    )
    return tuple(group for group in visible if group.entries)
