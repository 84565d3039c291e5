"""Verify the files of the embedded index by the checksums that Tantivy writes.

Each file of a segment ends with a footer: JSON with the CRC-32 of everything before it, then the
length of that JSON and a magic number, both 32 bits, little-endian:

    ...content...{"version":{...},"crc":2918445923}|length of the JSON|1337
"""

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

MAGIC = 1337
TAIL = struct.Struct("<II")
CHUNK = 1 << 20
NEEDED = (".term", ".idx", ".pos", ".fast", ".fieldnorm", ".store")
"""Every segment has these files, and a file of deletions if there are any."""


def damaged_files(generation: Path, parts: Iterable[str]) -> Iterator[str]:
    """The missing and damaged files of a generation, as paths in the index folder.

    parts: the folders of its indexes.
    """
    for part in parts:
        folder = generation / part
        try:
            meta = json.loads((folder / "meta.json").read_bytes())
            names = [name for segment in meta["segments"] for name in _segment_files(segment)]
        except (OSError, ValueError, KeyError, TypeError):
            yield f"{generation.name}/{part}/meta.json is missing or damaged"
            continue
        for name in names:
            if not _is_whole(folder / name):
                yield f"{generation.name}/{part}/{name} is missing or damaged"


def _segment_files(segment: dict[str, object]) -> Iterator[str]:
    # The id is a UUID; file names have it without hyphens: 0a1b2c3d....term
    name = str(segment["segment_id"]).replace("-", "")
    yield from (name + suffix for suffix in NEEDED)
    deletes = segment.get("deletes")
    if isinstance(deletes, dict):
        yield f"{name}.{deletes['opstamp']}.del"


def _is_whole(path: Path) -> bool:
    """True if the CRC-32 of the content equals the one in the footer."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(end - TAIL.size)
            length, magic = TAIL.unpack(file.read(TAIL.size))
            body = end - TAIL.size - length
            file.seek(body)
            footer = json.loads(file.read(length))
            file.seek(0)
            # In chunks: files of a large library have hundreds of megabytes.
            checksum, left = 0, body
            while left > 0 and (chunk := file.read(min(CHUNK, left))):
                checksum, left = zlib.crc32(chunk, checksum), left - len(chunk)
    except (OSError, ValueError, struct.error):
        return False
    return magic == MAGIC and isinstance(footer, dict) and footer.get("crc") == checksum
