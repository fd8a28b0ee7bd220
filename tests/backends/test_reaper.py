"""What a run started ends with the run, however the run ends."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.backends.process import Process, StartError, free_port, wait_until_gone
from tests.backends.reaper import kill_group

ROOT = Path(__file__).parents[2]

RUN = """
import sys, time
from pathlib import Path
from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer

nats, postgres = NatsServer(Path(sys.argv[1])).start(), PostgresServer(durable=False).start()
print(nats.pid, postgres.pid, postgres._home, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_servers_end_and_data_goes_with_the_run(tmp_path: Path, number: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert run.stdout is not None
    with run.stdout:
        nats, postgres, home = run.stdout.readline().split()
    assert psutil.pid_exists(int(nats))
    assert psutil.pid_exists(int(postgres))

    run.send_signal(number)
    run.wait()

    wait_until_gone(int(nats), int(postgres))
    while Path(home).exists():
        time.sleep(0.01)


def test_a_server_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    process = started_in_a_thread(tmp_path / "log")

    assert process.running
    process.end(signal.SIGKILL)
    assert not process.running


def test_a_process_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    process = Process([sys.executable, "-c", stubborn], tmp_path / "log")
    process.wait_until(lambda: "up" in process.last_words(), "it")

    process.end(signal.SIGTERM, patience=0.2)

    assert not process.running


def test_waiting_ends_when_the_process_does_and_tells_its_last_words(tmp_path: Path) -> None:
    process = Process([sys.executable, "-c", "import sys; sys.exit('no luck')"], tmp_path / "log")

    with pytest.raises(StartError, match=r"(?s)it ended with 1:.*no luck"):
        process.wait_until(lambda: False, "it")


def test_waiting_has_an_end(tmp_path: Path) -> None:
    process = Process(["sleep", "600"], tmp_path / "log")

    with pytest.raises(StartError, match=r"it is not ready after 0\.1 s"):
        process.wait_until(lambda: False, "it", patience=0.1)
    process.end(signal.SIGKILL)


def test_killing_a_group_that_is_gone_is_no_error(tmp_path: Path) -> None:
    process = Process(["true"], tmp_path / "log")
    process.end(signal.SIGTERM)

    kill_group(process.pid)


def test_free_ports_lie_below_those_of_outgoing_connections() -> None:
    assert 20_000 <= free_port() < 32_000


def started_in_a_thread(log: Path) -> Process:
    """A process whose starting thread has ended."""
    started: list[Process] = []
    thread = threading.Thread(target=lambda: started.append(Process(["sleep", "600"], log)))
    thread.start()
    thread.join()
    return started[0]
