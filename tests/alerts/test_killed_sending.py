"""A worker killed at any moment, and a backup of yesterday: nothing is lost, nothing doubled.

What nobody can know is listed as unknown and sent, or not, only after a person has settled it.
"""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from threading import Event

import pytest
from django.db import connection
from django.urls import reverse

from tests.alerts.mailing_rows import make_issue, make_subscriber, sink
from tests.databases import rows_of
from tests.factories import NOON
from tests.new_installations import migrated_database
from tests.pipeline.forked import Child
from waymark.accounts.installation import resume_sending
from waymark.alerts.models import Dispatch, Mailing
from waymark.alerts.services import decisions
from waymark.alerts.services.sending import settle_unknown
from waymark.pipeline.alerts import alert_sending
from waymark.pipeline.backup import back_up, restore_backup
from waymark.pipeline.checks.checks_before_serving import open_installation

__all__ = ["sink"]
KILLS = 40
pytestmark = pytest.mark.skipif(
    "DATABASE_URL" in os.environ, reason="the worker is a copy of this process"
)


def prepare(people: int) -> None:
    """An approved issue and its subscribers; who is due is decided by the worker."""
    for _ in range(people):
        make_subscriber()
    make_issue("Safer sleep", "Private fostering")


def work() -> None:
    """What the worker does until nothing is left, in small batches."""
    # What is written survives the end of a process without it, and the test takes a third.
    connection.cursor().execute("PRAGMA synchronous=OFF")
    alert_sending.BATCH = 25
    decisions.SUBSCRIBERS_AT_ONCE = 50
    while alert_sending.send_alerts():
        pass


def settle_as_not_arrived() -> list[str]:
    """Let a person have the unknown emails sent again; returns their Message-IDs."""
    unknown = list(Mailing.objects.filter(state="unknown").values_list("message_id", flat=True))
    for dispatch in Dispatch.objects.filter(mailings__state="unknown").distinct():
        settle_unknown(
            by=None, dispatch=dispatch, mailings=None, arrived=False, now=dispatch.moment
        )
    return unknown


def kill_worker(blocker, data: Path, sink, chance: random.Random, *, in_text: bool) -> None:
    """Start a worker and kill it after a few emails.

    in_text: while the mail server has the text and has not answered; else a moment later, while
    the worker sends, stores or claims.
    """
    at = len(sink.arrived) + chance.randint(1, 3)
    reached = Event()

    def strike() -> None:
        if len(sink.arrived) == at:
            if in_text:
                os.kill(child.pid, signal.SIGKILL)
            reached.set()

    sink.on_data = strike
    child = Child(blocker, data, work)
    assert reached.wait(timeout=60)
    time.sleep(chance.uniform(0, 0.02))
    child.kill()
    sink.on_data = lambda: None


def run(blocker, data: Path, task) -> object:
    return Child(blocker, data, task).result(seconds=120)


@pytest.mark.parametrize("people", [300, pytest.param(3_000, marks=pytest.mark.soak)])
def test_a_worker_killed_forty_times_loses_nothing_and_doubles_nothing(
    people, tmp_path, sink, django_db_blocker
):
    data = migrated_database(tmp_path)
    # Loaded here once, not in each worker.
    reverse("alert-preferences", args=["token"])
    run(django_db_blocker, data, lambda: prepare(people))
    chance = random.Random(20261129)  # noqa: S311
    for number in range(KILLS):
        kill_worker(django_db_blocker, data, sink, chance, in_text=number % 2 == 0)
    sink.on_data = lambda: None
    run(django_db_blocker, data, work)
    unknown = set(run(django_db_blocker, data, settle_as_not_arrived))
    arrived = Counter(email["Message-ID"] for _, _, email in sink.arrived)
    assert [name for name, times in arrived.items() if times > 1] == []
    states = Counter(dict(rows_of(data, "SELECT state, count(*) FROM alerts_mailing GROUP BY 1")))
    assert states == {"sent": people - len(unknown), "waiting": len(unknown)}
    # Nothing is lost: what is not unknown has arrived.
    assert len(arrived.keys() | unknown) == people
    run(django_db_blocker, data, work)
    arrived = Counter(email["Message-ID"] for _, _, email in sink.arrived)
    assert len(arrived) == people
    assert {name for name, times in arrived.items() if times > 1} <= unknown
    assert set(sink.receivers) == {
        address for (address,) in rows_of(data, "SELECT address FROM alerts_subscriber")
    }


def send_some(most: int) -> None:
    """Decide, and send one batch."""
    alert_sending.BATCH = most
    steps = 0
    while steps < 1 and alert_sending.send_alerts():
        steps = Mailing.objects.filter(state="sent").count()


def begin(people: int) -> None:
    open_installation(now=NOON)
    prepare(people)


def resume_and_work() -> dict[str, int]:
    """Resume sending as a person does, and let the worker go on; returns the emails by state."""
    resume_sending(by=None, now=NOON)
    work()
    return dict(Counter(Mailing.objects.values_list("state", flat=True)))


def test_a_backup_of_yesterday_restored_after_sending_loses_and_doubles_nothing(
    tmp_path, sink, django_db_blocker
):
    """The backup was made after 4 of 9 emails. The journal of the folder knows of the other 5."""
    reverse("alert-preferences", args=["token"])
    data = migrated_database(tmp_path / "data")
    run(django_db_blocker, data, lambda: begin(9))
    run(django_db_blocker, data, lambda: send_some(4))
    backup = tmp_path / "backup.tar"
    run(django_db_blocker, data, lambda: str(back_up(backup, now=NOON).place))
    run(django_db_blocker, data, work)
    assert len(sink.arrived) == 9
    restore = Child(
        django_db_blocker,
        data,
        lambda: str(restore_backup(backup, data, replace=True, now=NOON).place),
        share=False,
    )
    restore.result(seconds=120)
    # Restored, sending is paused: the worker settles and sends nothing.
    run(django_db_blocker, data, work)
    assert len(sink.arrived) == 9
    assert run(django_db_blocker, data, resume_and_work) == {"sent": 9}
    assert len(sink.arrived) == 9
