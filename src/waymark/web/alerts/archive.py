"""The web archive of the lists: issues by date, each with its address, the feeds and criteria."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.alerts.criteria import alert_criteria
from waymark.alerts.models import AlertIssue, AlertList, IssueItem
from waymark.alerts.queries import issues as queries
from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.uk_time import uk_date
from waymark.web.library.exports import AtomFeed, feed_answer, pages_from, tag_uri
from waymark.web.shared.paging import Paging, page_number

ON_A_PAGE = 25
FEED_ISSUES = 20


@require_safe
def archive(request: HttpRequest, alert_list: str) -> HttpResponse:
    """The issues of a list by date, the newest first."""
    issues = queries.archived_issues(alert_list, timezone.now())
    number = page_number(request)
    paging = Paging.of(request, number, total=issues.count(), size=ON_A_PAGE)
    start = (number - 1) * ON_A_PAGE
    context = {
        "list": AlertList(alert_list),
        "issues": issues[start : start + ON_A_PAGE],
        "paging": paging,
        "others": [row for row in queries.ARCHIVED if row != alert_list],
        "by_people": alert_list == AlertList.WEEKLY,
    }
    return render(request, "alerts/archive.html", context)


@require_safe
def issue_page(request: HttpRequest, alert_list: str, number: int) -> HttpResponse:
    """One issue, without items that were withdrawn since."""
    now = timezone.now()
    issue = queries.archived_issue(alert_list, number, now)
    items = queries.items_to_show(issue, now)
    context = {
        "issue": issue,
        "list": AlertList(alert_list),
        "items": items,
        "corrected": queries.changed_at(issue) != issue.approved_at,
        "changed_at": queries.changed_at(issue),
        "json_ld": _json_ld(request, issue, items),
        "may_edit": has_permission(request.user, queries.EDIT),
        "by_people": alert_list == AlertList.WEEKLY,
    }
    return render(request, "alerts/issue.html", context)


def _json_ld(request: HttpRequest, issue: AlertIssue, items: list[IssueItem]) -> str:
    """The issue for search engines, as schema.org."""
    here = request.build_absolute_uri(_address(issue))
    page_of = pages_from(request)
    node = {
        "@context": "https://schema.org",
        "@type": "PublicationIssue",
        "@id": here,
        "url": here,
        "name": issue.title,
        "issueNumber": issue.number,
        "datePublished": uk_date(issue.approved_at).isoformat() if issue.approved_at else None,
        "inLanguage": "en-GB",
        "isPartOf": {
            "@type": "Periodical",
            "name": f"{settings.SITE_NAME}: {AlertList(issue.alert_list).label}",
            "url": request.build_absolute_uri(reverse("alert-archive", args=[issue.alert_list])),
        },
        "hasPart": [
            {
                "@type": "CreativeWork",
                "name": item.heading,
                "url": queries.item_address(item, page_of) or here,
            }
            for item in items
        ],
    }
    # Escape "<" and "&" so that no text can end the script element.
    return json.dumps(node, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")


def _address(issue: AlertIssue) -> str:
    return reverse("alert-issue", args=[issue.alert_list, issue.number])


@require_safe
def feed(request: HttpRequest, alert_list: str) -> HttpResponse:
    """The last issues of a list as an Atom feed, an entry for each with all its items.

    304 if the reader has it: the tag depends on the content alone, so a withdrawal changes it.
    """
    now = timezone.now()
    issues = queries.archived_issues(alert_list, now)[:FEED_ISSUES]
    label = AlertList(alert_list).label
    page = reverse("alert-archive", args=[alert_list])
    atom = AtomFeed(
        title=f"{settings.SITE_NAME}: {label}",
        link=request.build_absolute_uri(page),
        feed_guid=tag_uri(f"alerts/{alert_list}"),
        description=f"Issues of {label}.",
        language="en-gb",
        feed_url=request.build_absolute_uri(),
        feed_copyright=FORBIDDEN_USES_IN_FULL,
    )
    for issue in issues:
        items = queries.items_to_show(issue, now)
        atom.add_item(
            title=issue.title,
            link=request.build_absolute_uri(_address(issue)),
            description=_entry(request, issue, items),
            unique_id=tag_uri(f"alerts/{alert_list}/{issue.number}"),
            unique_id_is_permalink=False,
            pubdate=issue.approved_at,
            updateddate=queries.changed_at(issue),
            author_name=settings.ORGANISATION or settings.SITE_NAME,
        )
    return feed_answer(request, atom)


def _entry(request: HttpRequest, issue: AlertIssue, items: list[IssueItem]) -> str:
    """An issue as HTML for feed readers, with whole addresses."""
    page_of = pages_from(request)
    rows = [(item, queries.item_address(item, page_of)) for item in items]
    return render_to_string("alerts/feed_entry.html", {"issue": issue, "rows": rows})


@require_safe
def criteria(request: HttpRequest) -> HttpResponse:
    """What is chosen for the Weekly alert, and what is not."""
    return render(request, "alerts/criteria.html", {"criteria": alert_criteria()})
