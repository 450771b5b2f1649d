"""The words of a text found in the table of `inbox.words`, the longest phrase first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.inbox.rules.tokens import Token, tokens_of
from app.inbox.words import PHRASES, Sign

_DRAWN_OUT = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True)
class Found:
    """A phrase of the table in a text: the tokens from `first` up to, not with, `after`."""

    sign: Sign | None  # None: a word that the table does not know
    first: int
    after: int


def _read_table() -> dict[tuple[str, ...], Sign]:
    table: dict[tuple[str, ...], Sign] = {}
    for sign, phrases in PHRASES.items():
        for phrase in phrases.split(","):
            words = tuple(token.text for token in tokens_of(" ".join(phrase.split())))
            if words and table.setdefault(words, sign) is not sign:
                raise ValueError(f"{phrase.strip()!r} is listed as {table[words]} and {sign}.")
    return table


_TABLE = _read_table()
_LONGEST = max(len(words) for words in _TABLE)


def shortened(token: Token) -> Token:
    """A drawn-out word as it is in the table: "yeeees" is yes."""
    if token.kind != "word" or (token.text,) in _TABLE:
        return token
    return Token("word", _DRAWN_OUT.sub(r"\1", token.text), token.glued)


def longest_at(tokens: list[Token], at: int) -> tuple[Sign | None, int]:
    """What the longest phrase that begins at a token is a sign of, and its length in tokens."""
    for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
        sign = _TABLE.get(tuple(token.text for token in tokens[at : at + length]))
        if sign is not None:
            return sign, length
    return None, 1


def signs_of(tokens: list[Token]) -> list[Found]:
    """Every phrase and unknown word of a text, in order; together all its tokens."""
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        sign, length = longest_at(tokens, at)
        if sign is Sign.NO and _numbers_something(tokens, at):
            sign = Sign.FILLER  # "no. 27 yes" names number 27
        found.append(Found(sign, at, at + length))
        at += length
    return found


def _numbers_something(tokens: list[Token], at: int) -> bool:
    """Whether a "no." is short for number: a full stop, a number, and then an answer."""
    kinds = [token.kind for token in tokens[at + 1 : at + 3]]
    if tokens[at].text != "no" or kinds != ["break", "number"] or tokens[at + 1].text != ".":
        return False
    after = at + 3
    while after < len(tokens) and tokens[after].kind == "break":
        after += 1
    answers = (Sign.YES, Sign.CLAIM, Sign.NO, Sign.CANT)
    return after < len(tokens) and longest_at(tokens, after)[0] in answers


def clauses_of(tokens: list[Token], found: list[Found]) -> list[list[Found]]:
    """The signs, parted at punctuation and at words such as "but"."""
    clauses: list[list[Found]] = [[]]
    before = 0
    for each in found:
        parted = any(token.kind in ("break", "question") for token in tokens[before : each.first])
        if parted or each.sign is Sign.BUT:
            clauses.append([])
        clauses[-1].append(each)
        before = each.after
    return clauses
