"""What makes a group's name, address on this site and website acceptable; pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from app.foundation.errors import Refusal
from app.foundation.sentences import gettext


def slug(name: str) -> str:
    """The name as an address can hold it: "St Mary's Hall" is "st-marys-hall"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"['’]", "", plain).replace("&", " and ")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:120].strip("-") or "group"


def website(typed: str, field: str | None = "website") -> str:
    """The address with its scheme, or nothing. Raises `Refusal` for what is not the web's."""
    text = typed.strip()
    if not text:
        return ""
    if "://" not in text:
        text = f"https://{text}"
    refusal = Refusal(gettext("Enter a web address, like www.example.org."), field)
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        raise refusal from None
    proper = re.fullmatch(r"[\w-]+(\.[\w-]+)+", host)
    if parts.scheme not in ("http", "https") or not proper or len(text) > 300:
        raise refusal
    if re.search(r"\s", text):
        raise refusal
    return text
