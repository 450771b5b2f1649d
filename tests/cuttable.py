"""A wire to a stub that can be cut and mended: whoever is beyond it is gone for a while."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Takes connections on a port of its own and passes on what is said, both ways."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._there = (parts.hostname or "", parts.port or 0)
        self._threads: list[threading.Thread] = []
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._port = 0
        self.mend()
        self.url = f"http://127.0.0.1:{self._port}"

    def mend(self) -> None:
        """They are there, at the same address each time."""
        listener = socket.create_server(("127.0.0.1", self._port), backlog=256)
        self._port = listener.getsockname()[1]
        self._ends.add(listener)
        self._start(self._accept, listener)

    def cut(self) -> None:
        """Nobody is there any more: connections end, new ones are refused."""
        with self._lock:
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)  # its thread closes it

    def close(self) -> None:
        self.cut()
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[..., None], *ends: socket.socket) -> None:
        thread = threading.Thread(target=work, args=ends, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with self._closing(listener):
            while True:
                try:
                    here, _ = listener.accept()
                except OSError:
                    return  # it was cut
                there = socket.create_connection(self._there)
                with self._lock:
                    self._ends |= {here, there}
                self._start(self._pass_on, here, there)

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        with self._closing(here, there), suppress(OSError):
            while True:
                for source in select.select([here, there], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    (there if source is here else here).sendall(data)

    @contextmanager
    def _closing(self, *ends: socket.socket) -> Iterator[None]:
        try:
            yield
        finally:
            with self._lock:
                self._ends -= set(ends)
                for end in ends:
                    end.close()


@contextmanager
def wire(url: str) -> Iterator[Wire]:
    """A wire to an address, whole until it is cut."""
    made = Wire(url)
    try:
        yield made
    finally:
        made.close()
