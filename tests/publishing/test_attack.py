"""The independent attack: it clears what is protected, and finds what was doctored by hand."""

import io
import json
import zipfile
from datetime import date

import pytest

from tests.overview.rows import fixture_rows, framework, spec
from tests.publishing.small_release import EDITION, PROVENANCE
from waymark.core.errors import FileRefused, NotFound, RuleError
from waymark.overview.releases.release import make_release
from waymark.overview.spec.template import NewOverview, builtin_specs, new_specification
from waymark.publishing.attack.audit import attack_folders
from waymark.publishing.attack.read_web import read_json, read_svg
from waymark.publishing.attack.renderings import READERS, TIDY
from waymark.publishing.document.citations import ReportContent
from waymark.publishing.document.compose import compose_report
from waymark.publishing.document.report_plan import default_plan
from waymark.publishing.queries.export import FORMATS

AGES = """\
Age,Died,Did not die,All
Under 1,[c],[c],12
1 to 5,[c],[c],10
All children,10,12,22
"""
MARGINS = """\
Age,Died,Did not die,All
Under 1,[c],8,[c]
1 to 5,[c],6,[c]
All children,7,14,21
"""


def folder(path, **files):
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, "utf-8")
    return path


def intervals(audit):
    return {(one.row, one.column): (one.low, one.high) for one in audit.narrowed}


# ---- tables written by hand ----


@pytest.mark.parametrize("suffix", sorted({*READERS, *TIDY} - {".csv", ".html", ".md"}))
@pytest.mark.parametrize("content", [b"", b"[1", b"[1]", b"PK\3\4cut short", b"%PDF-1.7 cut"])
def test_a_damaged_file_is_named(suffix, content, tmp_path):
    (tmp_path / f"table{suffix}").write_bytes(content)
    with pytest.raises(FileRefused, match=f"^table{suffix}: is damaged"):
        attack_folders(tmp_path)


def test_margins_leave_each_withheld_cell_what_the_others_can_make_up_for(tmp_path):
    audit = attack_folders(folder(tmp_path, T1=AGES), threshold=5)
    assert intervals(audit) == {
        ("Under 1", "Died"): (0, 10),
        ("Under 1", "Did not die"): (2, 12),
        ("1 to 5", "Died"): (0, 10),
        ("1 to 5", "Did not die"): (0, 10),
    }
    assert [(one.row, one.column) for one in audit.exposed] == [("Under 1", "Did not die")]


def test_a_cell_that_is_large_in_any_case_is_not_exposed(tmp_path):
    audit = attack_folders(folder(tmp_path, T1=MARGINS), threshold=5)
    assert intervals(audit)["Under 1", "All"] == (8, 15)
    assert audit.is_safe


def test_a_withheld_margin_that_was_filled_in_gives_the_cells_away(tmp_path):
    doctored = MARGINS.replace("Under 1,[c],8,[c]", "Under 1,[c],8,11")
    audit = attack_folders(folder(tmp_path, T1=doctored), threshold=5)
    assert {(one.row, one.low, one.high) for one in audit.exposed} == {
        ("Under 1", 3, 3),
        ("1 to 5", 4, 4),
    }


def test_one_withheld_cell_alone_follows_from_the_total(tmp_path):
    audit = attack_folders(
        folder(tmp_path, T1="Cause,Reviews\nFire,[c]\nFall,6\nAll reviews,9\n"), threshold=5
    )
    assert intervals(audit) == {("Fire", "Reviews"): (3, 3)}


def test_a_subtotal_is_the_parts_above_it(tmp_path):
    deaths = "Fire,[c]\nFall,[c]\nAll reviews of a death,10\n"
    table = f"Cause,Reviews\n{deaths}Harm,[c]\nFlood,[c]\nAll reviews,24\n"
    audit = attack_folders(folder(tmp_path, T1=table), threshold=5)
    assert intervals(audit)["Fire", "Reviews"] == (0, 10)
    assert intervals(audit)["Harm", "Reviews"] == (0, 14)
    assert audit.is_safe


def test_without_a_threshold_anywhere_it_is_asked_for(tmp_path):
    with pytest.raises(RuleError, match="give --threshold"):
        attack_folders(folder(tmp_path, T1=AGES))


def test_a_total_that_its_parts_do_not_make_up_is_told(tmp_path):
    table = "Cause,Reviews\nFire,[c]\nFall,6\nHarm,[c]\nAll reviews,24\n"
    assert attack_folders(folder(tmp_path, T1=table), threshold=5).is_safe
    doctored = table.replace("Fall,6", "Fall,30")
    (leak,) = attack_folders(folder(tmp_path, T1=doctored), threshold=5).leaks
    assert (leak.where, leak.what) == ("T1 All reviews, Reviews", "its parts do not add up to it")


def test_a_folder_with_nothing_to_read_is_told(tmp_path):
    with pytest.raises(NotFound, match="no file of an overview"):
        attack_folders(tmp_path)


def test_one_count_in_two_tables_is_one_count(tmp_path):
    """The deaths withheld in one table stand as a total in the other."""
    first = json_table("T1", [("Death", "part", ["[c]"]), ("Harm", "part", ["[c]"])], ["Reviews"])
    second = json_table("T2", [("All", "total", ["4", "8", "12"])], ["Death", "No death", "All"])
    tmp_path.joinpath("overview.json").write_text(json.dumps({"tables": [first, second]}))
    audit = attack_folders(tmp_path)
    assert intervals(audit)["Death", "Reviews"] == (4, 4)
    assert [one.row for one in audit.exposed] == ["Death"]


def conditional(tmp_path, within, base="6 reviews read and coded where cause is fire"):
    """Cold homes in 9 of 12 reviews, and among the fires as a table of its own says."""
    causes = json_table("T1", [("Fire", "part", ["6"]), ("Fall", "part", ["6"])], ["Reviews"])
    every = json_table("T2", [("Cold home", "part", ["9"])], ["Recorded"])
    fires = json_table("T3", [("Cold home", "part", [within])], ["Recorded"]) | {"base": base}
    tmp_path.joinpath("overview.json").write_text(json.dumps({"tables": [causes, every, fires]}))
    return attack_folders(tmp_path, threshold=3)


def test_a_count_with_a_condition_less_the_same_without_tells_those_who_do_not_meet_it(tmp_path):
    (told,) = conditional(tmp_path, "8").exposed
    assert (told.table, told.row) == ("T3", "Cold home, without the condition")
    assert (told.low, told.high) == (1, 1)


def test_a_count_with_a_condition_and_the_same_without_are_no_one_count(tmp_path):
    assert conditional(tmp_path, "5").is_safe
    assert conditional(tmp_path, "6").is_safe


def test_what_is_withheld_under_a_condition_is_at_most_what_is_printed_without(tmp_path):
    """Of 9 at least 3 are fires, since there are 6 others."""
    audit = conditional(tmp_path, "[c]")
    assert intervals(audit)["Cold home", "Recorded"] == (3, 6)


def json_table(name, rows, columns):
    return {
        "id": name,
        "base": "12 reviews read and coded",
        "columns": [{"label": one} for one in columns],
        "rows": [
            {"label": label, "role": role, "cells": [{"shown": one} for one in cells]}
            for label, role, cells in rows
        ],
        "notes": ["Disclosure profile k5: a number of people or reviews under 5 is withheld"],
    }


def test_a_number_in_the_head_of_a_column_is_a_count(tmp_path):
    rows = [("Fire", "part", ["[c]"]), ("Fall", "part", ["[c]"]), ("All", "total", ["12"])]
    first = json_table("T1", rows, ["Reviews"])
    across = json_table("T2", [("Visits", "part", ["2"])], ["Fire (4)"])
    across["notes"] = ["Disclosure profile k5: these numbers are about the process of review"]
    tmp_path.joinpath("overview.json").write_text(json.dumps({"tables": [first, across]}))
    assert intervals(attack_folders(tmp_path))["Fire", "Reviews"] == (4, 4)


def test_a_number_in_the_head_of_two_kinds_together_is_their_sum(tmp_path):
    rows = [("Fire", "part", ["[c]"]), ("Fall", "part", ["[c]"]), ("Harm", "part", ["[c]"])]
    first = json_table("T1", [*rows, ("All", "total", ["12"])], ["Reviews"])
    across = json_table("T2", [("Visits", "part", ["2"])], ["Fire or Fall (9)"])
    across["notes"] = ["Disclosure profile k5: these numbers are about the process of review"]
    tmp_path.joinpath("overview.json").write_text(json.dumps({"tables": [first, across]}))
    found = attack_folders(tmp_path)
    assert intervals(found)["Harm", "Reviews"] == (3, 3)
    assert found.leaks == ()


def test_a_bar_at_a_withheld_number_is_found_and_its_hatching_is_not():
    drawn = '<svg><title>F</title>{0}<text x="9" y="23">[c]</text></svg>'
    hatched = '<rect x="0" y="6" width="36" height="24" fill="none"/>'
    bar = '<rect x="0" y="6" width="80" height="24" fill="#2a7f79"/>'
    assert not read_svg("F.svg", drawn.format(hatched).encode()).leaks
    assert read_svg("F.svg", drawn.format(bar).encode()).leaks


@pytest.mark.parametrize(
    ("note", "leaks"),
    [
        ("Disclosure profile open: no figures are withheld.", 0),
        ("Disclosure profile open: every number is shown as counted.", 0),
        ("Disclosure profile k3: a number of people or reviews under 3 is withheld", 1),
    ],
)
def test_decimals_say_more_only_where_something_is_withheld(note, leaks):
    """The second note is that of editions of earlier versions."""
    one = json_table("T1", [("Death", "part", ["4"])], ["Reviews"]) | {"notes": [note]}
    one["rows"][0]["cells"][0]["value"] = 4.25
    content = json.dumps({"tables": [one]}).encode()
    assert len(read_json("overview.json", content).leaks) == leaks


# ---- the default overview ----


CHAPTERS = {
    "introduction": "### Who\n\nOf {T3/all/n} reviews {T3/deaths/n} followed a death, as {see T3}"
    " tells. Services such as probation {see T7} knew some families.\n\n- 24 reviews\n\n> Said.",
    "key-themes:prac.communication": "Found in {T10/prac.communication/n}.",
    "glossary": "- **Probation**: a service for adults.",
}


def rendered(profile, path):
    release = make_release(
        fixture_rows(), spec(), framework(), profile=profile, provenance=PROVENANCE
    )
    made = compose_report(release, ReportContent(default_plan(), CHAPTERS), EDITION).document
    path.mkdir()
    for maker in FORMATS.values():
        for name, content in maker(release, made):
            (path / name).write_bytes(content)
    return path


@pytest.fixture(scope="module")
def at_5(tmp_path_factory):
    """The files of the default overview under k5, by name."""
    path = rendered("k5", tmp_path_factory.mktemp("k5") / "files")
    return {file.name: file.read_bytes() for file in path.iterdir()}


@pytest.fixture
def doctored(at_5, tmp_path):
    """Write the files of k5 with one text replaced in one of them; the audit of that."""

    def write(name, old, new):
        for file, content in at_5.items():
            (tmp_path / file).write_bytes(content)
        changed = changed_file(at_5[name], old.encode(), new.encode())
        assert changed != at_5[name]
        (tmp_path / name).write_bytes(changed)
        return attack_folders(tmp_path)

    return write


def changed_file(content, old, new):
    if not content.startswith(b"PK"):
        return content.replace(old, new, 1)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new, 1))
    return out.getvalue()


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_nothing_of_the_default_overview_is_exposed(profile, tmp_path):
    # Only who knows the numbers can tell a small one withheld from a large one withheld beside it.
    counted = rendered("open", tmp_path / "counted")
    audit = attack_folders(rendered(profile, tmp_path / "files"), counted=counted)
    assert (audit.profile, audit.k) == (profile, int(profile[1]))
    assert audit.leaks == ()
    assert audit.exposed == ()
    assert {name.rpartition(".")[2] for name in audit.files} == {
        *("csv", "docx", "html", "json", "ods", "pdf", "svg", "xlsx", "zip")
    }


def test_the_attack_comes_to_the_intervals_of_the_specification(at_5, tmp_path):
    for name, content in at_5.items():
        (tmp_path / name).write_bytes(content)
    found = intervals(attack_folders(tmp_path))
    assert found["Physical or sexual assault", "Reviews"] == (0, 10)
    assert found["Sudden unexpected infant death", "Reviews"] == (0, 10)
    assert found["Probation", "Reviews"] == (0, 24)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("T3.csv", "assault,[c],[c]", "assault,4,[c]", "where overview.json has [c]"),
        ("T3.csv", "assault,[c],[c]", "assault,[c],17", "a percentage is printed beside"),
        ("overview.json", '"value": null', '"value": 4', "a withheld cell contains value"),
        ("overview.json", "Numbers in Table 3", "Physical or sexual assault: 4", "says 4 where"),
        ("F3.svg", "Numbers in Table 3", "Physical or sexual assault: 4", "says 4 where"),
        ("F3.svg", 'fill="none"', 'fill="#2a7f79"', "a drawn mark"),
        ("F3.svg", 'width="36"', 'width="40"', "different sizes"),
        ("overview.html", "<main>", "<main><!-- assault 4 -->", "a comment in the source"),
        ("overview.html", "<main>", '<main><p hidden="">4</p>', "present but not shown"),
        ("overview.docx", "Numbers in Table 3", "Physical or sexual assault: 4", "says 4 where"),
        ("overview.docx", "<w:t>[c]</w:t>", "<w:t>4</w:t>", "where overview.json has [c]"),
        ("overview.xlsx", 'name="Notes" sheetId', 'name="Notes" state="hidden" sheetId', "hidden"),
        ("overview.xlsx", "<dc:subject>", "<dc:subject>Probation: 4 ", "says 4 where"),
        ("overview.ods", "<text:p>[c]</text:p>", "<text:p>4</text:p>", "has [c]"),
        ("overview.ods", "<dc:subject>", "<dc:subject>Probation: 4 ", "says 4 where"),
    ],
)
def test_what_was_doctored_by_hand_is_found(doctored, file, old, new, says):
    audit = doctored(file, old, new)
    assert not audit.is_safe
    assert any(says in leak.what and leak.file in {file, ""} for leak in audit.leaks)


def test_a_percentage_that_was_left_gives_two_counts_away(doctored):
    audit = doctored("T3.csv", "assault,[c],[c]", "assault,[c],17")
    assert intervals(audit)["Physical or sexual assault", "Reviews"] == (4, 4)
    assert intervals(audit)["Sudden unexpected infant death", "Reviews"] == (6, 6)
    assert [one.row for one in audit.exposed] == ["Physical or sexual assault"]


def test_a_pdf_that_prints_a_withheld_number_is_found(at_5, tmp_path):
    from waymark.publishing.formats.pdf import render_pdf

    release = make_release(
        fixture_rows(), spec(), framework(), profile="open", provenance=PROVENANCE
    )
    for name, content in at_5.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "overview.pdf").write_bytes(
        render_pdf(
            compose_report(release, ReportContent(default_plan(), CHAPTERS), EDITION).document
        )
    )
    said = {leak.what for leak in attack_folders(tmp_path).leaks if leak.file == "overview.pdf"}
    assert "says 4 where the table withholds the number" in said


# ---- theme studies ----


@pytest.mark.parametrize("profile", ["k3", "r5"])
def test_a_theme_study_in_all_its_files_withstands_the_attack(profile, tmp_path):
    """Reviews with the theme, without it and all, in tables of all kinds, protected together."""
    new = NewOverview("study", "A theme", select={"collection": "demo"})
    source = new_specification(builtin_specs()["theme-study"], new, today=date(2026, 1, 12))
    study = spec(source)
    release = make_release(
        fixture_rows(source), study, framework(), profile=profile, provenance=PROVENANCE
    )
    content = ReportContent(default_plan(), {})
    document = compose_report(release, content, EDITION).document
    for name in ("csv", "json", "xlsx", "html"):
        for file, written in FORMATS[name](release, document):
            (tmp_path / file).write_bytes(written)
    audit = attack_folders(tmp_path)
    assert audit.is_safe, audit
    assert audit.k == int(profile[1:])
