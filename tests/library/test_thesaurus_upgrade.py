"""An earlier edition of the built-in thesaurus, edited by its owners, brought to the newest."""

from dataclasses import replace

import pytest

from tests.factories import NOON, make_person
from tests.library.conftest import make_resource
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotPermitted, RuleError
from waymark.library.models import Concept
from waymark.library.queries.thesaurus import (
    RecordToDivide,
    current_thesaurus,
    records_to_divide,
    thesaurus_version,
)
from waymark.library.services import catalogue_resource, set_subjects
from waymark.library.services.thesaurus import (
    BUILTIN,
    EARLIER,
    add_subject,
    builtin_splits,
    change_subject,
    end_subject,
    load_builtin,
    load_thesaurus,
    merge_subjects,
    preview_upgrade,
    upgrade_thesaurus,
)
from waymark.library.thesaurus import (
    ALTERNATIVE,
    HIDDEN,
    PREFERRED,
    SchemeDetails,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    broken_rules,
    read_skos,
    split_subjects,
    upgraded,
    write_turtle,
)

FIRST = EARLIER[""]


def named(key: str, *names: str, broader: str = "harm", **values) -> ThesaurusSubject:
    """A subject: its preferred name first, then other ones."""
    kinds = [PREFERRED, *[ALTERNATIVE] * (len(names) - 1)]
    labels = (SubjectName(kind, "en", text) for kind, text in zip(kinds, names, strict=True))
    return ThesaurusSubject(key, tuple(sorted(labels)), broader=frozenset({broader}), **values)


def scheme(*subjects: ThesaurusSubject, edition: str = "") -> Thesaurus:
    top = ThesaurusSubject("harm", (SubjectName(PREFERRED, "en", "Harm"),))
    details = SchemeDetails("urn:t", "urn:t:", "Small", edition=edition)
    return Thesaurus(details, {subject.key: subject for subject in (top, *subjects)})


def texts(thesaurus: Thesaurus, key: str) -> list[str]:
    names = sorted(thesaurus.subjects[key].names, key=lambda name: (name.kind != PREFERRED, name))
    return [name.text for name in names]


BASE = scheme(named("fire", "Fire", "Blaze", "Smoke"), named("water", "Water"))
NEW = scheme(
    named("fire", "Fires", "Blaze", definition="Burning."),
    named("smoke", "Smoke"),
    named("water", "Water", "Drowning"),
    edition="2",
)


# ---- three states ----


def test_what_nobody_edited_follows_the_new_edition():
    upgrade = upgraded(BASE, BASE, NEW)
    assert upgrade.thesaurus == replace(NEW, tops=None)
    assert (upgrade.change.new, upgrade.change.changed) == (("smoke",), ("fire", "water"))
    assert upgrade.own == ()


def test_own_names_subjects_and_texts_stay():
    current = scheme(
        named("fire", "Fire", "Blaze", "Smoke", "Arson", definition="Our words."),
        named("water", "Water"),
        named("ours", "Falls", broader="fire"),
    )
    upgrade = upgraded(BASE, current, NEW)
    assert texts(upgrade.thesaurus, "fire") == ["Fires", "Arson", "Blaze"]
    assert upgrade.thesaurus.subjects["fire"].definition == "Our words."
    assert upgrade.thesaurus.subjects["ours"].broader == {"fire"}
    assert upgrade.own == ("fire: your definition stays",)


def test_what_the_owners_took_out_does_not_come_back():
    current = scheme(named("fire", "Fire", "Smoke"), named("water", "Water"))
    assert texts(upgraded(BASE, current, NEW).thesaurus, "fire") == ["Fires"]


def test_an_own_preferred_name_stays_and_the_new_one_is_another_name():
    current = scheme(named("fire", "Burning", "Fire", "Blaze", "Smoke"), named("water", "Water"))
    upgrade = upgraded(BASE, current, NEW)
    assert texts(upgrade.thesaurus, "fire") == ["Burning", "Blaze", "Fire", "Fires"]
    assert upgrade.own == ("fire: your preferred name stays, beside “Fires”",)
    assert broken_rules(upgrade.thesaurus) == []


def test_a_name_that_the_owners_gave_to_another_subject_stays_there():
    current = scheme(
        named("fire", "Fire", "Blaze", "Smoke"),
        named("water", "Water"),
        named("weir", "Weir", "Drowning"),
    )
    upgrade = upgraded(BASE, current, NEW)
    assert texts(upgrade.thesaurus, "weir") == ["Weir", "Drowning"]
    assert texts(upgrade.thesaurus, "water") == ["Water"]
    assert upgrade.own == ("water: the name “Drowning” stays with your subject weir",)


def test_a_new_subject_whose_name_the_owners_have_is_left_out_with_its_links():
    new = replace(
        NEW,
        subjects={
            **NEW.subjects,
            "flood": named("flood", "Flood", related=frozenset({"water"})),
            "flash": named("flash", "Flash flood", broader="flood"),
        },
    )
    current = scheme(
        named("fire", "Fire", "Blaze", "Smoke"),
        named("water", "Water"),
        named("spate", "Spate", "Flood"),
    )
    upgrade = upgraded(BASE, current, new)
    assert "flood" not in upgrade.thesaurus.subjects
    assert upgrade.thesaurus.subjects["flash"].broader == {"harm"}
    assert upgrade.own == ("flood: the name “Flood” stays with your subject spate",)
    assert broken_rules(upgrade.thesaurus) == []


def test_a_retired_or_merged_subject_stays_so():
    current = scheme(
        replace(named("fire", "Fire"), ended=True, broader=frozenset(), replaced_by="water"),
        named("water", "Water", "Fire"),
    )
    upgrade = upgraded(BASE, current, NEW)
    assert upgrade.thesaurus.subjects["fire"].replaced_by == "water"
    assert upgrade.own == ("fire: is retired here, and stays so",)
    assert broken_rules(upgrade.thesaurus) == []


def test_an_own_place_that_would_make_a_circle_stays():
    new = scheme(named("fire", "Fire"), named("water", "Water", broader="fire"), edition="2")
    base = scheme(named("fire", "Fire"), named("water", "Water"))
    current = scheme(named("fire", "Fire", broader="water"), named("water", "Water"))
    upgrade = upgraded(base, current, new)
    assert upgrade.thesaurus.subjects["water"].broader == {"harm"}
    assert broken_rules(upgrade.thesaurus) == []


def test_a_subject_whose_name_became_a_subject_of_its_own_was_divided():
    assert split_subjects(BASE, NEW) == {"fire": {"smoke"}}


# ---- an installation ----


@pytest.fixture
def first(db):
    load_thesaurus(by=None, source=FIRST.read_bytes(), file=FIRST.name, now=NOON)


def record_of(key: str, *subjects: str):
    record = catalogue_resource(by=None, resource=make_resource(key), now=NOON)
    set_subjects(by=None, record=record, subjects=subjects, now=NOON)
    return record


def test_an_installation_that_edited_nothing_has_the_new_edition_afterwards(first):
    upgrade = upgrade_thesaurus(by=None, now=NOON)
    assert upgrade is not None
    assert upgrade.own == ()
    assert write_turtle(current_thesaurus()).encode() == BUILTIN.read_bytes()
    assert AuditEntry.objects.last().action == "upgrade thesaurus"
    assert upgrade_thesaurus(by=None, now=NOON) is None


def test_own_edits_records_and_addresses_outlive_the_upgrade(first):
    old = current_thesaurus()
    infants = old.subjects["infants"]
    ours = SubjectName(HIDDEN, "en", "wee ones")
    change_subject(
        by=None, subject=replace(infants, names=tuple(sorted((*infants.names, ours)))), now=NOON
    )
    add_subject(by=None, subject=named("our-word", "A word of ours", broader="practice"), now=NOON)
    end_subject(by=None, key="hoarding", now=NOON)
    merge_subjects(by=None, key="crying-babies", into="infants", now=NOON)
    record = record_of("a", "infants", "our-word")

    upgrade_thesaurus(by=None, now=NOON)

    after = current_thesaurus()
    assert set(old.subjects) <= set(after.subjects)
    assert ours in after.subjects["infants"].names
    assert after.subjects["our-word"].name("en") == "A word of ours"
    assert after.subjects["hoarding"].ended
    assert after.subjects["crying-babies"].replaced_by == "infants"
    assert sorted(concept.key for concept in record.subjects.all()) == ["infants", "our-word"]
    assert broken_rules(after) == []


def test_records_of_a_divided_subject_are_listed_and_left_alone(first):
    record_of("a", "autistic-children")
    upgrade_thesaurus(by=None, now=NOON)
    listed = records_to_divide(builtin_splits())
    assert [(row.reference, row.subject) for row in listed] == [("a", "autistic-children")]
    assert "children-with-adhd" in listed[0].candidates
    assert isinstance(listed[0], RecordToDivide)
    record_of("b", "autistic-children", "children-with-adhd")
    assert len(records_to_divide(builtin_splits())) == 1


def test_a_preview_writes_nothing_and_a_coder_may_not_upgrade(first):
    version = thesaurus_version()
    preview = preview_upgrade(by=None)
    assert preview is not None
    assert preview.change.new
    coder = make_person(Role.CODER)
    with pytest.raises(NotPermitted):
        upgrade_thesaurus(by=coder, now=NOON)
    assert thesaurus_version() == version


@pytest.mark.django_db
def test_another_thesaurus_is_not_upgraded():
    source = write_turtle(scheme(named("fire", "Fire"))).encode()
    load_thesaurus(by=None, source=source, file="own.ttl", now=NOON)
    with pytest.raises(RuleError, match="is not the built-in one"):
        upgrade_thesaurus(by=None, now=NOON)
    assert Concept.objects.count() == 2


@pytest.mark.django_db
def test_a_new_installation_needs_no_upgrade():
    load_builtin(by=None, now=NOON)
    assert preview_upgrade(by=None) is None
    record_of("a", "autistic-children")
    assert records_to_divide(builtin_splits()) == []


def test_no_address_of_an_earlier_edition_is_lost():
    new = read_skos(BUILTIN.read_bytes(), file="new").thesaurus
    for file in EARLIER.values():
        assert set(read_skos(file.read_bytes(), file="old").thesaurus.subjects) <= set(new.subjects)
