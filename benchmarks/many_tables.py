"""Where the time of an overview of many tables goes: freezing, counting, and protecting them.

    .venv/bin/python benchmarks/many_tables.py [--reviews 120] [--tables 60] [--folder FOLDER]

A library of 400 reviews is made of the demo by overview.py and thrown away; --folder keeps it. The
tables cross the nature, setting and source of harm with each factor, and pairs of factors. Printed
are seconds of a processor; for protecting also those of choosing the version of each table, which
could be done side by side, and of solving the system of all tables, which could not.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from overview import django_for

CROSSED = ("nature", "setting_of_incident", "source_of_harm")
RESAMPLED = 400


def main() -> None:
    options = argparse.ArgumentParser(description="Protecting many tables.")
    options.add_argument("--reviews", type=int, default=120, help=f"at most {RESAMPLED}")
    options.add_argument("--tables", type=int, default=60, help="at most 273")
    options.add_argument("--profile", default="k3")
    options.add_argument("--folder", type=Path, help="kept, and used again where it is filled")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as made:
        folder = arguments.folder or Path(made)
        if not (folder / "filled").exists():
            fill = ["--step", "fill", "--reviews", str(RESAMPLED), "--codings", "4000"]
            script = Path(__file__).with_name("overview.py")
            command = [sys.executable, str(script), *fill, "--folder", str(folder)]
            subprocess.run(command, check=True)
        django_for(folder)
        measure(arguments.reviews, arguments.tables, arguments.profile)


def measure(reviews: int, tables: int, profile: str) -> None:
    """Freeze, count and protect, and print the time of each."""
    from django.utils import timezone

    from waymark.accounts.models import User
    from waymark.overview import services
    from waymark.overview.disclosure.engine import release, suppress
    from waymark.overview.queries.overviews import release_of
    from waymark.overview.queries.snapshot_cache import cached_snapshot

    analyst, now = User.objects.get(username="analyst"), timezone.now()
    spec = specification(reviews, tables, profile)
    row = services.create_overview(by=analyst, spec=spec, file="many.yaml", now=now)
    with printed("freezing"):
        snapshot = services.freeze_overview(by=analyst, overview=row, now=now)
    cached_snapshot(snapshot).rows()
    with printed("counting"):
        release_of(snapshot, "open")
    with (
        timed(release, "choose_steps"),
        timed(release, "_with_past"),
        timed(suppress, "_solved_part"),
        printed(f"protecting {tables} tables of {reviews} reviews under {profile}"),
    ):
        release_of(snapshot, profile)


def specification(reviews: int, tables: int, profile: str) -> str:
    """An overview of the first reviews of the resampled library with so many cross tables."""
    from waymark.demo.sources import sources_folder
    from waymark.frameworks.services import builtin_frameworks

    spec = yaml.safe_load((sources_folder() / "overview.yaml").read_text("utf-8"))
    name = spec["framework"].replace(" ", "-")
    (file,) = (file for file in builtin_frameworks() if file.name == f"{name}.yaml")
    variables = yaml.safe_load(file.read_text("utf-8"))["variables"]
    factors = [row["id"] for row in variables if row["id"].startswith("fac.")]
    pairs = [(kind, factor) for kind in CROSSED for factor in factors]
    pairs += combinations(factors, 2)
    for unused in ("points", "logic", "figures", "about"):
        spec.pop(unused, None)
    spec["overview"] = f"many-{time.time_ns()}"
    spec["select"] = {"reviews": [f"B{number:05}" for number in range(1, reviews + 1)]}
    spec["disclosure"]["profile"] = profile
    spec["tables"] = [cross_table(*pair, number) for number, pair in enumerate(pairs[:tables], 2)]
    return yaml.safe_dump(spec, sort_keys=False, allow_unicode=True)


def cross_table(rows: str, columns: str, number: int) -> dict[str, Any]:
    block = {
        "id": "b",
        "title": "Reviews",
        "unit": "review",
        "base": "reviews",
        "rows": axis(rows),
        "columns": axis(columns),
        "all_label": "All",
        "recodes": [{"label": "totals only", "totals": True}],
    }
    title = f"{rows} by {columns}"
    return {"id": f"T{number}", "kind": "crosstab", "title": title, "blocks": [block]}


def axis(variable: str) -> dict[str, Any]:
    if variable in CROSSED:
        return {"variable": variable}
    recorded = {"id": "yes", "label": "Recorded", "values": ["present", "suspected"]}
    return {
        "variable": variable,
        "groups": [recorded, {"id": "no", "label": "Other", "rest": True}],
    }


@contextmanager
def printed(what: str) -> Iterator[None]:
    begun = time.process_time()
    yield
    print(f"{what}: {time.process_time() - begun:.1f} s")


@contextmanager
def timed(module: Any, name: str) -> Iterator[None]:
    """Print the time of all calls of a function of a module, and the longest."""
    function: Callable[..., Any] = getattr(module, name)
    times: list[float] = []

    def call(*given: Any, **named: Any) -> Any:
        begun = time.process_time()
        try:
            return function(*given, **named)
        finally:
            times.append(time.process_time() - begun)

    with patch.object(module, name, call):
        yield
    longest = max(times, default=0.0)
    print(f"  {name}: {len(times)} times, {sum(times):.1f} s, the longest {longest:.1f} s")


if __name__ == "__main__":
    main()
