"""The rules of the anonymity check, each on a sentence written for it."""

import re
import string
import sys
import time

import pytest

from waymark.documents.anonymity.file_names import words_of_file_name
from waymark.documents.anonymity.identifiers import KINDS
from waymark.documents.anonymity.numbers import has_check_digit
from waymark.documents.anonymity.search import find_identifiers, may_name_person
from waymark.documents.anonymity.word_lists import in_either_case, words_of


def words(text: str, kind: str = "", **options: object) -> list[str]:
    """The words of the finds of one kind, or of all."""
    return [find.words for find in find_identifiers(text, **options) if kind in {"", find.kind}]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It was Ms Wood who telephoned.", ["Wood"]),
        ("The letter was signed by PC O'Hara.", ["O'Hara"]),
        ("Concerns about Grace were recorded.", ["Grace"]),
        ("The mother, Rose, agreed to the plan.", ["Rose"]),
        ("The school noted Aoife's low mood.", ["Aoife"]),
        ("Siobhán said that she was well.", ["Siobhán"]),
        ("He met Rhys ap Dafydd and Ngozi Okonkwo.", ["Rhys ap Dafydd", "Ngozi Okonkwo"]),
        ("The file of KAREN WHITCOMBE was lost.", ["KAREN WHITCOMBE"]),
        ("A letter from K. Wood was not answered.", ["K. Wood"]),
        ("A nurse saw Sioned at home.", ["Sioned"]),
        ("They wrote to Karen Wood.", ["Karen Wood"]),
    ],
)
def test_a_name_is_found_by_its_title_role_capital_or_possessive(text, names):
    assert words(text, "person") == names


@pytest.mark.parametrize(
    "text",
    [
        "Nobody asked why. Visits stopped in May and began again in August.",
        "The Local Safeguarding Children Board met on Monday.",
        "It is hope on which the plan rested: will it last?",
        "The GP, the MARAC and CAMHS were told. DfE guidance was followed.",
        "Child A and Mother lived with a Polish family. Dr A was told.",
        "Working Together to Safeguard Children 2015 applied to the case.",
        "Ardmoyle Area Child Protection Committee met. The people of Ardmoyle were not told.",
        "The regional evening nurse (REGENUR) called. A second REGENUR followed.",
    ],
)
def test_agencies_months_acronyms_and_pseudonyms_are_no_names(text):
    assert words(text) == []


def test_a_word_that_the_report_also_writes_in_lower_case_is_no_name():
    assert words("They used Zobbering. A course on zobbering was held.") == []
    assert words("They spoke to Zobbering.") == ["Zobbering"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mum (karen) said that her son fell.", ["karen"]),
        ("Her partner, wayne, was out.", ["wayne"]),
        ("A brother called tyrone was seen.", ["tyrone"]),
        ("There was a call from mr whitcombe.", ["whitcombe"]),
        ("A nurse looked at zofia's arm.", ["zofia"]),
        ("Notes: karen said that he fell.", ["karen"]),
        ("The mother, tearful, left. The father (absent) and the children's mother rang.", []),
    ],
)
def test_a_name_in_lower_case_is_found_where_only_a_name_can_stand(text, names):
    assert words(text, "person") == names


def test_a_name_written_once_in_lower_case_is_still_a_name():
    text = "They spoke to Karen. They spoke to karen again. They rang Karen."
    assert words(text, "person") == ["Karen", "Karen"]


def test_a_name_found_once_is_found_everywhere():
    text = "The mother, Rose, was ill. Rose Cottage was damp. A nurse spoke with Rose."
    assert words(text, "person").count("Rose") == 2


def test_positions_are_those_of_the_text_even_with_typographic_signs():
    text = "It\u2019s O\u2019Hara\u2019s car \u2013 she drove to Ms O\u2019Hara."
    finds = find_identifiers(text)
    assert [text[find.start : find.end] for find in finds] == ["O\u2019Hara", "O\u2019Hara"]


def test_a_name_in_capitals_in_brackets_is_no_acronym():
    assert words("The younger girl (KAREN) was seen. KAREN was well.") == ["KAREN", "KAREN"]


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("initials", "The note was signed J.S. and filed.", ["J.S."]),
        ("birth-date", "She was born on 3 May 2004.", ["3 May 2004"]),
        ("birth-date", "D.O.B. 03/05/2004", ["03/05/2004"]),
        ("exact-date", "He died on 14 June 2011.", ["14 June 2011"]),
        ("exact-date", "On 4 July 2011, aged 2 years, he was seen.", ["4 July 2011"]),
        ("place", "The family moved to Brackenthwaite.", ["Brackenthwaite"]),
        ("address", "They lived at 12 Mill Lane, LS9 7TF.", ["12 Mill Lane", "LS9 7TF"]),
        ("address", "Her Eircode was A65 F4E2.", ["A65 F4E2"]),
        ("institution", "He went to Oakfield primary school.", ["Oakfield primary school"]),
        ("institution", "He went to St Anne's Nursery.", ["St Anne's Nursery"]),
        ("health-number", "It was 943 476 5919.", ["943 476 5919"]),
        ("official-number", "NINO AB 12 34 56 C", ["AB 12 34 56 C"]),
        ("official-number", "Case BS14C00123 was heard.", ["BS14C00123"]),
        ("official-number", "The car was LM14 XTE.", ["LM14 XTE"]),
        ("contact", "Ring 07700 900123.", ["07700 900123"]),
        ("contact", "Write to kw@example.org.", ["kw@example.org"]),
        ("contact", "See https://www.facebook.com/lowri99", ["https://www.facebook.com/lowri99"]),
        ("rare-fact", "They were triplets.", ["triplets"]),
    ],
)  # fmt: skip
def test_every_other_type_is_found(kind, text, found):
    assert kind in KINDS
    assert words(text, kind) == found


@pytest.mark.parametrize(
    "text",
    [
        "It was 943 476 5918.",
        "The child was born in May 2004 and died in June 2011.",
        "The meeting on 3 May 2004 was short.",
        "He went to a primary school and to the children's hospital.",
        "Ring 0300 123 1231 or write to enquiries@example.org.",
        "See https://www.example.org/reports/2015.",
    ],
)
def test_what_looks_alike_is_left_out(text):
    assert words(text) == []


def test_the_check_digit_of_a_health_number_is_worked_out_by_modulus_11():
    assert has_check_digit("9434765919")
    assert not has_check_digit("9434765918")
    assert not has_check_digit("0000000000")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Child A and Child C were seen.", ["Child C"]),
        ("Child B, a boy, was shy. Child B, a girl, was not.", ["Child B"]),
        ("Karen was three. In the notes Child K is shy.", ["Child K"]),
        ("Child Rowan was the second child. Child Rowan slept.", ["Rowan"]),
        ("The boy, called Child Rowan in this report, slept. Child Rowan was shy.", []),
        ("Child Larch was the second child. Larch slept.", []),
        ("Child A and Child B were seen.", []),
    ],
)
def test_pseudonyms_are_checked_for_gaps_doubles_initials_and_declarations(text, found):
    assert words(text, "pseudonym") == found


def test_a_name_in_the_file_name_alone_is_found_there():
    finds = find_identifiers(
        "Child A was seen.", sources={"file name": "Review of Karen Whitcombe"}
    )
    assert [(find.words, find.source) for find in finds] == [("Karen Whitcombe", "file name")]
    text = "Ms Whitcombe was seen."
    finds = find_identifiers(text, sources={"title": text})
    assert [find.source for find in finds] == ["", "title"]


@pytest.mark.parametrize(
    ("file_name", "found"),
    [
        ("Review_of-Karen-R12.pdf", ["Karen"]),
        ("review-of-karen-whitcombe.pdf", ["Karen Whitcombe"]),
        ("karenWhitcombeReport.docx", ["Karen Whitcombe"]),
        ("siobhan2_final_v3.pdf", ["Siobhan"]),
        ("O'Brien review.pdf", ["O'Brien"]),
        ("lscb-scr-overview-report-2014.pdf", []),
        ("overviewReport2019_Child_A_FINAL.pdf", []),
        ("80447_2015-09-15.pdf", []),
        ("R01.pdf", []),
    ],
)
def test_names_in_file_names_are_found_in_small_letters_and_without_spaces(file_name, found):
    assert words("", sources={"file name": words_of_file_name(file_name)}) == found


@pytest.mark.parametrize(
    ("listed", "may_be"),
    [
        ("Siobhan", True),
        ("karen", True),
        ("Grace", True),
        ("Brackenthwaite", True),
        ("Manchester", False),
        ("North Yorkshire", False),
        ("the board", False),
        ("Child A", False),
    ],
)
def test_words_that_may_be_a_persons_name(listed, may_be):
    assert may_name_person(listed) is may_be


def test_words_that_are_never_or_always_identifiers_here():
    text = "They met in Brackenthwaite. The blue caravan was empty."
    assert words(text) == ["Brackenthwaite"]
    assert words(text, never=["brackenthwaite"], always=["blue caravan"]) == ["blue caravan"]


@pytest.mark.parametrize(
    "text",
    [
        "A" * 200_000,
        "A a." * 50_000,
        "Karen " * 40_000,
        "a.b" * 60_000,
        "called Karen, " * 15_000,
        "Child A, Child B " * 12_000,
        "1 2-3 4" * 30_000,
        "O'" * 100_000,
        "J.S." * 50_000,
        "born 3 May 2001 " * 12_000,
        "died 3 May 2001 " * 12_000,
    ],
    ids=lambda text: text[:8],
)
def test_no_text_takes_longer_than_its_length_allows(text):
    begun = time.process_time()
    find_identifiers(text)
    assert time.process_time() - begun < 15


@pytest.mark.parametrize(
    "statement",
    [
        "She was known as Karen throughout her childhood.",
        "She was called Karen below the stairs.",
        "He was called Karen for this reason.",
        "They said that the name Karen was given at birth.",
        "They said that the name Karen was not written down.",
        "Karen is not her real mother.",
    ],
)
def test_a_statement_about_a_person_declares_no_pseudonym(statement):
    assert words(f"{statement} A nurse saw Karen at home.", "person")[-1] == "Karen"


@pytest.mark.parametrize(
    "statement",
    [
        "She is known as Karen throughout this report.",
        "She is called Karen throughout.",
        "She is referred to as Karen for the purposes of this review.",
        "The review uses the name Karen, which is not her real name.",
        "They agreed that the name Karen is used in this report.",
        "The girl, here called Karen, was shy.",
    ],
)
def test_a_statement_about_the_report_declares_a_pseudonym(statement):
    assert words(f"{statement} A nurse saw Karen at home.") == []


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("Her number was 943.476.5919 then.", "health-number", ["943.476.5919"]),
        ("Hosp no. 1234567 and MRN 7654321 were used.", "health-number", ["1234567", "7654321"]),
        ("PAS number 445566 was used.", "health-number", ["445566"]),
        ("The flat was in BT1\n5GS and then in BT1  5GT.", "address", ["BT1 5GS", "BT1 5GT"]),
        ("He rang 07700.900.123 at night.", "contact", ["07700.900.123"]),
        ("On Snapchat: kaz_h94 wrote to him.", "contact", ["kaz_h94"]),
        ("The Facebook page karen.holl.94 was shown.", "contact", ["karen.holl.94"]),
        ("She used Facebook often. On Facebook. Instagram is a site.", "contact", []),
        ("The page #JusticeForKaren was read.", "contact", ["#JusticeForKaren"]),
        ("The mother (SM) rang. JB (father) did not.", "initials", ["SM", "JB"]),
        ("The child (CAMHS) was seen. A father (GP) rang. A CIN (child) plan.", "initials", []),
        ("DOB 03 05 2004 was written.", "birth-date", ["03 05 2004"]),
        (
            "DOB 3-May-2004, 03/May/04 or 3May2004.",
            "birth-date",
            ["3-May-2004", "03/May/04", "3May2004"],
        ),
        ("She was born 2004/05/03.", "birth-date", ["2004/05/03"]),
        ("She passed away on 3 May 2014.", "exact-date", ["3 May 2014"]),
        ("The fatal fall was on 3 May 2014.", "exact-date", ["3 May 2014"]),
    ],
)
def test_numbers_and_dates_are_found_as_practitioners_write_them(text, kind, found):
    assert words(text, kind) == found


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("Date of birth:\n3 May 2004", "birth-date", ["3 May 2004"]),
        ("Died on\n3 May 2014\n4 May 2014", "exact-date", ["3 May 2014"]),
        (
            "Child | Date of birth | Seen\nOne | 03/05/2004 | 5 May 2012\nTwo | 4 May 2005 | no",
            "birth-date",
            ["03/05/2004", "4 May 2005"],
        ),
        ("Before the child was born\nThey met at the hospital on 3 May 2004.", "birth-date", []),
        ("The child was born.\n3 May 2004", "birth-date", []),
    ],
)
def test_a_label_above_a_date_says_what_the_date_is(text, kind, found):
    assert words(text, kind) == found


def test_words_in_either_case_are_found_as_if_case_did_not_count():
    """Also the letters beyond A to Z that are the same as one of a to z, such as the long s."""
    every_character = "".join(map(chr, range(sys.maxunicode + 1)))
    for letter in string.ascii_lowercase:
        expected = re.findall(f"(?i:{letter})", every_character)
        assert re.findall(in_either_case([letter]), every_character) == expected
    roles = words_of("roles")
    fast, plain = in_either_case(roles), "|".join(sorted(roles, key=len, reverse=True))
    text = " ".join(f"{role}, {role.upper()}x {role.title()}s {role.swapcase()}" for role in roles)
    assert re.findall(fast, text) == re.findall(f"(?i:{plain})", text)
