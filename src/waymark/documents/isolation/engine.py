"""The program that recognises text: whether it is installed, and its languages (no Django)."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waymark.core.errors import RuleError

PROGRAM = "tesseract"
LANGUAGE = re.compile(r"[a-z][a-z0-9_]{1,29}")
DATA_FOLDER = re.compile('"([^"]+)"')  # in: List of available languages in "/usr/..." (2):
HOW_TO_INSTALL = (
    "install Tesseract (Debian and Ubuntu: apt install tesseract-ocr; macOS: brew install "
    "tesseract)"
)

OF_SYSTEM = ("/usr", "/bin", "/opt")
STORES = ("/nix/store", "/gnu/store")
"""Where Nix and Guix keep each library in a folder of its own."""
PARTS_OF_PREFIX = ("bin", "lib", "lib64", "libexec", "share", "Cellar", "opt")
"""Folders beside the bin of a program of conda, Homebrew and the like."""

LANGUAGE_NAMES = {"eng": "English", "cym": "Welsh", "gle": "Irish"}
LANGUAGE_OF_NATION = {"Wales": "cym", "Northern Ireland": "gle"}
"""The language beside English in which reports of a nation may be written."""


def languages_for(nation: str, languages: str) -> str:
    """The languages with that of a nation: Wales and "eng" -> "eng+cym"."""
    own = LANGUAGE_OF_NATION.get(nation, "")
    return f"{languages}+{own}" if own and own not in languages.split("+") else languages


def name_languages(languages: str) -> str:
    """Languages in words: "eng+cym" -> "English and Welsh"."""
    names = [LANGUAGE_NAMES.get(name, name) for name in languages.split("+") if name]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def how_to_install(languages: str) -> str:
    """The Debian packages of some languages, as a command: "apt install tesseract-ocr-cym"."""
    packages = (f"tesseract-ocr-{name.replace('_', '-')}" for name in languages.split("+"))
    return f"apt install {' '.join(packages)}"


@dataclass(frozen=True, slots=True)
class Engine:
    """An installed Tesseract. languages: those it has data for. data: their folder, if known."""

    program: str
    version: str
    languages: frozenset[str]
    data: str = ""

    @property
    def name(self) -> str:
        """Program and version, as stored with what it recognised."""
        return f"{PROGRAM} {self.version}"

    @property
    def of_system(self) -> bool:
        """Whether all of it is of the system or of /opt."""
        return any(Path(self.program).resolve().is_relative_to(place) for place in OF_SYSTEM)

    def usable(self, languages: str) -> str:
        """Those of the languages, such as "eng+cym", that are installed; "" if none is."""
        return "+".join(name for name in languages.split("+") if name in self.languages)

    def missing(self, languages: str) -> str:
        """Those of the languages, such as "eng+cym", that are not installed; "" if all are."""
        return "+".join(name for name in languages.split("+") if name not in self.languages)

    def require(self, languages: str) -> None:
        """Raise RuleError if none of the languages is installed."""
        if not self.usable(languages):
            raise RuleError(
                f"Tesseract has no language {languages!r} here: install it (Debian and Ubuntu: "
                f"{how_to_install(languages)}) or choose of {', '.join(sorted(self.languages))}"
            )


def find_engine() -> Engine | None:
    """The Tesseract of this computer; None if there is none that works."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    try:
        version = _output_of(program, "--version").split()
        lines = _output_of(program, "--list-langs").split("\n")
    except (OSError, subprocess.SubprocessError):
        return None
    languages = frozenset(line.strip() for line in lines if LANGUAGE.fullmatch(line.strip()))
    number = version[1].removeprefix("v") if len(version) > 1 else "?"
    folder = DATA_FOLDER.search(lines[0])
    return Engine(program, number, languages - {"osd"}, folder[1] if folder else "")


def folders_of_program(program: str) -> list[str]:
    """Folders with the libraries and data of a program; none for one of the system or of /opt.

    Example: /home/ann/conda/bin/tesseract -> /home/ann/conda/lib, /home/ann/conda/share and others.
    Not the whole folder above bin, which may be a person's own.
    """
    folders: list[str] = []
    for path in {Path(program), Path(program).resolve()} if program else ():
        stores = [store for store in STORES if path.is_relative_to(store)]
        if stores or any(path.is_relative_to(place) for place in OF_SYSTEM):
            folders += stores
        elif path.parent.name == "bin":
            parts = (path.parent.parent / name for name in PARTS_OF_PREFIX)
            folders += [str(part) for part in parts if part.is_dir()]
    return sorted(set(folders))


def _output_of(program: str, option: str) -> str:
    done = subprocess.run([program, option], capture_output=True, timeout=20, check=True)
    return (done.stdout or done.stderr).decode("utf-8", "replace")


def engine_as_json(engine: Engine) -> dict[str, Any]:
    """The engine as a part of a job of the reading process."""
    return {
        "program": engine.program,
        "version": engine.version,
        "languages": sorted(engine.languages),
        "data": engine.data,
    }


def engine_of_json(content: dict[str, Any]) -> Engine:
    """The engine of such a part."""
    return Engine(**(content | {"languages": frozenset(content["languages"])}))
