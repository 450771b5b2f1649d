"""The app with the stand-in carrier, served on loopback, so that the real library can call it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from werkzeug.serving import make_server

from app import create_app
from app.foundation.extensions import db
from app.simulator.models import SimulatedHandset

SID, TOKEN = "AC" + "5" * 32, "simulator-token"
OUR_NUMBER = "+447700900000"


class Elsewhere(TwilioHttpClient):
    """The library's own client, at another address."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=10)
        self.base = base

    def request(self, method, url, **rest):
        return super().request(method, url.replace("https://api.twilio.com", self.base, 1), **rest)


@pytest.fixture(scope="session")
def _served(_application: Flask, settings: dict[str, object]) -> Iterator[Flask]:
    simulated = create_app(
        {
            **settings,
            "APP_ENV": "development",
            "SMS_PROVIDER": "simulator",
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM_NUMBER": OUR_NUMBER,
        }
    )
    server = make_server("127.0.0.1", 0, simulated, threaded=True)
    simulated.config["PUBLIC_URL"] = f"http://127.0.0.1:{server.server_port}"
    simulated.config["TWILIO_API_URL"] = simulated.config["PUBLIC_URL"] + "/simulator/api"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield simulated
    server.shutdown()
    thread.join()
    server.server_close()
    with simulated.app_context():
        db.engine.dispose()


@pytest.fixture
def simulated(app: Flask, _served: Flask) -> Iterator[Flask]:
    """The app with the simulator, in its context; `app` empties the database that both share."""
    with _served.app_context():
        yield _served
        db.session.remove()


@pytest.fixture
def pages(simulated: Flask) -> FlaskClient:
    return simulated.test_client()


@pytest.fixture
def twilio(simulated: Flask) -> Iterator[Client]:
    """The real library, pointed at the stand-in."""
    http = Elsewhere(simulated.config["TWILIO_API_URL"])
    yield Client(SID, TOKEN, http_client=http)
    http.session.close()


def handset_id(phone: str) -> int:
    """The handset that a text has made."""
    query = select(SimulatedHandset.id).where(SimulatedHandset.phone == phone)
    return db.session.scalars(query).one()
