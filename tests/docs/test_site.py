"""The documentation site: every page is in its menu, every link works, no other host is asked."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs-site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"},
        check=True,
        capture_output=True,
        text=True,
    )
    return folder


def menu_files(entries):
    for entry in entries:
        for value in entry.values():
            if isinstance(value, str):
                yield value
            else:
                yield from menu_files(value)


def test_every_page_of_the_documentation_is_in_the_menu_once():
    nav = re.search(r"^nav:\n(.*)", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M | re.S)[1]
    pages = sorted(menu_files(yaml.safe_load(nav)))
    assert pages == sorted(page.name for page in (ROOT / "docs").glob("*.md"))


def test_the_site_builds_without_a_broken_link_and_loads_nothing_from_another_host(built_site):
    pages = list(built_site.rglob("*.html"))
    assert (built_site / "index.html") in pages
    loaded = re.compile(r'<(?:script|img|iframe|link)\b[^>]*(?:src|href)="(?:https?:)?//[^"]*"')
    for page in pages:
        for tag in loaded.findall(page.read_text("utf-8")):
            assert 'rel="canonical"' in tag, (page.name, tag)


def test_the_reference_names_everything_of_the_python_api(built_site):
    from waymark import api

    page = (built_site / "api-reference.html").read_text("utf-8")
    for name in api.__all__:
        assert f'id="waymark.api.{name}"' in page, name
