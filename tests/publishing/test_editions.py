"""Editions under k5, one after another: what the first withheld the later ones may not undo."""

from dataclasses import replace

import pytest

from tests.factories import NOON, make_person, make_review
from tests.overview.rows import BUILTIN, DEMO_SPEC, fixture_rows
from tests.overview.small import values
from tests.overview.test_ledger import with_more
from tests.publishing.giving import give_out, sign
from tests.written_once import written_once
from waymark.accounts.models import Role
from waymark.core.errors import ConcurrentChange, NotFound, RuleError
from waymark.frameworks.services import load_framework, publish_framework
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries.evidence import uses_of
from waymark.overview.snapshot.file_format import pack_rows
from waymark.publishing import queries, services
from waymark.publishing.formats.html import render_fragment
from waymark.publishing.models import CountedCell, Publication, SigningCapacity

pytestmark = pytest.mark.django_db
LINES = DEMO_SPEC.splitlines(keepends=True)
DECISION = "profile: k5\n  open_process: false"


def only_the_incidents(decision: str) -> str:
    """The demo's spec with the table of incidents and its figure alone."""
    head = DEMO_SPEC[: DEMO_SPEC.index("logic:")].replace("profile: open", decision)
    head = head[: head.index("points:")] + head[head.index("select:") :]
    start = DEMO_SPEC.index("  - id: T3")
    table = DEMO_SPEC[start : DEMO_SPEC.index("  - id: T4")]
    figure = next(line for line in LINES if "id: F3" in line)
    return f"{head}tables:\n{table}\nfigures:\n{figure}"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR)


@pytest.fixture
@written_once
def overview(editor):
    framework = load_framework(
        by=None, source=BUILTIN.read_text("utf-8"), file=BUILTIN.name, now=NOON
    )
    publish_framework(by=None, framework=framework, now=NOON)
    return Overview.objects.create(
        slug="demo", title="Demo", framework=framework, created_by=editor, created_at=NOON
    )


def snapshot_of(overview, rows, *, decision=DECISION):
    """Rows as if they had just been frozen: what stands behind them does not matter here."""
    source = only_the_incidents(decision)
    packed_rows = pack_rows(replace(rows, spec=source))
    SpecVersion.objects.create(
        overview=overview,
        number=overview.versions.count() + 1,
        title="Demo",
        spec=source,
        saved_by=overview.created_by,
        saved_at=NOON,
    )
    return Snapshot.objects.create(
        overview=overview,
        number=overview.snapshots.count() + 1,
        taken_at=NOON,
        taken_by=overview.created_by,
        spec=source,
        rows=packed_rows.content,
        sha256=packed_rows.sha256,
        code_version="0",
    )


def publish(editor, snapshot):
    return give_out(editor=editor, snapshot=snapshot)


def two_more():
    return with_more(fixture_rows(), R25="assault", R26="suicide_or_accident")


def printed(publication):
    table = queries.table_of(publication, "T3").table
    return [row[0] for row in values(table, "n").values()]


def test_an_edition_under_k5_withholds_and_remembers_what(editor, overview):
    edition = publish(editor, snapshot_of(overview, fixture_rows()))
    assert printed(edition) == ["[c]", "[c]", "8", "18", "6", "24"]
    assert len(queries.ledger_entries_for(edition.snapshot)) == 1
    page = render_fragment(queries.document_of(edition, now=NOON), address="/overviews/demo/")
    assert "[c]" in page
    assert "/T3/assault" not in page


def test_a_withheld_number_opens_to_nothing(editor, overview):
    edition = publish(editor, snapshot_of(overview, fixture_rows()))
    for row in ("assault", "all"):
        with pytest.raises(NotFound, match="does not link to evidence"):
            queries.cell_evidence(edition, "T3", row, "n", person=editor, now=NOON)


def test_under_k5_a_passage_tells_only_the_numbers_that_link_to_it(editor, overview):
    edition = publish(editor, snapshot_of(overview, fixture_rows()))
    keys = {quote.key for row in fixture_rows().judgements for quote in row.quotes}
    now = uses_of(edition.frozen, keys, "k5", queries.ledger_entries_for(edition.snapshot))
    assert {use.cell for use in queries.uses_of(keys)} == set(now)
    assert "assault" not in CountedCell.objects.values_list("row", flat=True)


def test_a_second_edition_with_two_more_reviews_is_refused(editor, overview):
    publish(editor, snapshot_of(overview, fixture_rows()))
    with pytest.raises(RuleError, match="only 2 records differ from edition 1"):
        publish(editor, snapshot_of(overview, two_more()))


def test_a_withdrawn_edition_still_counts_as_read(editor, overview):
    edition = publish(editor, snapshot_of(overview, fixture_rows()))
    services.withdraw_edition(by=editor, publication=edition, reason="A mistake.", now=NOON)
    with pytest.raises(RuleError, match="only 2 records differ from edition 1"):
        publish(editor, snapshot_of(overview, two_more()))


def test_it_is_made_where_the_pattern_is_kept(editor, overview):
    publish(editor, snapshot_of(overview, fixture_rows()))
    keep = DECISION + "\n  keep_withheld: true"
    edition = publish(editor, snapshot_of(overview, two_more(), decision=keep))
    assert printed(edition) == ["[c]", "[c]", "9", "20", "6", "26"]
    assert len(queries.ledger_entries_for(edition.snapshot)) == 2


def test_what_was_open_once_cannot_be_withheld_later(editor, overview):
    silent = tuple(row._replace(places=()) for row in fixture_rows().judgements)
    rows = replace(fixture_rows(), judgements=silent, codes=(), recommendations=())
    for reference in rows.counted:
        make_review(reference)
    edition = publish(editor, snapshot_of(overview, rows, decision="profile: open"))
    assert printed(edition) == ["4", "6", "8", "18", "6", "24"]
    with pytest.raises(RuleError, match="T3 cannot be shown in this release"):
        publish(editor, snapshot_of(overview, rows))


# ---- several overviews of the same reviews ----


@pytest.fixture
def other(overview, editor):
    return Overview.objects.create(
        slug="other",
        title="Other",
        framework=overview.framework,
        created_by=editor,
        created_at=NOON,
    )


def natures(letter, **numbers):
    """Rows of made-up reviews, of which nothing but the nature of the incident is known."""
    bare = replace(
        fixture_rows(),
        reviews=(),
        judgements=(),
        children=(),
        codes=(),
        double_coded=(),
        recommendations=(),
    )
    listed = [nature for nature, number in numbers.items() for _ in range(number)]
    return with_more(bare, **{f"{letter}{at}": nature for at, nature in enumerate(listed, 1)})


def both(first, second):
    return replace(
        first,
        reviews=(*first.reviews, *second.reviews),
        judgements=(*first.judgements, *second.judgements),
    )


EARLY = {"assault": 10, "infant_death": 6, "suicide_or_accident": 6, "other": 6}
LATE = {"assault": 2, "infant_death": 9, "suicide_or_accident": 6, "other": 6}


def test_another_overview_with_two_more_of_the_same_reviews_is_refused_too(editor, overview, other):
    publish(editor, snapshot_of(overview, fixture_rows()))
    with pytest.raises(RuleError, match="only 2 records differ from demo, edition 1"):
        publish(editor, snapshot_of(other, two_more()))


def test_overviews_of_different_reviews_do_not_know_of_each_other(editor, overview, other):
    publish(editor, snapshot_of(overview, natures("E", **EARLY)))
    edition = publish(editor, snapshot_of(other, natures("L", **LATE)))
    assert printed(edition) == ["[c]", "9", "[c]", "17", "6", "23"]
    assert len(queries.ledger_entries_for(edition.snapshot)) == 1


def test_a_part_does_not_print_what_the_whole_would_then_tell_of_the_rest(editor, overview, other):
    """12 of both are printed: 10 beside it, of the early one, would tell 2 of the late one."""
    early, late = natures("E", **EARLY), natures("L", **LATE)
    publish(editor, snapshot_of(overview, both(early, late)))
    edition = publish(editor, snapshot_of(other, early))
    assert printed(edition) == ["[c]", "6", "[c]", "22", "6", "28"]
    third = Overview.objects.create(
        slug="third",
        title="Third",
        framework=overview.framework,
        created_by=overview.created_by,
        created_at=NOON,
    )
    rest = publish(editor, snapshot_of(third, late))
    assert printed(rest) == ["[c]", "9", "[c]", "17", "6", "23"]


def test_an_edition_with_more_reviews_does_not_tell_how_few_of_them_are_of_a_kind(editor, overview):
    """10 assaults were printed of 28 reviews: 12 of 51 would tell 2 of the 23 that came."""
    early, late = natures("E", **EARLY), natures("L", **LATE)
    assert printed(publish(editor, snapshot_of(overview, early)))[0] == "10"
    edition = publish(editor, snapshot_of(overview, both(early, late)))
    assert printed(edition)[0] == "[c]"


def test_an_edition_shows_the_same_whatever_other_overviews_gave_out_after_it(
    editor, overview, other
):
    edition = publish(editor, snapshot_of(overview, natures("E", **EARLY)))
    before = printed(edition)
    publish(editor, snapshot_of(other, both(natures("E", **EARLY), natures("L", **LATE))))
    assert printed(edition) == before


def test_an_edition_is_not_published_if_another_of_its_reviews_was_while_it_was_typeset(
    editor, overview, other
):
    """It was protected against what was published before, which leaves out the other one."""
    snapshot = snapshot_of(overview, fixture_rows())
    sign(make_person(Role.ANALYST), snapshot, SigningCapacity.ANALYST)
    sign(editor, snapshot, SigningCapacity.EDITOR)
    prepared = services.prepare_edition(by=editor, snapshot=snapshot, now=NOON)
    publish(editor, snapshot_of(other, fixture_rows()))
    with pytest.raises(
        ConcurrentChange, match="another overview of some of these reviews was published"
    ):
        services.publish_edition(by=editor, prepared=prepared, now=NOON)
    assert Publication.objects.count() == 1
