"""Delivery: however the bytes arrive, readers get their messages and nats-py gets the rest, each once and in order."""

from __future__ import annotations

import random
from typing import Any

import pytest
from nats.aio.client import Client
from nats.errors import ProtocolError
from nats.protocol.parser import Parser

from shared.delivery import MAX_LINE, Delivered, DeliveryParser, install

READER, OTHER = 7, 8
HEAD = b"NATS/1.0\r\nMentoring-Cause: 3\r\n\r\n"


class Recorder(Client):
    """A client that writes down what its parser tells it."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[object] = []

    async def _process_msg(self, *what: Any) -> None:
        self.got.append(what)

    async def _process_ping(self) -> None:
        self.got.append("ping")

    async def _process_err(self, err_msg: str) -> None:
        self.got.append(err_msg)
        self._ps.reset()


def message(sid: int, subject: bytes, body: bytes, head: bytes = b"", reply: bytes = b"") -> bytes:
    """A message as a server writes it."""
    sizes = [b"%d" % len(head)] if head else []
    sizes.append(b"%d" % (len(head) + len(body)))
    words = [b"HMSG" if head else b"MSG", subject, b"%d" % sid, *([reply] if reply else []), *sizes]
    return b" ".join(words) + b"\r\n" + head + body + b"\r\n"


STREAM = b"".join(
    [
        message(READER, b"a.1", b"one", HEAD, b"$JS.ACK.x"),
        b"PING\r\n",
        message(READER, b"a.2", b"MSG a 7 1\r\n\r\n", reply=b"r"),
        message(OTHER, b"inbox.\xff", b"theirs\r\n", HEAD, b"re\xffply"),
        message(READER, b"_INBOX.x", b"", b"NATS/1.0 408\r\n\r\n"),
        b"+OK\r\n",
        message(READER, b"a.3", b""),
        message(OTHER, b"a.\x0b\x0c", b"body"),
        message(OTHER, b"broken", b"body", b"NATS/1.0 \xff\xfe\xfd \xff\r\n\r\n"),
        message(READER, b"a.\x0b\x0c\xff", b"x" * 3000, HEAD),
    ]
)
OURS: list[Delivered] = [
    (b"a.1", b"$JS.ACK.x", HEAD, b"one"),
    (b"a.2", b"r", b"", b"MSG a 7 1\r\n\r\n"),
    (b"_INBOX.x", b"", b"NATS/1.0 408\r\n\r\n", b""),
    (b"a.3", b"", b"", b""),
    (b"a.\x0b\x0c\xff", b"", HEAD, b"x" * 3000),
]
THEIRS: list[object] = [
    "ping",
    (OTHER, "inbox.\ufffd".encode(), "re\ufffdply".encode(), b"theirs\r\n", HEAD),
    (OTHER, b"a.\x0b\x0c", b"", b"body", b""),
    (OTHER, b"broken", b"", b"body", b""),
]


@pytest.fixture
def client() -> Recorder:
    return Recorder()


async def feed(client: Recorder, parts: list[bytes]) -> list[Delivered]:
    """Let the client's parser read these parts; what came for the reader."""
    ours: list[Delivered] = []
    parser = install(client)
    parser.add(READER, ours.extend)
    for part in parts:
        await parser.parse(part)
    return ours


async def test_a_reader_gets_its_messages_and_nats_py_gets_the_rest(client: Recorder) -> None:
    assert await feed(client, [STREAM]) == OURS
    assert client.got == THEIRS


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
async def test_parts_of_any_size_give_the_same(client: Recorder, size: int) -> None:
    parts = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
    assert await feed(client, parts) == OURS
    assert client.got == THEIRS


async def test_a_cut_anywhere_changes_nothing() -> None:
    for at in range(len(STREAM) + 1):
        client = Recorder()
        assert await feed(client, [STREAM[:at], STREAM[at:]]) == OURS, at
        assert client.got == THEIRS, at


async def test_a_hand_over_is_once_for_what_came_together(client: Recorder) -> None:
    lists: list[list[Delivered]] = []
    parser = install(client)
    parser.add(READER, lambda messages: lists.append(list(messages)))
    await parser.parse(b"".join(message(READER, b"a", b"%d" % n) for n in range(50)))
    assert [len(each) for each in lists] == [50]


async def test_a_subscription_that_is_no_reader_s_any_more_is_nats_py_s(client: Recorder) -> None:
    parser = install(client)
    parser.add(READER, lambda _: None)
    parser.remove(READER)
    await parser.parse(message(READER, b"a", b"late"))
    assert client.got == [(READER, b"a", b"", b"late", b"")]


async def test_a_new_connection_begins_without_the_rest_of_the_old_one(client: Recorder) -> None:
    parser = install(client)
    half = message(OTHER, b"a", b"never whole")
    await parser.parse(half[:-5])
    parser.reset()
    await parser.parse(b"PING\r\n")
    assert client.got == ["ping"]


async def test_a_connection_that_ends_at_an_error_leaves_nothing_of_what_came_with_it(
    client: Recorder,
) -> None:
    await feed(client, [b"-ERR 'Stale Connection'\r\nPING\r\n" + message(OTHER, b"a", b"x")])
    assert client.got == ["'stale connection'"]


@pytest.mark.parametrize(
    "words",
    [
        b"MSG\r\n",
        b"MSG a\r\n",
        b"MSG a b c\r\nxxx\r\n",
        b"HMSG a 7 x 3\r\nxxx\r\n",
        b"HMSG a 8 x 3\r\nxxx\r\n",
        b"GET / HTTP/1.1\r\n",
        b"x" * (MAX_LINE + 1),
    ],
    ids=lambda words: str(words[:12]),
)
async def test_what_no_server_says_is_refused_so_that_nats_py_connects_anew(
    client: Recorder, words: bytes
) -> None:
    with pytest.raises(ProtocolError):
        await feed(client, [words])


async def test_a_client_that_has_read_already_goes_on_where_its_parser_stopped() -> None:
    before = message(OTHER, b"b", b"one") + message(OTHER, b"b", b"two", HEAD, b"r")
    for at in range(len(before) + 1):
        client = Recorder()
        client._ps = Parser(client)
        await client._ps.parse(before[:at])
        assert await feed(client, [before[at:] + STREAM]) == OURS, at
        assert client.got[1:] == [(OTHER, b"b", b"r", b"two", HEAD), *THEIRS], at


def test_a_parser_is_installed_once(client: Recorder) -> None:
    parser = install(client)
    assert isinstance(parser, DeliveryParser)
    assert install(client) is parser


async def test_random_streams_in_random_parts_are_read_whole() -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    chance = random.Random(seed)
    for _ in range(200):
        client, wanted, stream = Recorder(), list[bytes](), b""
        for n in range(chance.randrange(30)):
            body = bytes(chance.choices(b"\r\n MSG7", k=chance.randrange(40)))
            head = HEAD if chance.random() < 0.5 else b""
            sid = chance.choice([READER, OTHER])
            stream += message(sid, b"s.%d" % n, body, head)
            wanted += [body] if sid == READER else []
            stream += chance.choice([b"", b"", b"PING\r\n"])
        cuts = sorted(chance.choices(range(len(stream) + 1), k=5))
        parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        assert [body for *_, body in await feed(client, parts)] == wanted
