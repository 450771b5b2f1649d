"""Who hears of an undo, and in which words."""

from __future__ import annotations

from collections.abc import Sequence

from app.foundation import languages
from app.foundation.sentences import N_, NN_, gettext, ngettext
from app.rota.changing import telling
from app.rota.changing.rules import Act
from app.signups import letters
from app.signups.models import HOLDING, Signup


def tell(moved: Sequence[Signup], back: Sequence[Signup], cause: str) -> None:
    """After an undo: who is on a shift that has its old time again, and who has a place again.

    One message to each person for each of the two.
    """
    for act, signups in ((Act.CHANGE, moved), (Act.ADD, back)):
        by_person: dict[int, list[Signup]] = {}
        for signup in signups:
            by_person.setdefault(signup.volunteer_id, []).append(signup)
        for mine in by_person.values():
            mine.sort(key=lambda one: (one.shift.starts_at, one.id))
            first, volunteer = mine[0], mine[0].volunteer
            if act == Act.CHANGE and len(mine) == 1:
                letters.tell(first, moved=True)
                continue
            by_text, by_email = letters.ways(volunteer, first.shift, unasked=True)
            again = _old_times if act == Act.CHANGE else _on_after_all
            with languages.speaking(volunteer.language):
                words, lines = again(mine), tuple(letters.what(one.shift) for one in mine)
            said = telling.Told(
                act=Act.LEAVE if act == Act.CHANGE else act,
                volunteer_id=volunteer.id,
                name=volunteer.name,
                signup_ids=tuple(one.id for one in mine),
                shift_ids=tuple(one.shift_id for one in mine),
                by_text=by_text,
                by_email=by_email,
                words=words,
                said=words,
                said_lines=lines,
            )
            telling.write(said, mine, cause)


def _old_times(signups: Sequence[Signup]) -> str:
    role = signups[0].shift.opportunity
    return ngettext(
        "%(group)s: %(num)d shift of yours, %(role)s, has the old time again. "
        "The first is %(when)s. You keep your places. See them: %(address)s",
        "%(group)s: %(num)d shifts of yours, %(role)s, have the old time again. "
        "The first is %(when)s. You keep your places. See them: %(address)s",
        len(signups),
        group=role.group.name,
        role=role.title,
        when=letters.when(signups[0].shift),
        address=telling.address("/my/shifts"),
    )


def _on_after_all(signups: Sequence[Signup]) -> str:
    first = signups[0]
    group = first.shift.opportunity.group.name
    holds = any(one.standing in HOLDING for one in signups)
    if len(signups) == 1:
        words = N_(
            "%(group)s: good news. %(what)s, %(where)s, is on after all "
            "and you are on the waiting list again."
        )
        if holds:
            words = N_(
                "%(group)s: good news. %(what)s, %(where)s, is on after all "
                "and you have your place again."
            )
        what, where = letters.what(first.shift), letters.where(first.shift)
        said = gettext(words, group=group, what=what, where=where)
        return said + " " + gettext("Can't come? Reply NO.")
    one, many = NN_(
        "%(group)s: good news. %(num)d shift of yours is on after all, the first %(when)s, "
        "and you are on the waiting list again. See them: %(address)s",
        "%(group)s: good news. %(num)d shifts of yours are on after all, the first %(when)s, "
        "and you are on the waiting list again. See them: %(address)s",
    )
    if holds:
        one, many = NN_(
            "%(group)s: good news. %(num)d shift of yours is on after all, the first %(when)s, "
            "and you have your place again. See them: %(address)s",
            "%(group)s: good news. %(num)d shifts of yours are on after all, the first %(when)s, "
            "and you have your place again. See them: %(address)s",
        )
    when, address = letters.when(first.shift), telling.address("/my/shifts")
    return ngettext(one, many, len(signups), group=group, when=when, address=address)
