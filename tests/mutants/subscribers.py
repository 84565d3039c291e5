"""Rules of the subscribers: who agreed, who is told apart, who has left."""

from tests.mutants.mutant import Mutant

SIGN_UPS = "alerts/services/sign_ups.py"
RECIPIENTS = "alerts/queries/recipients.py"
RULES = (
    Mutant(
        "no second letter within 24 hours to an address that has not confirmed",
        SIGN_UPS,
        "due = sign_up.letter_at is None or sign_up.letter_at <= now - DAY",
        "due = True",
        "alerts/test_sign_ups.py",
        "second_letter",
    ),
    Mutant(
        "the link of a letter works for 48 hours and no longer",
        "alerts/queries/subscribers.py",
        "now >= sign_up.letter_at + VALID_FOR",
        "now > sign_up.letter_at + VALID_FOR",
        "alerts/test_sign_ups.py",
        "48_hours_and_no_longer",
    ),
    Mutant(
        "a known address causes the same work as an unknown one",
        SIGN_UPS,
        '    subscriber = Subscriber.objects.select_for_update(of=("self",))'
        ".get(address_key=key)\n",
        '    subscriber = Subscriber.objects.select_for_update(of=("self",))'
        ".get(address_key=key)\n"
        "    if subscriber.confirmed_at:\n        return subscriber\n",
        "alerts/test_sign_ups.py",
        "same_work",
    ),
    Mutant(
        "the limit of a network counts",
        SIGN_UPS,
        ".count() >= MOST_OF_A_NETWORK",
        ".count() > MOST_OF_A_NETWORK",
        "alerts/test_sign_ups.py",
        "one_network",
    ),
    Mutant(
        "what is sent later does not reach who had not subscribed by then",
        RECIPIENTS,
        "        started_at__lte=at,\n",
        "",
        "alerts/test_recipients.py",
        "by_then",
    ),
    Mutant(
        "a stopped address receives nothing",
        RECIPIENTS,
        "subscriber__stopped_at=None, ",
        "",
        "alerts/test_recipients.py",
        "stopped_address",
    ),
    Mutant(
        "an erased subscriber leaves no name of a search",
        "alerts/services/erasure.py",
        'row.followed, row.name, row.search = "", "", ""',
        'row.followed, row.search = "", ""',
        "alerts/test_erasure.py",
        "nothing_of_the_person",
    ),
    Mutant(
        "staff cannot add an erased address again",
        SIGN_UPS,
        "    if is_suppressed(key):\n",
        "    if False:\n",
        "alerts/test_erasure.py",
        "staff_cannot_sign_up",
    ),
    Mutant(
        "the journal tells one subscription to a list from the next",
        "alerts/services/subscriptions.py",
        "since=row.started_at.isoformat(),",
        'since="2026-05-04T12:00:00+00:00",',
        "alerts/test_erasure.py",
        "left_twice",
    ),
    Mutant(
        "a mail program unsubscribes without a token of the site",
        "web/alerts/subscriptions.py",
        "@csrf_exempt\n",
        "",
        "alerts/test_subscription_pages.py",
        "any_body",
    ),
    Mutant(
        "opening the link of a letter changes nothing",
        "web/alerts/sign_up.py",
        '    if request.method == "POST":\n        try:\n            sign_up, newly',
        "    if True:\n        try:\n            sign_up, newly",
        "alerts/test_subscription_pages.py",
        "letter_has_one_button",
    ),
    Mutant(
        "a list of subscribers names nobody in full",
        "web/alerts/subscribers.py",
        "queries.masked(row.address)",
        "row.address",
        "alerts/test_staff_pages.py",
        "names_nobody",
    ),
)
