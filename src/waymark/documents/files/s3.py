"""Originals at an S3 address, through s3fs: objects named as files in the folder are.

    s3://bucket/prefix/ab/abcdef...

Keys of access, region and endpoint come from the environment of the library (AWS_ACCESS_KEY_ID,
AWS_PROFILE, AWS_ENDPOINT_URL_S3 and others), never from a setting of Waymark.

Each original is one request to store it, so it is there whole or not at all, and no part of an
interrupted upload is left. It is compared with its SHA-256 before it is sent, and when all of it
is read.
"""

import base64
import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from waymark.core.errors import OriginalsRefused, OriginalsUnavailable
from waymark.core.extras import OptionalModule
from waymark.documents.files import storage
from waymark.documents.files.copies import errors_of_copy, private_copy

s3fs = OptionalModule("s3fs", "s3")
botocore = OptionalModule("botocore.exceptions", "s3")
aiohttp = OptionalModule("aiohttp", "s3")

PIECE = 8 << 20
"""Bytes of one request when an original is read: no more of it is in memory."""
OPTIONS = {
    "use_listings_cache": False,
    # A page waits for them: a store that does not answer is known after half a minute.
    "config_kwargs": {
        "connect_timeout": 3,
        "read_timeout": 10,
        "retries": {"mode": "standard", "total_max_attempts": 2},
    },
}
NAME = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})")
CHECK = (
    "check this address (WAYMARK_ORIGINALS), and keys and endpoint in the environment (docs/s3.md)"
)


class S3Originals:
    """OriginalStore at s3://bucket/prefix."""

    def __init__(self, address: str) -> None:
        self.name = address
        self.bucket, _, prefix = address.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""

    # ---- requests ----

    @property
    def file_system(self) -> Any:
        """The client; s3fs has one for each process and set of options, also after a fork."""
        system = s3fs.S3FileSystem(**OPTIONS)
        system.retries = 1
        return system

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """The answer to one request of the S3 API about the bucket, such as head_object.

        Raises FileNotFoundError for a missing object or bucket, OriginalsRefused,
        OriginalsUnavailable.
        """
        with self.errors_in_words():
            answer: dict[str, Any] = self.file_system.call_s3(method, Bucket=self.bucket, **values)
            return answer

    def check_access(self) -> None:
        """Raise OriginalsRefused if the bucket is not there or does not let us list it."""
        self.call("list_objects_v2", MaxKeys=1)

    @contextmanager
    def errors_in_words(self) -> Iterator[None]:
        """Turn errors of the client into ours, but for FileNotFoundError."""
        try:
            yield
        except FileNotFoundError as error:
            if error_code(error) == "NoSuchBucket":
                raise self._no_bucket() from error
            raise
        except (
            PermissionError,
            botocore.NoCredentialsError,
            botocore.PartialCredentialsError,
        ) as error:
            raise OriginalsRefused(
                f"{self.name} refuses access ({_line(error)}): {CHECK}"
            ) from error
        # ValueError is what the client says of an address without https://.
        except (
            ValueError,
            botocore.ProfileNotFound,
            botocore.ConfigNotFound,
            botocore.ConfigParseError,
            botocore.EndpointProviderError,
        ) as error:
            raise OriginalsRefused(
                f"{self.name} cannot be used ({_line(error)}): {CHECK}"
            ) from error
        except (OSError, botocore.BotoCoreError, aiohttp.ClientError) as error:
            raise OriginalsUnavailable(
                f"{self.name} does not answer as it should ({_line(error)}): check that the store "
                "runs and can be reached, then try again"
            ) from error

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{sha256[:2]}/{sha256}"

    def _head(self, sha256: str) -> int:
        """Bytes of an original. Raises FileNotFoundError, also for a missing bucket."""
        return int(self.call("head_object", Key=self._key(sha256))["ContentLength"])

    def _size(self, sha256: str) -> int:
        """Bytes of an original. Raises FileNotFoundError only if the bucket is there."""
        try:
            return self._head(sha256)
        except FileNotFoundError:
            self.check_access()
            raise

    def _no_bucket(self) -> OriginalsRefused:
        return OriginalsRefused(f"there is no bucket for {self.name}: {CHECK}")

    # ---- storing ----

    def keep(self, path: Path, *, expected: str = "") -> tuple[str, int]:
        with private_copy(path) as (copy, sha256, size):
            storage.refuse_changed(path, sha256, expected)
            if not self._has_all(sha256, size):
                storage.note_arriving(sha256)
                self._put(copy, sha256, size)
        return sha256, size

    def add(self, path: Path, sha256: str) -> None:
        with private_copy(path) as (copy, actual, size):
            storage.refuse_changed(path, actual, sha256)
            # Also if it is there: what a restore brings mends bytes that are damaged.
            self._put(copy, sha256, size)

    def _has_all(self, sha256: str, size: int) -> bool:
        try:
            return self._head(sha256) == size
        except FileNotFoundError:
            return False

    def _put(self, copy: BinaryIO, sha256: str, size: int) -> None:
        try:
            self.call(
                "put_object",
                Key=self._key(sha256),
                Body=copy,
                ContentLength=size,
                # The store computes it again, and refuses what was damaged on the way.
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
            )
        except FileNotFoundError as error:
            raise self._no_bucket() from error

    # ---- reading ----

    def has(self, sha256: str) -> bool:
        try:
            self._size(sha256)
        except FileNotFoundError:
            return False
        return True

    def traces(self, sha256: str) -> bool:
        return storage.original_path(sha256).exists() or any(self._versions(sha256))

    def sizes(self) -> dict[str, int]:
        sizes = {}
        for row in self._listed("list_objects_v2", "Contents", self._prefix):
            match = NAME.fullmatch(row["Key"].removeprefix(self._prefix))
            if match:
                sizes[match[2]] = int(row["Size"])
        return sizes

    def place(self, sha256: str) -> str:
        return f"s3://{self.bucket}/{self._key(sha256)}"

    @contextmanager
    def local_file(self, sha256: str, *, checked: bool = True) -> Iterator[Path]:
        with self._fetched(sha256, 0, self._size(sha256), checked=checked) as copy:
            yield Path(f"/dev/fd/{copy.fileno()}")

    def content(self, sha256: str) -> "S3Content":
        return S3Content(self, sha256, self._size(sha256))

    def fetch_part(self, sha256: str, first: int, length: int, size: int) -> BinaryIO:
        """A file without a name that contains these bytes of an original."""
        return self._fetched(sha256, first, length, checked=length == size)

    def fault(self, sha256: str) -> str:
        try:
            with self.local_file(sha256, checked=False) as copy:
                return storage.fault_of_file(copy, sha256)
        except FileNotFoundError:
            return "is missing"

    def _fetched(self, sha256: str, first: int, length: int, *, checked: bool) -> BinaryIO:
        digest = hashlib.sha256()
        # It has no name: the system deletes it when it is closed, also if this process is killed.
        with errors_of_copy():
            copy: Any = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            for piece in self._pieces(sha256, first, length):
                digest.update(piece)
                with errors_of_copy():
                    copy.write(piece)
            if checked and digest.hexdigest() != sha256:
                raise OriginalsUnavailable(
                    f"{self.place(sha256)} does not have the bytes that it is named after: restore "
                    "it from a backup"
                )
            with errors_of_copy():
                copy.flush()
                copy.seek(0)
        except BaseException:
            # A full disk refuses what is still in memory once more.
            with suppress(OSError):
                copy.close()
            raise
        return copy  # type: ignore[no-any-return]

    def _pieces(self, sha256: str, first: int, length: int) -> Iterator[bytes]:
        key = f"{self.bucket}/{self._key(sha256)}"
        for start in range(first, first + length, PIECE):
            end = min(start + PIECE, first + length)
            with self.errors_in_words():
                piece: bytes = self.file_system.cat_file(key, start=start, end=end)
            yield piece

    # ---- removing ----

    def remove(self, sha256: str) -> None:
        for version in list(self._versions(sha256)):
            with suppress(FileNotFoundError):
                self.call("delete_object", Key=self._key(sha256), **version)
        if any(self._versions(sha256)):
            raise OriginalsRefused(
                f"{self.place(sha256)} was deleted and is still there: the bucket keeps what is "
                "deleted (docs/s3.md)"
            )

    def _versions(self, sha256: str) -> Iterator[dict[str, str]]:
        """What names each version of an object to delete_object, and each mark of a deletion.

        A bucket without versions has one version, "null".
        """
        key = self._key(sha256)
        try:
            for kind in ("Versions", "DeleteMarkers"):
                for row in self._listed("list_object_versions", kind, key):
                    if row["Key"] == key:
                        yield {"VersionId": row["VersionId"]}
        except OriginalsUnavailable as error:
            # A store that knows no versions, as some do, has at most the object itself.
            if error_code(error.__cause__) not in {"NotImplemented", "501"}:
                raise
            if self.has(sha256):
                yield {}

    def _listed(self, method: str, kind: str, prefix: str) -> Iterator[dict[str, Any]]:
        """The rows of all pages of a list."""
        more: dict[str, str] = {}
        while True:
            try:
                page = self.call(method, Prefix=prefix, **more)
            except FileNotFoundError as error:
                raise self._no_bucket() from error
            yield from page.get(kind, ())
            if not page.get("IsTruncated"):
                return
            names = {
                "ContinuationToken": "NextContinuationToken",
                "KeyMarker": "NextKeyMarker",
                "VersionIdMarker": "NextVersionIdMarker",
            }
            more = {name: page[next_one] for name, next_one in names.items() if next_one in page}


class S3Content:
    """StoredContent of an object."""

    def __init__(self, store: S3Originals, sha256: str, size: int) -> None:
        self._store, self._sha256, self.size = store, sha256, size

    def open_part(self, first: int, length: int) -> BinaryIO:
        return self._store.fetch_part(self._sha256, first, length, self.size)


def error_code(error: BaseException | None) -> str:
    """Code of an error of S3, such as NoSuchKey; "" if it has none."""
    cause = getattr(error, "__cause__", None) or error
    response = getattr(cause, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
