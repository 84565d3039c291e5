"""A PostgreSQL server for tests that need one beside SQLite, reached by a socket in its folder.

With DATABASE_URL set (script/test-postgres), tests use databases of that server instead.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

SETTINGS = "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def server_programs() -> Path | None:
    """The folder with initdb and pg_ctl; Debian keeps one for each version out of PATH."""
    if known := shutil.which("initdb"):
        return Path(known).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    return folders[-1].parent if folders else None


def _version(path: Path) -> int:
    number = path.parts[-3]
    return int(number) if number.isdecimal() else 0


@contextmanager
def running_server() -> Iterator[str]:
    """Address of the database waymark of a new cluster, which ends with the block."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    programs = server_programs()
    assert programs is not None
    # Short, because the path of a socket may have 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="waymark-pg.", dir="/tmp"))
    owner: dict[str, str] = {}
    if os.geteuid() == 0:  # initdb refuses root
        shutil.chown(folder, "postgres")
        owner = {"user": "postgres"}

    def run(program: str, *words: str) -> None:
        subprocess.run(
            [programs / program, *words], check=True, capture_output=True, cwd=folder, **owner
        )

    data = ["-D", str(folder / "cluster")]
    try:
        run(
            "initdb",
            *data,
            "-U",
            "waymark",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        )
        log = ["-l", str(folder / "log")]
        run("pg_ctl", "start", "-s", "-w", *data, *log, "-o", f"-k {folder} {SETTINGS}")
        run("createdb", "-h", str(folder), "-U", "waymark", "waymark")
        yield f"postgresql://waymark@/waymark?host={folder}"
    finally:
        if (folder / "cluster" / "postmaster.pid").exists():
            run("pg_ctl", "stop", "-s", "-m", "immediate", *data)
        shutil.rmtree(folder, ignore_errors=True)


def new_database(url: str, name: str, options: str = "") -> str:
    """Address of a new, empty database on the server of an address."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} {options}")
    return url.replace("/waymark?", f"/{name}?") if "/waymark?" in url else f"{url}/{name}"
