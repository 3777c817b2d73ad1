"""A secret goes through every function and fault, and is found nowhere but in the keyring's hands."""

from __future__ import annotations

import logging
import re
import subprocess
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from contract.calls import CALLS
from operations.sdk import Sdk
from prometheus_client import CollectorRegistry, generate_latest
from repositories.factories import client, indexer, raw

from radarr_db import (
    ApiKey,
    AsyncDatabase,
    ClientPassword,
    ConflictError,
    Database,
    InvalidArgumentError,
    Keyring,
    NotFoundError,
    PoolSettings,
    Query,
    RetryableError,
    SecretError,
    UnavailableError,
    download_clients,
    embedded,
    indexers,
    testing,
)
from radarr_db.operations import migrations, secrets
from radarr_db.operations.metrics import Metrics

# Not literals: a traceback shows lines of source.
CANARY = token_hex(12)
OLD, NEW = Keyring.new_key("old"), Keyring.new_key("new")
KEYS, ROTATED, WRONG = Keyring(OLD), Keyring(f"{NEW},{OLD}"), Keyring(Keyring.new_key("old"))

ENTRIES = [{"name": "apiKey", "value": CANARY}, {"name": "cookies", "value": [CANARY, {"name": CANARY}]}]
# Whatever a server can be made to write down.
TALKATIVE = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_min_error_statement": "debug5",
    "log_error_verbosity": "verbose",
    "log_parameter_max_length_on_error": "-1",
    "pg_stat_statements.track": "all",
}
SETTINGS = PoolSettings(min_size=1, max_size=2, lock_timeout=0.05)
SERVICES = ("indexers.", "download_clients.", "secrets.")


class Told(list[str]):
    """All that was shown to anybody."""

    def __repr__(self) -> str:
        return "<Told>"  # it is a variable of many a frame

    def observe(self, *what: object) -> None:
        self.append(repr(what))

    def error(self, error: BaseException, *, variables: bool = True) -> None:
        """An error with its causes and contexts, and the variables of each frame as error trackers show them."""
        shown = traceback.TracebackException.from_exception(error, capture_locals=variables)
        self.extend(shown.format())
        chain: BaseException | None = error
        while chain is not None:
            self.append(f"{chain} {chain!r} {chain.args!r} {vars(chain)!r}")
            chain = chain.__cause__ or chain.__context__


@pytest.fixture
def server() -> Iterator[embedded.Server]:
    with embedded.server(settings=TALKATIVE) as server:
        migrations.apply(server.conninfo)
        yield server


def sealed_services() -> tuple[Query[Any], Query[Any]]:
    nyx = indexer(
        "a", api_key=KEYS.seal(ApiKey, CANARY), fields=KEYS.seal_fields("indexers", ENTRIES), download_client_id=None
    )
    deluge = client(
        "a",
        password=KEYS.seal(ClientPassword, CANARY),
        fields=KEYS.seal_fields("download_clients", ENTRIES),
    )
    return indexers.create(nyx), download_clients.create(deluge)


def every_function(db: Database, told: Told) -> None:
    for name, calls in CALLS.items():
        for call in calls if name.startswith(SERVICES) else ():
            query = call()
            with testing.undone(db) as tx:
                try:
                    result = tx.run(query)
                except ConflictError as error:
                    told.error(error)
                else:
                    told += [repr(query), repr(query.params), repr(result), str(result)]
            told.append(str(db.explain(query, analyze=False)))


def every_fault(db: Database, conninfo: str, told: Told) -> None:
    update = indexers.update(1, api_key=KEYS.seal(ApiKey, CANARY), fields=KEYS.seal_fields("indexers", ENTRIES))
    with pytest.raises(InvalidArgumentError) as error:
        db.run(raw("UPDATE indexers SET priority = 99"))
    told.error(error.value)
    for wrong, query in (
        (ConflictError, sealed_services()[0]),
        (ConflictError, indexers.update(1, download_client_id=99)),
        (NotFoundError, indexers.update(99, api_key=KEYS.seal(ApiKey, CANARY))),
    ):
        with pytest.raises(wrong) as caught:
            db.run(query)
        told.error(caught.value)
    with psycopg.connect(conninfo) as holder:
        holder.execute("SELECT id FROM indexers FOR UPDATE")
        with pytest.raises(RetryableError) as locked:
            db.run(update)
    told.error(locked.value)
    with pytest.raises(UnavailableError) as killed:
        run_on_a_killed_backend(db, conninfo, update)
    told.error(killed.value)


def run_on_a_killed_backend(db: Database, conninfo: str, query: Query[Any]) -> None:
    with db.transaction() as tx:
        ((pid,),) = tx.run(raw("SELECT pg_backend_pid()"))
        with psycopg.connect(conninfo) as killer:
            assert killer.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,)).fetchone() == (True,)
        tx.run(query)


async def every_fault_of_asyncio(conninfo: str, told: Told) -> None:
    async with AsyncDatabase(conninfo, SETTINGS, observers=[told.observe]) as db:
        told.append(repr(await db.run(indexers.get(1))))
        with pytest.raises(ConflictError) as conflict:
            await db.run(sealed_services()[1])
        told.error(conflict.value)


def every_refusal(told: Told) -> None:
    refused: list[Callable[[], object]] = [
        lambda: indexers.create(indexer(api_key=CANARY)),
        lambda: indexers.create(indexer(api_key=ApiKey(CANARY))),
        lambda: indexers.update(1, api_key=KEYS.seal(ClientPassword, CANARY)),  # type: ignore[arg-type]
        lambda: download_clients.update(1, password=CANARY),  # type: ignore[arg-type]
        lambda: download_clients.update(1, fields=ENTRIES),
        lambda: indexers.update(1, fields=[f"{CANARY}\ud800", *ENTRIES]),
        lambda: indexers.update(1, fields=[float("nan"), *ENTRIES]),
        lambda: KEYS.seal(ApiKey, f"{CANARY}\ud800"),
        lambda: KEYS.seal(ApiKey, f"{CANARY}\0"),
        lambda: Keyring(f"{CANARY},{NEW}"),
        lambda: Keyring(f"{NEW},{NEW}"),
        lambda: KEYS.open(ApiKey(CANARY)),
        lambda: KEYS.open_fields("indexers", ENTRIES),
    ]
    for refuse in refused:
        with pytest.raises((InvalidArgumentError, SecretError)) as error:
            refuse()
        # A plain secret in the caller's hands is a variable there.
        told.error(error.value, variables=False)


def every_key_that_does_not_open(db: Database, told: Told) -> None:
    stored = db.run(indexers.get(1))
    assert stored.api_key
    moved = ClientPassword(stored.api_key.text)
    damaged = ApiKey(stored.api_key.text[:-4] + "AAA=")
    for keyring, secret in ((WRONG, stored.api_key), (ROTATED, moved), (ROTATED, damaged)):
        with pytest.raises(SecretError) as error:
            keyring.open(secret)
        told.error(error.value)
    with pytest.raises(SecretError) as fields:
        WRONG.open_fields("indexers", stored.fields)
    told.error(fields.value)
    told += [repr(KEYS), repr(ROTATED), repr(stored), repr(stored.fields), repr(stored.api_key)]


def store_plain(conninfo: str) -> None:
    """As an older version did; COPY's data is in no log."""
    with psycopg.connect(conninfo) as connection, connection.cursor() as cursor:
        columns = "name, implementation, implementation_name, config_contract, base_url, api_key"
        with cursor.copy(f"COPY indexers ({columns}) FROM STDIN") as copy:
            copy.write_row(("plain", "a", "a", "a", "http://a", CANARY))


def every_rotation(conninfo: str, told: Told) -> None:
    told.append(repr(secrets.rotate(conninfo, WRONG)))
    assert "resealed=0" in told[-1]
    store_plain(conninfo)
    told += [repr(secrets.rotate(conninfo, ROTATED, dry_run=dry_run)) for dry_run in (True, False)]
    assert "failures=[]" in told[-1]


def rows(conninfo: str, query: str) -> str:
    with psycopg.connect(conninfo) as connection:
        return "\n".join(text for (text,) in connection.execute(query.encode()) if text)


def test_a_secret_is_found_nowhere(server: embedded.Server, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("", "psycopg", "psycopg.pool"):
        caplog.set_level(logging.DEBUG, logger=logger)
    told, registry, sdk = Told(), CollectorRegistry(), Sdk()
    metrics = Metrics(server.conninfo, registry=registry)
    for fast_path in (True, False):
        pool = f"canary, fast path {fast_path}"
        tracing = sdk.tracing(server.conninfo, pool=pool)
        observers = (told.observe, metrics.observe, tracing.observe)
        with Database(server.conninfo, replace(SETTINGS, fast_path=fast_path), observers=observers) as db:
            metrics.watch(db, pool=pool)
            tracing.watch(db)
            if fast_path:
                for query in sealed_services():
                    told.append(repr(db.run(query)))
            every_function(db, told)
            every_fault(db, server.conninfo, told)
            every_key_that_does_not_open(db, told)
            scraped, exported = generate_latest(registry).decode(), sdk.exported()
    metrics.close()
    every_refusal(told)
    every_rotation(server.conninfo, told)
    with Database(server.conninfo) as db:
        stored = db.run(indexers.get(1))
        assert stored.api_key
        # The secret is in there, for whoever has the key.
        assert ROTATED.open(stored.api_key) == CANARY
        assert ROTATED.open_fields("indexers", stored.fields) == ENTRIES
    dump = subprocess.run(
        [server.bin_dir / "pg_dump", "--inserts", f"--dbname={server.conninfo}"],
        capture_output=True,
        text=True,
        check=True,
    )
    places = {
        "told": ("\n".join(told), "indexers_name_key"),
        "client's log": (caplog.text, "psycopg.pool"),
        "server's log": ((server.socket_dir / "log").read_text(errors="replace"), stored.api_key.text),
        "statistics": (rows(server.conninfo, "SELECT query FROM pg_stat_statements"), "UPDATE indexers AS i"),
        "activity": (rows(server.conninfo, "SELECT query FROM pg_stat_activity"), "SELECT"),
        "scrape": (scraped, 'query_errors_total{error="ConflictError",query="indexers.create"}'),
        "spans and metrics": (exported, '"db.response.status_code": "23505"'),
        "dump": (dump.stdout, stored.api_key.text),
    }
    hidden = [CANARY, *(line.partition(":")[2] for line in (OLD, NEW))]
    for place, (text, there) in places.items():
        # What must be there tells that the place was looked into.
        assert there in text, place
        assert [secret for secret in hidden if secret in text] == [], place
    assert len(re.findall("sealed:1:new:", dump.stdout)) == 9


async def test_a_secret_is_found_nowhere_on_asyncio(own_database: str) -> None:
    told = Told()
    with Database(own_database) as db:
        for query in sealed_services():
            db.run(query)
    await every_fault_of_asyncio(own_database, told)
    assert "download_clients_name_key" in "\n".join(told)
    assert CANARY not in "\n".join(told)
