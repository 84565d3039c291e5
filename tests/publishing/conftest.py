"""The small world, shared by the tests of publications."""

import pytest

from tests.overview.world import make_world


@pytest.fixture
def world(framework):
    return make_world(framework)
