"""An annual report: assembled from indicators, signed by two people, published in editions."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import make_person
from tests.indicators.invented import NOON, SLUG, TABLE, imported, published
from waymark.accounts.models import Role
from waymark.core.errors import ConcurrentChange, NotPermitted, RuleError
from waymark.indicators.annual_about import AnnualAbout
from waymark.indicators.annual_content import AnnualContent, content_from
from waymark.indicators.queries.annual import (
    annual_document,
    annual_draft,
    annual_edition,
)
from waymark.indicators.services import annual
from waymark.publishing.document.nodes import CaseTable, HeadingNode
from waymark.publishing.models import SigningCapacity

pytestmark = pytest.mark.django_db
NAME = "how-safe"
LATER = NOON + timedelta(days=1)


@pytest.fixture
def analyst():
    return make_person(Role.ANALYST)


@pytest.fixture
def editor():
    return make_person(Role.EDITOR)


@pytest.fixture
def report(analyst, settings, tmp_path):
    """A report on the invented indicator, with a foreword."""
    settings.DATA = tmp_path
    published()
    about = AnnualAbout(title="How safe are our children?", indicators=(SLUG,))
    made = annual.add_annual_report(by=analyst, slug=NAME, about=about, now=NOON)
    for slot, text in (("foreword", "Read this first."), (f"indicator--{SLUG}", "More plans.")):
        annual.save_annual_text(by=analyst, manuscript=made, slot=slot, text=text, base=0, now=NOON)
    return made


def sign(person, report, capacity):
    seen = annual_draft(report).content.sha256
    return annual.sign_annual_report(
        by=person,
        manuscript=report,
        capacity=SigningCapacity(capacity),
        seen=seen,
        now=LATER,
    )


def publish(editor, report, now=LATER):
    prepared = annual.prepare_annual_report(by=editor, manuscript=report, now=now)
    return annual.publish_annual_report(by=editor, prepared=prepared, now=now)


def test_a_draft_has_the_current_values_and_the_same_content_after_storing(report):
    content = annual_draft(report).content
    england = content.indicators[0].nations[0]
    assert [point[2:5] for point in england.points] == [
        ("900.000000", "0", ""),
        ("1020.000000", "0", ""),
    ]
    assert content_from(content.to_json()) == content
    assert isinstance(content, AnnualContent)


def test_an_edition_needs_an_analyst_and_an_editor_on_the_same_content(report, analyst, editor):
    sign(analyst, report, "analyst")
    with pytest.raises(RuleError, match="signatures of two people"):
        annual.prepare_annual_report(by=editor, manuscript=report, now=LATER)
    with pytest.raises(NotPermitted):
        sign(analyst, report, "editor")
    sign(editor, report, "editor")
    edition = publish(editor, report)
    assert (edition.edition, edition.title) == (1, "How safe are our children?")


def test_a_revised_value_voids_what_was_signed(report, analyst, editor):
    sign(analyst, report, "analyst")
    sign(editor, report, "editor")
    prepared = annual.prepare_annual_report(by=editor, manuscript=report, now=LATER)
    imported(TABLE.replace(",1020,", ",1017,"), now=LATER)
    with pytest.raises(ConcurrentChange):
        annual.publish_annual_report(by=editor, prepared=prepared, now=LATER)
    assert annual_draft(report).signatures == []


def test_an_edition_keeps_its_values_after_a_revision(report, analyst, editor):
    sign(analyst, report, "analyst")
    sign(editor, report, "editor")
    publish(editor, report)
    imported(TABLE.replace(",1020,", ",1017,"), now=LATER + timedelta(days=1))
    document = annual_document(annual_edition(NAME))
    tables = [node for node in document.nodes if isinstance(node, CaseTable)]
    assert tables[0].rows == (("31 March 2024", "900", ""), ("31 March 2025", "1,020", ""))
    headings = [node.text for node in document.nodes if isinstance(node, HeadingNode)]
    assert headings[:3] == ["Foreword", "More children are on plans than a year before", "England"]


def test_without_a_foreword_or_with_a_draft_indicator_nobody_can_sign(report, analyst):
    annual.describe_annual_report(
        by=analyst,
        manuscript=report,
        about=AnnualAbout(title="x", indicators=("none",)),
        now=LATER,
    )
    annual.save_annual_text(
        by=analyst, manuscript=report, slot="foreword", text="", base=1, now=LATER
    )
    with pytest.raises(RuleError, match="there is no indicator none; write a foreword"):
        sign(analyst, report, "analyst")


def test_a_report_is_written_signed_published_and_withdrawn_on_its_pages(
    client, report, analyst, editor
):
    address = reverse("edit-annual-report", args=[NAME])
    seen = annual_draft(report).content.sha256
    for person, capacity in ((analyst, "analyst"), (editor, "editor")):
        client.force_login(person)
        done = client.post(address, {"do": "sign", "capacity": capacity, "seen": seen}, follow=True)
        assert f"You have signed as {capacity}" in done.content.decode()
    client.post(address, {"do": "publish"})
    client.logout()
    html = client.get(reverse("annual-report", args=[NAME])).content.decode()
    for words in ("Read this first.", "More plans.", "do not add them", "Figure 1", "1,020"):
        assert words in html
    pdf = client.get(reverse("annual-report-pdf", args=[NAME, 1]))
    assert b"".join(pdf.streaming_content if pdf.streaming else [pdf.content]).startswith(b"%PDF")
    assert "How safe are our children?" in client.get(reverse("statistics")).content.decode()
    client.force_login(editor)
    client.post(address, {"do": "withdraw", "reason": "A mistake."})
    client.logout()
    stone = client.get(reverse("annual-report", args=[NAME]))
    assert stone.status_code == 410
    assert "Annual report, edition 1" in stone.content.decode()
    assert "How safe are our children?" not in stone.content.decode()
    assert client.get(reverse("annual-report-pdf", args=[NAME, 1])).status_code == 404
