"""The ranking on a public collection with known answers: a guard against doing worse unnoticed.

1,400 abstracts and 225 questions (Cranfield). Its subject is not ours, and every question asks for
any of its words; so the figure says only whether the ranking itself has changed.
"""

import re
from datetime import UTC, datetime

import pytest

from tests.library.quality.measure import ndcg
from tests.shared import SHARED
from waymark.library.indexing.index_fields import analysed_text
from waymark.library.search.parser import parse_query
from waymark.library.search.protocol import (
    DocumentVisibility,
    IndexDocuments,
    IndexQuery,
    RecordDocument,
    SearchAudience,
)
from waymark.library.search.tantivy.backend import index_in
from waymark.library.search.tree import any_of, text_nodes

CRANFIELD = SHARED / "data" / "cranfield"
FLOOR = 0.38
"""Bare Tantivy was measured at 0.388 on this collection, SQLite FTS5 at 0.385."""
PARTS = re.compile(r"^\.([ITABW])[ ]?(.*)$", re.MULTILINE)


def parts_of(entry: str) -> dict[str, str]:
    """The fields of an entry: .T title, .A authors, .B where it stood, .W its words."""
    marks = list(PARTS.finditer(entry))
    ends = [mark.start() for mark in marks[1:]] + [len(entry)]
    return {mark[1]: entry[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)}


def entries(name: str) -> list[dict[str, str]]:
    text = (CRANFIELD / name).read_text("utf-8", errors="replace")
    return [parts_of(entry) for entry in re.split(r"^\.I ", text, flags=re.M)[1:]]


@pytest.mark.skipif(not CRANFIELD.exists(), reason="the Cranfield collection is not here")
def test_the_ranking_is_no_worse_than_the_engine_alone(tmp_path, request) -> None:
    texts = [(one.get("T", ""), one.get("W", "")) for one in entries("cran.all.1400")]
    assert len(texts) == 1_400
    everybody = DocumentVisibility(staff=True, public=True)
    index = index_in(tmp_path / "index")
    documents = (
        IndexDocuments(
            number,
            (
                RecordDocument(
                    visibility=everybody,
                    reports=(),
                    title=analysed_text(title),
                    texts=(analysed_text(title), analysed_text(words)),
                    words={},
                    facets={},
                    dated=0,
                ),
            ),
        )
        for number, (title, words) in enumerate(texts, 1)
    )
    index.rebuild([documents])
    grades: dict[int, dict[str, int]] = {}
    for line in (CRANFIELD / "cranqrel").read_text().splitlines():
        query, document, code = (int(part) for part in line.split()[:3])
        # Codes run from 1, a complete answer, to 4, of some interest; others: of none.
        if 1 <= code <= 4:
            grades.setdefault(query, {})[str(document)] = 1
    questions = [one["W"] for one in entries("cran.qry")]
    audience = SearchAudience(staff=False, now=datetime(2026, 1, 1, tzinfo=UTC))
    scores = []
    for number, question in enumerate(questions, 1):
        leaves = list(text_nodes(parse_query(re.sub(r"[^\w\s]", " ", question.lower())).tree))
        results = index.find(IndexQuery(any_of(leaves), audience))
        order = [str(one.record) for one in results.records]
        if number in grades:
            scores.append(ndcg(order, grades[number]))
    mean = sum(scores) / len(scores)
    request.config.get_terminal_writer().line(f"\nCranfield, nDCG@10: {mean:.3f}")
    assert len(scores) == 225
    assert mean >= FLOOR
