"""What makes an address, a password, a code or a way back acceptable; pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from app.foundation.errors import Refusal
from app.foundation.sentences import gettext

SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200
CODE_DIGITS: Final = 6

# Long enough for our rule, and first on every list of guesses.
_GUESSES: Final = """
    1234567890 12345678910 0123456789 0987654321 123456789a a123456789 1q2w3e4r5t
    1qaz2wsx3edc qwertyuiop qwertyuiop123 qwerty1234 qwerty12345 qwerty123456
    password12 password123 password1234 password12345 passw0rd123 passwordpassword
    iloveyou12 iloveyou123 iloveyou1234 letmein123 letmein1234 welcome123 welcome1234
    football123 liverpool1 liverpool123 manchester leicester1 leicester123 leicester2016
    leicestershire charlie123 abcdefghij abcdef12345 asdfghjkl1 asdfghjkl123 zxcvbnm123
    monkey12345 sunshine12 sunshine123 princess12 princess123 superman123 volunteer1
    volunteer123 manyhands1 manyhands123 administrator changeme123 aaaaaaaaaa
"""
_GUESSED_FIRST: Final = frozenset(_GUESSES.split())


def email_address(text: str, field: str | None = "email") -> str:
    """The address in lower case. Raises `Refusal` for what is not one."""
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise Refusal(gettext("Enter an email address, like name@example.org."), field) from None
    return found.normalized.lower()


def acceptable_name(text: str, field: str | None = "name") -> str:
    """The name with single spaces. Raises `Refusal` for none, or one over 100 letters."""
    name = " ".join(text.split())
    if not name:
        raise Refusal(gettext("Enter your name."), field)
    if len(name) > 100:
        raise Refusal(gettext("Your name must be 100 letters or fewer."), field)
    return name


def acceptable_password(text: str, *personal: str | None, field: str = "password") -> str:
    """The password as typed: length is what counts, so no rules about symbols.

    As the NCSC advises: https://www.ncsc.gov.uk/collection/passwords. Refused
    when short, among the first guesses, or one of the person's own words.
    """
    if len(text) < SHORTEST_PASSWORD:
        raise Refusal(
            gettext(
                "Your password must have %(least)s characters or more. "
                "Three random words work well.",
                least=SHORTEST_PASSWORD,
            ),
            field,
        )
    if len(text) > LONGEST_PASSWORD:
        raise Refusal(
            gettext("Your password must have %(most)s characters or fewer.", most=LONGEST_PASSWORD),
            field,
        )
    plain = text.lower()
    own = {word.lower() for said in personal if said for word in (said, said.split("@")[0])}
    if plain in _GUESSED_FIRST or plain in own or len(set(plain)) < 4:
        raise Refusal(gettext("That password is easy to guess. Try three random words."), field)
    return text


def typed_code(text: str) -> str:
    """The digits of a code in ASCII, however they were spaced, in whatever script typed."""
    return "".join(str(int(letter)) for letter in text if letter.isdecimal())


def own_path(text: str | None) -> str | None:
    """A path on this site to go back to, or None: never another site's address."""
    if not text or len(text) > 300 or not text.startswith("/"):
        return None
    # Browsers read a backslash as a slash, and drop tabs and line ends.
    if text.startswith("//") or "\\" in text or any(ord(letter) < 32 for letter in text):
        return None
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or parts.path.startswith("/sign-"):
        return None
    return text
