"""Print every pair of a program, from the first one on, and go on as new ones come.

    python docs/examples/read_pairs.py nats://127.0.0.1:4222 spring-2030

It needs nothing but nats-py. An ordered consumer reads the log in its order and acknowledges nothing.
"""
# ruff: noqa: INP001 - a script to be copied, not a module

from __future__ import annotations

import asyncio
import json
import sys

import nats


async def main(server: str, program: str) -> None:
    """Read `paired` of one program."""
    client = await nats.connect(server, error_cb=tell)
    log = client.jetstream()
    subject = f"mentoring.{program}.paired.>"
    pairs = await log.subscribe(subject, stream="MENTORING", ordered_consumer=True)
    async for message in pairs.messages:
        event = json.loads(message.data)
        data = event["data"]
        place = message.metadata.sequence.stream
        line = f"{place} {event['id']} {data['mentee']} with {data['mentor']}\n"
        sys.stdout.write(line)
        sys.stdout.flush()


async def tell(error: Exception) -> None:
    """Trouble with the server, in a line; nats-py tries again by itself."""
    sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    try:
        _, server, program = sys.argv
    except ValueError:
        sys.exit(__doc__)
    asyncio.run(main(server, program))
