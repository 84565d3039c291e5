"""Subscribers and sign-ups by the links in their emails, and in words."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from waymark.alerts.choices import SubscriptionChoice
from waymark.alerts.models import AlertList, SignUp, Subscriber, Subscription
from waymark.alerts.sign_up_letters import VALID_FOR
from waymark.core.errors import require_found

MANAGE = "manage subscribers"
NO_LINK = "this link does not work any more: sign up again on the page Alerts"


class SignUpState(StrEnum):
    """State of a sign-up at a moment."""

    WAITING = "waiting"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"


def sign_up_of(token: str) -> SignUp:
    """The sign-up of a link. Raises NotFound."""
    row = SignUp.objects.select_related("subscriber").filter(token=token).first()
    return require_found(row, NO_LINK)


def sign_up_state(sign_up: SignUp, now: datetime) -> SignUpState:
    """The state of a sign-up: its link works for 48 hours from the last letter on."""
    if sign_up.confirmed_at is not None:
        return SignUpState.CONFIRMED
    if sign_up.letter_at is None or now >= sign_up.letter_at + VALID_FOR:
        return SignUpState.EXPIRED
    return SignUpState.WAITING


def subscriber_of(token: str) -> Subscriber:
    """The subscriber of a link, who has confirmed their address. Raises NotFound."""
    rows = Subscriber.objects.filter(token=token, erased_at=None).exclude(confirmed_at=None)
    return require_found(rows.first(), NO_LINK)


def current_choices(subscriber: Subscriber) -> list[SubscriptionChoice]:
    """What a subscriber receives now."""
    return [choice_of(row) for row in subscriber.subscriptions.filter(ended_at=None)]


def choice_of(row: Subscription) -> SubscriptionChoice:
    """A subscription as a choice."""
    return SubscriptionChoice(row.alert_list, row.followed, row.name, row.search)


def lists_in_words(choices: Iterable[SubscriptionChoice]) -> list[str]:
    """Names of lists, with the number of topics or searches: nothing that a person typed."""
    numbers = Counter(choice.alert_list for choice in choices)
    followed = {AlertList.TOPICS, AlertList.SEARCHES}
    return [
        f"{row.label} ({numbers[row]})" if row in followed else str(row.label)
        for row in AlertList
        if numbers[row]
    ]
