"""How commands end: exit codes, errors as JSON, standard input, help."""

import json
import subprocess
import sys
import time

import click
import pytest
from click.testing import CliRunner

from tests.databases import environment_for
from tests.docs.test_docs import commands
from waymark.cli import main

ERROR = {"kind", "exit_code", "message", "file", "line", "remedy", "faults"}


def run(*words, data, given=None):
    env = environment_for(data)
    return CliRunner(env=env).invoke(main, [*map(str, words)], input=given)


def error_of(result):
    error = json.loads(result.stdout)["error"]
    assert set(error) == ERROR
    assert error["exit_code"] == result.exit_code
    return error


def test_a_refused_file_ends_with_1_and_is_described_as_json(tmp_path):
    file = tmp_path / "broken.pdf"
    file.write_bytes(b"%PDF-1.7 broken off")
    result = run("text", file, "--json", data=tmp_path)
    error = error_of(result)
    assert (result.exit_code, error["kind"], error["file"]) == (1, "file", "broken.pdf")
    assert error["remedy"]


def test_wrong_usage_is_json_too(tmp_path):
    result = run("text", "no-such-file", "--json", data=tmp_path)
    assert (result.exit_code, error_of(result)["kind"]) == (2, "usage")


def test_wrong_usage_before_the_command_is_json_too(tmp_path):
    (tmp_path / "file").touch()
    for words in (["--no-such"], ["--data", tmp_path / "file"]):
        result = run(*words, "text", "a.txt", "--json", data=tmp_path)
        assert (result.exit_code, error_of(result)["kind"]) == (2, "usage")
    assert run("--no-such", data=tmp_path).exit_code == 2


def test_standard_input_is_read_where_a_file_is_named_by_a_hyphen(tmp_path):
    result = run("text", "-", data=tmp_path, given="The file held no chronology.\n")
    assert result.exit_code == 0, result.stderr
    assert "no chronology" in result.stdout


def start_with_input(*words, folder):
    """A process of the command that waits for its standard input. folder: for temporary files."""
    return subprocess.Popen(
        [sys.executable, "-m", "waymark", *words],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment_for(folder / "data") | {"TMPDIR": str(folder)},
    )


def test_no_copy_of_standard_input_stays_behind_a_wrong_option(tmp_path):
    process = start_with_input("overview", "freeze", "-", folder=tmp_path)
    process.communicate(b"The file held no chronology.")
    assert process.returncode == 2  # --by is missing
    assert list(tmp_path.iterdir()) == []


def test_no_copy_of_standard_input_stays_behind_a_command_that_is_stopped(tmp_path):
    process = start_with_input("text", "-", folder=tmp_path)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("waymark-*/standard-input")):
        assert time.monotonic() < until
        time.sleep(0.05)
    process.terminate()
    process.communicate()
    assert process.returncode == 143
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_both_names_of_help(option):
    for name, _ in commands():
        assert CliRunner().invoke(main, [*name.split()[1:], option]).exit_code == 0, name


def test_the_version_has_a_short_name():
    assert CliRunner().invoke(main, ["-V"]).stdout == CliRunner().invoke(main, ["--version"]).stdout


def test_every_option_has_help_and_no_text_is_cut_off():
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.opts)
    groups = [[], *([name] for name, found in main.commands.items() if hasattr(found, "commands"))]
    for words in groups:
        listed = CliRunner().invoke(main, [*words, "--help"]).stdout
        assert "..." not in listed.partition("Commands:")[2], listed
