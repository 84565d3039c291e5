"""Suggestions of programs: what they may read, who sees them, and what leaves the installation."""

from tests.mutants.mutant import Mutant

RULES = (
    Mutant(
        "no unpublished text is sent to a language model",
        "pipeline/suggestions.py",
        "    if not is_public(report, now):\n",
        "    if False:\n",
        "pipeline/test_language_model.py",
        "unpublished_text",
    ),
    Mutant(
        "a quote of a language model is word for word in its passage",
        "coding/language_model.py",
        "        if at < 0:\n",
        "        if False:\n",
        "pipeline/test_language_model.py",
        "made_up",
    ),
    Mutant(
        "a language model on a private network is one that the administrator named so",
        "pipeline/language_model.py",
        '[host] if connection.get("private") else ()',
        "[host]",
        "pipeline/test_language_model.py",
        "own_network",
    ),
    Mutant(
        "a suggester learns from settled reviews alone",
        "coding/queries/settled_texts.py",
        "Exists(agreed), ~Exists(open_work), ~Exists(unsettled)",
        "Exists(agreed)",
        "coding/test_machines.py",
        "learns_from_settled",
    ),
    Mutant(
        "a suggester learns from no review whose small numbers are protected",
        "coding/queries/settled_texts.py",
        ".exclude(blocked()).exclude(reference__in=leave_out)",
        ".exclude(blocked())",
        "coding/test_machines.py",
        "learns_from_settled",
    ),
    Mutant(
        "where suggestions are off for a collection or a review, none is shown",
        "coding/queries/codings.py",
        'suggestions.exclude(blocked("report__review__"))',
        "suggestions",
        "coding/test_machines.py",
        "off_in_a_collection",
    ),
    Mutant(
        "what was decided on suggestions is told of settled reviews alone",
        "coding/queries/suggestion_figures.py",
        'settled_reviews(framework, now).filter(pk__in=reviews.values("pk"))',
        "reviews.all()",
        "coding/test_suggestion_figures.py",
        "somebody_codes",
    ),
    Mutant(
        "nobody reads a sample of a review that they are coding",
        "coding/services/samples.py",
        "    reviews = reviews.exclude(pk__in=unfinished_reviews_of(reader))\n",
        "",
        "coding/test_suggestion_figures.py",
        "that_they_are_coding",
    ),
    Mutant(
        "no machine is declared unused where one suggested codes",
        "overview/queries/overviews.py",
        "    if spec.no_machine and machines:\n",
        "    if False:\n",
        "pipeline/test_suggestions_in_overviews.py",
        "declaration_is_refused",
    ),
)
