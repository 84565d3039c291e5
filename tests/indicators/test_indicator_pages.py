"""Pages of indicators: what visitors read, and how staff import, describe, publish and correct."""

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person
from tests.indicators.invented import (
    DESCRIPTION,
    MAPPING,
    NOON,
    SLUG,
    TABLE,
    imported,
    published,
)
from waymark.accounts.models import Role
from waymark.core.errors import NotFound, RuleError
from waymark.indicators import services
from waymark.indicators.areas import NATIONS
from waymark.indicators.models import Indicator, IndicatorImport, SavedMapping
from waymark.indicators.queries.indicators import indicators_of_overview
from waymark.indicators.queries.values import value_on

pytestmark = pytest.mark.django_db
PLACE = ("plans-at31", "E92000001", "2025-03-31")


def page(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_an_indicator_shows_its_cautions_before_its_figures(client):
    published()
    html = page(client, "indicator", SLUG)
    parts = (
        "More children are on plans",
        "Plans count decisions",
        "Not comparable",
        "Office of Invented Numbers",
        "900 in 2024, 1,020 in 2025",
        "England as a table",
        "The invented office counts only England",
        "Open Government Licence 3.0",
    )
    places = [html.index(part) for part in parts]
    assert places == sorted(places)
    assert "England: 900 in 2024" in html


def test_a_draft_is_seen_by_staff_alone_and_a_withdrawn_indicator_leaves_a_tombstone(client):
    imported()
    assert client.get(reverse("indicator", args=[SLUG])).status_code == 404
    assert "Children on plans" not in page(client, "statistics")
    client.force_login(make_person(Role.CODER))
    assert "This is a draft" in page(client, "indicator", SLUG)
    client.logout()
    published()
    assert "Children on plans" in page(client, "statistics")
    services.set_indicator_state(by=None, slug=SLUG, state="withdrawn", now=NOON)
    stone = client.get(reverse("indicator", args=[SLUG]))
    assert stone.status_code == 410
    assert "Children on plans" not in stone.content.decode()
    assert client.get(reverse("indicator-data", args=[SLUG, "csv"])).status_code == 404


def test_an_indicator_is_published_only_with_cautions_and_a_word_for_each_nation():
    imported()
    with pytest.raises(RuleError) as error:
        services.set_indicator_state(by=None, slug=SLUG, state="published", now=NOON)
    assert "enter at least one caution" in str(error.value)
    assert "choose a measure for Scotland, or say why" in str(error.value)


def test_somebody_must_say_that_nations_are_comparable():
    imported()
    nobody = services.IndicatorDescription(title="t", name="n", definition="d", comparability="yes")
    with pytest.raises(RuleError, match="who says"):
        services.describe_indicator(by=None, slug=SLUG, description=nobody, now=NOON)


def test_the_address_of_a_value_on_a_day_shows_it_for_ever(client):
    indicator = published()
    services.correct_value(
        by=make_person(Role.EDITOR),
        slug=SLUG,
        measure=PLACE[0],
        area=PLACE[1],
        period=value_on(indicator, *PLACE, NOON.date(), NOON).value.period,
        text="1,017",
        reason="The office corrected a typing error.",
        now=NOON + timedelta(days=3),
    )
    before = page(client, "indicator-value", SLUG, *PLACE, "2026-03-04")
    assert "Children on a plan: 1,020" in before
    assert "has been revised since" in before
    after = page(client, "indicator-value", SLUG, *PLACE, "2026-03-05")
    assert "Children on a plan: 1,017" in after
    assert "corrected a typing error" in after
    assert (
        client.get(reverse("indicator-value", args=[SLUG, *PLACE, "2026-03-01"])).status_code == 404
    )
    future = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert client.get(reverse("indicator-value", args=[SLUG, *PLACE, future])).status_code == 404
    now = client.get(reverse("indicator-value-today", args=[SLUG, *PLACE]))
    assert now.url.endswith(f"/on/{timezone.localdate().isoformat()}/")


def test_a_day_ends_at_midnight_in_the_uk():
    """23:30 UTC on 1 June is 0:30 on 2 June."""
    result = imported(now=NOON.replace(month=5))
    changed = TABLE.replace(",1020,", ",1017,")
    imported(changed, now=NOON.replace(month=6, day=1, hour=23, minute=30))
    later = NOON.replace(month=7)
    first = value_on(result.indicator, *PLACE, NOON.replace(month=6, day=1).date(), later)
    second = value_on(result.indicator, *PLACE, NOON.replace(month=6, day=2).date(), later)
    assert (first.value.shown, second.value.shown) == ("1,020", "1,017")
    with pytest.raises(NotFound):
        value_on(result.indicator, *PLACE, NOON.replace(month=4, day=30).date(), later)


def test_values_by_area_can_be_added_up_but_never_to_undo_a_marker(client):
    published()
    where = {"measure": "plans-at31", "area": "E12000099"}
    both = page(client, "indicator-areas", SLUG, **where, add=["E06000901", "E06000902"])
    assert "withheld to protect people" in both
    assert "97" not in both.partition("<table>")[0]
    rate = page(
        client,
        "indicator-areas",
        SLUG,
        measure="rate-per-10000",
        area="E12000099",
        add=["E06000901", "E06000902"],
    )
    assert "cannot be added up" in rate
    imported(TABLE.replace(",c,c,z", ",3,c,z"))
    assert "Sum of 2 areas: 97" in page(
        client, "indicator-areas", SLUG, **where, add=["E06000901", "E06000902"]
    )


def test_all_values_are_downloaded_with_markers_and_licence(client):
    published()
    content = client.get(reverse("indicator-data", args=[SLUG, "csv"])).content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    cold = [row for row in rows if row["area"] == "Cold Isle"]
    assert len(rows) == 18
    assert [(row["value"], row["marker"]) for row in cold] == [("", "c"), ("", "c"), ("", "z")]
    assert {row["licence"] for row in rows} == {"OGL-UK-3.0"}
    document = json.loads(client.get(reverse("indicator-data", args=[SLUG, "json"])).content)
    assert document["markers"]["c"] == "withheld to protect people"
    assert len(document["values"]) == 18
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse("indicator-data", args=[SLUG, "xlsx"])).content)
    )
    values = {(row[5], row[8], row[0]): (row[11], row[13]) for row in book["Values"].values}
    assert values["England", "2025-03-31", "plans-at31"] == (1020, None)
    assert values["Cold Isle", "2025-03-31", "plans-at31"] == (None, "c")
    assert any("Open Government Licence" in str(row[0]) for row in book["About"].values)


def test_a_file_has_the_values_of_a_day(client):
    published()
    imported(TABLE.replace(",1020,", ",1017,"), now=NOON + timedelta(days=3))
    before = client.get(reverse("indicator-data", args=[SLUG, "csv"]), {"on": "2026-03-03"})
    assert b",1020," in before.content
    assert b",1017," in client.get(reverse("indicator-data", args=[SLUG, "csv"])).content
    assert client.get(reverse("indicator-data", args=[SLUG, "csv"]), {"on": "x"}).status_code == 404


def test_charts_are_files_and_a_nation_without_values_has_none(client):
    published()
    chart = client.get(reverse("indicator-chart", args=[SLUG, "england", "svg"])).content.decode()
    assert "Office of Invented Numbers: Invented table of plans" in chart
    assert client.get(reverse("indicator-chart", args=[SLUG, "wales", "svg"])).status_code == 404


def test_the_feed_names_the_indicator(client):
    published()
    feed = client.get(reverse("statistics-feed"))
    assert b"Children on plans" in feed.content
    assert b"statistics/children-on-plans" in feed.content


def test_a_table_is_imported_by_the_form_with_a_preview_and_its_mapping_saved(client):
    """Journey of staff: upload, look, change the mapping, import, import again by its name."""
    client.force_login(make_person(Role.ANALYST))
    bad = f"{TABLE}\n20x5,Reporting year,National,E92000001,England,,,,,,Plans,1,2,3"
    upload = SimpleUploadedFile("plans_2025.csv", bad.encode(), "text/csv")
    shown = client.post(reverse("import-statistics"), {"file": upload, "mapping": ""}, follow=True)
    html = shown.content.decode()
    assert "6 of 7 rows can be stored: 18 values" in html
    assert "Row 8, column time_period" in html
    assert not Indicator.objects.exists()
    address = shown.redirect_chain[-1][0]
    again = client.post(address, {"mapping": "format: x", "name": "", "do": "preview"})
    assert "the mapping, line 1" in again.content.decode()
    done = client.post(address, {"mapping": MAPPING, "name": "plans", "do": "import"}, follow=True)
    assert "6 rows imported: 18 new values" in done.content.decode()
    assert SavedMapping.objects.get().name == "plans"
    assert IndicatorImport.objects.get().content is None
    second = SimpleUploadedFile("plans_2026.csv", TABLE.replace(",1020,", ",1017,").encode())
    shown = client.post(
        reverse("import-statistics"), {"file": second, "mapping": "plans"}, follow=True
    )
    done = client.post(
        shown.redirect_chain[-1][0],
        {"mapping": SavedMapping.objects.get().text, "name": "", "do": "import"},
        follow=True,
    )
    assert "0 new values, 1 revised, 17 unchanged" in done.content.decode()


def test_a_file_that_was_previewed_can_be_discarded(client):
    client.force_login(make_person(Role.ANALYST))
    upload = SimpleUploadedFile("plans.csv", TABLE.encode())
    shown = client.post(reverse("import-statistics"), {"file": upload, "mapping": ""}, follow=True)
    client.post(shown.redirect_chain[-1][0], {"do": "discard", "mapping": "x", "name": ""})
    assert not IndicatorImport.objects.exists()


def test_staff_describe_an_indicator_and_an_editor_publishes_it(client):
    imported()
    client.force_login(make_person(Role.EDITOR))
    fields = {
        **{
            name: getattr(DESCRIPTION, name) for name in ("title", "name", "definition", "cautions")
        },
        "topics": "neglect",
        "overviews": "small",
        "comparability": "not-assessed",
        "comparability_by": "",
        "comparability_address": "",
        "comparability_note": "",
    }
    edit = reverse("edit-indicator", args=[SLUG])
    assert "Saved." in client.post(edit, fields, follow=True).content.decode()
    assert "Enter at least one caution" not in client.get(edit).content.decode()
    for nation in NATIONS:
        address = reverse("edit-nation", args=[SLUG, nation])
        client.post(
            address, {"measure": "plans-at31", "finding": "", "counting": "", "absence": ""}
        )
    breaks = reverse("series-breaks", args=[SLUG])
    day = {"starts_day": "1", "starts_month": "4", "starts_year": "2024"}
    client.post(breaks, {**day, "note": "a new form", "nation": ""})
    state = reverse("indicator-state", args=[SLUG])
    done = client.post(state, {"state": "published"}, follow=True)
    assert "The indicator is published." in done.content.decode()
    assert [row.slug for row in indicators_of_overview("small", AnonymousUser())] == [SLUG]
    html = client.get(reverse("indicator", args=[SLUG])).content.decode()
    assert "From 1 April 2024: a new form" in " ".join(html.split())
    assert "counted otherwise in between" in html


def test_a_value_is_corrected_by_a_form_that_needs_a_reason(client):
    published()
    client.force_login(make_person(Role.ANALYST))
    address = reverse("correct-value", args=[SLUG, *PLACE])
    refused = client.post(address, {"text": "about 5", "note": "", "reason": "x"})
    assert "neither a number nor a marker" in refused.content.decode()
    assert client.post(address, {"text": "5", "note": "", "reason": ""}).status_code == 400
    done = client.post(address, {"text": "[c]", "note": "", "reason": "Withheld."}, follow=True)
    assert "Children on a plan: [c]" in done.content.decode()
    assert "It is not a zero" in done.content.decode()


def test_a_withdrawn_indicator_leaves_the_cached_sitemap_at_once(client, settings, tmp_path):
    settings.DATA = tmp_path
    indicator = published()
    address = reverse("indicator", args=[indicator.slug])
    assert address in client.get("/sitemap.xml").content.decode()
    services.set_indicator_state(
        by=None, slug=indicator.slug, state="withdrawn", now=NOON + timedelta(hours=1)
    )
    assert address not in client.get("/sitemap.xml").content.decode()
