from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from repositories.factories import at_once, event, indexer, movie, raw

from radarr_db import (
    BackupError,
    Database,
    HistoryEvent,
    InvalidArgumentError,
    Movie,
    NotFoundError,
    Plan,
    Query,
    RetryableError,
    UnavailableError,
    history,
    indexers,
    movies,
)
from radarr_db.models.partitions import PartitionState
from radarr_db.operations import dumps, manifests, partitions, programs, sessions

TODAY = dt.datetime.now(dt.UTC).date()
OLD = dt.datetime(2024, 1, 31, 23, 59, tzinfo=dt.UTC)


@pytest.fixture
def db(own_database: str) -> Iterator[Database]:
    with Database(own_database) as db:
        yield db


@pytest.fixture
def matrix(db: Database) -> Movie:
    return db.run(movies.create(movie()))


@pytest.fixture
def old(db: Database, matrix: Movie) -> list[HistoryEvent]:
    """Three events in a partition of January 2024, and one of today."""
    db.run(partitions.create(OLD.date()))
    db.run(history.record(event(matrix.id)))
    return [db.run(history.record(event(matrix.id, date=OLD - hours * dt.timedelta(hours=1)))) for hours in range(3)]


def month_after(day: dt.date, months: int = 1) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    return dt.date(day.year + years, month + 1, 1)


def name_of(day: dt.date) -> str:
    return f"history_{day:%Y_%m}"


def states(db: Database) -> dict[str, PartitionState]:
    return {each.name: each.state for each in db.run(partitions.list())}


def place_of(db: Database, recorded: HistoryEvent) -> str:
    ((found,),) = db.run(raw("SELECT tableoid::regclass::text FROM history WHERE id = :id", id=recorded.id))
    return str(found)


def count(db: Database, table: str) -> int:
    ((found,),) = db.run(raw(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a table's name
    return int(found)


def test_the_months_that_are_missing_are_made_once(own_database: str, db: Database) -> None:
    assert partitions.premake(own_database) == []
    made = partitions.premake(own_database, months=6)
    assert made == [name_of(month_after(TODAY, months)) for months in (5, 6)]
    assert partitions.premake(own_database, months=6) == []
    assert set(made) <= set(states(db))


def test_what_premake_makes_has_the_keys_and_indexes_of_history(own_database: str, db: Database) -> None:
    (made,) = partitions.premake(own_database, months=5)
    of = "SELECT contype::text, count(*) FROM pg_constraint WHERE conrelid = :name::regclass GROUP BY 1 ORDER BY 1"
    indexes = "SELECT count(*) FROM pg_index WHERE indrelid = :name::regclass AND indisvalid"
    for question in (of, indexes):
        assert db.run(raw(question, name=made)) == db.run(raw(question, name="history_default"))


def test_rows_that_came_before_their_month_are_moved_out_of_default(
    own_database: str, db: Database, matrix: Movie
) -> None:
    months = [month_after(TODAY, months) for months in (5, 6, 7)]
    moments = [dt.datetime(day.year, day.month, 1, tzinfo=dt.UTC) for day in months]
    before = [db.run(history.record(event(matrix.id, date=moment))) for moment in moments]
    assert {place_of(db, each) for each in before} == {"history_default"}
    assert partitions.premake(own_database, months=6) == [name_of(day) for day in months[:2]]
    assert [place_of(db, each) for each in before] == [*map(name_of, months[:2]), "history_default"]
    assert list(db.run(history.list_by_movie(matrix.id))) == before[::-1]


def test_who_cannot_have_the_table_gives_up_and_leaves_all_as_it_was(
    own_database: str, db: Database, matrix: Movie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_ATTEMPTS", 2)
    monkeypatch.setattr(partitions, "_LOCK_WAIT_S", 0.05)
    before = states(db)
    with db.transaction() as tx:
        tx.run(history.list_by_movie(matrix.id))
        with pytest.raises(RetryableError, match=r"did not make room, 2 times: run again"):
            partitions.premake(own_database, months=5)
    assert states(db) == before
    assert len(partitions.premake(own_database, months=5)) == 1


def test_a_month_is_made_in_spite_of_users_that_come_and_go(
    own_database: str, db: Database, matrix: Movie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_LOCK_WAIT_S", 0.05)
    user = db.transaction()
    tx = user.__enter__()
    tx.run(history.list_by_movie(matrix.id))
    monkeypatch.setattr("time.sleep", lambda _: user.__exit__(None, None, None))
    assert len(partitions.premake(own_database, months=5)) == 1


def test_several_may_make_months_at_once(own_database: str) -> None:
    made = at_once(*[lambda: partitions.premake(own_database, months=6)] * 3)
    assert {name for names in made for name in names} == {name_of(month_after(TODAY, n)) for n in (5, 6)}
    assert partitions.premake(own_database, months=6) == []


def test_the_list_tells_bounds_sizes_and_the_rows_of_default(db: Database, old: list[HistoryEvent]) -> None:
    db.run(history.record(event(old[0].movie_id, date=dt.datetime(2031, 5, 5, tzinfo=dt.UTC))))
    db.run(raw("ANALYZE history"))
    first, *_, last = db.run(partitions.list())
    assert (first.name, first.state, first.rows) == ("history_2024_01", PartitionState.ATTACHED, 3)
    assert (first.first, first.until) == (
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2024, 2, 1, tzinfo=dt.UTC),
    )
    assert (last.name, last.state, last.rows) == ("history_default", PartitionState.DEFAULT, 1)
    assert (last.first, last.until) == (None, None)
    assert min(first.bytes, last.bytes) > 0


def test_an_old_month_moves_into_a_file(
    own_database: str, db: Database, old: list[HistoryEvent], tmp_path: Path
) -> None:
    told: list[tuple[str, float]] = []
    [done] = partitions.archive(own_database, tmp_path, on_progress=lambda *step: told.append(step))
    assert (done.partition, done.rows, done.path.parent) == ("history_2024_01", 3, tmp_path)
    assert dumps.verify(done.path).rows == {"history_2024_01": 3}
    assert "history_2024_01" not in states(db)
    assert [each.id for each in db.run(history.list_by_movie(old[0].movie_id))] == [old[0].id - 1]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (told[-1][0], shares[-1]) == ("verifying history_2024_01", 1)
    assert partitions.archive(own_database, tmp_path) == []


@pytest.mark.parametrize(("today", "archived"), [((2024, 3, 31), 0), ((2024, 4, 1), 1)])
def test_the_months_to_keep_are_those_before_this_one(
    own_database: str, old: list[HistoryEvent], tmp_path: Path, today: tuple[int, int, int], archived: int
) -> None:
    assert len(old) == 3
    assert len(partitions.archive(own_database, tmp_path, keep_months=2, today=dt.date(*today))) == archived


def test_old_rows_of_default_are_archived_by_their_months(
    own_database: str, db: Database, matrix: Movie, tmp_path: Path
) -> None:
    for moment in (OLD, OLD - dt.timedelta(days=100)):
        db.run(history.record(event(matrix.id, date=moment)))
    done = partitions.archive(own_database, tmp_path)
    assert [(each.partition, each.rows) for each in done] == [("history_2023_10", 1), ("history_2024_01", 1)]
    assert count(db, "history") == 0
    # A month that comes a second time is another file.
    db.run(history.record(event(matrix.id, date=OLD)))
    [again] = partitions.archive(own_database, tmp_path)
    assert again.partition == "history_2024_01"
    assert len(list(tmp_path.glob("*.dump"))) == 3


def restore(conninfo: str, path: Path) -> None:
    with psycopg.connect(conninfo) as connection:
        tools = programs.find(connection.info.server_version // 10_000)
    subprocess.run([tools.folder / "pg_restore", "--exit-on-error", "-d", conninfo, path], check=True)


def test_an_archived_month_comes_back_without_what_is_gone(
    own_database: str, db: Database, matrix: Movie, tmp_path: Path
) -> None:
    gone = db.run(movies.create(movie(604)))
    nyx = db.run(indexers.create(indexer()))
    kept = db.run(history.record(event(matrix.id, date=OLD, indexer_id=nyx.id, data={"a": 1})))
    db.run(history.record(event(gone.id, date=OLD)))
    [done] = partitions.archive(own_database, tmp_path)
    db.run(movies.delete(gone.id))
    db.run(indexers.delete(nyx.id))

    restore(own_database, done.path)
    late = db.run(history.record(event(matrix.id, date=OLD)))
    assert partitions.attach(own_database, done.partition) == 2
    assert list(db.run(history.list_by_movie(matrix.id))) == [late, dataclasses.replace(kept, indexer_id=None)]
    assert place_of(db, late) == done.partition
    assert states(db)[done.partition] is PartitionState.ATTACHED
    db.run(movies.delete(matrix.id))
    assert count(db, "history") == 0


def test_only_what_was_archived_can_be_attached(own_database: str) -> None:
    for name in ("history_2024_01", "movies", name_of(TODAY), "history_default"):
        with pytest.raises(NotFoundError, match="restore its file with pg_restore first"):
            partitions.attach(own_database, name)


class KilledError(Exception):
    pass


def archive_and_die(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, *arguments: Any) -> None:
    """Archive as far as where a function is called."""

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(module, name, die)
        with pytest.raises(KilledError):
            partitions.archive(*arguments)


def test_after_a_kill_between_detaching_and_dumping_the_next_run_goes_on(
    own_database: str, db: Database, old: list[HistoryEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_and_die(monkeypatch, dumps, "write", own_database, tmp_path)
    assert states(db)["history_2024_01"] is PartitionState.DETACHED
    # What is detached is out of reach of those who delete movies.
    db.run(movies.delete(old[0].movie_id))
    [done] = partitions.archive(own_database, tmp_path)
    assert dumps.verify(done.path).rows == {"history_2024_01": 3}
    assert "history_2024_01" not in states(db)


@pytest.mark.parametrize("damage", [False, True], ids=["a whole file", "a damaged file"])
def test_after_a_kill_between_dumping_and_dropping_the_next_run_goes_on(
    own_database: str,
    db: Database,
    old: list[HistoryEvent],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    damage: bool,
) -> None:
    archive_and_die(monkeypatch, partitions, "drop", own_database, tmp_path)
    assert count(db, "history_2024_01") == len(old)
    [path] = tmp_path.glob("*.dump")
    written = path.stat().st_mtime_ns
    if damage:
        path.write_bytes(path.read_bytes()[:-10])
        with pytest.raises(BackupError, match=r"is damaged: .*; the table was kept: .*, else move the file away"):
            partitions.archive(own_database, tmp_path)
        path.rename(tmp_path / "away")
    [done] = partitions.archive(own_database, tmp_path)
    assert (done.path, done.rows) == (path, 3)
    assert dumps.verify(path).rows == {"history_2024_01": 3}
    assert (path.stat().st_mtime_ns == written) is not damage
    assert "history_2024_01" not in states(db)


def test_an_archive_is_never_touched_for_a_table_that_was_restored_from_it_in_part(
    own_database: str, db: Database, old: list[HistoryEvent], tmp_path: Path
) -> None:
    [done] = partitions.archive(own_database, tmp_path)
    before = done.path.read_bytes()
    restore(own_database, done.path)
    db.run(raw("DELETE FROM history_2024_01 WHERE id = :id", id=old[0].id))
    with pytest.raises(BackupError, match=r"has 3 rows, .* another number; the table was kept: drop it if it was"):
        partitions.archive(own_database, tmp_path)
    manifests.path_of(done.path).unlink()
    with pytest.raises(BackupError, match=r"is no backup: .*; the table was kept: drop it if it was"):
        partitions.archive(own_database, tmp_path)
    assert done.path.read_bytes() == before
    assert count(db, "history_2024_01") == 2


def test_events_of_a_month_whose_archive_was_interrupted_go_into_an_archive_of_their_own(
    own_database: str, db: Database, old: list[HistoryEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_and_die(monkeypatch, dumps, "write", own_database, tmp_path)
    db.run(history.record(event(old[0].movie_id, date=OLD)))
    done = partitions.archive(own_database, tmp_path)
    assert [(each.partition, each.rows) for each in done] == [("history_2024_01", 3), ("history_2024_01", 1)]
    assert count(db, "history_default") == 0


def test_a_file_that_has_not_all_rows_keeps_the_table(
    own_database: str, db: Database, old: list[HistoryEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = dumps.verify
    with monkeypatch.context() as patch:
        patch.setattr(dumps, "verify", lambda path: dataclasses.replace(verify(path), rows={"history_2024_01": 2}))
        with pytest.raises(BackupError, match=r"has 2 rows, and .* the table was kept"):
            partitions.archive(own_database, tmp_path)
    assert count(db, "history_2024_01") == len(old)
    assert [each.rows for each in partitions.archive(own_database, tmp_path)] == [3]


def test_a_dump_that_fails_keeps_the_table(
    own_database: str, db: Database, old: list[HistoryEvent], tmp_path: Path
) -> None:
    with pytest.raises(BackupError):
        partitions.archive(own_database, tmp_path, programs=tmp_path)
    assert count(db, "history_2024_01") == len(old)
    assert list(tmp_path.iterdir()) == []


def test_one_archiver_works_at_a_time(own_database: str, tmp_path: Path) -> None:
    with sessions.session(own_database, "archive", lock_timeout=1) as connection:
        sessions.lock(connection, partitions.LOCK_KEY, "another archiver", 0)
        with pytest.raises(UnavailableError, match=rf"server process {connection.info.backend_pid}; waited 0 s"):
            partitions.archive(own_database, tmp_path, lock_timeout=0)


def test_what_cannot_be_meant_is_refused(own_database: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="keep_months"):
        partitions.archive(own_database, tmp_path, keep_months=0)
    with pytest.raises(InvalidArgumentError, match="months"):
        partitions.premake(own_database, months=0)
    with pytest.raises(BackupError, match="is no folder"):
        partitions.archive(own_database, tmp_path / "absent")


def test_in_24_months_no_insert_fails_and_no_row_is_lost(
    own_database: str, db: Database, matrix: Movie, tmp_path: Path
) -> None:
    today, recorded, archived = TODAY.replace(day=1), 0, 0
    for months in range(24):
        today = month_after(TODAY, months)
        partitions.premake(own_database, today=today)
        for day in (1, 14, 28):
            moment = dt.datetime(today.year, today.month, day, tzinfo=dt.UTC)
            stored = db.run(history.record(event(matrix.id, date=moment)))
            assert place_of(db, stored) == name_of(today)
            recorded += 1
        done = partitions.archive(own_database, tmp_path, keep_months=18, today=today)
        archived += sum(dumps.verify(each.path).rows[each.partition] for each in done)
    assert count(db, "history_default") == 0
    assert archived > 0
    assert count(db, "history") + archived == recorded == 72


def scanned(plan: Plan, alias: str) -> set[str]:
    """The tables that are read under an alias, which the server numbers by partitions."""

    def walk(node: dict[str, Any]) -> Iterator[str]:
        if node["Node Type"] != "ModifyTable" and node.get("Alias", "").rstrip("_0123456789") == alias:
            yield node["Relation Name"]
        for child in node.get("Plans", ()):
            yield from walk(child)

    return set(walk(plan.tree))


THIS_MONTH = dt.datetime(TODAY.year, TODAY.month, 1, tzinfo=dt.UTC)
BEFORE = {name_of(month_after(TODAY, -1))}
FROM_NOW_ON = {name_of(month_after(TODAY, months)) for months in range(5)}


@pytest.fixture(scope="module")
def planner(radarr_db_conninfo: str) -> Iterator[Database]:
    """A database that is only asked for plans."""
    with Database(radarr_db_conninfo) as db:
        yield db


@pytest.mark.parametrize("generic", [False, True], ids=["custom", "generic"])
@pytest.mark.parametrize(
    ("query", "in_range"),
    [
        (history.list_page(since=THIS_MONTH), FROM_NOW_ON),
        (history.list_page(since=THIS_MONTH, event_types=["grabbed"]), FROM_NOW_ON),
        (history.list_page(since=THIS_MONTH, movie_ids=[1]), FROM_NOW_ON),
        (history.list_page(since=THIS_MONTH, download_id="a"), FROM_NOW_ON),
        (history.purge(THIS_MONTH), BEFORE),
    ],
    ids=["list_page", "of a type", "of a movie", "of a download", "purge"],
)
def test_partitions_out_of_range_are_not_read(
    planner: Database, query: Query[Any], in_range: set[str], generic: bool
) -> None:
    assert scanned(planner.explain(query, generic=generic), "h") == in_range | {"history_default"}
