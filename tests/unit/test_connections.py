from __future__ import annotations

import traceback

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from radarr_db import connections
from radarr_db.errors import InvalidArgumentError, UnavailableError

SECRET = "cana/ry@7"  # noqa: S105 - it is one only to these tests


def test_a_connection_is_autocommit_and_unicode_whatever_the_environment_says(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")
    with connections.connect(empty_database, application_name="probe") as connection:
        assert connection.autocommit
        assert connection.info.encoding == "utf-8"
        assert connection.execute("SHOW application_name").fetchone() == ("probe",)


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"dbname": "absent_database"}, "check its name, or create it"),
        ({"user": "absent_role"}, "check the user and the password"),
        ({"host": "/nowhere"}, "is the server running"),
        ({"host": "127.0.0.1", "port": "1"}, "is the server running"),
        ({"host": "name.invalid"}, "check the host name"),
    ],
)
def test_what_is_wrong_and_what_to_do_is_told_without_the_password(
    empty_database: str, changes: dict[str, str], advice: str
) -> None:
    conninfo = make_conninfo(empty_database, **{"password": SECRET, **changes})
    with pytest.raises(UnavailableError, match=advice) as raised:
        connections.connect(conninfo)
    for value in changes.values():
        assert value in str(raised.value)
    assert isinstance(raised.value.__cause__, psycopg.OperationalError)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("primary", "advice"),
    [
        ('password authentication failed for user "u"', "check the user and the password"),
        ("sorry, too many clients already", "all connections are taken"),
        (
            "remaining connection slots are reserved for roles with the SUPERUSER attribute",
            "all connections are",
        ),
        (
            'no pg_hba.conf entry for host "h", user "u", database "d", no encryption',
            "pg_hba.conf on the server",
        ),
        ("the database system is starting up", "try again shortly"),
    ],
)
def test_advice_follows_the_servers_message(primary: str, advice: str) -> None:
    error = psycopg.OperationalError(f"connection failed: FATAL:  {primary}\nmore")
    told = str(connections.unavailable(error, "host=h port=7 dbname=d user=u"))
    assert told.startswith('cannot connect to database "d" at h, port 7, as "u": ')
    assert primary in told
    assert advice in told
    assert "more" not in told + str(error)


@pytest.mark.parametrize(
    "conninfo",
    [
        "postgresql://u:cana ry@h/d",
        "postgresql://u:cana%zzry@h/d",
        "host=h password=x cana ry",
    ],
)
def test_a_conninfo_that_cannot_be_read_is_refused_without_being_quoted(conninfo: str) -> None:
    with pytest.raises(InvalidArgumentError, match="conninfo: ") as raised:
        connections.connect(conninfo)
    assert raised.value.argument == "conninfo"
    assert raised.value.__context__ is None
    assert "cana" not in str(raised.value)


@pytest.mark.parametrize("conninfo", ["postgresql://u:x@canary@h.invalid/d", "postgresql://u:canary/x@h/d"])
def test_a_password_cut_off_in_a_url_is_not_shown_as_an_address(conninfo: str) -> None:
    with pytest.raises(UnavailableError, match="write %40 for @") as raised:
        connections.connect(conninfo)
    assert "canary" not in "".join(traceback.format_exception(raised.value)).replace(conninfo, "")
    assert "canary" not in connections.describe(conninfo)


def test_what_a_conninfo_leaves_out_is_told_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.internal")
    monkeypatch.setenv("PGPORT", "7")
    monkeypatch.setenv("PGPASSWORD", SECRET)
    assert connections.describe("user=u") == 'database "u" at db.internal, port 7, as "u"'


def test_a_server_that_is_too_old_is_refused(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "OLDEST_SERVER", 99)
    with pytest.raises(UnavailableError, match=r"is PostgreSQL \d+\.\d+.*; 99 or newer is needed"):
        connections.connect(empty_database)
