"""What newcomers came to do, done as soon as their code shows who they are.

Whoever finds something to do before there is an account should not have to find
it again. A feature above says here what its errand does; the session's cookie
holds the errand's name and numbers, nothing of the person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.accounts.models import User

# As the cookie holds it: the name of an errand and its numbers.
Held = Sequence[str | int]


@dataclass(frozen=True)
class Told:
    """What the page of the code says of the errand."""

    sentence: str
    button: str


@dataclass(frozen=True)
class Errand:
    """`do` runs once the user is proven and returns the path to go on to; it refuses nothing.

    `tell` says, on the page where the code is typed, what will then be done.
    """

    do: Callable[..., str]  # (user, *numbers)
    tell: Callable[..., Told | None]  # (*numbers)


_errands: Final[dict[str, Errand]] = {}


def register(name: str, errand: Errand) -> None:
    """Make an errand known, while the app is made."""
    _errands[name] = errand


def run(user: User, held: Held | None) -> str | None:
    """Do what the user came for; the path to go on to, or None without an errand."""
    if not held or held[0] not in _errands:
        return None
    return _errands[str(held[0])].do(user, *held[1:])


def told(held: Held | None) -> Told | None:
    """What will be done once the code is typed, or None without an errand."""
    if not held or held[0] not in _errands:
        return None
    return _errands[str(held[0])].tell(*held[1:])
