"""Backups: all data of an installation, copied while it runs, and checked before it is restored.

    A folder of backups                     One backup as a file: NAME.tar
    files/ab/abcdef...  by SHA-256          data/<path in the data folder>
    backups/<moment>/database.sqlite3       database.sqlite3 (or database.dump)
    backups/<moment>/manifest.json          manifest.json

The manifest is written last and in one step: a backup without it is unfinished. It lists the size
and SHA-256 of everything, and the number of rows in every table. A second backup in the same folder
adds the database and the new files; each backup in it can be restored on its own.

Copied: everything in the data folder except what can be rebuilt (index, page images) and older
copies of the database. The database is copied first, then the files: originals are named by their
content and never change, so every file that the copy names exists, unless it was erased since.
"""

from waymark.pipeline.backup.making import BackupMade, back_up
from waymark.pipeline.backup.reading import unfinished_in
from waymark.pipeline.backup.restoring import RestoredBackup, check_backup, restore_backup

__all__ = [
    "BackupMade",
    "RestoredBackup",
    "back_up",
    "check_backup",
    "restore_backup",
    "unfinished_in",
]
