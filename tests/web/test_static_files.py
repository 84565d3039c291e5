"""Static files are collected once for each version, also by several hosts with one folder."""

import shutil

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders

from waymark.web.server.static_files import collect_static_files


@pytest.fixture
def folders(tmp_path, settings):
    """A copy of the static files, and the folder where they are collected."""
    sources, root = tmp_path / "sources", tmp_path / "static"
    sources.mkdir()
    for path in django_settings.STATICFILES_DIRS[0].glob("*.css"):
        shutil.copy(path, sources)
        break
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [sources], root
    finders.get_finder.cache_clear()
    yield sources, root
    finders.get_finder.cache_clear()


def written(root):
    """When each collected file was written."""
    return {path.name: path.stat().st_mtime_ns for path in root.rglob("*.css*")}


def test_the_next_host_writes_none_of_the_files_that_another_serves(folders):
    _, root = folders
    collect_static_files()
    before = written(root)
    assert any(name.endswith(".gz") for name in before)
    collect_static_files()
    assert written(root) == before


def test_files_of_another_version_are_collected_beside_the_old_ones(folders):
    sources, root = folders
    collect_static_files()
    before = written(root)
    (sources / "new.css").write_text("p { color: red }")
    collect_static_files()
    assert set(written(root)) > set(before)
    assert (root / "new.css").exists()


def test_files_are_collected_again_after_an_earlier_version_was_put_back(folders):
    """That version writes the list of names as it always did, and nothing else."""
    _, root = folders
    collect_static_files()
    names = root / "staticfiles.json"
    own = names.read_bytes()
    names.write_bytes(b'{"paths": {}, "version": "1.1", "hash": ""}')
    collect_static_files()
    assert names.read_bytes() == own
