"""The least HTTP/1.1 that a fast stand-in needs: kept-alive connections, answers in order.

Raw `asyncio.Protocol`, because the stand-in must never be what is measured:
a request costs some 50 microseconds here, ten times that in a framework.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

LARGEST: Final = 1 << 20
WORDS: Final = {
    200: "OK",
    201: "Created",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    411: "Length Required",
    413: "Content Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


@dataclass(slots=True)
class Request:
    """One request, whole. The header is kept as it came: few ever look into it."""

    method: bytes
    target: bytes
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """A header's value by its lower-case name; empty when there is none."""
        return _header(self.head, name)


def _header(head: bytes, name: bytes) -> bytes:
    at = head.lower().find(b"\r\n" + name + b":")
    if at < 0:
        return b""
    begin = at + len(name) + 3
    end = head.find(b"\r\n", begin)
    return head[begin : end if end >= 0 else len(head)].strip()


def answer(status: int, body: bytes = b"", kind: bytes = b"application/json") -> bytes:
    """A whole response."""
    return b"HTTP/1.1 %d %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        status,
        WORDS[status].encode(),
        kind,
        len(body),
        body,
    )


class Connection(asyncio.Protocol):
    """One client's connection: requests are taken one by one, so that answers keep their order.

    `handle(request, connection)` must see to it that `reply` or `cut` is
    called once, now or later. Until then the bytes of the next request wait.
    """

    __slots__ = ("_busy", "_handle", "_received", "_transport")

    def __init__(self, handle: Callable[[Request, Connection], None]) -> None:
        self._handle = handle
        self._received = bytearray()
        self._busy = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _reason: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._busy:
            self._take_next()

    def reply(self, response: bytes) -> None:
        """Answer the request in hand; a client that has gone is no error."""
        self._busy = False
        if self._transport is None:
            return
        self._transport.write(response)
        if self._received:
            self._take_next()

    def cut(self) -> None:
        """End the connection at once and without a word."""
        if self._transport is not None:
            self._transport.abort()

    def _take_next(self) -> None:
        received = self._received
        end = received.find(b"\r\n\r\n")
        if end < 0:
            if len(received) > LARGEST:
                self._refuse(413)
            return
        head = bytes(received[:end])
        length = _header(head, b"content-length")
        if not length and _header(head, b"transfer-encoding"):
            self._refuse(411)
            return
        try:
            size = int(length or 0)
            method, target, _version = head.partition(b"\r\n")[0].split(b" ")
        except ValueError:
            self._refuse(400)
            return
        if not 0 <= size <= LARGEST:
            self._refuse(413)
            return
        whole = end + 4 + size
        if len(received) < whole:
            return
        body = bytes(received[end + 4 : whole])
        del received[:whole]
        self._busy = True
        self._handle(Request(method, target, head, body), self)

    def _refuse(self, status: int) -> None:
        if self._transport is not None:
            self._transport.write(answer(status))
            self._transport.close()


async def listen(
    handle: Callable[[Request, Connection], None], port: int
) -> tuple[asyncio.Server, int]:
    """Serve on the loopback alone, port 0 for a free one; the server and its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(handle), "127.0.0.1", port, backlog=1024, reuse_address=True
    )
    where: Any = server.sockets[0].getsockname()
    return server, int(where[1])
