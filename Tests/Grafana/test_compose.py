"""grafana/compose.yml without Docker: what it mounts is there and is accepted by the programs that read it, and every name,
port, flag and variable in it leads somewhere. Docker's own parser judges the rest where it is installed."""

import fnmatch
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from daemon import ROOT, binary

FILE = ROOT / "grafana/compose.yml"
STACK = yaml.safe_load(FILE.read_text())
SERVICES = STACK["services"]
every_service = pytest.mark.parametrize("name", SERVICES)


def mounts(name):
    """{path in the container: path here} of a service, named volumes left out."""
    found = {}
    for volume in SERVICES[name].get("volumes", []):
        source, target, *_ = volume.split(":")
        if source.startswith("."):
            found[target] = (FILE.parent / source).resolve()
    return found


def here(name, path):
    """Where a path of a service's container lies here."""
    for target, source in mounts(name).items():
        if path == target or path.startswith(target + "/"):
            return Path(str(source) + path[len(target):])
    raise AssertionError(f"{name}: nothing is mounted at {path}")


def flag(name, flag):
    [value] = [part.split("=", 1)[1] for part in SERVICES[name]["command"] if part.startswith(flag + "=")]
    return value


def test_docker_takes_the_file():
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("docker compose is not installed")
    run = subprocess.run(["docker", "compose", "-f", FILE, "config", "--quiet"], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


@every_service
def test_what_is_mounted_is_there_and_read_only(name):
    for volume in SERVICES[name].get("volumes", []):
        source, target, *mode = volume.split(":")
        assert target.startswith("/")
        if source.startswith("."):
            assert (FILE.parent / source).exists() and mode == ["ro"], volume
        else:
            assert source in STACK["volumes"], volume


@every_service
def test_names_lead_somewhere(name):
    service = SERVICES[name]
    assert set(service.get("depends_on", [])) <= set(SERVICES)
    assert service.get("network_mode", "service:" + name).removeprefix("service:") in SERVICES
    # A tag that says a version: the stack of tomorrow is that of today.
    assert "build" in service or re.search(r":v?\d+\.\d+\.\d+$", service["image"])
    # Nothing here has a password: it is for this machine only.
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_its_configuration_with_the_rules(tmp_path):
    text = here("prometheus", flag("prometheus", "--config.file")).read_text()
    for target, source in mounts("prometheus").items():
        text = text.replace(target + "/", f"{source}/")
    (tmp_path / "prometheus.yml").write_text(text)
    run = subprocess.run(["promtool", "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("rules found") == len(list((ROOT / "alerts").glob("*.rules.yml")))


def test_prometheus_scrapes_and_alerts_where_somebody_listens():
    configuration = yaml.safe_load(here("prometheus", flag("prometheus", "--config.file")).read_text())
    parts = configuration["scrape_configs"] + configuration["alerting"]["alertmanagers"]
    targets = [target for part in parts for one in part["static_configs"] for target in one["targets"]]
    assert len(targets) == 2
    for target in targets:
        service, port = target.split(":")
        assert any(published.endswith(":" + port) for published in SERVICES[service]["ports"])


@pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")
def test_alertmanager_takes_its_configuration():
    path = here("alertmanager", flag("alertmanager", "--config.file"))
    run = subprocess.run(["amtool", "check-config", path], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_grafana_finds_its_dashboards_and_knows_every_variable():
    environment = SERVICES["grafana"]["environment"]
    used = set()
    for path in here("grafana", "/etc/grafana/provisioning").rglob("*.yml"):
        yaml.safe_load(path.read_text())
        # `$$` is a dollar sign of the value itself.
        used |= set(re.findall(r"(?<!\$)\$\{(\w+)\}", path.read_text()))
    assert used and used <= set(environment)
    assert list(here("grafana", environment["DASHBOARDS_PATH"]).glob("*.json"))
    assert here("grafana", environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]).exists()
    service, port = environment["PROMETHEUS_URL"].removeprefix("http://").split(":")
    assert any(published.endswith(":" + port) for published in SERVICES[service]["ports"])


def test_the_daemon_takes_its_flags():
    program, command, *flags = SERVICES["llm-exporter"]["command"]
    assert (program, command) == ("llm-exporter", "serve")
    place = flags.index("--config.file=/etc/llm-exporter.yml")
    flags[place] = f"--config.file={here('llm-exporter', '/etc/llm-exporter.yml')}"
    run = subprocess.run([binary(), "check-config", *flags], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "0.0.0.0:10781" in run.stdout and "support-chat" in run.stdout


def test_the_traffic_takes_its_flags():
    program, *flags = SERVICES["traffic"]["command"]
    # To standard output, one event: the flags are those, the destination is not there.
    flags[flags.index("--to") + 1] = "-"
    run = subprocess.run([binary(program), *flags, "--count", "1", "--day-seconds", "0"], capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.startswith("{"), run.stderr


def test_the_image_is_built_of_what_the_makefile_needs_and_of_sources_only():
    recipe = SERVICES["llm-exporter"]["build"]["dockerfile_inline"]
    packages = re.search(r"^BUILD_PACKAGES := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert all(package in recipe for package in packages)
    assert re.search(r"^RELEASE := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1] in recipe
    # COPY must not take what was built or counted here, of which .gitignore knows.
    ignored = (ROOT / ".dockerignore").read_text().split()
    for directory in (".build", ".venv", "llm-exporter-data", "llm-exporter-run", ".git"):
        assert any(fnmatch.fnmatch(directory, pattern) for pattern in ignored), directory
