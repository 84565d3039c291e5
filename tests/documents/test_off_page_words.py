"""Words of a PDF outside the content of its pages: found where the pages do not show them too."""

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, OutlineItem, String

from tests.documents.making import LEFT, line, paragraph, pdf_of
from waymark.documents import parsers
from waymark.documents.reading.values import ReadingLimits, broken_laws

HEADING = "Findings of the panel"
PAGE = b"".join([line(60, 760, HEADING, size=14), *paragraph(60, 700, LEFT)])
NAME = "Rowan Tree"


def read(path):
    report = parsers.read_file(path, path.name, ReadingLimits())
    assert broken_laws(report) == []
    return report


def finds(report):
    return [(find.kind, find.text) for find in report.hidden]


def reading_of(tmp_path, change, pages=(PAGE,)):
    path = pdf_of(pages, tmp_path / "report.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(path)
    return read(path)


# ---- ways of leaving words in a file ----


def author(pdf, text):
    pdf.docinfo["/Author"] = text


def title(pdf, text):
    pdf.docinfo["/Title"] = f"Microsoft Word - {text}.docx"


def keywords_of_the_company(pdf, text):
    pdf.docinfo["/Company"] = text


def xmp(pdf, text):
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:creator"] = [text]


def bookmark(pdf, text):
    with pdf.open_outline() as outline:
        outline.root.append(OutlineItem(f"{HEADING}: {text}", 0))


def name_of_a_place(pdf, text):
    place = Array([pdf.pages[0].obj, Name.Fit])
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String(text), place])))


def old_name_of_a_place(pdf, text):
    place = Array([pdf.pages[0].obj, Name.Fit])
    pdf.Root.Dests = Dictionary({f"/{text}": place})


def label_of_a_page(pdf, text):
    label = Dictionary(P=String(text), S=Name.D)
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, label]))


def structure(key):
    def add(pdf, text):
        element = Dictionary({"/Type": Name.StructElem, "/S": Name.Figure, f"/{key}": text})
        tree = Dictionary(Type=Name.StructTreeRoot, K=Array([pdf.make_indirect(element)]))
        pdf.Root.StructTreeRoot = pdf.make_indirect(tree)

    return add


def note(**parts):
    def add(pdf, text):
        parts_here = {f"/{key}": value or text for key, value in parts.items()}
        annotation = Dictionary(Type=Name.Annot, Rect=[60, 640, 80, 660])
        for key, value in {"/Subtype": Name.Text, **parts_here}.items():
            annotation[key] = value
        pdf.pages[0].Annots = Array([pdf.make_indirect(annotation)])

    return add


def note_in_a_list_of_its_own(pdf, text):
    annotation = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[60, 640, 80, 660])
    annotation.Contents = String(text)
    pdf.pages[0].Annots = pdf.make_indirect(Array([annotation]))


def attachment(pdf, text):
    pdf.attachments[f"{text}.txt"] = b"Words of another file"


def field(**parts):
    def add(pdf, text):
        values = {f"/{key}": value or text for key, value in parts.items()}
        widget = pdf.make_indirect(
            Dictionary({"/FT": Name.Tx, "/T": String("f"), "/Rect": [60, 500, 300, 520], **values})
        )
        widget.Type, widget.Subtype = Name.Annot, Name.Widget
        pdf.pages[0].Annots = Array([widget])
        pdf.Root.AcroForm = Dictionary(Fields=Array([widget]))

    return add


def object_without_use(pdf, text):
    """As a bookmark that was deleted, but is still in the file."""
    pdf.Root.PieceInfo = pdf.make_indirect(Dictionary(Title=String(text), Next=Dictionary()))


WAYS = {
    "author": (author, "metadata"),
    "title": (title, "metadata"),
    "company": (keywords_of_the_company, "metadata"),
    "xmp": (xmp, "metadata"),
    "bookmark": (bookmark, "bookmark"),
    "name of a place": (name_of_a_place, "bookmark"),
    "old name of a place": (old_name_of_a_place, "bookmark"),
    "label of a page": (label_of_a_page, "bookmark"),
    "actual text": (structure("ActualText"), "alternate"),
    "alternative text": (structure("Alt"), "alternate"),
    "expansion": (structure("E"), "alternate"),
    "description of a link": (note(Subtype=Name.Link, Contents=None), "alternate"),
    "note": (note(Contents=None), "comment"),
    "note in a list of its own": (note_in_a_list_of_its_own, "comment"),
    "author of a note": (note(Contents="The panel", T=None), "comment"),
    "rich note": (note(RC=None), "comment"),
    "popup": (note(Subtype=Name.Popup, Contents=None), "comment"),
    "comment on a mark": (note(Subtype=Name.Highlight, Contents=None), "comment"),
    "attachment": (attachment, "attachment"),
    "hidden field": (field(V=None, F=2), "field"),
    "field seen on no paper": (field(V="panel", DV=None), "field"),
    "choices of a field": (field(FT=Name.Ch, Ff=1 << 17, Opt=Array(["panel", NAME])), "field"),
    "hint of a field": (field(TU=None), "field"),
    "object without use": (object_without_use, "bookmark"),
}


@pytest.mark.parametrize(("change", "kind"), WAYS.values(), ids=WAYS)
def test_words_outside_the_pages_are_a_class_of_their_own(tmp_path, change, kind):
    report = reading_of(tmp_path, lambda pdf: change(pdf, NAME))
    assert [found for found, _ in finds(report)] == [kind]
    assert NAME in report.hidden[0].text
    assert NAME not in report.text + report.title + " ".join(report.warnings)


@pytest.mark.parametrize("way", sorted(WAYS.keys() - {"attachment", "choices of a field"}))
def test_words_that_the_pages_show_too_are_no_find(tmp_path, way):
    """A bookmark is usually a heading, and the text of a figure its caption."""
    change, _ = WAYS[way]
    assert finds(reading_of(tmp_path, lambda pdf: change(pdf, "Panel findings"))) == []


def test_an_attached_file_is_a_find_whatever_its_name(tmp_path):
    report = reading_of(tmp_path, lambda pdf: attachment(pdf, "Findings"))
    assert finds(report) == [("attachment", "Findings.txt")]


def test_a_note_is_found_at_its_place_on_its_page(tmp_path):
    report = reading_of(tmp_path, lambda pdf: note(Contents=None)(pdf, NAME))
    (find,) = report.hidden  # the icon of the note is over words, which can be read without it
    assert report.text.endswith("had said.")
    assert (find.page, find.box) == (1, (60, 842 - 660, 80, 842 - 640))
    assert report.warnings == ("hidden text left out: comments, 1 place on 1 page",)


INNOCENT = {
    "a program": {"/Producer": "Typesetter 3", "/Creator": "Microsoft Word"},
    "a usual title": {"/Title": "Microsoft Word - Document1.doc", "/Author": "Unknown"},
    "other case": {"/Title": "FINDINGS OF THE PANEL"},
    "a version": {"/Title": "Findings of the panel - final report"},
}


@pytest.mark.parametrize("values", INNOCENT.values(), ids=INNOCENT)
def test_properties_that_say_nothing_new_are_no_find(tmp_path, values):
    def change(pdf):
        for key, value in values.items():
            pdf.docinfo[key] = value.replace("Document1", "Document")

    assert finds(reading_of(tmp_path, change)) == []


@pytest.mark.parametrize(
    "name", ["_Toc123456", "_Hlk88", "_GoBack", "section.2", "page.1", "OLE_LINK1", "G1.1234"]
)
def test_names_of_places_that_programs_make_up_are_no_find(tmp_path, name):
    assert finds(reading_of(tmp_path, lambda pdf: name_of_a_place(pdf, name))) == []


def test_a_bookmark_with_other_spaces_is_no_find(tmp_path):
    assert finds(reading_of(tmp_path, lambda pdf: title(pdf, "Findingsofthepanel"))) == []


def test_a_short_name_within_a_longer_word_is_a_find(tmp_path):
    """ "Ann" is in "explained" without being shown."""
    assert finds(reading_of(tmp_path, lambda pdf: author(pdf, "lain"))) == [("metadata", "lain")]


# ---- earlier versions ----


def appended(path, content):
    """The file with a new version of its page after the old one."""
    old = path.read_bytes()
    start = int(old[old.rfind(b"startxref") + 9 :].split()[0])
    with pikepdf.open(path) as pdf:
        number = pdf.pages[0].Contents.objgen[0]
        size, root = len(pdf.objects) + 1, pdf.Root.objgen[0]
    body = b"%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        number,
        len(content),
        content,
    )
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (
        number,
        len(old),
        size,
        root,
        start,
    )
    end = b"startxref\n%d\n%%%%EOF\n" % (len(old) + len(body))
    path.write_bytes(old + body + table + end)
    return path


def first_version(tmp_path):
    path = pdf_of([PAGE + line(60, 500, f"Her name was {NAME}")], tmp_path / "report.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return path


def test_words_of_an_earlier_version_that_the_last_does_not_show_are_found(tmp_path):
    path = appended(first_version(tmp_path), PAGE)
    report = read(path)
    assert finds(report) == [("revision", f"Her name was {NAME}")]
    assert (report.hidden[0].page, NAME in report.text) == (1, False)


def test_an_earlier_version_with_the_same_words_is_no_find(tmp_path):
    same = PAGE + line(60, 300, f"Her name was {NAME}")
    assert finds(read(appended(first_version(tmp_path), same))) == []


def test_a_file_made_for_the_web_has_one_version(tmp_path):
    path = first_version(tmp_path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, linearize=True)
    assert path.read_bytes().count(b"%%EOF") == 2
    assert finds(read(path)) == []
