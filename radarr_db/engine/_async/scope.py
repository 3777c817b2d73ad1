"""The scope of a transaction: who talks to its session, and until when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from psycopg.pq import TransactionStatus

from radarr_db.engine._async.clock import Lock
from radarr_db.engine._async.session import AsyncSession
from radarr_db.errors import RadarrDbError, UnavailableError

# The savepoints that the caller is inside of. A task inherits them from the one that starts it.
_entered: ContextVar[frozenset[AsyncScope]] = ContextVar("radarr_db_entered", default=frozenset())


class AsyncScope:
    """What is between the begin and the end of a transaction, or of a savepoint in an ``outer`` scope.

    Several tasks or threads may share it. Whoever talks to the server has the one ``turn`` of the session, and only
    then looks whether the scope has ended. Whoever is inside of a savepoint has the ``entry`` of the scope around it,
    so that it undoes nothing else; what he does by the outer scope meanwhile he does by the inner one.
    """

    def __init__(self, session: AsyncSession, outer: AsyncScope | None = None) -> None:
        self.turn: Lock = outer.turn if outer else Lock()
        self.entry = Lock()
        self.inner: AsyncScope | None = None
        self.session = session
        self._outer = outer
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the block has been left, or one around it."""
        return self._ended or (self._outer is not None and self._outer.ended)

    def check(self) -> None:
        """UnavailableError when nothing more can be done here."""
        if self.session.wire.disowned:
            raise UnavailableError("this transaction was begun before a fork: only the parent process can use it")
        if self.ended:
            raise UnavailableError("this transaction has ended: use it only inside its `with` block")

    @asynccontextmanager
    async def talk(self) -> AsyncIterator[AsyncSession]:
        """The session, for the caller alone during the block; UnavailableError when the scope has ended."""
        here = self._innermost()
        async with here.entry, here.turn:
            here.check()
            yield here.session

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[AsyncScope]:
        """A scope that is undone by itself."""
        here = self._innermost()
        async with here.entry:
            inner = AsyncScope(here.session, here)
            # Of its own name: to undo one that was never made must not undo another.
            name = f"radarr_db_{next(here.session.wire.numbers)}"
            restore = f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}"
            async with inner.block(f"SAVEPOINT {name}", f"RELEASE SAVEPOINT {name}", restore):
                here.inner = inner
                _entered.set(_entered.get() | {inner})
                try:
                    yield inner
                finally:
                    _entered.set(_entered.get() - {inner})
                    here.inner = None

    @asynccontextmanager
    async def block(self, begin: str, commit: str, rollback: str) -> AsyncIterator[None]:
        """The whole scope: committed at the end of the block, undone by any error that leaves it."""
        async with self.turn:
            self.check()
            try:
                await self.session.command("begin", begin)
            except BaseException:
                await self.session.undo(rollback)
                raise
        try:
            yield
        except BaseException:
            await self._end(None, rollback)
            raise
        await self._end(commit, rollback)

    def _innermost(self) -> AsyncScope:
        self.check()  # before the locks: in a forked child a thread that is not there may have them
        here = self
        while (inner := here.inner) is not None and inner in _entered.get():
            here = inner
        return here

    async def _end(self, commit: str | None, rollback: str) -> None:
        """Refuse all further use, wait for whoever talks to the server, and ``commit`` or undo."""
        self._ended = True
        if not self.session.wire.disowned:
            await self._last_turn()
            try:
                if self._outer is None or not self._outer.ended:
                    await self._settle(commit, rollback)
                    return
            finally:
                self.turn.release()
        if commit is not None:
            self.check()

    async def _last_turn(self) -> None:
        """Take the turn; when that is interrupted, who has it is cut off from the server, and soon done."""
        interruption: BaseException | None = None
        while True:
            try:
                await self.turn.acquire()
                break
            except BaseException as error:  # noqa: BLE001 - raised below
                self.session.wire.cut("the transaction was broken off")
                interruption = error
        if interruption is not None:
            self.turn.release()
            raise interruption

    async def _settle(self, commit: str | None, rollback: str) -> None:
        if commit is None:
            await self.session.undo(rollback)
            return
        try:
            await self._commit(commit)
        except BaseException:
            await self.session.undo(rollback)
            raise

    async def _commit(self, commit: str) -> None:
        if self.session.pgconn.transaction_status == TransactionStatus.INERROR:
            # The server would take the COMMIT, roll back and report no error.
            raise RadarrDbError("the transaction was undone: a query in it failed, and the error was caught")
        try:
            await self.session.command("commit", commit)
        except UnavailableError as error:
            if self._outer is None:
                raise UnavailableError(f"{error}; it may have been committed or not") from error.__cause__
            raise
