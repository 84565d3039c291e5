"""The form that asks for two overviews, and what it says of a choice that means nothing."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"first": "demo"}, "Choose two overviews."),
        ({"first": "demo", "second": "demo"}, "Choose two different overviews."),
        ({"first": "demo", "second": "other"}, "Choose overviews from the list."),
    ],
)
def test_a_choice_that_means_nothing_is_told(chosen, said):
    answer = Client().get(reverse("compare"), chosen)
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_without_two_overviews_there_is_nothing_to_choose():
    page = Client().get(reverse("compare")).content.decode()
    assert "when at least two have been published" in page


def test_what_does_not_stand_is_not_compared():
    assert Client().get(reverse("comparison", args=["a", "b"])).status_code == 404
    assert Client().get(reverse("comparison-csv", args=["a", "b"])).status_code == 404
