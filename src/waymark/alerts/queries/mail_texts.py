"""The emails of a dispatch, written once for all who receive the same items."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from waymark.alerts.letters import (
    PREFERENCES,
    UNSUBSCRIBE,
    AlertLetter,
    LetterItem,
    Sender,
    correction_letter,
    issue_letter,
)
from waymark.alerts.mailing_headers import ascii_address, common_headers, own_headers
from waymark.alerts.models import AlertList, Dispatch, DispatchKind, IssueItem, Mailing, Subscriber
from waymark.alerts.queries.issues import ARCHIVED, letter_issue, letter_items, shown_items
from waymark.alerts.queries.links import preferences_address, unsubscribe_address
from waymark.library.queries.repository import tombstone_of
from waymark.mail.merged_mail import MergedMail

_RECEIVER = "THE-RECEIVER"
Names = tuple[tuple[str, str], ...]
"""Pairs of a thing followed and the name the person gave it."""


class MailTexts:
    """Writes the emails of a batch. Each text is written once for the same items and names."""

    def __init__(self, dispatch: Dispatch, now: datetime) -> None:
        self.dispatch, self.now = dispatch, now
        # Looking an address up by its name takes as long as the rest of an email.
        anybody = Subscriber(token=_RECEIVER)
        self._preferences = preferences_address(anybody)
        self._unsubscribe = unsubscribe_address(anybody, dispatch.issue.alert_list)
        self._mails: dict[tuple[tuple[int, ...], Names], MergedMail | None] = {}

    def email_to(self, mailing: Mailing, items: tuple[int, ...], names: Names) -> bytes | None:
        """The email of a mailing; None if none of its items may be sent any more.

        Raises ValueError for an address that no email can have.
        """
        key = (items, names)
        if key not in self._mails:
            self._mails[key] = self._written(items, dict(names))
        mail = self._mails[key]
        if mail is None:
            return None
        person = mailing.subscriber
        unsubscribe = self._unsubscribe.replace(_RECEIVER, person.token)
        preferences = self._preferences.replace(_RECEIVER, person.token)
        return mail.bytes_for(
            headers=own_headers(
                to=ascii_address(person.address),
                message_id=mailing.message_id,
                unsubscribe=unsubscribe,
            ),
            values={PREFERENCES: preferences, UNSUBSCRIBE: unsubscribe},
        )

    def _written(self, items: tuple[int, ...], names: Mapping[str, str]) -> MergedMail | None:
        letter = letter_of(self.dispatch, items, names, self.now)
        if letter is None:
            return None
        alert_list = AlertList(self.dispatch.issue.alert_list)
        headers = common_headers(
            site=settings.SITE_NAME,
            sender=settings.MAIL_FROM,
            subject=letter.subject,
            list_name=str(alert_list.label),
            list_key=alert_list,
            reply_to=settings.CONTACT_EMAIL,
            at=self.now,
        )
        return MergedMail(
            headers=headers,
            text=letter.text,
            html=letter.html,
            places=(PREFERENCES, UNSUBSCRIBE),
        )


def letter_of(
    dispatch: Dispatch, items: tuple[int, ...], names: Mapping[str, str], now: datetime
) -> AlertLetter | None:
    """The letter with these items of a dispatch; None if none of them may be sent any more."""
    alert_list = AlertList(dispatch.issue.alert_list)
    sender = Sender(
        site=settings.SITE_NAME,
        home=f"{settings.SITE_ADDRESS}/",
        because=f"You receive {alert_list.label} because you signed up.",
        organisation=settings.ORGANISATION,
        postal_address=settings.ORGANISATION_ADDRESS,
    )
    address = issue_address(dispatch)
    if dispatch.item is not None:
        withdrawn = dispatch.kind == DispatchKind.WITHDRAWAL
        item = letter_items([dispatch.item], page_of)[0]
        # A record whose title says too much has a neutral one on its tombstone.
        if withdrawn and (title := neutral_title(dispatch.item, now)):
            item = LetterItem(title)
        return correction_letter(
            item=item,
            correction=dispatch.item.correction,
            withdrawn=withdrawn,
            address=address,
            sender=sender,
        )
    rows = {row.pk: row for row in shown_items(now).filter(pk__in=items)}
    chosen: list[IssueItem] = [rows[number] for number in items if number in rows]
    if not chosen:
        return None
    issue = letter_issue(dispatch.issue, chosen, page_of=page_of, address=address)
    if names:
        groups = letter_items(chosen, page_of, names)
        issue = type(issue)(issue.title, issue.introduction, groups, address)
    return issue_letter(issue, sender)


def neutral_title(item: IssueItem, now: datetime) -> str:
    """The title on the tombstone of an item's record, "" if staff gave it none."""
    if item.record is None:
        return ""
    tombstone = tombstone_of(item.record.described, AnonymousUser(), now)
    return tombstone.title if tombstone else ""


def issue_address(dispatch: Dispatch) -> str:
    """The issue on the web; the page of the alerts where nobody else may see it."""
    issue = dispatch.issue
    if issue.alert_list not in ARCHIVED:
        return f"{settings.SITE_ADDRESS}{reverse('alerts')}"
    path = reverse("alert-issue", args=[issue.alert_list, issue.number])
    return f"{settings.SITE_ADDRESS}{path}"


def page_of(kind: str, name: str) -> str:
    """The address of a record's page."""
    return f"{settings.SITE_ADDRESS}{reverse(kind, args=[name])}"
