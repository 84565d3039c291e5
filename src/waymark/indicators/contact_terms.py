"""Topics and channels of contacts with a helpline, by key. Pure."""

TOPICS = {
    "neglect": "Neglect",
    "physical": "Physical abuse",
    "emotional": "Emotional abuse",
    "sexual": "Sexual abuse",
    "online": "Harm online",
    "domestic": "Domestic abuse",
    "parents-health": "Health or substance misuse of parents",
    "parenting": "Parenting and behaviour",
    "other": "Other",
}
CHANNELS = {
    "phone": "Telephone",
    "email": "Email",
    "form": "Form on the site",
    "text": "Text message or chat",
    "letter": "Letter",
}
