"""Wrong, damaged, hostile or enormous files: each is refused with a reason and a remedy."""

import os
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path
from threading import Thread

import pikepdf
import pytest

from tests.documents.making import (
    LEFT,
    REPORT,
    archive,
    forms_within_forms,
    image_only,
    inflating,
    locked,
    page_tree_loop,
    paragraph,
    pdf_of,
    png,
    typeset,
    word_file,
)
from waymark.cli.errors import describe_error
from waymark.core.errors import FileRefused
from waymark.documents.isolation import parent
from waymark.documents.isolation.parent import ReadingJob, draw_isolated, read_isolated, read_many
from waymark.documents.parsers.sniff import UNKNOWN
from waymark.documents.reading.values import MIB, ReadingLimits

LIMITS = ReadingLimits(cpu_seconds=20, wall_seconds=40)


def refusal(path, limits=LIMITS):
    with pytest.raises(FileRefused) as caught:
        read_isolated(path, path.name, limits)
    assert caught.value.file == path.name
    assert caught.value.remedy
    return caught.value.reason


def written(path, content):
    path.write_bytes(content)
    return path


def test_an_empty_file(tmp_path):
    assert refusal(written(tmp_path / "a.pdf", b"")) == "is empty"


def test_a_file_locked_with_a_password(tmp_path):
    assert refusal(locked(tmp_path / "a.pdf", user="key")) == "is locked with a password"


def test_a_file_that_only_forbids_copying_is_read_with_a_warning(tmp_path):
    report = read_isolated(locked(tmp_path / "a.pdf", extract=False), "a.pdf", LIMITS)
    assert report.text == " ".join(LEFT)
    assert report.warnings == (
        "its author does not allow copying of the text; check that you may use it",
    )


def test_a_file_cut_short(tmp_path):
    whole = typeset(REPORT, tmp_path / "whole.pdf").read_bytes()
    assert "damaged" in refusal(written(tmp_path / "a.pdf", whole[: len(whole) * 6 // 10]))


def test_a_file_of_2000_pages(tmp_path):
    with pikepdf.new() as pdf:
        for _ in range(2_000):
            pdf.add_blank_page(page_size=(200, 200))
        pdf.save(tmp_path / "a.pdf")
    assert refusal(tmp_path / "a.pdf") == "has 2,000 pages; the limit is 1,500"


def test_a_file_in_which_nothing_is_drawn_or_written(tmp_path):
    # One even grey picture: nothing on it could be recognised.
    assert refusal(image_only(tmp_path / "a.pdf")) == "has only empty pages"


def test_a_page_tree_that_holds_itself(tmp_path):
    assert "damaged" in refusal(page_tree_loop(tmp_path / "a.pdf"))


@pytest.mark.parametrize("times", [1, 2])
def test_a_part_that_inflates_without_bound(tmp_path, times):
    path = inflating(tmp_path / "a.pdf", mebibytes=200, times=times)
    assert refusal(path) == "has a part that grows to more than 128 MiB when unpacked"


def test_a_part_packed_many_times_over(tmp_path):
    path = inflating(tmp_path / "a.pdf", mebibytes=1, times=5)
    assert refusal(path) == "compresses one part 5 times over"


def test_forms_that_draw_forms_without_bound(tmp_path):
    path = forms_within_forms(tmp_path / "a.pdf", levels=12, each=10)
    assert refusal(path) == "draws forms within forms without bound"


def test_a_page_too_large(tmp_path):
    path = pdf_of([b""], tmp_path / "a.pdf", box=(0, 0, 2_000_000, 100))
    assert refusal(path) == "has a page (1) that is larger than 200 inches"


def test_active_content_is_a_warning(tmp_path):
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    path = pdf_of([b"".join(paragraph(60, 700, LEFT))], tmp_path / "a.pdf", OpenAction=action)
    report = read_isolated(path, "a.pdf", LIMITS)
    assert report.warnings == ("active content, which Waymark never runs: JavaScript",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "is an old or locked Office document"),
        (b"{\\rtf1 words}", "is an RTF document"),
        (b"\x1f\x8b\x08" + bytes(20), "is a compressed archive"),
        (b"MZ\x90\x00" + bytes(range(256)), UNKNOWN[0]),
        (b"%PDF-1.7\nno more than this", "is damaged or cut short"),
        (b"PK\x03\x04 no archive", "is damaged or locked"),
        (b" \n\t ", "has no text"),
    ],
)
def test_files_of_other_kinds(tmp_path, content, reason):
    assert refusal(written(tmp_path / "a.pdf", content)) == reason


def test_a_picture(tmp_path):
    assert refusal(png(tmp_path / "a.pdf")) == "is an image"


# ---- Word files ----


def test_an_archive_that_is_no_word_file(tmp_path):
    path = archive(tmp_path / "a.docx", {"a.txt": "words"})
    assert refusal(path) == "is a ZIP archive but not a Word document"


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"../up.xml": "<a/>"}, "has a part with a dangerous name"),
        ({"/etc/x.xml": "<a/>"}, "has a part with a dangerous name"),
        ({"word/big.xml": b" " * (3 * MIB)}, "is compressed far more than any real document"),
        ({f"word/{n}.xml": "<a/>" for n in range(2_000)}, "has 2,001 parts"),
        (
            {"word/x.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
            "has parts that are not sound XML",
        ),
    ],
)
def test_hostile_word_files(tmp_path, parts, reason):
    path = archive(tmp_path / "a.docx", {"word/document.xml": "<document/>", **parts})
    assert refusal(path) == reason


# ---- limits of the child ----


def slow(path, times=60_000):
    """Many words drawn over and over: sound, small when packed, and long to read."""
    content = b"".join(paragraph(60, 700, LEFT)) * times
    with pikepdf.new() as pdf:
        pdf_of([b""], path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Contents = pikepdf.Stream(pdf, zlib.compress(content))
        pdf.pages[0].Contents.Filter = pikepdf.Name.FlateDecode
        pdf.save(path)
    return path


def test_a_file_that_takes_too_long(tmp_path):
    path = slow(tmp_path / "a.pdf")
    assert refusal(path, ReadingLimits(wall_seconds=1)) == "took more than 1 seconds to read"


def test_a_file_that_takes_too_much_work(tmp_path):
    path = slow(tmp_path / "a.pdf")
    assert refusal(path, ReadingLimits(cpu_seconds=1)) == "took more than 1 seconds of work to read"


def test_a_file_that_takes_too_much_memory(tmp_path):
    path = slow(tmp_path / "a.pdf")
    message = refusal(path, ReadingLimits(memory=220 * MIB))
    needs = "needs more than 220 MiB of memory to read"
    assert message == f"{needs}, the limit that WAYMARK_PARSE_MEMORY_MIB sets"


@pytest.mark.parametrize("mebibytes", [60, 120, 150])
def test_a_sound_file_that_gets_too_little_memory_is_not_said_to_be_damaged(tmp_path, mebibytes):
    path = slow(tmp_path / "a.pdf", times=2_000)
    message = refusal(path, ReadingLimits(memory=mebibytes * MIB))
    assert message.startswith(f"needs more than {mebibytes} MiB of memory to read, the limit")


READ_IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from waymark.core.errors import FileRefused
from waymark.documents.isolation.parent import ReadingJob, read_isolated
from waymark.documents.reading.values import ReadingLimits
resource.setrlimit(resource.RLIMIT_AS, (1_000 << 20, 1_000 << 20))
path = Path(sys.argv[1])
print(len(read_isolated(path, "a.pdf", ReadingLimits()).text))
"""


def without_privileges(*command):
    """The command as an ordinary user runs it: root may go beyond what the machine allows."""
    dropped = ["setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource"]
    return [*(dropped if os.getuid() == 0 else []), *map(str, command)]


def test_a_machine_that_allows_less_memory_than_the_settings_is_obeyed(tmp_path):
    """An ordinary user cannot raise it: asking for more ended every reading as damaged."""
    path = typeset(REPORT, tmp_path / "a.pdf")
    command = without_privileges(sys.executable, "-c", READ_IN_LITTLE_MEMORY, path)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert int(done.stdout) > 1_000, done.stderr


def test_a_machine_that_allows_too_little_memory_is_named_and_not_the_file(tmp_path):
    path = slow(tmp_path / "a.pdf")
    limited = f"ulimit -v {400 * 1024}; exec {sys.executable} -m waymark text {path}"
    command = without_privileges("bash", "-c", limited)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "memory" in done.stderr
    assert "The file may be sound" in done.stderr


def test_a_reader_that_does_not_start_is_no_fault_of_the_file(tmp_path, monkeypatch):
    path = slow(tmp_path / "a.pdf")
    parent.close_readers()
    monkeypatch.setattr(parent.sys, "executable", "/bin/false")
    with pytest.raises(OSError, match="the reading process does not start") as caught:
        read_isolated(path, path.name, LIMITS)
    assert describe_error(caught.value).exit_code == 3


def children_of(pid):
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(number) for number in text.split()]


def test_a_reader_that_is_killed_from_outside_says_that_memory_may_be_full(tmp_path):
    """Linux kills so the one that needs the most, where memory is full."""
    parent.close_readers()  # those of earlier tests: the one below is then the only one
    path = slow(tmp_path / "a.pdf")
    read_isolated(typeset(REPORT, tmp_path / "b.pdf"), "b.pdf", LIMITS)
    (reader,) = parent._idle
    worker = reader._process.pid
    # In the sandbox the reading process is below two of bubblewrap's.
    while Path(f"/proc/{worker}/comm").read_text("ascii") == "bwrap\n":
        (worker,) = children_of(worker)

    def kill():
        while not (numbers := children_of(worker)):
            time.sleep(0.01)
        os.kill(numbers[0], signal.SIGKILL)

    killing = Thread(target=kill)
    killing.start()
    with pytest.raises(FileRefused, match="can happen when memory is full") as caught:
        read_isolated(path, path.name, LIMITS)
    killing.join()
    assert "damaged" not in str(caught.value)
    assert "The file may be sound" in caught.value.remedy


def test_a_file_larger_than_the_limit(tmp_path):
    path = written(tmp_path / "a.txt", b"words " * 400_000)
    assert refusal(path, ReadingLimits(file_size=MIB)) == "is 2 MiB; the limit is 1 MiB"


def test_one_bad_file_costs_only_itself(tmp_path):
    good = [typeset(f"Report number {n} about learning.", tmp_path / f"{n}.pdf") for n in range(4)]
    bad = [inflating(tmp_path / "bomb.pdf", mebibytes=200), written(tmp_path / "e.pdf", b"")]
    paths = [good[0], bad[0], good[1], bad[1], *good[2:]]
    results = {
        job.path: read
        for job, read in read_many(
            [ReadingJob(path, path.name) for path in paths], workers=2, limits=LIMITS
        )
    }
    assert {path for path, read in results.items() if isinstance(read, FileRefused)} == set(bad)
    assert results[good[3]].text == "Report number 3 about learning."


def test_a_page_that_is_not_there_cannot_be_drawn(tmp_path):
    path = word_file(tmp_path / "a.docx", "<w:p/>")
    with pytest.raises(FileRefused, match="has no page 1 that can be drawn"):
        draw_isolated(path, 1, 100, LIMITS)


def test_a_reading_process_that_was_killed_is_replaced_without_loss(tmp_path):
    path = typeset("A report about what was learned.", tmp_path / "a.pdf")
    read_isolated(path, "a.pdf", LIMITS)
    for reader in parent._idle:
        os.kill(reader._process.pid, signal.SIGKILL)
    assert read_isolated(path, "a.pdf", LIMITS).text == "A report about what was learned."


def test_the_reading_process_has_no_django(tmp_path):
    program = (
        "import sys, waymark.documents.isolation.worker;"
        "print(any('django' in name for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


# ---- files that contain more than anybody could read ----


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ReadingLimits(passages=3), "contains more than 3 passages"),
        (ReadingLimits(words=40), "contains more than 40 words"),
    ],
)
def test_a_file_with_more_than_the_limit_is_refused_before_it_comes_back(tmp_path, limits, reason):
    file = tmp_path / "long.txt"
    file.write_text("\n\n".join(f"Visit {n} was not written down at all." for n in range(8)))
    assert len(read_isolated(file, file.name, ReadingLimits()).passages) == 8
    with pytest.raises(FileRefused) as refused:
        read_isolated(file, file.name, limits)
    assert (refused.value.reason, refused.value.remedy) == (reason, "Split it into smaller files")


def test_a_file_with_hidden_text_in_more_places_than_the_limit_is_refused(tmp_path):
    file = tmp_path / "hides.html"
    hidden = "<p style='display:none'>A name</p><p>Seen words.</p>" * 4
    file.write_text(f"<html><body><p>Seen.</p>{hidden}</body></html>")
    assert read_isolated(file, file.name, ReadingLimits(hidden=4)).hidden
    with pytest.raises(FileRefused, match="more than 0 places with hidden text"):
        read_isolated(file, file.name, ReadingLimits(hidden=0))
