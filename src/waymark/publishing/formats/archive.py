"""ZIP archives with the same bytes whenever they are written."""

import io
import zipfile
from collections.abc import Iterable, Mapping

Member = tuple[str, bytes]
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""Earliest time that a ZIP entry can have: the real time would change the bytes."""


def pack_archive(members: Iterable[Member], *, stored: frozenset[str] = frozenset()) -> bytes:
    """Pack members in their order. stored: names of those left uncompressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, FIRST_DAY)
            # zipfile writes the system it runs on: 3 is Unix, with the file mode in the high bits.
            info.create_system = 3
            # Readable by all and writable by the owner, whatever the umask of the server.
            info.external_attr = 0o644 << 16
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, content, compress_type=kind)
    return out.getvalue()


def repack_archive(archive: bytes, replaced: Mapping[str, bytes]) -> bytes:
    """Pack an archive again in the same order, with some members replaced."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        return pack_archive([(name, replaced.get(name, old.read(name))) for name in old.namelist()])


def archive_member(archive: bytes, name: str) -> bytes:
    """Content of one member. Raises KeyError."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        return old.read(name)
