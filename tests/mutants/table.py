"""All mutants, by the part of the product that holds the rule."""

from tests.mutants import accounts, coding, disclosure, documents, library, publishing, web

MUTANTS = (
    *accounts.RULES,
    *documents.RULES,
    *coding.RULES,
    *disclosure.RULES,
    *publishing.RULES,
    *library.RULES,
    *web.RULES,
)
