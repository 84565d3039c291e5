"""Templates of specifications that come with Waymark, for the frameworks of this installation."""

import yaml

from waymark.frameworks.queries import file_of, newest_version
from waymark.overview.spec.edits import with_entry
from waymark.overview.spec.template import THEME_STUDY, builtin_specs, with_parts

NESTED_GROUPS = ("contact_with", "contact_when")
"""Groups of facts that are asked only where a service was in contact: silence about the others
says nothing."""


def installed_specs() -> dict[str, str]:
    """Name -> YAML of each template, with the newest published version of its framework."""
    return {name: _with_newest_framework(source) for name, source in builtin_specs().items()}


def theme_choices() -> list[tuple[str, str]]:
    """The themes and factors of the newest framework of the template: "code:ID" and its name."""
    source = yaml.safe_load(builtin_specs()[THEME_STUDY])
    newest = newest_version(str(source["framework"]).partition(" ")[0])
    if newest is None:
        return []
    framework = file_of(newest)
    themes = [code for code in framework.codes if code.theme is not None]
    factors = [variable for variable in framework.variables if variable.type == "state"]
    return [
        *((f"code:{code.id}", f"Theme: {code.name}") for code in themes),
        *((f"factor:{variable.id}", f"Factor: {variable.name}") for variable in factors),
    ]


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
