"""A story's photograph: taken in with its consent, and gone when consent is taken back."""

from __future__ import annotations

from datetime import date

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.stories import pictures
from app.stories.models import Photograph, StudyState
from app.stories.service.rows import locked
from app.stories.signals import picture_taken_back


def set_photograph(
    group_id: int,
    case_study_id: int,
    data: bytes | None,
    *,
    alt: str,
    consent_by: str,
    consent_on: date,
    for_web: bool,
    for_print: bool,
) -> None:
    """Give a draft its photograph, or change what is said of it; `data` is the file as it came.

    Without `data` the picture that is there stays. Raises `Refusal` beside its field for
    what is no picture, and for a consent of tomorrow or for nothing at all.
    """
    picture = pictures.read(data) if data else None  # before the lock: this takes a while
    if consent_on > clock.today(current_app.config["TIMEZONE"]):
        raise Refusal("This day is still to come.", "consent_on")
    if not (for_web or for_print):
        raise Refusal("Tick what the photograph may be used for.", "for_web")
    with transaction():
        study = locked(case_study_id, group_id)
        if study.state != StudyState.DRAFT:
            raise Refusal("Take the story back first, then you can change it.")
        photograph = of_study(case_study_id)
        if photograph is None:
            if picture is None:
                raise Refusal("Choose a photograph.", "photograph")
            photograph = Photograph(case_study_id=case_study_id)
            db.session.add(photograph)
        photograph.alt = " ".join(alt.split())
        photograph.consent_by, photograph.consent_on = " ".join(consent_by.split()), consent_on
        photograph.for_web, photograph.for_print = for_web, for_print
        if picture is not None:
            photograph.large, photograph.small = picture.large, picture.small
            photograph.width, photograph.height = picture.width, picture.height
            photograph.small_width = picture.small_width
            photograph.small_height = picture.small_height
            photograph.digest = picture.digest
        db.session.flush()
        audit.record(
            "set photograph of case study",
            subject=study,
            group_id=group_id,
            for_web=for_web,
            for_print=for_print,
        )


def take_photograph_back(group_id: int, case_study_id: int) -> bool:
    """Consent is taken back: the picture is deleted, here and wherever it was used.

    Works in whatever state the story is. False when there was none.
    """
    with transaction():
        study = locked(case_study_id, group_id)
        photograph = of_study(case_study_id)
        if photograph is None:
            return False
        db.session.delete(photograph)
        picture_taken_back.send(case_study_id)
        audit.record("deleted photograph of case study", subject=study, group_id=group_id)
        return True


def of_study(case_study_id: int, *, with_bytes: bool = False) -> Photograph | None:
    """A story's photograph, without its bytes unless they are asked for."""
    query = select(Photograph).where(Photograph.case_study_id == case_study_id)
    if with_bytes:
        query = query.options(undefer(Photograph.large), undefer(Photograph.small))
    return db.session.scalar(query)
