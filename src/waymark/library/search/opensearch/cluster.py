"""Requests to an OpenSearch cluster; what goes wrong is said in one sentence."""

import os
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from waymark.core.errors import ServiceUnavailable
from waymark.core.extras import OptionalModule

opensearchpy: Any = OptionalModule("opensearchpy", "opensearch")
SECONDS = 20
TRIES = 2
# Codes of OpenSSL (X509_V_ERR_...): what is wrong with a certificate, and what to do.
CERTIFICATE_FAULTS = {
    9: "is not valid yet: check the clocks of this machine and of the nodes",
    10: "has expired, or that of its authority has: renew it on the nodes",
    62: "is for another name: write the names of the nodes in WAYMARK_OPENSEARCH_HOSTS as their "
    "certificates have them",
    64: "is for another name: write the names of the nodes in WAYMARK_OPENSEARCH_HOSTS as their "
    "certificates have them",
}
UNKNOWN_AUTHORITY = (
    "is not trusted: set WAYMARK_OPENSEARCH_CA to a file with the certificate of the authority "
    "that signed it"
)


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

    @property
    def headers(self) -> dict[str, str]:
        """Headers of each request: the user and the password, in UTF-8 as OpenSearch reads them."""
        if not self.user:
            return {}
        pair = b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
        return {"authorization": f"Basic {pair}"}

    def notes(self) -> Iterator[str]:
        """Warnings about the settings, for the doctor and the start of the site."""
        open_hosts = [host for host in self.hosts if host.startswith("http://")]
        if self.user and open_hosts:
            yield (
                f"the password of the search cluster is sent without encryption to "
                f"{', '.join(open_hosts)}, where other programs of this machine may read it: "
                "use https:// in WAYMARK_OPENSEARCH_HOSTS"
            )


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
                    headers=options.headers,
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
            return _tls_sentence(hosts, _cause(error))
        if isinstance(error, opensearchpy.exceptions.ConnectionError):
            if self.options.hosts[0].startswith("http://") and _is_cut_off(error):
                return (
                    f"the search cluster at {hosts} ends connections without an answer: if its "
                    "nodes use TLS, write https:// in WAYMARK_OPENSEARCH_HOSTS"
                )
            return f"the search cluster at {hosts} does not answer: check that its nodes run"
        status = getattr(error, "status_code", None)
        if status == 401:
            return (
                f"the search cluster at {hosts} refuses the user {self.options.user or 'nobody'}: "
                "check WAYMARK_OPENSEARCH_USER and its password"
            )
        if status == 403:
            return (
                f"the search cluster at {hosts} does not let the user "
                f"{self.options.user or 'nobody'} do this: give it the permissions of "
                f"docs/opensearch.md ({_reason(error)})"
            )
        if status in (429, 502, 503, 504):
            return f"the search cluster at {hosts} is overloaded or lacks nodes ({_reason(error)})"
        return f"the search cluster at {hosts} refuses a request: {_reason(error)}"


def _tls_sentence(hosts: str, cause: object) -> str:
    """The sentence for a connection that is not encrypted as it should be."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        fault = CERTIFICATE_FAULTS.get(cause.verify_code, UNKNOWN_AUTHORITY)
        return f"the certificate of the search cluster at {hosts} {fault}"
    reason = getattr(cause, "reason", None) or "no reason is given"
    if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"):
        return (
            f"the search cluster at {hosts} does not use TLS: set it up on its nodes "
            "(plugins.security.ssl.http.enabled)"
        )
    return (
        f"there is no encrypted connection to the search cluster at {hosts} ({reason}): check TLS "
        "on its nodes, and WAYMARK_OPENSEARCH_CA"
    )


def _cause(error: Exception) -> object:
    """The error of the ssl module within one of the client."""
    outer = getattr(error, "info", None)
    inner = getattr(outer, "args", ())
    return inner[0] if inner else outer


def _is_cut_off(error: Exception) -> bool:
    """True if the other side took the connection, but answered with something that is no HTTP."""
    import urllib3

    return isinstance(getattr(error, "info", None), urllib3.exceptions.ProtocolError)


def _reason(error: Exception) -> str:
    """The cluster's own reason, in at most 200 characters."""
    info = getattr(error, "info", None)
    cause = info.get("error") if isinstance(info, dict) else None
    if isinstance(cause, dict):
        causes = cause.get("root_cause") or [cause]
        return f"{causes[0].get('type')}: {causes[0].get('reason')}"[:200]
    return str(error)[:200]
