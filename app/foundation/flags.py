"""Small fixed vocabularies kept as the bits of one number.

A row's skills or free times are then compared for 200,000 people by one AND
in SQL, on both databases. Members are only ever appended: a bit, once given,
keeps its meaning.
"""

from __future__ import annotations

import enum
from typing import Any, Self

from sqlalchemy import BigInteger, ColumnElement, Dialect
from sqlalchemy.types import TypeDecorator

from app.foundation.sentences import gettext


class Vocabulary(enum.IntFlag):
    """A flag whose members have a label for people."""

    @property
    def label(self) -> str:
        """The member in words; of a combination, its members' words; in the present language."""
        return ", ".join(gettext(self.words()[member]) for member in self)

    @property
    def phrase(self) -> str:
        """As `label`, but small letters after the first word: "On foot, by car"."""
        first, *others = self.label.split(", ")
        return ", ".join([first, *(word[:1].lower() + word[1:] for word in others)])

    @classmethod
    def words(cls) -> dict[Self, str]:
        """Every member with its label, marked (`N_`), in the order shown to people."""
        raise NotImplementedError

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(value, label) pairs for a form field, in English; the field translates them."""
        return [(str(member.value), label) for member, label in cls.words().items()]

    @classmethod
    def of(cls, values: list[str] | list[int]) -> Self:
        """The combination of the values that a form's checkboxes sent."""
        chosen = cls(0)
        for value in values:
            chosen |= cls(int(value))
        return chosen

    def values(self) -> list[str]:
        """The values of the checkboxes to tick."""
        return [str(member.value) for member in self]


class Flags(TypeDecorator[Any]):
    """A column that holds one `Vocabulary`."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, vocabulary: type[Vocabulary]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Vocabulary | None:
        return None if value is None else self.vocabulary(value)


def has_all(column: Any, wanted: int) -> ColumnElement[bool]:
    """SQL: every wanted bit is set in the column."""
    condition: ColumnElement[bool] = column.bitwise_and(int(wanted)) == int(wanted)
    return condition


def has_any(column: Any, wanted: int) -> ColumnElement[bool]:
    """SQL: at least one wanted bit is set in the column."""
    condition: ColumnElement[bool] = column.bitwise_and(int(wanted)) != 0
    return condition
