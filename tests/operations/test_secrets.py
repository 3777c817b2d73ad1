from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from repositories.factories import await_blocked, client, indexer, raw, versions

from radarr_db import ApiKey, ClientPassword, Database, Keyring, SecretError, download_clients, indexers
from radarr_db.operations import secrets

OLD, NEW = Keyring.new_key("old"), Keyring.new_key("new")
BEFORE, BETWEEN, AFTER = Keyring(OLD), Keyring(f"{NEW}\n{OLD}"), Keyring(NEW)
ENTRIES = [{"name": "cookie", "value": "c"}, {"name": "host", "value": "h"}, {"name": "minimumSeeders", "value": 1}]


@pytest.fixture
def db(own_database: str) -> Iterator[Database]:
    with Database(own_database) as db:
        yield db


def fill(db: Database, keyring: Keyring, services: int = 3) -> None:
    """Indexers and as many clients, each with two secrets."""
    for n in range(services):
        fields = keyring.seal_fields("indexers", ENTRIES)
        db.run(indexers.create(indexer(f"i{n}", api_key=keyring.seal(ApiKey, f"key {n}"), fields=fields)))
        fields = keyring.seal_fields("download_clients", ENTRIES)
        password = keyring.seal(ClientPassword, f"password {n}")
        db.run(download_clients.create(client(f"c{n}", password=password, fields=fields)))


def opened(db: Database, keyring: Keyring) -> list[str]:
    """All secrets of the columns; those of the fields are what they were made of."""
    found = []
    for one in db.run(indexers.list_enabled()):
        assert keyring.open_fields("indexers", one.fields) == ENTRIES
        found.append(keyring.open(one.api_key) if one.api_key else "")
    for other in db.run(download_clients.list_enabled()):
        assert keyring.open_fields("download_clients", other.fields) == ENTRIES
        found.append(keyring.open(other.password) if other.password else "")
    return found


ALL = [f"key {n}" for n in range(3)] + [f"password {n}" for n in range(3)]


def test_what_another_key_sealed_is_sealed_with_the_first_one(db: Database, own_database: str) -> None:
    fill(db, BEFORE)
    told: list[tuple[int, int]] = []
    rotation = secrets.rotate(own_database, BETWEEN, on_progress=lambda *done: told.append(done))
    assert rotation == secrets.Rotation(resealed=12)
    assert told == [(n, 6) for n in range(7)]
    assert opened(db, AFTER) == ALL
    with pytest.raises(SecretError):
        opened(db, BEFORE)


def test_what_is_sealed_with_it_already_is_not_written_again(db: Database, own_database: str) -> None:
    fill(db, AFTER)
    before = db.run(versions("indexers")), db.run(versions("download_clients"))
    assert secrets.rotate(own_database, BETWEEN) == secrets.Rotation(unchanged=12)
    assert (db.run(versions("indexers")), db.run(versions("download_clients"))) == before


def test_plain_secrets_of_an_older_database_are_sealed(db: Database, own_database: str) -> None:
    fill(db, BEFORE)
    db.run(raw("UPDATE indexers SET api_key = 'key ' || right(name, 1), enabled = name <> 'i1'"))
    db.run(raw("""UPDATE download_clients SET fields = jsonb_set(fields, '{0,value}', '"c"') WHERE name = 'c2'"""))
    with pytest.raises(SecretError, match="rotate-keys"):
        opened(db, BETWEEN)
    assert secrets.rotate(own_database, AFTER, partial=True).resealed == 4
    assert secrets.rotate(own_database, BETWEEN) == secrets.Rotation(resealed=8, unchanged=4)
    assert opened(db, AFTER) == [ALL[0], *ALL[2:]]
    db.run(indexers.update(2, enabled=True))
    assert opened(db, AFTER) == ALL


def test_what_is_no_secret_is_left_alone(db: Database, own_database: str) -> None:
    db.run(indexers.create(indexer(fields=[{"name": "host", "value": "h"}, {"name": "apiKey", "value": ""}, 7])))
    before = db.run(versions("indexers"))
    assert secrets.rotate(own_database, BETWEEN) == secrets.Rotation()
    assert db.run(versions("indexers")) == before


def test_a_dry_run_opens_all_and_writes_nothing(db: Database, own_database: str) -> None:
    fill(db, BEFORE)
    before = db.run(versions("indexers")), db.run(versions("download_clients"))
    assert secrets.rotate(own_database, BETWEEN, dry_run=True) == secrets.Rotation(resealed=12)
    assert len(secrets.rotate(own_database, AFTER, dry_run=True).failures) == 12
    assert (db.run(versions("indexers")), db.run(versions("download_clients"))) == before


def test_what_cannot_be_opened_stays_and_with_partial_stops_nothing_else(db: Database, own_database: str) -> None:
    fill(db, BEFORE)
    foreign = Keyring(Keyring.new_key("foreign")).seal(ApiKey, "x").text
    db.run(raw("UPDATE indexers SET api_key = :foreign WHERE id = 2", foreign=foreign))
    db.run(raw("""UPDATE download_clients SET fields = jsonb_set(fields, '{0,value}', '"sealed:1:"') WHERE id = 1"""))
    rotation = secrets.rotate(own_database, BETWEEN, partial=True)
    assert (rotation.resealed, rotation.unchanged) == (10, 0)
    assert rotation.failures == [
        secrets.Failure(
            "download_clients", 1, "fields[0].value: is damaged, or a newer version of radarr_db sealed it"
        ),
        secrets.Failure("indexers", 2, 'api_key: is sealed with the key "foreign"; the keyring has "new", "old"'),
    ]
    stored = db.run(indexers.get(2))
    assert stored.api_key == ApiKey(foreign)
    assert AFTER.open_fields("indexers", stored.fields) == ENTRIES
    password = db.run(download_clients.get(1)).password
    assert password
    assert AFTER.open(password) == "password 0"


@pytest.mark.parametrize("wrong", [AFTER, Keyring(Keyring.new_key("old"))], ids=["other", "same name"])
def test_the_wrong_keys_seal_nothing_that_is_plain(db: Database, own_database: str, wrong: Keyring) -> None:
    fill(db, BEFORE)
    db.run(raw("UPDATE indexers SET api_key = 'key 1' WHERE name = 'i1'"))
    rotation = secrets.rotate(own_database, wrong)
    assert (rotation.resealed, len(rotation.failures)) == (0, 11)
    assert db.run(raw("SELECT api_key FROM indexers WHERE name = 'i1'")) == [("key 1",)]


class StoppedError(Exception):
    pass


def at(row: int, act: Callable[[], object]) -> Callable[[int, int], None]:
    """Act once, between the reading and the writing of the row of that number."""
    acts = iter([act])

    def progress(done: int, _count: int) -> None:
        if done == row:
            next(acts, lambda: None)()

    return progress


def stop() -> None:
    raise StoppedError


def test_a_rotation_that_was_stopped_goes_on_where_it_was(db: Database, own_database: str) -> None:
    fill(db, BEFORE)
    with pytest.raises(StoppedError):
        secrets.rotate(own_database, BETWEEN, on_progress=at(4, stop))
    assert opened(db, BETWEEN) == ALL
    assert secrets.rotate(own_database, BETWEEN) == secrets.Rotation(resealed=4, unchanged=8)
    assert opened(db, AFTER) == ALL


def test_a_rotation_whose_process_was_killed_goes_on_where_it_was(
    db: Database, own_database: str, tmp_path: Path
) -> None:
    fill(db, BEFORE)
    keys = tmp_path / "keys"
    keys.touch(0o600)
    keys.write_text(f"{NEW}\n{OLD}")
    main = "from radarr_db.cli import main; main()"
    command = [sys.executable, "-c", main, "rotate-keys", "--dsn", own_database, "--keys", str(keys)]
    with db.transaction() as holder:
        holder.run(raw("SELECT id FROM download_clients WHERE id = 3 FOR UPDATE"))
        with subprocess.Popen(command) as process:
            await_blocked(db)
            process.send_signal(signal.SIGKILL)
    assert opened(db, BETWEEN) == ALL
    rotation = secrets.rotate(own_database, BETWEEN)
    assert rotation.resealed in {6, 8}  # the server may have gone on with the row that it waited for
    assert rotation.unchanged == 12 - rotation.resealed
    assert opened(db, AFTER) == ALL


def test_a_change_by_another_meanwhile_is_not_lost_and_is_sealed_too(db: Database, own_database: str) -> None:
    fill(db, BEFORE)

    def change() -> None:
        db.run(download_clients.update(2, password=BEFORE.seal(ClientPassword, "changed"), priority=7))

    rotation = secrets.rotate(own_database, BETWEEN, on_progress=at(1, change))
    assert rotation == secrets.Rotation(resealed=12)
    stored = db.run(download_clients.get(2))
    assert stored.priority == 7
    assert stored.password
    assert AFTER.open(stored.password) == "changed"


def test_a_row_deleted_meanwhile_stays_deleted(db: Database, own_database: str) -> None:
    fill(db, BEFORE)
    rotation = secrets.rotate(own_database, BETWEEN, on_progress=at(1, lambda: db.run(download_clients.delete(2))))
    assert rotation == secrets.Rotation(resealed=10)
    assert opened(db, AFTER) == [*ALL[:4], ALL[5]]


def test_a_session_that_is_ended_meanwhile_is_replaced(db: Database, own_database: str) -> None:
    fill(db, BEFORE)

    def end() -> None:
        with psycopg.connect(own_database) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s",
                ("radarr_db secrets",),
            ).fetchall()
        assert ended == [(True,)]

    assert secrets.rotate(own_database, BETWEEN, on_progress=at(2, end)) == secrets.Rotation(resealed=12)
    assert opened(db, AFTER) == ALL


def test_where_there_is_no_service_there_is_nothing_to_do(own_database: str) -> None:
    assert secrets.rotate(own_database, BETWEEN) == secrets.Rotation()
