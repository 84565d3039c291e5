"""Bulk changes: choose records in a list, preview what would change, confirm, undo; and exports."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import Person, require_permission
from waymark.core.errors import NotFound, RuleError
from waymark.library.exchange.writers import WRITINGS, ExportFormat
from waymark.library.models import (
    BulkAction,
    BulkChange,
    BulkField,
    BulkKind,
    BulkOutcome,
    BulkUndo,
)
from waymark.library.queries import bulk_changes as queries
from waymark.library.queries.exchange import record_data
from waymark.library.queries.subjects import concept_names
from waymark.pipeline.bulk_changes import (
    MOST_RECORDS,
    BulkRequest,
    PlannedChange,
    apply_bulk_change,
    plan_bulk_change,
    plan_bulk_undo,
    undo_bulk_change,
)
from waymark.web.catalogue.subject_form import key_of_subject
from waymark.web.library.exports import cited_pages, records_file
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.lists import ListColumn, StaffList, column_filter
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.record_lists import BULK_LISTS

SALT = "bulk change"
CATALOGUE = "catalogue"
STAFF = "see unpublished reports"
MOST_EXPORTED = 2_000
"""Records in one file; the page of a larger choice says how to narrow it."""
SUBJECT_FIELDS = 3
SIZE = 50
LONGEST_VALUE = 200
ON_SUBJECTS = (BulkAction.ADD_SUBJECTS, BulkAction.REMOVE_SUBJECTS)
EXPORTS = {
    "csv": WRITINGS["csv"],
    "xlsx": WRITINGS["xlsx"],
    "ris": WRITINGS["ris"],
    "json": WRITINGS["csl.json"],
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Records chosen in a list. kind: in the address; names: references or keys, in order.

    query: the choice as a query string, without what to do with it.
    """

    kind: BulkKind
    names: list[str]
    query: str

    @property
    def back(self) -> str:
        """Address of the list it was made in, with its search and filters."""
        query = QueryDict(self.query, mutable=True)
        for name in ("all", "chosen"):
            query.pop(name, None)
        page = reverse(BULK_LISTS[self.kind].page)
        return f"{page}?{query.urlencode()}" if query else page

    @classmethod
    def of(cls, request: HttpRequest, kind: str) -> "Choice":
        """The choice in an address: ticked rows, or all that match. Raises NotFound."""
        if kind not in BulkKind.values:
            raise NotFound(f"there is no list of {kind}")
        source = BULK_LISTS[BulkKind(kind)]
        rows = source.rows(request.user)
        if request.GET.get("all"):
            rows = source.list.matching(request.GET, rows, *source.filters(request.user))
        else:
            rows = rows.filter(**{f"{source.name}__in": request.GET.getlist("chosen")})
        names = list(rows.order_by(source.name).values_list(source.name, flat=True))
        query = request.GET.copy()
        for name in ("do", "subject", "field", "value", "page", "csrfmiddlewaretoken"):
            query.pop(name, None)
        return cls(BulkKind(kind), names, query.urlencode())


# ---- what to do ----


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_preview(request: HttpRequest, kind: str) -> HttpResponse:
    """Preview of a change to each chosen record; confirmed by POST."""
    if request.method == "POST":
        return _apply(request, kind)
    require_permission(request.user, STAFF)
    choice = Choice.of(request, kind)
    if not choice.names:
        messages.warning(request, "Choose at least one record, then what to do with it.")
        return redirect(choice.back)
    action = request.GET.get("do", "")
    if action in EXPORTS:
        return _export(request, choice, EXPORTS[action])
    if action not in BulkAction.values:
        raise RuleError("choose what to do with the records")
    require_permission(request.user, CATALOGUE)
    subjects, unknown = _subjects_in(request.GET)
    if BulkAction(action) in ON_SUBJECTS and (unknown or not subjects):
        return _subjects_page(request, choice, BulkAction(action), unknown)
    field = request.GET.get("field", "")
    if action == BulkAction.SET_FIELD and field not in BulkField.values:
        return _field_page(request, choice)
    value = clean_line(request.GET.get("value", ""))[:LONGEST_VALUE] if field else ""
    change = BulkRequest(choice.kind, BulkAction(action), subjects, field, value)
    return _preview_page(request, choice, change)


def _field_page(request: HttpRequest, choice: Choice) -> HttpResponse:
    """Ask which field, and for its new value."""
    context = {
        "choice": choice,
        "action": BulkAction.SET_FIELD,
        "fields": BulkField.choices,
        "most": LONGEST_VALUE,
        "chosen": _hidden(choice),
    }
    return render(request, "bulk/field.html", context)


def _hidden(choice: Choice) -> list[tuple[str, str]]:
    """The choice as names and values of hidden inputs."""
    return [(name, value) for name, values in QueryDict(choice.query).lists() for value in values]


def _subjects_in(choices: QueryDict) -> tuple[tuple[str, ...], list[str]]:
    """Keys of the subjects in an address, and the words that name none."""
    typed = [clean_line(words)[:200] for words in choices.getlist("subject")]
    keys = {words: key_of_subject(words) for words in typed if words}
    return (
        tuple(dict.fromkeys(key for key in keys.values() if key)),
        [words for words, key in keys.items() if key is None],
    )


def _subjects_page(
    request: HttpRequest, choice: Choice, action: BulkAction, unknown: list[str]
) -> HttpResponse:
    """Ask which subjects. unknown: words that name none."""
    typed = [clean_line(words)[:200] for words in request.GET.getlist("subject")]
    return render(
        request,
        "bulk/subjects.html",
        {
            "choice": choice,
            "action": action,
            "typed": [*typed, *[""] * SUBJECT_FIELDS][: max(SUBJECT_FIELDS, len(typed))],
            "unknown": unknown,
            "chosen": _hidden(choice),
        },
        status=400 if unknown else 200,
    )


def _too_many_page(request: HttpRequest, choice: Choice, most: int, unit: str) -> HttpResponse:
    """Say how many records were chosen, how many are possible, and how to choose fewer."""
    context = {"choice": choice, "most": most, "unit": unit}
    return render(request, "bulk/too_many.html", context, status=400)


def _preview_page(request: HttpRequest, choice: Choice, change: BulkRequest) -> HttpResponse:
    now = timezone.now()
    if len(choice.names) > MOST_RECORDS:
        return _too_many_page(request, choice, MOST_RECORDS, "change")
    plan = plan_bulk_change(by=request.user, request=change, names=choice.names, now=now)
    # What needs reading comes first.
    order = (BulkOutcome.REFUSED, BulkOutcome.CHANGED, BulkOutcome.SAME)
    lines = sorted(plan, key=lambda line: order.index(line.outcome))
    number = page_number(request)
    start = (number - 1) * SIZE
    return render(
        request,
        "bulk/preview.html",
        {
            "choice": choice,
            "change": change,
            "subjects": list(concept_names(change.subjects).values()),
            "field": BulkField(change.field).label if change.field else "",
            "lines": lines[start : start + SIZE],
            "paging": Paging.of(request, number, total=len(lines), size=SIZE),
            "changed": sum(line.outcome == BulkOutcome.CHANGED for line in plan),
            "refused": sum(line.outcome == BulkOutcome.REFUSED for line in plan),
            "same": sum(line.outcome == BulkOutcome.SAME for line in plan),
            "most": MOST_RECORDS,
            "token": _token(request.user, change, plan),
            "pages": BULK_LISTS[choice.kind],
        },
    )


# ---- confirming ----


def _token(person: Person, change: BulkRequest, plan: Sequence[PlannedChange]) -> str:
    """The change that a preview showed, signed: its POST can do nothing else."""
    preview = {
        "key": secrets.token_hex(6),
        "by": person.pk,
        "kind": change.kind,
        "action": change.action,
        "subjects": change.subjects,
        "field": change.field,
        "value": change.value,
        "versions": {line.name: line.version for line in plan if line.outcome != BulkOutcome.SAME},
    }
    return signing.dumps(preview, salt=SALT, compress=True)


def _apply(request: HttpRequest, kind: str) -> HttpResponse:
    """Do what a preview showed, to the records that are as it showed them."""
    require_permission(request.user, CATALOGUE)
    try:
        preview = signing.loads(request.POST.get("token", ""), salt=SALT, max_age=timedelta(days=1))
    except signing.BadSignature:
        raise RuleError("this preview is too old or incomplete: preview the change again") from None
    if preview["by"] != request.user.pk or preview["kind"] != kind:
        raise RuleError(
            "this preview is of another account or another list: preview the change again"
        )
    change = apply_bulk_change(
        by=request.user,
        key=preview["key"],
        request=BulkRequest(
            BulkKind(kind),
            BulkAction(preview["action"]),
            tuple(preview["subjects"]),
            # A preview of the version before has neither.
            preview.get("field", ""),
            preview.get("value", ""),
        ),
        versions=preview["versions"],
        now=timezone.now(),
    )
    number = queries.bulk_change_for(change.key, request.user).changed_records  # type: ignore[attr-defined]
    things = change.kind if number == 1 else f"{change.kind}s"
    messages.success(request, f"{number:,} {things} changed.")
    return redirect("bulk-change", change.key)


def _export(request: HttpRequest, choice: Choice, writing: ExportFormat) -> HttpResponse:
    """Exactly the chosen records, in a format of EXPORTS."""
    if len(choice.names) > MOST_EXPORTED:
        return _too_many_page(request, choice, MOST_EXPORTED, "file")
    records = queries.records_named(choice.kind, choice.names, request.user)
    rows = [getattr(records[name], "record", None) for name in choice.names if name in records]
    data = record_data(
        [row.pk for row in rows if row is not None],
        person=request.user,
        now=timezone.now(),
        page_of=cited_pages(request),
    )
    return records_file(writing, data, f"{choice.kind}s")


# ---- past changes ----


BULK_CHANGES = StaffList(
    "bulk change",
    "bulk changes",
    search=("by__username",),
    columns=(
        ListColumn("Change", "action", ("action",)),
        ListColumn("Records asked for", number=True),
        ListColumn("Records changed", number=True),
        ListColumn("Refused or left", number=True),
        ListColumn("When", "at", ("at",), falling=True),
        ListColumn("By", "by", ("by__username",)),
        ListColumn("Undone"),
    ),
    order="-at",
)


@require_safe
def bulk_changes(request: HttpRequest) -> HttpResponse:
    """Past bulk changes: who, when, what."""
    rows = queries.listed_bulk_changes(request.user)
    filters = (
        column_filter("kind", "Records", rows, dict(BulkKind.choices)),
        column_filter("action", "Change", rows, dict(BulkAction.choices)),
    )
    return render(request, "bulk/list.html", {"list": BULK_CHANGES.view(request, rows, *filters)})


@require_safe
def bulk_change(request: HttpRequest, key: str) -> HttpResponse:
    """One bulk change, record by record."""
    change = queries.bulk_change_for(key, request.user)
    number = page_number(request)
    items = queries.items_of(change, request.user)
    start = (number - 1) * SIZE
    page = list(items[start : start + SIZE])
    kind = BulkKind(change.kind)
    titles = queries.titles_of(kind, [item.name for item in page], request.user)
    return render(
        request,
        "bulk/change.html",
        {
            "change": change,
            "subjects": list(concept_names(change.subjects).values()),
            "field": BulkField(change.field).label if change.field else "",
            "lines": [(item, titles.get(item.name, "")) for item in page],
            "paging": Paging.of(request, number, total=items.count(), size=SIZE),
            "may_undo": change.undone_at is None and _changed(change),
            "pages": BULK_LISTS[kind],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_undo(request: HttpRequest, key: str) -> HttpResponse:
    """Preview of undoing a bulk change: which records would be left, and why; undone by POST."""
    change = queries.bulk_change_for(key, request.user)
    now = timezone.now()
    if request.method == "POST":
        undo_bulk_change(by=request.user, key=key, now=now)
        left = change.items.filter(undo=BulkUndo.LEFT).count()
        stay = f" {left} left as they are: see why below." if left else ""
        messages.success(request, f"The change is undone.{stay}")
        return redirect("bulk-change", key)
    plan = plan_bulk_undo(by=request.user, key=key, now=now)
    # What needs reading comes first.
    lines = sorted(plan, key=lambda line: not line.left)
    number = page_number(request)
    start = (number - 1) * SIZE
    left = sum(bool(line.left) for line in plan)
    return render(
        request,
        "bulk/undo.html",
        {
            "change": change,
            "lines": lines[start : start + SIZE],
            "paging": Paging.of(request, number, total=len(lines), size=SIZE),
            "left": left,
            "restored": len(plan) - left,
            "pages": BULK_LISTS[BulkKind(change.kind)],
        },
    )


def _changed(change: BulkChange) -> bool:
    return change.items.filter(outcome=BulkOutcome.CHANGED).exists()
