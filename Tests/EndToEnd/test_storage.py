"""What the daemon does when the disk does not: full, read-only, damaged, somebody else's. Real file systems, where the
kernel lets us mount them."""

import contextlib
import fcntl
import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pytest

from daemon import Daemon, wait_until

FILE = "llm-exporter.db"


@pytest.fixture
def directory():
    path = Path(tempfile.mkdtemp(prefix="llms", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def small_disk(path, size):
    """A file system of its own for the storage path."""
    path.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(path)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("the kernel does not let us mount a file system: " + mounted.stderr.decode().strip())
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def flush(daemon, *events):
    """The answer to a flush behind these events."""
    with daemon.stream() as connection:
        lines = [*events, {"event": "flush", "id": "f"}]
        connection.sendall("".join(json.dumps(line) + "\n" for line in lines).encode())
        return json.loads(connection.makefile("rb").readline())["event"]


def call(number, **more):
    return {"model": "gpt-4o", "id": str(number), "application": f"app{number}", "cost_usd": 1, **more}


def test_a_full_disk_fails_flushes_and_nothing_is_lost_once_there_is_room(directory):
    with small_disk(directory / "data", "1m") as disk:
        ballast = disk / "ballast"
        daemon = Daemon("--storage.commit-interval=50ms", directory=directory).start()
        assert flush(daemon, call(1)) == "flushed"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        events = [call(number, labels={}) for number in range(2, 400)]
        assert flush(daemon, *events) == "failed"
        assert daemon.value("llm_exporter_storage_up") == 0
        assert daemon.value("llm_exporter_storage_errors_total", operation="commit") >= 1
        assert daemon.value("llm_requests_total") == 399, "served from memory"
        ready = daemon.request("/-/ready")
        assert ready.status == 503 and "no room" in ready.text
        for number in range(3):
            daemon.send_udp(call(f"datagram{number}"))
            failures = daemon.value("llm_exporter_storage_errors_total", operation="commit")
            wait_until(
                lambda: daemon.value("llm_exporter_storage_errors_total", operation="commit") > failures, "a failure")
        ballast.unlink()
        wait_until(lambda: daemon.value("llm_exporter_storage_up") == 1, "the store to recover")
        assert flush(daemon) == "flushed"
        wait_until(lambda: daemon.value("llm_exporter_storage_uncommitted_events") == 0, "a commit of everything")
        daemon.kill()
        daemon.start()
        assert daemon.value("llm_requests_total") == 402
        assert flush(daemon, *events) == "flushed"
        assert daemon.value("llm_requests_total") == 402, "ids were kept with their counts"
        daemon.stop()
        with contextlib.closing(sqlite3.connect(disk / FILE)) as file:
            assert file.execute("SELECT sum(weight) FROM calls").fetchall() == [(402,)]
            assert file.execute("SELECT sum(calls) FROM hours").fetchall() == [(402,)]


def test_a_first_start_on_a_full_disk_makes_its_keys_later(directory):
    with small_disk(directory / "data", "1m") as disk:
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        daemon = Daemon("--metrics.labels=user", directory=directory).start()
        assert daemon.value("llm_exporter_storage_up") == 0
        assert flush(daemon, call(1, user="ann")) == "failed"
        ballast.unlink()
        wait_until(lambda: daemon.value("llm_exporter_storage_up") == 1, "the store to open")
        assert flush(daemon) == "flushed"
        assert_restart_knows(daemon, call(1, user="ann"))
        daemon.stop()


def users(daemon):
    return {labels["user"] for name, labels, _ in daemon.samples() if name == "llm_requests_total"}


def assert_restart_knows(daemon, event):
    """After a kill, a resend is known, and its user is called the same."""
    before = users(daemon)
    daemon.kill()
    daemon.start()
    assert flush(daemon, event) == "flushed"
    assert daemon.value("llm_requests_total") == 1
    assert users(daemon) == before


def test_a_storage_directory_that_comes_late_gets_the_keys_in_use(directory):
    late = directory / "volume" / "data"
    daemon = Daemon(f"--storage.path={late}", "--metrics.labels=user", directory=directory).start()
    assert daemon.value("llm_exporter_storage_up") == 0
    late.mkdir(parents=True)
    wait_until(lambda: daemon.value("llm_exporter_storage_up") == 1, "the store to open")
    assert flush(daemon, call(1, user="ann")) == "flushed"
    assert_restart_knows(daemon, call(1, user="ann"))
    daemon.stop()


def test_a_store_of_other_keys_is_left_closed_until_a_restart(directory):
    late = directory / "volume" / "data"
    daemon = Daemon(f"--storage.path={late}", directory=directory)
    late.mkdir(parents=True)
    daemon.start()
    assert flush(daemon, call(1)) == "flushed"
    daemon.stop()
    late.parent.rename(directory / "away")
    daemon.start()
    assert daemon.value("llm_exporter_storage_up") == 0
    (directory / "away").rename(late.parent)
    assert flush(daemon, call(2)) == "failed"
    wait_until(lambda: "another key" in daemon.request("/-/ready").text, "the reason")
    daemon.kill()
    daemon.start()
    assert flush(daemon, call(1), call(2)) == "flushed"
    assert daemon.value("llm_requests_total") == 2
    assert daemon.tallies()["duplicate"] == 1
    daemon.stop()


def test_a_read_only_directory_is_said_and_waited_for(directory):
    with small_disk(directory / "data", "4m") as disk:
        daemon = Daemon(directory=directory).start()
        assert flush(daemon, call(1)) == "flushed"
        daemon.stop()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        daemon.start()
        assert daemon.value("llm_exporter_storage_up") == 0
        assert flush(daemon, call(2)) == "failed"
        assert daemon.value("llm_requests_total") == 1
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        wait_until(lambda: daemon.value("llm_exporter_storage_up") == 1, "the store to recover")
        assert daemon.value("llm_requests_total") == 2, "the stored numbers are added once"
        daemon.stop()
        daemon.start()
        assert daemon.value("llm_requests_total") == 2
        daemon.stop()


@pytest.mark.parametrize("content", [b"somebody's notes\n" * 300, b"SQLite format 3\0" + b"\xa5" * 8192])
def test_a_file_that_is_no_store_is_set_aside(directory, content):
    storage = directory / "data"
    storage.mkdir()
    (storage / FILE).write_bytes(content)
    daemon = Daemon(directory=directory).start()
    assert flush(daemon, call(1)) == "flushed"
    kept = list(storage.glob(FILE + ".set-aside-*"))
    assert [path.read_bytes() for path in kept] == [content]
    assert "set the file aside" in daemon.log_text
    daemon.stop()


def test_another_applications_database_is_set_aside(directory):
    storage = directory / "data"
    storage.mkdir()
    with contextlib.closing(sqlite3.connect(storage / FILE)) as other:
        other.execute("CREATE TABLE invoices (n)")
        other.execute("INSERT INTO invoices VALUES (42)")
        other.commit()
    daemon = Daemon(directory=directory).start()
    assert flush(daemon, call(1)) == "flushed"
    kept = next(storage.glob(FILE + ".set-aside-*"))
    with contextlib.closing(sqlite3.connect(kept)) as other:
        assert other.execute("SELECT n FROM invoices").fetchall() == [(42,)]
    daemon.stop()


def test_a_second_daemon_on_the_same_directory_keeps_its_hands_off(directory):
    storage = directory / "data"
    with Daemon(f"--storage.path={storage}") as first, Daemon(f"--storage.path={storage}") as second:
        assert flush(first, call(1)) == "flushed"
        assert second.value("llm_exporter_storage_up") == 0
        assert flush(second, call(2)) == "failed"
        assert "another process" in second.request("/-/ready").text
        assert second.value("llm_requests_total") == 1
        # A clean stop would wait for the first one to end.
        second.kill()


def test_a_start_waits_for_its_predecessor_to_let_go(directory):
    daemon = Daemon(directory=directory).start()
    assert flush(daemon, *map(call, range(100))) == "flushed"
    daemon.stop()
    with (directory / "data" / (FILE + ".lock")).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        daemon.start()
        wait_until(lambda: "another process" in daemon.log_text, "an attempt to open")
        assert daemon.request("/metrics").status == 503
    assert daemon.value("llm_requests_total") == 100
    assert flush(daemon, *map(call, range(100))) == "flushed"
    assert daemon.value("llm_requests_total") == 100
    daemon.stop()


def test_a_stop_waits_for_a_locked_file(directory):
    daemon = Daemon("--storage.commit-interval=1h", directory=directory).start()
    daemon.send_udp(call(1))
    daemon.wait_for_events(1)
    with contextlib.closing(sqlite3.connect(directory / "data" / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        daemon.signal(signal.SIGTERM)
        wait_until(lambda: "the store is locked" in daemon.log_text, "a commit that fails")
        other.execute("COMMIT")
        assert daemon.wait() == 0
    daemon.start()
    assert daemon.value("llm_requests_total") == 1
    daemon.stop()


def test_a_stop_that_could_not_store_everything_says_so(directory):
    daemon = Daemon("--storage.commit-interval=1h", directory=directory).start()
    daemon.send_udp(call(1))
    daemon.wait_for_events(1)
    with contextlib.closing(sqlite3.connect(directory / "data" / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert daemon.stop() == 1
    (line,) = daemon.log_lines("events are not stored")
    assert "events=1" in line and "locked" in line


def test_no_storage_answers_flushes_and_writes_nothing(directory):
    daemon = Daemon("--no-storage", directory=directory).start()
    with daemon.stream() as connection:
        connection.sendall(b'{"event":"flush","id":"1"}\n')
        answer = json.loads(connection.makefile("rb").readline())
    assert answer == {"event": "failed", "id": "1", "reason": "no_storage"}
    assert not (directory / "data").exists()
    daemon.stop()


def test_metrics_wait_for_stored_numbers_and_then_come_from_memory(directory):
    """Another process holds the write lock: opening needs none, so numbers are restored and commits fail."""
    daemon = Daemon("--storage.commit-interval=50ms", directory=directory).start()
    assert flush(daemon, call(1)) == "flushed"
    daemon.stop()
    with contextlib.closing(sqlite3.connect(directory / "data" / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        daemon.start()
        wait_until(lambda: daemon.request("/metrics").status == 200, "metrics from memory", timeout=8)
        assert flush(daemon, call(2)) == "failed"
        other.execute("COMMIT")
    wait_until(lambda: daemon.value("llm_exporter_storage_up") == 1, "the store to recover")
    assert daemon.value("llm_requests_total") == 2
    daemon.stop()


def test_datagrams_are_remembered_where_it_is_configured(directory):
    daemon = Daemon("--events.deduplicate=all", directory=directory).start()
    daemon.send_udp(call(1), call(1))
    daemon.wait_for_events(2)
    assert daemon.tallies()["duplicate"] == 1
    daemon.stop()


def test_a_client_that_never_flushes_gets_no_answer(directory):
    daemon = Daemon(directory=directory).start()
    with daemon.stream() as connection:
        connection.sendall(json.dumps(call(1)).encode() + b"\n")
        daemon.wait_for_events(1)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    daemon.stop()
