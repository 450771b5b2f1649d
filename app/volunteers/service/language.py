"""The language in which a volunteer hears from us."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.foundation import languages
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.volunteers.models import Volunteer
from app.web import language


def choose_language(volunteer_id: int, code: str) -> None:
    """Write to the volunteer in this language, and show them the next pages in it."""
    with transaction():
        db.session.execute(
            update(Volunteer)
            .where(Volunteer.id == volunteer_id)
            .values(language=languages.known(code))
        )
    language.remember(code)


def speak(user_id: int, code: str) -> None:
    """A user chose a language for the pages; a volunteer hears from us in it as well."""
    with transaction():
        db.session.execute(
            update(Volunteer)
            .where(Volunteer.user_id == user_id)
            .values(language=languages.known(code))
        )


def speak_their_language(_app: Flask, user: User, **_: Any) -> None:
    """Somebody signs in: a language that they once chose is that of their pages here too.

    English may be no choice but what everybody begins with, so it changes nothing.
    """
    code = db.session.scalar(select(Volunteer.language).where(Volunteer.user_id == user.id))
    if code and code != languages.ENGLISH:
        language.remember(code)
