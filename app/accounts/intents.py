"""What newcomers came to do, done as soon as their code shows who they are.

Whoever finds something to do before there is an account should not have to find
it again. A feature above says here what its intent does; the session's cookie
holds the intent's name and numbers, nothing of the person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.accounts.models import User

# As the cookie holds it: the name of an intent and its numbers.
Held = Sequence[str | int]


@dataclass(frozen=True)
class Told:
    """What the page of the code says of the intent."""

    sentence: str
    button: str


@dataclass(frozen=True)
class Intent:
    """`do` runs once the user is proven and returns the path to go on to; it refuses nothing.

    `tell` says, on the page where the code is typed, what will then be done.
    """

    do: Callable[..., str]  # (user, *numbers)
    tell: Callable[..., Told | None]  # (*numbers)


_intents: Final[dict[str, Intent]] = {}


def register(name: str, intent: Intent) -> None:
    """Make an intent known, while the app is made."""
    _intents[name] = intent


def run(user: User, held: Held | None) -> str | None:
    """Do what the user came for; the path to go on to, or None without an intent."""
    if not held or held[0] not in _intents:
        return None
    return _intents[str(held[0])].do(user, *held[1:])


def told(held: Held | None) -> Told | None:
    """What will be done once the code is typed, or None without an intent."""
    if not held or held[0] not in _intents:
        return None
    return _intents[str(held[0])].tell(*held[1:])
