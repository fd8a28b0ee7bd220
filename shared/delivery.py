"""How the log's messages get from the socket to their reader: in lists, past nats-py's message objects and queues.

For each message nats-py 2.16 matches regular expressions, parses all headers, makes an object, puts it into a queue
and switches tasks: most of what reading costs. Its client stays (connection, TLS, authentication, reconnects); only
its parser is replaced by one that knows which subscriptions are readers and hands over, once for each read of the
socket, what arrived for them, as bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nats.aio.client import Client
from nats.errors import ProtocolError
from nats.protocol.parser import AWAITING_CONTROL_LINE, Parser

Delivered = tuple[bytes, bytes, bytes, bytes]
"""Subject, reply, header block and body of a message as they came; what is missing is empty."""
Sink = Callable[[Sequence[Delivered]], None]
"""Takes what arrived, in order. It must not raise: the connection would end with it."""

MAX_LINE = 65536
"""Bytes without a line's end after which it is no NATS server that speaks."""
_END = b"\r\n"
_LONGEST = {b"MSG": 5, b"HMSG": 6}
"""Words of a message's line (NATS client protocol) when it names a reply."""
_HEADED = 6


class DeliveryParser(Parser):
    """nats-py's parser with a short way for readers.

    It keeps the connection whatever a publisher wrote: bytes that are no UTF-8 in a subject, headers that nobody can
    read, a form feed, which nats-py takes for a blank. Each of them would end nats-py's own read loop.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sinks: dict[bytes, Sink] = {}
        self._wanted = 0
        self._resets = 0
        super().__init__(client)

    def reset(self) -> None:
        """Forget what arrived: the connection is another."""
        super().reset()
        self._wanted = 0
        self._resets += 1

    def add(self, sid: int, sink: Sink) -> None:
        """Hand over what comes for this subscription from now on."""
        self._sinks[b"%d" % sid] = sink

    def remove(self, sid: int) -> None:
        """Hand over no more; nats-py drops what still comes."""
        self._sinks.pop(b"%d" % sid, None)

    async def parse(self, data: bytes = b"") -> None:
        """Take what the socket gave; what is not whole yet waits for the rest.

        Raises:
            ProtocolError: no NATS server says this; nats-py connects anew.
        """
        self.buf += data
        if len(self.buf) < self._wanted:
            return
        try:
            await self._parse()
        except (ValueError, IndexError) as error:  # nats-py would never read again
            raise ProtocolError from error

    async def _parse(self) -> None:
        given, at, resets = bytes(self.buf), 0, self._resets
        self.buf.clear()
        self._wanted = 0
        while (at := self._deliver(given, at)) < len(given) and not self._wanted:
            end = await self._pass_on(given, at)
            if self._resets != resets:  # the rest came from a connection that is gone
                return
            if end is None:
                break
            at = end
        self.buf += given[at:]

    def _deliver(self, given: bytes, at: int) -> int:
        """Hand over all messages from here on that are readers' and whole; where the first other thing begins.

        Every message of a replay passes here: no call and no object that can be spared.
        """
        arrived: dict[bytes, list[Delivered]] = {sid: [] for sid in self._sinks}
        find, whole = given.find, len(given) - 2
        while (stop := find(_END, at)) >= 0:
            words = given[at:stop].split(b" ")
            longest = _LONGEST.get(words[0])
            into = arrived.get(words[2]) if longest else None
            if into is None:
                break
            body = stop + 2
            end = body + int(words[-1])
            if end > whole:
                self._wanted = end + 2 - at
                break
            head = b""
            if longest == _HEADED:
                head = given[body : (body := body + int(words[-2]))]
            into.append(
                (words[1], words[3] if len(words) == longest else b"", head, given[body:end])
            )
            at = end + 2
        for sid, messages in arrived.items():
            if messages:
                self._sinks[sid](messages)
        return at

    async def _pass_on(self, given: bytes, at: int) -> int | None:
        """Let nats-py have the one thing that begins here; where it ends, or None when it is not whole yet."""
        stop = given.find(_END, at)
        if stop < 0:
            if len(given) - at > MAX_LINE:
                raise ProtocolError
            return None
        words, start = given[at:stop].split(b" "), stop + 2
        longest = _LONGEST.get(words[0])
        if longest is None:
            await self._pass_control(given[at:start])
            return start
        end = start + int(words[-1])
        if end + 2 > len(given):
            self._wanted = end + 2 - at
            return None
        body = start + int(words[-2]) if longest == _HEADED else start
        await self._pass_message(words, given[start:body], given[body:end])
        return end + 2

    async def _pass_control(self, line: bytes) -> None:
        await super().parse(line)
        if self.buf:
            raise ProtocolError

    async def _pass_message(self, words: Sequence[bytes], head: bytes, body: bytes) -> None:
        client = self._client
        try:
            await client._process_headers(head)  # noqa: SLF001 - a parser belongs to the client's inside
        except (ValueError, LookupError):
            head = b""
        reply = words[3] if len(words) == _LONGEST[words[0]] else b""
        await client._process_msg(  # noqa: SLF001 - the same
            int(words[2]), _readable(words[1]), _readable(reply), body, head
        )


def install(client: Client) -> DeliveryParser:
    """Give a client this parser, connected or not, once; what the old one had not read yet is read by the new one."""
    before = client._ps  # noqa: SLF001 - there is no public place for it
    if isinstance(before, DeliveryParser):
        return before
    made = DeliveryParser(client)
    made.buf += _unread(before)
    before.reset()
    client._ps = made  # noqa: SLF001 - the same
    return made


def _unread(parser: Parser) -> bytes:
    """What a parser holds, with the line that it has taken off the message it waits for."""
    if parser.state == AWAITING_CONTROL_LINE:
        return bytes(parser.buf)
    line, head = parser.msg_arg, parser.header_needed
    words = [b"HMSG" if head else b"MSG", line["subject"], b"%d" % line["sid"]]
    words += [line["reply"]] if line["reply"] else []
    words += [b"%d" % head] if head else []
    return b" ".join([*words, b"%d" % parser.needed]) + _END + bytes(parser.buf)


def _readable(name: bytes) -> bytes:
    return name if name.isascii() else name.decode(errors="replace").encode()
