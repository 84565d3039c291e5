"""The small world of the overview tests, with an edition of it for whoever asks."""

from functools import partial

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON
from tests.overview.world import SPEC, make_world
from tests.publishing.giving import stored_edition
from waymark.overview import services as overview

VISITOR = AnonymousUser()


@pytest.fixture
def world(framework):
    return make_world(framework)


@pytest.fixture
def frozen(world):
    """Freeze the small overview, as decided under a profile.

    Two reviews are too few for any table about people, so its tables are about the process.
    """

    def freeze(profile="open"):
        spec = SPEC.replace("profile: open", f"profile: {profile}")
        spec = spec.replace("kind: crosstab", "kind: crosstab\n    process: true")
        overview_made = overview.create_overview(
            by=world.analyst, spec=spec, file="s.yaml", now=NOON
        )
        return overview.freeze_overview(by=world.analyst, overview=overview_made, now=NOON)

    return freeze


@pytest.fixture
def edition(world):
    """An edition of a snapshot under a profile. It stands; what it shows is not asked for here."""

    return partial(stored_edition, by=world.editor)
