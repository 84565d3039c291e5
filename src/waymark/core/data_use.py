"""What downloads must not be used for: one text, printed in each file, page and header."""

FORBIDDEN_USES = (
    "This information must not be used for screening or scoring families or children, or for"
    " training models on families."
)
FORBIDDEN_USES_REASON = (
    "Reviews describe only families in which a child died or was seriously harmed. They cannot show"
    " which family will come to harm, and a score or model made from them would single out families"
    " who have done nothing wrong."
)
FORBIDDEN_USES_IN_FULL = f"{FORBIDDEN_USES} {FORBIDDEN_USES_REASON}"
