"""Writing a report, signing it by two, giving it out: versions, who may what, what voids what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, make_person, reading_of
from tests.overview.world import ASKED, SPEC, STOPPED, hide
from tests.publishing.giving import (
    give_out,
    prepare_and_publish,
    sign,
    stored_edition,
    write_introduction,
)
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotFound, NotPermitted, RuleError, SpecError
from waymark.documents.models import Report, ReportText, Review
from waymark.documents.services import replace_reading, set_report_state
from waymark.overview import services as overview
from waymark.overview.tables.export import table_json
from waymark.profiles.models import AgreedJudgement
from waymark.publishing import queries, services
from waymark.publishing.document.citations import CitedRecord
from waymark.publishing.document.content_note import no_notes
from waymark.publishing.document.nodes import CaseTable
from waymark.publishing.document.report_plan import PLAN, default_plan
from waymark.publishing.formats.html import IN_FILE, render_fragment, render_page
from waymark.publishing.models import Publication, ReportVersion, Signature, SigningCapacity
from waymark.publishing.queries import drafts, obstacles
from waymark.publishing.queries.closed_references import closed_sources
from waymark.publishing.queries.edition_files import public_file
from waymark.publishing.queries.editions import _cached_document, _cached_report

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
@written_once
def small(world):
    return overview.create_overview(by=world.analyst, spec=SPEC, file="s.yaml", now=NOON)


@pytest.fixture
@written_once
def snapshot(world, small):
    return overview.freeze_overview(by=world.analyst, overview=small, now=NOON)


def save(by, small, text, *, slot="introduction", base=0, now=NOON):
    return services.save_text(by=by, overview=small, slot=slot, text=text, base=base, now=now)


def key_of(words):
    text = ReportText.objects.get(content__contains=words)
    start = text.content.index(words)
    return f"{text.report.key}-{start}-{start + len(words)}"


def cases_of(document):
    return [node for node in document.nodes if isinstance(node, CaseTable)]


def faults(snapshot):
    """What stands in the way, but for the introduction that nobody has written yet."""
    versions = map(str, drafts.draft_of(snapshot, now=NOON).obstacles)
    return tuple(row for row in versions if "has no text yet" not in row)


# ---- versions ----


def test_every_saving_is_a_version_with_its_person_and_time(world, small):
    first = save(world.analyst, small, "One.")
    second = save(world.editor, small, "Two.", base=1, now=LATER)
    versions = drafts.versions_of(small, "introduction", world.editor)
    assert [(row.number, row.text, row.saved_by) for row in versions] == [
        (2, "Two.", world.editor),
        (1, "One.", world.analyst),
    ]
    first.refresh_from_db()
    assert (first.text, first.superseded_at) == ("One.", LATER)
    assert drafts.current_versions(small) == {"introduction": second}


def test_the_same_text_again_and_an_empty_first_one_make_no_version(world, small):
    assert save(world.editor, small, "  ") is None
    first = save(world.editor, small, "One.\r\n")
    assert save(world.analyst, small, "One.\n", base=1) == first
    assert ReportVersion.objects.count() == 1


def test_who_saves_second_is_told_and_neither_text_is_lost(world, small):
    save(world.analyst, small, "One.")
    save(world.analyst, small, "Two.", base=1)
    with pytest.raises(
        services.TextOvertaken, match=r"saved introduction \(version 2\) while you were editing"
    ) as caught:
        save(world.editor, small, "Mine.", base=1)
    assert caught.value.current.text == "Two."
    assert save(world.editor, small, "Both.", base=2).number == 3


def test_writing_needs_an_analyst_or_an_editor(world, small):
    with pytest.raises(NotPermitted):
        save(make_person(Role.CATALOGUER), small, "One.")
    with pytest.raises(NotPermitted, match="your own account"):
        save(None, small, "One.")
    with pytest.raises(NotPermitted):
        drafts.versions_of(small, "introduction", make_person(Role.CODER))


@pytest.mark.parametrize("slot", ["nowhere", "introduction:more", "key-themes:zzz", "references"])
def test_a_text_that_the_plan_does_not_have_is_refused(world, small, slot):
    with pytest.raises(RuleError, match=f"has no text {slot}"):
        save(world.editor, small, "One.", slot=slot)


def test_a_text_beyond_the_limit_and_characters_nobody_sees(world, small):
    with pytest.raises(RuleError, match="at most 200,000 characters"):
        save(world.editor, small, "x" * 200_001)
    assert save(world.editor, small, "a\x00b\tc\u0085").text == "ab\tc"


def test_the_plan_is_kept_like_a_text_and_checked(world, small, snapshot):
    own = default_plan().replace("title: Introduction", "title: Why we did this")
    save(world.editor, small, own, slot=PLAN)
    save(world.editor, small, "Words.")
    draft = drafts.draft_of(snapshot, now=NOON)
    assert "1 Why we did this" in render_page(draft.composed.document)
    with pytest.raises(SpecError, match="is not a part"):
        save(world.editor, small, own.replace("tables flow", "poem"), slot=PLAN, base=1)


def test_a_plan_that_names_a_table_the_overview_lacks_stands_in_the_way(world, small, snapshot):
    own = default_plan().replace("tables flow", "tables T77")
    save(world.editor, small, own, slot=PLAN)
    (fault,) = faults(snapshot)
    assert "the overview has no table T77" in fault


# ---- what may be cited ----


def test_a_passage_is_quoted_by_its_words_and_page(world, small, snapshot):
    save(world.editor, small, f"{{quote {key_of(ASKED)}}}")
    page = render_page(drafts.draft_of(snapshot, now=NOON).composed.document)
    assert f"<p>{ASKED}</p>" in page
    assert faults(snapshot) == ()


@pytest.mark.parametrize("mark", ["{{quote {0}}}", "Words [@{0}]."])
def test_a_passage_that_is_not_public_cannot_be_cited(world, small, snapshot, mark):
    key = key_of(ASKED)
    save(world.editor, small, mark.format(key))
    set_report_state(by=None, report=world.second, state=State.PUBLISHED, now=NOON)
    hide(world.first)
    fault = "; ".join(faults(snapshot))
    assert f"the passage {key} is not in a report that the public may read" in fault


@pytest.mark.parametrize("key", ["x", "000000000000-1-2", "{report}-5-999999"])
def test_a_key_that_leads_nowhere_is_told(world, small, snapshot, key):
    save(world.editor, small, f"Words\n[@{key.format(report=world.first.key)}]")
    (fault,) = faults(snapshot)
    assert fault.startswith("introduction, line 2: ")


def test_publications_come_from_the_caller_and_unknown_ones_are_told(world, small, snapshot):
    save(world.editor, small, "As told [@record:ash].")
    assert drafts.cited_records(small) == ["ash"]
    assert "the public catalogue has no publication ash" in faults(snapshot)[0]
    known = {"ash": CitedRecord("ash", ("Ash, A",), 2001, "Trees")}
    draft = drafts.draft_of(snapshot, records=known, now=NOON)
    assert draft.obstacles == ()
    assert "(Ash, 2001)" in render_page(draft.composed.document)


def test_under_another_profile_words_that_carry_a_fact_cannot_be_quoted(world, small):
    """Two reviews are too few for k5 here, so the side door alone is asked."""
    snapshot = overview.freeze_overview(by=world.analyst, overview=small, now=NOON)
    release = queries.next_release(snapshot, "open")
    fact, theme = key_of(STOPPED), key_of(ASKED)
    inside = f"{world.first.key}-4-10"
    assert drafts.side_doors(snapshot, release, [fact, theme]) == {}
    closed = replace(release, profile="k5")
    refused = drafts.side_doors(snapshot, closed, [fact, theme, inside])
    assert set(refused) == {fact, inside}
    assert "its words carry a fact" in refused[fact]
    decided = release.spec.disclosure.model_copy(update={"open_process": False})
    shut = replace(closed, spec=release.spec.model_copy(update={"disclosure": decided}))
    assert set(drafts.side_doors(snapshot, shut, [theme])) == {theme}
    crossed = drafts.side_doors(snapshot, replace(closed, opens=False), [theme])
    assert "themes are counted by a fact about people" in crossed[theme]


def test_words_that_carry_a_fact_cannot_be_quoted_from_another_reading_either(world, small):
    snapshot = overview.freeze_overview(by=world.analyst, overview=small, now=NOON)
    closed = replace(queries.next_release(snapshot, "open"), profile="k5")
    report = Report.objects.get(key=key_of(STOPPED).partition("-")[0])
    newer = reading_of("Read again.", *report.text.content.split("\n"))
    replace_reading(by=None, report=report, read=newer, now=NOON)

    def key_in_newer(words):
        start = newer.text.index(words)
        return f"{report.key}r2-{start}-{start + len(words)}"

    fact, theme = key_in_newer(STOPPED), key_in_newer(ASKED)
    # Where nobody can tell whether they carry a fact, they cannot be quoted.
    unknown = key_in_newer("Read again.")
    assert set(drafts.side_doors(snapshot, closed, [fact, theme, unknown])) == {fact, unknown}


def test_keys_of_a_hidden_report_are_in_no_table_whichever_reading_they_are_of(world, small):
    for report in Report.objects.all():
        newer = reading_of("Read again.", *report.text.content.split("\n"))
        pipeline.propose_reading(by=None, report=report, read=newer, now=NOON, accept_moved=True)
    snapshot = overview.freeze_overview(by=world.analyst, overview=small, now=NOON)

    def keys():
        tables = [
            table_json(protected, closed=closed_sources(protected, NOON))
            for protected in queries.next_release(snapshot, "open").tables
        ]
        rows = [row for printed in tables for row in printed["rows"]]
        return {key for row in rows for cell in row["cells"] for key in cell["evidence"]}

    first = f"{world.first.key}r2-"
    assert any(key.startswith(first) for key in keys())
    hide(world.first)
    assert not any(key.startswith(first) for key in keys())
    assert world.first.key in str(
        obstacles.source_obstacles(snapshot, queries.next_release(snapshot, "open"), NOON)
    )


# ---- signing ----


def test_an_edition_needs_an_analyst_and_an_editor_who_are_two_people(world, small, snapshot):
    def publish():
        return prepare_and_publish(by=world.editor, snapshot=snapshot, now=NOON)

    write_introduction(small)
    with pytest.raises(RuleError, match="no analyst has signed it"):
        publish()
    sign(world.analyst, snapshot, SigningCapacity.ANALYST)
    with pytest.raises(RuleError, match="no editor has signed it; signed so far"):
        publish()
    sign(world.editor, snapshot, SigningCapacity.EDITOR)
    edition = publish()
    assert [row.signed_at for row in queries.edition_of(edition).signatures] == [NOON, NOON]


def test_one_person_who_is_both_cannot_sign_twice(world, small, snapshot):
    both = make_person(Role.ANALYST, Role.EDITOR)
    first = sign(both, snapshot, SigningCapacity.ANALYST)
    assert sign(both, snapshot, SigningCapacity.EDITOR) == first
    with pytest.raises(RuleError, match="no editor has signed it"):
        prepare_and_publish(by=both, snapshot=snapshot, now=NOON)


@pytest.mark.parametrize(
    ("role", "capacity"),
    [
        (Role.ANALYST, SigningCapacity.EDITOR),
        (Role.EDITOR, SigningCapacity.ANALYST),
        (Role.CODER, SigningCapacity.ANALYST),
        (Role.ADMINISTRATOR, SigningCapacity.EDITOR),
    ],
)
def test_each_signs_only_in_the_capacity_of_their_role(world, small, snapshot, role, capacity):
    with pytest.raises(NotPermitted):
        sign(make_person(role), snapshot, capacity)


def test_a_change_of_a_text_voids_what_was_signed_and_keeps_it_on_record(world, small, snapshot):
    sign(world.analyst, snapshot, SigningCapacity.ANALYST)
    save(world.editor, small, "One.", base=1, now=LATER)
    signature = Signature.objects.get()
    assert signature.voided_at == LATER
    sign(world.editor, snapshot, SigningCapacity.EDITOR)
    with pytest.raises(RuleError, match="no analyst has signed it"):
        prepare_and_publish(by=world.editor, snapshot=snapshot, now=LATER)
    assert drafts.signatures_before(small)[-1] == signature


def test_a_text_put_back_does_not_bring_signatures_back(world, small, snapshot):
    save(world.editor, small, "One.")
    sign(world.analyst, snapshot, SigningCapacity.ANALYST)
    save(world.editor, small, "Two.", base=1)
    save(world.editor, small, "One.", base=2)
    assert drafts.signatures_on(drafts.draft_of(snapshot, now=NOON)) == []


def test_new_rows_need_new_signatures(world, small, snapshot):
    sign(world.analyst, snapshot, SigningCapacity.ANALYST)
    sign(world.editor, snapshot, SigningCapacity.EDITOR)
    AgreedJudgement.objects.filter(value="not_mentioned").update(value="suspected")
    newer = overview.freeze_overview(by=world.analyst, overview=small, now=LATER)
    with pytest.raises(RuleError, match="needs the signatures of two people"):
        prepare_and_publish(by=world.editor, snapshot=newer, now=LATER)


def test_what_is_cited_is_signed_too(world, small, snapshot):
    save(world.editor, small, "As told [@record:ash].")
    records = {"ash": CitedRecord("ash", ("Ash, A",), 2001, "Trees")}
    retold = {"ash": CitedRecord("ash", ("Ash, A",), 2002, "Trees")}
    sign(world.analyst, snapshot, SigningCapacity.ANALYST, records=records)
    sign(world.editor, snapshot, SigningCapacity.EDITOR, records=records)
    with pytest.raises(RuleError, match="needs the signatures"):
        prepare_and_publish(by=world.editor, snapshot=snapshot, records=retold, now=NOON)
    edition = prepare_and_publish(by=world.editor, snapshot=snapshot, records=records, now=NOON)
    assert queries.report_of(edition).records == records


def test_nobody_signs_what_they_have_not_seen(world, small, snapshot):
    seen = drafts.draft_of(snapshot, now=NOON).content
    save(world.editor, small, "One.")
    with pytest.raises(RuleError, match="has changed since you opened this page"):
        services.sign_report(
            by=world.analyst,
            snapshot=snapshot,
            capacity=SigningCapacity.ANALYST,
            seen=seen,
            now=NOON,
        )


def test_a_text_with_a_fault_is_saved_and_cannot_be_signed(world, small, snapshot):
    save(world.editor, small, "One {T2/nobody/n}.")
    with pytest.raises(RuleError, match="introduction, line 1: T2 has no row nobody"):
        sign(world.analyst, snapshot, SigningCapacity.ANALYST)
    assert not Signature.objects.exists()


def test_signatures_of_an_edition_that_was_withdrawn_are_used_up(world, small, snapshot):
    edition = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    services.withdraw_edition(by=world.editor, publication=edition, reason="A mistake.", now=LATER)
    with pytest.raises(RuleError, match="needs the signatures"):
        prepare_and_publish(by=world.editor, snapshot=snapshot, now=LATER)


def test_saving_and_signing_are_in_the_audit(world, small, snapshot):
    save(world.editor, small, "One.")
    give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    last = list(AuditEntry.objects.order_by("-pk")[:4])
    assert [row.action for row in last] == [
        "publish overview",
        "sign overview",
        "sign overview",
        "save text of overview",
    ]
    content = Publication.objects.get().content
    assert [row.detail["content"] for row in last[:3]] == [content] * 3
    assert last[1].detail["capacity"] == "editor"
    assert last[3].detail == {"slot": "introduction", "version": 1, "signatures_voided": 0}


# ---- editions ----


def test_an_edition_says_who_signed_it(world, small, snapshot):
    edition = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    page = render_page(queries.document_of(edition, now=NOON))
    assert f"{world.analyst.username} (analyst), 4 May 2026" in page
    assert f"{world.editor.username} (editor), 4 May 2026" in page
    assert edition.content in page


def test_an_edition_stays_as_it_was_whatever_is_written_after_it(world, small, snapshot):
    save(world.editor, small, f"One.\n\n{{quote {key_of(ASKED)}}}")
    edition = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    before = render_page(queries.document_of(edition, now=NOON))
    save(world.editor, small, "Two.", base=1)
    _cached_document.cache_clear()
    _cached_report.cache_clear()
    assert render_page(queries.document_of(edition, now=LATER)) == before
    assert "One." in before


def test_an_edition_keeps_the_chapters_of_the_plan_that_it_was_signed_with(world, small, snapshot):
    """As when Waymark comes with another plan later: only the next edition has its chapters."""
    earlier = default_plan().replace("title: The review process", "title: How reviews come about")
    save(world.editor, small, earlier, slot=PLAN)
    edition = give_out(editor=world.editor, snapshot=snapshot, analyst=world.analyst)
    save(world.editor, small, default_plan(), slot=PLAN, base=1)
    _cached_document.cache_clear()
    page = render_page(queries.document_of(edition, now=NOON))
    assert "How reviews come about" in page
    assert "The review process" not in page
    draft = render_page(drafts.draft_of(snapshot, now=NOON).composed.document)
    assert "The review process" in draft


def test_a_changed_text_alone_is_the_next_edition(world, small, snapshot):
    first = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    save(world.editor, small, "Changed.", base=1)
    second = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    assert (first.edition, second.edition) == (1, 2)
    assert queries.published_edition("small") == second


def test_what_changed_since_the_edition_that_stands_is_told_text_by_text(world, small, snapshot):
    save(world.editor, small, "One.")
    assert drafts.changes_of(drafts.draft_of(snapshot, now=NOON)).since is None
    give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    save(world.editor, small, "Two.", base=1)
    save(world.editor, small, "New.", slot="foreword")
    changes = drafts.changes_of(drafts.draft_of(snapshot, now=NOON))
    assert (changes.since, changes.rows, changes.profile) == (1, False, False)
    assert [(row.slot, row.before, row.after) for row in changes.texts] == [
        ("foreword", "", "New."),
        ("introduction", "One.", "Two."),
    ]


def test_an_edition_from_before_there_were_chapters_is_still_the_page_it_was(
    world, small, snapshot
):
    old = stored_edition(snapshot, by=world.editor)
    page = render_page(queries.document_of(old, now=NOON))
    assert "How this overview was made" in page
    assert "Signed by" not in page
    assert queries.report_of(old) is None
    assert queries.chapters_citing([key_of(ASKED)], now=NOON) == []


def test_words_of_a_withdrawn_report_are_gone_from_page_and_file(world, small, snapshot):
    save(world.editor, small, f"One.\n\n{{quote {key_of(ASKED)}}}")
    edition = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    assert queries.public_pdf(edition, NOON) == queries.pdf_path(edition)
    hide(Report.objects.get(pk=world.first.pk))
    page = render_page(queries.document_of(edition, now=LATER))
    assert ASKED not in page
    assert "no longer public" in page
    with pytest.raises(NotFound, match="contains what is no longer public"):
        queries.public_pdf(edition, LATER)


def test_files_with_words_of_a_withdrawn_report_are_held_back_and_none_is_made(
    world, small, snapshot
):
    save(world.editor, small, f"One.\n\n{{quote {key_of(ASKED)}}}")
    edition = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    assert services.make_files(edition, notes_of=no_notes, now=NOON)
    assert public_file(edition, "ods", NOON).startswith(b"PK")
    hide(Report.objects.get(pk=world.first.pk))
    with pytest.raises(NotFound, match="contains what is no longer public"):
        public_file(edition, "ods", LATER)
    edition.files.all().delete()
    assert not services.make_files(edition, notes_of=no_notes, now=LATER)
    assert not edition.files.exists()


def test_a_withdrawn_review_keeps_a_row_without_reference_link_or_facts(world, small, snapshot):
    edition = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    (cases,) = cases_of(queries.document_of(edition, now=NOON))
    # Only the crosstab by drink counts reviews: S1 drinks, S2 is not mentioned.
    assert cases.rows == (("S1", "Recorded as present"), ("S2", "Not mentioned"))
    hide(Review.objects.get(reference="S1"))
    document = queries.document_of(edition, now=LATER)
    (cases,) = cases_of(document)
    assert (cases.rows, cases.closed) == ((("S2", "Not mentioned"),), 1)
    linked = render_fragment(
        replace(document, nodes=(cases,)),
        address=None,
        links=replace(IN_FILE, review=lambda reference: f"/reviews/{reference}/"),
    )
    assert "S1" not in linked
    assert "Recorded as present" not in linked
    assert linked.index("/reviews/S2/") < linked.index("A review that is no longer public")
    with pytest.raises(NotFound, match="contains what is no longer public"):
        queries.public_pdf(edition, LATER)


def test_from_words_to_the_chapters_that_cite_them(world, small, snapshot):
    key = key_of(ASKED)
    save(world.editor, small, f"{{quote {key}}}")
    edition = give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    report, start, end = key.split("-")
    inside = f"{report}-{int(start) + 2}-{int(end) - 2}"
    for cited in (key, inside):
        (use,) = queries.chapters_citing([cited], now=NOON)
        assert (use.publication, use.anchor, use.title) == (
            edition,
            "introduction",
            "1 Introduction",
        )
    assert queries.chapters_citing([key_of(STOPPED)], now=NOON) == []
