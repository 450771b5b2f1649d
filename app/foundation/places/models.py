"""The one table of this package: exact positions, once somebody imports them."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.model import Model


class Postcode(Model):
    """One postcode, like "LE11 5AB", and its middle in degrees of WGS84.

    Filled by `flask places import`; the program works while it is empty.
    `district` is one of the county's districts, or empty outside the county.
    """

    postcode: Mapped[str] = mapped_column(String(8), unique=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    district: Mapped[str] = mapped_column(String(40), default="")
