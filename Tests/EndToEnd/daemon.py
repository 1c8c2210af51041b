"""Starts the real daemon for a test, and speaks to it: no fixed ports, no fixed sleeps.

    with Daemon() as daemon:
        daemon.send_udp({"model": "gpt-4o", "usage": {...}})
        daemon.wait_for_events(1)
        assert daemon.value("llm_requests_total", model="gpt-4o", status="success") == 1

The binary is $LLM_EXPORTER, else the newest of .build/release and .build/debug.
"""

import contextlib
import gzip
import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 20.0
WAIT_TIMEOUT = 20.0


def binary(name="llm-exporter"):
    """The program under test."""
    given = os.environ.get("LLM_EXPORTER" if name == "llm-exporter" else name.upper().replace("-", "_"))
    if given:
        return Path(given)
    built = [path for kind in ("release", "debug") if (path := ROOT / ".build" / kind / name).exists()]
    if not built:
        raise FileNotFoundError(f"no {name}: build it first, or name it in $LLM_EXPORTER")
    return max(built, key=lambda path: path.stat().st_mtime)


def wait_until(condition, what, timeout=WAIT_TIMEOUT):
    """Polls until the condition gives something true, and returns that."""
    deadline = time.monotonic() + timeout
    pause = 0.002
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout} s for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


class Reply:
    """An HTTP answer."""

    def __init__(self, status, headers, raw):
        self.status = status
        self.headers = headers
        self.raw = raw

    @property
    def body(self):
        return gzip.decompress(self.raw) if self.headers.get("Content-Encoding") == "gzip" else self.raw

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)


SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)(?: # .*)?$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def parse_samples(text):
    """[(name, {label: value}, number)] of a text exposition. For tests that need numbers; what the formats are is
    judged by prometheus_client and promtool."""
    samples = []
    for line in text.split("\n"):
        if not line or line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        assert match, f"no sample: {line!r}"
        labels = {
            name: re.sub(r'\\[\\"n]', lambda escape: ESCAPES[escape.group()], value)
            for name, value in LABEL.findall(match[2] or "")
        }
        samples.append((match[1], labels, float(match[3])))
    return samples


class Daemon:
    """One daemon with a directory of its own. `config` is YAML text; `flags` come after the harness's own, and win."""

    def __init__(self, *flags, config=None, environment=None, directory=None, name="127.0.0.1"):
        self.flags = flags
        self.config = config
        self.environment = environment or {}
        self.owns_directory = directory is None
        # Short: the kernel allows 107 bytes for the path of a socket.
        self.directory = Path(directory or tempfile.mkdtemp(prefix="llmx", dir="/tmp"))
        self.name = name
        # Soft and hard limit of open files, where a test sets its own.
        self.limits = None
        self.process = None
        self.log = []
        self._reader = None

    # Life

    @property
    def unixgram(self):
        return self.directory / "events.dgram"

    @property
    def unix(self):
        return self.directory / "events.stream"

    @property
    def storage(self):
        return self.directory / "data"

    def command(self):
        command = [
            str(binary()), "serve",
            f"--web.listen-address={self.name}:0",
            f"--events.listen-udp={self.name}:0",
            f"--events.listen-unixgram={self.unixgram}",
            f"--events.listen-unix={self.unix}",
            f"--storage.path={self.storage}",
        ]
        given = {flag.split("=")[0] for flag in self.flags}
        command = [part for part in command if part.split("=")[0] not in given]
        if self.config is not None:
            path = self.directory / "config.yml"
            path.write_text(self.config)
            command.append(f"--config.file={path}")
        return command + list(self.flags)

    def start(self, wait=True):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LLM_EXPORTER")}
        self.log = []
        self.process = subprocess.Popen(
            self.command(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            cwd=self.directory, env=environment | self.environment, preexec_fn=self.limits and self._limit,
        )
        self._reader = threading.Thread(target=self._read_log, args=(self.process.stderr,), daemon=True)
        self._reader.start()
        if wait:
            try:
                wait_until(lambda: self.url or self.process.poll() is not None, "the daemon to listen", START_TIMEOUT)
            except TimeoutError:
                self.kill()
                raise
            if self.process.poll() is not None:
                self._reader.join(5)
                raise RuntimeError("the daemon did not start:\n" + self.log_text)
        return self

    def _limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, self.limits)

    def _read_log(self, pipe):
        for line in pipe:
            self.log.append(line.rstrip("\n"))

    @property
    def log_text(self):
        return "\n".join(self.log)

    def log_lines(self, message):
        """The lines with that message, in either format."""
        marks = (f'msg="{message}" ', f"msg={message} ", f'"msg":"{message}"')
        return [line for line in list(self.log) if any(mark in line + " " for mark in marks)]

    def _logged(self, message, key):
        for line in self.log_lines(message):
            match = re.search(rf'(?:^| ){key}="?([^ "]+)|"{key}":"([^"]+)"', line)
            if match:
                yield match[1] or match[2]

    @property
    def url(self):
        return next(iter(self._logged("listening for HTTP", "url")), None)

    @property
    def http_address(self):
        parts = urllib.parse.urlsplit(self.url)
        return parts.hostname, parts.port

    @property
    def udp_address(self):
        for line in self.log_lines("listening for events"):
            if "listener=udp:" in line or 'listener="udp:' in line:
                host, port = re.search(r'(?:^| )address="?([^ "]+)', line)[1].rsplit(":", 1)
                return host.strip("[]"), int(port)
        raise AssertionError("no UDP listener:\n" + self.log_text)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=WAIT_TIMEOUT):
        """Waits for the end; the exit code."""
        code = self.process.wait(timeout)
        self._reader.join(5)
        return code

    def stop(self):
        """A clean stop, as a service manager has it; the exit code."""
        if self.process is None or self.process.poll() is not None:
            return None if self.process is None else self.process.returncode
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            if self.owns_directory:
                shutil.rmtree(self.directory, ignore_errors=True)

    # HTTP

    def request(self, path, method="GET", headers=None, timeout=WAIT_TIMEOUT):
        connection = http.client.HTTPConnection(*self.http_address, timeout=timeout)
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())

    def scrape(self, accept=None, headers=None):
        headers = ({"Accept": accept} if accept else {}) | (headers or {})
        # 503 while stored numbers are restored.
        reply = wait_until(
            lambda: (answer := self.request("/metrics", headers=headers)).status != 503 and answer, "stored numbers")
        assert reply.status == 200, (reply.status, reply.text)
        return reply

    def samples(self):
        return parse_samples(self.scrape().text)

    def values(self, name, **labels):
        """The numbers of all series of that name that have these labels."""
        return [
            number for found, own, number in self.samples()
            if found == name and all(own.get(label) == value for label, value in labels.items())
        ]

    def value(self, name, **labels):
        """The sum over the series of that name that have these labels; 0 where there are none."""
        return sum(self.values(name, **labels))

    def status(self):
        return self.request("/api/v1/status").json

    def tallies(self):
        return {
            what: self.value(f"llm_exporter_events_{what}_total")
            for what in ("received", "accepted", "rejected", "duplicate", "dropped")
        }

    def wait_for_events(self, count, timeout=WAIT_TIMEOUT):
        """Waits until so many events were received in all, whatever became of them."""
        return wait_until(
            lambda: self.value("llm_exporter_events_received_total") >= count, f"{count} events", timeout)

    # Events

    @staticmethod
    def encode(event):
        return event if isinstance(event, bytes) else json.dumps(event).encode()

    def send_udp(self, *events):
        """One datagram, its events a line each."""
        host, port = self.udp_address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.sendto(b"\n".join(map(self.encode, events)), (host, port))

    def send_unixgram(self, *events):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.connect(str(self.unixgram))
            client.send(b"\n".join(map(self.encode, events)))

    def send_unix(self, *events):
        with self.stream() as client:
            client.sendall(b"".join(self.encode(event) + b"\n" for event in events))

    def stream(self):
        """A connection to the stream socket."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(WAIT_TIMEOUT)
        client.connect(str(self.unix))
        return client

    def send(self, transport, *events):
        {"udp": self.send_udp, "unixgram": self.send_unixgram, "unix": self.send_unix}[transport](*events)


TRANSPORTS = ("udp", "unixgram", "unix")
