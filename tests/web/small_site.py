"""A new installation with a few rows that `waymark serve` serves, for journeys in a browser."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import environment_for
from tests.new_installations import new_installation
from tests.web.conftest import _wait_for
from tests.web.test_alert_journey import free_port

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def small_site(folder: Path, rows: str, host: str = "127.0.0.1", **settings: str) -> Iterator[str]:
    """Address of a running site. rows: a program that stores what it has at first, in folder/data.

    settings: variables of the environment, for the program and the site.
    """
    data = new_installation(folder / "data")
    port = free_port()
    environment = environment_for(data) | {
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "WAYMARK_SITE_ADDRESS": f"http://{host}:{port}",
        "PATH": os.environ["PATH"],
        **settings,
    }
    subprocess.run([sys.executable, "-c", rows], env=environment, check=True, cwd=ROOT)
    program = str(Path(sys.executable).with_name("waymark"))
    serving = subprocess.Popen([program, "serve", "--port", str(port)], env=environment)
    try:
        _wait_for(port, serving)
        yield f"http://{host}:{port}"
    finally:
        serving.terminate()
        serving.wait(timeout=30)
