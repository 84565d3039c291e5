"""Fields and the base of forms: what was typed, checked and shown again."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from waymark.web.catalogue.resource_form import ContentsField
from waymark.web.shared.fields import (
    CheckField,
    DateField,
    FilesField,
    LinesField,
    NumberField,
    OpenChoiceField,
    TextField,
)
from waymark.web.shared.forms import SiteForm


class Sample(SiteForm):
    title = TextField("Title", missing="Enter a title.", hint="As on the cover.", most=10)
    on = DateField("Date (optional)")
    published = DateField("Publication (optional)", year_alone=True)
    hours = NumberField("Hours (optional)")
    notes = LinesField("Notes (optional)", items=2)
    pick = OpenChoiceField("Pick (optional)", [("", "Choose"), ("a", "A")])
    agree = CheckField("I agree")
    files = FilesField("Files (optional)", accept=".pdf")


def sample(query="title=One", files=()):
    by_name = MultiValueDict({"files": list(files)} if files else {})
    return Sample(QueryDict(query), by_name)


@pytest.mark.parametrize(
    ("lines", "entries"),
    [
        ("Foreword | 5", [("Foreword", 5)]),
        ("Foreword\t5", [("Foreword", 5)]),
        ("Foreword ....... 5", [("Foreword", 5)]),
        ("Deaths of children 2003", [("Deaths of children 2003", None)]),
        ("A | B | 7", [("A | B", 7)]),
        ("Annex |", [("Annex |", None)]),
    ],
)
def test_a_line_of_contents_ends_with_its_page_behind_a_sign(lines, entries):
    assert list(ContentsField("Contents").clean(lines)) == entries


TITLE = st.text(st.characters(codec="ascii", exclude_characters="|.\t\n\r\x0b\x0c\x1c\x1d\x1e\x85"))


@given(
    st.lists(
        st.tuples(
            TITLE.map(lambda t: " ".join(t.split())).filter(str.isprintable).filter(bool),
            st.integers(1, 99_999),
        )
    )
)
def test_contents_are_read_as_they_were_written(contents):
    field = ContentsField("Contents")
    assert list(field.clean(field.prepare_value(contents))) == contents


def test_values_are_dates_numbers_and_lines():
    form = sample(
        "title=+One%00&on_day=24&on_month=01&on_year=2013&published_year=2012&hours=7.5"
        "&notes=+one+%0D%0A%0D%0A+two%00+&pick=gone&agree=on"
    )
    assert form.is_valid()
    assert form.cleaned_data == {
        "title": "One",
        "on": date(2013, 1, 24),
        "published": 2012,
        "hours": Decimal("7.5"),
        "notes": ("one", "two"),
        "pick": "gone",
        "agree": True,
        "files": [],
    }
    assert '<option value="gone" selected>' in str(form)
    assert "\x00" not in str(form)


def test_empty_optional_fields_are_no_errors():
    form = sample()
    assert form.is_valid()
    assert (form.cleaned_data["on"], form.cleaned_data["hours"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("on_day=24&on_month=1", "Date must include a year."),
        ("on_year=2013", "Date must include a day and a month."),
        ("on_day=31&on_month=2&on_year=2013", "Date must be a real date, such as 24 1 2013."),
        ("on_day=1&on_month=2&on_year=13", "Date must be a real date, such as 24 1 2013."),
        (
            f"on_day={'9' * 20}&on_month=1&on_year=2013",
            "Date must be a real date, such as 24 1 2013.",
        ),
        (
            f"on_day=1&on_month={'9' * 20}&on_year=2013",
            "Date must be a real date, such as 24 1 2013.",
        ),
        (
            "published_year=0000",
            "Publication must be a real date, such as 24 1 2013, or a year.",
        ),
        ("on_day=²&on_month=2&on_year=2013", "Date must be a real date, such as 24 1 2013."),
        ("published_month=2&published_year=2013", "Publication must include a day."),
        ("hours=1.25", "Hours must have one decimal at most."),
        ("hours=NaN", "Hours must be a number, such as 6 or 7.5."),
        ("hours=1e400", "Hours must be a number, such as 6 or 7.5."),
        ("hours=²", "Hours must be a number, such as 6 or 7.5."),
        ("hours=12345678", "Hours must be a number, such as 6 or 7.5."),
        ("notes=1%0A2%0A3", "Enter at most 2, one on each line."),
        ("title=", "Enter a title."),
        ("title=12345678901", "Title must be 10 characters or fewer."),
    ],
)
def test_each_error_is_one_sentence_and_leads_to_its_input(query, message):
    form = sample(f"{'' if query.startswith('title') else 'title=One&'}{query}")
    problem = form.problems[0]
    assert [one.message for one in form.problems] == [message]
    assert f'id="{problem.target}"' in str(form)
    assert 'aria-invalid="true"' in str(form)
    assert (form.http_status, form.error_prefix) == (400, "Error: ")


def test_what_was_typed_stays_and_the_files_are_named():
    form = sample("on_day=31&on_month=2&on_year=2013", [SimpleUploadedFile("report.pdf", b"x")])
    shown = str(form)
    for part in ('name="on_day" value="31"', 'name="on_month" value="2"'):
        assert part in shown
    assert form.files_again == ["report.pdf"]
    assert "style=" not in shown


def test_a_hint_and_an_error_describe_their_input():
    shown = str(sample("title="))
    assert 'aria-describedby="title_helptext title_error"' in shown
    assert 'id="title_helptext">As on the cover.' in shown


def test_an_error_of_a_rule_stands_in_the_summary_as_a_sentence():
    form = sample()
    form.refuse(ValueError("another step was recorded"))
    assert form.problems[0].message == "Another step was recorded."
    assert form.problems[0].target == ""
