"""Many coders save in the workbench together, each in a process of their own: nothing is lost.

benchmarks/workbench.py does the same with 20 coders and 1,000 saves, and prints how long each took.
"""

from functools import partial

from tests.factories import NOON, make_person, make_report, make_review
from tests.frameworks.test_schema import GOOD
from tests.new_installations import migrated_database
from tests.pipeline.forked import Child
from waymark.accounts.audit import broken_links
from waymark.accounts.models import Role, User
from waymark.coding import services
from waymark.coding.models import Coding, CodingAction
from waymark.core.spans import Span
from waymark.documents.models import Report
from waymark.frameworks.models import Framework
from waymark.frameworks.services import load_framework, publish_framework

CODERS, SAVES = 4, 12


def build() -> None:
    framework = load_framework(by=None, source=GOOD, file="small.yaml", now=NOON)
    publish_framework(by=None, framework=framework, now=NOON)
    report = make_report(make_review("T1"), "The visits stopped in May. Nobody asked why.")
    for number in range(CODERS):
        coder = make_person(Role.CODER, name=f"coder{number}")
        services.assign_coder(
            by=coder, coder=coder, review=report.review, framework=framework, now=NOON
        )


def save(coder: int) -> int:
    """Code twelve places, each request sent twice, undo the last; the number of the last act."""
    desk = {
        "by": User.objects.get(username=f"coder{coder}"),
        "report": Report.objects.get(),
        "framework": Framework.objects.get(),
        "now": NOON,
    }
    for at in range(SAVES):
        for _ in range(2):
            span = Span(at, at + 3)
            services.add_code(**desk, reading=1, act=f"act{at}", span=span, code="a")
    return services.undo_act(**desk, act="undo").number


def outcome() -> dict[str, object]:
    return {
        "current": Coding.objects.filter(superseded_at=None).count(),
        "acts": sorted(CodingAction.objects.values_list("coder__username", "number")),
        "broken": broken_links(),
    }


def test_coders_who_save_together_lose_nothing_and_act_once(django_db_blocker, tmp_path):
    data = migrated_database(tmp_path / "data")
    Child(django_db_blocker, data, build).result(seconds=60)
    children = [Child(django_db_blocker, data, partial(save, coder)) for coder in range(CODERS)]
    assert [child.result(seconds=120) for child in children] == [SAVES + 1] * CODERS
    end = Child(django_db_blocker, data, outcome).result(seconds=60)
    assert end == {
        "current": CODERS * (SAVES - 1),
        "acts": [
            [f"coder{coder}", number] for coder in range(CODERS) for number in range(1, SAVES + 2)
        ],
        "broken": [],
    }
