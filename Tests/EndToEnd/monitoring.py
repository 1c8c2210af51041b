"""Real Prometheus, Alertmanager and VictoriaMetrics for a test, a receiver of Alertmanager's notifications, and the rules
with short waits."""
import contextlib
import http.server
import json
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

from daemon import ROOT, binary, wait_until

RULE_FILES = sorted((ROOT / "alerts").glob("*.rules.yml"))
HAS_PROMETHEUS = shutil.which("prometheus") is not None
ALERTMANAGER = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
VICTORIA_METRICS = shutil.which("victoria-metrics")

# The rules as they are, but with these spans of time: what takes days in life takes seconds in a test. A scrape every two
# seconds leaves a busy machine time for each.
SCRAPE = "2s"
SECONDS = {"1m": 5, "2m": 6, "5m": 8, "10m": 8, "15m": 9, "30m": 10, "1h": 12, "2h": 14, "6h": 16, "24h": 20, "1d": 20, "3d": 24,
           "7d": 30, "1w": 30, "30d": 40}


def shorten(text):
    """PromQL, or a rule file, with every span of time replaced: ranges, offsets, waits and intervals; nothing else."""
    def short(match):
        return f"{match[1]}{SECONDS[match[2]]}s"
    text = re.sub(r"(\[)(\d+[smhdw])(?=[\]:])", short, text)
    text = re.sub(r"(:)(\d+[smhdw])(?=\])", short, text)
    text = re.sub(r"(\boffset )(\d+[smhdw])\b", short, text)
    text = re.sub(r"(\b(?:keep_firing_)?for: )(\d+[smhdw])\b", short, text)
    return re.sub(r"(\binterval: )(\d+[smhdw])\b", rf"\g<1>{SCRAPE}", text)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A program that serves HTTP, with a directory of its own."""
    ready = "/-/ready"

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="llmm", dir="/tmp"))
        self.port = free_port()
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"http://{self.address}"

    def command(self):
        raise NotImplementedError

    def get(self, path, **parameters):
        query = "?" + urllib.parse.urlencode(parameters, doseq=True) if parameters else ""
        with urllib.request.urlopen(self.url + path + query, timeout=60) as answer:
            return answer.read()

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError((self.directory / "log").read_text()[-3000:])
        with contextlib.suppress(OSError):
            self.get(self.ready)
            return True
        return False

    def __enter__(self):
        with open(self.directory / "log", "w") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        wait_until(self.is_ready, type(self).__name__, timeout=60)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class QueryFailed(Exception):
    pass


class Querier(Server):
    """What answers Prometheus' query API."""

    def _data(self, path, **parameters):
        try:
            return json.loads(self.get(path, **parameters))["data"]
        except urllib.error.HTTPError as error:
            raise QueryFailed(error.read().decode()) from None

    def query(self, expression, at=None):
        """[(labels, number)], or for native histograms [(labels, the histogram)]."""
        data = self._data("/api/v1/query", query=expression, **({"time": at} if at else {}))
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(one["metric"], float(one["value"][1]) if "value" in one else one["histogram"][1]) for one in data["result"]]

    def query_range(self, expression, start, end, step=1):
        """[(labels, [numbers])]"""
        data = self._data("/api/v1/query_range", query=expression, start=start, end=end, step=step)
        return [(one["metric"], [float(value) if isinstance(value, str) else value
                                 for _, value in one.get("values", []) + one.get("histograms", [])])
                for one in data["result"]]

    def value(self, expression):
        """The one number, or None."""
        result = self.query(expression)
        return result[0][1] if result else None


class Prometheus(Querier):
    def __init__(self, targets, rules=None, alertmanager=None, remote_write=None, features="exemplar-storage"):
        """`targets`: {job: [address]}. `rules`: how to change the text of the rule files; None loads none."""
        super().__init__()
        self.features = features
        for path in RULE_FILES if rules else []:
            (self.directory / path.name).write_text(rules(path.read_text()))
        configuration = {
            "global": {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE, "evaluation_interval": SCRAPE},
            "rule_files": [str(self.directory / "*.rules.yml")],
            "scrape_configs": [{"job_name": job, "static_configs": [{"targets": addresses}]} for job, addresses in targets.items()],
        }
        if alertmanager:
            configuration["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}
        if remote_write:
            configuration["remote_write"] = [{"url": remote_write, "queue_config": {"batch_send_deadline": "1s"}}]
        (self.directory / "prometheus.yml").write_text(yaml.safe_dump(configuration))

    def command(self):
        return ["prometheus", f"--config.file={self.directory}/prometheus.yml", f"--storage.tsdb.path={self.directory}/data",
                f"--web.listen-address={self.address}", f"--enable-feature={self.features}", "--log.level=warn"]

    def rule_errors(self):
        groups = json.loads(self.get("/api/v1/rules"))["data"]["groups"]
        return [(rule["name"], rule["lastError"]) for group in groups for rule in group["rules"] if rule.get("lastError")]

    def firing(self):
        """{(alert, severity): [labels]} of what fires now."""
        found = {}
        for labels, _ in self.query('ALERTS{alertstate="firing"}'):
            found.setdefault((labels["alertname"], labels["severity"]), []).append(labels)
        return found


class Alertmanager(Server):
    def __init__(self, configuration):
        super().__init__()
        (self.directory / "alertmanager.yml").write_text(yaml.safe_dump(configuration))

    def command(self):
        return [ALERTMANAGER, f"--config.file={self.directory}/alertmanager.yml", f"--storage.path={self.directory}/data",
                f"--web.listen-address={self.address}", "--cluster.listen-address=", "--log.level=warn"]


    def post(self, alerts):
        """Hands over alerts as Prometheus does."""
        request = urllib.request.Request(f"{self.url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=60).close()

    def states(self):
        """[(labels, active or suppressed)] of the alerts that it knows."""
        return [(one["labels"], one["status"]["state"]) for one in json.loads(self.get("/api/v2/alerts"))]


class VictoriaMetrics(Querier):
    ready = "/health"

    def command(self):
        return [VICTORIA_METRICS, f"-storageDataPath={self.directory}/data", f"-httpListenAddr={self.address}",
                "-retentionPeriod=1", "-search.latencyOffset=0s", "-search.disableCache", "-loggerLevel=WARN"]

    @property
    def remote_write(self):
        return f"{self.url}/api/v1/write"


class Receiver:
    """Takes Alertmanager's webhooks, and in `others` what it sends to chats and pagers; the path says which receiver of the
    configuration was meant."""

    def __init__(self):
        self.notifications, self.others = [], []
        received, others = self.notifications, self.others

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if "alerts" in body:
                    received.append((self.path.strip("/"), body["status"], body["alerts"]))
                else:
                    others.append((self.path.strip("/"), body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def of(self, alert, severity=None, **labels):
        """[(receiver, status)] of one alert in the notifications, in order."""
        return [(receiver, one["status"]) for receiver, _, alerts in list(self.notifications) for one in alerts
                if one["labels"]["alertname"] == alert and severity in (None, one["labels"]["severity"])
                and labels.items() <= one["labels"].items()]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Traffic:
    """The load generator against one daemon; `incident` begins and ends with `switch()`."""

    def __init__(self, daemon, rate=100, incident=None, seed=1, transport="udp"):
        host, port = daemon.udp_address
        destination = f"udp:{host}:{port}" if transport == "udp" else f"unix:{daemon.unix}"
        self.command = [str(binary("llm-loadgen")), "traffic", "--to", destination, "--rate", str(rate), "--day-seconds", "0",
                        "--users", "200", "--seed", str(seed)]
        if incident:
            self.command += ["--incident", incident]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return self

    def switch(self):
        self.process.send_signal(signal.SIGUSR1)

    def stop(self):
        """Ends the traffic; how many events were sent."""
        self.process.terminate()
        return json.loads(self.process.communicate(timeout=20)[0])["events"]

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


class Repeating:
    """Does something again and again in the background until the end of the block."""

    def __init__(self, action, every=0.3):
        self.action, self.every = action, every
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self.over.wait(self.every):
            self.action()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(10)
