"""Lists that can be narrowed to one state: ?state=published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import TextChoices
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from waymark.core.errors import NotFound

S = TypeVar("S", bound=TextChoices)


@dataclass(frozen=True, slots=True)
class StateFilter:
    """A state with the number of entries in it. url: the list of these."""

    label: str
    number: int
    url: str
    chosen: bool


def chosen_state(request: HttpRequest, states: type[S]) -> S | None:
    """The state in the address, None for any. Raises NotFound for one that does not exist."""
    name = request.GET.get("state", "")
    if name and name not in states.values:
        raise NotFound(f"there is no state {name}")
    return states(name) if name else None


def state_filters(page: str, counts: Mapping[S, int], chosen: S | None) -> dict[str, object]:
    """Context of states.html. page: name of the URL of the list."""
    address = reverse(page)
    filters = [
        StateFilter(
            str(state.label), number, f"{address}?{urlencode({'state': state})}", state == chosen
        )
        for state, number in counts.items()
    ]
    return {"list_url": address, "filters": filters, "state": chosen.label if chosen else ""}
