"""Steps of acceptance.py, each in a process of its own with the settings of one installation.

acceptance_steps.py STEP FOLDER [REFERENCE]
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

RECORDS = 600
ROUNDS = 12
PAGES = {
    "/staff/": 35,
    "/staff/?page=300": 35,
    "/staff/?sort=title&page=100": 35,
    "/staff/?q=child": 35,
    "/library/results.json?q=mother": 155,
    "/library/results.ris?q=mother": 103,
    "/library/feed.atom": 103,
    "/find/?q=child+mother+school": 100,
}
"""Address -> most milliseconds of the processor: results were 310 before the work on speed."""


def django_for(folder: Path) -> None:
    os.environ["WAYMARK_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    import django

    django.setup()


def canary(data: Path, reference: str) -> None:
    """Print a published review whose reference is in no other."""
    django_for(data)
    from waymark.documents.models import Review

    review = Review.objects.filter(state="published").order_by("-published_on", "-pk")[0]
    print(json.dumps({"reference": review.reference, "title": review.title}))


def withdraw(data: Path, reference: str) -> None:
    change_to(data, reference, "withdrawn")


def publish(data: Path, reference: str) -> None:
    change_to(data, reference, "published")


def change_to(data: Path, reference: str, name: str) -> None:
    django_for(data)
    from django.utils import timezone

    from waymark.accounts.models import State
    from waymark.documents.models import Review
    from waymark.pipeline.removals.state_changes import change_state

    review = Review.objects.get(reference=reference)
    change_state(by=None, item=review, state=State(name), now=timezone.now())


def import_records(data: Path, reference: str) -> None:
    django_for(data)
    from django.core.management import call_command
    from django.utils import timezone

    from waymark.library.exchange.formats import read_as
    from waymark.pipeline.library.import_records import ImportOptions, import_reading

    call_command("migrate", verbosity=0)
    chance = random.Random(1)  # noqa: S311
    words = ["visit", "school", "nurse", "court", "health", "home", "learning", "police", "plan"]
    records = "".join(
        f"TY  - RPRT\nTI  - {' '.join(chance.sample(words, 6))} {number:05}\nAU  - Made, Up\n"
        f"PY  - 2010\nPB  - Made-up board\nAB  - {' '.join(chance.choices(words, k=60))}\n"
        f"KW  - neglect\nER  - \n"
        for number in range(RECORDS)
    )
    begun = time.process_time()
    batch = import_reading(
        by=None,
        reading=read_as("ris", records.encode()),
        source="made up",
        format_name="ris",
        options=ImportOptions("research-report", include_similar=True),
        now=timezone.now(),
    )
    worked = time.process_time() - begun
    assert batch.report["taken"] == RECORDS, batch.report["taken"]
    print(RECORDS / worked)


def lists(data: Path, reference: str) -> None:
    """Print each of PAGES with its median in ms of processor, as an administrator, and target."""
    django_for(data)
    from django.test import Client, override_settings

    from waymark.accounts.models import User

    times = {}
    with override_settings(ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False):
        client = Client()
        client.force_login(User.objects.get(username="administrator"))
        for address, most in PAGES.items():
            rounds = []
            for _ in range(ROUNDS):
                begun = time.process_time()
                assert client.get(address).status_code == 200, address
                rounds.append(1000 * (time.process_time() - begun))
            times[address] = statistics.median(rounds[ROUNDS // 3 :]), most
    print(json.dumps(times))


STEPS: dict[str, Callable[[Path, str], None]] = {
    "canary": canary,
    "withdraw": withdraw,
    "publish": publish,
    "lists": lists,
    "import": import_records,
}

if __name__ == "__main__":
    STEPS[sys.argv[1]](Path(sys.argv[2]), (*sys.argv[3:], "")[0])
