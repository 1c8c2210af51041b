"""Starting, reloading, stopping, and what is said when it can't be."""

import os
import re
import signal
import socket
import stat
import subprocess

import pytest
from daemon import Daemon, binary, wait_until

CALL = {"model": "gpt-4o", "user": "somebody", "usage": {"prompt_tokens": 10, "completion_tokens": 5}}


def run(*arguments, **options):
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=30, **options)


def test_a_bad_configuration_names_every_error_and_exits_with_2(tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("web:\n  max_requests: many\nevents:\n  listen_ud: x\n")
    done = run(f"--config.file={config}", "--log.level=loud")
    assert done.returncode == 2
    for message in (
        f'{config}:2: web.max_requests: found "many", expected a whole number',
        f'{config}:4: events.listen_ud: found "listen_ud", expected a known key; did you mean events.listen_udp?',
        'command line: --log.level: found "loud", expected one of',
    ):
        assert message in done.stderr


def test_an_address_in_use_is_named():
    with Daemon() as first:
        host, port = first.http_address
        second = Daemon(f"--web.listen-address={host}:{port}").start(wait=False)
        assert second.wait() == 1
        assert f"cannot listen for HTTP on {host}:{port}: Address already in use" in second.log_text
        third = Daemon(f"--events.listen-unix={first.unix}").start(wait=False)
        assert third.wait() == 1
        assert str(first.unix) in third.log_text
        first.send_unix(CALL)
        first.wait_for_events(1)


def test_a_stale_socket_file_is_replaced():
    with Daemon() as daemon:
        daemon.kill()
        assert daemon.unix.exists()
        daemon.start()
        daemon.send_unix(CALL)
        daemon.wait_for_events(1)


def test_sockets_have_the_configured_mode_and_leave_nothing():
    with Daemon("--events.unixsocket-mode=0600") as daemon:
        assert stat.S_IMODE(daemon.unix.stat().st_mode) == 0o600
        assert stat.S_IMODE(daemon.unixgram.stat().st_mode) == 0o600
        assert daemon.stop() == 0
        assert not daemon.unix.exists() and not daemon.unixgram.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(number):
    with Daemon() as daemon:
        daemon.signal(number)
        assert daemon.wait() == 0


def test_ready_tells_the_truth():
    with Daemon() as daemon:
        assert daemon.request("/-/ready").status == 200
        assert daemon.values("llm_exporter_listener_up") == [1, 1, 1]
        daemon.unix.unlink()
        reply = daemon.request("/-/ready")
        assert reply.status == 503
        assert f"unix:{daemon.unix} is down: the socket file {daemon.unix} was removed or replaced" in reply.text
        assert daemon.value("llm_exporter_listener_up", listener=f"unix:{daemon.unix}") == 0


def test_sighup_takes_what_can_be_taken_and_says_what_waits():
    with Daemon(config="web: {max_requests: 3}\nlog: {level: info}\n") as daemon:
        (daemon.directory / "config.yml").write_text("web: {max_requests: 5, telemetry_path: /m}\nlog: {level: info}\n")
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: daemon.log_lines("configuration reloaded"), "the reload")
        wait_until(lambda: "takes a restart" in daemon.log_text, "what waits")
        assert "web.max_requests: 3 → 5" in daemon.log_text
        assert "web.telemetry_path: /metrics → /m" in daemon.log_text
        assert daemon.request("/metrics").status == 200
        assert daemon.value("llm_exporter_config_last_reload_successful") == 1


def test_a_bad_reload_changes_nothing():
    with Daemon("--web.enable-lifecycle", config="web: {max_requests: 3}\n") as daemon:
        before = daemon.value("llm_exporter_config_last_reload_success_timestamp_seconds")
        (daemon.directory / "config.yml").write_text("web: {max_requests: 5}\nlog: {level: loud}\n")
        reply = daemon.request("/-/reload", "POST")
        assert reply.status == 500 and "log.level" in reply.text
        assert daemon.value("llm_exporter_config_last_reload_successful") == 0
        assert daemon.status()["last_reload_successful"] is False
        assert daemon.value("llm_exporter_config_last_reload_success_timestamp_seconds") == before
        (daemon.directory / "config.yml").write_text("web: {max_requests: 5}\n")
        reply = daemon.request("/-/reload", "PUT")
        assert reply.status == 200 and "web.max_requests: 3 → 5" in reply.text
        assert daemon.value("llm_exporter_config_last_reload_successful") == 1


def test_a_reload_says_so_when_only_a_price_table_changed():
    with Daemon("--web.enable-lifecycle") as daemon:
        table = daemon.directory / "prices.json"
        table.write_text('{"mine": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-6}}')
        daemon.stop()
        daemon.flags += (f"--prices.file={table}",)
        daemon.start()
        assert "nothing changed" in daemon.request("/-/reload", "POST").text
        table.write_text(table.read_text().replace("1e-6", "2e-6"))
        assert "what price tables say" in daemon.request("/-/reload", "POST").text
        assert "nothing changed" in daemon.request("/-/reload", "POST").text


def test_reload_by_http_is_off_by_default():
    with Daemon() as daemon:
        assert daemon.request("/-/reload", "POST").status == 403
        assert daemon.request("/-/reload", "GET").status == 405


def test_the_hash_key_is_made_once_and_is_its_owners_alone():
    with Daemon("--metrics.labels=user") as daemon:
        key = daemon.storage / "user-hash.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert stat.S_IMODE(daemon.storage.stat().st_mode) == 0o700
        content = key.read_text()

        def user():
            daemon.send_unix(CALL)
            wait_until(lambda: daemon.value("llm_requests_total") >= 1, "the call")
            return {own["user"] for name, own, _ in daemon.samples() if name == "llm_requests_total"}

        first = user()
        assert "somebody" not in daemon.scrape().text and len(first) == 1
        daemon.stop()
        daemon.start()
        assert user() == first
        assert key.read_text() == content


def test_a_key_that_cannot_be_used_stops_the_start_where_it_is_needed():
    with Daemon() as daemon:
        daemon.stop()
        (daemon.storage / "user-hash.key").write_text("short")
        daemon.start()
        assert "the key for the hashes of user ids can't be used" in daemon.log_text
        daemon.stop()
        daemon.flags = ("--metrics.labels=user",)
        daemon.start(wait=False)
        assert daemon.wait() == 1
        assert "at least 16 bytes" in daemon.log_text


def test_a_fleet_shares_one_key():
    users = set()
    for _ in range(2):
        with Daemon("--metrics.labels=user", environment={"LLM_EXPORTER_USER_KEY": "0123456789abcdef"}) as daemon:
            daemon.send_unix(CALL)
            daemon.wait_for_events(1)
            users |= {own["user"] for name, own, _ in daemon.samples() if name == "llm_requests_total"}
    assert len(users) == 1


def test_without_storage_nothing_is_written():
    with Daemon("--no-storage") as daemon:
        assert daemon.request("/-/ready").status == 200
        assert not daemon.storage.exists()


def test_a_storage_path_that_cannot_be_used_is_said_and_metrics_are_served(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with Daemon(f"--storage.path={blocked}/data") as daemon:
        assert daemon.log_lines("the storage path can't be used: nothing will be kept over a restart")
        # Events are read once nobody waits for the store any longer.
        daemon.scrape()
        daemon.send_udp(CALL)
        daemon.wait_for_events(1)


def test_the_log_is_json_where_it_is_asked_for():
    with Daemon("--log.format=json") as daemon:
        pass
    import json

    lines = [json.loads(line) for line in daemon.log]
    assert {line["msg"] for line in lines} >= {"starting", "stopped"}
    assert all(set(line) >= {"time", "level", "msg"} for line in lines)


def test_the_log_says_what_was_asked_of_the_kernel_and_what_it_gave():
    with Daemon("--events.receive-buffer=1MiB") as daemon:
        [line] = [line for line in daemon.log_lines("listening for events") if "udp" in line]
        assert re.search(r"receive_buffer_asked=1048576 receive_buffer_granted=\d+", line)
        assert "version=20" in "".join(daemon.log_lines("price table in use"))


def test_environment_variables_are_settings():
    with Daemon(environment={"LLM_EXPORTER_WEB_TELEMETRY_PATH": "/from-environment"}) as daemon:
        assert daemon.request("/from-environment").status == 200


def test_a_second_signal_ends_it_at_once():
    with Daemon() as daemon:
        # A client that never closes keeps the drain waiting for its limit.
        with daemon.stream() as client:
            client.sendall(b'{"model":')
            daemon.signal(signal.SIGTERM)
            wait_until(lambda: daemon.log_lines("stopping") or daemon.process.poll() is not None, "the stop")
            if daemon.process.poll() is None:
                daemon.signal(signal.SIGTERM)
            assert daemon.wait() in (0, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may bind anything")
def test_a_port_that_is_not_ours_is_named():
    done = run("--web.listen-address=127.0.0.1:80", "--no-storage", "--events.listen-unix=", "--events.listen-unixgram=")
    assert done.returncode == 1 and "Permission denied" in done.stderr


def test_check_config_prints_the_effective_settings(tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("web: {max_requests: 7}\nprices: {aliases: {mine: gpt-4o}}\n")
    done = run("check-config", f"--config.file={config}", "--log.level=debug")
    assert done.returncode == 0
    assert 'web.max_requests: "7"  # file, line 1' in done.stdout
    assert 'log.level: "debug"  # flag' in done.stdout
    assert 'prices.aliases: {"mine": "gpt-4o"}' in done.stdout
    config.write_text('budgets: [{name: search, team: "*", window: month, dollars: 2.5, tokens: 100}]\n')
    done = run("check-config", f"--config.file={config}")
    assert 'budgets: {name: "search", window: month, zone: UTC, dollars: 2.5, tokens: 100, team: "*"}' in done.stdout
    config.write_text("web: {max_request: 7}\n")
    done = run("check-config", f"--config.file={config}")
    assert done.returncode == 2 and ":1: web.max_request: " in done.stderr


def test_a_word_that_is_no_sub_command_is_named_with_those_that_are():
    done = run("sned", "--model=gpt-4o")
    assert done.returncode == 64
    assert "there is no sub-command 'sned'; there are serve, check-config, send" in done.stderr


def test_a_run_directory_of_another_session_does_not_stop_the_start(tmp_path):
    with Daemon(environment={"XDG_RUNTIME_DIR": str(tmp_path / "gone")}) as daemon:
        assert daemon.request("/-/healthy").status == 200


def test_help_and_version():
    for arguments in (["--help"], ["serve", "--help"], ["check-config", "--help"]):
        done = run(*arguments)
        assert done.returncode == 0
        for text in ("--events.listen-udp", "127.0.0.1:10781", "--no-storage", "4MiB"):
            assert text in done.stdout
    assert re.match(r"llm-exporter \d+\.\d+\.\d+ ", run("--version").stdout)
    assert run("version").stdout == run("--version").stdout


def test_the_port_of_udp_is_free_again_after_a_stop():
    with Daemon() as daemon:
        address = daemon.udp_address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(address)
