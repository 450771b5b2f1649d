"""A load generator in a process of its own: calls that were signed before, sent and timed.

Reads one JSON object from standard input: `url`, `calls` (each a form's body
and its signature), `connections`, and `rate` in calls a second or null for as
fast as the answers come. Writes one to standard output: how many answers of
each status, the seconds from the first call to the last answer, and the
milliseconds of each call, by its own moment of leaving.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Call = tuple[str, str]


@dataclass(frozen=True)
class Result:
    """What came of a load."""

    statuses: dict[str, int]
    seconds: float
    milliseconds: list[float]

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    def at(self, share: float) -> float:
        """The milliseconds within which such a share of the calls was answered."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Load:
    """A load under way, so that something else can be watched beside it."""

    def __init__(
        self, url: str, calls: Sequence[Call], *, connections: int, rate: float | None = None
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wish = {"url": url, "calls": calls, "connections": connections, "rate": rate}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish))
        self._process.stdin.close()

    def result(self) -> Result:
        """Wait for its end. Raises `RuntimeError` when the generator itself failed."""
        assert self._process.stdout is not None
        said = self._process.stdout.read()
        if self._process.wait() != 0:
            raise RuntimeError("The load generator failed.")
        return Result(**json.loads(said))


async def _send(wish: dict[str, Any]) -> dict[str, Any]:
    import aiohttp  # noqa: PLC0415 - whoever only starts a load does without it

    statuses: Counter[str] = Counter()
    milliseconds: list[float] = []
    connector = aiohttp.TCPConnector(limit=wish["connections"])
    timeout = aiohttp.ClientTimeout(total=60)
    form = "application/x-www-form-urlencoded"

    async def call(body: str, signature: str) -> None:
        headers = {"X-Twilio-Signature": signature, "Content-Type": form}
        began = time.perf_counter()
        try:
            async with session.post(wish["url"], data=body.encode(), headers=headers) as answer:
                await answer.read()
                statuses[str(answer.status)] += 1
        except (aiohttp.ClientError, TimeoutError) as fault:
            statuses[type(fault).__name__] += 1
        milliseconds.append((time.perf_counter() - began) * 1000)

    async def work(rest: Iterator[Call]) -> None:
        for body, signature in rest:
            await call(body, signature)

    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        began = time.perf_counter()
        if wish["rate"] is None:
            rest = iter(wish["calls"])
            await asyncio.gather(*(work(rest) for _ in range(wish["connections"])))
        else:
            # By the clock, whether the answers keep up or not.
            async with asyncio.TaskGroup() as group:
                for number, one in enumerate(wish["calls"]):
                    due = began + number / wish["rate"]
                    if (early := due - time.perf_counter()) > 0:
                        await asyncio.sleep(early)
                    group.create_task(call(*one))
        seconds = time.perf_counter() - began
    return {"statuses": dict(statuses), "seconds": seconds, "milliseconds": milliseconds}


if __name__ == "__main__":
    json.dump(asyncio.run(_send(json.load(sys.stdin))), sys.stdout)
