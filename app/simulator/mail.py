"""The mail tray: emails that the mail catcher of `make run` kept as files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_binary_file, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from flask import current_app

SHOWN: Final = 50
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,80}")


@dataclass(frozen=True)
class Mail:
    """One email. `name` is its file's, without the ending."""

    name: str
    to: str
    subject: str
    sent_at: datetime | None
    text: str
    html: str
    calendar: str


def tray() -> list[Mail]:
    """The newest emails, newest first."""
    names = sorted((path.stem for path in _folder().glob("*.eml")), reverse=True)
    return [mail for name in names[:SHOWN] if (mail := read(name)) is not None]


def read(name: str) -> Mail | None:
    """An email by its file's name; None where there is none, or the name is not one of ours."""
    if not _NAME.fullmatch(name):
        return None
    try:
        with (_folder() / f"{name}.eml").open("rb") as file:
            message = message_from_binary_file(file, policy=policy.default)
    except FileNotFoundError:
        return None
    return Mail(
        name=name,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or "(no subject)"),
        sent_at=_date(message),
        text=_part(message, "text/plain"),
        html=_part(message, "text/html"),
        calendar=_part(message, "text/calendar"),
    )


def _folder() -> Path:
    return Path(current_app.config["DATA_FOLDER"]) / "mail"


def _date(message: EmailMessage) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None
    # "-0000" is UTC of nobody's zone (RFC 5322, 3.3), which Python leaves naive.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _part(message: EmailMessage, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == kind:
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                return data.decode(part.get_content_charset() or "utf-8", errors="replace")
    return ""
