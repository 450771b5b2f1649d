"""Twilio, through its own library. Nothing else imports it.

The client's own retry would post a message again after any exception, so it
stays off. A request has ten seconds; Twilio answers in a fraction of one.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    TCPConnector,
    encode_basic_auth,
)
from flask import current_app
from requests import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from app.messaging.carriers import Doubtful, Listed, Parcel, Received
from app.messaging.rules.outcomes import Fault, Outcome, Verdict, of_fault, of_refusal

TWILIO: Final = "https://api.twilio.com"
TIMEOUT: Final = ClientTimeout(total=10, sock_connect=3)
AT_ONCE: Final = 100
# For so many numbers each is asked about; for more, the whole list is read once.
NUMBERS_ASKED_ONE_BY_ONE: Final = 20
# The carrier's clock and ours may differ by this much.
CLOCKS_DIFFER: Final = timedelta(seconds=5)

# At INFO the library logs each request with its number and text.
logging.getLogger("twilio").setLevel(logging.WARNING)


class _Session:
    """Connections that are kept alive, with time-outs: the library asks for none at all."""

    def __init__(self) -> None:
        self._session = ClientSession(connector=TCPConnector(limit=AT_ONCE))

    async def request(self, **call: Any) -> ClientResponse:
        return await self._session.request(**(call | {"timeout": TIMEOUT}))

    async def close(self) -> None:
        await self._session.close()


class _AsyncHttp(AsyncTwilioHttpClient):  # type: ignore[misc] # the library has no types
    """The library's client over our session, with another base address where there is one."""

    def __init__(self, base: str) -> None:
        super().__init__(pool_connections=False)
        self.base = base
        self.session = _Session()

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
    """Kept-alive connections, and a client over them."""

    def __init__(self, client: Client, sender: Mapping[str, str], public_url: str) -> None:
        self._client = client
        self._sender = sender
        self._callback = f"{public_url}/webhooks/twilio/status?m="

    async def send(self, parcel: Parcel) -> Outcome:
        try:
            message = await self._client.messages.create_async(
                to=parcel.to,
                body=parcel.body,
                status_callback=self._callback + parcel.token,
                **self._sender,
            )
        except TwilioRestException as refusal:
            return of_refusal(refusal.status, refusal.code)
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL):
            return of_fault(Fault.NOT_CONNECTED)
        except TimeoutError:
            return of_fault(Fault.TIMED_OUT)
        except (ClientError, OSError):
            return of_fault(Fault.CUT_OFF)
        except (TwilioException, ValueError, KeyError):
            return of_fault(Fault.UNREADABLE)
        return Outcome(Verdict.ACCEPTED, carrier_id=message.sid)


class TwilioCarrier:
    """Texts through Twilio's Programmable Messaging, or through a stand-in that speaks its API."""

    at_once = AT_ONCE

    def __init__(self, name: str = "twilio") -> None:
        self.name = name

    @asynccontextmanager
    async def open(self) -> AsyncIterator[TwilioLine]:
        http = _AsyncHttp(_base())
        try:
            yield TwilioLine(_client(http), _sender(), current_app.config["PUBLIC_URL"])
        finally:
            await http.close()

    def taken_of(self, doubtful: Sequence[Doubtful]) -> dict[int, list[Listed]]:
        """By number and words: Twilio's list knows nothing of our token.

        The list is read without its filter by date, which leaves out what is
        queued and has no date of sending yet
        (twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources).
        """
        since = min((one.sending_at for one in doubtful), default=None)
        if since is None:
            return {}
        numbers = {one.to for one in doubtful}
        if len(numbers) <= NUMBERS_ASKED_ONE_BY_ONE:
            listed = [entry for number in sorted(numbers) for entry in _list_back_to(since, number)]
        else:
            listed = list(_list_back_to(since))
        by_words: dict[tuple[str, str], list[Listed]] = {}
        for entry in listed:
            by_words.setdefault((entry.to, entry.body), []).append(entry)
        return {
            one.message_id: [
                entry
                for entry in by_words.get((one.to, one.body), [])
                if entry.created_at >= one.sending_at - CLOCKS_DIFFER
            ]
            for one in doubtful
        }

    def trouble(self) -> str:
        """Why texts could not be sent now, in words; empty when they could.

        Asks for one message of the list, which sends nothing: it proves the
        connection and the account.
        """
        try:
            _client(_Http(_base())).messages.list(limit=1, page_size=1)
        except TwilioRestException as refusal:
            return of_refusal(refusal.status, refusal.code).reason
        except RequestException:
            return of_fault(Fault.NOT_CONNECTED).reason
        except (TwilioException, ValueError, KeyError):
            return of_fault(Fault.UNREADABLE).reason
        return ""

    def received_since(self, since: datetime) -> list[Received]:
        """The texts that came in since a moment (aware), the newest first.

        By our own number, where there is one: what we sent is then left out.
        """
        return [
            Received(
                carrier_id=message.sid,
                sender=message.from_ or "",
                to=message.to or "",
                body=message.body or "",
                at=message.date_created,
            )
            for message in _back_to(since, _sender().get("from_"))
            if message.direction == "inbound" and message.date_created >= since
        ]


def _back_to(since: datetime, to: str | None = None) -> Iterable[Any]:
    """Twilio's messages since a moment (UTC), both ways, the newest first; some are older."""
    # Whole seconds only are told; and the order is that of sending, so we read a little further.
    far_enough = since - timedelta(minutes=10)
    address = {"to": to} if to else {}
    newest_first = _client(_Http(_base())).messages.stream(page_size=1000, **address)
    return takewhile(lambda one: one.date_created >= far_enough, newest_first)


def _list_back_to(since: datetime, to: str | None = None) -> Iterable[Listed]:
    """The messages that Twilio took from us since a moment (UTC), the newest first."""
    for message in _back_to(since, to):
        if str(message.direction).startswith("outbound"):
            yield Listed(
                carrier_id=message.sid,
                to=message.to,
                body=message.body or "",
                status=str(message.status),
                created_at=message.date_created,
                error_code=str(message.error_code) if message.error_code else None,
            )


def _sender() -> dict[str, str]:
    service = current_app.config["TWILIO_MESSAGING_SERVICE_SID"]
    if service:
        return {"messaging_service_sid": service}
    return {"from_": current_app.config["TWILIO_FROM_NUMBER"]}


def _base() -> str:
    return str(current_app.config["TWILIO_API_URL"]).rstrip("/") or TWILIO


def _client(http: Any) -> Client:
    config = current_app.config
    return Client(config["TWILIO_ACCOUNT_SID"], config["TWILIO_AUTH_TOKEN"], http_client=http)


def signature_is_right(path_and_query: str, form: Mapping[str, Any], signature: str) -> bool:
    """Whether Twilio, or who else knows our token, signed a call to this address.

    The address is made from `PUBLIC_URL`: that is what the carrier called,
    whatever a proxy made of it.
    """
    token = current_app.config["TWILIO_AUTH_TOKEN"]
    if not token:  # Twilio is not our carrier; with an empty key anybody could sign
        return False
    validator = RequestValidator(token)
    url = current_app.config["PUBLIC_URL"] + path_and_query
    # Most often it is right as it stands; the library tries other spellings of the address too.
    if hmac.compare_digest(validator.compute_signature(url, form).encode(), signature.encode()):
        return True
    return bool(validator.validate(url, form, signature))


def sign(url: str, form: Mapping[str, Any]) -> str:
    """The signature that Twilio puts on a call to this address; the simulator calls with it."""
    validator = RequestValidator(current_app.config["TWILIO_AUTH_TOKEN"])
    return str(validator.compute_signature(url, form))
