"""Import and export of codings on the page: preview, choices, import, files."""

import io
import json
import zipfile
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tests.coding.refi_projects import NVIVO_WINDOWS, Project
from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, Role
from waymark.coding import services as coding
from waymark.coding.models import Coding, ProjectImport
from waymark.documents.queries.reader import text_of
from waymark.frameworks.models import Framework
from waymark.pipeline.coding.coding_imports import JOBS

pytestmark = pytest.mark.django_db


@pytest.fixture
def coder(client, framework, report):
    person = make_person(Role.CODER, name="coder")
    coding.assign_coder(
        by=person, review=report.review, framework=framework, coder=person, now=NOON
    )
    client.force_login(person)
    return person


def project_file(report, *rows, name="study.qdpx"):
    text = text_of(report)
    project = Project(NVIVO_WINDOWS)
    spans = [(text.index(quote), text.index(quote) + len(quote), code) for quote, code in rows]
    project.add_text("interview 1", text, spans)
    return SimpleUploadedFile(name, project.package())


def upload(client, file, **values):
    return client.post(reverse("coding-exchange"), {"file": file, **values}, follow=True)


def plain(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def decide(client, **values):
    address = reverse("coding-import", args=[ProjectImport.objects.get().key])
    return client.post(address, values, follow=True)


def test_a_project_is_previewed_matched_and_imported(client, coder, report):
    page = plain(upload(client, project_file(report, ("Nobody asked", "A"), ("letters", "New"))))
    assert "My study, from NVivo 12.6" in page
    assert "1 new, 0 changed, 0 the same as yours" in page
    assert "Small 1.0.0 has no such code: 1 coding not imported" in page
    assert not Coding.objects.exists()
    new = next(
        row
        for row in json.loads(ProjectImport.objects.get().project)["codes"]
        if row["name"] == "New"
    )
    chosen = {f"code-{new['guid']}": "a.b"}
    page = plain(decide(client, do="choose", **chosen))
    assert "2 new, 0 changed" in page
    page = plain(decide(client, do="import", **chosen))
    assert "2 codings imported." in page
    assert sorted(Coding.objects.values_list("exact", "code__code", "coder__username")) == [
        ("Nobody asked", "a", "coder"),
        ("letters", "a.b", "coder"),
    ]
    row = ProjectImport.objects.get()
    assert (row.state, row.project) == ("done", "")
    assert "Import: study.qdpx" in plain(client.get(reverse("coding-import", args=[row.key])))


def test_choices_made_with_the_import_are_shown_before_they_are_stored(client, coder, report):
    upload(client, project_file(report, ("letters", "New")))
    (new,) = json.loads(ProjectImport.objects.get().project)["codes"]
    page = plain(decide(client, do="import", **{f"code-{new['guid']}": "a"}))
    assert "Your choices changed the preview" in page
    assert not Coding.objects.exists()


def test_a_preview_can_be_discarded_and_nobody_else_sees_it(client, coder, report):
    upload(client, project_file(report, ("letters", "A")))
    address = reverse("coding-import", args=[ProjectImport.objects.get().key])
    client.force_login(make_person(Role.ANALYST, Role.CODER))
    assert client.get(address).status_code == 404
    assert client.post(address, {"do": "import"}).status_code == 404
    client.force_login(coder)
    assert "Nothing was stored" in plain(decide(client, do="drop"))
    assert not ProjectImport.objects.exists()


def test_a_person_keeps_five_previews_for_a_week(client, coder, report):
    """A preview holds the texts and names of another program."""
    for number in range(6):
        upload(client, project_file(report, ("letters", "A"), name=f"study{number}.qdpx"))
    names = [f"study{number}.qdpx" for number in (5, 4, 3, 2, 1)]
    assert list(ProjectImport.objects.values_list("file_name", flat=True)) == names
    assert AuditEntry.objects.filter(action="drop coding import").count() == 1
    now = timezone.now()
    (job,) = JOBS
    assert not job.run(lambda: now + timedelta(days=6))
    assert job.run(lambda: now + timedelta(days=8))
    assert not ProjectImport.objects.exists()
    assert AuditEntry.objects.filter(action="forget coding imports").count() == 1


@pytest.mark.parametrize("roles", [(Role.CODER,), (Role.CODER, Role.ANALYST)])
def test_nobody_can_give_codings_to_another_account(client, coder, framework, report, roles):
    coder = make_person(*roles, name="second")
    other = make_person(Role.CODER, name="other")
    for person in (coder, other):
        coding.assign_coder(
            by=person, review=report.review, framework=framework, coder=person, now=NOON
        )
    client.force_login(coder)
    page = plain(upload(client, project_file(report, ("letters", "A"))))
    assert "User: Anna" not in page
    (user,) = json.loads(ProjectImport.objects.get().project)["users"]
    page = plain(decide(client, do="import", **{f"user-{user['guid']}": "other"}))
    assert "1 coding imported." in page
    assert not Coding.objects.filter(coder=other).exists()
    assert Coding.objects.get().coder == coder


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not a zip", "not sound XML"),
        (b"PK\x03\x04 cut", "is damaged or locked"),
    ],
)
def test_a_file_that_is_no_project_is_refused_at_its_field(client, coder, content, says):
    answer = upload(client, SimpleUploadedFile("study.qdpx", content))
    assert answer.status_code == 400
    assert says in plain(answer)
    assert not ProjectImport.objects.exists()


def export(client, **values):
    return client.post(reverse("coding-export"), values)


def test_a_coder_downloads_own_work_and_it_is_in_the_audit_log(client, coder, report):
    upload(client, project_file(report, ("letters", "A")))
    decide(client, do="import")
    answer = export(client, layer="own", format="qdpx")
    assert answer["Content-Disposition"] == 'attachment; filename="waymark-own-codings.qdpx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "project.qde" in archive.namelist()
    entry = AuditEntry.objects.get(action="export codings")
    assert (entry.detail["format"], entry.detail["codings"]) == ("qdpx", 1)
    export(client, layer="own", format="qdpx", originals="on")
    latest = AuditEntry.objects.filter(action="export codings").last()
    assert "with original files" in str(latest)
    refused = export(client, layer="own", format="csv", originals="on")
    assert refused.status_code == 400
    assert "Only a project (.qdpx) can contain the original files" in refused.content.decode()
    rows = export(client, layer="own", format="csv").content.decode("utf-8-sig")
    assert "letters" in rows
    assert "letters" not in export(client, layer="own", format="csv", reviews="T9").content.decode()


def test_settled_codings_are_for_analysts(client, coder, report):
    assert export(client, layer="agreed", format="csv").status_code == 400
    client.force_login(make_person(Role.ANALYST))
    answer = export(client, layer="agreed", format="qdpx")
    assert "There is nothing to export" in plain(answer)
    assert export(client, layer="agreed", format="csv").status_code == 200


def test_a_codebook_goes_out_to_everybody_and_comes_in_as_a_draft(client, framework):
    answer = client.get(reverse("framework-codebook", args=["small", "1.0.0"]))
    assert answer["Content-Type"] == "application/xml"
    client.force_login(make_person(Role.ANALYST))
    file = SimpleUploadedFile("codes.qdc", answer.content)
    page = client.post(reverse("import-codebook"), {"file": file, "name": "mine"}, follow=True)
    assert "mine 1.0.0 is a draft with 2 imported codes" in plain(page)
    assert Framework.objects.get(name="mine").published_at is None
    file = SimpleUploadedFile("codes.qdc", answer.content)
    answer = client.post(reverse("import-codebook"), {"file": file, "name": "Not A Name"})
    assert answer.status_code == 400
