"""The shape of a British postcode, and the slips that people make in typing one.

The rules are Royal Mail's, as given in the government's data standard for
addresses (BS 7666): https://en.wikipedia.org/wiki/Postcodes_in_the_United_Kingdom#Validation
"""

from __future__ import annotations

import re
from typing import Final

from app.foundation.errors import Refusal
from app.foundation.sentences import N_, gettext

FIELD: Final = "postcode"
_REFUSAL: Final = N_("Enter a full postcode, like LE11 3TU.")

_AREA_NAMES: Final = (
    "AB AL B BA BB BD BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT"
    " DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA"
    " LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE"
    " SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV"
    " YO ZE"
)
_AREAS: Final = frozenset(_AREA_NAMES.split())
_DIGIT: Final = "0123456789"
_LETTER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_THIRD: Final = "ABCDEFGHJKPSTUW"
_FOURTH: Final = "ABEHMNPRVWXY"
_UNIT: Final = "ABDEFGHJLNPQRSTUWXYZ"
_OUTWARD_SHAPES: Final = (
    (_LETTER, _DIGIT),
    (_LETTER, _LETTER, _DIGIT),
    (_LETTER, _DIGIT, _DIGIT),
    (_LETTER, _DIGIT, _THIRD),
    (_LETTER, _LETTER, _DIGIT, _DIGIT),
    (_LETTER, _LETTER, _DIGIT, _FOURTH),
)
_INWARD_SHAPE: Final = (_DIGIT, _UNIT, _UNIT)
# The area's letters, then the district, which has no leading zero: "BL0" is one, "L01" is not.
_OUTWARD: Final = re.compile(r"([A-Z]{1,2})(?:\d[A-Z]?|[1-9]\d)")
_SLIPS: Final = {"O": "0", "0": "O", "I": "1", "1": "I"}
_SPACING: Final = re.compile(
    r"[\s.,\-\u2010\u2011\u2013]+"
)  # hyphens as phones and Word write them


def normalise_postcode(text: str) -> str:
    """Return a full postcode in capitals with one space: "LE11 3TU".

    Forgives case, spaces, full stops, and O for 0 or I for 1 (either way)
    where only one of them can stand. Raises `Refusal` for anything else.
    """
    compact = _compact(text)
    outward = _fit_outward(compact[:-3])
    inward = _fit(compact[-3:], _INWARD_SHAPE)
    if outward is None or inward is None:
        raise Refusal(gettext(_REFUSAL), FIELD)
    return f"{outward} {inward[0]}"


def normalise_outward(text: str) -> str | None:
    """Return an outward code alone ("LE11") in capitals, or None if it is not one."""
    return _fit_outward(_compact(text))


def _compact(text: str) -> str:
    return _SPACING.sub("", text).upper()


def _fit_outward(text: str) -> str | None:
    """The reading with the fewest slips, or None."""
    readings = [
        fitted
        for shape in _OUTWARD_SHAPES
        if (fitted := _fit(text, shape))
        and (parts := _OUTWARD.fullmatch(fitted[0]))
        and parts[1] in _AREAS
    ]
    return min(readings, key=lambda fitted: fitted[1])[0] if readings else None


def _fit(text: str, shape: tuple[str, ...]) -> tuple[str, int] | None:
    """The text bent to the shape, with the number of slips mended, or None."""
    if len(text) != len(shape):
        return None
    fitted, slips = "", 0
    for given, allowed in zip(text, shape, strict=True):
        character = given
        if given not in allowed:
            character = _SLIPS.get(given, "")
            if not character or character not in allowed:
                return None
            slips += 1
        fitted += character
    return fitted, slips
