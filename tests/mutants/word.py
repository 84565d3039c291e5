"""Word files: hidden words, deletions, automatic numbers and bounds."""

from tests.mutants.mutant import Mutant

HIDDEN = "documents/test_hidden_word_layout.py"
PARTS = "documents/test_word_parts.py"
NUMBERS = "documents/test_word_numbers.py"
STORY = "documents/parsers/word/story.py"

RULES = (
    Mutant(
        "what Word formats as hidden is not text",
        "documents/parsers/word/hidden.py",
        'if is_on(run.get("vanish")):',
        "if False:",
        "documents/test_hidden_word_text.py",
        "hidden_words_of_a_word_file",
    ),
    Mutant(
        "the theme decides the colour of words",
        "documents/parsers/word/styles.py",
        "if named is not None:",
        "if False:",
        HIDDEN,
        "words_that_nobody_sees",
    ),
    Mutant(
        "words cut off by the height of their row are hidden",
        "documents/parsers/word/hidden.py",
        "clip.used + HALF * size > clip.height",
        "HALF * size > clip.height",
        HIDDEN,
        "below_the_height",
    ),
    Mutant(
        "a box outside the page is hidden",
        "documents/parsers/word/drawings.py",
        "if place.hidden is None and is_off_page(element, reader.document.page):",
        "if False:",
        HIDDEN,
        "words_that_nobody_sees",
    ),
    Mutant(
        "a cell merged into another is hidden",
        "documents/parsers/word/tables.py",
        "return replace(place, hidden=place.hidden or MERGED)",
        "return place",
        HIDDEN,
        "words_that_nobody_sees",
    ),
    Mutant(
        "a copy of a box that says something else is hidden text",
        "documents/parsers/word/findings.py",
        "if not shown_words.include(words):",
        "if False:",
        HIDDEN,
        "copy_of_a_box",
    ),
    Mutant(
        "a note that nothing cites is hidden text",
        "documents/parsers/docx.py",
        "for note in document.notes.uncited():",
        "for note in ():",
        PARTS,
        "note_that_nothing_cites",
    ),
    Mutant(
        "a deleted row is not text",
        "documents/parsers/word/tables.py",
        "    if deleted is not None:\n        return reader.deletion(deleted, place)\n"
        "    if inserted is not None:",
        "    if inserted is not None:",
        "documents/test_hidden_word_text.py",
        "rows_and_cells_that_were_deleted",
    ),
    Mutant(
        "a paragraph whose mark was deleted goes on in the next",
        STORY,
        "if change is not None and place.hidden is None:",
        "if False:",
        PARTS,
        "whose_mark_was_deleted",
    ),
    Mutant(
        "the instruction of a field is not text",
        STORY,
        "all(frame.state == RESULT for frame in self.fields)",
        "True",
        "documents/test_word.py",
        "fields_show_their_results",
    ),
    Mutant(
        "deeper levels of a list start again",
        "documents/parsers/word/numbering.py",
        "                counts[deeper] = None\n",
        "                pass\n",
        NUMBERS,
        "levels_count_within",
    ),
    Mutant(
        "a deleted paragraph has no number",
        STORY,
        "if place.hidden is None and (parts or not paragraph.hidden):",
        "if True:",
        "documents/test_word_numbers.py",
        "neither_deleted_nor_hidden",
    ),
    Mutant(
        "a Word file has a bounded number of passages",
        "documents/parsers/word/findings.py",
        "if self.passages > self.limits.passages:",
        "if False:",
        PARTS,
        "without_bounds",
    ),
    Mutant(
        "a damaged archive is a refusal",
        "documents/parsers/packages.py",
        "if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:",
        "if True:",
        "documents/test_bad_input.py",
        "files_of_other_kinds",
    ),
)
