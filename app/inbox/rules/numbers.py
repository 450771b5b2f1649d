"""Which request a text names: the number in "27 yes", not the one in "at 7 with 2 kids"."""

from __future__ import annotations

from app.inbox.rules.signs import Found
from app.inbox.rules.tokens import Token
from app.inbox.words import (
    NAMES_A_REQUEST,
    NOT_A_REQUEST_AFTER,
    NOT_A_REQUEST_BEFORE,
    Sign,
)

_ANSWERS = frozenset(
    {Sign.YES, Sign.CLAIM, Sign.WEAK_YES, Sign.NO, Sign.CANT, Sign.WEAK_NO}
    | {Sign.STOP, Sign.BARE_STOP}
)


def request_number(tokens: list[Token], found: list[Found]) -> int | None:
    """The one number that names a request.

    It stands at either end of the text or beside the answer, polite words aside, or is
    marked as a number; and does not plainly count or time something.
    """
    signs: list[Sign | None] = [None] * len(tokens)
    for each in found:
        signs[each.first : each.after] = [each.sign] * (each.after - each.first)
    named, placed = set(), set()
    for at, token in enumerate(tokens):
        if token.kind != "number" or not _may_name(tokens, signs, at):
            continue
        if _is_marked(tokens, at):
            named.add(int(token.text))
        elif _is_placed(tokens, signs, at):
            placed.add(int(token.text))
    numbers = named or placed
    return numbers.pop() if len(numbers) == 1 else None


def _may_name(tokens: list[Token], signs: list[Sign | None], at: int) -> bool:
    token = tokens[at]
    if len(token.text) > 4 or token.text.startswith("0"):
        return False
    before = tokens[at - 1] if at else None
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if before and before.kind in ("number", "figures") and len(before.text + token.text) >= 7:
        return False  # a phone number in groups
    if after and after.kind in ("number", "figures") and len(token.text + after.text) >= 7:
        return False
    if before and before.text in NOT_A_REQUEST_AFTER:
        return False
    if at > 1 and tokens[at - 2].kind == "number":
        timed = at > 2 and tokens[at - 3].text in NOT_A_REQUEST_AFTER
        if tokens[at - 1].text == "to" or (timed and tokens[at - 1].text in ("and", "or")):
            return False  # 6 to 8, between 6 and 8
    if after and after.text in NOT_A_REQUEST_BEFORE:
        return False
    if before and before.kind == "word" and token.glued and not _belongs(signs, at - 1, before):
        return False  # a postcode: LE11
    return not (
        after and after.kind == "word" and after.glued and not _belongs(signs, at + 1, after)
    )


def _belongs(signs: list[Sign | None], at: int, token: Token) -> bool:
    if signs[at] in _ANSWERS or token.text in NAMES_A_REQUEST:
        return True
    return signs[at] is Sign.FILLER and len(token.text) > 2  # "yes27pls", but not "5XX"


def _is_marked(tokens: list[Token], at: int) -> bool:
    """Whether a "#", "no." or "request" stands before the number."""
    before = at - 1
    if before > 0 and tokens[before].text in ".:":
        before -= 1
    return at > 0 and (
        tokens[before].kind == "hash"
        or (tokens[before].text in NAMES_A_REQUEST and tokens[before].text != "no")
    )


def _is_placed(tokens: list[Token], signs: list[Sign | None], at: int) -> bool:
    for step in (-1, 1):
        beside = at + step
        while 0 <= beside < len(tokens) and _is_empty(tokens[beside], signs[beside]):
            beside += step
        if not 0 <= beside < len(tokens) or signs[beside] in _ANSWERS:
            return True
    return False


def _is_empty(token: Token, sign: Sign | None) -> bool:
    return token.kind in ("break", "hash", "emoji") or sign in (Sign.FILLER, Sign.THANKS)
