"""Work in a process of its own, on a data folder of its own, that can be killed at any moment.

The process is a copy of this one, so it begins at once instead of loading everything anew.
"""

import os
import pickle
import signal
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from waymark.core.locks import FolderLock
from waymark.pipeline.backup.database import use_folder


class Failed(Exception):
    """What the work raised, as text: the name of the exception and its message."""


class Child:
    """A process that does its work on a data folder. share: it holds the folder's lock meanwhile."""

    def __init__(self, blocker, data: Path, work: Callable[[], Any], *, share: bool = True) -> None:
        self._reading, writing = os.pipe()
        with warnings.catch_warnings():
            # Later versions of Python warn of threads; those of a test runner do not matter here.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            try:
                with blocker.unblock():
                    answer = True, _worked(data, work, share=share)
            except BaseException as error:
                answer = False, f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps(answer))
            os._exit(0)
        os.close(writing)

    def result(self) -> Any:
        """What the work returned. Raises Failed with what it raised."""
        with os.fdopen(self._reading, "rb") as pipe:
            content = pipe.read()
        os.waitpid(self.pid, 0)
        if not content:
            raise Failed("it was killed")
        well, value = pickle.loads(content)
        if not well:
            raise Failed(value)
        return value

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._reading)


def _worked(data: Path, work: Callable[[], Any], *, share: bool) -> Any:
    use_folder(data)
    if share:
        data.mkdir(exist_ok=True)
        lock = FolderLock(data)
        lock.share()
    return work()
