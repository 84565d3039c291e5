"""One rule broken on purpose, and the tests beside it that must fail when it is."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEST = re.compile(r"^def (test_\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule in plain words, and a break of it.

    file: below src/waymark. text: occurs exactly once in the file and is replaced by `instead`.
    tests: a file below tests. only: part of the names of those tests in it that must notice the
    break; "" for all.
    """

    rule: str
    file: str
    text: str
    instead: str
    tests: str
    only: str = ""

    def source(self, root: Path = ROOT) -> Path:
        """Path of the source file in a copy of the project."""
        return root / "src" / "waymark" / self.file

    def test_names(self, root: Path = ROOT) -> list[str]:
        """Addresses of the tests that must notice the break, as pytest takes them."""
        path = Path("tests", self.tests)
        names = TEST.findall((root / path).read_text("utf-8"))
        return [f"{path}::{name}" for name in names if self.only in name]

    def why_stale(self, root: Path = ROOT) -> str:
        """Reason why the mutant no longer fits the source or the tests; "" if it does."""
        source = self.source(root)
        if not source.is_file():
            return f"there is no file {self.file}"
        times = source.read_text("utf-8").count(self.text)
        if times != 1:
            return f"its text occurs {times} times in {self.file}"
        if not (root / "tests" / self.tests).is_file() or not self.test_names(root):
            return f"there is no such test in {self.tests}"
        return ""
