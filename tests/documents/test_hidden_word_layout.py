"""Hidden text of Word files by theme, layout, place and copies; and innocent documents."""

import pytest

from tests.documents.making import SECRET, W, word_file, word_relations
from tests.documents.test_hidden_text import finds, read
from tests.documents.test_hidden_word_text import run

A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
THEME = (
    f"<a:theme {A}><a:themeElements><a:clrScheme>"
    '<a:dk1><a:sysClr val="windowText" lastClr="000000"/></a:dk1>'
    '<a:lt1><a:sysClr val="window" lastClr="FFFFFF"/></a:lt1>'
    '<a:dk2><a:srgbClr val="1F497D"/></a:dk2><a:lt2><a:srgbClr val="EEECE1"/></a:lt2>'
    '<a:accent1><a:srgbClr val="4F81BD"/></a:accent1>'
    "</a:clrScheme></a:themeElements></a:theme>"
)
STYLES = (
    f"<w:styles {W}>"
    '<w:style w:type="paragraph" w:styleId="Dark"><w:pPr>'
    '<w:shd w:val="clear" w:themeFill="text1"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Low"><w:pPr>'
    '<w:spacing w:line="20" w:lineRule="exact"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style></w:styles>'
)
SETTINGS = f"<w:settings {W}><w:displayBackgroundShape/></w:settings>"
BLUE_PAGE = '<w:background w:color="1F497D"/>'
SEEN = f"<w:p>{run('Seen.')}</w:p>"


def para(*runs, properties=""):
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def colour(theme, shift=""):
    """A colour of the theme, with a plain value that says otherwise."""
    return f'<w:color w:val="123456" w:themeColor="{theme}" {shift}/>'


def themed(fill):
    return f'<w:shd w:val="clear" w:fill="FFFFFF" w:themeFill="{fill}"/>'


def row(*cells, height):
    height = f'<w:trPr><w:trHeight w:val="{height}" w:hRule="exact"/></w:trPr>'
    inner = "".join(f'<w:tc><w:tcPr><w:tcW w:w="4000"/></w:tcPr>{cell}</w:tc>' for cell in cells)
    return f"<w:tbl><w:tr>{height}{inner}</w:tr></w:tbl>"


def box_at(across, down=0, *, words=SECRET, inner=None):
    """A text box that floats, placed in EMU."""
    content = inner or f"<wps:txbx><w:txbxContent>{para(run(words))}</w:txbxContent></wps:txbx>"
    return (
        '<w:r><w:drawing><wp:anchor behindDoc="0">'
        f'<wp:positionH relativeFrom="page"><wp:posOffset>{across}</wp:posOffset></wp:positionH>'
        f'<wp:positionV relativeFrom="page"><wp:posOffset>{down}</wp:posOffset></wp:positionV>'
        '<wp:extent cx="2000000" cy="300000"/><wp:wrapNone/>'
        f"<wps:wsp>{content}</wps:wsp></wp:anchor></w:drawing></w:r>"
    )


def old_box(place):
    content = f"<v:textbox><w:txbxContent>{para(run(SECRET))}</w:txbxContent></v:textbox>"
    return f'<w:r><w:pict><v:shape style="{place}">{content}</v:shape></w:pict></w:r>'


def picture(*, across=0, wide=3_000_000, high=400_000, by="column", behind="0", wrap="None"):
    return (
        f'<w:r><w:drawing><wp:anchor behindDoc="{behind}">'
        f'<wp:positionH relativeFrom="{by}"><wp:posOffset>{across}</wp:posOffset></wp:positionH>'
        '<wp:positionV relativeFrom="paragraph"><wp:posOffset>0</wp:posOffset></wp:positionV>'
        f'<wp:extent cx="{wide}" cy="{high}"/><wp:wrap{wrap}/><pic:pic/></wp:anchor></w:drawing>'
        "</w:r>"
    )


def unpainted(fill, outline=""):
    return f"<w14:textFill>{fill}</w14:textFill>{outline}"


ALPHA = '<w14:solidFill><w14:srgbClr w14:val="000000"><w14:alpha w14:val="{}"/></w14:srgbClr>'
ALPHA += "</w14:solidFill>"
CONTINUED = "<w:tcPr><w:vMerge/></w:tcPr>"
LEFT_OF_THE_PAGE = "position:absolute;margin-left:-900pt;margin-top:0;width:200pt;height:20pt"

HIDDEN = {
    "theme: white": (para(run(SECRET, colour("background1"))), "invisible"),
    "theme: a tint": (para(run(SECRET, colour("text2", 'w:themeTint="05"'))), "invisible"),
    "theme: a shade on black": (
        para(run(SECRET, colour("accent1", 'w:themeShade="08"'), themed("text1"))),
        "covered",
    ),
    "theme: on a shaded style": (
        para(run(SECRET, colour("text1")), properties='<w:pStyle w:val="Dark"/>'),
        "covered",
    ),
    "a pattern of ink": (
        para(run(SECRET, '<w:color w:val="000000"/>', '<w:shd w:val="pct95" w:color="000000"/>')),
        "covered",
    ),
    "no paint": (para(run(SECRET, unpainted("<w14:noFill/>"))), "invisible"),
    "clear paint": (para(run(SECRET, unpainted(ALPHA.format(100_000)))), "invisible"),
    "one point": (para(run(SECRET, '<w:sz w:val="2"/>')), "invisible"),
    "one per cent wide": (para(run(SECRET, '<w:w w:val="1"/>')), "invisible"),
    "letters on each other": (para(run(SECRET, '<w:spacing w:val="-120"/>')), "invisible"),
    "a line of one point": (
        para(run(SECRET), properties='<w:spacing w:line="20" w:lineRule="exact"/>'),
        "invisible",
    ),
    "a line of one point by style": (
        para(run(SECRET), properties='<w:pStyle w:val="Low"/>'),
        "invisible",
    ),
    "a row of one point": (row(para(run(SECRET)), height=20), "invisible"),
    "a hidden row": (
        f"<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr><w:tc>{para(run(SECRET))}</w:tc></w:tr></w:tbl>",
        "invisible",
    ),
    "a merged cell": (
        f"<w:tbl><w:tr><w:tc>{CONTINUED}{para(run(SECRET))}</w:tc></w:tr></w:tbl>",
        "invisible",
    ),
    "an indent beyond the page": (
        para(run(SECRET), properties='<w:ind w:left="12000"/>'),
        "invisible",
    ),
    "a frame off the page": (
        para(run(SECRET), properties='<w:framePr w:w="2000" w:h="400" w:x="-6000" w:y="0"/>'),
        "invisible",
    ),
    "a frame below the page": (
        para(run(SECRET), properties='<w:framePr w:w="2000" w:h="400" w:x="0" w:y="20000"/>'),
        "invisible",
    ),
    "a box left of the page": (para(box_at(-9_000_000)), "invisible"),
    "a box below the page": (para(box_at(0, 12_000_000)), "invisible"),
    "an old box left of the page": (para(old_box(LEFT_OF_THE_PAGE)), "invisible"),
    "a box in a hidden run": (
        para(f"<w:r><w:rPr><w:vanish/></w:rPr>{box_at(0).removeprefix('<w:r>')}"),
        "invisible",
    ),
    "behind a picture": (para(run(SECRET), picture()), "covered"),
    "web hidden": (para(run(SECRET, "<w:webHidden/>")), "invisible"),
    "an index entry": (
        para(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            f'<w:r><w:instrText> XE "{SECRET}" </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        ),
        "invisible",
    ),
    "moved away": (para(f"<w:moveFrom>{run(SECRET)}</w:moveFrom>"), "deleted"),
}


def report_of(body, tmp_path, **parts):
    files = {"word/_rels/document.xml.rels": word_relations(t=("theme", "theme/theme1.xml"))}
    files["word/theme/theme1.xml"] = THEME
    path = tmp_path / "a.docx"
    return read(word_file(path, SEEN + body, files=files, styles=STYLES, **parts))


@pytest.mark.parametrize(("body", "kind"), HIDDEN.values(), ids=HIDDEN)
def test_words_that_nobody_sees_are_found_and_left_out(tmp_path, body, kind):
    report = report_of(body, tmp_path)
    assert [(found, words.strip('" ')) for found, words in finds(report)] == [(kind, SECRET)]
    assert report.text == "Seen."


def test_words_below_the_height_of_their_row_are_found(tmp_path):
    report = report_of(row(para(run("Label")) + para(run(SECRET)), height=240), tmp_path)
    assert (finds(report), report.text) == ([("invisible", SECRET)], "Seen.\nLabel")


def test_words_in_the_colour_of_a_page_are_found_where_the_page_is_shown_in_it(tmp_path):
    blue = para(run(SECRET, '<w:color w:val="1F497D"/>'))
    found = report_of(blue, tmp_path, before=BLUE_PAGE, settings=SETTINGS)
    assert finds(found) == [("covered", SECRET)]
    assert finds(report_of(blue, tmp_path, before=BLUE_PAGE)) == []


def test_a_copy_of_a_box_that_says_something_else_is_found(tmp_path):
    box = box_at(0, words="Key learning").removeprefix("<w:r>").removesuffix("</w:r>")
    copy = old_box("position:static").removeprefix("<w:r>").removesuffix("</w:r>")
    choice = (
        f'<mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice>'
        f"<mc:Fallback>{copy}</mc:Fallback></mc:AlternateContent>"
    )
    report = report_of(para(f"<w:r>{choice}</w:r>"), tmp_path)
    assert (finds(report), report.text) == ([("invisible", SECRET)], "Seen.\nKey learning")


CONTENTS = para(
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
    run(SECRET),
    run(" page iv", "<w:webHidden/>"),
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    properties='<w:pStyle w:val="TOC1"/>',
)
INNOCENT = {
    "theme: white on a dark style": para(
        run(SECRET, colour("background1")), properties='<w:pStyle w:val="Dark"/>'
    ),
    "theme: a dark tint": para(run(SECRET, colour("text1", 'w:themeTint="A6"'))),
    "theme: dark on a light fill": para(run(SECRET, colour("text2"), themed("background2"))),
    "theme: a colour it does not have": para(run(SECRET, colour("accent9"))),
    "an outline": para(run(SECRET, unpainted("<w14:noFill/>", "<w14:textOutline/>"))),
    "half clear paint": para(run(SECRET, unpainted(ALPHA.format(50_000)))),
    "narrow": para(run(SECRET, '<w:w w:val="66"/>', '<w:spacing w:val="-10"/>')),
    "a tight line": para(run(SECRET), properties='<w:spacing w:line="220" w:lineRule="exact"/>'),
    "a least line": para(run(SECRET), properties='<w:spacing w:line="20" w:lineRule="atLeast"/>'),
    "a row of one line": row(para(run(SECRET)), height=260),
    "a first merged cell": (
        '<w:tbl><w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>'
        f"{para(run(SECRET))}</w:tc></w:tr><w:tr><w:tc>{CONTINUED}<w:p/></w:tc></w:tr></w:tbl>"
    ),
    "a deep indent": para(run(SECRET), properties='<w:ind w:left="6000" w:hanging="720"/>'),
    "a frame": para(run(SECRET), properties='<w:framePr w:w="2000" w:x="900" w:y="900"/>'),
    "a box": para(box_at(900_000)),
    "a box in the margin": para(box_at(-300_000)),
    "an old box": para(old_box("position:absolute;margin-left:-20pt;width:200pt;height:20pt")),
    "a picture behind words": para(run(SECRET), picture(behind="1")),
    "a small picture": para(run(SECRET), picture(wide=300_000)),
    "a picture beside words": para(run(SECRET), picture(across=3_000_000)),
    "words round a picture": para(run(SECRET), picture(wrap="Square")),
    "a contents page": CONTENTS,
    "a bookmark": para(f'<w:bookmarkStart w:name="x"/>{run(SECRET)}<w:bookmarkEnd/>'),
}


@pytest.mark.parametrize("body", INNOCENT.values(), ids=INNOCENT)
def test_innocent_words_are_no_find(tmp_path, body):
    report = report_of(body, tmp_path)
    assert finds(report) == []
    assert SECRET in report.text
