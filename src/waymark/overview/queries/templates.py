"""Templates of specifications that come with Waymark, for the frameworks of this installation."""

import yaml

from waymark.frameworks.queries import newest_version
from waymark.overview.spec.template import builtin_specs, with_parts


def installed_specs() -> dict[str, str]:
    """Name -> YAML of each template, with the newest published version of its framework."""
    return {name: _with_newest_framework(source) for name, source in builtin_specs().items()}


def _with_newest_framework(source: str) -> str:
    label = str(yaml.safe_load(source)["framework"])
    newest = newest_version(label.partition(" ")[0])
    return source if newest is None else with_parts(source, {"framework": str(newest)})
