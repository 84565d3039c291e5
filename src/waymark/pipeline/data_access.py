"""Give restricted data to whoever has an approved application, and end what is over."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from waymark.core.errors import RuleError
from waymark.core.jobs import HourlyRun, Job, JobQueue
from waymark.data_access.models import RECORDS, DataApplication
from waymark.data_access.services.upkeep import erase_due, remind_and_end
from waymark.data_access.services.using import note_export
from waymark.datasets.services import export_approved
from waymark.publishing.formats.archive import pack_archive


@dataclass(frozen=True, slots=True)
class DataPackage:
    """ZIP file of restricted data, and its name."""

    name: str
    content: bytes


def take_data(*, application: DataApplication, now: datetime) -> DataPackage:
    """Write the data of an approved application, and record that it was taken.

    Raises RuleError if the access has ended, NotFound if the overview is no longer published.
    """
    if not application.is_open(now):
        raise RuleError("your access has ended: no data was sent")
    dataset = "" if application.dataset == RECORDS else application.dataset
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "data"
        data = export_approved(dataset=dataset, profile=application.profile, folder=folder, now=now)
        content = pack_archive((path.name, path.read_bytes()) for path in sorted(folder.iterdir()))
    # Recorded first: nothing leaves that is not in the log. The access is checked again with it.
    note_export(
        application=application,
        state=data.state,
        sha256=sha256(content).hexdigest(),
        rows=data.rows,
        now=now,
    )
    return DataPackage(f"{application.reference}-{application.dataset}.zip", content)


JOBS = (
    Job("end access to data", JobQueue.UPKEEP, HourlyRun(lambda now: remind_and_end(now=now) > 0)),
    Job("erase data applications", JobQueue.UPKEEP, HourlyRun(lambda now: erase_due(now=now) > 0)),
)
