"""Queries of frameworks. They contain no personal data: everybody may see published ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from waymark.core.errors import NotFound, require_found
from waymark.core.near_names import did_you_mean
from waymark.frameworks.models import Code, Framework, Variable
from waymark.frameworks.schema import FrameworkFile, read_framework
from waymark.frameworks.versions import ids_through


def published_frameworks() -> list[Framework]:
    """The published versions, newest of each name first."""
    return list(Framework.objects.filter(published_at__isnull=False))


def current_framework() -> Framework | None:
    """The framework published last; None if none is."""
    published = Framework.objects.filter(published_at__isnull=False)
    return published.order_by("-published_at", "-pk").first()


def newest_version(name: str) -> Framework | None:
    """The newest published version of a framework; None if none is published."""
    return next((one for one in published_frameworks() if one.name == name), None)


def framework_for(name: str, version: str) -> Framework:
    """A published version. Raises NotFound."""
    versions = Framework.objects.filter(name=name, version=version)
    framework = versions.filter(published_at__isnull=False).first()
    if framework is not None:
        return framework
    if versions.exists():
        raise NotFound(
            f"the framework {name} {version} is a draft: publish it first, with waymark framework"
            " load FILE --publish"
        )
    near = did_you_mean(f"{name} {version}", map(str, published_frameworks()))
    raise NotFound(f"there is no published framework {name} {version}{near}")


def framework_called(label: str) -> Framework:
    """The published version of a label such as "cr-core 1.0.0". Raises NotFound."""
    name, _, version = label.strip().partition(" ")
    return framework_for(name, version)


def framework_or_current(name: str | None) -> Framework:
    """The published version of a label such as "cr-core 1.0.0"; the current one if it is empty.

    Raises NotFound, also if none is published yet.
    """
    if name:
        return framework_called(name)
    return require_found(
        current_framework(),
        "no framework is published yet: load one with waymark framework load --publish",
    )


def code_for(framework: Framework, code: str) -> Code:
    """A code of a framework. Raises NotFound."""
    return require_found(
        Code.objects.filter(framework=framework, code=code).select_related("parent").first(),
        f"{framework} has no code {code}",
    )


def codes_of(framework: Framework) -> list[Code]:
    """The codes of a framework, in its order."""
    return list(Code.objects.filter(framework=framework))


def file_of(framework: Framework) -> FrameworkFile:
    """The framework as parsed from its YAML; each content is parsed once."""
    return read_once(framework.source, f"{framework.name}-{framework.version}.yaml")


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version and the published ones before it, as far as its mapping leads back.

    versions: primary keys, newest first, with their names in labels. codes, variables: primary key
    -> place of its version in that list, and the id in the newest version that it is read as.
    """

    versions: tuple[int, ...]
    labels: tuple[str, ...]
    codes: Mapping[int, tuple[int, str]]
    variables: Mapping[int, tuple[int, str]]


def version_line(framework: Framework) -> VersionLine:
    """What can be read as codes and variables of a version: its own, and those before it."""
    line, chain = [framework], [file_of(framework)]
    while (before := chain[-1].supersedes) is not None:
        published = Framework.objects.filter(name=framework.name, published_at__isnull=False)
        earlier = published.filter(version=before).first()
        if earlier is None:
            break
        line.append(earlier)
        chain.append(file_of(earlier))
    codes: dict[int, tuple[int, str]] = {}
    variables: dict[int, tuple[int, str]] = {}
    for rank, version in enumerate(line):
        read_as = ids_through(chain[: rank + 1])
        own_codes = Code.objects.filter(framework=version).values_list("pk", "code")
        own_variables = Variable.objects.filter(framework=version).values_list("pk", "variable")
        codes |= {pk: (rank, read_as[name]) for pk, name in own_codes}
        variables |= {pk: (rank, read_as[name]) for pk, name in own_variables}
    return VersionLine(
        tuple(version.pk for version in line), tuple(map(str, line)), codes, variables
    )


@lru_cache(maxsize=16)
def read_once(source: str, file: str) -> FrameworkFile:
    """The framework of a YAML text, parsed once in each process. Raises SpecError."""
    return read_framework(source, file=file)
