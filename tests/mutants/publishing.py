"""Signatures, editions, sources, and numbers that are not for everybody."""

from tests.mutants.mutant import Mutant

RULES = (
    Mutant(
        "an edition needs two signatures, an analyst's and an editor's",
        "publishing/services/signing.py",
        "    for capacity in SigningCapacity:",
        "    for capacity in list(SigningCapacity)[:1]:",
        "publishing/test_signing.py",
        "fewer_than",
    ),
    Mutant(
        "one person in both capacities signs once",
        "publishing/services/signing.py",
        "if own is not None:",
        "if False:",
        "publishing/test_signing.py",
        "one_person_in_both",
    ),
    Mutant(
        "a text changed during typesetting stops the edition",
        "publishing/services/editions.py",
        "if content != prepared.content:",
        "if False:",
        "publishing/test_prepared_editions.py",
        "text_changed_meanwhile",
    ),
    Mutant(
        "only an editor publishes an edition",
        "publishing/services/editions.py",
        'person = require_account(by, "publish overviews", "publish an edition")',
        "person = by",
        "publishing/test_prepared_editions.py",
        "only_an_editor",
    ),
)
