"""Texts to which people agree when they sign up, each under its version (no Django).

A published version is never changed: records of consent name it. A new text gets a new version.
"""

CURRENT = "2026-11"
WORDINGS = {
    "2026-11": (
        "I want to receive the alerts that I chose by email. My address is used for these emails "
        "only. I can change or stop them at any time with the link in every email."
    ),
}
"""Version -> text."""
