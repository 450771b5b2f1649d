"""It is five in the afternoon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.foundation import clock
from tests.cover.scene import NOW, Scene


@pytest.fixture(autouse=True)
def _five(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def scene(app: Flask) -> Scene:
    return Scene()
