"""Program of test_publishing_at_once: somebody saves while another person's edition is typeset.

Run apart: threads need a database that no test has opened. The real typesetting waits in the
middle, so that what comes first does not depend on the speed of the machine.
"""

import json
import sys
import time
from datetime import timedelta
from threading import Event, Thread

from django.core.management import call_command
from django.db import connection

from tests.factories import NOON, make_person
from tests.frameworks.test_schema import GOOD
from tests.overview.world import SPEC, make_world
from tests.publishing.giving import sign
from waymark import pipeline
from waymark.accounts.installation import bind_folder
from waymark.accounts.models import Role
from waymark.core.errors import WaymarkError
from waymark.documents.files import storage
from waymark.frameworks.services import load_framework, publish_framework
from waymark.overview import services as overview
from waymark.publishing import services
from waymark.publishing.models import Publication, SigningCapacity
from waymark.publishing.services import editions

LATER = NOON + timedelta(hours=1)
LONG = 60
"""Seconds: more than any of the steps takes on a slow machine."""


def publish_meanwhile(by, small, change):
    """How publishing ends if the change is made while the edition is typeset."""
    typesetting, changed = Event(), Event()
    typeset = editions.render_pdf
    outcome = []

    def paused(document):
        typesetting.set()
        changed.wait(LONG)
        return typeset(document)

    def publish():
        try:
            edition = pipeline.publish_report(by=by, overview=small, now=LATER)
            outcome.append(f"edition {edition.edition}")
        except WaymarkError as error:
            outcome.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    editions.render_pdf = paused
    publisher = Thread(target=publish)
    publisher.start()
    assert typesetting.wait(LONG), outcome
    started = time.monotonic()
    change()
    waited = time.monotonic() - started
    changed.set()
    publisher.join(LONG)
    editions.render_pdf = typeset
    return {"outcome": outcome, "waited": waited}


def main():
    call_command("migrate", verbosity=0)
    bind_folder(now=NOON)
    framework = load_framework(by=None, source=GOOD, file="small.yaml", now=NOON)
    publish_framework(by=None, framework=framework, now=NOON)
    world = make_world(framework)
    small = overview.create_overview(by=world.analyst, spec=SPEC, file="s.yaml", now=NOON)
    snapshot = overview.freeze_overview(by=world.analyst, overview=small, now=NOON)

    def signed():
        sign(world.analyst, snapshot, SigningCapacity.ANALYST)
        sign(world.editor, snapshot, SigningCapacity.EDITOR)

    def change_text():
        services.save_text(
            by=world.editor, overview=small, slot="introduction", text="Changed.", base=1, now=LATER
        )

    signed()
    refused = publish_meanwhile(world.editor, small, change_text)
    refused["editions"] = Publication.objects.count()
    refused["files"] = len(list(storage.files_of(storage.publications_folder())))
    refused["arriving"] = len(storage.arriving_names())
    signed()
    published = publish_meanwhile(
        world.editor, small, lambda: make_person(Role.READER, name="another")
    )
    json.dump({"refused": refused, "published": published}, sys.stdout)
