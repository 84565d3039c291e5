"""Put the segments of several Tantivy indexes into one, without reading them.

A segment is a set of files that refer to nothing outside; an index is a folder with `meta.json`,
which lists its segments, and `.managed.json`, which lists its files. So several processes can write
an index each, and their segments need only be linked and listed. No file of a segment changes: a
later deletion is a file of its own, and a merge writes new files. So two indexes can share one.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from tantivy import Index

from waymark.core.files import flush_folder

META, MANAGED = "meta.json", ".managed.json"


def join_indexes(parts: Sequence[Path], target: Path) -> None:
    """Make an index of those in some folders, with links to their files.

    They have the same schema and no deleted documents, and nothing writes to them. Raises OSError,
    and ValueError if the engine cannot read the result.
    """
    target.mkdir(parents=True)
    metas = [json.loads((part / META).read_bytes()) for part in parts]
    names = [META]
    for part in parts:
        for name in json.loads((part / MANAGED).read_bytes()):
            # A segment that was merged into another is still listed after its files are deleted.
            if name != META and (part / name).exists():
                (target / name).hardlink_to(part / name)
                names.append(name)
    segments = [segment for meta in metas for segment in meta["segments"]]
    joined = metas[0] | {"segments": segments, "opstamp": max(meta["opstamp"] for meta in metas)}
    (target / MANAGED).write_text(json.dumps(names), "ascii")
    (target / META).write_text(json.dumps(joined), "utf-8")
    # Its own commit writes both lists again as it does, and to the disk.
    writer = Index.open(str(target)).writer(num_threads=1)
    writer.commit()
    writer.wait_merging_threads()
    flush_folder(target)
