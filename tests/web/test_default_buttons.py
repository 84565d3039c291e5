"""The button that Enter presses, and the words that a text area holds, read from the templates."""

import re
from pathlib import Path

import pytest

import waymark.web

TEMPLATES = Path(waymark.web.__file__).parent / "templates"
FORM = re.compile(r"<form.*?</form>", re.DOTALL)
BUTTON = re.compile(r"<button\b[^>]*>")
# Enter in one of these sends the form; a form that a class draws may have one.
LINE_OF_TEXT = re.compile(r'type="(?:search|text|email|number)"|\{\{ (?:form|adding)\b')
HIDDEN_ALONE = {"specs/tables.html"}
"""Templates of forms whose class has hidden fields alone: Enter cannot be pressed in them."""
TEXT_AREA = re.compile(r"<textarea\b(?:[^>{]|\{%.*?%\}|\{\{.*?\}\})*>(.*?)</textarea>", re.DOTALL)


def forms_of_several_buttons():
    for path in sorted(TEMPLATES.rglob("*.html")):
        for form in FORM.findall(path.read_text()):
            buttons = [row for row in BUTTON.findall(form) if 'type="button"' not in row]
            name = f"{path.relative_to(TEMPLATES)}"
            if len(buttons) > 1 and name not in HIDDEN_ALONE and LINE_OF_TEXT.search(form):
                yield pytest.param(buttons[0], id=name)


@pytest.mark.parametrize("first", list(forms_of_several_buttons()))
def test_enter_presses_the_main_button_of_a_form_or_the_search_beside_its_field(first):
    """Browsers take the first button of a form. Preview, remove and discard are never that."""
    assert "quiet" not in first
    assert "grave" not in first


def test_forms_of_several_buttons_are_found():
    assert {"enquiries/enquiry.html", "lists/controls.html", "topics/edit.html"} <= {
        case.id for case in forms_of_several_buttons()
    }


def test_a_text_area_holds_the_text_and_no_white_space_of_the_template():
    areas = {
        f"{path.relative_to(TEMPLATES)}": content
        for path in TEMPLATES.rglob("*.html")
        for content in TEXT_AREA.findall(path.read_text())
    }
    assert "briefings/text.html" in areas
    assert [name for name, content in areas.items() if content != content.strip()] == []
