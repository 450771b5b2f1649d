"""GOV.UK Notify, through its own library. Nothing else imports it.

One template does for all: its body is `((message))` and nothing more, so what
a person reads is what the ledger holds. Our token travels as Notify's
`reference`; a list by reference then tells for certain whether a text whose
answer was lost was taken, which no other carrier here can.

The library waits for each answer in the thread that asked, and its client
"is not thread-safe": so there is a thread, with a client and a connection of
its own, for each request that may be under way. It has no retry, and the
connection below it is given none either.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import requests
from flask import current_app
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as WireError
from urllib3.exceptions import NewConnectionError

from app.foundation import clock, phone
from app.messaging.carriers import Doubtful, Listed, Parcel, Received
from app.messaging.rules.notify_outcomes import NotifyError, of_refusal
from app.messaging.rules.outcomes import Fault, Outcome, Verdict, of_fault

NOTIFY: Final = "https://api.notifications.service.gov.uk"
# Seconds to connect, and to be answered.
TIMEOUT: Final = (3, 10)
AT_ONCE: Final = 20
PLACEHOLDER: Final = "message"
# For so many messages each is asked about; for more, the list is read back to the oldest.
ASKED_ONE_BY_ONE: Final = 20
MOST_LISTED: Final = 50_000
# Texts of a service with a high volume wait in a queue of Notify's before its list has them,
# and what failed there is tried again every five minutes, five times (its `save-api-sms`).
LIST_LAGS: Final = timedelta(minutes=30)
CLOCKS_DIFFER: Final = timedelta(minutes=1)

# At WARNING the library logs each refusal with the words of the answer.
logging.getLogger("notifications_python_client").setLevel(logging.ERROR)


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a request is made with; read once, so that no thread needs the app."""

    api_key: str
    base: str
    template_id: str
    sender_id: str | None

    @classmethod
    def of_the_app(cls) -> Account:
        config = current_app.config
        return cls(
            api_key=config["NOTIFY_API_KEY"],
            base=str(config["NOTIFY_API_URL"]).rstrip("/") or NOTIFY,
            template_id=config["NOTIFY_SMS_TEMPLATE_ID"],
            sender_id=config["NOTIFY_SMS_SENDER_ID"] or None,
        )

    def client(self) -> NotificationsAPIClient:
        """A client for one thread: one kept-alive connection, no retry, no redirect."""
        client = NotificationsAPIClient(self.api_key, base_url=self.base, timeout=TIMEOUT)
        session = client.request_session
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))
        # A redirect could have the library post a second time.
        session.max_redirects = 0
        # Another base is a stub or a proxy of our own: no other proxy stands before it.
        session.trust_env = self.base == NOTIFY
        return client


class NotifyLine:
    """Threads and their clients, as long as the job lasts."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="notify")
        self._own = threading.local()
        self._clients: list[NotificationsAPIClient] = []

    async def send(self, parcel: Parcel) -> Outcome:
        """Hand over one text. Never raises for what the wire does, and never sends it twice."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._send, parcel)

    def _client(self) -> NotificationsAPIClient:
        client: NotificationsAPIClient | None = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = self._account.client()
            self._clients.append(client)
        return client

    def _send(self, parcel: Parcel) -> Outcome:
        try:
            answer = self._client().send_sms_notification(
                phone_number=parcel.to,
                template_id=self._account.template_id,
                personalisation={PLACEHOLDER: parcel.body},
                reference=parcel.token,
                sms_sender_id=self._account.sender_id,
            )
        except APIError as error:
            return _of_error(error)
        except (requests.RequestException, WireError, OSError, ValueError):
            return of_fault(Fault.CUT_OFF)
        carrier_id = answer.get("id") if isinstance(answer, dict) else None
        if not carrier_id:
            return of_fault(Fault.UNREADABLE)
        return Outcome(Verdict.ACCEPTED, carrier_id=str(carrier_id)[:64])

    async def close(self) -> None:
        """Wait for what is under way (each request has an end), then end the connections."""
        await asyncio.to_thread(self._pool.shutdown)
        for client in self._clients:
            client.request_session.close()


def _of_error(error: APIError) -> Outcome:
    # `is None`, for a response of 400 or more counts as false.
    if error.response is not None:
        if error.response.ok:
            return of_fault(Fault.UNREADABLE)
        return of_refusal(error.response.status_code, list(_errors(error)), clock.now())
    # The library calls whatever left no answer a 503; what it was is in the cause.
    cause = error.__cause__
    if isinstance(cause, requests.ConnectTimeout) or _never_connected(cause):
        return of_fault(Fault.NOT_CONNECTED)
    return of_fault(Fault.TIMED_OUT if isinstance(cause, requests.Timeout) else Fault.CUT_OFF)


def _never_connected(error: BaseException | None) -> bool:
    """Whether a request ended before a connection stood, so that nothing can have left."""
    reason = getattr(error.args[0], "reason", None) if error and error.args else None
    if isinstance(reason, NewConnectionError):
        return True
    # Of what goes wrong with TLS only this is sure to have come before the request.
    inner = reason.args[0] if isinstance(reason, WireError) and reason.args else None
    return isinstance(inner, ssl.SSLCertVerificationError)


def _errors(error: APIError) -> Iterator[NotifyError]:
    said = error.message
    for one in said if isinstance(said, list) else []:
        if isinstance(one, dict):
            yield NotifyError(str(one.get("error") or ""), str(one.get("message") or ""))


class NotifyCarrier:
    """Texts through GOV.UK Notify."""

    name = "notify"
    at_once = AT_ONCE

    @asynccontextmanager
    async def open(self) -> AsyncIterator[NotifyLine]:
        """Open a line; closing it ends its connections."""
        line = NotifyLine(Account.of_the_app())
        try:
            yield line
        finally:
            await line.close()

    def taken_of(self, doubtful: Sequence[Doubtful]) -> dict[int, list[Listed]]:
        """By our token, which is Notify's `reference`: what it has is this message and no other.

        A message that it does not have is left out until that is certain, for
        its list may lag. Raises `OSError` when it cannot be asked now.
        """
        if not doubtful:
            return {}
        with _asking() as client:
            if len(doubtful) <= ASKED_ONE_BY_ONE:
                listed = [
                    entry
                    for one in doubtful
                    for entry in client.get_all_notifications(reference=one.token)["notifications"]
                ]
                is_whole = True
            else:
                since = min(one.sending_at for one in doubtful) - CLOCKS_DIFFER
                listed, is_whole = _list_back_to(since, client)
        by_token: dict[str, list[Listed]] = {}
        for entry in listed:
            by_token.setdefault(entry["reference"] or "", []).append(_listed(entry))
        certain_before = clock.now() - LIST_LAGS
        return {
            one.message_id: by_token.get(one.token, [])
            for one in doubtful
            if one.token in by_token or (is_whole and one.sending_at < certain_before)
        }

    def received_since(self, moment: datetime) -> list[Received]:
        """The texts that came in since a moment (UTC), the newest first.

        Raises `OSError` when the carrier cannot be asked now.
        """
        received: list[Received] = []
        with _asking() as client:
            for one in client.get_received_texts_iterator():
                at = read_moment(one["created_at"])
                if at < moment:
                    break
                received.append(
                    Received(
                        carrier_id=one["id"],
                        sender=phone.as_e164(one["user_number"]),
                        to=phone.as_e164(one["notify_number"]),
                        body=one["content"],
                        at=at,
                    )
                )
        return received

    def trouble(self) -> str:
        """Why texts could not be sent now, in words; empty when they could.

        Asks for our template, which sends nothing: it proves the connection, the
        key and the template at once.
        """
        account = Account.of_the_app()
        try:
            with _asking() as client:
                template = client.get_template(account.template_id)
        except OSError as error:
            return str(error)
        body = re.sub(r"\s", "", str(template.get("body", "")))
        if template.get("type") != "sms" or body != f"(({PLACEHOLDER}))":
            return "The carrier's template must be a text message that holds ((message)) alone."
        return ""


def _list_back_to(
    since: datetime, client: NotificationsAPIClient
) -> tuple[list[dict[str, Any]], bool]:
    """The texts that Notify took since a moment (UTC), and whether these are all of them."""
    listed: list[dict[str, Any]] = []
    for one in client.get_all_notifications_iterator(template_type="sms"):
        if read_moment(one["created_at"]) < since:
            break
        if len(listed) == MOST_LISTED:
            return listed, False
        listed.append(one)
    return listed, True


def _listed(entry: Mapping[str, Any]) -> Listed:
    return Listed(
        carrier_id=entry["id"],
        to=entry.get("phone_number") or "",
        body=entry.get("body") or "",
        status=entry["status"],
        created_at=read_moment(entry["created_at"]),
    )


class Unreachable(OSError):
    """The carrier could not be asked; the message says why, in words."""


@contextmanager
def _asking() -> Iterator[NotificationsAPIClient]:
    """A client for a few questions; whatever its answers lack becomes `Unreachable`."""
    client = Account.of_the_app().client()
    try:
        yield client
    except APIError as error:
        raise Unreachable(_of_error(error).reason) from error
    except (requests.RequestException, WireError, KeyError, TypeError, ValueError) as error:
        raise Unreachable("The carrier's answer could not be read.") from error
    finally:
        client.request_session.close()


def read_moment(text: str) -> datetime:
    """A time as Notify writes it, like 2026-11-26T17:40:15.000000Z; without a zone it is UTC."""
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def bearer_is_right(header: str) -> bool:
    """Whether an `Authorization` header holds the token that Notify was given for its calls."""
    token = str(current_app.config["NOTIFY_CALLBACK_TOKEN"])
    said = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
    return bool(token) and hmac.compare_digest(said.encode(), token.encode())
