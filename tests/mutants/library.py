"""The index, harvesters, deposits, letters, retention periods and tombstones."""

from tests.mutants.mutant import Mutant

RULES = (
    Mutant(
        "a hit is shown only if the person may see every report it was found in",
        "library/queries/hydrate.py",
        "return visible.issuperset(match.reports)",
        "return True",
        "library/test_visibility.py",
        "withdrawn_report_is_gone_at_once",
    ),
    Mutant(
        "what was hidden after it was indexed is in no count of a search",
        "library/queries/search.py",
        "if not waiting.exists():",
        "if True:",
        "library/test_visibility.py",
        "in_no_count",
    ),
    Mutant(
        "a review is not found by the words of a report that is not public yet",
        "library/indexing/review_documents.py",
        "if part.opening is not None and part.opening <= since]",
        "if True]",
        "library/test_visibility.py",
        "by_the_words_of_a_report_in_check",
    ),
    Mutant(
        "the words of a report under an embargo are found from its end",
        "library/indexing/review_documents.py",
        "if part.opening is not None and part.opening <= since]",
        "if part.opening is not None]",
        "library/test_visibility.py",
        "opens_its_words",
    ),
    Mutant(
        "a theme that rests on a hidden report is not found with its review",
        "library/indexing/review_documents.py",
        " if fact.visible_with(reports)]",
        "]",
        "library/test_visibility.py",
        "theme_that_rests",
    ),
)
