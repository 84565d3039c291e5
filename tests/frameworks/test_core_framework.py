"""The content of the newest built-in framework: every code can be coded from, in every nation."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from waymark.frameworks.schema import CodeSpec, FrameworkFile, cue_pattern, read_framework
from waymark.frameworks.services import BUILTIN
from waymark.frameworks.variables import NATIONS, VariableSpec

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "demo" / "reports"
NATION_TEXTS = Path(__file__).parent / "nations"
SHORTEST, LONGEST = 25, 60
# No passage of the demo reports fits these codes. A code leaves the list when one does.
WITHOUT_EXAMPLE = {
    "prac.practice.victim_blaming_language",
    "out.fatal.covert",
    "out.fatal.neglect",
    "out.fatal.overt",
    "out.fatal.extrafamilial",
    "out.fatal.related.suicide.undetermined",
    "out.fatal.related.medical",
    "out.fatal.unclear",
    "out.serious.csa_family",
    "out.serious.exploitation_sexual",
    "out.serious.exploitation_criminal",
    "out.serious.selfharm",
    "out.serious.fii",
    "out.serious.other_harm",
    "out.serious.institution",
    "harm.sexual",
    "harm.online",
    "harm.exploitation",
    "ch.deaf",
    "ch.substance",
    "ch.not_in_school",
    "ch.unaccompanied",
    "ch.lgbtq",
    "par.previous_loss",
}
BLAME = re.compile(
    r"\b(?:failed to|refuses? to engage|should have known|naive|promiscu\w*|chaotic|dysfunctional"
    r"|resistant (?:parent|famil)\w*|committed suicide|problem famil\w*|addicts?)\b",
    re.IGNORECASE,
)


def framework_of(version: str) -> FrameworkFile:
    file = BUILTIN / f"cr-core-{version}.yaml"
    return read_framework(file.read_text("utf-8"), file=file.name)


CORE = framework_of("1.1.0")
EARLIER = framework_of("1.0.0")
IDS = {part.id for part in (*CORE.codes, *CORE.variables)}
PARTS: list[CodeSpec | VariableSpec] = [*CORE.codes, *CORE.variables]


def flat(text: str) -> str:
    """The text in one line, as quotes are compared."""
    return " ".join(text.split())


def test_each_code_has_what_a_coder_needs():
    assert [fault for code in CORE.codes for fault in shortcomings(code)] == []


def shortcomings(code: CodeSpec) -> Iterator[str]:
    """What a code lacks: a definition one can code from, a rule, its two examples."""
    words = len(code.definition.split())
    if not SHORTEST <= words <= LONGEST:
        yield f"{code.id}: its definition has {words} words"
    named = set(re.findall(r"[a-z]+(?:\.[a-z_]+)+", code.rule or ""))
    if len(named & (IDS - {code.id})) < 2:
        yield f"{code.id}: its rule does not name the two nearest codes"
    if code.counter_example is None:
        yield f"{code.id}: it has no counter-example"
    if (code.example is None) != (code.id in WITHOUT_EXAMPLE):
        yield f"{code.id}: its example and the list of codes without one disagree"


def test_each_quote_is_in_its_report_once_and_word_for_word():
    reports = {path.stem: flat(path.read_text("utf-8")) for path in REPORTS.glob("*.md")}
    misplaced = [
        f"{code.id}: {example.report} has it {reports[example.report].count(quote)} times: {quote}"
        for code in CORE.codes
        for example in (code.example, code.counter_example)
        if example is not None
        for quote in [flat(example.quote)]
        if reports[example.report].count(quote) != 1
    ]
    assert misplaced == []


def test_no_code_has_the_same_words_as_example_and_counter_example():
    for code in CORE.codes:
        if code.example and code.counter_example:
            assert flat(code.example.quote) != flat(code.counter_example.quote)


def test_definitions_and_rules_are_each_written_for_their_code():
    for texts in ([code.definition for code in CORE.codes], [code.rule for code in CORE.codes]):
        assert len(set(texts)) == len(texts)


def test_a_name_has_two_words_and_is_not_cut_at_a_comma():
    names = [part.name for part in PARTS]
    assert [name for name in names if len(name.split()) < 2] == []
    assert [name for name in names if name != name.rstrip(",;: ")] == []
    assert len({code.name for code in CORE.codes}) == len(CORE.codes)
    assert CORE.code("ch.education").name == "Education: absence, exclusion, not in school"
    assert CORE.code("par.engagement").name == "Family's engagement with services"


def test_names_and_definitions_do_not_blame_families_or_workers():
    texts = [(part.id, text) for part in PARTS for text in (part.name, part.definition)]
    assert [(name, BLAME.findall(text)) for name, text in texts if BLAME.search(text)] == []


def test_disguised_compliance_is_a_cue_with_a_note_and_no_description():
    code = CORE.code("par.engagement")
    assert "disguised compliance" in code.cues
    assert "Critics" in (code.language_note or "")
    for part in PARTS:
        for text in (part.name, part.definition, part.rule or "", *part.include):
            assert "disguised compliance" not in text


def test_codes_of_suicide_name_no_method():
    methods = re.compile(r"hang|ligature|overdose|jump|train|drown|cut(?:ting)?\b", re.IGNORECASE)
    for code in CORE.codes:
        if "suicid" in code.id or "selfharm" in code.id:
            texts = [code.definition, *code.include, *code.cues]
            assert [text for text in texts if methods.search(text)] == []


def test_references_to_other_codes_and_variables_lead_to_one():
    reference = re.compile(r"\b(?:prac|out|harm|ch|par|fam|env|fac|ag|own|adult)\.[a-z_.]*[a-z]")

    def unknown_in(part: CodeSpec | VariableSpec) -> list[str]:
        examples = (getattr(part, "example", None), getattr(part, "counter_example", None))
        notes = [example.note for example in examples if example is not None]
        texts = [part.definition, part.rule or "", *part.include, *part.exclude, *notes]
        # "out.*" and "harm.exploitation_*" mean all codes that begin so.
        return [
            name
            for name in reference.findall(" ".join(texts))
            if name not in IDS and not any(known.startswith(name) for known in IDS)
        ]

    assert [(part.id, name) for part in PARTS for name in unknown_in(part)] == []


def test_what_1_1_added_says_so():
    known = {part.id for part in (*EARLIER.codes, *EARLIER.variables)}
    for part in PARTS:
        renamed = isinstance(part, CodeSpec) and bool(part.aliases)
        assert (part.since == "1.1.0") == (part.id not in known and not renamed), part.id


def test_each_earlier_id_is_mapped_and_stays_valid_or_is_an_alias():
    known = {part.id for part in (*EARLIER.codes, *EARLIER.variables)}
    aliases = {alias: code.id for code in CORE.codes for alias in code.aliases}
    assert set(CORE.mapping) == known
    for earlier in known:
        assert CORE.mapping[earlier][0] == (earlier if earlier in IDS else aliases[earlier])


def test_the_eleven_themes_keep_their_ids_and_numbers():
    def themes(framework: FrameworkFile) -> list[tuple[str, int | None]]:
        return [(code.id, code.theme) for code in framework.codes if code.theme is not None]

    assert themes(CORE) == themes(EARLIER)


def test_variables_of_1_0_keep_their_type_and_values():
    for earlier in EARLIER.variables:
        later = CORE.variable(earlier.id)
        assert (later.type, later.level, later.group) == (
            earlier.type,
            earlier.level,
            earlier.group,
        )
        kept = [value.value for value in later.allowed]
        assert [value.value for value in earlier.allowed if value.value not in kept] == []


def test_the_nature_of_the_incident_follows_from_what_the_review_was_held_for():
    nature = CORE.variable("nature")
    assert nature.derived is not None
    groups = {
        trigger: nature.derived.value_of(trigger)
        for trigger in [value.value for value in CORE.variable("trigger_class").values]
    }
    assert groups["fatal.covert"] == groups["fatal.extrafamilial"] == "assault"
    assert groups["fatal.related.sudi"] == "infant_death"
    assert groups["fatal.related.accident"] == "suicide_or_accident"
    assert groups["fatal.neglect"] == "other_death"
    assert groups["serious.physical"] == groups["other"] == "other"
    # A death counts as one, whichever of the two variables a table uses.
    deaths = {value.value: value.death for value in nature.values}
    for value in CORE.variable("trigger_class").values:
        assert value.death == deaths[groups[value.value] or ""]


def test_each_class_of_trigger_has_its_code():
    for value in CORE.variable("trigger_class").values:
        assert CORE.code(f"out.{value.value}").section == "outcome"


def test_each_service_is_asked_for_with_whom_and_when_it_was_in_contact():
    services = [variable.id for variable in CORE.variables if variable.type == "contact"]
    assert len(services) == 23
    for service in services:
        assert CORE.variable(f"{service}.with").type == "categories"
        assert CORE.variable(f"{service}.when").type == "category"


NATIONAL_CUES = [
    (code.id, nation)
    for code in CORE.codes
    for nation in NATIONS
    if code.cues_by_nation.get(nation)
]


@pytest.fixture(scope="module")
def nation_texts() -> dict[str, str]:
    return {nation: (NATION_TEXTS / f"{nation}.txt").read_text("utf-8") for nation in NATIONS}


@pytest.mark.parametrize("nation", NATIONS)
def test_cues_of_a_nation_hit_its_reports_and_no_others(nation, nation_texts):
    for code_id, of in NATIONAL_CUES:
        if of != nation:
            continue
        by_nation = CORE.code(code_id).cues_by_nation
        own = by_nation[nation]
        hits = [cue for cue in own if cue_pattern(cue).search(nation_texts[nation])]
        assert hits, f"{code_id}: no cue of {nation} is in its text"
        for other in NATIONS:
            shared = by_nation.get(other, ())
            foreign = [
                cue
                for cue in own
                if other != nation
                if cue not in shared and cue_pattern(cue).search(nation_texts[other])
            ]
            assert foreign == [], f"{code_id}: words of {nation} are in the text of {other}"


WORDS_OF_ONE_NATION = [
    "section 47",
    "public law outline",
    "MASH",
    "Cafcass",
    "EHCP",
    "youth offending team",
    "Article 66",
    "UNOCINI",
    "gateway team",
    "PPANI",
    "IRD",
    "children's hearing",
    "additional support needs",
    "care and support protection plan",
    "additional learning needs",
    "WASPI",
]


def test_words_of_one_nation_are_no_cue_of_all():
    cues = [(code.id, cue_pattern(cue)) for code in CORE.codes for cue in code.cues]
    hits = [
        (code, words) for code, cue in cues for words in WORDS_OF_ONE_NATION if cue.search(words)
    ]
    assert hits == []


@pytest.mark.parametrize("words", ["please send this", "looked after himself", "a court of law"])
def test_ordinary_words_are_no_cue_of_a_special_term(words):
    special = {"ch.disability", "ch.lac", "ch.neurodivergent"}
    hits = [
        (code.id, cue)
        for code in CORE.codes
        if code.id in special
        for cue in code.cues
        if cue_pattern(cue).search(words)
    ]
    assert hits == []
