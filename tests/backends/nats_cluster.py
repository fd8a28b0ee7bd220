"""Servers on loopback that replicate streams, for tests that kill a leader."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.backends.nats_server import NatsServer
from tests.backends.process import StartError, free_port

_PATIENCE = 60.0


class NatsCluster:
    """`size` servers with routes to each other; a stream with `num_replicas=size` lives on all of them."""

    def __init__(self, folder: Path, size: int = 3) -> None:
        routes = [free_port() for _ in range(size)]
        addresses = ",".join(f"nats://127.0.0.1:{port}" for port in routes)
        self.nodes = [
            NatsServer(folder / f"n{number}", name=f"n{number}", flags=_flags(port, addresses))
            for number, port in enumerate(routes, start=1)
        ]

    @property
    def urls(self) -> list[str]:
        """One address per node."""
        return [node.url for node in self.nodes]

    @property
    def url(self) -> str:
        """All addresses with commas between them."""
        return ",".join(self.urls)

    def start(self) -> Self:
        """Start every node and wait until all are healthy: two of three take minutes to elect a leader."""
        for node in self.nodes:
            node.launch()
        self.wait_healthy()
        return self

    def stop(self) -> None:
        """End every node in an orderly way."""
        for node in self.nodes:
            node.stop()

    def wait_healthy(self) -> None:
        """Return when /healthz of every node says so and they agree on a meta leader. Raises StartError."""
        self._wait_for(self._settled, "the cluster is not healthy")

    def node(self, name: str) -> NatsServer:
        """The node called `name`."""
        return next(node for node in self.nodes if node.name == name)

    def leader_of(self, stream: str) -> NatsServer:
        """The node that leads `stream`, once one does. Raises StartError when none is elected in time."""
        self._wait_for(lambda: self._leader_name(stream) is not None, f"{stream} has no leader")
        name = self._leader_name(stream)
        return self.leader_of(stream) if name is None else self.node(name)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _settled(self) -> bool:
        if not all(node.healthy() for node in self.nodes):
            return False
        leaders = {node.monitor("jsz")["meta_cluster"].get("leader") for node in self.nodes}
        return len(leaders) == 1 and None not in leaders

    def _leader_name(self, stream: str) -> str | None:
        """A leader that its own node confirms: the others may still name one that is gone."""
        for node in self.nodes:
            if node.running and _leader_seen_by(node, stream) == node.name:
                return node.name
        return None

    def _wait_for(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise StartError(f"{what} after {_PATIENCE} s")
            time.sleep(0.05)


def _flags(port: int, routes: str) -> list[str]:
    listen = f"nats://127.0.0.1:{port}"
    return ["--cluster_name", "mentoring", "--cluster", listen, "--routes", routes]


def _leader_seen_by(node: NatsServer, stream: str) -> str | None:
    try:
        accounts = node.monitor("jsz?streams=true").get("account_details", [])
    except OSError:
        return None
    for account in accounts:
        for detail in account.get("stream_detail", []):
            if detail["name"] == stream:
                leader = detail.get("cluster", {}).get("leader")
                return None if leader is None else str(leader)
    return None
