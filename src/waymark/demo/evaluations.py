"""Evaluations of the demo, as resources of the library."""

from pathlib import Path
from typing import Any

from waymark.accounts.models import User
from waymark.core.yaml_file import load_yaml
from waymark.demo.catalogue import ListedResource, ResourcesFile, add_resources

FILE = "evaluations.yaml"


def publish_evaluations(place: Path, by: User) -> None:
    """Add and publish the evaluations of the file that are not there yet."""
    values, _ = load_yaml((place / "services" / FILE).read_text("utf-8"), file=FILE)
    rows = tuple(_resource(entry, values["content_note"]) for entry in values["evaluations"])
    add_resources(ResourcesFile(format="waymark-resources 1", resources=rows), by)


def _resource(entry: dict[str, Any], content_note: str) -> ListedResource:
    protocol = entry["protocol"]
    method = (f"{protocol['design']}.", protocol["planned"], entry["deviation"], entry["ethics"])
    later = [f"Later: {row['text']}" for row in entry.get("later", [])]
    harms = [entry["harms"]] if "harms" in entry else []
    return ListedResource(
        key=f"evaluation-{entry['key'].lower()}",
        kind="evaluation",
        title=entry["title"],
        published_on=entry["reported_on"],
        year=entry["reported_on"].year,
        nation="Northern Ireland",
        summary="\n\n".join([entry["question"], f"Content note: {content_note}"]),
        key_points=(*(row["text"] for row in entry["results"]), *harms, *later),
        evaluated=entry["question"],
        setting=entry["setting"],
        method=" ".join(method),
        sample=entry["sample"],
        limits=entry["cannot_say"],
        standard=entry["standard"],
        cost=entry.get("cost", "Not reported."),
        subjects=tuple(entry["subjects"]),
    )
