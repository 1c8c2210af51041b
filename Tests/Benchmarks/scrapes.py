"""What a scrape of 100,000 series takes, next to the same bytes as a static file from the same HTTP library."""

import shlex
import socket
import statistics
import subprocess
import time
import zlib
from pathlib import Path

from ingestion import fill
from processes import Daemon, free_port

SERIES = 100_000


def timed_get(port, path, gzip=False):
    """(seconds, body bytes) of one request on a connection of its own, without a client library's share."""
    encoding = "gzip" if gzip else "identity"
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
    buffer = bytearray(1 << 20)
    body = bytearray()
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request.encode())
        while count := connection.recv_into(buffer):
            body += memoryview(buffer)[:count]
    seconds = time.perf_counter() - start
    head, _, rest = bytes(body).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"GET {path}: {head.splitlines()[0].decode()}")
    return seconds, rest


def lines_of(text):
    return sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))


def filled(daemon, loadgen, series):
    """Fills the daemon up to so many exposed series; returns (records, series)."""
    probe = 50
    fill(daemon, loadgen, probe)
    per_record = lines_of(daemon.scrape()) / probe
    records = int(series / per_record) + 1
    fill(daemon, loadgen, records)
    return records, lines_of(daemon.scrape())


def static_server(command, body, directory):
    """The hook: a program that serves the file that is its first argument on the port that is its second."""
    path = Path(directory) / "metrics.txt"
    path.write_bytes(body)
    port = free_port(socket.SOCK_STREAM)
    process = subprocess.Popen([*shlex.split(command), path, str(port)])
    for _ in range(2_000):
        try:
            timed_get(port, "/metrics")
            return process, port
        except OSError:
            time.sleep(0.005)
    process.kill()
    raise RuntimeError("the static file server did not answer")


def scrapes(exporter, loadgen, rounds, server_command, directory):
    with Daemon(exporter) as daemon:
        records, series = filled(daemon, loadgen, SERIES)
        body = daemon.scrape()
        server = static_server(server_command, body, directory) if server_command else None
        times = {"plain": [], "gzip": [], "static": [], "zlib": []}
        try:
            for _ in range(max(rounds, 5)):
                times["plain"].append(timed_get(daemon.http_port, "/metrics")[0])
                times["gzip"].append(timed_get(daemon.http_port, "/metrics", gzip=True)[0])
                if server:
                    times["static"].append(timed_get(server[1], "/metrics")[0])
                start = time.perf_counter()
                zlib.compress(body, 1)
                times["zlib"].append(time.perf_counter() - start)
        finally:
            if server:
                server[0].terminate()
                server[0].wait(10)
    seconds = {name: statistics.median(values) for name, values in times.items() if values}
    result = {"records": records, "series": series, "bytes": len(body), "seconds": seconds}
    if "static" in seconds:
        result["plain_to_static"] = seconds["plain"] / seconds["static"]
        result["gzip_to_static_and_zlib"] = seconds["gzip"] / (seconds["static"] + seconds["zlib"])
    return result
