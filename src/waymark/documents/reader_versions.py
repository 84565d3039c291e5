"""Version of each reader, to find reports that an older one read."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules


@cache
def reader_versions() -> dict[str, int]:
    """Name of each reader of this version of Waymark, such as "waymark-pdf", and its version."""
    versions = {}
    # Imported only here: the libraries of the parsers belong in the child processes.
    parsers = import_module("waymark.documents.parsers")
    for module in iter_modules(parsers.__path__, f"{parsers.__name__}."):
        extractor = getattr(import_module(module.name), "EXTRACTOR", "")
        if extractor:
            name, version = split_extractor(extractor)
            versions[name] = version
    return versions


def split_extractor(extractor: str) -> tuple[str, int]:
    """The name and the version of a reader: "waymark-pdf/2" -> ("waymark-pdf", 2)."""
    name, _, rest = extractor.partition("/")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return name, int(digits or 0)


def is_older(extractor: str) -> bool:
    """True if a newer version of this reader exists, or the reader is not known any more."""
    name, version = split_extractor(extractor)
    return reader_versions().get(name, version + 1) > version
