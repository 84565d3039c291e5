"""Hidden text of Word files: runs, styles, cells, shapes, deletions and comments."""

import pytest
from docx import Document

from tests.documents.making import SECRET, W, word_file
from tests.documents.test_hidden_text import finds, read


def run(words, *properties):
    return f'<w:r><w:rPr>{"".join(properties)}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


WHITE = '<w:color w:val="FFFFFF"/>'
BLACK = '<w:color w:val="000000"/>'
YELLOW = '<w:highlight w:val="yellow"/>'
SIX_POINTS = '<w:sz w:val="12"/>'
BLACK_SHADING = '<w:shd w:val="clear" w:color="auto" w:fill="000000"/>'
STYLES = (
    f"<w:styles {W}>"
    f'<w:style w:type="character" w:styleId="Pale"><w:rPr>{WHITE}</w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Gone"><w:rPr><w:vanish/></w:rPr></w:style>'
    f'<w:style w:type="table" w:styleId="Grid"><w:tblStylePr w:type="firstRow"><w:tcPr>'
    f"{BLACK_SHADING}</w:tcPr></w:tblStylePr></w:style></w:styles>"
)


def word_report(body, tmp_path, **parts):
    body = f"<w:p>{run('Seen.')}</w:p>{body}"
    return read(word_file(tmp_path / "report.docx", body, styles=STYLES, **parts))


HIDDEN_RUNS = {
    "white": (run(SECRET, WHITE), "invisible"),
    "white by a style": (run(SECRET, '<w:rStyle w:val="Pale"/>'), "invisible"),
    "nearly white": (run(SECRET, '<w:color w:val="FAFAFA"/>'), "invisible"),
    "tiny": (run(SECRET, '<w:sz w:val="2"/>'), "invisible"),
    "black highlight": (run(SECRET, '<w:highlight w:val="black"/>'), "covered"),
    "black on black shading": (run(SECRET, BLACK, BLACK_SHADING), "covered"),
    "black on solid shading": (
        run(SECRET, BLACK, '<w:shd w:val="solid" w:color="000000" w:fill="auto"/>'),
        "covered",
    ),
    "hidden": (run(SECRET, "<w:vanish/>"), "invisible"),
    "deleted": (
        f'<w:del w:author="A. Person"><w:r><w:delText>{SECRET}</w:delText></w:r></w:del>',
        "deleted",
    ),
}


@pytest.mark.parametrize(("hidden", "kind"), HIDDEN_RUNS.values(), ids=HIDDEN_RUNS)
def test_hidden_words_of_a_word_file_are_found_and_left_out(tmp_path, hidden, kind):
    report = word_report(f"<w:p>{hidden}</w:p>", tmp_path)
    assert (finds(report), report.text) == ([(kind, SECRET)], "Seen.")


def test_a_paragraph_style_hides_its_words(tmp_path):
    body = f'<w:p><w:pPr><w:pStyle w:val="Gone"/></w:pPr>{run(SECRET)}</w:p>'
    assert finds(word_report(body, tmp_path)) == [("invisible", SECRET)]


def test_black_words_in_a_black_cell_are_covered(tmp_path):
    body = (
        f"<w:tbl><w:tr><w:tc><w:tcPr>{BLACK_SHADING}</w:tcPr><w:p>{run(SECRET, BLACK)}</w:p></w:tc>"
        "</w:tr></w:tbl>"
    )
    assert finds(word_report(body, tmp_path)) == [("covered", SECRET)]


def shape(
    *, behind_words="0", height=200_000, by="paragraph", words="", fill="solidFill", wrap="None"
):
    """A rectangle that floats, as Word draws it."""
    return (
        f'<w:r><w:drawing><wp:anchor {SHAPES} behindDoc="{behind_words}">'
        f'<wp:positionV relativeFrom="{by}"><wp:posOffset>0</wp:posOffset></wp:positionV>'
        f'<wp:extent cx="2000000" cy="{height}"/><wp:wrap{wrap}/><wp:docPr id="1" name="Box"/>'
        f"<a:graphic><a:graphicData><wps:wsp><wps:spPr><a:{fill}/></wps:spPr>{words}</wps:wsp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"
    )


SHAPES = (
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
OLD_BOX = (
    '<w:r><w:pict><v:rect xmlns:v="urn:schemas-microsoft-com:vml" fillcolor="black" '
    'style="position:absolute;height:15pt"/></w:pict></w:r>'
)


@pytest.mark.parametrize("box", [shape(), shape(by="line"), OLD_BOX])
def test_words_of_a_paragraph_with_a_box_drawn_over_it_are_covered(tmp_path, box):
    report = word_report(f"<w:p>{run(SECRET)}{box}</w:p><w:p>{run('Also seen.')}</w:p>", tmp_path)
    assert (finds(report), report.text) == ([("covered", SECRET)], "Seen.\nAlso seen.")


@pytest.mark.parametrize(
    "box",
    [
        shape(behind_words="1"),
        shape(height=20_000),
        shape(by="page"),
        shape(fill="noFill"),
        shape(wrap="Square"),
        shape(
            words=f"<wps:txbx><w:txbxContent><w:p>{run('Box.')}</w:p></w:txbxContent></wps:txbx>"
        ),
        OLD_BOX.replace("black", "white"),
    ],
    ids=["behind", "a rule", "placed by the page", "empty", "beside", "with words", "white"],
)
def test_words_beside_a_shape_are_no_find(tmp_path, box):
    report = word_report(f"<w:p>{run(SECRET)}{box}</w:p>", tmp_path)
    assert finds(report) == []
    assert SECRET in report.text


@pytest.mark.parametrize(
    "row",
    [
        f"<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p>{run(SECRET)}</w:p></w:tc></w:tr>",
        f"<w:tr><w:tc><w:tcPr><w:cellDel/></w:tcPr><w:p>{run(SECRET)}</w:p></w:tc><w:tc/></w:tr>",
    ],
)
def test_rows_and_cells_that_were_deleted_are_left_out(tmp_path, row):
    report = word_report(f"<w:tbl>{row}</w:tbl>", tmp_path)
    assert (finds(report), report.text) == ([("deleted", SECRET)], "Seen.")


def test_a_comment_of_a_word_file_is_a_find(tmp_path):
    comments = (
        f'<w:comments {W}><w:comment w:id="0" w:author="A. Person"><w:p>{run(SECRET)}</w:p>'
        "</w:comment></w:comments>"
    )
    assert finds(word_report("", tmp_path, comments=comments)) == [("comment", SECRET)]


VISIBLE_RUNS = {
    "white on black shading": f"<w:p>{run(SECRET, WHITE, BLACK_SHADING)}</w:p>",
    "the automatic colour on black": f"<w:p>{run(SECRET, BLACK_SHADING)}</w:p>",
    "yellow highlight": f"<w:p>{run(SECRET, YELLOW)}</w:p>",
    "white in a black cell": (
        f"<w:tbl><w:tr><w:tc><w:tcPr>{BLACK_SHADING}</w:tcPr><w:p>{run(SECRET, WHITE)}</w:p>"
        "</w:tc></w:tr></w:tbl>"
    ),
    "white in a table whose style shades it": (
        '<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/></w:tblPr><w:tr><w:tc>'
        f"<w:p>{run(SECRET, WHITE)}</w:p></w:tc></w:tr></w:tbl>"
    ),
    "inserted": f'<w:p><w:ins w:author="A. Person">{run(SECRET)}</w:ins></w:p>',
    "small print": f"<w:p>{run(SECRET, SIX_POINTS)}</w:p>",
}


@pytest.mark.parametrize("body", VISIBLE_RUNS.values(), ids=VISIBLE_RUNS)
def test_words_of_a_word_file_that_can_be_seen_are_no_find(tmp_path, body):
    report = word_report(body, tmp_path)
    assert (finds(report), report.text) == ([], f"Seen.\n{SECRET}")


def test_the_title_a_word_file_states_counts_where_its_pages_show_the_words(tmp_path):
    document = Document()
    document.add_heading("Child Beech", 0)
    document.core_properties.title = f"{SECRET}, final"
    document.save(tmp_path / "beech.docx")
    assert read(tmp_path / "beech.docx").title == "Child Beech"
