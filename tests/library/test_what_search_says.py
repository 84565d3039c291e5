"""A search says what it did: stars, spellings and fields."""

from tests.factories import NOON
from tests.library.conftest import ask, make_resource, make_subject, shelve
from waymark.library.services.thesaurus import load_builtin


def references(query, **how):
    return [hit.record.reference for hit in ask(query, **how).hits]


def test_a_search_with_a_star_has_the_records_with_most_of_the_words_first(db):
    shelve(
        make_resource("a", title="A pond", summary="An otterly day. " + "Something else. " * 30),
        make_resource("b", title="Otters", summary="The otter, otters and an otter's day."),
        make_resource("c", title="A lake", summary="Otters were seen. " + "Other words. " * 10),
    )
    assert references("otter*") == ["b", "c", "a"]


def test_a_word_of_the_thesaurus_is_never_taken_for_a_slip(db):
    make_subject("exploitation", "Child sexual exploitation", "CSE")
    make_subject("cuckooing", "Cuckooing", "Taking over of homes")
    shelve(make_resource("a", title="A case of cooking"))
    for word in ("CSE", "cuckooing", "Cuckooing"):
        for broaden in (True, False):
            assert ask(word, broaden=broaden).suggestion is None
    assert ask("cooknig").suggestion.query == "cooking"


def test_an_unknown_kind_is_told_with_the_kinds_there_are(db):
    shelve(make_resource("a", title="Otters"))
    (note,) = ask("otters kind:posters").notes
    assert note.message.startswith("There is no kind “posters”. You can search for ")
    assert "Journal article" in note.message
    assert (note.start, note.end) == (7, 19)


def test_a_kind_that_no_record_has_yet_is_told_as_such(db):
    shelve(make_resource("a", title="Otters"))
    assert [note.message for note in ask("kind:statistics").notes] == [
        "No record has the kind “statistics”."
    ]
    assert ask("kind:guidance").notes == ()


def test_an_unknown_theme_or_subject_is_told_with_similar_ones(db):
    load_builtin(by=None, now=NOON)
    shelve(make_resource("a", title="Otters"))
    assert [note.message for note in ask("theme:weather").notes] == [
        "There is no theme for learning “weather”."
    ]
    (note,) = ask("otters NOT subject:cuckoing").notes
    assert note.message.startswith("There is no subject “cuckoing”. Similar: Cuckooing")


def test_a_colon_in_prose_is_no_field(db):
    shelve(make_resource("a", title="Otters"))
    assert ask("otters: what next").notes == ()
    assert ask("colour:red").notes[0].message.startswith("There is no field colour")
