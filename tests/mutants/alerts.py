"""Rules of the alerts: where a worker may go, what an issue has, who approves it."""

from tests.mutants.mutant import Mutant

FETCHING = "alerts/feeds/fetching.py"
ISSUES = "alerts/services/issues.py"
RULES = (
    Mutant(
        "a feed is fetched from the public internet alone",
        FETCHING,
        "            if not is_public(ip):\n",
        "            if False:\n",
        "alerts/test_feeds.py",
        "nothing_on_this_computer",
    ),
    Mutant(
        "the connection goes to the address that was checked",
        FETCHING,
        "return socket.create_connection((ip, port), timeout, source)",
        "return socket.create_connection((host, port), timeout, source)",
        "alerts/test_feeds.py",
        "resolved_once",
    ),
    Mutant(
        "an empty issue is not approved",
        ISSUES,
        "    if not items:\n        raise RuleError(",
        "    if False:\n        raise RuleError(",
        "alerts/test_issues.py",
        "empty_issue",
    ),
    Mutant(
        "an issue that was changed since it was read is not approved",
        ISSUES,
        "    if seen != issue_mark(draft):\n",
        "    if False:\n",
        "alerts/test_issues.py",
        "changed_since",
    ),
    Mutant(
        "a record is new until an issue has it",
        "alerts/queries/issues.py",
        'records.exclude(pk__in=approved.filter(records__isnull=False).values("records"))',
        "records.all()",
        "alerts/test_issues.py",
        "new_until_an_approved",
    ),
    Mutant(
        "an item of a withdrawn record is shown to nobody",
        "alerts/queries/issues.py",
        'visible = Q(record=None) | is_open(AnonymousUser(), now, prefix="record__")\n    items',
        "visible = Q()\n    items",
        "alerts/test_issues.py",
        "gone_from_the_archive",
    ),
    Mutant(
        "a record that the index does not know waits for the next issue",
        "pipeline/alerts/build_alerts.py",
        'new = new.exclude(pk__in=unindexed_records().values("pk"))',
        "pass",
        "alerts/test_building.py",
        "does_not_know_yet",
    ),
    Mutant(
        "what single people search for has no archive",
        "alerts/queries/issues.py",
        "ARCHIVED = (AlertList.WEEKLY, AlertList.LIBRARY, AlertList.REVIEWS, AlertList.TOPICS)",
        "ARCHIVED = tuple(AlertList)",
        "alerts/test_issues.py",
        "searches_have_no_archive",
    ),
)
