"""Contacts of public bodies and large places: what an imprint prints names nobody."""

import pytest

from waymark.core.errors import RuleError
from waymark.documents.anonymity.public_bodies import BUILTIN, public_contacts
from waymark.documents.anonymity.search import find_identifiers

IMPRINT = """You may use this information under the licence: write to the Information Policy Team,
The National Archives, Kew, London TW9 4DU, or email: psi@nationalarchives.gsi.gov.uk.
Piccadilly Gate
Store Street
Manchester
M1 2WD
T: 0300 123 1231
Textphone: 0161 618 8524
The Children and Family Court Advisory and Support Service is inspected too.
"""


def finds(text, **options):
    return [(find.kind, find.words) for find in find_identifiers(text, **options)]


def test_the_imprint_of_a_public_body_raises_no_identifier():
    assert finds(IMPRINT) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They moved to Kew in May.", [("place", "Kew")]),
        ("The flat was in M1 2WD then.", [("address", "M1 2WD")]),
        ("She lived at 12 Store Street then.", [("address", "12 Store Street")]),
        ("He rang 0161 618 8525 at night.", [("contact", "0161 618 8525")]),
    ],
)
def test_a_part_of_a_public_address_or_a_number_beside_it_is_still_found(text, found):
    assert finds(text) == found


@pytest.mark.parametrize(
    ("mailbox", "found"),
    [
        ("information.policy@northshire.gov.uk", False),
        ("psi@nationalarchives.gov.uk", False),
        ("karen.whitcombe@northshire.gov.uk", True),
        ("grace@northshire.gov.uk", True),
        ("kw@northshire.gov.uk", True),
        ("information.policy@notgov.uk", True),
        ("psi@nationalarchives.example.org", True),
    ],
)
def test_an_email_address_of_a_public_body_is_left_out_only_if_it_can_name_nobody(mailbox, found):
    assert bool(finds(f"They wrote to {mailbox} in May.")) is found


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Services from Manchester were commissioned.", ["place"]),
        ("The model of North Yorkshire was used.", ["place"]),
        ("The social worker spoke to Ms Manchester.", ["person"]),
        ("A nurse saw Manchester's mother.", ["person"]),
        ("It seems that Bedford cried at night.", ["person"]),
        ("The social worker spoke to Siobhan.", ["person"]),
    ],
)
def test_a_large_place_is_shown_under_places_unless_it_is_used_as_a_persons_name(text, kinds):
    assert [kind for kind, _ in finds(text)] == kinds


def test_an_installation_adds_public_bodies_of_its_own(tmp_path):
    file = tmp_path / "bodies.yaml"
    file.write_text(
        "domains: [northshire.example]\n"
        "bodies:\n"
        "  - name: Northshire Safeguarding Board\n"
        '    addresses: ["Elm House, Mill Lane, Northshire NX1 1AA"]\n'
        '    telephones: ["01632 960001"]\n'
    )
    text = (
        "Write to Elm House, Mill Lane,\nNorthshire NX1 1AA, ring 01632 960 001 or +44 1632 960001"
        " or write to information@northshire.example.\n"
    )
    assert finds(text, bodies=[file]) == []
    assert len(finds(text)) > 3
    assert finds(text, bodies=[file], always=["mill lane"]) == [("person", "mill lane")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- a list\n", "must have the keys"),
        ("people: []\n", "must have the keys"),
        ("bodies: [{addresses: []}]\n", "has a name"),
        ("bodies: [{name: A, phones: []}]\n", "has a name"),
        ("bodies: [{name: A, addresses: [Kew]}]\n", "no postcode"),
        ("bodies: [\n", "is not YAML"),
    ],
)
def test_a_list_in_another_format_is_refused_with_its_file(tmp_path, content, message):
    file = tmp_path / "bodies.yaml"
    file.write_text(content)
    with pytest.raises(RuleError, match=message) as refusal:
        public_contacts(file)
    assert "bodies.yaml" in str(refusal.value)


def test_the_built_in_list_has_a_postcode_in_each_address():
    assert public_contacts(BUILTIN).emails
