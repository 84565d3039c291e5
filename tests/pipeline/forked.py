"""Work in a process of its own, on a data folder of its own, that can be killed at any moment.

The process is a copy of this one, so it begins at once instead of loading everything anew.
"""

import json
import logging
import os
import select
import signal
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from waymark.core.locks import FolderLock
from waymark.pipeline.backup.database import use_folder


class Failed(Exception):
    """Error that the work raised, as text: the name of the exception and its message."""


class Child:
    """A process that works on a data folder. share: it holds the folder's lock meanwhile."""

    def __init__(self, blocker, data: Path, work: Callable[[], Any], *, share: bool = True) -> None:
        self._reading, writing = os.pipe()
        with warnings.catch_warnings():
            # Later versions of Python warn of threads; those of a test runner do not matter here.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            # Whatever happens, the copy of the test runner must not go on with its tests.
            with suppress(BaseException):
                with blocker.unblock():
                    answer = _answer(data, work, share=share)
                with os.fdopen(writing, "w") as pipe:
                    json.dump(answer, pipe, default=str)
            os._exit(0)
        os.close(writing)

    def result(self, *, seconds: float | None = None) -> Any:
        """Return value of the work, decoded from JSON.

        Raises Failed with its error, or if it has not ended after so many seconds, None for ever.
        """
        ended, _, _ = select.select([self._reading], [], [], seconds)
        if not ended:
            self.kill()
            raise Failed(f"it had not ended after {seconds} seconds")
        with os.fdopen(self._reading) as pipe:
            content = pipe.read()
        os.waitpid(self.pid, 0)
        if not content:
            raise Failed("it was killed")
        answer = json.loads(content)
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer["returned"]

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._reading)


def _answer(data: Path, work: Callable[[], Any], *, share: bool) -> dict[str, Any]:
    use_folder(data)
    if share:
        data.mkdir(exist_ok=True)
        lock = FolderLock(data)
        lock.lock_shared()
    try:
        return {"returned": work()}
    except Exception as error:
        logging.exception("the work failed")
        return {"failed": f"{type(error).__name__}: {error}"}
