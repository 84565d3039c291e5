"""Values of form fields and notes typed on the page are read at their place, and marked."""

import io

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from tests.documents.making import LEFT, line, paragraph, pdf_of
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.isolation.render import page_as_image
from waymark.documents.reading.values import ReadingLimits, broken_laws

PROSE = b"".join(paragraph(60, 600, LEFT))
FORM = line(60, 700, "Name of the board") + line(60, 680, "Known to services")
VALUE = "Rowan Tree"
TYPED = "2 words come from form fields or notes typed on the page (page 1)"


def read(path):
    report = parsers.read_file(path, path.name, ReadingLimits())
    assert broken_laws(report) == []
    return report


def finds(report):
    return [(find.kind, find.text) for find in report.hidden]


def form(path, *widgets, content=FORM, **acroform):
    """A page with these annotations; those with a field type are the fields of its form."""
    pdf_of([content + PROSE], path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        made = [pdf.make_indirect(Dictionary({**widget})) for widget in widgets]
        pdf.pages[0].Annots = Array(made)
        fields = [item for item, widget in zip(made, widgets, strict=True) if "/FT" in widget]
        fonts = Dictionary(Helv=pdf.pages[0].Resources.Font["/F1"])
        values = {"Fields": Array(fields), "DR": Dictionary(Font=fonts), **acroform}
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary({f"/{k}": v for k, v in values.items()}))
        pdf.save(path)
    return path


def field(**parts):
    usual = {"Type": Name.Annot, "Subtype": Name.Widget, "FT": Name.Tx, "T": "f", "F": 4}
    place = {"Rect": [200, 696, 400, 712], "DA": "/Helv 10 Tf 0 g", "V": VALUE}
    return {f"/{key}": value for key, value in {**usual, **place, **parts}.items()}


@pytest.mark.parametrize("acroform", [{}, {"NeedAppearances": True}])
def test_the_value_of_a_field_is_read_beside_its_label(tmp_path, acroform):
    """Also where the file leaves the drawing of its fields to whoever opens it."""
    report = read(form(tmp_path / "a.pdf", field(), **acroform))
    assert "Name of the board" in report.text
    assert VALUE in report.text
    assert (finds(report), report.warnings) == ([], (TYPED,))
    (page,) = report.pages
    (word,) = [box for box in page.words if report.text[box.start : box.end] == "Rowan"]
    assert (200 <= word.x0 <= 206, 130 <= word.y0 <= 146) == (True, True)


def test_a_value_with_an_appearance_is_read_from_it(tmp_path):
    path = form(tmp_path / "a.pdf", field())
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        drawn = pdf.make_stream(b"/Tx BMC BT /F1 10 Tf 2 4 Td (Rowan Tree) Tj ET EMC")
        drawn.Type, drawn.Subtype, drawn.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 16])
        drawn.Resources = Dictionary(Font=pdf.pages[0].Resources.Font)
        pdf.pages[0].Annots[0].AP = Dictionary(N=drawn)
        pdf.save(path)
    report = read(path)
    assert (VALUE in report.text, report.warnings) == (True, (TYPED,))


def test_a_note_typed_on_the_page_is_read(tmp_path):
    note = {
        "/Type": Name.Annot,
        "/Subtype": Name.FreeText,
        "/Contents": VALUE,
        "/Rect": [200, 696, 400, 712],
        "/DA": "/Helv 10 Tf 0 g",
        "/F": 4,
    }
    report = read(form(tmp_path / "a.pdf", note))
    assert (VALUE in report.text, finds(report), report.warnings) == (True, [], (TYPED,))


@pytest.mark.parametrize(("flags", "name"), [(2, "hidden"), (4 + 32, "not on a screen")])
def test_a_value_that_is_not_shown_is_hidden_text(tmp_path, flags, name):
    report = read(form(tmp_path / "a.pdf", field(F=flags)))
    assert finds(report) == [("field", VALUE)], name
    assert VALUE not in report.text


def test_a_field_without_a_place_on_a_page_is_hidden_text(tmp_path):
    path = form(tmp_path / "a.pdf", field(V="board"))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        lone = pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("g"), V=String(VALUE)))
        pdf.Root.AcroForm.Fields.append(lone)
        pdf.save(path)
    assert finds(read(path)) == [("field", VALUE)]


def test_check_boxes_and_radio_buttons_are_read_as_their_state(tmp_path):
    def box(name, state, y):
        place = {"Rect": [40, y, 52, y + 12], "FT": Name.Btn, "T": name}
        return field(**place, V=Name(state), AS=Name(state))

    boxes = [box("a", "/Yes", 698), box("b", "/Off", 678)]
    text = read(form(tmp_path / "a.pdf", *boxes)).text
    assert "\u2612 Name of the board" in text
    assert "\u2610 Known to services" in text


def test_the_image_of_a_page_shows_the_values_that_were_read(tmp_path):
    def ink(path):
        image = Image.open(io.BytesIO(page_as_image(path, 1, 595))).convert("L")
        return int((np.asarray(image)[130:146, 200:300] < 128).sum())

    assert ink(form(tmp_path / "a.pdf", field(V=""))) == 0
    assert ink(form(tmp_path / "b.pdf", field())) > 20


def test_words_under_a_box_are_covered_on_a_page_with_fields_too(tmp_path):
    secret = line(60, 500, "Her name was secret") + b"0 g 55 495 200 16 re f "
    report = read(form(tmp_path / "a.pdf", field(), content=FORM + secret))
    assert finds(report) == [("covered", "Her name was secret")]
    assert VALUE in report.text


def test_a_mark_for_redaction_counts_on_a_page_with_fields_too(tmp_path):
    mark = {"/Type": Name.Annot, "/Subtype": Name.Redact, "/Rect": [55, 676, 300, 692], "/F": 4}
    report = read(form(tmp_path / "a.pdf", field(), mark))
    assert finds(report) == [("covered", "Known to services")]


def test_a_form_that_only_adobe_reader_shows_is_refused_with_what_to_do(tmp_path):
    path = form(tmp_path / "a.pdf", XFA=String("<xdp/>"))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.Root.NeedsRendering = True
        pdf.save(path)
    with pytest.raises(FileRefused) as caught:
        read(path)
    assert caught.value.reason == "is a form that only Adobe Reader shows (XFA)"
    assert "print it to PDF" in caught.value.remedy


def test_an_xfa_form_that_is_also_on_its_pages_is_a_warning(tmp_path):
    warnings = read(form(tmp_path / "a.pdf", field(), XFA=String("<xdp/>"))).warnings
    assert "it has an XFA form: compare its fields with what Adobe Reader shows" in warnings


@pytest.mark.parametrize("portfolio", [False, True])
def test_attached_files_are_counted_and_not_read(tmp_path, portfolio):
    path = pdf_of([FORM + PROSE], tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.attachments["minutes.txt"] = b"Minutes"
        pdf.attachments["plan.txt"] = b"Plan"
        if portfolio:
            pdf.Root.Collection = Dictionary(Type=Name.Collection)
        pdf.save(path)
    report = read(path)
    name = "the file is a portfolio: the" if portfolio else "the"
    warning = f"{name} files attached to it (2) are not read: upload them separately"
    assert warning in report.warnings
    assert sorted(finds(report)) == [("attachment", "minutes.txt"), ("attachment", "plan.txt")]
