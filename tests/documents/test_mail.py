"""Emails and saved web pages: whose words are read, and what is left out."""

from email.message import EmailMessage

import pytest

from tests.documents.test_formats import rows
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.parsers.html import CUT_SHORT
from waymark.documents.reading.values import ReadingLimits, broken_laws

LIMITS = ReadingLimits()
LEFT_OUT = "it is an email: the names in its headers were left out, and are still in the file"
HEADERS = "hidden text left out: properties of the file, 3 places"


def read(folder, content, name="report.eml"):
    path = folder / name
    path.write_bytes(bytes(content))
    report = parsers.read_file(path, name, LIMITS)
    assert broken_laws(report) == []
    return report


def message(words="The panel met.\n\nNobody asked why.", **headers):
    mail = EmailMessage()
    mail["From"], mail["To"] = "Robin Example <a@example.org>", "b@example.org"
    mail["Subject"] = headers.get("subject", "Robin Example, final")
    if words:
        mail.set_content(words)
    return mail


def test_the_words_of_an_email_are_read_and_its_names_are_not(tmp_path):
    report = read(tmp_path, message())
    assert report.text == "The panel met.\nNobody asked why."
    assert report.warnings == (LEFT_OUT, HEADERS)
    assert (report.media_type, report.title) == ("message/rfc822", "The panel met.")


@pytest.mark.parametrize("sent", [b"To: b@example.org\n", b""], ids=["email", "web archive"])
def test_a_file_without_the_end_of_its_last_part_has_a_warning(tmp_path, sent):
    head = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n" + sent
    part = b"\n--B\nContent-Type: text/html\n\n<p>The panel met.</p>\n"
    report = read(tmp_path, head + part)
    assert (report.text, report.warnings[0]) == ("The panel met.", CUT_SHORT)
    assert CUT_SHORT not in read(tmp_path, head + part + b"--B--\n").warnings


def test_a_name_in_an_encoding_that_is_not_known_is_listed_as_it_is(tmp_path):
    attached = b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nThe panel met.\n--B\n"
    name = b'Content-Disposition: attachment; filename="=?\xff\xfe-8?q?a?="\n\nx\n--B--\n'
    assert read(tmp_path, b"MIME-Version: 1.0\n" + attached + name).text == "The panel met."


def test_a_subject_is_the_title_where_the_words_of_the_message_show_it(tmp_path):
    report = read(tmp_path, message("Review of Child Ash\n\nThe panel met.", subject="Child Ash"))
    assert report.title == "Child Ash"


def test_the_version_in_html_gives_headings_and_is_checked_for_hidden_words(tmp_path):
    mail = message()
    mail.add_alternative("<h1>Findings</h1><p>The panel met.</p><p hidden>Unseen</p>", "html")
    report = read(tmp_path, mail)
    assert rows(report) == [
        ("heading", "", "Findings"),
        ("paragraph", "Findings", "The panel met."),
    ]
    assert [find.text for find in report.hidden if find.kind != "metadata"] == ["Unseen"]


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_words_are_decoded_however_they_were_sent(tmp_path, encoding, charset):
    mail = EmailMessage()
    mail["From"] = "a@example.org"
    mail.set_content("The child\u2019s caf\xe9.", charset=charset, cte=encoding)
    assert read(tmp_path, mail).text == "The child\u2019s caf\xe9."


def test_attachments_are_listed_and_not_read(tmp_path):
    mail = message()
    mail.add_attachment(b"%PDF-1.7", "application", "pdf", filename="Caf\xe9 report.pdf")
    mail.add_attachment("The same in text.", filename="notes.txt")
    mail.add_attachment(message("Another."))
    report = read(tmp_path, mail)
    assert report.text == "The panel met.\nNobody asked why."
    listed = "Caf\xe9 report.pdf, notes.txt, another email"
    remedy = "upload each report as a file of its own"
    not_read = f"3 attachments not read ({listed}): {remedy}"
    assert report.warnings == (LEFT_OUT, not_read, HEADERS)


def test_an_email_that_only_brings_a_report_is_refused_with_its_name(tmp_path):
    mail = message("")
    mail.add_attachment(b"%PDF-1.7", "application", "pdf", filename="report.pdf")
    with pytest.raises(FileRefused) as caught:
        read(tmp_path, mail)
    assert caught.value.reason.startswith("is an email without words of its own")
    assert caught.value.remedy == "Save the attachments and upload each report as a file of its own"


@pytest.mark.parametrize("name", ["mail.eml", "mail.pdf", "mail.txt", "mail"])
def test_an_email_is_known_by_its_content(tmp_path, name):
    assert read(tmp_path, message(), name).text == "The panel met.\nNobody asked why."


def test_a_memo_is_no_email(tmp_path):
    memo = b"From: the chair\nTo: the board\nSubject: the review\n\nThe panel met in May."
    assert read(tmp_path, memo, "memo.txt").media_type == "text/plain"
    assert "the chair" not in read(tmp_path, memo, "memo.eml").text


SAVED = (
    b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="B"; type="text/html"\r\n\r\n'
    b'--B\r\nContent-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: '
    b"quoted-printable\r\nContent-Location: http://x/\r\n\r\n<html><body><h1>Review</h1><p>The "
    b"child=E2=80=99s needs were =\r\nnot met.</p></body></html>\r\n--B\r\nContent-Type: "
    b"image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0=\r\n--B--\r\n"
)


@pytest.mark.parametrize("name", ["page.mht", "page.html", "page"])
def test_a_saved_web_page_is_read_as_the_page(tmp_path, name):
    report = read(tmp_path, SAVED, name)
    assert rows(report) == [
        ("heading", "", "Review"),
        ("paragraph", "", "The child\u2019s needs were not met."),
    ]
    assert LEFT_OUT not in report.warnings


def test_the_name_of_a_saved_web_page_that_says_otherwise_is_told(tmp_path):
    assert read(tmp_path, SAVED, "page.html").warnings == (
        "the file is a saved web page (MHTML), although its name ends in .html",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"MIME-Version: 1.0\n" + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 600,
        b"MIME-Version: 1.0\n" + b"Content-Type: message/rfc822\n\n" * 600,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(100)
        ),
    ],
)
def test_an_email_nested_without_bound_is_refused(tmp_path, content):
    with pytest.raises(FileRefused, match="parts"):
        read(tmp_path, content)


def test_a_mailbox_is_refused(tmp_path):
    mailbox = b"From a@example.org Mon Jan  1 10:00:00 2001\nSubject: one\n\nWords.\n"
    with pytest.raises(FileRefused, match="is a mailbox"):
        read(tmp_path, mailbox)
