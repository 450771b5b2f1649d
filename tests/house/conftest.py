"""The made-up language in place of Polish."""

from __future__ import annotations

from typing import Any

import flask_babel
import pytest
from flask import Flask

from tests.house.marked import Pseudo


@pytest.fixture
def made_up_language(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants Polish gets the language of the brackets."""
    pseudo: Any = Pseudo()
    domain = flask_babel.get_babel().instance.domain_instance
    monkeypatch.setitem(domain.cache, ("pl", "messages"), pseudo)
