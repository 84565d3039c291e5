"""What a bucket must and should be for originals: private, encrypted, able to forget.

bucket_faults   what breaks a promise: everyone can read it, or erased files stay
bucket_notes    what an administrator should know
"""

from collections.abc import Iterator
from typing import Any

from waymark.core.errors import OriginalsRefused, OriginalsUnavailable
from waymark.documents.files.s3 import S3Originals, error_code

PRIVATE = (
    "get_bucket_acl",
    "get_bucket_policy_status",
    "get_object_lock_configuration",
    "get_bucket_replication",
)
"""Questions whose answers could be faults."""
EVERYONE = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
ON_THIS_MACHINE = ("http://127.", "http://localhost", "http://[::1]")


def bucket_faults(address: str) -> Iterator[str]:
    """Faults of the bucket. Raises OriginalsUnavailable, OriginalsRefused."""
    store = S3Originals(address)
    name = f"the bucket {store.bucket}"
    store.check_access()
    grants = _answer(store, "get_bucket_acl").get("Grants", ())
    public = any(grant["Grantee"].get("URI") in EVERYONE for grant in grants)
    policy = _answer(store, "get_bucket_policy_status").get("PolicyStatus", {})
    if public or policy.get("IsPublic"):
        yield f"everyone can read {name}, unpublished reports too: make it private"
    lock = _answer(store, "get_object_lock_configuration").get("ObjectLockConfiguration", {})
    if "Rule" in lock:
        yield (
            f"{name} has a lock that keeps deleted files: what staff erase would stay. Use a "
            "bucket without Object Lock"
        )
    if _answer(store, "get_bucket_replication"):
        yield (
            f"{name} is copied to another one, where files that staff erase would stay: end the "
            "replication, and use waymark backup"
        )


def bucket_notes(address: str) -> Iterator[str]:
    """Notes on the bucket. Raises OriginalsUnavailable, OriginalsRefused."""
    store = S3Originals(address)
    name = f"the bucket {store.bucket}"
    # Of a bucket that is not there, every answer would be a no.
    store.check_access()
    if _answer(store, "get_bucket_versioning").get("Status"):
        yield (
            f"{name} keeps earlier versions: erasing a file deletes all of them, for which the key "
            "of access needs s3:ListBucketVersions and s3:DeleteObjectVersion"
        )
    if not _answer(store, "get_bucket_encryption"):
        yield f"{name} is not encrypted: switch that on, or encrypt the disks of the store"
    refused = [method for method in PRIVATE if _is_refused(store, method)]
    if refused:
        yield (
            f"{name} does not say whether it is private: give the key of access the rights for "
            f"{', '.join(refused)}, or check it yourself"
        )
    with store.errors_in_words():
        system = store.file_system
        system.connect()
        endpoint = str(system.s3.meta.endpoint_url)
    if endpoint.startswith("http://") and not endpoint.startswith(ON_THIS_MACHINE):
        yield f"original files go to {endpoint} over the network as they are: use https"


def _answer(store: S3Originals, method: str) -> dict[str, Any]:
    """Answer about the bucket; empty if the store knows no such thing, or may not say."""
    try:
        return store.call(method)
    except (FileNotFoundError, OriginalsRefused):
        return {}
    except OriginalsUnavailable as error:
        if error_code(error.__cause__):
            return {}
        raise


def _is_refused(store: S3Originals, method: str) -> bool:
    try:
        store.call(method)
    except OriginalsRefused:
        return True
    except (FileNotFoundError, OriginalsUnavailable):
        return False
    return False
