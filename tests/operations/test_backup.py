"""A folder of backups: names, and what may be deleted."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest

from radarr_db import BackupError, InvalidArgumentError
from radarr_db.operations import backup, backup_files, dumps, manifests, partials
from radarr_db.operations.backup import Backup
from radarr_db.operations.manifests import Kind

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def one(library: str, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    """A backup, of which others are made."""
    return backup.create(library, tmp_path_factory.mktemp("one"), kind="data")


def aged(one: Backup, folder: Path, days: float, kind: Kind = "full", database: str = "radarr") -> Path:
    """A copy of a backup that seems to have been made so many days before NOW."""
    created = NOW - dt.timedelta(days)
    path = backup_files.free_path(folder, kind, created)
    path.write_bytes(one.path.read_bytes())
    manifest = replace(one.manifest, created=created, kind=kind, database=database)
    manifests.path_of(path).write_text(manifests.text_of(manifest))
    return path


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


@pytest.mark.parametrize("kind", ["schema", "data"])
def test_a_backup_is_named_by_kind_and_time_and_verified(library: str, tmp_path: Path, kind: Kind) -> None:
    made = backup.create(library, tmp_path / "new" / "folder", kind=kind)
    suffix = "sql" if kind == "schema" else "dump"
    assert re.fullmatch(rf"radarr_{kind}_\d{{8}}_\d{{6}}\.{suffix}", made.path.name)
    named = dt.datetime.strptime(made.path.stem[-15:] + "+0000", "%Y%m%d_%H%M%S%z")
    assert abs(made.manifest.created - named) < dt.timedelta(minutes=1)
    assert backup.verify(made.path) == made.manifest
    assert [found.path for found in backup.find(tmp_path / "new" / "folder")] == [made.path]


def test_backups_of_one_second_do_not_share_a_name(one: Backup, tmp_path: Path) -> None:
    names = [aged(one, tmp_path, 0).name for _ in range(11)]
    assert names[:2] == ["radarr_full_20260301_120000.dump", "radarr_full_20260301_120000_2.dump"]
    assert [found.path.name for found in backup.find(tmp_path)] == names[::-1]


def test_a_backup_that_cannot_be_made_leaves_the_older_ones(library: str, tmp_path: Path) -> None:
    older = backup.create(library, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for options in ({"programs": tmp_path}, {"kind": "all"}):
        with pytest.raises((BackupError, InvalidArgumentError)):
            backup.create(library, tmp_path, **options)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert backup.verify(older.path) == older.manifest


def test_a_folder_that_cannot_be_is_told(library: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupError, match="File exists"):
        backup.create(library, tmp_path / "file")
    for act in (backup.find, backup.prune):
        with pytest.raises(BackupError, match="No such file or directory"):
            act(tmp_path / "absent")


def test_a_damaged_backup_is_told_with_the_last_sound_one_before_it(one: Backup, tmp_path: Path) -> None:
    paths = {days: aged(one, tmp_path, days) for days in (1, 2, 3, 4)}
    aged(one, tmp_path, 2, "data")
    other = aged(one, tmp_path, 2.5, database="other")
    damage(paths[1])
    damage(paths[2])
    with pytest.raises(BackupError, match=f'damaged.*; the last sound .* is {paths[3]}, of database "radarr"$'):
        backup.verify(paths[1])
    # Whose it was is not known any more.
    manifests.path_of(paths[2]).unlink()
    with pytest.raises(BackupError, match=f'no backup.*; the last sound .* is {other}, of database "other"$'):
        backup.verify(paths[2])
    other.unlink()
    paths[3].unlink()
    paths[4].unlink()
    with pytest.raises(BackupError, match=r"those that were written$"):
        backup.verify(paths[1])


def test_find_tells_what_is_no_backup(one: Backup, tmp_path: Path) -> None:
    sound, short, bare = (aged(one, tmp_path, days) for days in (1, 2, 3))
    short.write_bytes(b"")
    manifests.path_of(bare).unlink()
    (tmp_path / "notes.txt").touch()
    found = backup.find(tmp_path)
    assert [(each.path, each.manifest is not None, each.problem is not None) for each in found] == [
        (sound, True, False),
        (short, True, True),
        (bare, False, True),
    ]


def test_what_is_older_than_the_limit_goes_while_three_newer_ones_are_sound(one: Backup, tmp_path: Path) -> None:
    kept = [aged(one, tmp_path, days) for days in (0, 1, 29.9)]
    old = [aged(one, tmp_path, days) for days in (30.1, 31, 400)]
    assert backup.prune(tmp_path, dry_run=True, now=NOW).deleted == old
    assert all(path.exists() for path in old)
    pruned = backup.prune(tmp_path, now=NOW)
    assert (pruned.deleted, pruned.damaged) == (old, [])
    assert sorted(tmp_path.iterdir()) == sorted([*kept, *map(manifests.path_of, kept)])


def test_the_last_three_stay_however_old_they_are(one: Backup, tmp_path: Path) -> None:
    paths = [aged(one, tmp_path, days) for days in (100, 200, 300, 400)]
    assert backup.prune(tmp_path, now=NOW).deleted == paths[3:]
    assert backup.prune(tmp_path, now=NOW).deleted == []
    assert backup.prune(tmp_path, days=150, keep=1, now=NOW).deleted == paths[1:3]


def test_damaged_backups_neither_count_nor_go(one: Backup, tmp_path: Path) -> None:
    paths = [aged(one, tmp_path, days) for days in (1, 2, 3, 100, 200, 300)]
    damage(paths[0])
    damage(paths[4])
    manifests.path_of(paths[2]).unlink()
    pruned = backup.prune(tmp_path, now=NOW)
    # Sound are those of 2, 100 and 300 days: no more than are to be kept.
    assert pruned.deleted == []
    assert {each.path for each in pruned.damaged} == {paths[0], paths[2], paths[4]}
    another = aged(one, tmp_path, 4)
    assert backup.prune(tmp_path, now=NOW).deleted == [paths[5]]
    assert paths[4].exists()
    assert another.exists()


def test_each_kind_and_database_is_counted_by_itself(one: Backup, tmp_path: Path) -> None:
    for days in (1, 2, 3):
        aged(one, tmp_path, days)
    old = aged(one, tmp_path, 100)
    for kind, database in (("data", "radarr"), ("schema", "radarr"), ("full", "other")):
        aged(one, tmp_path, 101, kind, database)  # type: ignore[arg-type]  # these are kinds
    assert backup.prune(tmp_path, now=NOW).deleted == [old]


def test_backups_from_the_future_are_no_reason_to_delete_any(one: Backup, tmp_path: Path) -> None:
    for days in (-1, -2, -300):
        aged(one, tmp_path, days)
    for days in (31, 32, 33):
        aged(one, tmp_path, days)
    assert backup.prune(tmp_path, now=NOW).deleted == []


def test_two_may_prune_at_once(one: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [aged(one, tmp_path, days) for days in (1, 2, 3, 40, 50, 60)]
    verify, first = dumps.verify, paths[3:5]

    def verify_while_another_prunes(path: Path) -> manifests.Manifest:
        for each in first if path == paths[4] else ():
            backup_files.delete(each)
        return verify(path)

    monkeypatch.setattr(dumps, "verify", verify_while_another_prunes)
    pruned = backup.prune(tmp_path, now=NOW)
    assert (pruned.deleted, pruned.damaged) == ([paths[3], paths[5]], [])
    assert [found.path for found in backup.find(tmp_path)] == paths[:3]


def test_nothing_is_read_as_long_as_nothing_is_old(one: Backup, tmp_path: Path) -> None:
    path = aged(one, tmp_path, 1)
    damage(path)
    pruned = backup.prune(tmp_path, now=NOW)
    assert (pruned.deleted, pruned.damaged) == ([], [])


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    names = {"radarr_full_yesterday.dump", "notes.json", "radarr_full_20200101_000000.dump.bak", "archive.dump.partial"}
    for name in names:
        (tmp_path / name).touch()
    backup.prune(tmp_path, now=NOW)
    assert {path.name for path in tmp_path.iterdir()} == names


def test_what_killed_writers_left_goes(one: Backup, tmp_path: Path) -> None:
    path = aged(one, tmp_path, 1)
    # Killed while it wrote, and between the names of the manifest and the dump.
    (tmp_path / "radarr_full_20260101_000000.dump.partial").write_bytes(b"half")
    (tmp_path / "radarr_full_20260102_000000.dump.partial").write_bytes(b"whole")
    (tmp_path / "radarr_full_20260102_000000.dump.json").write_text("{}")
    backup.prune(tmp_path, now=NOW)
    assert sorted(tmp_path.iterdir()) == [path, manifests.path_of(path)]


def test_the_manifest_of_a_backup_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "radarr_full_20260101_000000.dump"
    its_manifest = partials.path_of(manifests.path_of(path))
    with partials.opened(path):
        its_manifest.touch()
        backup_files.clear(tmp_path)
        assert its_manifest.exists()
    backup_files.clear(tmp_path)
    assert not its_manifest.exists()


@pytest.mark.parametrize("argument", [{"days": 0}, {"keep": 0}, {"days": 1.5}, {"now": dt.datetime(2026, 1, 1)}])  # noqa: DTZ001
def test_arguments_that_make_no_sense_are_refused(tmp_path: Path, argument: dict[str, object]) -> None:
    [name] = argument
    with pytest.raises(InvalidArgumentError, match=f"^{name}: "):
        backup.prune(tmp_path, **argument)  # type: ignore[arg-type]  # that is the point
