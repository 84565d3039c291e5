"""Warnings about connections that others can listen to: at each start, and by the doctor."""

from collections.abc import Iterator

from django.conf import settings

from waymark.library.search.opensearch.cluster import ClusterOptions


def connection_notes() -> Iterator[str]:
    """A note for each connection that is not encrypted, with what to do. Asks no other machine."""
    if settings.DASK.startswith("tcp://"):
        yield (
            "messages to the Dask cluster are not encrypted, and who reaches its scheduler can run "
            "programs on its workers: keep it to a network of its own, or use tls://"
        )
    if settings.SEARCH_BACKEND == "opensearch":
        yield from ClusterOptions(**settings.OPENSEARCH).notes()
