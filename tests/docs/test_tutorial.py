"""The tutorial, run word for word: its commands print what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.databases import environment_for

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def steps(page):
    """Each command of a page with the lines that it is said to print."""
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, printed = part.partition("\n")
            yield command, printed


def pattern_of(printed):
    """What is printed, as a pattern: three dots stand for any words, on their own for lines."""
    lines = [
        "(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n"
        for line in printed.splitlines()
    ]
    return re.compile("".join(lines))


def test_every_command_of_the_tutorial_prints_what_it_says(tmp_path):
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    environment = environment_for(tmp_path / "unused")
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = []
    for command, printed in steps((ROOT / "docs/tutorial.md").read_text("utf-8")):
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            environment[name] = value
            continue
        run = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert run.returncode == 0, (command, run.stderr)
        assert pattern_of(printed).fullmatch(run.stdout), (command, run.stdout, printed)
        done.append(command)
    assert len(done) == 27
    assert (tmp_path / "my-library" / "originals").is_dir()


def test_what_the_tutorial_shows_is_compared_with_what_is_printed():
    assert pattern_of("a ... b\n").fullmatch("a 12 b\n")
    assert not pattern_of("a\n").fullmatch("a\nmore\n")
    assert pattern_of("a\n...\n").fullmatch("a\nmore\nand more\n")
    assert list(steps("```console\n$ x y\nout\n$ z\n```\n")) == [("x y", "out\n"), ("z", "")]
