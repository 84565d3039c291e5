"""Hidden text of web pages: each way of hiding words has a test, and each innocent page no find."""

import pytest

from tests.documents.making import SECRET
from tests.documents.test_hidden_text import finds, page_report

STYLES = {
    "blurred": "filter: blur(6px)",
    "a filter without opacity": "filter: opacity(0)",
    "a filter of old browsers": "filter: alpha(opacity=0)",
    "opacity of one part in a hundred": "opacity: 1%",
    "clipped as for screen readers": "position:absolute; clip: rect(1px, 1px, 1px, 1px)",
    "clipped to nothing": "clip: rect(0 0 0 0)",
    "clip-path of nothing": "clip-path: inset(50%)",
    "clip-path of a circle": "clip-path: circle(0)",
    "clip-path of a point": "clip-path: polygon(0 0, 0 0, 0 0)",
    "scaled to nothing": "transform: scale(0)",
    "turned on edge": "transform: rotateY(90deg)",
    "moved by a transform": "transform: translateX(-9999px)",
    "moved to the right": "position:absolute; left: 9999px",
    "moved up": "position:absolute; top:-1000em",
    "indented out of sight": "text-indent: -9999px",
    "indented by hundreds of per cent": "text-indent: -5000%",
    "a margin out of sight": "margin-left: -9999px",
    "no height": "height: 0; overflow: hidden",
    "one pixel": "position:absolute; width:1px; height:1px; overflow:hidden",
    "no width in one direction": "width: 0; overflow-x: hidden",
    "a small font": "font: 1px/1 Arial",
    "an image in place of words": "font: 0/0 a",
    "a small share of a size": "font-size: 5%",
    "visibility collapsed": "visibility: collapse",
    "content that is not drawn": "content-visibility: hidden",
    "no zoom": "zoom: 0",
    "hsl": "color: hsl(0, 0%, 100%)",
    "hsl with an angle": "color: hsl(120deg 100% 99%)",
    "rgb in per cent": "color: rgb(100%, 100%, 100%)",
    "rgb with spaces": "color: rgb(255 255 255 / 1)",
    "a named colour": "color: ghostwhite",
    "eight digits": "color: #000000 ; color: #00000000",
    "nearly transparent": "color: rgba(0, 0, 0, 0.03)",
    "white by precedence": "color: white !important; color: black",
    "hidden in Word": "mso-hide: all",
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_each_style_that_hides_words_is_found(tmp_path, style):
    report = page_report(f'<p style="{style}">{SECRET}</p><p>Also seen.</p>', tmp_path)
    assert (finds(report), report.text) == ([("invisible", SECRET)], "Seen.\nAlso seen.")


SHEETS = {
    "on screens": "@media screen { .x { display: none } }",
    "on large screens": "@media only screen and (min-width: 800px) { .x { display: none } }",
    "shown in print alone": ".x { display: none } @media print { .x { display: block } }",
    "the more specific rule": "#x { color: white } .x { color: black }",
    "the later rule": ".x { color: black } .x { color: white }",
    "the important rule": ".x { color: white !important } #x { color: black }",
    "in a supported block": "@media all { @media screen { .x { opacity: 0 } } }",
    "by an attribute": "p[class=x] { visibility: hidden }",
    "black on black by another rule": ".x { background: #000 } #x { color: #010101 }",
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_each_rule_that_hides_words_is_found(tmp_path, sheet):
    report = page_report(f'<p id="x" class="x">{SECRET}</p>', tmp_path, sheet)
    assert [text for _, text in finds(report)] == [SECRET]
    assert report.text == "Seen."


@pytest.mark.parametrize(
    "body",
    [
        f"<del>{SECRET}</del>",
        f"<p><s>{SECRET}</s></p>",
        f"<p><strike>{SECRET}</strike></p>",
        f'<p><span style="text-decoration: line-through">{SECRET}</span></p>',
    ],
)
def test_words_struck_out_are_deleted_words(tmp_path, body):
    report = page_report(body, tmp_path)
    assert (finds(report), report.text) == ([("deleted", SECRET)], "Seen.")


@pytest.mark.parametrize("tag", ["script", "style", "template", "noscript"])
def test_what_is_no_words_in_a_hidden_part_is_no_find(tmp_path, tag):
    body = f"<div hidden><{tag}>var words = 1;</{tag}>{SECRET}</div>"
    assert finds(page_report(body, tmp_path)) == [("invisible", SECRET)]


def test_a_dialog_that_is_not_open_is_hidden(tmp_path):
    body = f"<dialog>{SECRET}</dialog><dialog open>Also seen.</dialog>"
    report = page_report(body, tmp_path)
    assert (finds(report), report.text) == ([("invisible", SECRET)], "Seen.\nAlso seen.")


def test_words_that_are_visible_again_within_a_hidden_part_are_kept(tmp_path):
    body = f'<div style="visibility:hidden">{SECRET}<p style="visibility:visible">Also.</p></div>'
    report = page_report(body, tmp_path)
    assert (finds(report), report.text) == ([("invisible", SECRET)], "Seen.\nAlso.")


INNOCENT = {
    "a hanging indent": ('<p style="text-indent:-18.0pt;margin-left:36.0pt">{}</p>', ""),
    "columns by a negative margin": ('<p style="margin-left:-200px;float:left">{}</p>', ""),
    "a column moved by its width": ('<p style="margin-left:-100%;float:left">{}</p>', ""),
    "a place without a position": ('<p style="left:-9999px">{}</p>', ""),
    "a banner pulled up": ('<p style="position:relative;top:-60px">{}</p>', ""),
    "no space between blocks": (
        '<ul style="font-size:0"><li style="font-size:16px">{}</li></ul>',
        "",
    ),
    "hidden in print": ('<p class="x">{}</p>', "@media print { .x { display: none } }"),
    "hidden on telephones": (
        '<p class="x">{}</p>',
        "@media (max-width: 600px) { .x { display: none } }",
    ),
    "white in the dark": (
        '<p class="x">{}</p>',
        "@media (prefers-color-scheme: dark) { .x { color: white } }",
    ),
    "a gradient": (
        (
            '<p style="background:linear-gradient(red,blue);background-clip:text;'
            'color:transparent">{}</p>'
        ),
        "",
    ),
    "white on a picture": ('<p style="background:url(a.png);color:white">{}</p>', ""),
    "white with a shadow": ('<p style="color:white;text-shadow:0 0 2px black">{}</p>', ""),
    "a marker pen": ("<p><mark>{}</mark></p>", ""),
    "grey small print": ('<p style="color:#767676;font-size:10px">{}</p>', ""),
    "half transparent black": ('<p style="color:rgba(0,0,0,.6)">{}</p>', ""),
    "a slight shade": ('<p style="background:rgba(0,0,0,.05)">{}</p>', ""),
    "shown by the more specific rule": (
        '<p id="x" class="x">{}</p>',
        ".x { display: none } #x { display: block }",
    ),
    "the hidden attribute undone": ('<p hidden style="display:block">{}</p>', ""),
    "a tab that is open": (
        '<p class="tab open">{}</p>',
        ".tab { display: none } .tab.open { display: block }",
    ),
    "a colour behind other words": ('<p>{}</p><p class="y">Also.</p>', ".y::before{color:white}"),
    "a box that scrolls": ('<div style="height:200px;overflow:hidden">{}</div>', ""),
    "hidden from screen readers": ('<p aria-hidden="true">{}</p>', ""),
    "moved a little": ('<p style="transform:translateY(-50%)">{}</p>', ""),
    "a dark theme by a variable": ('<p style="color:var(--ink)">{}</p>', ""),
    "inserted": ("<p><ins>{}</ins></p>", ""),
    "underlined": ('<p style="text-decoration:underline">{}</p>', ""),
    "an editor's comment in the markup": ("<!-- begin content --><p>{}</p>", ""),
}


@pytest.mark.parametrize(("body", "sheet"), INNOCENT.values(), ids=INNOCENT)
def test_an_innocent_page_has_no_find(tmp_path, body, sheet):
    report = page_report(body.format(SECRET), tmp_path, sheet)
    assert finds(report) == []
    assert SECRET in report.text


def test_a_page_with_a_style_sheet_in_another_file_is_not_judged_by_colour(tmp_path):
    body = f'<link rel="stylesheet" href="a.css"><p style="color:white">{SECRET}</p>'
    assert finds(page_report(body, tmp_path)) == []


def test_rules_beyond_the_limit_are_not_judged_and_hide_nothing_by_colour(tmp_path):
    sheet = "".join(f".c{number} {{ color: red }}" for number in range(2_100))
    assert finds(page_report(f'<p style="color:white">{SECRET}</p>', tmp_path, sheet)) == []
