"""Projects and codebooks of other programs are read in a limited process, or refused."""

import io
import zipfile
from hashlib import sha256

import pytest

from tests.coding.refi_projects import ATLAS_26, QUALCODER, Project
from waymark.core.errors import FileRefused
from waymark.documents.isolation.parent import read_qda_isolated
from waymark.documents.parsers.qda import read_qda_file
from waymark.documents.reading.values import MIB, ReadingLimits

HEAD = b'<?xml version="1.0" encoding="utf-8"?>'
EMPTY = HEAD + b'<Project xmlns="urn:QDA-XML:project:1.0" name="x"/>'


def package(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def read(content: bytes, folder, name="study.qdpx"):
    path = folder / name
    path.write_bytes(content)
    return read_qda_file(path, name, ReadingLimits())


def refusal(content: bytes, folder, name="study.qdpx") -> str:
    with pytest.raises(FileRefused) as error:
        read(content, folder, name)
    return error.value.reason


def source(path: str) -> bytes:
    return (
        HEAD
        + (
            '<Project xmlns="urn:QDA-XML:project:1.0" name="x"><Sources><TextSource'
            ' guid="5A3D6F6E-0C86-5F0B-9C0B-6F1F6F7C2A11" name="s"'
            f' plainTextPath="{path}"/></Sources></Project>'
        ).encode()
    )


def test_the_texts_of_all_sources_together_have_a_limit(tmp_path):
    """A small file can name the same text again and again."""
    one = source("internal://a.txt").partition(b"<TextSource")
    element, end = one[2].split(b"</Sources>")
    many = one[0] + (b"<TextSource" + element) * 3 + b"</Sources>" + end
    path = tmp_path / "study.qdpx"
    path.write_bytes(package({"project.qde": many, "sources/a.txt": b"x" * MIB}))
    assert len(read_qda_file(path, path.name, ReadingLimits(answer=3 * MIB)).sources) == 3
    with pytest.raises(FileRefused, match="contains more than 2 MiB of text"):
        read_qda_file(path, path.name, ReadingLimits(answer=2 * MIB))


def entity(content: str) -> bytes:
    return (
        HEAD
        + (
            f"<!DOCTYPE Project [{content}]>"
            '<Project xmlns="urn:QDA-XML:project:1.0" name="x">'
            "<Description>&a;</Description></Project>"
        ).encode()
    )


LAUGHS = "".join(
    f'<!ENTITY {b} "{"&" + a + ";" * 1}{("&" + a + ";") * 9}">' for a, b in ("zy", "yx")
)
DEEP = b"<Code guid='x' name='x' isCodable='true'>"


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"project.qde": entity('<!ENTITY a SYSTEM "file:///etc/passwd">')}, "not sound XML"),
        ({"project.qde": entity('<!ENTITY z "haha">' + LAUGHS + '<!ENTITY a "&x;">')}, "not sound"),
        ({"project.qde": entity('<!ENTITY a "x">').decode().encode("utf-16")}, "not sound XML"),
        ({"project.qde": EMPTY, "../../evil.txt": b"x"}, "dangerous name"),
        ({"project.qde": EMPTY, "C:/evil.txt": b"x"}, "dangerous name"),
        ({"project.qde": EMPTY, "sources/a.txt": bytes(40 << 20)}, "compressed far more"),
        ({"project.qde": HEAD + b"<Project>" + DEEP * 300}, "nested too deep"),
        ({"project.qde": b"<Project"}, "not sound XML"),
        ({"project.qde": b""}, "not sound XML"),
        ({"project.qde": b"<svg/>"}, "not a REFI-QDA project"),
        ({"a.qde": EMPTY, "b.qde": EMPTY}, "2 project descriptions"),
        ({"readme.txt": b"x"}, "0 project descriptions"),
    ],
)
def test_a_hostile_or_damaged_package_is_refused(entries, says, tmp_path):
    assert says in refusal(package(entries), tmp_path)


def test_a_package_of_too_many_entries_is_refused(tmp_path):
    entries = {f"sources/{number}.txt": b"" for number in range(20_001)}
    assert "20,002 parts" in refusal(package({"project.qde": EMPTY} | entries), tmp_path)


def test_a_description_of_too_many_elements_is_refused(tmp_path):
    codes = b"<Code/>" * 500_001
    xml = HEAD + b'<Project xmlns="urn:QDA-XML:project:1.0"><CodeBook>' + codes
    # Not compressed, so that its ratio is no reason.
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("project.qde", xml + b"</CodeBook></Project>")
    assert "more than 500,000 elements" in refusal(out.getvalue(), tmp_path)


def test_a_truncated_package_is_refused(tmp_path):
    whole = package({"project.qde": EMPTY})
    assert "damaged" in refusal(whole[: len(whole) // 2], tmp_path)


@pytest.mark.parametrize(
    "path", ["absolute:///etc/passwd", "relative://../secret.txt", "internal://../../etc/passwd"]
)
def test_no_path_of_a_description_is_opened_on_the_computer(path, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (row,) = read(package({"project.qde": source(path)}), tmp_path).sources
    assert (row.text, row.problem) == (None, "its text file is not in the package")


def test_a_source_is_found_whatever_the_case_of_its_folder_and_name(tmp_path):
    entries = {"project.qde": source("internal://ABC.txt"), "Sources/abc.TXT": b"words"}
    (row,) = read(package(entries), tmp_path).sources
    assert row.text.content == "words"
    assert row.hashes == (sha256(b"words").hexdigest(),)


@pytest.mark.parametrize(
    ("content", "text", "problem"),
    [
        ("\ufeffMärz 😀".encode("utf-16-le"), "März 😀", ""),
        ("\ufeffMärz".encode("utf-16-be"), "März", ""),
        (b"\xef\xbb\xbfM\xc3\xa4rz", "März", ""),
        ("März".encode("latin-1"), None, "its text is not UTF-8"),
        (b"\xff\xfe\x00", None, "its text is not UTF-16-LE, as its mark says"),
    ],
)
def test_a_text_is_decoded_as_its_mark_says(content, text, problem, tmp_path):
    entries = {"project.qde": source("internal://a.txt"), "sources/a.txt": content}
    (row,) = read(package(entries), tmp_path).sources
    assert (row.text.content if row.text else None, row.problem) == (text, problem)


def test_where_a_description_breaks_the_schema_is_reported_and_the_rest_is_read(tmp_path):
    xml = EMPTY.replace(b"/>", b"><Users><User guid='no' name='Anna'/></Users></Project>")
    project = read(package({"project.qde": xml}), tmp_path)
    assert [user.name for user in project.users] == ["Anna"]
    assert any("guid" in fault and "'no'" in fault for fault in project.faults)


def test_the_description_of_atlas_ti_26_is_found_by_its_ending(tmp_path):
    project = Project(ATLAS_26)
    project.add_text("visit", "Nobody asked.", [(0, 6, "Seen")])
    assert read(project.package(), tmp_path).entry == "My study.qde"


def test_a_codebook_is_read_with_its_tree(tmp_path):
    content = (
        HEAD
        + (
            '<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.5"><Codes>'
            '<Code guid="5A3D6F6E-0C86-5F0B-9C0B-6F1F6F7C2A11" name="Éveil" isCodable="false">'
            "<Description>À côté</Description>"
            '<Code guid="{5a3d6f6e-0c86-5f0b-9c0b-6f1f6f7c2a12}" name="Nest" isCodable="true"/>'
            "</Code></Codes></CodeBook>"
        ).encode()
    )
    project = read(content, tmp_path, "codes.qdc")
    assert (project.kind, project.faults) == ("codebook", ())
    top, under = project.codes
    assert (top.name, top.description, top.is_codable) == ("Éveil", "À côté", False)
    assert (under.guid, under.parent) == ("5A3D6F6E-0C86-5F0B-9C0B-6F1F6F7C2A12", top.guid)


def test_a_project_is_read_in_a_child_which_a_hostile_one_cannot_leave(tmp_path):
    project = Project(QUALCODER)
    project.add_text("visit", "Nobody asked 😀.", [(0, 6, "Seen")])
    path = tmp_path / "study.qdpx"
    path.write_bytes(project.package())
    assert read_qda_isolated(path, path.name, ReadingLimits()) == read_qda_file(
        path, path.name, ReadingLimits()
    )
    path.write_bytes(package({"project.qde": EMPTY, "sources/a.txt": bytes(40 << 20)}))
    with pytest.raises(FileRefused, match="compressed far more"):
        read_qda_isolated(path, path.name, ReadingLimits())
