"""Twilio, through its own library. Nothing else imports it.

The client's own retry would post a message again after any exception, so it
stays off. A request has ten seconds; Twilio answers in a fraction of one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
    encode_basic_auth,
)
from flask import current_app
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from app.messaging.carriers import Listed, Parcel
from app.messaging.rules.outcomes import Outcome, Verdict, of_refusal

TWILIO = "https://api.twilio.com"
TIMEOUT = ClientTimeout(total=10, sock_connect=3)
AT_ONCE = 20

# At INFO the library logs each request with its number and text.
logging.getLogger("twilio").setLevel(logging.WARNING)


class _AsyncHttp(AsyncTwilioHttpClient):  # type: ignore[misc] # the library has no types
    """The library's client with timeouts, kept-alive connections and another base address."""

    def __init__(self, base: str) -> None:
        super().__init__(pool_connections=False)
        self.base = base
        self.session = ClientSession(timeout=TIMEOUT, connector=TCPConnector(limit=AT_ONCE))

    async def request(self, method: str, url: str, **rest: Any) -> Any:
        # The library hands credentials over in a way that aiohttp is about to drop.
        user, password = rest.pop("auth")
        headers = {**rest.pop("headers"), "Authorization": encode_basic_auth(user, password)}
        address = url.replace(TWILIO, self.base, 1)
        return await super().request(method, address, headers=headers, **rest)


class _Http(TwilioHttpClient):  # type: ignore[misc] # the library has no types
    def __init__(self, base: str) -> None:
        super().__init__(timeout=10)
        self.base = base
        # Another base is a stub or a proxy of our own: no other proxy stands before it.
        self.session.trust_env = base == TWILIO

    def request(self, method: str, url: str, **rest: Any) -> Any:
        return super().request(method, url.replace(TWILIO, self.base, 1), **rest)


class TwilioLine:
    """An event loop and a client that live as long as the job."""

    def __init__(self, runner: asyncio.Runner, client: Client, public_url: str) -> None:
        self._runner = runner
        self._client = client
        self._public_url = public_url

    def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        return self._runner.run(self._send_all(parcels))

    async def _send_all(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        return list(await asyncio.gather(*(self._send(parcel) for parcel in parcels)))

    async def _send(self, parcel: Parcel) -> Outcome:
        config = current_app.config
        service = config["TWILIO_MESSAGING_SERVICE_SID"]
        sender = (
            {"messaging_service_sid": service}
            if service
            else {"from_": config["TWILIO_FROM_NUMBER"]}
        )
        try:
            message = await self._client.messages.create_async(
                to=parcel.to,
                body=parcel.body,
                status_callback=f"{self._public_url}/webhooks/twilio/status?m={parcel.token}",
                **sender,
            )
        except TwilioRestException as refusal:
            return of_refusal(refusal.status, refusal.code)
        except (ClientConnectorError, ConnectionTimeoutError):
            return Outcome(Verdict.TRY_LATER, "The carrier could not be reached.")
        except (ClientError, TimeoutError, OSError):
            return Outcome(Verdict.UNCERTAIN, "The carrier's answer was lost.")
        except (TwilioException, ValueError, KeyError):
            return Outcome(Verdict.UNCERTAIN, "The carrier's answer could not be read.")
        return Outcome(Verdict.ACCEPTED, carrier_id=message.sid)


class TwilioCarrier:
    """Texts through Twilio's Programmable Messaging."""

    name = "twilio"

    @contextmanager
    def open(self) -> Iterator[TwilioLine]:
        with asyncio.Runner() as runner:
            http = runner.run(_made(_base()))
            try:
                yield TwilioLine(runner, _client(http), current_app.config["PUBLIC_URL"])
            finally:
                runner.run(http.close())

    def list_sent(self, to: str, since: datetime) -> list[Listed]:
        """The messages to one number that the carrier has taken since a moment (UTC)."""
        messages = _client(_Http(_base())).messages.list(to=to, date_sent_after=since, limit=200)
        return [
            Listed(
                carrier_id=message.sid,
                to=message.to,
                body=message.body or "",
                status=str(message.status),
                created_at=message.date_created,
                error_code=str(message.error_code) if message.error_code else None,
            )
            for message in messages
            if str(message.direction).startswith("outbound")
        ]


def _base() -> str:
    return str(current_app.config["TWILIO_API_URL"]).rstrip("/") or TWILIO


async def _made(base: str) -> _AsyncHttp:
    return _AsyncHttp(base)


def _client(http: Any) -> Client:
    config = current_app.config
    return Client(config["TWILIO_ACCOUNT_SID"], config["TWILIO_AUTH_TOKEN"], http_client=http)


def signature_is_right(path_and_query: str, form: Mapping[str, Any], signature: str) -> bool:
    """Whether Twilio, or who else knows our token, signed a call to this address.

    The address is made from `PUBLIC_URL`: that is what the carrier called,
    whatever a proxy made of it.
    """
    validator = RequestValidator(current_app.config["TWILIO_AUTH_TOKEN"])
    url = current_app.config["PUBLIC_URL"] + path_and_query
    return bool(validator.validate(url, form, signature))


def sign(url: str, form: Mapping[str, Any]) -> str:
    """The signature that Twilio puts on a call to this address; the simulator calls with it."""
    validator = RequestValidator(current_app.config["TWILIO_AUTH_TOKEN"])
    return str(validator.compute_signature(url, form))
