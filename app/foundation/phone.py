"""Phone numbers as people write them, kept in E.164."""

from __future__ import annotations

import re

import phonenumbers
from flask import current_app

from app.foundation.errors import Refusal
from app.foundation.sentences import gettext

# Ofcom's numbers for drama, which reach nobody:
# https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
_DRAMA = re.compile(r"^\+447700900\d{3}$")


def parse(text: str, *, field: str | None = "phone") -> str:
    """Return a mobile number in E.164, read as a British one unless it says otherwise.

    Raises `Refusal` for what cannot receive a text.
    """
    cleaned = text.strip().removeprefix("'").replace("(0)", "")
    if re.fullmatch(r"7\d{9}", re.sub(r"\D", "", cleaned)) and not cleaned.startswith("+"):
        cleaned = "0" + cleaned  # a spreadsheet took the zero away
    elif re.fullmatch(r"447\d{9}", re.sub(r"\D", "", cleaned)) and not cleaned.startswith("+"):
        cleaned = "+" + cleaned
    refusal = Refusal(gettext("Enter a mobile number, like 07700 900123."), field)
    try:
        number = phonenumbers.parse(cleaned, "GB")
    except phonenumbers.NumberParseException:
        raise refusal from None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if _DRAMA.match(e164):
        if current_app.config["ALLOW_DRAMA_NUMBERS"]:
            return e164
        raise refusal
    kind = phonenumbers.number_type(number)
    if not phonenumbers.is_valid_number(number) or kind not in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    ):
        raise refusal
    return e164


def as_e164(number: str) -> str:
    """A number as a carrier may write it (447700900123, 07700900123, 33612345678) in E.164.

    What is no telephone's number, a sender's name or a short code, stays as it came.
    """
    try:
        return parse(number)
    except Refusal:
        pass  # not a mobile that we would write to; a text may come from any number
    if not (number.isascii() and number.isdigit()):
        return number
    if number.startswith("0"):
        return f"+44{number[1:]}" if 10 <= len(number) <= 11 else number
    return f"+{number}" if 8 <= len(number) <= 15 else number


def spoken(e164: str) -> str:
    """The number as people in its country write it: 07700 900123 at home."""
    try:
        number = phonenumbers.parse(e164, "GB")
    except phonenumbers.NumberParseException:
        return e164
    national = number.country_code == 44
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if national
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, style)


def masked(e164: str) -> str:
    """Enough to recognise one's own number and no more: ••••••••123."""
    return f"{'•' * 8}{e164[-3:]}"
