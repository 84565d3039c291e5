"""Requests to an OpenSearch cluster; what goes wrong is said in one sentence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from waymark.core.errors import ServiceUnavailable
from waymark.core.extras import OptionalModule

opensearchpy: Any = OptionalModule("opensearchpy", "opensearch")
SECONDS = 20
TRIES = 2


@dataclass(frozen=True)
class ClusterOptions:
    """Where a cluster is and how Waymark uses it.

    hosts: addresses such as https://node1:9200. prefix: of the names of all indexes. ca_file: with
    the certificates of the authority that signed those of the cluster; "" for the usual ones.
    shards: of each index; replicas: copies of each shard, besides the first.
    """

    hosts: tuple[str, ...]
    prefix: str = "waymark"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    shards: int = 1
    replicas: int = 1


class IndexMissing(ServiceUnavailable):
    """An index or alias that a request names is not in the cluster."""


class Cluster:
    """A cluster. Connections are made by the process that uses them, so it may be pickled."""

    def __init__(self, options: ClusterOptions) -> None:
        self.options = options
        self._connected: tuple[int, Any] | None = None

    def __reduce__(self) -> tuple[type["Cluster"], tuple[ClusterOptions]]:
        return Cluster, (self.options,)

    @contextmanager
    def asked(self) -> Iterator[Any]:
        """The client, for some requests. Raises ServiceUnavailable, IndexMissing."""
        try:
            yield self._client()
        except opensearchpy.exceptions.NotFoundError as error:
            raise IndexMissing(f"the search cluster lacks an index: {_reason(error)}") from error
        except opensearchpy.exceptions.OpenSearchException as error:
            raise ServiceUnavailable(self._sentence(error)) from error

    def _client(self) -> Any:
        # A connection that a copy of this process shares would mix two answers.
        if self._connected is None or self._connected[0] != os.getpid():
            options = self.options
            self._connected = (
                os.getpid(),
                opensearchpy.OpenSearch(
                    list(options.hosts),
                    http_auth=(options.user, options.password) if options.user else None,
                    ca_certs=options.ca_file or None,
                    timeout=SECONDS,
                    # Every request may be repeated: writes carry the version of their record.
                    max_retries=TRIES,
                    retry_on_timeout=True,
                    retry_on_status=(502, 503, 504),
                ),
            )
        return self._connected[1]

    def _sentence(self, error: Exception) -> str:
        """What happened, where and what to do."""
        hosts = ", ".join(self.options.hosts)
        if isinstance(error, opensearchpy.exceptions.SSLError):
            return (
                f"the certificate of the search cluster at {hosts} is not trusted: "
                "check WAYMARK_OPENSEARCH_CA"
            )
        if isinstance(error, opensearchpy.exceptions.ConnectionError):
            return f"the search cluster at {hosts} does not answer: check that its nodes run"
        status = getattr(error, "status_code", None)
        if status in (401, 403):
            return (
                f"the search cluster at {hosts} refuses the user {self.options.user or 'nobody'}: "
                "check WAYMARK_OPENSEARCH_USER and its password"
            )
        if status in (429, 502, 503, 504):
            return f"the search cluster at {hosts} is overloaded or lacks nodes ({_reason(error)})"
        return f"the search cluster at {hosts} refuses a request: {_reason(error)}"


def _reason(error: Exception) -> str:
    """The cluster's own reason, in at most 200 characters."""
    info = getattr(error, "info", None)
    cause = info.get("error") if isinstance(info, dict) else None
    if isinstance(cause, dict):
        causes = cause.get("root_cause") or [cause]
        return f"{causes[0].get('type')}: {causes[0].get('reason')}"[:200]
    return str(error)[:200]
