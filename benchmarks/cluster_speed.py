"""Search and rebuild on a cluster of two nodes beside the built-in engine, with the same documents.

    .venv/bin/python benchmarks/cluster_speed.py [--passages 50000] [--rounds 3] [--json FILE]

Documents and queries are those of index_growth.py. Both engines are asked each query in turn, and
must find the same number of records. Both nodes, the index and this process share the machine, so a
real cluster is quicker by the clock and has a network between. Maven fetches the nodes.

    build        seconds by the clock; of our processor, and of that of the nodes; passages a second
    requests     where the time of a rebuild goes: requests of each kind, and the seconds waited
    search       p50/p95, ms by the clock, and of our processor; and how many times built in
    bytes        of the cluster for each passage: of all copies, after the rebuild; and when what it
                 keeps for its other nodes is merged away
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.index_growth import (  # noqa: E402
    PASSAGES_OF_A_REVIEW,
    SEED,
    Reviews,
    analysed_runs,
    demo_words,
    questions,
    search_milliseconds,
)
from benchmarks.search_times import p95  # noqa: E402

QUERIES = 10
TICKS = os.sysconf("SC_CLK_TCK")
Figures = dict[str, Any]


def main() -> int:
    options = argparse.ArgumentParser(description="A cluster beside the built-in engine.")
    options.add_argument("--passages", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", type=Path, help="file for the numbers")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="waymark-cluster-speed-") as folder:
        figures = measured(Path(folder), arguments.passages, arguments.rounds)
    print(json.dumps(figures, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1), "utf-8")
    return 0


def measured(folder: Path, passages: int, rounds: int) -> Figures:
    from tests.cluster.nodes import JAVA_OF_A_SERVER, TwoNodes
    from waymark.library.search.opensearch.backend import OpenSearchIndex
    from waymark.library.search.opensearch.cluster import ClusterOptions
    from waymark.library.search.tantivy.backend import TantivyIndex

    reviews = -(-passages // PASSAGES_OF_A_REVIEW)
    analysed_runs()
    figures: Figures = {"passages": passages}
    nodes = TwoNodes(folder, JAVA_OF_A_SERVER)
    try:
        nodes.start_all()
        built_in, cluster = (
            TantivyIndex(folder / "index"),
            OpenSearchIndex(ClusterOptions(nodes.hosts, prefix="speed", shards=2)),
        )
        begun, before = time.monotonic(), time.process_time()
        built_in.rebuild([Reviews(1, reviews + 1)], total=reviews)
        figures["built in"] = _build(passages, begun, before)
        for name in ("cluster, first", "cluster, again"):  # Java is slow at first
            of_nodes = _worked(nodes)
            begun, before = time.monotonic(), time.process_time()
            with requests_noted() as requests:
                cluster.rebuild([Reviews(1, reviews + 1)], total=reviews)
            figures[name] = _build(passages, begun, before) | {
                "processor of the nodes": round(_worked(nodes) - of_nodes, 1),
                "requests": requests,
            }
        figures["search"] = searched(built_in, cluster, rounds)
        figures["bytes a passage"] = _bytes(nodes.hosts[0], passages)
    finally:
        nodes.end()
    return figures


def _build(passages: int, begun: float, before: float) -> Figures:
    clock = time.monotonic() - begun
    return {
        "clock": round(clock, 1),
        "our processor": round(time.process_time() - before, 1),
        "passages a second": round(passages / clock),
    }


def _worked(nodes: Any) -> float:
    """Seconds of processor of the nodes."""
    total = 0
    for process in nodes.processes.values():
        values = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(values[11]) + int(values[12])
    return total / TICKS


@contextmanager
def requests_noted() -> Iterator[dict[str, list[float]]]:
    """The requests to the cluster meanwhile: kind -> their number, and the seconds waited."""
    import opensearchpy

    noted: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    original = opensearchpy.Transport.perform_request

    def perform(self: Any, method: str, url: str, *words: Any, **named: Any) -> Any:
        begun = time.monotonic()
        try:
            return original(self, method, url, *words, **named)
        finally:
            index, _, kind = url.strip("/").partition("/_")
            part = index.rsplit("-", 1)[0] if kind == "bulk" else ""
            row = noted[f"{kind or method} {part.rsplit('-', 1)[-1]}".strip()]
            row[0] += 1
            row[1] = round(row[1] + time.monotonic() - begun, 3)

    opensearchpy.Transport.perform_request = perform
    try:
        yield noted
    finally:
        opensearchpy.Transport.perform_request = original


def searched(built_in: Any, cluster: Any, rounds: int) -> Figures:
    """The mix on both engines in turn: medians of rounds, then p50 and p95 of the queries."""
    engines = {"built in": built_in, "cluster": cluster}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
    asked = questions(demo_words(), QUERIES, numpy.random.default_rng(SEED + 1))
    with requests_noted() as noted:
        for question in asked:
            search_milliseconds(cluster, question)
    number = sum(row[0] for row in noted.values()) / len(asked)
    for question in asked:
        rows: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
        for _ in range(rounds):
            for name, engine in engines.items():
                rows[name].append(search_milliseconds(engine, question))
        for name in engines:
            clock, processor = zip(*rows[name], strict=True)
            times[name].append((statistics.median(clock), statistics.median(processor)))
    figures: Figures = {"requests of a search": round(number, 1)}
    for name, rows_of in times.items():
        clock, processor = (list(column) for column in zip(*rows_of, strict=True))
        figures[name] = {
            "clock": [round(statistics.median(clock), 1), round(p95(clock), 1)],
            "our processor": [round(statistics.median(processor), 1), round(p95(processor), 1)],
        }
    ours, theirs = (figures[name]["clock"] for name in ("cluster", "built in"))
    low, high = (round(a / b, 1) for a, b in zip(ours, theirs, strict=True))
    return figures | {"times built in, by the clock": [low, high]}


def _bytes(host: str, passages: int) -> list[int]:
    from opensearchpy import OpenSearch

    client = OpenSearch([host], timeout=300)
    sizes = []
    for _ in range(2):
        client.indices.flush(index="speed-*")
        total = client.indices.stats(index="speed-*")["_all"]["total"]
        sizes.append(round(total["store"]["size_in_bytes"] / passages))
        time.sleep(35 if len(sizes) == 1 else 0)  # leases are passed on every 30 seconds
        client.indices.forcemerge(index="speed-*", params={"max_num_segments": "1"})
    client.close()
    return sizes


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    with tempfile.TemporaryDirectory(prefix="waymark-none-") as nowhere:
        os.environ.setdefault("WAYMARK_DATA", nowhere)
        import django

        django.setup()
        sys.exit(main())
