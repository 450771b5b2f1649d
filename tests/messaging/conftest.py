"""GOV.UK Notify's stand-in, for the tests that text through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests import notify


@pytest.fixture
def stub_notify(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[notify.StubNotify]:
    """A stand-in for GOV.UK Notify, with an account that the app knows; nobody texts by it yet."""
    with notify.running() as stub:
        for name, value in {
            "NOTIFY_API_URL": stub.url,
            "NOTIFY_API_KEY": notify.API_KEY,
            "NOTIFY_SMS_TEMPLATE_ID": notify.TEMPLATE,
            "NOTIFY_CALLBACK_TOKEN": notify.CALLBACK_TOKEN,
            "SMS_SEGMENTS_PER_SECOND": 10_000.0,
        }.items():
            monkeypatch.setitem(app.config, name, value)
        yield stub
