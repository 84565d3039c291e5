"""Several people and workers at the same moment, on a real database in a data folder of its own."""

import json
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.databases import environment_for
from tests.new_installations import migrated_database

# Run apart: threads need a database that no test has opened, and the audit refuses to be emptied.
PROGRAM = dedent(
    """
    import json
    import os
    from collections import Counter
    from datetime import timedelta
    from threading import Barrier, Thread

    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    import django

    django.setup()
    from django.core.files.base import ContentFile
    from django.core.management import call_command
    from django.db import connection

    from tests.factories import NOON, make_person, make_report, make_review
    from tests.frameworks.test_schema import GOOD
    from tests.training.courses import published_course
    from waymark import pipeline
    from waymark.accounts.audit import broken_links
    from waymark.accounts.installation import bind_folder
    from waymark.accounts.models import Role, State
    from waymark.coding import services as coding
    from waymark.coding.models import Assignment, Coding, Suggestion
    from waymark.core.spans import Span
    from waymark.documents import services as documents
    from waymark.documents.anchors import ReportAnchors
    from waymark.documents.models import Intake, Report, Review
    from waymark.frameworks.services import load_framework, publish_framework
    from waymark.library.models import unindexed_records
    from waymark.library.services import catalogue_review, index_changed
    from waymark.pipeline.checks.doctor import examine_installation
    from waymark.pipeline.library.service_records import update_service_records
    from waymark.profiles import services as profiles
    from waymark.profiles.models import Judgement

    call_command("migrate", verbosity=0)
    bind_folder(now=NOON)
    TIMES = 6

    def at_once(work, each=range(TIMES)):
        each = list(each)
        together, came = Barrier(len(each)), []

        def one(what):
            try:
                together.wait()
                came.append(work(what))
            except Exception as error:
                came.append(f"{type(error).__name__}: {error}")
            finally:
                connection.close()

        threads = [Thread(target=one, args=[what]) for what in each]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Counter(came)

    framework = load_framework(by=None, source=GOOD, file="small.yaml", now=NOON)
    publish_framework(by=None, framework=framework, now=NOON)
    code = framework.codes.first()
    review = make_review("T1", state=State.INTERNAL)
    report = make_report(review, "The visits stopped in May. Nobody asked why.")
    coders = [make_person(Role.CODER, name=f"coder{number}") for number in range(TIMES)]
    out = {}

    # ---- coders ----

    def begin(coder):
        coding.assign_coder(by=coder, review=review, framework=framework, coder=coder, now=NOON)
        return "begun"

    def code_it(coder):
        coding.record_coding(by=coder, anchors=ReportAnchors(report), span=Span(0, 10), code=code,
                             qualifiers={}, memo="", now=NOON)
        return "coded"

    def judge(coder):
        profiles.record_judgement(by=coder, review=review, child=None,
                       variable=framework.variables.get(variable="drink"), value="present",
                       anchors=ReportAnchors(report), spans=[Span(0, 10)], memo="", now=NOON)
        return "judged"

    out["begun"] = at_once(begin, coders)
    out["positions"] = sorted(Assignment.objects.values_list("position", flat=True))
    out["coded"] = at_once(code_it, coders)
    out["same coder"] = at_once(code_it, [coders[0]] * TIMES)
    out["judged"] = at_once(judge, [coders[0]] * TIMES)
    standing = {"superseded_at": None, "coder": coders[0]}
    out["standing"] = [Coding.objects.filter(**standing).count(),
                       Judgement.objects.filter(**standing).count(), Coding.objects.count()]

    # ---- a suggestion that all decide on ----

    suggestion = Suggestion.objects.create(code=code, cue="stopped", suggester="test 1",
                       made_at=NOON, **ReportAnchors(report).fields(Span(11, 18)))

    def decide(what):
        coder, seen = what
        coding.decide_suggestion(by=coder, suggestion=seen, accept=True, now=NOON)
        return "accepted"

    # Each coder decides for themselves; the same one in several windows decides once.
    pages = [(coders[0], Suggestion.objects.get(pk=suggestion.pk)) for _ in range(TIMES)]
    out["decided"] = [kind.split(":")[0] for kind in at_once(decide, pages).elements()]
    out["decided codings"] = Coding.objects.filter(start=11).count()

    # ---- uploads and the workers that read them ----

    keeper = make_person(Role.CATALOGUER, name="keeper")

    def send(number):
        file = ContentFile(b"One report.\\n\\nThe same words each time.", name="a.txt")
        documents.receive_upload(by=keeper, files=[file], batch=f"b{number}", now=NOON)
        return "sent"

    out["sent"] = at_once(send)

    def lease(number):
        found = documents.lease_intake(now=NOON)
        return found.pk if found else None

    leased = at_once(lease)
    out["leased apart"] = sorted(leased.values())
    Intake.objects.update(lease_until=NOON - timedelta(hours=1))  # and all of them die

    def read(number):
        while pipeline.read_upload(clock=lambda: NOON):
            pass
        return "read"

    out["read"] = at_once(read, range(3))
    out["intakes"] = Counter(Intake.objects.values_list("state", flat=True))
    out["reports"] = Report.objects.filter(file_name="a.txt").count()

    # ---- the record of a course, which the worker and the page of the course both add ----

    out["course records"] = Counter()
    for number in range(5):
        published_course(f"course-{number}")
        out["course records"] += at_once(lambda number: update_service_records(now=NOON))

    # ---- states and the index ----

    def change(state):
        pipeline.change_state(by=keeper, item=Review.objects.get(pk=review.pk), state=state,
                              now=NOON, seen=State.INTERNAL)
        return "changed"

    asked = [State.PUBLISHED, State.WITHDRAWN] * 3
    out["states"] = [kind.split(":")[0] for kind in at_once(change, asked).elements()]

    for number in range(20):
        catalogue_review(by=None, review=make_review(f"M{number}"), now=NOON)

    def follow(number):
        index_changed(now=NOON, limit=3)
        return "followed"

    out["followed"] = at_once(follow)
    while index_changed(now=NOON).done:
        pass
    out["waiting"] = unindexed_records().count()
    out["broken"] = broken_links()
    out["faults"] = [fault for one in examine_installation(now=NOON) for fault in one.faults
                     if "original" not in fault]
    print(json.dumps(out))
    """
)


@pytest.fixture(scope="module")
def came(tmp_path_factory):
    """Results of all work done at the same time."""
    environment = environment_for(migrated_database(tmp_path_factory.mktemp("at-once")))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_coders_who_begin_at_once_are_numbered_each_once(came):
    assert came["begun"] == {"begun": 6}
    assert came["positions"] == [1, 2, 3, 4, 5, 6]


def test_what_coders_save_at_once_is_all_kept(came):
    assert came["coded"] == {"coded": 6}


def test_of_one_coder_who_saves_many_times_at_once_one_judgement_stands(came):
    assert came["same coder"] == {"coded": 6}
    assert came["judged"] == {"judged": 6}
    assert came["standing"] == [1, 1, 12]


def test_a_suggestion_is_decided_on_once(came):
    assert sorted(came["decided"]) == ["RuleError"] * 5 + ["accepted"]
    assert came["decided codings"] == 1


def test_workers_who_ask_at_once_get_each_another_file(came):
    assert came["sent"] == {"sent": 6}
    assert came["leased apart"] == [1] * 6


def test_the_same_file_sent_many_times_at_once_is_stored_once(came):
    assert came["read"] == {"read": 3}
    assert came["intakes"] == {"stored": 1, "already": 5}
    assert came["reports"] == 1


def test_the_record_of_a_course_is_added_once(came):
    assert came["course records"] == {"true": 5, "false": 25}


def test_of_two_who_change_what_both_saw_one_is_told(came):
    assert sorted(came["states"]) == ["RuleError"] * 5 + ["changed"]


def test_several_writers_of_the_index_lose_nothing(came):
    assert came["followed"] == {"followed": 6}
    assert came["waiting"] == 0


def test_after_all_of_it_every_promise_holds(came):
    assert came["broken"] == []
    assert came["faults"] == []
