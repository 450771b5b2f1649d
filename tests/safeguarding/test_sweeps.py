"""A group that cannot be seen to keeps no other from its turn."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.safeguarding import service
from app.safeguarding.service import digest, findings, regulated, warnings
from tests import factories


@pytest.mark.parametrize(
    ("sweep", "room", "one"),
    [
        (service.refresh_all_findings, findings, "_refresh_and_tell"),
        (service.warn_everybody, warnings, "warn"),
        (service.send_digests, digest, "send"),
        (service.warn_all_of_regulated, regulated, "warn"),
    ],
)
def test_one_group_that_fails_keeps_no_other_from_its_turn(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    sweep: Callable[[], int],
    room: Any,
    one: str,
) -> None:
    first, second = (factories.opportunity().group_id for _ in range(2))
    seen: list[int] = []

    def breaks_at_first(group_id: int) -> int:
        seen.append(group_id)
        if group_id == first:
            raise RuntimeError("this group")
        return 1

    monkeypatch.setattr(room, one, breaks_at_first)
    with caplog.at_level(logging.ERROR), pytest.raises(ExceptionGroup) as raised:
        sweep()
    assert seen == [first, second]
    assert [str(fault) for fault in raised.value.exceptions] == ["this group"]
    assert "this group" in caplog.text
