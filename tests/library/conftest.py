"""A library of a few reviews, indexed in a folder of its own."""

from datetime import datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON, make_person
from tests.frameworks.test_schema import GOOD
from tests.written_once import written_once
from waymark.accounts.models import Role, State, User
from waymark.coding.models import AgreedCode, Coding
from waymark.documents.models import Review
from waymark.frameworks.models import Basis
from waymark.frameworks.services import load_framework, publish_framework
from waymark.library.models import Concept, Resource
from waymark.library.queries import search_library
from waymark.library.search.protocol import SearchRequest
from waymark.library.search.results import SearchAnswer
from waymark.library.services import catalogue_resource, catalogue_review, index_changed
from waymark.library.services.thesaurus import add_subject
from waymark.library.thesaurus import SubjectName, ThesaurusSubject
from waymark.profiles.models import AgreedJudgement

READER = AnonymousUser()


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    """The data folder of this test: each has its own index."""
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def cataloguer(db):
    return make_person(Role.CATALOGUER)


def make_resource(key: str, *, state: State = State.PUBLISHED, **values: object) -> Resource:
    """A resource about nothing."""
    values = {"kind": "guidance", "title": f"Resource {key}", "added_at": NOON, **values}
    return Resource.objects.create(key=key, state=state, **values)


def make_subject(key: str, *names: str, broader: str = "", hidden: str = "") -> Concept:
    """A subject: the first of its names preferred, the others alternative; "cy:Plant" is Welsh."""
    said = [
        SubjectName("alternative" if number else "preferred", *language_and_text(name))
        for number, name in enumerate(names)
    ]
    if hidden:
        said.append(SubjectName("hidden", "en", hidden))
    wider = frozenset({broader} if broader else ())
    subject = ThesaurusSubject(key, tuple(sorted(said)), broader=wider)
    add_subject(by=None, subject=subject, now=NOON)
    return Concept.objects.get(key=key)


def language_and_text(name: str) -> tuple[str, str]:
    language, colon, text = name.partition(":")
    return (language, text) if colon else ("en", name)


def shelve(*things: Review | Resource, now: datetime = NOON) -> None:
    """Catalogue reviews and resources and have the index follow."""
    for thing in things:
        if isinstance(thing, Review):
            catalogue_review(by=None, review=thing, now=now)
        else:
            catalogue_resource(by=None, resource=thing, now=now)
    index_changed(now=now)


def ask(query, *, person=READER, now=NOON, **how) -> SearchAnswer:
    """A search; a visitor asks it at noon unless it is said otherwise."""
    return search_library(SearchRequest(query, **how), person=person, now=now)


def found(answer: SearchAnswer) -> list[str]:
    """The references of what was found, sorted."""
    return sorted(hit.record.reference for hit in answer.hits)


def counts(answer: SearchAnswer, facet: str) -> dict[str, int]:
    """value -> count of one facet."""
    values = next(one.values for one in answer.facets if one.name == facet)
    return {value.value: value.count for value in values}


def agree_code(review, code, *, on=None, words="", present=True):
    """The agreed layer says that a review bears a code.

    on: the report the coding lies in; words: the coded ones, else the first character.
    """
    agreed = AgreedCode.objects.create(
        review=review,
        code=code,
        present=present,
        basis=Basis.SOLE,
        decided_by=the_coder(),
        decided_at=NOON,
    )
    if on is not None:
        start = on.text.content.index(words)
        end = start + (len(words) or 1)
        coding = Coding.objects.create(
            report=on,
            key=f"{on.key}-{start}-{end}",
            start=start,
            end=end,
            exact=on.text.content[start:end],
            page=1,
            code=code,
            coder=the_coder(),
            decided_at=NOON,
        )
        agreed.codings.add(coding)
    return agreed


def agree_value(review, variable, value):
    """The agreed layer gives a review this value of a variable."""
    return AgreedJudgement.objects.create(
        review=review,
        variable=variable,
        value=value,
        basis=Basis.SOLE,
        decided_by=the_coder(),
        decided_at=NOON,
    )


def the_coder():
    return User.objects.filter(username="coder").first() or make_person(Role.CODER, name="coder")


@pytest.fixture
@written_once
def framework(db):
    """A framework with two themes (a, a.b), a code that is none (h), nature and review_year."""
    source = GOOD.replace(
        "codes:\n",
        "- {id: harm, name: Harm}\n"
        "codes:\n- {id: h, name: Harm done, section: harm, definition: About harm.}\n",
    ).replace("id: year", "id: review_year")
    source = source.replace(
        "- {id: drink",
        "- id: nature\n  name: Nature\n  definition: What happened.\n  level: review\n"
        "  type: category\n"
        "  values: [{value: infant_death, label: Sudden infant death}, "
        "{value: assault, label: Assault}]\n- {id: drink",
    )
    made = load_framework(by=None, source=source, file="small.yaml", now=NOON)
    publish_framework(by=None, framework=made, now=NOON)
    return made
