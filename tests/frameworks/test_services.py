"""Loading and publishing frameworks."""

import pytest

from tests.factories import NOON, make_person
from tests.frameworks.test_schema import GOOD
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_for, read_once
from waymark.frameworks.services import load_framework, publish_framework

pytestmark = pytest.mark.django_db


def load(source=GOOD, by=None):
    return load_framework(by=by, source=source, file="small.yaml", now=NOON)


def test_loading_stores_codes_with_their_parents_and_says_so_in_the_audit():
    framework = load()
    child = framework.codes.get(code="a.b")
    assert (child.parent.code, framework.variables.count()) == ("a", 3)
    assert AuditEntry.objects.filter(action="load framework").count() == 1


def test_a_framework_is_parsed_once_however_often_it_is_loaded_and_read():
    framework = load()
    assert file_of(framework).framework == "small"
    before = read_once.cache_info().misses
    file_of(framework)
    load()
    assert read_once.cache_info().misses == before


def test_loading_the_same_source_again_changes_nothing():
    assert load().pk == load().pk


def test_a_draft_is_replaced_and_a_published_version_never():
    load()
    changed = load(GOOD.replace("About a.", "All about a."))
    assert changed.codes.get(code="a").definition == "All about a."
    publish_framework(by=None, framework=changed, now=NOON)
    with pytest.raises(RuleError, match="cannot be changed"):
        load()
    assert Framework.objects.get().codes.get(code="a").definition == "All about a."


def test_a_reader_may_not_load_and_sees_no_drafts():
    with pytest.raises(NotPermitted, match="analyst"):
        load(by=make_person(Role.READER))
    load()
    with pytest.raises(NotFound):
        framework_for("small", "1.0.0")
