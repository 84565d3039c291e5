"""Make the vectors of search by meaning, and judge whether it helps."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from pydantic import BaseModel, ConfigDict, Field

from waymark.core.errors import MissingExtra, RuleError
from waymark.core.jobs import HOUR, Clock, Job, JobQueue
from waymark.core.yaml_file import read_yaml
from waymark.library import queries
from waymark.library import services as library
from waymark.library.meaning.embedder import MODEL_SHA256, embedder
from waymark.library.meaning.gate import FEWEST_QUERIES, PLACES, GateResult, gate_result, ndcg
from waymark.library.queries.fused_search import fuse
from waymark.library.queries.hydrate import visible_references
from waymark.library.queries.meaning import gate
from waymark.library.queries.vector_files import vectors_are_complete
from waymark.library.search.parser import parse_query
from waymark.library.search.protocol import SearchRequest
from waymark.library.search.questions import is_question

log = logging.getLogger(__name__)

Grade = Annotated[int, Field(ge=0, le=3)]
Text = Annotated[str, Field(min_length=1, max_length=1_000)]


class JudgedQuery(BaseModel):
    """A query as people ask it. The other names are references of records, each with its grade."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Grade] = Field(init=False)

    ask: Text

    @property
    def grades(self) -> dict[str, int]:
        return self.__pydantic_extra__


class JudgedQueries(BaseModel):
    """A file of judged queries, in three lists that count alike."""

    format: Literal["waymark-judged-queries 1"]
    queries: Annotated[list[JudgedQuery], Field(min_length=1)]
    practice: list[JudgedQuery] = []
    questions: list[JudgedQuery] = []


def judge_meaning(
    *, source: str, file: str, now: datetime, on_done: Callable[[str], None]
) -> GateResult:
    """Search the judged queries by words and with meaning, as a visitor, and store the result.

    source: YAML as JudgedQueries reads it; file: its name. on_done: called with each query. Raises
    SpecError for another file, RuleError while vectors are missing, for too few queries and for
    references that a visitor does not find, and MissingExtra without the extra.
    """
    judged, _ = read_yaml(source, JudgedQueries, file=file)
    asked = (*judged.queries, *judged.practice, *judged.questions)
    _check(asked, file, now)
    embedder()
    if not vectors_are_complete():
        raise RuleError(
            "not all vectors are made yet: where WAYMARK_MEANING=1 is set, the worker of the site "
            "makes them, or waymark work --once. Judge again when waymark doctor --quick no longer "
            "says that some are missing"
        )
    pairs = []
    for query in asked:
        pairs.append(_scores(query.ask, query.grades, now))
        on_done(query.ask)
    result = gate_result(pairs, model=MODEL_SHA256, at=now.isoformat())
    library.store_gate(by=None, result=result, now=now)
    return result


def _check(asked: Sequence[JudgedQuery], file: str, now: datetime) -> None:
    """Raise RuleError if the queries are too few, or name what a visitor does not find."""
    if len(asked) < FEWEST_QUERIES:
        raise RuleError(
            f"the number of judged queries in {file} is {len(asked)}, but at least "
            f"{FEWEST_QUERIES} are needed to tell help from chance: add some, best to 50 or more"
        )
    named = {reference for query in asked for reference in query.grades}
    unknown = sorted(named - visible_references(named, AnonymousUser(), now))
    if unknown:
        raise RuleError(
            f"{file} judges records that a visitor does not find: {', '.join(unknown[:10])}"
            f"{' and others' if len(unknown) > 10 else ''}. Correct these references, or publish "
            "the records"
        )


def _scores(text: str, grades: Mapping[str, int], now: datetime) -> tuple[float, float]:
    """nDCG of a query by words alone and with meaning: of what a page shows first."""
    request = SearchRequest(text, limit=PLACES, include_partial=True)
    visitor = AnonymousUser()
    answers = [queries.search_library(request, person=visitor, now=now)]
    if is_question(text, parse_query(text).tree):
        answers.append(fuse(request, visitor, now))
    scores = [
        ndcg([hit.record.reference for hit in (*answer.hits, *answer.partial_matches)], grades)
        for answer in answers
    ]
    return scores[0], scores[-1]


def meaning_notes() -> Iterator[str]:
    """Why search by meaning is not used, though the setting is on."""
    if not settings.MEANING:
        return
    try:
        embedder()
    except (MissingExtra, RuleError) as error:
        yield f"search by meaning is off: {error}"
        return
    result = gate()
    if not vectors_are_complete():
        yield "vectors of some texts are missing for search by meaning: waymark work makes them"
    elif result is None:
        yield "search by meaning is off until waymark index judge shows that it helps"
    elif not result.get("helps"):
        yield "search by meaning is off: the judged queries did not show that it helps"


class EmbeddingRun:
    """Work of one worker that makes some of the vectors that are missing.

    After a refusal (without the extra, with another model, or while another process writes) it
    waits for an hour: until then words are searched, and the log is not filled.
    """

    def __init__(self) -> None:
        self.refused_at: datetime | None = None

    def __call__(self, clock: Clock) -> bool:
        """True if anything was done."""
        now = clock()
        if self.refused_at is not None and timedelta() <= now - self.refused_at < HOUR:
            return False
        try:
            return library.embed_some(now=now)
        except (MissingExtra, RuleError) as error:
            log.warning("%s", error)
            self.refused_at = now
            return False


# A run takes some seconds, which removals must not wait for.
JOBS = (Job("make vectors for search by meaning", JobQueue.READING, EmbeddingRun()),)
