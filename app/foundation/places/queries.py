"""From what a person typed to a place on the map."""

from __future__ import annotations

import logging
import math
from typing import Any, Final
from urllib.parse import quote

import requests
from flask import current_app
from sqlalchemy import select

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.places.gazetteer import DISTRICTS, find_town, outward_code
from app.foundation.places.models import Postcode
from app.foundation.places.position import Place
from app.foundation.places.postcodes import FIELD, normalise_outward, normalise_postcode
from app.foundation.sentences import gettext
from app.foundation.transaction import in_transaction

log = logging.getLogger(__name__)

API_SECONDS: Final = 2


def locate_postcode(text: str) -> Place:
    """Where a postcode is; the label is the postcode itself.

    Asks, in order: the imported postcodes, the postcodes.io API where
    `POSTCODES_API_URL` is set, the table of outward codes. Inside an open
    transaction the API is passed over, so that no lock waits for somebody
    else's server. Raises `Refusal` for what is no postcode or is not known.
    """
    postcode = normalise_postcode(text)
    place = _imported(postcode) or _from_api(postcode) or _from_outward_code(postcode)
    if place is None:
        raise Refusal(gettext("We do not know that postcode. Check it, or use one nearby."), FIELD)
    return place


def find_place(text: str) -> Place | None:
    """What a person typed in a search box: a postcode, an outward code or a town.

    None when it is none of them, or not known.
    """
    text = text.strip()
    # Without a digit it is a name: O and I may not stand for digits here.
    if any(character.isdigit() for character in text):
        try:
            return locate_postcode(text)
        except Refusal:
            outward = normalise_outward(text)
            known = outward_code(outward) if outward else None
            return known.place if known else None
    town = find_town(text)
    return town.place if town else None


def _imported(postcode: str) -> Place | None:
    columns = select(Postcode.latitude, Postcode.longitude, Postcode.district)
    row = db.session.execute(columns.where(Postcode.postcode == postcode)).first()
    return Place(postcode, row.latitude, row.longitude, row.district) if row else None


def _from_outward_code(postcode: str) -> Place | None:
    known = outward_code(postcode.partition(" ")[0])
    return Place(postcode, known.latitude, known.longitude, known.district) if known else None


def _from_api(postcode: str) -> Place | None:
    """The answer of https://postcodes.io/docs/postcode/lookup, or None on any failure."""
    address = current_app.config.get("POSTCODES_API_URL", "")
    if not address or in_transaction():
        return None
    try:
        answer = requests.get(
            f"{address.rstrip('/')}/postcodes/{quote(postcode)}",
            timeout=API_SECONDS,
            allow_redirects=False,
        )
        if answer.status_code != requests.codes.ok:
            log.warning("the postcode service answered %s", answer.status_code)
            return None
        return _read_answer(postcode, answer.json())
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        # Only the kind: the words of these errors can hold the address that was asked.
        log.warning("the postcode service failed: %s", type(error).__name__)
        return None


def _read_answer(postcode: str, answer: Any) -> Place:
    """Raises KeyError, TypeError or ValueError for what is not an answer."""
    result = answer["result"]
    latitude, longitude = float(result["latitude"]), float(result["longitude"])
    if not (math.isfinite(latitude) and 49 < latitude < 61 and -9 < longitude < 2):
        raise ValueError("The position is not in Britain.")
    district = result.get("admin_district")
    return Place(postcode, latitude, longitude, district if district in DISTRICTS else "")
