"""Why a mail server did not deliver an email: enhanced status, reply, then words (no Django).

The status (RFC 3463) in the reply itself counts before the Status field of a report, which some
servers fill with a guess. Words decide where the status says nothing particular: 5.0.0 or none.

A refusal after the text was sent, or before the recipient was named, says nothing about the
address. So "550 unknown user" after DATA is a refusal of the email; servers that filter give it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class BounceKind(StrEnum):
    """Why an email did not arrive, or what else came back."""

    USER_UNKNOWN = "user unknown"
    HOST_UNKNOWN = "host unknown"
    FULL = "full"
    REFUSED = "refused"
    TOO_BIG = "too big"
    POLICY = "policy"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    AUTO_REPLY = "auto-reply"
    COMPLAINT = "complaint"


HARD = frozenset({BounceKind.USER_UNKNOWN, BounceKind.HOST_UNKNOWN})
"""The address does not exist, so every further email to it would fail too."""


class SmtpStep(StrEnum):
    """Step of the SMTP session that was refused."""

    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    TEXT = "text"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class ServerReply:
    """What a report or a mail server says of one recipient.

    words: the reply of the server, and what the report adds. status: Status field, such as 5.1.1.
    delayed: the sender's server is still trying. program: a local program failed, no server.
    """

    words: str
    status: str = ""
    step: SmtpStep = SmtpStep.UNKNOWN
    delayed: bool = False
    program: bool = False


_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]\d)")
_CODE = re.compile(r"(?<![\d.#])([45])\d\d(?=[ -]|$)", re.MULTILINE)
# Subject and detail of a status, whose meaning is certain.
_KIND_OF_STATUS = {
    "1.1": BounceKind.USER_UNKNOWN,
    "1.2": BounceKind.HOST_UNKNOWN,
    "1.3": BounceKind.USER_UNKNOWN,
    "1.6": BounceKind.USER_UNKNOWN,
    "1.7": BounceKind.POLICY,
    "1.8": BounceKind.POLICY,
    "1.10": BounceKind.HOST_UNKNOWN,
    "2.2": BounceKind.FULL,
    "2.3": BounceKind.TOO_BIG,
    "3.4": BounceKind.TOO_BIG,
    "4.7": BounceKind.DELAYED,
}
# "Null MX" of the sender by RFC 7505; servers give it for that of the recipient too.
_LEFT_TO_WORDS = frozenset({"7.27"})
_KIND_OF_SUBJECT = {"6": BounceKind.REFUSED, "7": BounceKind.POLICY}
_ACCEPTED = re.compile(r"2\d\d(?: 2\.\d+\.\d+)? ")
# Replies of large services that say it of the address in every step, some with another status.
_KNOWN_UNKNOWN = re.compile(
    r"this user doesn't have an? \S+ account|recipient address rejected: access denied",
    re.IGNORECASE,
)
_WHO = r"(?:user|mailbox|recipient|account|alias|addressee|person|e-?mail address|address)"
_NO_SUCH = (
    r"(?:unknown|no such|invalid|unknown or illegal|non-?existent|unrecogni[sz]ed|undefined|bad)"
)
_IS_NOT = (
    r"(?:unknown|unavailable|invalid|does(?: not|n.?t) exist|is no longer|not here|"
    r"not (?:found|known|valid|recogni[sz]ed|listed|exist))"
)
# In this order: a reply about a blocked sender may also name the user, and a full mailbox exists.
_WORDS: tuple[tuple[BounceKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile("|".join(patterns), re.IGNORECASE))
    for kind, patterns in (
        (
            BounceKind.FULL,
            (
                r"over ?quota",
                r"quota (?:exceeded|is full|violation)",
                r"(?:exceed\w*|over)[^.\n]{0,40}\b(?:disk |storage |mail ?box )?quota",
                r"(?:mail ?box|inbox|mailfolder|disk)\b[^.\n]{0,30}\bfull",
                r"(?:insufficient|not enough|no) (?:disk |system |mailbox )?(?:storage|space)",
                r"bo[iî]te[^.\n]{0,30}pleine",
                r"postfach[^.\n]{0,30}voll",
            ),
        ),
        (
            BounceKind.TOO_BIG,
            (
                r"(?:message|mail|headers?|attachment|body)\b[^.\n]{0,30}\btoo (?:big|large|long)",
                r"exceed\w*[^.\n]{0,40}\b(?:message )?size",
                r"size[^.\n]{0,20}\b(?:exceed|limit)",
                r"line limit exceeded",
            ),
        ),
        (
            BounceKind.POLICY,
            (
                r"\bspam|unsolicited|\bbulk (?:mail|email)|junk",
                r"black ?list|block ?list|\brbl\b|dnsbl|blocked|banned|reputation|spamhaus",
                r"\bspf\b|dkim|dmarc|reverse dns|\bptr\b|rdns|unauthenticated|authentication",
                r"\bpolic(?:y|ies)\b|virus|malware|phish|prohibited",
                r"relay(?:ing)? (?:access )?(?:is )?(?:denied|not|prohibited)|unable to relay",
                r"not configured to relay|rcpthosts|we do not relay",
                r"sender (?:address )?(?:was )?rejected",
                r"rate limit|too many (?:connections|recipients|messages|emails)|sending limit",
            ),
        ),
        (
            BounceKind.REFUSED,
            (
                r"(?:disabled|suspended|inactive|frozen|locked|discontinued|deactivated|expired)",
                r"not (?:yet )?(?:been )?activated|currently not accepting",
            ),
        ),
        (
            BounceKind.HOST_UNKNOWN,
            (
                r"host (?:or domain )?(?:name )?(?:is )?(?:unknown|not found)(?!, try again)",
                r"(?:unknown|no such|unrouteable mail|unroutable|invalid) (?:host|domain)",
                r"domain\b[^.\n]{0,40}(?:does not exist|doesn.?t exist|not found|is unknown)",
                r"couldn.?t find (?:any host|a mail exchanger)",
                r"(?:host|domain|server)\b[^.\n]{0,40}does(?: not|n.?t) accept (?:any )?e?-?mail",
                r"null ?mx|mx records? point to non-?existent|bad destination (?:mailbox|host)",
            ),
        ),
        (
            BounceKind.USER_UNKNOWN,
            (
                rf"\b{_NO_SUCH}\s+(?:local |virtual |destination )?(?:e-?mail )?{_WHO}",
                rf"\b{_WHO}\b[^.\n]{{0,80}}?\b{_IS_NOT}",
                rf"\bno\s+{_WHO}\s+(?:here|by|with|of)",
                rf"not a (?:valid|known) {_WHO}|not our customer|unrouteable address",
                rf"{_WHO}\b[^.\n]{{0,40}}\b(?:has (?:moved|left|changed)|no longer)",
                r"recipient (?:address )?rejected(?!: greylist)",
                r"does not have an? (?:\S+ )?(?:account|mailbox)|that you tried to reach does not",
                r"adresse[^.\n]{0,30}invalide|(?:destinataire|utilisateur) inconnu",
                r"empf.{1,3}nger[^.\n]{0,30}unbekannt|unbekannte\w* (?:benutzer|empf)",
                r"(?:usuario|destinatario) (?:desconocido|inexistente)|utente sconosciuto",
            ),
        ),
        (
            BounceKind.DELAYED,
            (
                r"timed? ?out|refused to talk|connection (?:refused|lost|reset)|no route to host",
                r"temporar|try (?:again|later)|deferred|unreachable|in the queue too long",
                r"failing for a long time|retry time(?:out)?|warning only|still being retried",
                r"could not be delivered for \d|host not found, try again|unable to contact",
            ),
        ),
    )
)


def kind_of(reply: ServerReply) -> BounceKind:
    """Kind of a failure."""
    if _KNOWN_UNKNOWN.search(reply.words):
        return BounceKind.USER_UNKNOWN
    if _ACCEPTED.match(reply.words):
        return BounceKind.DELIVERED
    status = _status_of(reply)
    by_status, by_words = _kind_of_status(status), _kind_of_words(reply.words)
    kind = _choose(by_status, by_words, lasting=_lasting(reply, status))
    if kind in HARD and reply.delayed:
        # A report of a delay is never the last word.
        return BounceKind.DELAYED
    if kind in HARD and _not_about_address(reply, certain=by_status in HARD):
        return BounceKind.REFUSED
    return kind


def _choose(
    by_status: BounceKind | None, by_words: BounceKind | None, *, lasting: bool
) -> BounceKind:
    if by_status in HARD and by_words in (BounceKind.FULL, BounceKind.POLICY):
        # A server that gives 5.1.1 for all it refuses says in words what it means.
        return by_words
    if not lasting and by_words is not BounceKind.USER_UNKNOWN:
        soft = by_status if by_status not in HARD else None
        return soft or (by_words if by_words not in HARD else None) or BounceKind.DELAYED
    return by_status or by_words or BounceKind.REFUSED


def _status_of(reply: ServerReply) -> tuple[str, str]:
    """Class and rest of the status, such as ("5", "1.1"); the reply's own counts first."""
    for text in (reply.words, reply.status):
        matches = [match for match in _STATUS.finditer(text) if match[1] != "2"]
        if matches:
            return matches[0][1], f"{int(matches[0][2])}.{int(matches[0][3])}"
    return "", ""


def _kind_of_status(status: tuple[str, str]) -> BounceKind | None:
    if status[1] in _LEFT_TO_WORDS:
        return None
    subject = status[1].partition(".")[0]
    return _KIND_OF_STATUS.get(status[1]) or _KIND_OF_SUBJECT.get(subject)


def _lasting(reply: ServerReply, status: tuple[str, str]) -> bool:
    """False for a failure that a server calls temporary (4xx), in its status or its reply."""
    code = _CODE.search(reply.words)
    return status[0] != "4" and (code is None or code[1] == "5")


def _kind_of_words(words: str) -> BounceKind | None:
    for kind, pattern in _WORDS:
        if pattern.search(words):
            return kind
    return None


def _not_about_address(reply: ServerReply, *, certain: bool) -> bool:
    """True if the reply judges the sender or the text. certain: the status names the address."""
    if reply.program or reply.step in (SmtpStep.CONNECT, SmtpStep.SENDER):
        return True
    return reply.step is SmtpStep.TEXT and not certain
