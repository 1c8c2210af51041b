"""The processes of a benchmark: receivers whose processor time is measured, and the load generator."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_TIMEOUT = 20.0
SETTLE_SECONDS = 0.1


def build_drain(directory):
    """The C baseline, compiled with the system's compiler."""
    target = Path(directory) / "drain"
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-o", target, HERE / "drain.c"], check=True)
    return target


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processor_seconds(pid):
    """Time on a processor of all threads, in nanosecond resolution: /proc/PID/stat counts in hundredths of a second."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_bytes(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Rss:\s+(\d+) kB", text, re.M)[1]) * 1024


class Receiver:
    """A process that receives events. `cost` is what it received and what that took."""

    def __init__(self, name):
        self.name = name
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)


class Drain(Receiver):
    """The loop that throws datagrams away, with a pause between batches or without."""

    def __init__(self, program, pause_us=0, buffer_bytes=4 << 20):
        super().__init__(f"drain, {pause_us} µs pause" if pause_us else "drain")
        self.program, self.pause_us, self.buffer_bytes = program, pause_us, buffer_bytes
        self.port = free_port()

    def start(self):
        command = [self.program, str(self.port), str(self.pause_us), str(self.buffer_bytes)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the drain did not start")

    @property
    def udp(self):
        return f"udp:127.0.0.1:{self.port}"

    def finish(self):
        """Stops it; (datagrams received, datagrams dropped by the kernel)."""
        self.process.send_signal(signal.SIGTERM)
        report = json.loads(self.process.communicate(timeout=10)[0].splitlines()[-1])
        return report["datagrams"], report["drops"]


class Daemon(Receiver):
    """llm-exporter without a store, on addresses of its own."""

    def __init__(self, program, *flags, name="daemon"):
        super().__init__(name)
        self.program, self.flags = program, flags

    def start(self):
        self.directory = tempfile.mkdtemp(prefix="llmb", dir="/tmp")
        self.udp_port, self.http_port = free_port(), free_port(socket.SOCK_STREAM)
        command = [
            self.program, "--no-storage", "--log.level", "error", f"--storage.path={self.directory}/data",
            f"--web.listen-address=127.0.0.1:{self.http_port}", f"--events.listen-udp=127.0.0.1:{self.udp_port}",
            f"--events.listen-unixgram={self.directory}/d", f"--events.listen-unix={self.directory}/s",
            "--metrics.max-label-values=200000", "--metrics.max-series=50000000", *self.flags,
        ]
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command)
        self.first_scrape_seconds = self._wait_for_scrape()

    def _wait_for_scrape(self):
        while time.perf_counter() - self.started < START_TIMEOUT:
            if self.process.poll() is not None:
                raise RuntimeError(f"the daemon ended with {self.process.returncode}")
            try:
                self.scrape()
                return time.perf_counter() - self.started
            except OSError:
                time.sleep(0.0005)
        raise RuntimeError("the daemon did not answer")

    def stop(self):
        super().stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def udp(self):
        return f"udp:127.0.0.1:{self.udp_port}"

    @property
    def unix(self):
        return f"unix:{self.directory}/s"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}/metrics"

    def scrape(self, gzip=False):
        request = urllib.request.Request(self.url, headers={"Accept-Encoding": "gzip" if gzip else "identity"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def counts(self):
        """(events received, datagrams dropped by the kernel) since it started."""
        text = self.scrape().decode()
        return _sum(text, "llm_exporter_events_received_total"), _sum(
            text, "llm_exporter_kernel_dropped_datagrams_total")

    def wait_for_events(self, count, timeout=20):
        """Until so many events were received or dropped in all."""
        deadline = time.monotonic() + timeout
        while True:
            received, dropped = self.counts()
            if received + dropped >= count or time.monotonic() > deadline:
                return received, dropped
            time.sleep(0.02)


def _sum(text, family):
    return int(sum(float(value) for value in re.findall(rf"^{family}(?:{{[^}}]*}})? (\S+)$", text, re.M)))


class LoadGenerator:
    def __init__(self, program):
        self.program = program

    def send(self, to, rate=0, duration=0, count=0, batch=1, size=250, series=100, seed=1):
        """Runs to the end and returns the report."""
        command = [
            self.program, "bench", "--to", to, "--rate", str(rate), "--duration", str(duration), "--count", str(count),
            "--batch", str(batch), "--size", str(size), "--series", str(series), "--seed", str(seed),
        ]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)

    def start(self, to, **options):
        """Runs beside; stop it with SIGTERM and read the report from its output."""
        command = [self.program, "bench", "--to", to]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def quiet():
    """Waits a moment so that what a process still does for the last load is not charged to the next."""
    time.sleep(SETTLE_SECONDS)


def machine():
    """What ran it: figures travel as ratios only."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    return {
        "processor": model[1] if model else "unknown",
        "processors": os.cpu_count(),
        "kernel": os.uname().release,
        "load_average": os.getloadavg()[0],
        "rmem_max": int(Path("/proc/sys/net/core/rmem_max").read_text()),
    }
