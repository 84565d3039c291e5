"""What a link to the alerts asks to follow: topics, and searches of the search page.

Example: /alerts/?topic=neglect&search=q%3Dinfants follows the topic neglect and a search.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.http import QueryDict

from waymark.alerts.choices import (
    LONGEST_NAME,
    LONGEST_SEARCH,
    SubscriptionChoice,
    search_choice,
    topic_choice,
)
from waymark.library.search.protocol import SearchRequest
from waymark.web.library.search_request import query_string, search_request_in

MOST_SEARCHES = 10
"""Of one form; who follows more adds them one after the other."""


def topics_in(keys: Iterable[str], names: dict[str, str]) -> list[SubscriptionChoice]:
    """The followed topics among keys; unknown ones are left out. names: of all topics."""
    return [topic_choice(key, names[key]) for key in dict.fromkeys(keys) if key in names]


def searches_in(queries: Iterable[str]) -> list[SubscriptionChoice]:
    """The followed searches of query strings, in their one spelling; empty ones are left out."""
    choices = {}
    for text in list(queries)[:MOST_SEARCHES]:
        search = search_request_in(QueryDict(text[:LONGEST_SEARCH].removeprefix("?")))
        if not search.text and not search.filters:
            continue
        # The order of the results says nothing of what is followed.
        usual = replace(search, sort="relevance" if search.text else "newest")
        query = query_string(usual)
        if len(query) <= LONGEST_SEARCH:
            choices[query] = search_choice(query, search_name(usual))
    return list(choices.values())


def search_name(search: SearchRequest) -> str:
    """A search in a line. Example: "neglect, with 2 filters"."""
    number = sum(map(len, search.filters.values()))
    filters = f"{number} filter{'' if number == 1 else 's'}" if number else ""
    if not search.text:
        return f"All records with {filters}"
    text = search.text if len(search.text) <= LONGEST_NAME - 40 else f"{search.text[:150]}…"
    return f"{text}, with {filters}" if filters else text
