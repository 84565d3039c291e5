"""Templates of specifications that come with Waymark, for the frameworks of this installation."""

import yaml

from waymark.frameworks.queries import file_of, newest_version
from waymark.overview.spec.edits import with_entry
from waymark.overview.spec.template import builtin_specs, with_parts

NESTED_GROUPS = ("contact_with", "contact_when")
"""Groups of facts that are asked only where a service was in contact: silence about the others
says nothing."""


def installed_specs() -> dict[str, str]:
    """Name -> YAML of each template, with the newest published version of its framework."""
    return {name: _with_newest_framework(source) for name, source in builtin_specs().items()}


def _with_newest_framework(source: str) -> str:
    read = yaml.safe_load(source)
    newest = newest_version(str(read["framework"]).partition(" ")[0])
    if newest is None:
        return source
    text = with_parts(source, {"framework": str(newest)})
    groups = {variable.group for variable in file_of(newest).variables}
    nested = [group for group in NESTED_GROUPS if group in groups]
    for table in read["tables"]:
        if nested and table["kind"] == "silence":
            text = with_entry(text, "tables", table["id"], {**table, "leave_out": nested})
    return text
