"""Twenty people save different things while an overview is published: nothing is lost or stuck."""

import json
import subprocess
import sys
from pathlib import Path

from tests.databases import environment_for
from tests.new_installations import migrated_database

PROGRAM = Path(__file__).resolve().parents[2] / "benchmarks" / "writers.py"


def test_of_twenty_writers_and_a_publication_no_save_is_lost_and_the_audit_chain_is_whole(tmp_path):
    done = subprocess.run(
        [sys.executable, PROGRAM, "--seconds", "1", "--json"],
        env=environment_for(migrated_database(tmp_path)),
        capture_output=True,
        check=False,
        timeout=120,
    )
    answer = json.loads(done.stdout or b"{}")
    assert answer.get("wrong") == [], done.stderr.decode()
    assert all(answer["saved"].values())
