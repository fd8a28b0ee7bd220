"""Settings of a service."""

from __future__ import annotations

import re

from shared.settings import owner_on


def test_an_owner_is_new_each_time() -> None:
    assert owner_on("host") != owner_on("host")


def test_an_owner_on_a_host_with_a_domain_can_name_a_consumer() -> None:
    """NATS takes no dots, blanks, wildcards or slashes in a consumer's name."""
    for host in ("pod-7.mentoring.svc.cluster.local", "a b*c>d/e\\f", "h" * 300, "", "ö"):
        assert re.fullmatch("[A-Za-z0-9_-]{1,49}", owner_on(host))
