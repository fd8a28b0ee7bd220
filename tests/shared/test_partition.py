"""The partition of a program is computed as the server computes it."""

import random
import string

from shared import provision
from shared.events.system import Redriven
from shared.log import STREAM, Log
from shared.partition import partition_of
from tests.cli.say import event


async def test_a_program_lies_in_the_partition_that_the_server_appends(nats_url: str) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    letters = string.ascii_letters + string.digits + "_-"
    programs = ["".join(chance.choices(letters, k=chance.randint(1, 64))) for _ in range(60)]
    log = await Log.connect(nats_url)
    try:
        await provision.apply(log, partitions=7)
        for program in programs:
            data = Redriven(event=event_id(), service="matching", by="p1", reason="tried")
            await log.publish(event(data, "c1", program))
            raw = await log.js.get_last_msg(STREAM, f"mentoring.{program}.>")
            assert raw.subject == f"mentoring.{program}.redriven.c1.{partition_of(program, 7)}"
    finally:
        await log.close()


def event_id() -> str:
    return "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
