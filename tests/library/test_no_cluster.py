"""Search on a cluster that does not answer: one clear sentence, and everything else works.

The settings that lead to a cluster are checked here too. Searches on a running one: tests/cluster.
"""

import socket

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.factories import NOON, make_review
from tests.library.conftest import ask
from waymark.core.errors import ServiceUnavailable
from waymark.library.models import CatalogueRecord
from waymark.library.queries import index_state
from waymark.library.queries.index_check import index_faults, index_notes
from waymark.library.search.opensearch.cluster import ClusterOptions
from waymark.library.services import catalogue_review, index_changed
from waymark.pipeline import installation_notes
from waymark.pipeline.library.indexing import JOBS
from waymark.setting_values import (
    index_prefix_setting,
    node_addresses_setting,
    secret_setting,
)
from waymark.settings import _opensearch_options as opensearch_options


@pytest.fixture
def no_cluster(settings, db):
    """A cluster at a port of this machine where nothing listens, and one record to be indexed."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{held.getsockname()[1]}"
    settings.SEARCH_BACKEND, settings.OPENSEARCH = "opensearch", {"hosts": (host,)}
    catalogue_review(by=None, review=make_review("R1"), now=NOON)
    return host


def test_a_search_says_that_the_cluster_does_not_answer_and_where_it_should(no_cluster):
    with pytest.raises(ServiceUnavailable) as refused:
        ask("heron")
    expected = f"the search cluster at {no_cluster} does not answer: check that its nodes run"
    assert str(refused.value) == expected
    assert list(index_faults(NOON)) == [expected]


def test_a_built_in_index_that_the_cluster_replaced_is_noted_until_it_is_deleted(
    no_cluster, settings, tmp_path
):
    """It would keep the words of reports that are erased later."""
    settings.DATA = tmp_path
    assert list(index_notes()) == []
    (tmp_path / "index").mkdir()
    (note,) = index_notes()
    assert f"in {tmp_path}/index is not in use" in note
    assert note in installation_notes()
    settings.SEARCH_BACKEND = "tantivy"
    assert list(index_notes()) == []


def test_visitors_read_that_search_is_not_available_and_the_other_pages_work(no_cluster, client):
    page = client.get("/find/", {"q": "heron"})
    assert page.status_code == 503
    assert no_cluster not in page.content.decode()
    for address in ("/", "/topics/", "/accessibility/"):
        assert client.get(address).status_code == 200, address
    assert not index_state().ready


def test_changes_wait_until_the_cluster_answers(no_cluster, caplog):
    with pytest.raises(ServiceUnavailable):
        index_changed(now=NOON)
    (job,) = JOBS
    assert job.run(lambda: NOON) is False
    assert "does not answer" in caplog.text
    assert CatalogueRecord.objects.get().indexed_at is None


def test_a_password_is_never_printed():
    assert "otter" not in repr(ClusterOptions(("https://node",), user="waymark", password="otter"))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "node1.example.org:9200",
        "http://node1.example.org:9200",
        "https://waymark:otter@node1.example.org:9200",
        "https://node1.example.org:9200/path",
    ],
)
def test_addresses_of_nodes_are_encrypted_and_hold_no_password(monkeypatch, value):
    monkeypatch.setenv("WAYMARK_OPENSEARCH_HOSTS", value)
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_OPENSEARCH_HOSTS") as refused:
        node_addresses_setting("WAYMARK_OPENSEARCH_HOSTS")
    assert "otter" not in str(refused.value)


def test_addresses_of_nodes_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv(
        "WAYMARK_OPENSEARCH_HOSTS", "https://a.example:9200/, http://127.0.0.1:9200,https://[::1]"
    )
    expected = ("https://a.example:9200", "http://127.0.0.1:9200", "https://[::1]")
    assert node_addresses_setting("WAYMARK_OPENSEARCH_HOSTS") == expected


@pytest.mark.parametrize(
    ("user", "password", "reason"),
    [
        ("", "otter", "these need a user"),
        ("waymark", "", "needs WAYMARK_OPENSEARCH_PASSWORD"),
        # The password would begin after the first colon.
        ("way:mark", "otter", "USER must have no colon"),
    ],
)
def test_a_user_and_a_password_belong_together(monkeypatch, user, password, reason):
    monkeypatch.setenv("WAYMARK_OPENSEARCH_USER", user)
    monkeypatch.setenv("WAYMARK_OPENSEARCH_PASSWORD", password)
    with pytest.raises(ImproperlyConfigured, match=reason) as refused:
        opensearch_options()
    assert "otter" not in str(refused.value)


@pytest.mark.parametrize("value", ["Waymark", "way-mark", "1way", "w" * 41, "*"])
def test_a_prefix_can_name_no_index_of_others(monkeypatch, value):
    monkeypatch.setenv("WAYMARK_OPENSEARCH_PREFIX", value)
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_OPENSEARCH_PREFIX"):
        index_prefix_setting("WAYMARK_OPENSEARCH_PREFIX", "waymark")


def test_a_secret_is_read_from_a_variable_or_a_file_but_not_from_both(monkeypatch, tmp_path):
    name = "WAYMARK_OPENSEARCH_PASSWORD"
    assert secret_setting(name) == ""
    file = tmp_path / "password"
    file.write_text("otter\nand more\n", "utf-8")
    monkeypatch.setenv(f"{name}_FILE", str(file))
    assert secret_setting(name) == "otter"
    monkeypatch.setenv(name, "heron")
    with pytest.raises(ImproperlyConfigured, match="not both"):
        secret_setting(name)
    monkeypatch.delenv(f"{name}_FILE")
    assert secret_setting(name) == "heron"
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "none"))
    monkeypatch.delenv(name)
    with pytest.raises(ImproperlyConfigured, match="_FILE cannot be read"):
        secret_setting(name)
