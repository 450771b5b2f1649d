"""Email through the organisation's mail server, by SMTP."""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from queue import LifoQueue
from urllib.parse import unquote, urlsplit

from flask import current_app

from app.messaging.carriers import Parcel
from app.messaging.rules import outcomes
from app.messaging.rules.outcomes import Fault, Outcome, Verdict

TIMEOUT_SECONDS = 15
AT_ONCE = 4  # what a mail server bears from one sender without complaint


def compose(parcel: Parcel, mail_from: str) -> EmailMessage:
    """The message with its text and HTML parts, its invitation and its way out.

    `List-Unsubscribe` and `List-Unsubscribe-Post` follow RFC 2369 and 8058;
    the calendar part names the method that its content has (RFC 6047).
    """
    mail = EmailMessage()
    mail["From"] = mail_from
    mail["To"] = parcel.to
    mail["Subject"] = parcel.subject
    mail["Date"] = formatdate()
    domain = parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
    mail["Message-ID"] = f"<{parcel.token}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if parcel.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{parcel.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(parcel.body)
    if parcel.html:
        mail.add_alternative(parcel.html, subtype="html")
    if parcel.calendar:
        said = re.search(r"^METHOD:([A-Z]+)", parcel.calendar, re.MULTILINE)
        method = said[1] if said else "REQUEST"
        mail.add_alternative(
            parcel.calendar.encode(),
            maintype="text",
            subtype="calendar",
            params={"method": method, "charset": "utf-8", "name": "invitation.ics"},
        )
    return mail


class SmtpConnection:
    """One connection, opened again when it has gone stale."""

    def __init__(self, url: str, mail_from: str) -> None:
        self._url = urlsplit(url)
        self._mail_from = mail_from
        self._server: smtplib.SMTP | None = None

    def send(self, parcel: Parcel) -> Outcome:
        """Hand over one email; never raises for what the wire does."""
        if not self._url.hostname:
            return outcomes.of_rule(outcomes.NO_MAIL_SERVER)
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException):
            self.close()
            return outcomes.of_mail_fault(Fault.NOT_CONNECTED)
        try:
            mail = compose(parcel, self._mail_from)
        except ValueError:
            # One email that cannot be made must not hold up the others.
            return outcomes.of_rule(outcomes.NOT_COMPOSED)
        try:
            server.send_message(mail)
        except smtplib.SMTPNotSupportedError:
            return outcomes.of_rule(outcomes.LETTERS_NOT_TAKEN)
        except smtplib.SMTPRecipientsRefused as refusal:
            code = next(iter(refusal.recipients.values()))[0]
            return outcomes.of_mail_refusal(code, outcomes.BY_REPLY_TO_ADDRESS)
        except smtplib.SMTPResponseException as refusal:
            self.close()
            return outcomes.of_mail_refusal(refusal.smtp_code, outcomes.BY_REPLY_TO_EMAIL)
        except TimeoutError:
            self.close()
            return outcomes.of_mail_fault(Fault.TIMED_OUT)
        except (OSError, smtplib.SMTPException):
            self.close()
            return outcomes.of_mail_fault(Fault.CUT_OFF)
        return Outcome(Verdict.ACCEPTED, carrier_id=parcel.token)

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            with suppress(OSError, smtplib.SMTPException):
                if self._server.noop()[0] == 250:
                    return self._server
            self.close()
        host, port = self._url.hostname or "", self._url.port
        server: smtplib.SMTP
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
            server.ehlo_or_helo_if_needed()
            # Encrypted wherever the server can; with smtp+starttls:// nothing goes otherwise.
            if server.has_extn("starttls") or self._url.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
        self._server = server
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server

    def close(self) -> None:
        if self._server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._server.quit()
            self._server = None


class Mailbag:
    """A few connections to the mail server, each with a thread of its own while it speaks."""

    def __init__(self, url: str, mail_from: str) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="smtp")
        self._connections: LifoQueue[SmtpConnection] = LifoQueue()
        for _ in range(AT_ONCE):
            self._connections.put(SmtpConnection(url, mail_from))

    async def send(self, parcel: Parcel) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._send, parcel)

    def _send(self, parcel: Parcel) -> Outcome:
        # The one used last comes first, so that few connections are opened for few emails.
        connection = self._connections.get()
        try:
            return connection.send(parcel)
        finally:
            self._connections.put(connection)

    def close(self) -> None:
        """Say goodbye on each connection."""
        self._threads.shutdown()
        while not self._connections.empty():
            self._connections.get().close()


class SmtpCarrier:
    """Email. `SMTP_URL` is smtp://, smtp+starttls:// or smtps://, with user and password if any."""

    name = "smtp"
    at_once = AT_ONCE

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Mailbag]:
        bag = Mailbag(current_app.config["SMTP_URL"], current_app.config["MAIL_FROM"])
        try:
            yield bag
        finally:
            await asyncio.get_running_loop().run_in_executor(None, bag.close)
