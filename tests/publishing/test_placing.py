"""What the program puts into each chapter, said so that a researcher understands it."""

from tests.overview.small import SPEC
from waymark.overview.spec.schema import AnyTable, Band, CrosstabTable, Dimension, SilenceTable
from waymark.publishing.document.chapter_tables import describe_generated_parts
from waymark.publishing.document.report_plan import GENERATED_PARTS, default_plan, read_plan


def test_every_entry_is_a_table_as_it_is_printed_or_plain_words() -> None:
    parts, left = describe_generated_parts(read_plan(default_plan()), SPEC)
    assert {name: lines for name, lines in parts.items() if lines} == {
        "summary": ["the main points, as the analyst wrote them with the tables"],
        "introduction": ["what the overview is about, as the analyst wrote it with the tables"],
        "review-process": ["Table 1: Flow (with figure 1)"],
        "methodology": [
            "what was done: how the reviews were chosen, read, counted and protected",
            "Table 14: Agreement",
            "what these figures cannot tell",
        ],
        "case-profiles": [
            "the reviews side by side, where every number may be shown",
            "Table 2: Years (with figure 2)",
            "Table 3: Cause (with figure 3)",
            "Table 4: People",
            "Table 7: Services",
            "Table 8: Factors (with figure 5)",
            "Table 9: Together",
        ],
        "key-themes": [
            "Table 10: Themes (with figure 6)",
            "each theme with its definition and the number of reviews, before its text",
        ],
        "framework": ["all definitions with which the reports were read"],
        "selection": ["which reviews were selected, excluded and read"],
        "references": ["the passages and publications that the texts cite"],
        "provenance": ["where the figures come from, and who signed"],
    }
    assert left == []


def test_how_long_reviews_took_and_silence_have_chapters_of_their_own() -> None:
    """Months are of reviews, too: the chapter on how they were carried out comes first."""
    tables = [with_months(table) if table.id == "T2" else table for table in SPEC.tables]
    silence = SilenceTable(kind="silence", id="T18", title="Silence")
    spec = SPEC.model_copy(update={"tables": (*tables, silence)})
    parts, left = describe_generated_parts(read_plan(default_plan()), spec)
    assert parts["conduct-of-reviews"] == ["Table 2: Years (with figure 2)"]
    assert parts["strengths-and-limits"] == ["Table 18: Silence"]
    assert not any("Table 2:" in line for line in parts["case-profiles"])
    assert left == []


def with_months(table: AnyTable) -> AnyTable:
    months = Dimension(
        count="months_to_report", bands=(Band.model_validate({"id": "a", "label": "A", "from": 0}),)
    )
    assert isinstance(table, CrosstabTable)
    (block,) = table.blocks
    return table.model_copy(update={"blocks": (block.model_copy(update={"rows": months}),)})


def test_each_audience_has_a_text_of_its_own_and_no_new_chapter_is_required() -> None:
    plan = read_plan(default_plan())
    new = ("conduct-of-reviews", "other-findings", "implications", "strengths-and-limits")
    chapters = {chapter.id: chapter for chapter in plan.chapters}
    assert not any(chapters[name].required for name in (*new, "reflexivity"))
    assert all(chapters[name].hint for name in (*new, "reflexivity"))
    assert [slot for slot in plan.slots(()) if slot.startswith("implications")] == [
        "implications",
        "implications:practitioners",
        "implications:managers",
        "implications:boards",
        "implications:policy",
        "implications:researchers",
    ]


def test_a_table_that_no_chapter_takes_is_told_apart() -> None:
    plan = default_plan().replace(", tables agreement", "").replace(", tables flow", "")
    parts, left = describe_generated_parts(read_plan(plan), SPEC)
    assert left == ["Table 1: Flow (with figure 1)", "Table 14: Agreement"]
    assert parts["review-process"] == []


def test_no_word_of_the_plan_s_own_language_is_left() -> None:
    parts, _ = describe_generated_parts(read_plan(default_plan()), SPEC)
    lines = " ".join(table for entries in parts.values() for table in entries).lower()
    assert not [word for word in ("yaml", "tables flow", "tables agreement") if word in lines]
    assert not any(entry in GENERATED_PARTS for entries in parts.values() for entry in entries)
