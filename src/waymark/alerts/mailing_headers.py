"""Headers of emails to many, which mail programs and mail servers act on (no Django).

List-Unsubscribe and List-Unsubscribe-Post (RFC 8058) give the button that ends a list with one
click. Auto-Submitted and Precedence keep absent people's mailboxes from answering.
"""

from datetime import datetime
from email.utils import format_datetime, formataddr


def common_headers(
    *,
    site: str,
    sender: str,
    subject: str,
    list_name: str,
    list_key: str,
    reply_to: str,
    at: datetime,
) -> dict[str, str]:
    """Headers that are the same for all receivers. sender: address; reply_to: "" for none."""
    domain = sender.rpartition("@")[2]
    headers = {
        "From": formataddr((site, sender)),
        "Subject": subject,
        "Date": format_datetime(at),
        "List-Id": f'"{list_name}" <{list_key}.alerts.{domain}>',
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
    }
    if reply_to:
        headers["Reply-To"] = reply_to
    return headers


def own_headers(*, to: str, message_id: str, unsubscribe: str) -> dict[str, str]:
    """Headers of one receiver. unsubscribe: address that ends the list."""
    return {"To": to, "Message-ID": message_id, "List-Unsubscribe": f"<{unsubscribe}>"}


def ascii_address(address: str) -> str:
    """The address as SMTP takes it; an international domain in its ASCII form.

    Raises ValueError for one that cannot be written so.
    """
    local, _, domain = address.rpartition("@")
    return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
