"""A cluster of two nodes for tests, started here from the artefacts that Maven fetches.

The first node manages the cluster and holds data; the second holds data only, so that it can be
killed and the cluster goes on.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException

HERE = Path(__file__).parent
ROLES = {"n1": "cluster_manager,data", "n2": "data"}
START_SECONDS = 120
# Small and quick to start: the tests hold a few hundred documents.
JAVA = (
    "-Xmx512m",
    "-Xss1m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-Djava.awt.headless=true",
    "-Dlog4j2.disable.jmx=true",
)

JAVA_OF_A_SERVER = ("-Xms1g", "-Xmx1g", "-Xss1m", "-Djava.awt.headless=true")


def can_run() -> bool:
    """True if Maven and Java are here."""
    return all(map(shutil.which, ("mvn", "java")))


class TwoNodes:
    """The cluster, which start_all() starts. folder: for its data, an empty one.

    java: options of Java; a benchmark has those of a server.
    """

    def __init__(self, folder: Path, java: Sequence[str] = JAVA) -> None:
        self.folder, self.java = folder, java
        self.classes = _class_path(folder)
        ports = _free_ports(4)
        self.http = dict(zip(ROLES, ports[:2], strict=True))
        self.transport = dict(zip(ROLES, ports[2:], strict=True))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start_all(self) -> None:
        for name in ROLES:
            self.start(name)
        self.wait_for_nodes(len(ROLES))

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(f"http://127.0.0.1:{port}" for port in self.http.values())

    def start(self, name: str) -> None:
        """Start a node, which keeps the data that it had."""
        home = self.folder / name
        home.mkdir(exist_ok=True)
        seeds = ",".join(f"127.0.0.1:{port}" for port in self.transport.values())
        words = [
            str(home),
            name,
            ROLES[name],
            str(self.http[name]),
            str(self.transport[name]),
            seeds,
        ]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                ["java", *self.java, "-cp", self.classes, str(HERE / "StartNode.java"), *words],
                stdout=log,
                stderr=log,
                cwd=home,
            )

    def kill(self, name: str) -> None:
        """End a node as a power cut does."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def wait_for_nodes(self, number: int, status: str = "yellow") -> None:
        """Wait until so many nodes form the cluster, and its indexes have at least this status."""
        until = time.monotonic() + START_SECONDS
        client = OpenSearch([self.hosts[0]], timeout=40, max_retries=0)
        while True:
            try:
                params = {"wait_for_nodes": str(number), "wait_for_status": status, "ignore": 408}
                health = client.cluster.health(params=params)
                if not health["timed_out"]:
                    break
            except OpenSearchException:
                pass
            assert time.monotonic() < until, self.logs()
            time.sleep(0.5)
        client.close()

    def logs(self) -> str:
        """The ends of what the nodes printed."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{file.name}:\n{file.read_text()[-3_000:]}" for file in files)

    def end(self) -> None:
        """End all nodes."""
        for name in list(self.processes):
            self.kill(name)


def _class_path(folder: Path) -> str:
    listed = folder / "class-path"
    subprocess.run(
        [
            "mvn",
            "-q",
            "--batch-mode",
            *("-f", str(HERE / "pom.xml")),
            "dependency:build-classpath",
            f"-Dmdep.outputFile={listed}",
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "MAVEN_OPTS": "-XX:TieredStopAtLevel=1"},
    )
    return listed.read_text().strip()


def _free_ports(number: int) -> list[int]:
    held = [socket.socket() for _ in range(number)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports: list[int] = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
