"""A case study's way: written, offered to the county, published or sent back with words."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.stories.models import CaseStudy, InStudy, StudyState
from app.stories.service.rows import locked
from app.stories.signals import study_taken_back
from app.volunteers.queries import in_group


def write(
    group_id: int,
    user_id: int,
    case_study_id: int | None,
    *,
    title: str,
    summary: str,
    body: str,
    quotation: str,
    quotation_by: str,
    quotation_agreed: bool,
) -> CaseStudy:
    """Keep a new draft, or change one. Raises `Refusal` for one that is not a draft now."""
    with transaction():
        if case_study_id is None:
            study = CaseStudy(group_id=group_id, by_user_id=user_id, title=title)
            db.session.add(study)
        else:
            study = _draft(group_id, case_study_id)
        said_before = (study.quotation, study.quotation_by)
        study.title, study.summary = " ".join(title.split()), " ".join(summary.split())
        study.body = body.replace("\r\n", "\n").strip()
        study.quotation = " ".join(quotation.split())
        study.quotation_by = " ".join(quotation_by.split()) if study.quotation else ""
        if not study.quotation or not quotation_agreed:
            study.quotation_agreed_at = None
        elif said_before != (study.quotation, study.quotation_by) or not study.quotation_agreed_at:
            study.quotation_agreed_at = clock.now()
        db.session.flush()
        audit.record("wrote case study", subject=study, group_id=group_id)
        return study


def name(group_id: int, case_study_id: int, volunteer_id: int) -> None:
    """Note that a story is about somebody on the group's list; again is harmless."""
    with transaction():
        study = locked(case_study_id, group_id)
        if in_group(group_id, volunteer_id) is None:
            raise Refusal("This person is not on your list any more.")
        known = select(InStudy.id).where(
            InStudy.case_study_id == study.id, InStudy.volunteer_id == volunteer_id
        )
        if db.session.scalar(known) is None:
            db.session.add(InStudy(case_study_id=study.id, volunteer_id=volunteer_id))
            audit.record(
                "noted person in case study",
                subject=study,
                group_id=group_id,
                volunteer=volunteer_id,
            )


def leave_out(group_id: int, case_study_id: int, volunteer_id: int) -> None:
    """Note that a story is not about this person; again is harmless."""
    with transaction():
        study = locked(case_study_id, group_id)
        db.session.execute(
            delete(InStudy).where(
                InStudy.case_study_id == study.id, InStudy.volunteer_id == volunteer_id
            )
        )


def offer(group_id: int, case_study_id: int) -> None:
    """Hand a story to the county. Raises `Refusal` while something that it needs is missing."""
    with transaction():
        study = _draft(group_id, case_study_id)
        if missing := missing_from(study):
            raise Refusal(missing)
        study.state, study.offered_at, study.answer = StudyState.OFFERED, clock.now(), ""
        audit.record("offered case study", subject=study, group_id=group_id)


def missing_from(study: CaseStudy) -> str:
    """What a story still needs before the county can read it, as a sentence; or nothing."""
    if not study.summary:
        return "Sum the story up in one sentence first."
    if len(study.body) < 200:
        return "Tell the story first, in 200 letters or more."
    if study.quotation and not study.quotation_by:
        return "Say whose words the quotation is."
    if study.quotation and study.quotation_agreed_at is None:
        return "Ask whoever is quoted, and tick that they agree."
    return ""


def take_back(group_id: int, case_study_id: int) -> None:
    """The group takes its story back, from the desk or from everybody; it is a draft again."""
    with transaction():
        study = locked(case_study_id, group_id)
        _unpublish(study)
        audit.record("took case study back", subject=study, group_id=group_id)


def drop(group_id: int, case_study_id: int) -> None:
    """Throw a story away, with its photograph, wherever it stands."""
    with transaction():
        study = locked(case_study_id, group_id)
        study_taken_back.send(study.id)
        audit.record("deleted case study", subject=study, group_id=group_id)
        db.session.delete(study)


def publish(case_study_id: int, user_id: int) -> None:
    """The county shows a story to everybody. Raises `Refusal` unless it was offered."""
    with transaction():
        study = locked(case_study_id)
        if study.state != StudyState.OFFERED:
            raise Refusal("This story is not waiting for the county any more.")
        study.state, study.published_at = StudyState.PUBLISHED, clock.now()
        study.published_by_id = user_id
        audit.record("published case study", subject=study, group_id=study.group_id)


def send_back(case_study_id: int, words: str) -> None:
    """The county gives a story back to its group, with what to change.

    Also takes a published one from everybody. Raises `Refusal` for a draft.
    """
    with transaction():
        study = locked(case_study_id)
        if study.state == StudyState.DRAFT:
            raise Refusal("This story is with its group already.")
        _unpublish(study)
        study.answer = " ".join(words.split())
        audit.record("sent case study back", subject=study, group_id=study.group_id)


def _unpublish(study: CaseStudy) -> None:
    if study.state == StudyState.PUBLISHED:
        study_taken_back.send(study.id)
    study.state = StudyState.DRAFT
    study.offered_at = study.published_at = study.published_by_id = None


def _draft(group_id: int, case_study_id: int) -> CaseStudy:
    study = locked(case_study_id, group_id)
    if study.state != StudyState.DRAFT:
        raise Refusal("Take the story back first, then you can change it.")
    return study
