"""Staff pages of a coder's own case profiles: each question is a form that is saved by itself."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.models import User
from waymark.accounts.permissions import require_account
from waymark.coding import services as coding
from waymark.coding.assignments import assignment_of
from waymark.coding.models import Assignment
from waymark.coding.queries.rounds import notes_to
from waymark.core.errors import NotFound, RuleError
from waymark.core.wording import as_sentence, counted
from waymark.documents.models import Report
from waymark.documents.queries.reader import cited_place, reports_of, review_for
from waymark.frameworks.queries import framework_for
from waymark.pipeline.coding import case_profiles
from waymark.pipeline.coding.case_profiles import GivenAnswer
from waymark.pipeline.coding.value_proposals import WordsForValue, proposals_for
from waymark.profiles import services as profiles
from waymark.profiles.case_profile import (
    ProfileSubject,
    case_profile_of,
)
from waymark.web.rounds.profile_questions import (
    ChosenPassages,
    RefusedAnswer,
    ShownGroup,
    shown_question,
)
from waymark.web.shared.clean_input import clean_line, clean_lines, whole_number

CODE = "code"
LONGEST_MEMO = 2_000
MOST_PASSAGES = 20


@require_safe
def profile_list(request: HttpRequest) -> HttpResponse:
    """The person's own case profiles, unfinished first."""
    coder = require_account(request.user, CODE, "answer case profiles")
    rows = case_profiles.open_profiles(coder, timezone.now())
    return render(request, "rounds/profiles.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def case_profile(request: HttpRequest, reference: str, name: str, version: str) -> HttpResponse:
    """Answer the questions about a review, or about a child or adult of it (?of=child-1).

    ?passage=KEY: a passage chosen in the report, offered to every question, or with &question=ID
    to one. ?proposals=ID: words of the report that may speak for a value of that question.
    """
    coder = require_account(request.user, CODE, "answer case profiles")
    now = timezone.now()
    review, framework = review_for(reference, coder, now), framework_for(name, version)
    try:
        assignment = assignment_of(coder, review, framework)
    except RuleError as error:
        raise NotFound(str(error)) from error
    reports = reports_of(review, coder, now)
    if not reports:
        raise NotFound(f"{reference} has no report that you may see")
    profile = case_profile_of(assignment, reports)
    subject = profile.subject(request.GET.get("of", "") or "review")
    if subject is None:
        raise NotFound(f"you have not listed this person in {reference}")
    refused: RefusedAnswer | str | None = None
    if request.method == "POST":
        refused = _act(request, coder, assignment, subject)
        if refused is None:
            return redirect(_address(assignment, subject, request.POST.get("question", "")))
    problem = refused if isinstance(refused, str) else ""
    wrong = refused if isinstance(refused, RefusedAnswer) else None
    chosen = _chosen(request, coder)
    proposals = _proposals(request, assignment, subject, reports)
    context = {
        "profile": profile,
        "assignment": assignment,
        "subject": subject,
        "groups": [
            ShownGroup(
                group,
                [
                    shown_question(row, wrong, chosen, proposals.get(row.variable.variable))
                    for row in group.questions
                ],
            )
            for group in subject.groups
        ],
        "refused": wrong,
        "problem": problem,
        "chosen": chosen,
        "notes": notes_to(coder, review, framework),
        "unanswered": profile.total - profile.answered,
    }
    return render(request, "rounds/profile.html", context, status=400 if refused else 200)


def _chosen(request: HttpRequest, coder: User) -> ChosenPassages:
    """The passages in the address. Raises NotFound."""
    keys = list(dict.fromkeys(request.GET.getlist("passage")))[:MOST_PASSAGES]
    now = timezone.now()
    places = tuple(cited_place(key, coder, now) for key in keys if key)
    return ChosenPassages(places, clean_line(request.GET.get("question", "")))


def _proposals(
    request: HttpRequest,
    assignment: Assignment,
    subject: ProfileSubject,
    reports: Sequence[Report],
) -> dict[str, list[WordsForValue]]:
    """Proposals for the question that was asked for, by the id of its variable."""
    question = subject.question(clean_line(request.GET.get("proposals", "")))
    if question is None or not question.proposals_open or assignment.finished_at is not None:
        return {}
    return {question.variable.variable: proposals_for(assignment, subject, question, reports)}


def _address(assignment: Assignment, subject: ProfileSubject, question: str) -> str:
    args = [assignment.review.reference, assignment.framework.name, assignment.framework.version]
    place = f"#q-{question}" if question else ""
    return f"{reverse('case-profile', args=args)}?of={subject.key}{place}"


def _act(
    request: HttpRequest, coder: User, assignment: Assignment, subject: ProfileSubject
) -> RefusedAnswer | str | None:
    """Do what was sent; the answer as it was entered, or a message, if it was refused."""
    acts = {
        "answer": _answer,
        "clear": _clear,
        "group": _answer_group,
        "undo-group": _undo_group,
        "add": _add_person,
        "remove": _remove_person,
        "finish": _finish,
    }
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        return "Nothing was changed: use a button of the page."
    try:
        act(request, coder, assignment, subject)
    except RuleError as error:
        if act is not _answer:
            return as_sentence(error)
        post = request.POST
        return RefusedAnswer(
            clean_line(post.get("question", "")),
            as_sentence(error),
            tuple(map(clean_line, post.getlist("value"))),
            clean_lines(post.get("passages", "")),
            clean_lines(post.get("memo", "")),
        )
    return None


def _answer(
    request: HttpRequest, coder: User, assignment: Assignment, subject: ProfileSubject
) -> None:
    post = request.POST
    values = [clean_line(value)[:500] for value in post.getlist("value") if clean_line(value)]
    if not values:
        raise RuleError("choose or enter an answer")
    passages = clean_lines(post.get("passages", "")).splitlines()
    if len(passages) > MOST_PASSAGES:
        raise RuleError(f"give at most {MOST_PASSAGES} passages, one on each line")
    several = any(
        row.variable.type == "categories" and row.variable.variable == post.get("question")
        for group in subject.groups
        for row in group.questions
    )
    case_profiles.answer_question(
        by=coder,
        review=assignment.review,
        framework=assignment.framework,
        variable=post.get("question", ""),
        number=subject.number,
        answer=GivenAnswer(
            values if several else values[0],
            passages,
            clean_lines(post.get("memo", ""))[:LONGEST_MEMO],
        ),
        now=timezone.now(),
    )
    messages.success(request, "Answer saved.")


def _clear(
    request: HttpRequest, coder: User, assignment: Assignment, subject: ProfileSubject
) -> None:
    for group in subject.groups:
        for row in group.questions:
            if row.variable.variable == request.POST.get("question") and row.answer:
                profiles.withdraw_judgement(by=coder, judgement=row.answer, now=timezone.now())
                messages.success(request, "Answer removed.")


def _answer_group(
    request: HttpRequest, coder: User, assignment: Assignment, subject: ProfileSubject
) -> None:
    name, now = request.POST.get("group", ""), timezone.now()
    group = next((row for row in subject.groups if row.name == name), None)
    if group is None:
        raise RuleError("this group does not exist")
    child, adult = case_profiles.people_at(assignment.review, subject.level, subject.number)
    answer = profiles.answer_group(
        by=coder,
        review=assignment.review,
        group=group.title,
        variables=[row.variable for row in group.questions if row.silent],
        child=child,
        adult=adult,
        report=case_profiles.first_report(assignment.review, coder, now),
        now=now,
    )
    number = answer.judgements.count()
    messages.success(request, f"{group.title}: {number} answered with “Not mentioned”.")


def _undo_group(
    request: HttpRequest, coder: User, assignment: Assignment, subject: ProfileSubject
) -> None:
    act = case_profile_of(assignment, ()).last_group
    if act is None:
        raise RuleError("there is nothing to undo")
    number = profiles.undo_group_answer(by=coder, answer=act, now=timezone.now())
    messages.success(request, f"Undone: {counted(number, 'answer')} of {act.group} removed.")


def _add_person(
    request: HttpRequest, coder: User, assignment: Assignment, subject: ProfileSubject
) -> None:
    name = clean_line(request.POST.get("person", ""))[:60]
    number = whole_number(request.POST.get("number", ""))
    if not name or number is None or not 1 <= number <= 99:
        raise RuleError("enter a number from 1 to 99 and the name that the report uses")
    add = profiles.add_child if request.POST.get("level") == "child" else profiles.add_adult
    add(by=coder, review=assignment.review, number=number, name=name, now=timezone.now())
    messages.success(request, f"{name} added. Do not write a real name that the report hides.")


def _remove_person(
    request: HttpRequest, coder: User, assignment: Assignment, subject: ProfileSubject
) -> None:
    child, adult = case_profiles.people_at(assignment.review, subject.level, subject.number)
    if child is not None:
        profiles.withdraw_child(by=coder, child=child, now=timezone.now())
    elif adult is not None:
        profiles.withdraw_adult(by=coder, adult=adult, now=timezone.now())


def _finish(
    request: HttpRequest, coder: User, assignment: Assignment, subject: ProfileSubject
) -> None:
    coding.finish_coding(
        by=coder, review=assignment.review, framework=assignment.framework, now=timezone.now()
    )
    messages.success(request, f"{assignment.review.reference} is finished.")
