"""The library on a cluster: searches of people, withdrawal, rebuilding, and the doctor."""

import subprocess
import sys
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from opensearchpy import OpenSearch

from tests.databases import environment_for
from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import ask, found, shelve
from tests.new_installations import new_installation
from waymark.accounts.models import Role, State
from waymark.library.models import CatalogueRecord
from waymark.library.queries import index_state
from waymark.library.queries.index_check import index_faults
from waymark.library.queries.search_backend import search_backend
from waymark.library.services import index_changed, mark_changed, rebuild_index

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def on_the_cluster(settings, options, tmp_path):
    settings.DATA = tmp_path
    settings.SEARCH_BACKEND, settings.OPENSEARCH = "opensearch", asdict(options)
    # Numbers of rows begin again with each test, and so would the heads of another one's records.
    client = OpenSearch(list(options.hosts))
    client.indices.delete(index=f"{options.prefix}-*", params={"expand_wildcards": "all"})
    client.close()


def review_of(reference, *texts):
    review = make_review(reference)
    make_report(review, *texts)
    return review


def test_what_is_catalogued_is_found_with_its_passages():
    shelve(review_of("R1", "The heron stood in the river."), review_of("R2", "Otters swim."))
    answer = ask("herons")
    assert found(answer) == ["R1"]
    assert answer.hits[0].passages
    assert index_state().waiting == 0
    assert list(index_faults(NOON)) == []


def test_what_was_withdrawn_is_shown_to_nobody_before_and_after_the_index_follows():
    review = review_of("R1", "The heron stood in the river.")
    shelve(review, review_of("R2", "Another heron."))
    review.state = State.WITHDRAWN
    review.save()
    mark_changed(reviews=[review], now=NOON + HOUR)
    stale = ask("heron", now=NOON + HOUR)
    assert (found(stale), stale.total) == (["R2"], 1)
    index_changed(now=NOON + HOUR)
    after = ask("heron", now=NOON + HOUR)
    assert (found(after), after.total) == (["R2"], 1)
    staff = ask("heron", person=make_person(Role.CATALOGUER), now=NOON + HOUR)
    assert "R2" in found(staff)


def test_versions_are_those_of_the_rows():
    review = review_of("R1", "A heron.")
    shelve(review)
    mark_changed(reviews=[review], now=NOON + HOUR)
    index_changed(now=NOON + HOUR)
    record = CatalogueRecord.objects.get()
    client = OpenSearch(list(search_backend().generations.cluster.options.hosts))
    prefix = search_backend().generations.prefix
    head = client.get(index=f"{prefix}-heads", id=str(record.pk))["_source"]
    client.close()
    assert head["version"] == int(record.changed_at.timestamp() * 1_000_000)


def test_a_rebuild_finds_what_changed_and_what_is_new_and_drops_what_is_gone():
    first, second = review_of("R1", "A heron."), review_of("R2", "An otter.")
    shelve(first, second)
    CatalogueRecord.objects.filter(review=second).delete()
    progress = rebuild_index(now=NOON)
    assert (progress.done, progress.waiting) == (1, 0)
    assert found(ask("otter")) == []
    assert found(ask("heron")) == ["R1"]
    assert list(index_faults(NOON)) == []


def test_an_empty_library_has_nothing_to_find_and_no_error():
    assert ask("heron").total == 0
    assert ask("", person=AnonymousUser()).total == 0


def test_an_installation_uses_the_cluster_by_its_settings_alone(options, tmp_path):
    """The steps of docs/opensearch.md, with the command that operators use."""
    environment = environment_for(new_installation(tmp_path / "data")) | {
        "WAYMARK_SEARCH_BACKEND": "opensearch",
        "WAYMARK_OPENSEARCH_HOSTS": ",".join(options.hosts),
        "WAYMARK_OPENSEARCH_PREFIX": options.prefix,
    }

    def waymark(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "waymark", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    assert waymark("index", "rebuild").returncode == 0
    assert search_backend().ready()
    assert "ok    the search index is up to date" in waymark("doctor").stdout
    environment["WAYMARK_OPENSEARCH_HOSTS"] = "http://127.0.0.1:9"
    doctor = waymark("doctor")
    assert doctor.returncode != 0
    assert "the search cluster at http://127.0.0.1:9 does not answer" in doctor.stdout
