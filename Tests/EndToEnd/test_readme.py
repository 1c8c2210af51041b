"""What stands in the README works: its snippets are taken out of the page and run, against a daemon and without one."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from daemon import Daemon, binary, wait_until
from documentation import code_blocks, quoted, tables, text

README = "README.md"
PORT = "10781"
HTTP_PORT = "10780"
TIMEOUT = 300
CALLS = 200


def snippet(heading, language):
    [code] = [code for above, code in code_blocks(README, language) if above == heading]
    return code


def tool(name):
    """A compiler or interpreter of the machine, or of the environment that the tests run in."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    return found or pytest.skip(f"{name} is not on this machine")


def run(command, directory, **options):
    done = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, timeout=TIMEOUT, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == "", done.stderr
    return done.stdout


# For each language a program: the snippet as it stands, with another port, and calls that it reports.


def python(code, directory):
    program = directory / "report.py"
    program.write_text(code + f'\nfor _ in range({CALLS}):\n    report_llm_call(model="gpt-4o", application="Python")\n')
    return [sys.executable, program]


def node(code, directory):
    command = tool("node")
    program = directory / "report.js"
    call = 'reportLLMCall({ model: "gpt-4o", application: "Node" })'
    program.write_text(code + f"\nfor (let i = 0; i < {CALLS}; i++) {call};\n")
    return [command, program]


def go(code, directory):
    command = tool("go")
    (directory / "llmreport").mkdir()
    (directory / "llmreport/report.go").write_text(code)
    (directory / "go.mod").write_text("module example\n\ngo 1.21\n")
    (directory / "main.go").write_text(
        'package main\n\nimport "example/llmreport"\n\nfunc main() {\n'
        f"\tfor i := 0; i < {CALLS}; i++ {{\n"
        '\t\tllmreport.Call(map[string]any{"model": "gpt-4o", "application": "Go"})\n\t}\n}\n')
    # One cache for both programs: the standard library takes minutes on a slow machine.
    environment = {"HOME": str(directory.parent), "PATH": "/usr/bin:/bin", "CGO_ENABLED": "0"}
    run([command, "build", "-o", "report", "."], directory, env=environment)
    return [directory / "report"]


def swift(code, directory):
    command = tool("swiftc")
    (directory / "LLMReport.swift").write_text(code)
    (directory / "main.swift").write_text(
        f'for _ in 0..<{CALLS} {{ reportLLMCall(["model": "gpt-4o", "application": "Swift"]) }}\n')
    run([command, "-swift-version", "6", "-Onone", "main.swift", "LLMReport.swift", "-o", "report"], directory)
    return [directory / "report"]


def r(code, directory):
    command = tool("Rscript")
    if subprocess.run([command, "-e", "library(jsonlite)"], capture_output=True).returncode != 0:
        pytest.skip("R has no jsonlite")
    program = directory / "report.R"
    call = 'report_llm_call(list(model = "gpt-4o", application = "R"))'
    program.write_text(code + f"\nfor (i in 1:{CALLS}) {call}\n")
    return [command, program]


LANGUAGES = {"Python": python, "Node": node, "Go": go, "Swift": swift, "R": r}
FENCES = {"Python": "python", "Node": "js", "Go": "go", "Swift": "swift", "R": "r"}


@pytest.fixture
def free_port():
    """A UDP port at which nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_snippet_reports_calls_with_a_daemon_and_does_not_mind_without(language, tmp_path, free_port):
    code = snippet(language, FENCES[language])
    assert code.count(PORT) == 1, "a snippet names the port once"
    with Daemon() as daemon:
        (tmp_path / "with").mkdir()
        _, port = daemon.udp_address
        run(LANGUAGES[language](code.replace(PORT, str(port)), tmp_path / "with"), tmp_path)
        daemon.wait_for_events(CALLS)
        assert daemon.value("llm_requests_total", application=language, model="gpt-4o") == CALLS
    (tmp_path / "without").mkdir()
    run(LANGUAGES[language](code.replace(PORT, str(free_port)), tmp_path / "without"), tmp_path)


@pytest.fixture
def shell(tmp_path):
    """Runs shell text of the README: with the daemon's ports and paths, and with the program on the path."""
    (tmp_path / "llm-exporter").symlink_to(binary().resolve())
    (tmp_path / "events.ndjson").write_text('{"model":"gpt-4o","latency_ms":2300}\n')

    def run_text(daemon, script):
        udp, http = daemon.udp_address[1], daemon.http_address[1]
        script = script.replace("llm-exporter send --model", f"llm-exporter send --to udp:127.0.0.1:{udp} --model")
        script = script.replace(PORT, str(udp)).replace(HTTP_PORT, str(http))
        script = script.replace("/run/llm-exporter/events.stream", str(daemon.unix))
        return run(["bash", "-euc", f'export PATH="{tmp_path}:$PATH"\n{script}'], tmp_path)

    return run_text


def test_shell_lines_report_calls(shell):
    lines = [line for line in snippet("Shell", "sh").splitlines() if line]
    with Daemon() as daemon:
        for sent, line in enumerate(lines, start=1):
            shell(daemon, line)
            daemon.wait_for_events(sent)
        assert daemon.value("llm_requests_total", model="gpt-4o", status="success") == len(lines)
        assert daemon.value("llm_request_duration_seconds_sum") == pytest.approx(2.3 * len(lines))


def test_quick_start_shows_the_call(shell):
    tool("curl")
    send, look = [line for _, code in code_blocks(README, "sh") for line in code.splitlines() if "12" in line][:2]
    with Daemon() as daemon:
        shell(daemon, send)
        daemon.wait_for_events(1)
        shown = shell(daemon, look)
    assert 'status="success"} 1\n' in shown


def test_the_sample_at_the_top_is_what_is_shown(shell):
    tool("curl")
    _, sample = code_blocks(README, "")[0]
    steps = re.findall(r"^\$ ((?:.*\\\n)*.*\n)((?:[^$].*\n)*)", sample, re.MULTILINE)
    assert len(steps) == 2
    with Daemon() as daemon:
        for command, shown in steps:
            assert shell(daemon, command) == shown
            wait_until(lambda: daemon.value("llm_exporter_events_received_total") == 1, "the event")


def test_queries_are_promql(tmp_path):
    promtool = tool("promtool")
    queries = [quoted(row["PromQL"])[0] for row in tables(README) if "PromQL" in row]
    assert len(queries) > 4
    rules = "groups:\n- name: readme\n  rules:\n" + "".join(
        f"  - record: readme:query{number}\n    expr: {query!r}\n" for number, query in enumerate(queries))
    (tmp_path / "rules.yml").write_text(rules)
    shown = run([promtool, "check", "rules", "rules.yml"], tmp_path)
    assert f"{len(queries)} rules found" in shown


def test_queries_name_metrics_that_exist():
    known = {quoted(row["metric"])[0] for row in tables("docs/metrics.md") if "metric" in row}
    for row in tables(README):
        for name in re.findall(r"llm_\w+", row.get("PromQL", "")):
            assert name in known or re.sub(r"_(bucket|sum|count)$", "", name) in known, name


def test_scrape_configuration_is_one(tmp_path):
    promtool = tool("promtool")
    [code] = [code for _, code in code_blocks(README, "yaml") if "scrape_configs" in code]
    (tmp_path / "prometheus.yml").write_text(code)
    run([promtool, "check", "config", "prometheus.yml"], tmp_path)


def test_settings_that_the_readme_names_exist():
    known = {
        re.split(r"[ =]", flag)[0]
        for row in tables("docs/configuration.md")
        if "flag" in row
        for flag in quoted(row["flag"])
    }
    named = set(re.findall(r"--[a-z]+\.[a-z.-]+", text(README)))
    assert named and named <= known
