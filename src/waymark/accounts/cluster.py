"""The cluster that does work of this installation, where WAYMARK_DASK names one."""

import hashlib
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

from django.conf import settings

import waymark
from waymark.accounts.installation import database_identifier
from waymark.core.dask_executor import DaskExecutor, dask_executor


def cluster_executor() -> AbstractContextManager[DaskExecutor]:
    """The workers of this installation and version, for a block.

    Entering it raises MissingExtra without Dask, ServiceUnavailable if no worker is there.
    """
    return dask_executor(settings.DASK, cluster_resource())


def cluster_resource() -> str:
    """The resource that workers of this installation with this source code offer."""
    return f"waymark-{database_identifier()[:8]}-{_source_digest()[:8]}"


@cache
def _source_digest() -> str:
    folder = Path(waymark.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
