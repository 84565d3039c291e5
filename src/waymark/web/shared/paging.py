"""Page numbers in addresses: ?page=2."""

from dataclasses import dataclass

from django.http import HttpRequest

from waymark.core.errors import NotFound

LAST_PAGE = 100_000


def page_number(request: HttpRequest) -> int:
    """Requested page, counted from 1. Raises NotFound if ?page= is not a page number."""
    value = request.GET.get("page", "1")
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= LAST_PAGE):
        raise NotFound(f"there is no page {value}")
    # isdigit() accepts digits of other scripts, hence isascii(). Nine digits are enough for any
    # page and keep a huge number from costing time.
    return int(value[:9])


@dataclass(frozen=True, slots=True)
class Paging:
    """Position in a long list.

    first, last: numbers of the entries shown, counted from 1; earlier, later: query strings of the
    neighbouring pages, "" if there is none.
    """

    number: int
    pages: int
    first: int
    last: int
    total: int
    earlier: str
    later: str

    @classmethod
    def of(cls, request: HttpRequest, number: int, *, total: int, size: int) -> "Paging":
        """Position of page `number` in a list of total entries, size on a page.

        Raises NotFound for a page after the last.
        """
        # Division rounded up: 21 entries of 10 a page are 3 pages. An empty list has one page.
        pages = max(1, -(-total // size))
        if number > pages:
            raise NotFound(f"there is no page {number}")

        def to(page: int) -> str:
            query = request.GET.copy()
            query["page"] = str(page)
            return f"?{query.urlencode()}"

        return cls(
            number=number,
            pages=pages,
            first=min(total, (number - 1) * size + 1),
            last=min(total, number * size),
            total=total,
            earlier=to(number - 1) if number > 1 else "",
            later=to(number + 1) if number < pages else "",
        )
