"""All mutants, by the part of the product that holds the rule."""

from tests.mutants import (
    accounts,
    alert_sending,
    alerts,
    coding,
    disclosure,
    documents,
    enquiries,
    library,
    operation,
    publishing,
    statistics,
    subscribers,
    suggestions,
    web,
    word,
)

MUTANTS = (
    *accounts.RULES,
    *documents.RULES,
    *word.RULES,
    *coding.RULES,
    *disclosure.RULES,
    *publishing.RULES,
    *library.RULES,
    *alert_sending.RULES,
    *alerts.RULES,
    *enquiries.RULES,
    *statistics.RULES,
    *subscribers.RULES,
    *suggestions.RULES,
    *web.RULES,
    *operation.RULES,
)
