"""Counts in briefings obey disclosure: numbers of published tables alone, and no side door."""

import pytest

from tests.briefings.writing import ABOUT, SmallBriefing, publish
from tests.factories import NOON, make_person
from tests.overview.rows import BUILTIN, fixture_rows
from tests.overview.world import ASKED, SPEC, STOPPED, hide, make_world
from tests.publishing.giving import give_out
from tests.publishing.test_editions import snapshot_of
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import Role
from waymark.briefings import services
from waymark.briefings.queries import editions
from waymark.briefings.queries.sources import numbers_of
from waymark.briefings.queries.support import offered_passages, offered_themes
from waymark.briefings.text.about import about_yaml
from waymark.frameworks.services import load_framework, publish_framework
from waymark.overview import services as overview
from waymark.overview.models import Overview
from waymark.publishing.attack.audit import attack_folders
from waymark.publishing.queries import current_edition
from waymark.publishing.services import withdraw_edition

pytestmark = pytest.mark.django_db
# Of one review and one child no other table can be shown under a profile.
_WITHOUT = SPEC[SPEC.index("  - id: T2") : SPEC.index("  - {id: T10")]
_ABOUT = SPEC[SPEC.index("about:") : SPEC.index("select:")]
PROTECTED = (
    SPEC.replace(_WITHOUT, "").replace(_ABOUT, "").replace("{profile: open,", "{profile: k3,")
)
TABLE = """\
Row,All
Sexual abuse,[c]
Fire,[c]
Neglect,9
All reviews,14
"""


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def world(framework):
    return make_world(framework)


def published_overview(world, spec=SPEC):
    return give_out(editor=world.editor, snapshot=frozen_overview(world, spec))


def frozen_overview(world, spec=PROTECTED):
    """The snapshot for the next edition: what it will protect is protected already."""
    small = overview.create_overview(by=world.analyst, spec=spec, file="small.yaml", now=NOON)
    return overview.freeze_overview(by=world.analyst, overview=small, now=NOON)


@pytest.fixture
@written_once
def briefing(world):
    about = ABOUT.model_copy(update={"reviews": ("S1", "S2"), "overview": "small"})
    author = make_person(Role.CATALOGUER)
    manuscript = services.add_briefing(
        by=author, kind="guide", slug="numbers", about=about, now=NOON
    )
    small = SmallBriefing(manuscript, (world.first,), author, world.editor)
    save(small, "purpose", "For everyone. {own}")
    save(small, "guidance", "We ask. {own}")
    save(small, "limits", "It is small. {own}")
    return small


def save(small, slot, text):
    services.save_briefing_text(
        by=small.author, manuscript=small.manuscript, slot=slot, text=text, base=0, now=NOON
    )


def save_over(small, slot, text):
    services.save_briefing_text(
        by=small.author, manuscript=small.manuscript, slot=slot, text=text, base=1, now=NOON
    )


def draft(small, guidance):
    return pipeline.briefing_draft(small.manuscript, NOON, instead={"guidance": guidance})


def key_of(world, words):
    for passage in world.first.passages.all():
        text = world.first.text.content
        if words in text[passage.start : passage.end]:
            at = text.index(words)
            return f"{world.first.key}-{at}-{at + len(words)}"
    raise AssertionError(words)


def test_a_number_is_one_of_the_current_edition_of_the_overview(world, briefing):
    published_overview(world)
    rows = draft(briefing, "{T2/all/n} reviews were read.")
    assert rows.obstacles == ()
    assert rows.content.numbers.cells == {"T2/all/n": "2"}
    assert "no such number" in draft(briefing, "{T2/other/n} reviews.").obstacles[0]


def test_without_a_published_overview_there_is_no_number(world, briefing):
    assert "no published overview small" in draft(briefing, "{T2/all/n} reviews.").obstacles[0]


def test_a_withheld_number_cannot_be_named(db):
    editor = make_person(Role.EDITOR)
    give_out(editor=editor, snapshot=snapshot_of(demo_overview(editor), fixture_rows()))
    numbers, refused = numbers_of("demo", current_edition("demo"), ["T3/assault/n", "T3/all/n"])
    assert numbers.cells == {"T3/all/n": "24"}
    assert "is printed as [c] to protect people" in refused["T3/assault/n"]


def demo_overview(editor):
    framework = load_framework(
        by=None, source=BUILTIN.read_text("utf-8"), file=BUILTIN.name, now=NOON
    )
    publish_framework(by=None, framework=framework, now=NOON)
    return Overview.objects.create(
        slug="demo", title="Demo", framework=framework, created_by=editor, created_at=NOON
    )


def test_a_passage_with_a_fact_cannot_be_cited_while_an_overview_protects_its_number(
    world, briefing
):
    fact, theme = key_of(world, STOPPED), key_of(world, ASKED)
    assert draft(briefing, f"It stopped. [@{fact}]").obstacles == ()
    frozen_overview(world)
    rows = draft(briefing, f"It stopped. [@{fact}]")
    assert any("its words carry a fact" in obstacle for obstacle in rows.obstacles)
    assert rows.hide_number
    assert STOPPED not in str(rows.content.report.passages)
    assert theme not in rows.content.report.passages  # it is not cited


def test_a_briefing_is_flagged_when_an_overview_begins_to_protect_what_it_cites(world, briefing):
    fact = key_of(world, STOPPED)
    save_over(briefing, "guidance", f"It stopped. [@{fact}]")
    edition = publish(briefing)
    assert editions.flagged_briefings(NOON) == []
    frozen_overview(world)
    (flagged,) = editions.flagged_briefings(NOON)
    assert flagged.publication == edition
    assert flagged.statements[0].passages[0].passage is None
    assert editions.hides_number(editions.content_of(edition))


def test_words_that_an_overview_begins_to_protect_are_on_no_page_and_in_no_file(
    world, briefing, client
):
    save_over(briefing, "guidance", f"We ask. {{own}}\n\n{{quote {key_of(world, STOPPED)}}}\n")
    edition = publish(briefing)
    page, check = "/guides/numbers/", "/guides/numbers/1/check/"
    assert STOPPED in client.get(page).content.decode()
    frozen_overview(world)
    for address in (page, check):
        assert STOPPED not in client.get(address).content.decode()
    for name in ("whole.pdf", "whole.docx", "one-page.pdf"):
        assert client.get(f"{page}1/{name}").status_code == 404
    assert editions.edition_state(edition, NOON).unreadable


def test_a_number_of_a_withdrawn_overview_is_on_no_page_and_in_no_file(world, briefing, client):
    numbers = published_overview(world)
    save_over(briefing, "guidance", "{T2/all/n} reviews were read.")
    edition = publish(briefing)
    assert ">2</a> reviews were read" in client.get("/guides/numbers/").content.decode()
    withdraw_edition(by=world.editor, publication=numbers, reason="A mistake.", now=NOON)
    for address in ("/guides/numbers/", "/guides/numbers/1/check/"):
        html = client.get(address).content.decode()
        assert "[number withdrawn] reviews were read" in html
        assert ">2</a>" not in html
    for compose in (editions.one_page_document, editions.briefing_document):
        assert "[number withdrawn]" in str(compose(edition, NOON))


def test_offered_counts_are_those_that_the_published_table_prints(world, briefing):
    author = briefing.author
    assert {row.printed for row in offered_themes("small", author)} == {""}
    published_overview(world)
    themes = {row.code: (row.printed, row.mark) for row in offered_themes("small", author)}
    assert themes["a"] == ("1", "T10/a/n")


def test_offered_passages_are_agreed_and_public(world, briefing):
    (review,) = offered_passages("small", "a", briefing.author, NOON)
    assert [row.quote.exact for row in review.passages] == [ASKED]
    assert offered_passages("small", "a", briefing.author, NOON, reviews=("S2",)) == []
    hide(world.first)
    assert offered_passages("small", "a", briefing.author, NOON) == []


# ---- the attack reads briefings ----


def attack(tmp_path, sentence, name="briefing-neglect.html"):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "T1.csv").write_text(TABLE, "utf-8")
    page = f"<!doctype html><title>x</title><main><p>{sentence}</p></main>"
    (folder / name).write_text(page, "utf-8")
    return attack_folders(folder, threshold=3)


@pytest.mark.parametrize(
    "sentence",
    [
        "In two reviews sexual abuse was known.",
        "Sexual abuse of 2 children was known to nobody.",
        "Sexual abuse: 2.",
    ],
)
def test_the_attack_finds_a_briefing_that_counts_what_a_table_withholds(tmp_path, sentence):
    (leak,) = attack(tmp_path, sentence).leaks
    assert "Sexual abuse" in leak.where


@pytest.mark.parametrize(
    "sentence",
    [
        "In nine reviews neglect was known.",
        "Sexual abuse was known. Two reviews say more about neglect.",
        "The fire began at two in the morning.",
    ],
)
def test_the_attack_leaves_other_sentences_alone(tmp_path, sentence):
    assert attack(tmp_path, sentence).leaks == ()


def test_the_files_of_a_briefing_are_read_beside_those_of_an_overview(world, briefing, tmp_path):
    publish(briefing)
    folder = tmp_path / "all"
    files = pipeline.render_briefing("guide", "numbers", folder, now=NOON)
    assert sorted(file.name for file in files) == [
        "guide-numbers.docx",
        "guide-numbers.html",
        "guide-numbers.pdf",
    ]
    (folder / "T1.csv").write_text(TABLE, "utf-8")
    result = attack_folders(folder, threshold=3)
    assert set(result.files) >= {file.name for file in files}
    assert result.leaks == ()


def test_a_description_can_be_written_without_reviews():
    assert "reviews" not in about_yaml(ABOUT.model_copy(update={"reviews": ()}))
