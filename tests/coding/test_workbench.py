"""Acts of a coder in the workbench: stored once each, undone and redone, never another's."""

from datetime import timedelta
from itertools import count

import pytest

from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, Role
from waymark.coding import services
from waymark.coding.models import Coding, CodingAction, ReadPart, ReportMemo
from waymark.coding.queries import workbench as queries
from waymark.coding.queries.workbench import Desk
from waymark.coding.services import CodingPlace
from waymark.core.errors import ConcurrentChange, NotFound, NotPermitted, RuleError
from waymark.core.spans import Span

pytestmark = pytest.mark.django_db

FIRST, SECOND = Span(0, 8), Span(4, 25)


class Bench:
    """A coder at a desk: each act has an id of its own unless it is given one."""

    def __init__(self, coder, report, framework):
        self.coder = coder
        self.desk = Desk(coder, report, framework)
        self.ids = count(1)

    def _common(self, act, **more):
        desk = self.desk
        return {
            "by": self.coder,
            "report": desk.report,
            "framework": desk.framework,
            "act": act or f"act-{next(self.ids)}",
            "now": NOON + timedelta(minutes=next(self.ids)),
        } | more

    def code(self, span=FIRST, code="a", act="", reading=1):
        return services.add_code(**self._common(act, reading=reading, span=span, code=code))

    def change(self, span=FIRST, code="a", act="", **new):
        if "to" in new:
            new["span"] = new.pop("to")
        place = CodingPlace(span, code)
        return services.change_coding(**self._common(act, reading=1, place=place, **new))

    def remove(self, span=FIRST, code="a", act=""):
        place = CodingPlace(span, code)
        return services.remove_coding(**self._common(act, reading=1, place=place))

    def memo(self, text, act=""):
        return services.write_report_memo(**self._common(act, reading=1, text=text))

    def read(self, part, read=True, act=""):
        return services.mark_part(**self._common(act, reading=1, part=part, read=read))

    def undo(self, act="", target=""):
        return services.undo_act(**self._common(act, target=target))

    def redo(self, act="", target=""):
        return services.redo_act(**self._common(act, target=target))

    def seen(self):
        """All that is current: codings, memo on the report, parts read."""
        codings = [
            (row.start, row.end, row.code.code, row.qualifiers, row.memo)
            for row in queries.own_codings(self.desk)
        ]
        return codings, queries.report_memo(self.desk), queries.read_parts(self.desk)


@pytest.fixture
def bench(framework, report):
    return bench_of("ann", framework, report)


def bench_of(name, framework, report):
    coder = make_person(Role.CODER, name=name)
    services.assign_coder(
        by=coder, review=report.review, framework=framework, coder=coder, now=NOON
    )
    return Bench(coder, report, framework)


def every_act(bench):
    """One act of each kind, in order."""
    yield lambda: bench.code()
    yield lambda: bench.code(SECOND, "a.b")
    yield lambda: bench.change(qualifiers={"valence": "concern"})
    yield lambda: bench.change(memo="Said twice.")
    yield lambda: bench.change(to=Span(0, 12))
    yield lambda: bench.memo("Read the annex too.")
    yield lambda: bench.read(1)
    yield lambda: bench.remove(Span(0, 12))
    yield lambda: bench.memo("")
    yield lambda: bench.read(1, read=False)


def test_every_kind_of_act_is_undone_step_by_step_and_done_again(bench):
    states = [bench.seen()]
    for act in every_act(bench):
        act()
        states.append(bench.seen())
    assert states[5] == (
        [(0, 12, "a", {"valence": "concern"}, "Said twice."), (4, 25, "a.b", {}, "")],
        "",
        set(),
    )
    for state in reversed(states[:-1]):
        bench.undo()
        assert bench.seen() == state
    with pytest.raises(RuleError, match="nothing to undo"):
        bench.undo()
    for state in states[1:]:
        bench.redo()
        assert bench.seen() == state
    with pytest.raises(RuleError, match="nothing to redo"):
        bench.redo()


def test_fifty_acts_are_undone_and_all_rows_stay_on_record(bench):
    for number in range(50):
        bench.code(Span(number, number + 2))
    for _ in range(50):
        bench.undo()
    assert bench.seen()[0] == []
    assert Coding.objects.count() == 50
    assert Coding.objects.filter(superseded_at=None).count() == 0
    assert CodingAction.objects.count() == 100


def test_a_new_act_ends_what_could_be_done_again(bench):
    bench.code()
    bench.undo()
    bench.code(SECOND)
    with pytest.raises(RuleError, match="nothing to redo"):
        bench.redo()
    bench.undo()
    with pytest.raises(RuleError, match="nothing to undo"):
        bench.undo()


def test_undo_redo_undo_leads_back_to_the_same_place(bench):
    bench.code()
    bench.code(SECOND)
    bench.undo()
    bench.undo()
    bench.redo()
    assert [row[:2] for row in bench.seen()[0]] == [(0, 8)]
    bench.redo()
    bench.undo()
    assert [row[:2] for row in bench.seen()[0]] == [(0, 8)]
    bench.undo()
    assert bench.seen()[0] == []


def test_undo_brings_back_a_coding_with_its_memo_and_qualifiers(bench):
    bench.code()
    bench.change(memo="Why?", qualifiers={"valence": "strength"})
    bench.remove()
    bench.undo()
    assert bench.seen()[0] == [(0, 8, "a", {"valence": "strength"}, "Why?")]


def test_the_same_request_twice_acts_once_and_is_answered_alike(bench):
    once = bench.code(act="one")
    again = bench.code(act="one")
    assert once == again
    undone = bench.undo(act="two")
    assert bench.undo(act="two") == undone
    assert (Coding.objects.count(), CodingAction.objects.count()) == (1, 2)


def test_an_act_of_another_coder_may_have_the_same_id(bench, framework, report):
    other = bench_of("ben", framework, report)
    bench.code(act="one")
    other.code(act="one")
    assert Coding.objects.filter(superseded_at=None).count() == 2


def test_nobody_undoes_or_changes_the_work_of_another_coder(bench, framework, report):
    other = bench_of("ben", framework, report)
    bench.code()
    bench.memo("Mine.")
    bench.read(1)
    with pytest.raises(RuleError, match="nothing to undo"):
        other.undo()
    for act in (other.remove, lambda: other.change(memo="x")):
        with pytest.raises(ConcurrentChange):
            act()
    assert other.seen() == ([], "", set())
    assert queries.recent_codes(other.desk) == []
    assert queries.count_codings(other.desk) == 0
    assert queries.desk_state(other.desk).number == 0


def test_two_windows_of_one_coder_share_what_can_be_undone(bench, framework, report):
    window = Bench(bench.coder, report, framework)
    window.ids = count(100)
    bench.code(act="first")
    window.code(SECOND, act="second")
    # The first window still offers to undo its own act, which is not the last one any more.
    with pytest.raises(ConcurrentChange):
        bench.undo(target="first")
    bench.undo(target="second")
    assert [row[:2] for row in bench.seen()[0]] == [(0, 8)]


def test_what_a_coding_file_changed_meanwhile_is_not_undone(bench, framework, report):
    from waymark.documents.anchors import ReportAnchors

    bench.code()
    services.record_coding(
        by=bench.coder,
        anchors=ReportAnchors(report),
        span=FIRST,
        code=framework.codes.get(code="a"),
        qualifiers={},
        memo="From the file.",
        now=NOON + timedelta(days=1),
    )
    with pytest.raises(ConcurrentChange):
        bench.undo()
    assert bench.seen()[0][0][-1] == "From the file."


def test_words_that_have_the_code_already_are_left_as_they_are(bench):
    bench.code()
    bench.change(memo="Keep me.")
    assert bench.code() is None
    assert bench.seen()[0] == [(0, 8, "a", {}, "Keep me.")]
    bench.code(SECOND)
    with pytest.raises(RuleError, match="already have this code"):
        bench.change(SECOND, to=FIRST)
    assert bench.change(memo="Keep me.") is None
    assert bench.memo("") is None
    assert bench.read(1, read=False) is None


@pytest.mark.parametrize("number", range(10))
def test_a_finished_review_takes_no_act(bench, framework, report, number):
    acts = list(every_act(bench))
    for act in acts[:number]:
        act()
    services.finish_coding(by=bench.coder, review=report.review, framework=framework, now=NOON)
    before = bench.seen()
    for act in (acts[number], bench.undo, bench.redo):
        with pytest.raises(RuleError, match="has finished"):
            act()
    assert bench.seen() == before


def test_an_act_on_an_earlier_text_is_refused(bench):
    with pytest.raises(ConcurrentChange, match="newer text"):
        bench.code(reading=2)


def test_an_act_needs_an_id_and_a_memo_has_a_limit(bench):
    for act in ("", " " * 0, "x" * 41):
        with pytest.raises(RuleError, match="id"):
            services.undo_act(
                by=bench.coder,
                report=bench.desk.report,
                framework=bench.desk.framework,
                act=act,
                now=NOON,
            )
    with pytest.raises(RuleError, match="20,000 characters"):
        bench.memo("x" * 20_001)


def test_each_act_is_in_the_audit_log(bench):
    bench.code()
    bench.change(to=Span(0, 12))
    bench.memo("A memo.")
    bench.read(1)
    bench.undo()
    actions = AuditEntry.objects.filter(actor="ann").values_list("action", flat=True)
    assert list(actions.order_by("pk"))[1:] == [
        "code",
        "withdraw coding",
        "code",
        "write report memo",
        "mark read pages",
        "mark read pages",
    ]


def test_a_refused_act_leaves_nothing_behind(bench):
    bench.code()
    for call in (
        lambda: bench.code(code="z"),
        lambda: bench.code(Span(0, 10_000)),
        lambda: bench.change(qualifiers={"valence": "loud"}),
    ):
        with pytest.raises(RuleError):
            call()
    assert (Coding.objects.count(), CodingAction.objects.count()) == (1, 1)


def test_codes_used_last_keep_their_places(bench, monkeypatch):
    monkeypatch.setattr(queries, "RECENT_CODES", 1)
    bench.code(FIRST, "a")
    bench.code(SECOND, "a.b")
    assert queries.recent_codes(bench.desk) == ["a.b"]
    monkeypatch.setattr(queries, "RECENT_CODES", 2)
    bench.code(Span(9, 12), "a")
    assert queries.recent_codes(bench.desk) == ["a", "a.b"]


def test_undo_says_what_it_takes_back(bench):
    says = []
    for act in every_act(bench):
        act()
        says.append(queries.desk_state(bench.desk).undo.label)
    assert says == [
        "code A",
        "code B",
        "qualifiers of A",
        "memo of A",
        "boundaries of A",
        "memo on the report",
        "part 1 marked as read",
        "removal of A",
        "memo on the report",
        "part 1 marked as not read",
    ]
    bench.undo()
    state = queries.desk_state(bench.desk)
    assert (state.redo.label, state.undo.label) == (
        "part 1 marked as not read",
        "memo on the report",
    )


def test_a_desk_exists_for_whom_the_review_is_assigned_to(bench, framework, report):
    def desk(person):
        return queries.desk_for(person, report.key, framework.name, framework.version, NOON)

    assert desk(bench.coder).report == report
    with pytest.raises(NotFound):
        desk(make_person(Role.CODER, Role.ANALYST))
    with pytest.raises(NotPermitted):
        desk(make_person(Role.EDITOR))


def test_keys_are_letters_of_one_code_each(bench, framework):
    def choose(**keys):
        chosen = {name.replace("_", "."): key for name, key in keys.items()}
        services.choose_keys(by=bench.coder, framework=framework, keys=chosen)

    choose(a="n", a_b="o")
    choose(a="o", a_b="n")
    assert queries.keys_of(bench.coder, framework) == {"a": "o", "a.b": "n"}
    for keys in ({"a": "1"}, {"a": "ab"}, {"a": "x", "a_b": "x"}, {"z": "x"}):
        with pytest.raises(RuleError):
            choose(**keys)
    assert queries.keys_of(make_person(Role.CODER), framework) == {}


def test_settings_of_the_workbench_are_a_coders_own(bench):
    services.choose_settings(by=bench.coder, veil="marked", break_minutes=0)
    chosen = queries.settings_of(bench.coder)
    assert (chosen.veil, chosen.break_minutes) == ("marked", 0)
    assert queries.settings_of(make_person(Role.CODER)).veil == "never"
    for wrong in ({"veil": "some", "break_minutes": 0}, {"veil": "never", "break_minutes": 900}):
        with pytest.raises(RuleError):
            services.choose_settings(by=bench.coder, **wrong)


def test_rows_of_memo_and_read_parts_are_superseded(bench):
    bench.memo("One.")
    bench.memo("Two.")
    bench.read(1)
    bench.undo()
    assert ReportMemo.objects.count() == 2
    assert ReportMemo.objects.exclude(superseded_at=None).count() == 1
    assert ReadPart.objects.exclude(superseded_at=None).count() == 1
