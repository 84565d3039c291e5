"""The program that recognises text: whether it is installed, and its languages (no Django)."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from waymark.core.errors import RuleError

PROGRAM = "tesseract"
LANGUAGE = re.compile(r"[a-z][a-z0-9_]{1,29}")
DATA_FOLDER = re.compile('"([^"]+)"')  # in: List of available languages in "/usr/..." (2):
HOW_TO_INSTALL = (
    "install Tesseract (Debian and Ubuntu: apt install tesseract-ocr; macOS: brew install "
    "tesseract)"
)


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

    def usable(self, languages: str) -> str:
        """Those of the languages, such as "eng+cym", that are installed; "" if none is."""
        return "+".join(name for name in languages.split("+") if name in self.languages)

    def require(self, languages: str) -> None:
        """Raise RuleError if one of the languages is not installed."""
        for name in languages.split("+"):
            if name not in self.languages:
                raise RuleError(
                    f"Tesseract has no language {name!r} here: install it (Debian and Ubuntu: apt "
                    f"install tesseract-ocr-{name or 'eng'}) or choose of "
                    f"{', '.join(sorted(self.languages))}"
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
