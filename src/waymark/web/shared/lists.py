"""Lists of the workspace: search, filters, order, count and pages, all in the address.

A page describes its list once, as a StaffList. A ListView is what one address shows of it: the
template parts in lists/ draw it, so that every list has the same controls.

Example: /staff/?q=north+child&state=published&sort=title&page=2 is the second page of the published
reviews in which both words occur, by title.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, QueryDict

from waymark.core.errors import NotFound
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.paging import Paging, page_number

LONGEST_SEARCH = 200
MOST_WORDS = 8
SIZE = 25
ORDER = "sort"


@dataclass(frozen=True, slots=True)
class ListColumn:
    """Column of a list. key: in the address; order: database columns, none if it cannot be sorted.

    falling: the first click puts the latest or largest first. number: aligned to the right. words:
    of its two orders in the form, if they are not of letters, times or numbers. empty_last: rows
    without a value come last in both orders, on every database.
    """

    label: str
    key: str = ""
    order: tuple[str, ...] = ()
    falling: bool = False
    number: bool = False
    words: tuple[str, str] = ("A to Z", "Z to A")
    empty_last: bool = False


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Filter of a list. options: value in the address -> label; where: rows that have a value.

    counts: value -> number of rows in the whole list; options without rows are then left out.
    """

    name: str
    label: str
    options: Mapping[str, str]
    where: Callable[[str], Q]
    counts: Mapping[str, int] | None = None


def value_counts(name: str, rows: QuerySet[Any]) -> dict[str, int]:
    """Value of a text column -> number of rows that have it; without the empty value."""
    counted = rows.order_by().values_list(name).annotate(Count("pk"))
    return {str(value): number for value, number in counted if value}


def column_filter(
    name: str,
    label: str,
    rows: QuerySet[Any] | Mapping[str, int],
    labels: Mapping[str, str] | None = None,
) -> ListFilter:
    """Filter by the values of a text column, with the number of rows of each: one query.

    name: of the column, and in the address. rows: or their value_counts(). labels: value -> label;
    without them each value that occurs is its own label.
    """
    counts = value_counts(name, rows) if isinstance(rows, QuerySet) else rows
    options = labels or {value: value for value in sorted(counts)}
    return ListFilter(name, label, options, lambda value: Q(**{name: value}), counts)


@dataclass(frozen=True, slots=True)
class FilterOption:
    """Value of a filter, or order of a list, as a choice in the form."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """Filter as it is shown. problem: what is wrong with its value in the address, or ""."""

    name: str
    label: str
    options: list[FilterOption]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """Column head as it is shown. url: the list in its order; direction: as aria-sort has it."""

    label: str
    number: bool
    url: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class ListView:
    """List as an address shows it: a page of its rows, and the controls.

    query: search and filters as a query string; limits: number of filters chosen.
    """

    singular: str
    plural: str
    url: str
    q: str
    filters: list[ShownFilter]
    orders: list[FilterOption]
    columns: list[ShownColumn]
    rows: list[Any]
    paging: Paging
    query: str
    limits: int

    @property
    def total(self) -> int:
        """Number of rows that match, on all pages."""
        return self.paging.total

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Id of the input, and message, of each filter whose value does not exist."""
        return [(f"by-{row.name}", row.problem) for row in self.filters if row.problem]

    @property
    def is_narrowed(self) -> bool:
        """True if a search or a filter leaves rows out."""
        return bool(self.q or self.limits or self.problems)

    @property
    def count(self) -> str:
        """The number of rows in words."""
        things = self.singular if self.total == 1 else self.plural
        return f"{self.total:,} {things}{' found' if self.is_narrowed else ''}"

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """Search and filters as (name, value), for the hidden inputs of another form."""
        query = QueryDict(self.query)
        return [(name, query.get(name, "")) for name in query]


@dataclass(frozen=True, slots=True)
class StaffList:
    """Description of a list. search: database columns in which words are looked for.

    columns: of the table, in order. order: how it is sorted unless the address says otherwise,
    "-" before the key of a column for its falling order.
    """

    singular: str
    plural: str
    search: tuple[str, ...]
    columns: tuple[ListColumn, ...]
    order: str
    filters: tuple[ListFilter, ...] = field(default=())
    size: int = SIZE

    def view(self, request: HttpRequest, rows: QuerySet[Any], *filters: ListFilter) -> ListView:
        """The list that the address shows. filters: more than the list has at all times.

        A filter value that does not exist is told at its field, and then no row is shown. Raises
        NotFound for an order or a page that does not exist.
        """
        every = (*self.filters, *filters)
        order = self._order(request.GET)
        shown_filters = [_shown_filter(row, request.GET) for row in every]
        if any(row.problem for row in shown_filters):
            matching = rows.none()
        else:
            matching = self.matching(request.GET, rows, *filters)
        number, total = page_number(request), matching.count()
        paging = Paging.of(request, number, total=total, size=self.size)
        start = (number - 1) * self.size
        ordered = matching.order_by(*self._columns_of(order), "pk")
        # A database sorts and skips keys several times as fast as rows with all their columns.
        page = ordered.filter(pk__in=ordered.values("pk")[start : start + self.size])
        query = _kept(request.GET, every)
        return ListView(
            singular=self.singular,
            plural=self.plural,
            url=request.path,
            q=search_words(request.GET),
            filters=shown_filters,
            orders=self._orders(order),
            columns=[self._shown_column(column, order, request) for column in self.columns],
            rows=list(page),
            paging=paging,
            query=query.urlencode(),
            limits=sum(name != "q" for name in query),
        )

    def matching(
        self, choices: QueryDict, rows: QuerySet[Any], *filters: ListFilter
    ) -> QuerySet[Any]:
        """The rows that match search and filters of an address. Raises NotFound."""
        # A list without search leaves the words in an address out.
        words = search_words(choices).split() if self.search else []
        for word in words[:MOST_WORDS]:
            rows = rows.filter(reduce(or_, (Q(**{f"{at}__icontains": word}) for at in self.search)))
        for row in (*self.filters, *filters):
            if value := _value(row, choices):
                rows = rows.filter(row.where(value))
        return rows

    # ---- order ----

    def _order(self, choices: QueryDict) -> str:
        """The order in the address. Raises NotFound for one that the list does not have."""
        order = choices.get(ORDER, "") or self.order
        if order.removeprefix("-") not in {column.key for column in self.columns if column.key}:
            raise NotFound(f"the list cannot be sorted by {order}")
        return order

    def _columns_of(self, order: str) -> list[str | OrderBy]:
        key = order.removeprefix("-")
        column = next(column for column in self.columns if column.key == key)
        names = list(column.order)
        if order.startswith("-"):
            names = [name[1:] if name.startswith("-") else f"-{name}" for name in names]
        if not column.empty_last:
            return [*names]
        return [
            OrderBy(F(name.removeprefix("-")), descending=name.startswith("-"), nulls_last=True)
            for name in names
        ]

    def _orders(self, order: str) -> list[FilterOption]:
        """Every order as a choice, for narrow pages without column heads."""
        offered = []
        for column in self.columns:
            if column.key:
                rising, falling = column.key, f"-{column.key}"
                words = ("earliest first", "latest first") if column.falling else column.words
                offered += [
                    FilterOption(value, f"{column.label}, {how}", value == order)
                    for value, how in zip((rising, falling), words, strict=True)
                ]
        return offered

    def _shown_column(self, column: ListColumn, order: str, request: HttpRequest) -> ShownColumn:
        if not column.key:
            return ShownColumn(column.label, column.number)
        first = f"-{column.key}" if column.falling else column.key
        other = column.key if column.falling else f"-{column.key}"
        directions = {column.key: "ascending", f"-{column.key}": "descending"}
        query = request.GET.copy()
        query.pop("page", None)
        query[ORDER] = other if order == first else first
        url = f"?{query.urlencode()}"
        return ShownColumn(column.label, column.number, url, directions.get(order, ""))


def search_words(choices: QueryDict) -> str:
    """The search in an address."""
    return clean_line(choices.get("q", "")[:LONGEST_SEARCH])


def _value(row: ListFilter, choices: QueryDict) -> str:
    """The chosen value of a filter, "" for any. Raises NotFound."""
    value = choices.get(row.name, "")
    if value and value not in row.options:
        raise NotFound(f"there is no {row.label.lower()} {value}")
    return value


def _kept(choices: QueryDict, filters: Sequence[ListFilter]) -> QueryDict:
    """Search and filters of an address, without order and page."""
    query = QueryDict(mutable=True)
    if words := search_words(choices):
        query["q"] = words
    for row in filters:
        value = choices.get(row.name, "")
        if value in row.options:
            query[row.name] = value
    return query


def _shown_filter(row: ListFilter, choices: QueryDict) -> ShownFilter:
    chosen, problem = choices.get(row.name, ""), ""
    if chosen and chosen not in row.options:
        typed = clean_line(chosen[:LONGEST_SEARCH])
        problem = f"{row.label}: there is no “{typed}”. Choose a value from the list."
        chosen = ""
    options = [FilterOption("", "Any", not chosen)]
    for value, label in row.options.items():
        number = None if row.counts is None else row.counts.get(value, 0)
        if number == 0 and value != chosen:
            continue
        words = label if number is None else f"{label} ({number:,})"
        options.append(FilterOption(value, words, value == chosen))
    return ShownFilter(row.name, row.label, options, problem)
