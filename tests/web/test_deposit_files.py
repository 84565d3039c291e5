"""The deposit form keeps the files that were chosen when something else in it is refused."""

import os
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.web.test_repository_pages import BOARD, TEXT, words
from waymark import pipeline
from waymark.documents.files import unfinished
from waymark.documents.files.storage import receiving_folder, sha256_of, staging_folder
from waymark.documents.models import Intake
from waymark.library.models import Deposit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "receiving"


def send(client, files=(), **changed):
    """The answer to the deposit form. files: chosen now."""
    fields = {
        "board": BOARD,
        "contact_name": "A. Person",
        "contact_email": "board@zennorshire.example",
        "title": "Child Fern",
        "rights": "on",
        "available_years": "5",
        **changed,
    }
    return client.post(reverse("deposit"), {**fields, "files": list(files)})


def fern(name="Fern.txt", content=TEXT):
    return SimpleUploadedFile(name, content)


def kept_fields(answer):
    """What the browser sends again of the kept files: the hidden field and the ticked boxes."""
    page = answer.content.decode()
    hidden = re.search(r'name="unfinished" value="([^"]*)"', page)
    ticked = re.findall(r'name="again" value="([^"]*)"[^>]*checked', page)
    return {"unfinished": hidden[1] if hidden else "", "again": ticked}


def stored():
    """The files kept for forms."""
    folder = receiving_folder() / "unfinished"
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_wrong_email_address_loses_neither_words_nor_files(client):
    refused = send(
        client,
        [fern(), fern("Plan.txt", b"1 Plan\n\nWe will do it.\n")],
        contact_email="nobody",
        note="By post too.",
    )
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "Choose your files again" not in page
    assert "Fern.txt" in page
    assert "By post too." in page
    assert 'aria-invalid="true"' in page
    sent = send(client, **kept_fields(refused))
    assert sent.status_code == 302, words(sent)
    assert [row.file_name for row in Intake.objects.order_by("pk")] == ["Fern.txt", "Plan.txt"]
    staged = {sha256_of(path) for path in staging_folder().iterdir()}
    assert len(staged) == 2
    assert stored() == []
    pipeline.run_worker(once=True)
    assert Intake.objects.filter(state="stored").count() == 2


def test_files_stay_through_a_second_refusal_beside_one_chosen_then(client):
    first = send(client, [fern()], contact_email="nobody")
    second = send(client, [fern("Plan.txt", b"1 Plan\n\nDone.\n")], title="", **kept_fields(first))
    assert len(kept_fields(second)["again"]) == 2
    assert send(client, **kept_fields(second)).status_code == 302
    assert {row.file_name for row in Intake.objects.all()} == {"Fern.txt", "Plan.txt"}


def test_a_file_that_is_unticked_is_not_sent_and_not_kept(client):
    refused = send(client, [fern()], contact_email="nobody")
    answer = send(client, **kept_fields(refused) | {"again": []})
    assert answer.status_code == 400
    assert "Choose a file" in words(answer)
    assert stored() == []


def test_a_forged_or_foreign_list_of_files_brings_nothing(client, tmp_path):
    secret = tmp_path / "secret-key"
    secret.write_text("nothing for boards", "utf-8")
    refused = send(client, [fern()], contact_email="nobody")
    real = kept_fields(refused)
    for fields in (
        {"unfinished": "W10", "again": real["again"]},
        {"unfinished": real["unfinished"] + "x", "again": real["again"]},
        {"unfinished": real["unfinished"], "again": ["../../secret-key"]},
        {"unfinished": "", "again": ["../../secret-key"]},
    ):
        answer = send(client, **fields)
        assert answer.status_code == 400, fields
    assert not Deposit.objects.exists()


def test_a_kept_file_is_checked_again_like_any_other(client):
    refused = send(client, [fern()], contact_email="nobody")
    stored()[0].write_bytes(b"MZ\x00" + TEXT[3:])  # same size, no longer a text
    answer = send(client, **kept_fields(refused))
    assert answer.status_code == 400
    assert "Choose the report as" in words(answer)


def test_an_unreadable_file_is_not_kept_while_its_neighbour_is(client):
    answer = send(client, [fern(), fern("tool.exe", b"MZ\x00\x01" * 9)])
    assert answer.status_code == 400
    assert len(stored()) == 1
    assert "Choose your files again" not in words(answer)


def test_a_readable_file_that_was_too_much_to_keep_is_asked_for_by_name(client, monkeypatch):
    monkeypatch.setattr(unfinished, "SENDERS", 0)
    answer = send(client, [fern()], contact_email="nobody")
    assert stored() == []
    assert "Choose your files again: Fern.txt" in words(answer)


def test_nothing_is_kept_for_a_program_that_fills_in_every_field(client):
    send(client, [fern()], homepage="https://spam.example")
    assert stored() == []


def test_kept_files_go_after_two_hours_by_the_worker(client):
    send(client, [fern()], contact_email="nobody")
    old = (timezone.now() - timedelta(hours=3)).timestamp()
    os.utime(stored()[0], (old, old))
    pipeline.run_worker(once=True)
    assert stored() == []


def test_a_file_that_is_gone_is_asked_for_again(client):
    refused = send(client, [fern()], contact_email="nobody")
    fields = kept_fields(refused)
    assert send(client, **fields).status_code == 302
    answer = send(client, **fields)
    assert answer.status_code == 400
    assert "We no longer store Fern.txt" in words(answer)
    assert Deposit.objects.count() == 1


def test_one_sender_cannot_use_up_the_space_of_others(tmp_path):
    now = timezone.now()
    for sender, kept in (("a", 1), ("a", 0), ("b", 1)):
        files = unfinished.keep_unfinished([fern()], sender=sender, share=len(TEXT), now=now)
        assert len(files) == kept, sender
    for sender in "cdefgh":
        unfinished.keep_unfinished([fern()], sender=sender, share=len(TEXT), now=now)
    assert len(stored()) == unfinished.SENDERS
    assert Client().get(reverse("deposit")).status_code == 200
