"""A secured cluster: which certificates Waymark trusts, and to whom it gives the password.

The cluster is an end of TLS without a node: what is tested is decided before a node would answer.
tests/cluster/test_secured.py has the whole way to one.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.tls_end import PASSWORD, USER, Authority, TlsEnd
from waymark.cli import site
from waymark.core.errors import ServiceUnavailable
from waymark.library.search.opensearch.backend import OpenSearchIndex
from waymark.library.search.opensearch.cluster import ClusterOptions
from waymark.pipeline import installation_notes
from waymark.pipeline.checks.connection_notes import connection_notes


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def end_of_tls(context) -> Iterator[TlsEnd]:
    end = TlsEnd(context)
    yield end
    end.shutdown()
    end.server_close()


def options_for(end: TlsEnd, authority: Authority, **changed) -> ClusterOptions:
    options = ClusterOptions((end.address,), user=USER, password=PASSWORD)
    return replace(options, **({"ca_file": str(authority.file)} | changed))


def refusal(options: ClusterOptions) -> str:
    with pytest.raises(ServiceUnavailable) as refused:
        OpenSearchIndex(options).ready()
    return str(refused.value)


def test_a_certificate_of_an_unknown_authority_is_refused(authority, tmp_path):
    with end_of_tls(Authority(tmp_path, "stranger").context()) as end:
        message = refusal(options_for(end, authority))
        # Nor do the usual authorities of the machine know it.
        assert "is not trusted" in refusal(options_for(end, authority, ca_file=""))
    assert message == (
        f"the certificate of the search cluster at {end.address} is not trusted: set "
        "WAYMARK_OPENSEARCH_CA to a file with the certificate of the authority that signed it"
    )
    assert end.requests == []


@pytest.mark.parametrize("host", ["node1.example.org", "127.0.0.2"])
def test_a_certificate_for_another_name_or_address_is_refused(authority, host):
    with end_of_tls(authority.context(host)) as end:
        message = refusal(options_for(end, authority))
    assert "is for another name: write the names of the nodes in WAYMARK_OPENSEARCH" in message
    assert end.requests == []


def test_an_expired_certificate_is_refused(authority):
    with end_of_tls(authority.context(days=-1)) as end:
        message = refusal(options_for(end, authority))
    assert "has expired, or that of its authority has: renew it on the nodes" in message
    assert end.requests == []


def test_plain_http_to_a_port_with_tls_says_how_to_write_the_address(authority):
    with end_of_tls(authority.context()) as end:
        plain = end.address.replace("https:", "http:")
        message = refusal(options_for(end, authority, hosts=(plain,)))
    assert message == (
        f"the search cluster at {plain} ends connections without an answer: if its nodes use TLS, "
        "write https:// in WAYMARK_OPENSEARCH_HOSTS"
    )
    assert end.requests == []


def test_a_node_without_tls_gets_no_password_from_an_https_address(authority):
    with end_of_tls(None) as end:
        encrypted = end.address.replace("http:", "https:")
        message = refusal(options_for(end, authority, hosts=(encrypted,)))
    assert "does not use TLS: set it up on its nodes" in message
    assert end.requests == []


def test_a_file_without_a_certificate_is_a_clear_error(authority, tmp_path):
    (tmp_path / "empty.pem").write_text("no certificate\n", "ascii")
    with end_of_tls(authority.context()) as end:
        message = refusal(options_for(end, authority, ca_file=str(tmp_path / "empty.pem")))
    assert "WAYMARK_OPENSEARCH_CA" in message
    assert end.requests == []


def test_a_wrong_password_is_a_clear_error_and_is_not_printed(authority, caplog):
    caplog.set_level(logging.DEBUG)
    with end_of_tls(authority.context()) as end:
        options = options_for(end, authority, password="wrong-heron")
        message = refusal(options)
    assert message == (
        f"the search cluster at {end.address} refuses the user waymark: check "
        "WAYMARK_OPENSEARCH_USER and its password"
    )
    assert end.requests
    assert "wrong-heron" not in caplog.text + repr(options)


def test_a_missing_permission_is_not_taken_for_a_wrong_password(authority):
    with end_of_tls(authority.context()) as end:
        end.refusal = 403
        message = refusal(options_for(end, authority))
    assert "does not let the user waymark do this: give it the permissions of docs/" in message


def test_a_redirect_is_not_followed_with_the_password(authority):
    with end_of_tls(authority.context()) as end:
        end.refusal = 302
        assert "refuses a request" in refusal(options_for(end, authority))
        assert len(end.requests) == 1


def test_a_password_sent_without_encryption_is_warned_about(settings, db):
    options = {"hosts": ("https://a.example", "http://127.0.0.1:9200"), "user": "waymark"}
    settings.SEARCH_BACKEND, settings.OPENSEARCH = "opensearch", {**options, "password": "heron"}
    (note,) = connection_notes()
    assert "is sent without encryption to http://127.0.0.1:9200, where" in note
    assert "heron" not in note
    assert note in installation_notes()
    for changed in ({"hosts": ("https://a.example",)}, {"user": ""}):
        settings.OPENSEARCH = options | changed
        assert list(connection_notes()) == []


def test_the_site_and_the_worker_print_the_warning_as_they_start(settings, capsys):
    settings.SEARCH_BACKEND = "opensearch"
    settings.OPENSEARCH = {"hosts": ("http://[::1]:9200",), "user": USER, "password": PASSWORD}
    site._print_connection_notes()
    printed = capsys.readouterr().err
    assert printed.startswith("warning: the password of the search cluster is sent without")
    assert PASSWORD not in printed
