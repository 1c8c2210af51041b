"""`make demo`, but for the build: scripts/demo with what is installed."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import urllib.request

import pytest
from daemon import ROOT, binary, wait_until
from monitoring import ALERTMANAGER, HAS_PROMETHEUS

NAMES = ("HTTP", "UDP", "PROMETHEUS", "ALERTMANAGER", "GRAFANA")


class Demo:
    """The script in a session of its own, as a terminal has it."""

    def __init__(self, directory, path=None, ports=None, only=False):
        """`path`: a directory of programs that are found before all others, or `only` they."""
        self.directory = directory
        self.path = path
        self.only = only
        self.ports = ports or self.free_ports()
        self.lines = []

    @staticmethod
    def free_ports():
        """Free now; the script passes over those that are taken when it starts."""
        ports = {}
        for name in NAMES:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                ports[f"DEMO_{name}_PORT"] = str(probe.getsockname()[1])
        return ports

    def end(self):
        """Ctrl-C, once the demo has said so."""
        wait_until(lambda: "Ctrl-C ends the demo.\n" in self.lines, "the end of the start")
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.wait(30) == 0
        self.reader.join(5)

    def __enter__(self):
        environment = os.environ | self.ports | {
            "DEMO_BINARIES": str(binary().parent), "DEMO_TRAFFIC": "--day-seconds 0 --rate 40",
            "TMPDIR": str(self.directory)}
        if self.path:
            environment["PATH"] = str(self.path) if self.only else f"{self.path}:{environment['PATH']}"
        self.process = subprocess.Popen(
            [ROOT / "scripts/demo"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
            start_new_session=True)
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def url(self, name):
        for line in list(self.lines):
            if line.startswith(name + " ") and (found := re.search(r"http://\S+/", line)):
                return found[0]
        return None

    def wait_for(self, name):
        def printed():
            assert self.process.poll() is None, "".join(self.lines)
            return self.url(name)
        return wait_until(printed, f"the address of {name}", 60)


def get(url):
    with contextlib.suppress(OSError, http.client.HTTPException):
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    return ""


def answers(url):
    return wait_until(lambda: get(url), url, 60)


def test_the_demo_starts_what_is_installed_and_leaves_nothing(tmp_path):
    with Demo(tmp_path) as demo:
        page = demo.wait_for("llm-exporter")
        assert "<title>llm-exporter</title>" in answers(page)
        # Goals and budgets, so that no panel about them is empty.
        for name in ("llm_objective", "llm_budget_limit_dollars", "llm_budget_limit_tokens"):
            assert f"{name}{{" in get(page + "metrics")
        for name, level in (("llm_queue_depth", "invoices"), ("llm_gpu_utilization_ratio", "0")):
            wait_until(lambda: re.search(rf'^{name}\{{.*"{level}"', get(page + "metrics"), re.MULTILINE), name)
        wait_until(lambda: re.search(r"^llm_requests_total\{.*\} [1-9]", get(page + "metrics"), re.MULTILINE), "traffic")
        if HAS_PROMETHEUS:
            prometheus = demo.wait_for("Prometheus")
            wait_until(
                lambda: '"value":[' in get(prometheus + "api/v1/query?query=llm_requests_total"), "a scrape", 60)
            groups = json.loads(get(prometheus + "api/v1/rules"))["data"]["groups"]
            loaded = {group["file"].rsplit("/", 1)[1] for group in groups}
            assert loaded == {path.name for path in (ROOT / "alerts").glob("*.rules.yml")}
        if ALERTMANAGER:
            alertmanager = demo.wait_for("Alertmanager")
            answers(alertmanager + "-/ready")
            if HAS_PROMETHEUS:
                wait_until(lambda: "Watchdog" in get(alertmanager + "api/v2/alerts"), "the alert that always fires", 60)
        demo.end()
        assert "nothing is left behind" in demo.lines[-1]
        assert not get(page)
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_passed_over(tmp_path):
    with Demo(tmp_path) as first:
        first.wait_for("llm-exporter")
        # The daemon has its ports by now; who else was started may not have them yet.
        taken = {name: first.ports[name] for name in ("DEMO_HTTP_PORT", "DEMO_UDP_PORT")}
        with Demo(tmp_path, ports=Demo.free_ports() | taken) as second:
            second.wait_for("llm-exporter")
            ports = [int(re.search(r":(\d+)/", demo.url("llm-exporter"))[1]) for demo in (first, second)]
            assert ports[0] < ports[1]
            second.end()
        first.end()


def test_what_is_not_installed_is_named(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    # A shell's tools without any of the three.
    for directory in ("/usr/bin", "/bin"):
        for tool in os.scandir(directory):
            if not re.search("prometheus|alertmanager|grafana", tool.name) and not (programs / tool.name).is_symlink():
                (programs / tool.name).symlink_to(tool.path)
    with Demo(tmp_path, path=programs, only=True) as demo:
        demo.wait_for("llm-exporter")
        demo.end()
        for name in ("Prometheus", "Alertmanager", "Grafana"):
            assert any(line.startswith(name + " ") and "not installed" in line for line in demo.lines)


@pytest.mark.skipif(not HAS_PROMETHEUS, reason="Prometheus is not installed")
def test_grafana_is_started_with_the_dashboards_where_it_is_installed(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    seen = tmp_path / "seen"
    # A stand-in that writes down what it was given.
    stand_in = programs / "grafana-server"
    stand_in.write_text(f'#!/bin/sh\n(echo "$@"; env) > {seen}.part && mv {seen}.part {seen}\nexec sleep 60\n')
    stand_in.chmod(0o755)
    with Demo(tmp_path, path=programs) as demo:
        demo.wait_for("Grafana")
        wait_until(seen.exists, "Grafana's start")
        given = dict(line.split("=", 1) for line in seen.read_text().splitlines() if "=" in line)
        assert (ROOT / given["DASHBOARDS_PATH"] / "llm-overview.json").exists()
        assert os.path.isdir(given["GF_PATHS_PROVISIONING"])
        assert os.path.exists(given["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
        assert given["PROMETHEUS_URL"] + "/" == demo.url("Prometheus")
        # Every variable of the provisioning files.
        used = set()
        for path in (ROOT / "grafana/provisioning").rglob("*.yml"):
            used |= set(re.findall(r"(?<!\$)\$\{(\w+)\}", path.read_text()))
        assert used <= set(given)
        demo.end()
