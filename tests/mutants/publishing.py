"""Signatures, editions, sources, and numbers that are not for everybody."""

from tests.mutants.mutant import Mutant

RULES = (
    Mutant(
        "an edition needs two signatures, an analyst's and an editor's",
        "publishing/queries/manuscripts.py",
        "    for capacity in capacities:",
        "    for capacity in list(capacities)[:1]:",
        "publishing/test_signing.py",
        "fewer_than",
    ),
    Mutant(
        "one person in both capacities signs once",
        "publishing/services/manuscripts.py",
        "if own is not None:",
        "if False:",
        "publishing/test_signing.py",
        "one_person_in_both",
    ),
    Mutant(
        "a text changed during typesetting stops the edition",
        "publishing/services/manuscripts.py",
        "if current() != content.sha256:\n        raise conflict_error(",
        "if current() == '':\n        raise conflict_error(",
        "publishing/test_prepared_editions.py",
        "text_changed_meanwhile",
    ),
    Mutant(
        "only an editor publishes an edition",
        "publishing/services/manuscripts.py",
        'person = require_account(by, KIND_RULES[manuscript.kind].publish, "publish an edition")',
        "person = by",
        "publishing/test_prepared_editions.py",
        "only_an_editor",
    ),
    Mutant(
        "only the content that is current is signed",
        "publishing/services/manuscripts.py",
        "        raise changed_error()",
        "        pass",
        "publishing/test_manuscripts.py",
        "only_the_current_content",
    ),
    Mutant(
        "a saved text voids the signatures on its manuscript",
        "publishing/services/manuscripts.py",
        ").update(voided_at=now)",
        ").count()",
        "publishing/test_manuscripts.py",
        "voids_the_signatures",
    ),
    Mutant(
        "a text that another person saved meanwhile is not overwritten",
        "publishing/services/manuscripts.py",
        "if current is not None and current.number != base:",
        "if False:",
        "publishing/test_manuscripts.py",
        "lost_update",
    ),
    Mutant(
        "a work of another kind is no edition of an overview",
        "publishing/queries/manuscripts.py",
        "Publication.objects.filter(kind=kind)",
        "Publication.objects.all()",
        "publishing/test_manuscripts.py",
        "no_edition_of_the_overview",
    ),
)
