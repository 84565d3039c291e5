"""One weekly issue to 30,000 subscribers, against bare smtplib sending the same messages.

    .venv/bin/python benchmarks/alerts.py [--people 30000] [--items 12] [--rounds 10]

The mail server is a process of its own that takes every email and counts them (aiosmtpd). Ours
decides who is due, writes the emails, claims, journals, sends and stores. Bare is smtplib.sendmail
of the same messages, made beforehand, over connections of the same length. Both take turns, a share
of the subscribers each time, so that what else the machine does falls on both. Answers are checked:
everyone due received it once, and nobody twice.
"""

import argparse
import asyncio
import multiprocessing
import os
import smtplib
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
SUMMARY = "What the publication found, in one paragraph of the usual length. " * 5
MOST_RATIO = 1.3


def serve_mail(pipe: Connection) -> None:
    """A mail server until the pipe is closed: sends its port, then the count of each Message-ID."""
    from aiosmtpd.smtp import SMTP

    receivers: dict[str, int] = {}

    class Sink:
        async def handle_DATA(self, server, session, envelope):
            receiver = envelope.rcpt_tos[0]
            receivers[receiver] = receivers.get(receiver, 0) + 1
            return "250 OK"

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Sink()), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while await loop.run_in_executor(None, pipe.recv) == "count":
            pipe.send(dict(receivers))
            receivers.clear()

    asyncio.run(run())


def make_rows(people: int, items: int):
    """Subscribers, and an approved issue."""
    from waymark.alerts.models import (
        AlertIssue,
        AlertList,
        IssueItem,
        Subscriber,
        Subscription,
    )

    before = NOW - timedelta(days=30)
    rows = Subscriber.objects.bulk_create(
        [
            Subscriber(
                address=f"person{number}@trust{number % 500}.example.org",
                address_key=f"person{number}@trust{number % 500}.example.org",
                token=f"{number:043}",
                created_at=before,
                confirmed_at=before,
            )
            for number in range(people)
        ],
        batch_size=5_000,
    )
    Subscription.objects.bulk_create(
        [
            Subscription(subscriber=row, alert_list=AlertList.WEEKLY, started_at=before)
            for row in rows
        ],
        batch_size=5_000,
    )
    issue = AlertIssue.objects.create(
        alert_list=AlertList.WEEKLY,
        number=1,
        title="Weekly alert: 23 to 29 November 2026",
        first_day=NOW.date(),
        last_day=NOW.date(),
        created_at=NOW,
        approved_at=NOW,
    )
    IssueItem.objects.bulk_create(
        IssueItem(
            issue=issue,
            position=number,
            group=f"Topic {number // 4}",
            heading=f"Publication {number} on safeguarding",
            summary=SUMMARY,
            source="An agency",
            dated="24 November 2026",
            address=f"https://agency.example/{number}",
        )
        for number in range(items)
    )


def messages_for(batch):
    """The messages of these mailings as the product writes them, with sender and receiver."""
    from waymark.alerts.queries import dispatches
    from waymark.alerts.queries.mail_texts import MailTexts

    dispatch = batch[0].dispatch
    texts, items = MailTexts(dispatch, NOW), dispatches.items_by_mailing(dispatch, batch)
    return [
        (
            dispatches.return_address(mailing),
            mailing.subscriber.address,
            texts.email_to(mailing, items[mailing.pk], ()),
        )
        for mailing in batch
    ]


def bare_seconds(messages, port: int, per_connection: int) -> float:
    """Time of smtplib.sendmail for the messages."""
    began = time.perf_counter()
    for start in range(0, len(messages), per_connection):
        with smtplib.SMTP("127.0.0.1", port) as server:
            for sender, receiver, message in messages[start : start + per_connection]:
                server.sendmail(sender, receiver, message)
    return time.perf_counter() - began


def measure(people: int, items: int, rounds: int, port: int, pipe: Connection) -> float:
    """Ratio of our time to the bare one; prints the parts."""
    from waymark.alerts.models import Mailing
    from waymark.pipeline.alerts import alert_sending as sending

    make_rows(people, items)
    began = time.perf_counter()
    while sending._decide_next(lambda: NOW):
        pass
    deciding = time.perf_counter() - began
    rows = Mailing.objects.select_related("subscriber", "dispatch__issue").order_by("pk")
    share = -(-people // rounds // sending.BATCH) * sending.BATCH
    bare = ours = 0.0
    received: dict[str, int] = {}
    size = 0
    for start in range(0, people, share):
        messages = messages_for(list(rows[start : start + share]))
        size = len(messages[0][2])
        bare += bare_seconds(messages, port, sending.BATCH)
        pipe.send("count")
        assert pipe.recv() == {receiver: 1 for _, receiver, _ in messages}
        began = time.perf_counter()
        for _ in range(0, len(messages), sending.BATCH):
            assert sending.send_alerts(lambda: NOW)
        ours += time.perf_counter() - began
        pipe.send("count")
        received |= pipe.recv()
    assert not sending.send_alerts(lambda: NOW)
    assert len(received) == people
    assert set(received.values()) == {1}
    assert Mailing.objects.filter(state="sent").count() == people
    print(f"{people:,} subscribers, {items} items, {size:,} bytes an email")
    print(f"bare smtplib         {bare:8.1f} s   {people / bare:8.0f} emails/s   1.00")
    print(f"deciding who is due  {deciding:8.1f} s")
    print(f"sending              {ours:8.1f} s   {people / ours:8.0f} emails/s   {ours / bare:.2f}")
    ratio = (deciding + ours) / bare
    print(f"both                 {deciding + ours:8.1f} s                       {ratio:.2f}")
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=30_000)
    parser.add_argument("--items", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    pipe, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve_mail, args=(theirs,), daemon=True)
    server.start()
    port = pipe.recv()
    with tempfile.TemporaryDirectory(prefix="waymark-alerts-") as folder:
        os.environ |= {
            "WAYMARK_DATA": folder,
            "WAYMARK_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "WAYMARK_MAIL_FROM": "library@waymark.example",
            "DJANGO_SETTINGS_MODULE": "waymark.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        ratio = measure(options.people, options.items, options.rounds, port, pipe)
    pipe.send("end")
    server.join()
    if ratio > MOST_RATIO:
        sys.exit(f"the ratio {ratio:.2f} is over {MOST_RATIO}")


if __name__ == "__main__":
    main()
