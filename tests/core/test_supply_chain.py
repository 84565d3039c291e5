"""What the product is made of: pinned packages, their licences, the bill of materials."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPYLEFT = re.compile(
    r"(?<!L)(?<!Lesser )\b(A?GPL|SSPL|(GNU )?(Affero )?General Public License)", re.I
)

IN_WORDS = {"partd", "protobuf", "pymarc", "pypdfium2"}
"""Packages whose files have the text of a licence (BSD-3; BSD-3; BSD-2; BSD-3 and Apache-2.0) and
no name that the list knows."""


def packages(lock):
    """Name -> version of a lock file."""
    text = (ROOT / lock).read_text("utf-8")
    return {
        re.sub(r"[_.]", "-", name).lower(): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)
    }


def components():
    return json.loads((ROOT / "sbom.cdx.json").read_text("utf-8"))["components"]


def licences(component):
    """Every licence that a package declares."""
    chosen = [one.get("license", one) for one in component.get("licenses", [])]
    return [one.get("id") or one.get("name") or one.get("expression", "") for one in chosen]


def test_the_bill_of_materials_lists_the_packages_of_the_product_and_no_others():
    listed = {
        re.sub(r"[_.]", "-", one["purl"].removeprefix("pkg:pypi/").partition("@")[0])
        for one in components()
    }
    versions = {one["purl"].partition("@")[2] for one in components()}
    locked = packages("requirements.lock")
    assert listed == locked.keys()
    assert versions == set(locked.values())


def test_no_package_of_the_product_has_a_licence_that_would_bind_all_of_it():
    assert {one["name"] for one in components() if not any(licences(one))} == IN_WORDS
    bound = {
        one["name"]: licences(one)
        for one in components()
        if any(COPYLEFT.search(licence) for licence in licences(one))
    }
    assert bound == {}


def test_a_licence_that_would_bind_all_is_recognised():
    for text in ("GPL-3.0-only", "AGPL-3.0", "GNU Affero General Public License v3", "SSPL-1.0"):
        assert COPYLEFT.search(text), text
    for text in ("LGPL-3.0-only", "MIT", "MPL-2.0", "GNU Lesser General Public License"):
        assert not COPYLEFT.search(text), text


def test_what_builds_the_product_is_pinned_apart_from_what_runs_it():
    build = packages("requirements-build.lock")
    assert {"hatchling", "editables"} <= build.keys()
    assert not {"hatchling", "editables"} & packages("requirements.lock").keys()
    runs = packages("requirements.lock")
    assert {
        name: version for name, version in build.items() if runs.get(name, version) != version
    } == {}
