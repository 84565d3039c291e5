"""docs/s3.md: its steps as they are written, on an installation with one report."""

import os
import shutil
from pathlib import Path

import pytest

from tests.docs.test_admin import blocks_below
from tests.forked_command import Waymark
from tests.new_installations import new_installation
from tests.pipeline.installation import ON_POSTGRESQL
from tests.s3_store import running_store
from waymark.documents.files.originals import store_at

PAGE = Path(__file__).resolve().parents[2] / "docs" / "s3.md"
HEADING = "Move to a bucket"

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="copies of this process have its database")


def test_every_command_of_the_page_is_below_the_heading_that_is_run():
    assert [heading for heading, blocks in blocks_below(PAGE).items() if blocks] == [HEADING]


def test_the_originals_move_to_a_bucket_and_back(django_db_blocker, tmp_path, settings):
    data = new_installation(tmp_path / "srv" / "waymark-data")
    (tmp_path / "report.txt").write_text("1 Findings\n\nThe visits stopped in May.\n")
    waymark = Waymark(django_db_blocker, data)
    waymark("ingest", tmp_path / "report.txt")
    (sha256,) = (path.name for path in (data / "originals").rglob("*") if path.is_file())

    def run(block):
        """Run the lines of a step. The service is not started, as no page is asked."""
        printed = ""
        for line in block.replace(" /", f" {tmp_path}/").split("\n"):
            match line.split():
                case ["waymark", *words]:
                    printed += waymark(*words).stdout
                case ["rm", "-r", folder]:
                    shutil.rmtree(folder)
                case [setting] if setting.startswith("WAYMARK_ORIGINALS="):
                    settings.ORIGINALS = setting.partition("=")[2]
        return printed

    move, *begin, delete, back = blocks_below(PAGE)[HEADING]
    with running_store() as s3:
        address = s3.new_bucket("reports").replace("/originals", "/waymark")
        assert f"Set WAYMARK_ORIGINALS={address} before" in run(move)
        for block in begin:
            run(block)
        assert address == settings.ORIGINALS
        run(delete)
        assert not (data / "originals").exists()
        assert list(store_at(address).sizes()) == [sha256]
        moved_back = run(back)
        assert "1 original files (0.0 MB) are in the data folder, " in moved_back
        assert "Unset WAYMARK_ORIGINALS before" in moved_back
        assert store_at(address).sizes() == {}
    assert os.listdir(data / "originals" / sha256[:2]) == [sha256]  # noqa: PTH208
