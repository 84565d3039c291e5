"""Character encodings: what a person names, what the file names, and what can be guessed."""

import json

import pytest
from click.testing import CliRunner

from waymark.cli import main
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.isolation.parent import ReadingJob, read_job
from waymark.documents.reading.values import ReadingLimits

LIMITS = ReadingLimits()
ENGLISH = "The child\u2019s mother said \u201cno\u201d. Caf\xe9 \xa35 \u2013 na\xefve."
POLISH = "\u0141\xf3d\u017a i \u015awi\u0119tokrzyskie, dziecko \u017cy\u0142o"
ASSUMED = "the file does not name its character encoding; {} was assumed"


def read(folder, content, name="report.txt", encoding=""):
    (folder / name).write_bytes(content)
    return parsers.read_file(folder / name, name, LIMITS, encoding)


@pytest.mark.parametrize(
    ("words", "encoding", "name"),
    [
        (ENGLISH, "cp1252", "Windows-1252"),
        (ENGLISH, "mac_roman", "Mac Roman"),
        (ENGLISH, "utf-16-le", "UTF-16"),
        (ENGLISH, "utf-16-be", "UTF-16"),
        (POLISH, "iso8859_2", "ISO-8859-2 (Latin-2)"),
        (POLISH, "cp1250", "Windows-1250"),
        ("\u5b50\u3069\u3082\u306e\u5b89\u5168", "cp932", "Shift_JIS"),
        ("Se\xe1n \xd3 Briain, An Gharda\xed", "cp1252", "Windows-1252"),
        ("Zo\xeb\u2019s school", "mac_roman", "Mac Roman"),
    ],
)
def test_the_encoding_of_a_text_is_found_by_its_letters(tmp_path, words, encoding, name):
    report = read(tmp_path, words.encode(encoding))
    assert (report.text, report.warnings) == (words, (ASSUMED.format(name),))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_in_unicode_needs_no_guess(tmp_path, encoding):
    report = read(tmp_path, ENGLISH.encode(encoding))
    assert (report.text, report.warnings) == (ENGLISH, ())


def test_a_guess_that_is_not_certain_says_so(tmp_path):
    report = read(tmp_path, b"x\xa4y \xb6z 3\xb1d")
    assert report.warnings[0].endswith("or name the encoding")


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("\u0420\u0435\u0431\u0451\u043d\u043e\u043a \u0442\u0430\u043c", "cp1251"),
        ("The aunt is called \u0414\u0430\u0440\u044c\u044f here.", "cp1251"),
        ("The aunt is called \u0414\u0430\u0440\u044c\u044f here.", "koi8-r"),
        ("\u0422\u043e \u0431\u044b\u043b \u043e\u043d", "mac-cyrillic"),
        ("\u03a4\u03bf \u03c0\u03b1\u03b9\u03b4\u03af \u03b6\u03bf\u03cd\u03c3\u03b5", "cp1253"),
        ("\u05d4\u05d9\u05dc\u05d3 \u05d2\u05e8 \u05e2\u05dd", "cp1255"),
    ],
)  # fmt: skip
def test_a_text_that_may_be_in_another_alphabet_says_so(tmp_path, words, encoding):
    report = read(tmp_path, words.encode(encoding))
    assert "another alphabet, such as Cyrillic or Greek" in report.warnings[0]
    assert report.warnings[0].endswith("or name the encoding")
    assert read(tmp_path, words.encode(encoding), encoding=encoding).text == words


def test_a_few_foreign_bytes_do_not_spoil_the_rest(tmp_path):
    words = "caf\xe9 " * 12
    report = read(tmp_path, words.encode() + b"the child\x92s file")
    assert report.text == f"{words}the child\u2019s file"
    assert report.warnings == (
        "1 byte is not UTF-8, unlike the rest; Windows-1252 was assumed for them",
    )


def test_a_person_can_name_the_encoding(tmp_path):
    # Without the name, this would be Windows-1252: there are only letters of Western Europe.
    content = "\u0174yn a th\u0177".encode("iso8859-14")
    assert read(tmp_path, content, encoding="iso-8859-14").text == "\u0174yn a th\u0177"
    assert read(tmp_path, content, encoding="iso-8859-14").warnings == ()


def test_a_file_that_is_not_in_the_encoding_that_a_person_names_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="is not in the encoding utf-8") as caught:
        read(tmp_path, ENGLISH.encode("cp1252"), encoding="utf-8")
    assert caught.value.remedy.startswith("Name another encoding, or none")


def test_the_encoding_that_a_person_names_reaches_the_child(tmp_path):
    (tmp_path / "a.txt").write_bytes("\u0174yn".encode("iso8859-14"))
    assert (
        read_job(ReadingJob(tmp_path / "a.txt", "a.txt", "iso-8859-14"), LIMITS).text == "\u0174yn"
    )


def page(content_type, words=ENGLISH):
    return f"<html><head>{content_type}<title>T</title></head><body><p>{words}</p></body></html>"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">', "cp1252"),
        ("<meta charset=latin1>", "cp1252"),
        ('<meta charset="windows-1252">', "cp1252"),
        ("<meta charset='macintosh'>", "mac_roman"),
        (f"<!-- {5_000 * 'x'} --><meta charset=windows-1252>", "cp1252"),
        ("<!-- <meta charset=iso-8859-2> --><meta charset=windows-1252>", "cp1252"),
        ("<meta charset=utf-16>", "utf-8"),
    ],
)
def test_a_page_is_read_in_the_encoding_it_names_as_browsers_read_it(tmp_path, head, encoding):
    report = read(tmp_path, page(head).encode(encoding), "page.html")
    assert (report.text, report.warnings) == (ENGLISH, ())


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Shift_JIS", "\u5b50\u3069\u3082\u306e\u5b89\u5168"),
        ("windows-1251", "\u041f\u0440\u0438\u0432\u0435\u0442"),
        ("iso-8859-2", POLISH),
        ("iso-2022-jp", "\u5b50\u3069\u3082\u306e\u5b89\u5168"),
        ("utf-16-be", ENGLISH),
    ],
)
def test_pages_in_other_alphabets_are_read(tmp_path, label, words):
    content = page(f"<meta charset={label}>", words).encode(label)
    assert read(tmp_path, content, "page.html").text == words


def test_the_encoding_of_an_xml_declaration_counts(tmp_path):
    content = f'<?xml version="1.0" encoding="iso-8859-1"?>{page("")}'.encode("cp1252")
    assert read(tmp_path, content, "page.xhtml").text == ENGLISH


def test_the_command_takes_the_name_of_an_encoding(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes("\u0174yn".encode("iso8859-14"))
    arguments = ["text", str(file), "--json", "--encoding", "iso-8859-14"]
    printed = CliRunner().invoke(main, arguments)
    assert json.loads(printed.stdout)["text"] == "\u0174yn"
    wrong = CliRunner().invoke(main, ["text", str(file), "--encoding", "base64"])
    assert wrong.exit_code == 2
    assert "base64 is not a known character encoding" in wrong.stderr
