"""Build the demo: each step is what a person would do, done by an account with that right.

Every step first checks if it was done already, so a build that was interrupted continues where it
stopped. Steps are short transactions, so none is half done.
"""

import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from waymark import pipeline
from waymark.accounts import services as accounts
from waymark.accounts.audit import serialized
from waymark.accounts.models import Role, State, User
from waymark.alerts.services.schedules import start_lists
from waymark.coding.models import Assignment
from waymark.coding.queries import coded_reviews
from waymark.coding.services import RoundOptions, start_round
from waymark.core.extras import require_extra
from waymark.core.yaml_file import load_yaml
from waymark.demo.alerts import are_published, publish_alerts
from waymark.demo.briefings import BriefingWriters, write_briefings
from waymark.demo.catalogue import (
    add_resources,
    check_subjects,
    describe_reviews,
    read_catalogue,
    read_resources,
)
from waymark.demo.chapters import write_report_of
from waymark.demo.enquiries import answer_enquiries, are_answered, publish_answers
from waymark.demo.evaluations import publish_evaluations
from waymark.demo.folder import ACCOUNTS
from waymark.demo.recommendations import FollowUpStory, tell_story
from waymark.demo.report_files import write_report
from waymark.demo.sources import (
    DemoCollection,
    FrontMatter,
    IdentifierAnswer,
    NotObtained,
    read_collection,
    read_identifier_answers,
    read_progress,
    read_source,
    sources_folder,
)
from waymark.demo.statistics import publish_annual_report, publish_statistics
from waymark.demo.training import publish_courses
from waymark.documents import services as documents
from waymark.documents.models import Report, Review
from waymark.documents.reading.values import METADATA
from waymark.frameworks import services as frameworks
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import framework_called
from waymark.library import services as library
from waymark.library.models import Author
from waymark.library.services.authors import add_authors_of_works
from waymark.library.services.thesaurus import load_builtin
from waymark.overview import services as overview
from waymark.overview.models import OtherOverview, Overview
from waymark.overview.services.other_overviews import import_other_overviews, list_other_overview
from waymark.overview.spec.other_overviews import read_other_overviews
from waymark.pipeline.library.service_records import update_service_records
from waymark.publishing.models import ManuscriptKind, Publication
from waymark.recommendations import services as recommendations
from waymark.recommendations.models import Progress

OVERVIEW = "demo"
WORKS = ("neglect", "silence")
"""The theme study and the silence report."""
SEED_OF_THE_ROUND = 52
"""Draws coder.a as the first coder of each review, as the codings were made."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoSize:
    """Size of the demo. passwords: of the accounts made now; empty if all existed."""

    reviews: int
    reports: int
    passages: int
    passwords: dict[str, str]


def is_built() -> bool:
    """True if the demo is complete. One of an earlier version lacks what this version added."""
    published = Publication.objects.filter(
        kind=ManuscriptKind.OVERVIEW, slug=OVERVIEW, withdrawn_at=None
    )
    # Also a withdrawn one: what somebody withdrew is not published again.
    works = Publication.objects.filter(kind=ManuscriptKind.OVERVIEW, slug__in=WORKS)
    briefings = Publication.objects.filter(kind=ManuscriptKind.BRIEFING)
    names = set(works.values_list("slug", flat=True))
    texts = published.exists() and briefings.exists() and names.issuperset(WORKS)
    records = OtherOverview.objects.exists() and Author.objects.exists()
    return texts and records and are_published() and are_answered()


def build_demo(tell: Tell, *, new_passwords: bool = False) -> DemoSize:
    """Build the demo, or finish a build that was interrupted; tell() is called with each step.

    new_passwords: give the accounts new passwords even if the demo is complete. Raises
    MissingExtra, before the first step, if the software that writes reports is not installed.
    """
    place = sources_folder()
    collection = read_collection(place)
    if is_built():
        return _demo_size(collection, _create_accounts(timezone.now()) if new_passwords else {})
    require_extra("report")
    tell("Accounts")
    # Passwords are made anew in a build that continues: those of the first part were never shown.
    passwords = _create_accounts(timezone.now())
    # Before anything is public, so that the first New in the library contains all of it.
    start_lists(by=_demo_account("editor"), now=timezone.now())
    tell("Coding framework")
    framework = _load_frameworks(place, timezone.now())
    tell("Thesaurus of subjects")
    load_builtin(by=_demo_account("cataloguer"), now=timezone.now())
    resources, catalogue = read_resources(place), read_catalogue(place)
    check_subjects(resources, catalogue)
    tell("Reports: writing, reading and storing")
    _store_reports(collection, place, tell)
    tell("Suggestions from the framework's cues")
    _suggest_codes(collection, framework)
    tell("Coding and adjudication")
    _import_coding(collection, framework, place)
    tell("Progress on the recommendations")
    _record_progress(collection, place, timezone.now())
    tell("Catalogue: subjects, process steps and abstracts of the reviews")
    describe_reviews(catalogue, collection, _demo_account("cataloguer"))
    tell("Publications about child protection reviews")
    add_resources(resources, _demo_account("cataloguer"))
    publish_evaluations(place, _demo_account("cataloguer"))
    add_authors_of_works(by=_demo_account("cataloguer"), now=timezone.now())
    tell("Briefings: writing, checking, signing, publishing")
    _publish_briefings(place)
    tell("Search index")
    library.index_changed(now=timezone.now())
    tell("Alerts: what to catch up on, and what is new in the library")
    publish_alerts(place, editor=_demo_account("editor"))
    tell("Statistics: importing, describing, publishing; the annual report")
    _publish_statistics(place)
    tell("Training: courses, one moved and one cancelled")
    publish_courses(place, _demo_account("cataloguer"))
    update_service_records(now=timezone.now())
    # After the rest that this version adds: a demo is complete once its overview is published.
    # Before the report, one chapter of which is about them.
    tell("What other overviews found: importing, showing")
    _show_other_overviews(place)
    tell("Overview: freezing, counting, writing, signing, publishing")
    _publish_overview(place, OVERVIEW)
    tell("Theme study and silence report: the same steps")
    for name in WORKS:
        _publish_overview(place / "works" / name, name)
    tell("Enquiries: asking and answering")
    cataloguer, editor = _demo_account("cataloguer"), _demo_account("editor")
    answer_enquiries(place, cataloguer, OVERVIEW)
    publish_answers(place, author=cataloguer, editor=editor, overview=OVERVIEW)
    library.index_changed(now=timezone.now())
    return _demo_size(collection, passwords)


def _demo_size(collection: DemoCollection, passwords: dict[str, str]) -> DemoSize:
    reports = Report.objects.filter(review__collection=collection.collection)
    return DemoSize(
        reviews=Review.objects.filter(collection=collection.collection).count(),
        reports=reports.count(),
        passages=sum(report.passages.count() for report in reports),
        passwords=passwords,
    )


def _demo_account(name: str) -> User:
    return User.objects.get(username=name)


def _create_accounts(now: datetime) -> dict[str, str]:
    passwords = {}
    for name, full_name, role in ACCOUNTS:
        password = passwords[name] = secrets.token_urlsafe(12)
        known = User.objects.filter(username=name).first()
        if known is None:
            accounts.create_account(
                name=name,
                password=password,
                roles=[Role(role)],
                by=None,
                now=now,
                full_name=full_name,
            )
        else:
            accounts.reset_password(person=known, new=password, by=None, now=now)
    return passwords


def _load_frameworks(place: Path, now: datetime) -> Framework:
    analyst = _demo_account("analyst")
    for file in frameworks.builtin_frameworks():
        framework = frameworks.load_framework(
            by=analyst, source=file.read_text("utf-8"), file=file.name, now=now
        )
        frameworks.publish_framework(by=analyst, framework=framework, now=now)
    # The version that the reports are coded with, which an earlier one may be.
    spec, _ = load_yaml((place / "overview.yaml").read_text("utf-8"), file="overview.yaml")
    return framework_called(spec["framework"])


def _store_reports(collection: DemoCollection, place: Path, tell: Tell) -> None:
    cataloguer = _demo_account("cataloguer")
    for missing in collection.not_obtained:
        _not_obtained(collection, missing, cataloguer)
    answers = read_identifier_answers(place)
    with tempfile.TemporaryDirectory() as temporary:
        for listed in collection.reports:
            if Report.objects.filter(review__reference=listed.review).exists():
                continue
            source = read_source(place / "reports" / f"{listed.review}.md")
            file = write_report(source, listed.file, Path(temporary))
            _store_report(collection, source.about, file, answers, cataloguer)
            tell(f"  {listed.review} {source.about.title} ({listed.file})")


# Each is one transaction, so an interrupted build leaves nothing half done.


@serialized
def _not_obtained(collection: DemoCollection, missing: NotObtained, by: User) -> None:
    if Review.objects.filter(reference=missing.review).exists():
        return
    review = documents.add_review(
        by=by,
        reference=missing.review,
        collection=collection.collection,
        title=missing.title,
        nation=collection.nation,
        board=missing.board,
        review_type=collection.review_type,
        summary=missing.reason,
        fictional=True,
        now=timezone.now(),
    )
    _publish_review(review, by)


@serialized
def _store_report(
    collection: DemoCollection,
    about: FrontMatter,
    file: Path,
    answers: tuple[IdentifierAnswer, ...],
    by: User,
) -> None:
    review = _find_or_add_review(collection, about, by)
    report = pipeline.store_file(by=by, path=file, review=review, now=timezone.now())
    _answer_identifiers(report, answers, by)
    _answer_properties(report, by)
    documents.set_report_state(by=by, report=report, state=State.PUBLISHED, now=timezone.now())
    _publish_review(review, by)


def _answer_properties(report: Report, by: User) -> None:
    """Find the properties of a file harmless, which the demonstration wrote itself."""
    if report.hidden_texts.filter(kind=METADATA, verdict="").exists():
        documents.answer_hidden_text(
            by=by,
            report=report,
            kind=METADATA,
            verdict="harmless",
            answer="The property is the title of a fictional review.",
            now=timezone.now(),
        )


def _answer_identifiers(report: Report, answers: tuple[IdentifierAnswer, ...], by: User) -> None:
    """Answer the possible identifiers that somebody has decided on; any other stops the build."""
    for row in answers:
        identifiers = documents.open_identifiers(report).filter(kind=row.type, words__in=row.words)
        if ids := list(identifiers.values_list("pk", flat=True)):
            documents.answer_identifiers(
                by=by,
                report=report,
                identifiers=ids,
                verdict=row.verdict,
                answer=row.because,
                now=timezone.now(),
            )


def _find_or_add_review(collection: DemoCollection, about: FrontMatter, by: User) -> Review:
    known = Review.objects.filter(reference=about.review).first()
    return known or documents.add_review(
        by=by,
        reference=about.review,
        collection=collection.collection,
        title=about.title,
        nation=collection.nation,
        board=about.board,
        review_type=collection.review_type,
        period=about.period,
        completed_on=about.completed,
        published_on=about.published,
        fictional=True,
        now=timezone.now(),
    )


def _publish_review(review: Review, by: User) -> None:
    now = timezone.now()
    documents.set_review_state(by=by, review=review, state=State.PUBLISHED, now=now)
    library.catalogue_review(by=by, review=review, now=now)


def _suggest_codes(collection: DemoCollection, framework: Framework) -> None:
    analyst = _demo_account("analyst")
    for report in Report.objects.filter(review__collection=collection.collection):
        pipeline.suggest_codes(by=analyst, report=report, framework=framework, now=timezone.now())


def _import_coding(collection: DemoCollection, framework: Framework, place: Path) -> None:
    analyst = _demo_account("analyst")
    _start_round(collection, framework, place)
    for file in sorted((place / "codings").glob("*.coder.*.yaml")):
        pipeline.import_coding(source=file.read_text("utf-8"), file=file.name, now=timezone.now())
    for listed in collection.reports:
        review = Review.objects.get(reference=listed.review)
        if coded_reviews(framework, [review.pk]):
            continue
        decided = place / "codings" / f"{listed.review}.adjudication.yaml"
        if decided.exists():
            pipeline.import_adjudication(
                source=decided.read_text("utf-8"), file=decided.name, now=timezone.now()
            )
            continue
        pipeline.settle_review(
            by=analyst,
            adjudicator=analyst,
            review=review,
            framework=framework,
            codes={},
            judgements={},
            now=timezone.now(),
        )


def _start_round(collection: DemoCollection, framework: Framework, place: Path) -> None:
    """Start the round of the reviews that both coders code, unless they are coded already."""
    of_b = {path.name.partition(".")[0] for path in (place / "codings").glob("*.coder.b.yaml")}
    of_a = {path.name.partition(".")[0] for path in (place / "codings").glob("*.coder.a.yaml")}
    twice = [row.review for row in collection.reports if row.review in of_a & of_b]
    reviews = list(Review.objects.filter(reference__in=twice))
    if Assignment.objects.filter(review__in=reviews, framework=framework).exists():
        return
    start_round(
        by=_demo_account("analyst"),
        name="Double coding",
        framework=framework,
        reviews=reviews,
        coders=[_demo_account("coder.a"), _demo_account("coder.b")],
        options=RoundOptions(share=100, seed=SEED_OF_THE_ROUND),
        now=timezone.now(),
    )


def _record_progress(collection: DemoCollection, place: Path, now: datetime) -> None:
    cataloguer = _demo_account("cataloguer")
    recorded = set(
        Progress.objects.filter(
            recommendation__review__collection=collection.collection
        ).values_list("recommendation__review__reference", "recommendation__number")
    )
    reviews = {row.reference: row for row in Review.objects.filter(collection=OVERVIEW)}
    story = FollowUpStory(place)
    reports = story.reports()
    for entry in read_progress(place).progress:
        if (entry.review, entry.number) not in recorded:
            progress = reports.get((entry.review, entry.number))
            recommendations.record_progress(
                by=cataloguer,
                review=reviews[entry.review],
                number=entry.number,
                status=entry.status,
                impact=entry.impact,
                due=entry.due,
                evidence=entry.evidence,
                evidence_on=entry.evidence_on,
                reported_on=progress[-1]["on"] if progress else None,
                verified=True if progress and progress[-1]["kind"] == "audit" else None,
                now=now,
            )
    tell_story(story, cataloguer, now)


def _publish_overview(place: Path, name: str) -> None:
    """Publish the overview of a folder: its overview.yaml, and the chapters in report/."""
    analyst, editor = _demo_account("analyst"), _demo_account("editor")
    spec = (place / "overview.yaml").read_text("utf-8")
    demo_overview = Overview.objects.filter(slug=name).first() or overview.create_overview(
        by=analyst, spec=spec, file="overview.yaml", now=timezone.now()
    )
    overview.freeze_overview(by=analyst, overview=demo_overview, now=timezone.now())
    write_report_of(demo_overview, place / "report", editor)
    pipeline.sign_and_publish(
        by=[analyst, editor], overview=demo_overview, profile="open", now=timezone.now()
    )


def _show_other_overviews(place: Path) -> None:
    """Import the overviews of other bodies, and show those that are new to everyone."""
    analyst, editor, now = _demo_account("analyst"), _demo_account("editor"), timezone.now()
    source = (place / "services" / "other-overviews.yaml").read_text("utf-8")
    entries = read_other_overviews(source, file="other-overviews.yaml")
    known = set(OtherOverview.objects.values_list("slug", flat=True))
    new = [entry for entry in entries if entry.slug not in known]
    for row in import_other_overviews(by=analyst, entries=new, now=now):
        list_other_overview(by=editor, overview=row, now=now)


def _publish_statistics(place: Path) -> None:
    analyst, editor = _demo_account("analyst"), _demo_account("editor")
    publish_statistics(place, analyst=analyst, editor=editor)
    publish_annual_report(place, analyst=analyst, editor=editor)


def _publish_briefings(place: Path) -> None:
    writers = BriefingWriters(_demo_account("cataloguer"), _demo_account("editor"))
    write_briefings(place, writers, OVERVIEW)
