"""Emails of an issue: subject, plain text and HTML, the same for all who receive the same items.

What differs between receivers is two addresses. They stand in the letter as PREFERENCES and
UNSUBSCRIBE, so an issue is written once and filled() for each receiver. Pure: no Django.

HTML over MOST_BYTES is cut off by some mail programs, footer and all. A long issue is shortened in
steps until it fits; every item keeps its heading as long as that is possible, and the issue on the
web, which the letter links to, is complete.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from itertools import groupby

PREFERENCES = "https://preferences.invalid/"
UNSUBSCRIBE = "https://unsubscribe.invalid/"
"""Addresses in a letter that filled() replaces. RFC 6761: no site can have them."""
MOST_BYTES = 90_000
"""Of the HTML part. Mail programs cut at 102,400: the rest is for the receiver's addresses."""
TEXT_WIDTH = 72
SHORT_SUMMARY = 160
LONGEST_SUBJECT = 150
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class LetterItem:
    """An item of an issue. dated: in words. address: where to read more, "" for nowhere.

    group: the heading over it and the items beside it of the same group, "" for none.
    """

    heading: str
    summary: str = ""
    group: str = ""
    source: str = ""
    dated: str = ""
    address: str = ""
    content_note: str = ""


@dataclass(frozen=True, slots=True)
class LetterIssue:
    """An issue as it is sent. address: of the issue on the web."""

    title: str
    introduction: str
    items: tuple[LetterItem, ...]
    address: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends. because: why the receiver gets it, as a sentence. home: address of the site.

    organisation, postal_address: "" if the installation does not say.
    """

    site: str
    home: str
    because: str
    organisation: str = ""
    postal_address: str = ""


@dataclass(frozen=True, slots=True)
class AlertLetter:
    """A letter, before or after filled(). items: number of items that it names."""

    subject: str
    text: str
    html: str
    items: int

    def filled(self, *, preferences: str, unsubscribe: str) -> "AlertLetter":
        """The letter with the addresses of one receiver."""
        addresses = {PREFERENCES: preferences, UNSUBSCRIBE: unsubscribe}
        text, html = self.text, self.html
        for placeholder, address in addresses.items():
            text = text.replace(placeholder, address)
            html = html.replace(placeholder, escape(address))
        return replace(self, text=text, html=html)


# Each batch of an issue is written anew, as an item may have been withdrawn; usually none was.
@lru_cache(maxsize=16)
def issue_letter(issue: LetterIssue, sender: Sender) -> AlertLetter:
    """The letter of an issue, or of those of its items that one person receives.

    Raises ValueError without items, as an empty issue is never sent, and if not even the heading of
    the first fits.
    """
    items = tuple(_tidy_item(item) for item in issue.items)
    if not items:
        raise ValueError("an issue without items has no letter")
    tidy = replace(
        issue, title=_one_line(issue.title), introduction=_one_line(issue.introduction), items=items
    )
    for short_items in _shortened(items):
        letter = _letter(tidy, short_items, sender)
        if len(letter.html.encode()) <= MOST_BYTES:
            return letter
    raise ValueError(f"the introduction of {issue.title} is too long for an email")


def correction_letter(
    *, item: LetterItem, correction: str, withdrawn: bool, address: str, sender: Sender
) -> AlertLetter:
    """The letter to those who received an item that was corrected or withdrawn.

    A withdrawn item is named by its heading alone. address: of its issue on the web.
    """
    tidy = _tidy_item(item)
    if withdrawn:
        tidy = LetterItem(tidy.heading, _one_line(correction))
        title = f"Withdrawn: {tidy.heading}"
        introduction = "We have withdrawn an item that we sent to you. Please do not use it."
    else:
        title = f"Correction: {tidy.heading}"
        introduction = f"We have corrected an item that we sent to you. {_one_line(correction)}"
    issue = LetterIssue(title, introduction, (replace(tidy, group=""),), address)
    return _letter(issue, issue.items, sender)


# ---- tidy values ----


def _one_line(text: str) -> str:
    """The text on one line, without characters that are not printed or that change direction."""
    return " ".join(_NOT_PRINTED.sub(" ", text).split())


def _tidy_item(item: LetterItem) -> LetterItem:
    """An item on single lines; an address that is not of the web is left out."""
    return LetterItem(
        heading=_one_line(item.heading),
        summary=_one_line(item.summary),
        group=_one_line(item.group),
        source=_one_line(item.source),
        dated=_one_line(item.dated),
        address=item.address if _WEB_ADDRESS.fullmatch(item.address) else "",
        content_note=_one_line(item.content_note),
    )


def _shortened(items: Sequence[LetterItem]) -> Iterator[tuple[LetterItem, ...]]:
    """The items, then with short summaries, then without, then ever fewer of them."""
    yield tuple(items)
    yield tuple(
        replace(item, summary=textwrap.shorten(item.summary, SHORT_SUMMARY, placeholder=" …"))
        for item in items
    )
    headings = tuple(replace(item, summary="") for item in items)
    while headings:
        yield headings
        headings = headings[: len(headings) * 3 // 4]


def _letter(issue: LetterIssue, shown: Sequence[LetterItem], sender: Sender) -> AlertLetter:
    left_out = len(issue.items) - len(shown)
    subject = textwrap.shorten(issue.title, LONGEST_SUBJECT, placeholder=" …")
    return AlertLetter(
        subject=subject,
        text=_text(issue, shown, left_out, sender),
        html=_html(issue, shown, left_out, sender),
        items=len(shown),
    )


def _groups(items: Iterable[LetterItem]) -> Iterator[tuple[str, list[LetterItem]]]:
    """Heading and items of each run of items of the same group."""
    for group, members in groupby(items, lambda item: item.group):
        yield group, list(members)


def _about(item: LetterItem) -> str:
    """Source and date of an item, in a line."""
    parts = (("Source", item.source), ("Date", item.dated))
    return ". ".join(f"{label}: {value.rstrip('.')}" for label, value in parts if value)


def _count(number: int) -> str:
    return "1 item" if number == 1 else f"{number:,} items"


def _more(left_out: int) -> str:
    return f"{_count(left_out)} more on the web: this email would be too long with all of them."


# ---- plain text ----


def _text(issue: LetterIssue, shown: Sequence[LetterItem], left_out: int, sender: Sender) -> str:
    blocks = [_underlined(issue.title, "=")]
    if issue.introduction:
        blocks.append(_wrapped(issue.introduction))
    blocks.append(f"{_count(len(issue.items))}. Read this on the web:\n{issue.address}")
    for group, members in _groups(shown):
        if group:
            blocks.append(_underlined(group, "-"))
        blocks += [_text_item(item) for item in members]
    if left_out:
        blocks.append(f"{_wrapped(_more(left_out))}\n{issue.address}")
    blocks.append(_text_footer(sender))
    return "\n\n".join(blocks) + "\n"


def _text_item(item: LetterItem) -> str:
    lines = [textwrap.fill(item.heading, TEXT_WIDTH, initial_indent="* ", subsequent_indent="  ")]
    note = f"Content note: {item.content_note}" if item.content_note else ""
    lines += [_wrapped(text, "  ") for text in (note, item.summary, _about(item)) if text]
    if item.address:
        lines.append(f"  Further information: {item.address}")
    return "\n".join(lines)


def _text_footer(sender: Sender) -> str:
    from_line = ", ".join(filter(None, (sender.organisation, sender.postal_address)))
    lines = [
        # RFC 3676: what follows "-- " is a signature, which replies leave out.
        "-- ",
        _wrapped(sender.because),
        f"Change what you receive: {PREFERENCES}",
        f"Unsubscribe: {UNSUBSCRIBE}",
        f"{sender.site}: {sender.home}",
        *([_wrapped(from_line)] if from_line else []),
    ]
    return "\n".join(lines)


def _underlined(text: str, sign: str) -> str:
    lines = _wrapped(text)
    return f"{lines}\n{sign * max(map(len, lines.splitlines()))}"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


# ---- HTML ----

# Colours of the site, on its paper by day and by night. Mail programs that know no style sheet
# show the same order in their own colours. "color-scheme" keeps others from inverting it again.
STYLE = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; background: #fffdf9; color: #1b2420;
  font: 17px/1.5 "Source Sans 3", "Segoe UI", Arial, sans-serif; }
main, footer { max-width: 600px; margin: 0 auto; padding: 16px; overflow-wrap: break-word; }
h1, h2, h3 { font-family: Charter, Georgia, serif; line-height: 1.25; }
h1 { font-size: 26px; margin: 8px 0 12px; }
h2 { font-size: 21px; margin: 32px 0 4px; padding-bottom: 4px; border-bottom: 2px solid #dedbd2; }
h3 { font-size: 18px; margin: 24px 0 4px; }
p { margin: 4px 0 8px; }
a { color: #0b5a57; }
.about, footer { color: #4d5852; font-size: 15px; }
.note { border-left: 4px solid #8a4b16; padding-left: 10px; }
footer { border-top: 1px solid #dedbd2; margin-top: 24px; }
@media (prefers-color-scheme: dark) {
  body { background: #121817; color: #e8ece8; }
  h2, footer { border-color: #2f3a38; }
  a { color: #84d3c8; }
  .about, footer { color: #acb7b2; }
  .note { border-color: #f0b27c; }
}
"""


def _html(issue: LetterIssue, shown: Sequence[LetterItem], left_out: int, sender: Sender) -> str:
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en-GB"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(issue.title)}</title><style>{STYLE}</style></head><body><main>",
        f"<h1>{escape(issue.title)}</h1>",
        f"<p>{escape(issue.introduction)}</p>" if issue.introduction else "",
        f"<p>{_count(len(issue.items))}. {_link(issue.address, 'Read this on the web')}.</p>",
    ]
    for group, members in _groups(shown):
        parts.append(f"<h2>{escape(group)}</h2>" if group else "")
        parts += [_html_item(item, "h3" if group else "h2") for item in members]
    if left_out:
        parts.append(f"<p>{_more(left_out)} {_link(issue.address, 'Read all items')}.</p>")
    parts.append(f"</main>{_html_footer(sender)}</body></html>")
    return "\n".join(filter(None, parts)) + "\n"


def _html_item(item: LetterItem, level: str) -> str:
    # The heading is the link: a list of links reads "Further information" eight times otherwise.
    heading = _link(item.address, item.heading) if item.address else escape(item.heading)
    lines = [f"<{level}>{heading}</{level}>"]
    if item.content_note:
        lines.append(f'<p class="note"><b>Content note:</b> {escape(item.content_note)}</p>')
    if item.summary:
        lines.append(f"<p>{escape(item.summary)}</p>")
    if about := _about(item):
        lines.append(f'<p class="about">{escape(about)}</p>')
    return "".join(lines)


def _html_footer(sender: Sender) -> str:
    from_line = ", ".join(filter(None, (sender.organisation, sender.postal_address)))
    return (
        f"<footer><p>{escape(sender.because)}</p>"
        f"<p>{_link(PREFERENCES, 'Change what you receive')} or "
        f"{_link(UNSUBSCRIBE, 'unsubscribe')}.</p>"
        f"<p>{_link(sender.home, sender.site)}</p>"
        + (f"<p>{escape(from_line)}</p>" if from_line else "")
        + "</footer>"
    )


def _link(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words)}</a>'
