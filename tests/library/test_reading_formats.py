"""References of PubMed, EndNote, the Web of Science, CSL-JSON, MODS and Zotero."""

import json

import pytest

from waymark.library.exchange.formats import format_of, read_as

PUBMED = """
PMID- 12345678
OWN - NLM
STAT- MEDLINE
IS  - 0145-2134 (Print)
VI  - 12
IP  - 3
DP  - 2011 Mar 5
TI  - A study of rivers and of
      their crossing.
PG  - 33-44
LID - 10.1000/182 [doi]
LID - S0145-2134(11)00001-2 [pii]
AB  - What was found.
FAU - Byrne, Aoife
AU  - Byrne A
CN  - River Study Group
LA  - eng
PT  - Journal Article
JT  - Journal of rivers
MH  - Child Abuse/prevention & control
OT  - bridges
XX  - what nobody knows

PMID- 2
TI  - Other
FAU - Smith, Bo
"""
ENW = """%0 Book Section
%T A chapter
%A Byrne, Aoife
%E Smith, Bo
%B Handbook of rivers
%S Studies
%I A press
%C London
%D 2009
%P 1-20
%@ 978-0-00-000000-2
%K neglect
bridges
%R 10.1000/182

%0 Generic
%T Second
"""
ENDNOTE_XML = """<?xml version="1.0"?><xml><records><record><database name="x.enl"/>
<ref-type name="Journal Article">17</ref-type><contributors><authors><author><style face="normal">
Byrne, Aoife</style></author></authors></contributors><titles><title><style>A study</style><style
face="italic"> of rivers</style></title>
<secondary-title>Journal of rivers</secondary-title></titles>
<periodical><full-title>Journal of rivers</full-title></periodical><pages>33-44</pages>
<volume>12</volume><number>3</number><keywords><keyword>neglect</keyword><keyword>bridges</keyword>
</keywords><dates><year>2011</year><pub-dates><date>5 March 2011</date></pub-dates></dates>
<isbn>0145-2134</isbn><electronic-resource-num>10.1000/182</electronic-resource-num>
<urls><related-urls><url>https://example.org/a</url></related-urls></urls>
<custom7>what nobody knows</custom7></record></records></xml>"""
WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Byrne, A
   Smith, B
AF Byrne, Aoife
   Smith, Bo
TI A study of rivers
   and their crossing
SO JOURNAL OF RIVERS
DT Article
DE neglect; bridges
AB What was found.
PY 2011
VL 12
IS 3
BP 33
EP 44
DI 10.1000/182
UT WOS:1
ER

EF
"""
WOS_TABLE = (
    "PT\tAU\tAF\tTI\tSO\tPY\n"
    "J\tByrne, A; Smith, B\tByrne, Aoife; Smith, Bo\tA study\tRivers\t2011\n"
)
CSL = json.dumps(
    [
        {
            "id": "a",
            "type": "chapter",
            "title": "A chapter",
            "container-title": "Handbook of rivers",
            "author": [{"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"}],
            "editor": [{"literal": "Board of Bees, Honey and Wax"}],
            "issued": {"date-parts": [[2011, 3, 5]]},
            "page": "33-44",
            "ISBN": "978-0-00-000000-2",
            "publisher-place": "London",
            "XX": "what nobody knows",
        }
    ]
)
MODS = """<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods>
<titleInfo><nonSort>A </nonSort><title>study</title><subTitle>of rivers</subTitle></titleInfo>
<name type="personal"><namePart type="given">Aoife</namePart>
<namePart type="family">Byrne</namePart>
<role><roleTerm type="code">aut</roleTerm></role></name>
<name type="corporate"><namePart>Board of Bees, Honey and Wax</namePart></name>
<genre>journal article</genre><language><languageTerm>wel</languageTerm></language>
<originInfo><dateIssued>2011-03-05</dateIssued></originInfo><abstract>What was found.</abstract>
<subject><topic>Neglect</topic></subject><identifier type="doi">10.1000/182</identifier>
<relatedItem type="host"><titleInfo><title>Journal of rivers</title></titleInfo>
<identifier type="issn">0145-2134</identifier>
<part><detail type="volume"><number>12</number></detail><detail type="issue"><number>3</number>
</detail><extent unit="pages"><start>33</start><end>44</end></extent></part></relatedItem>
<tableOfContents>what nobody knows</tableOfContents></mods></modsCollection>"""
ZOTERO = (
    '"Key","Item Type","Publication Year","Author","Title","Publication Title","ISSN","Url",'
    '"Abstract Note","Date","Pages","Issue","Volume","Manual Tags","Extra"\n'
    '"AB12","journalArticle","2011","Byrne, Aoife; Smith, Bo","A <i>study</i>","Journal of rivers",'
    '"0145-2134","https://example.org/a","What was found.","2011-03-05","33-44","3","12",'
    '"neglect; bridges","what nobody knows"\n'
)
FILES = {
    "pubmed": PUBMED,
    "endnote": ENW,
    "endnotexml": ENDNOTE_XML,
    "wos": WOS,
    "csl": CSL,
    "mods": MODS,
    "csv": ZOTERO,
}


def first_of(name: str):
    return read_as(name, FILES[name].encode()).candidates[0]


@pytest.mark.parametrize("name", FILES)
def test_the_format_is_known_by_the_content_whatever_the_name(name):
    assert format_of("references.txt", FILES[name].encode()) == name


@pytest.mark.parametrize("name", ["pubmed", "endnotexml", "csl", "mods", "csv"])
def test_a_field_that_nobody_knows_is_told(name):
    (note,) = first_of(name).notes
    assert note.startswith("fields not taken: ")
    assert "(what nobody knows)" in note


@pytest.mark.parametrize("name", ["pubmed", "endnotexml", "wos", "mods", "csv"])
def test_an_article_is_read_with_its_place_in_the_journal(name):
    record = first_of(name).data
    assert record.kind == "journal-article"
    assert record.authors[0] == "Byrne, Aoife"
    assert record.host_title.lower() == "journal of rivers"
    assert (record.volume, record.issue, record.pages, record.year) == ("12", "3", "33-44", 2011)


@pytest.mark.parametrize("name", ["pubmed", "endnotexml", "csl", "mods", "csv"])
def test_the_day_of_publication_is_read(name):
    assert first_of(name).data.published_on.isoformat() == "2011-03-05"


def test_pubmed_has_long_names_a_doi_among_numbers_and_headings_as_keywords():
    first, second = (row.data for row in read_as("pubmed", PUBMED.encode()).candidates)
    assert first.title == "A study of rivers and of their crossing."
    assert first.authors == ("Byrne, Aoife", "River Study Group")
    assert (first.doi, first.issn, first.language) == ("10.1000/182", "0145-2134", "en")
    assert first.keywords == ("Child Abuse/prevention & control", "bridges")
    assert (second.title, second.authors) == ("Other", ("Smith, Bo",))


def test_endnote_has_the_editors_book_and_keywords_of_a_chapter():
    first, second = (row.data for row in read_as("endnote", ENW.encode()).candidates)
    assert (first.kind, first.host_title, first.series) == (
        "book-chapter",
        "Handbook of rivers",
        "Studies",
    )
    assert (first.editors, first.keywords) == (("Smith, Bo",), ("neglect", "bridges"))
    assert (first.place, first.isbn, first.doi) == ("London", "9780000000002", "10.1000/182")
    assert second.title == "Second"


def test_endnote_xml_has_its_text_in_pieces_of_style():
    record = first_of("endnotexml").data
    assert (record.title, record.keywords) == ("A study of rivers", ("neglect", "bridges"))
    assert (record.url, record.issn) == ("https://example.org/a", "0145-2134")


def test_the_web_of_science_is_read_from_tags_and_from_a_table():
    record = first_of("wos").data
    assert record.title == "A study of rivers and their crossing"
    assert record.authors == ("Byrne, Aoife", "Smith, Bo")
    assert record.keywords == ("neglect", "bridges")
    assert format_of("savedrecs.txt", WOS_TABLE.encode()) == "wos"
    (row,) = read_as("wos", WOS_TABLE.encode()).candidates
    assert (row.data.title, row.data.authors) == ("A study", ("Byrne, Aoife", "Smith, Bo"))


def test_csl_keeps_particles_with_the_surname_and_bodies_whole():
    record = first_of("csl").data
    assert (record.authors, record.editors) == (
        ("van der Berg, Jan",),
        ("Board of Bees, Honey and Wax",),
    )
    assert (record.kind, record.host_title, record.place) == (
        "book-chapter",
        "Handbook of rivers",
        "London",
    )


def test_mods_has_subtitle_language_and_bodies():
    record = first_of("mods").data
    assert (record.title, record.strapline, record.language) == ("A study", "of rivers", "cy")
    assert record.authors == ("Byrne, Aoife", "Board of Bees, Honey and Wax")
    assert (record.keywords, record.doi, record.issn) == (("Neglect",), "10.1000/182", "0145-2134")


def test_a_table_of_zotero_has_other_columns():
    record = first_of("csv").data
    assert (record.title, record.keywords) == ("A study", ("neglect", "bridges"))
    assert record.url == "https://example.org/a"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("17 May 2004", "2004-05-17"),
        ("17th of May, 2004", "2004-05-17"),
        ("May 17, 2004", "2004-05-17"),
        ("2004 May 17", "2004-05-17"),
        ("17/5/2004", "2004-05-17"),
        ("17.05.2004", "2004-05-17"),
        ("20040517", "2004-05-17"),
        ("2004-05-17T09:00:00Z", "2004-05-17"),
        ("May 2004", None),
        ("31 February 2004", None),
        ("2004///", None),
    ],
)
def test_days_are_read_as_people_write_them(written, day):
    ris = f"TY  - RPRT\nTI  - A\nDA  - {written}\nER  - \n"
    (row,) = read_as("ris", ris.encode()).candidates
    assert row.data.year == 2004
    assert (row.data.published_on.isoformat() if row.data.published_on else None) == day


@pytest.mark.parametrize(
    ("type_code", "kind"),
    [
        ("JOUR", "journal-article"),
        ("BOOK", "book"),
        ("CHAP", "book-chapter"),
        ("THES", "thesis"),
        ("STAT", "legislation"),
        ("VIDEO", "recording"),
        ("SOUND", "recording"),
        ("ELEC", "web-page"),
        ("RPRT", ""),
    ],
)
def test_the_type_gives_the_kind(type_code, kind):
    (row,) = read_as("ris", f"TY  - {type_code}\nTI  - A\nER  - \n".encode()).candidates
    assert row.data.kind == kind


def test_a_title_is_divided_where_the_short_title_ends():
    ris = "TY  - BOOK\nTI  - Rivers: a study\nST  - Rivers\nER  - \n"
    (row,) = read_as("ris", ris.encode()).candidates
    assert (row.data.title, row.data.strapline) == ("Rivers", "a study")


def test_signs_of_html_are_decoded_once_and_other_angles_stay():
    ris = "TY  - BOOK\nTI  - Under &lt;5 &amp; <sub>x</sub> <5 <tag> &amp;amp; AT&T\nER  - \n"
    (row,) = read_as("ris", ris.encode()).candidates
    assert row.data.title == "Under <5 & x <5 <tag> &amp; AT&T"
