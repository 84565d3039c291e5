"""Write records as the draft of an email, which a person's own email program opens and sends.

So nobody can have this site send emails to strangers.
"""

from collections.abc import Sequence
from email.message import EmailMessage

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.wording import counted
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers.plain import single_line
from waymark.library.exchange.writers.ris import write_ris


def write_email(records: Sequence[RecordData]) -> bytes:
    """A message without sender and addressee: each record with its address, and all as RIS."""
    message = EmailMessage()
    message["Subject"] = f"{counted(len(records), 'record')} from the library"
    # Programs show a message with this header as a draft.
    message["X-Unsent"] = "1"
    texts = [_text_of(record) for record in records]
    message.set_content("\n\n".join([*texts, FORBIDDEN_USES_IN_FULL]) + "\n")
    message.add_attachment(
        write_ris(records),
        maintype="application",
        subtype="x-research-info-systems",
        filename="records.ris",
    )
    return message.as_bytes()


def _text_of(record: RecordData) -> str:
    year = "no date" if record.year is None else str(record.year)
    heading = f"{'; '.join(record.creators)} ({year})".strip()
    lines = (heading, record.full_title, record.page, record.url)
    return "\n".join(line for line in map(single_line, lines) if line)
