"""Every command that answers something does so as JSON, with the keys that the reference lists."""

import json
import re
import shlex
import shutil
import subprocess
import sys

from tests.cli.test_errors import commands
from tests.databases import environment_for
from tests.docs.test_tutorial import ROOT, steps
from tests.new_installations import new_installation

REFERENCE = (ROOT / "docs/commands.md").read_text("utf-8")
# They run until they are stopped, or build a demo and then serve it: they answer nothing.
SINGLE = {"ingest", "search", "doctor"}
"""Commands of one word."""
WITHOUT_ANSWER = {
    "waymark dask-worker",
    "waymark demo",
    "waymark mail listen",
    "waymark serve",
    "waymark work",
}
PROGRAM = """
import contextlib, io, json, sys
from waymark.cli import main
answers = []
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
        main([*words, "--json"])
    answers.append(json.loads(printed.getvalue()))
print(json.dumps(answers))
"""


def top_level_keys(command):
    """Keys of the answer of a command, as its section of the reference lists them."""
    section = REFERENCE.partition(f"## `{command}`\n")[2].partition("\n## ")[0]
    listed = section.partition("- `--json`: ")[2]
    if listed.startswith("prints"):
        return set(re.findall(r"`(\w+)`", listed.partition(":")[2]))
    depth, keys, text = 0, set(), listed[1:]
    for token in re.findall(r'[{}\[\]]|"\w+"', text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token, 0)
        if depth == 0:
            break
        if depth == 1 and token.startswith('"'):
            keys.add(token.strip('"'))
    return keys


def test_every_command_that_answers_something_does_so_as_json_too():
    for name, command in commands():
        options = {option for parameter in command.params for option in parameter.opts}
        assert ("--json" in options) != (name in WITHOUT_ANSWER), name


def test_the_answers_on_the_way_to_a_published_number_have_the_keys_of_the_reference(tmp_path):
    shutil.copytree(ROOT / "docs/tutorial", tmp_path / "docs/tutorial")
    lines = [
        words
        for command, _ in steps((ROOT / "docs/tutorial.md").read_text("utf-8"))
        if (words := shlex.split(command))[0] == "waymark"
    ]
    lines += [
        ["waymark", *words.split()]
        for words in (
            "coding suggest r-eec494d6593f",
            "thesaurus load",
            "thesaurus export t.ttl",
            "search visits",
            "reports check",
            "reports reread --all",
            "reports quotations eec494d6593f",
            "alerts subscribers",
            "alerts erase ann@a.example",
            "sending pause --reason a-test",
            "sending status",
            "sending resume",
            "desk erase --dry-run",
            "desk statistics",
            "files unknown",
            "files quarantine",
            "files bring-back",
            "index rebuild",
            "account list",
            "account grant ed --role analyst",
            "account withdraw ed --role analyst",
            "account close ed",
            "account reopen ed",
            "account password ed",
            "coding reopen r-eec494d6593f --coder ann --by ann",
            "doctor",
        )
    ]
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([words[1:] for words in lines])],
        cwd=tmp_path,
        env=environment_for(new_installation(tmp_path / "library")),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    for words, answer in zip(lines, json.loads(run.stdout), strict=True):
        command = " ".join(words[: 3 if words[1] not in SINGLE else 2])
        first = answer[0] if isinstance(answer, list) else answer
        assert "error" not in first, (words, answer)
        assert set(first) == top_level_keys(command), words
