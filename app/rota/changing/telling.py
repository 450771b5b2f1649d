"""Who hears of a change, and in which words: the same for the page that shows it and the ledger.

One person gets one message of what was moved and one of what was cancelled,
however many of their shifts a change touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation import clock, languages, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.sentences import N_, gettext, ngettext
from app.messaging import service as messaging
from app.messaging.rules.quiet import rest_until
from app.opportunities.models import Opportunity, Shift, Slot, Stage
from app.rota.changing.rules import Act, Step
from app.signups import letters
from app.signups.invitation import calendar_of, event_of
from app.signups.models import HOLDING, LIVE, Signup, Standing
from app.volunteers.models import Channel, Volunteer
from app.web import mail

# Of an email about several shifts: the words and the address of its button, and its subject.
_EMAILS: Final = {
    Act.CHANGE: (
        N_("Say whether the new times suit you"),
        "/my/new-times",
        N_("New times: %(role)s"),
    ),
    Act.CANCEL: (N_("See your shifts"), "/my/shifts", N_("Cancelled: %(role)s")),
    # Of an undo:
    Act.ADD: (N_("See your shifts"), "/my/shifts", N_("On after all: %(role)s")),
    Act.LEAVE: (N_("See your shifts"), "/my/shifts", N_("The old time again: %(role)s")),
}


@dataclass(frozen=True)
class AsItWillBe:
    """A shift at its new time, for sentences about it."""

    shift: Shift
    starts_at: datetime
    ends_at: datetime

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shift, name)


@dataclass(frozen=True)
class Imagined:
    """A sign-up as it will stand, for the sentence that its volunteer will read."""

    signup: Signup
    shift: Shift
    standing: Standing
    reason: str = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.signup, name)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One message to one person: of which of their sign-ups, how it goes and what it says."""

    act: Act  # CHANGE or CANCEL
    volunteer_id: int
    name: str
    signup_ids: tuple[int, ...]
    shift_ids: tuple[int, ...]
    by_text: bool
    by_email: bool
    words: str
    lines: tuple[str, ...] = ()  # of an email about several shifts
    # The same in the language of its reader; the page that shows it is English.
    said: str = ""
    said_lines: tuple[str, ...] = ()

    @property
    def by(self) -> str:
        """How it reaches them, in words."""
        if self.by_text and self.by_email:
            return "by text and email"
        if self.by_text:
            return "by text"
        return "by email" if self.by_email else "in no way that we know: ring them"


def who_hears(steps: Iterable[Step], reason: str) -> list[Told]:
    """Everybody who hears of the steps, in the order of their first sign-up."""
    by_shift = {
        step.shift.id: step
        for step in steps
        if step.shift is not None and (step.moves or step.act == Act.CANCEL)
    }
    gathered: dict[tuple[int, Act], list[Signup]] = {}
    for signup in _live_on(list(by_shift)):
        act = by_shift[signup.shift_id].act
        gathered.setdefault((signup.volunteer_id, act), []).append(signup)
    return [
        _told(act, signups, by_shift, reason) for (_, act), signups in sorted(
            gathered.items(), key=lambda pair: (pair[1][0].id, pair[0][1])
        )
    ]  # fmt: skip


def names_on(shift_ids: Sequence[int]) -> dict[int, list[str]]:
    """Who has a place on each of the shifts, or waits for one, in order of arrival."""
    found: dict[int, list[str]] = {}
    if shift_ids:
        rows = db.session.execute(
            select(Signup.shift_id, Volunteer.name)
            .join(Signup.volunteer)
            .where(Signup.shift_id.in_(shift_ids), Signup.standing.in_(LIVE))
            .order_by(Signup.id)
        )
        for shift_id, name in rows:
            found.setdefault(shift_id, []).append(name)
    return found


def _live_on(shift_ids: Sequence[int]) -> Sequence[Signup]:
    if not shift_ids:
        return []
    return db.session.scalars(
        select(Signup)
        .where(Signup.shift_id.in_(shift_ids), Signup.standing.in_(LIVE))
        .order_by(Signup.id)
        .options(
            joinedload(Signup.volunteer),
            joinedload(Signup.slot).joinedload(Slot.duty),
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Signup.shift).joinedload(Shift.site),
        )
        .execution_options(populate_existing=True)
    ).all()


def _told(act: Act, signups: list[Signup], steps: dict[int, Step], reason: str) -> Told:
    signups = sorted(signups, key=lambda one: (_new_time(one, steps)[0], one.id))
    imagined = [_imagined(one, steps[one.shift_id], reason) for one in signups]
    first = imagined[0]
    volunteer = signups[0].volunteer
    by_text, by_email = letters.ways(volunteer, first.shift, unasked=True)
    with languages.speaking(languages.ENGLISH):
        words, lines = _said(act, imagined, steps)
    with languages.speaking(volunteer.language):
        said, said_lines = _said(act, imagined, steps)
    return Told(
        act=act,
        volunteer_id=volunteer.id,
        name=volunteer.name,
        signup_ids=tuple(one.id for one in signups),
        shift_ids=tuple(one.shift_id for one in signups),
        by_text=by_text,
        by_email=by_email,
        words=words,
        lines=lines,
        said=said,
        said_lines=said_lines,
    )


def _said(
    act: Act, imagined: Sequence[Imagined], steps: dict[int, Step]
) -> tuple[str, tuple[str, ...]]:
    """The words and, about several shifts, the lines of an email; in the present language."""
    if len(imagined) == 1:
        return letters.answer(cast(Signup, imagined[0]), moved=act == Act.CHANGE), ()
    words = _moved_many(imagined) if act == Act.CHANGE else _cancelled_many(imagined)
    several_roles = _roles(imagined) > 1
    return words, tuple(
        _line(one, steps[one.signup.shift_id], several_roles=several_roles) for one in imagined
    )


def _new_time(signup: Signup, steps: dict[int, Step]) -> tuple[datetime, datetime]:
    after = steps[signup.shift_id].after
    if after is None:
        return signup.shift.starts_at, signup.shift.ends_at
    return after.starts_at, after.ends_at


def _imagined(signup: Signup, step: Step, reason: str) -> Imagined:
    start, end = _new_time(signup, {signup.shift_id: step})
    shift = cast(Shift, AsItWillBe(signup.shift, start, end))
    if step.act == Act.CANCEL:
        return Imagined(signup, shift, Standing.CANCELLED, reason)
    return Imagined(signup, shift, signup.standing)


def _roles(imagined: Sequence[Imagined]) -> int:
    return len({one.signup.shift.opportunity_id for one in imagined})


def _moved_many(imagined: Sequence[Imagined]) -> str:
    first = imagined[0]
    role = first.signup.shift.opportunity
    holds = any(one.standing in HOLDING for one in imagined)
    moved = ngettext(
        "%(group)s: %(num)d shift of yours, %(role)s, has a new time. The first is now %(when)s.",
        "%(group)s: %(num)d shifts of yours, %(role)s, have a new time. The first is now %(when)s.",
        len(imagined),
        **{"group": role.group.name, "role": role.title, "when": letters.when(first.shift)},
    )
    keeps = gettext("You keep your places.") if holds else gettext("You still wait for a place.")
    asks = gettext("Does it suit you? %(address)s", address=address("/my/new-times"))
    return f"{moved} {keeps} {asks}"


def _cancelled_many(imagined: Sequence[Imagined]) -> str:
    first, last = imagined[0], imagined[-1]
    role = first.signup.shift.opportunity
    which = role.title if _roles(imagined) == 1 else gettext("several roles")
    cancelled = ngettext(
        "%(group)s: %(num)d shift of yours, %(role)s, is cancelled: "
        "from %(first)s until %(last)s. %(reason)s. Sorry!",
        "%(group)s: %(num)d shifts of yours, %(role)s, are cancelled: "
        "from %(first)s until %(last)s. %(reason)s. Sorry!",
        len(imagined),
        group=role.group.name,
        role=which,
        first=letters.when(first.shift),
        last=letters.when(last.shift),
        reason=first.reason.rstrip("."),
    )
    still = gettext("What you have still: %(address)s", address=address("/my/shifts"))
    return f"{cancelled} {still}"


def _line(one: Imagined, step: Step, *, several_roles: bool) -> str:
    shift = one.signup.shift
    was = letters.spoken(shift.starts_at, shift.ends_at, shift.site.zone)
    title = f"{shift.opportunity.title}: " if several_roles else ""
    return (
        f"{title}{was}"
        if step.act == Act.CANCEL
        else title + gettext("%(was)s. Now: %(when)s", was=was, when=letters.when(one.shift))
    )


def address(path: str) -> str:
    """A page's whole address: a worker has no request from which it could be reckoned."""
    return f"{current_app.config['PUBLIC_URL']}{path}"


def tell(told: Iterable[Told], cause: str) -> None:
    """Write each message to the ledger, in the open transaction, once the rows are as told.

    `cause` names the change, so that writing it twice is harmless.
    """
    for one in told:
        signups = [
            db.session.get_one(Signup, number, populate_existing=True) for number in one.signup_ids
        ]
        if len(signups) == 1:
            letters.tell(signups[0], moved=one.act == Act.CHANGE)
        else:
            write(one, signups, cause)


@languages.in_language_of(lambda one, signups, cause: signups[0].volunteer.language)
def write(one: Told, signups: Sequence[Signup], cause: str) -> None:
    """One message to one person of several of their places, by each way that it says."""
    volunteer, shift = signups[0].volunteer, signups[0].shift
    recipient, now = f"volunteer:{volunteer.id}", clock.now()
    if one.by_email:
        label, path, subject = _EMAILS[one.act]
        # The address is the email's button.
        sentence = one.said.removesuffix(address(path)).strip()
        sentence = sentence.removesuffix(gettext("Can't come? Reply NO."))
        parts = mail.compose(
            [mail.greeting(volunteer.first_name), sentence.strip(), *one.said_lines],
            action=(gettext(label), address(path)),
        )
        subject = gettext(subject, role=shift.opportunity.title)
        messaging.write(
            Letter(
                channel=Channel.EMAIL,
                to=volunteer.email or "",
                subject=subject[:200],
                body=parts.text,
                html=parts.html,
                calendar=_calendar(signups, cancelled=one.act == Act.CANCEL),
                cause=f"{cause}:{one.act.value}:email",
                recipient=recipient,
                purpose="standing",
            ),
            volunteer_id=volunteer.id,
        )
    if one.by_text:
        quiet = current_app.config["QUIET_HOURS"]
        messaging.write(
            Letter(
                channel=Channel.SMS,
                to=volunteer.phone or "",
                body=one.said,
                cause=f"{cause}:{one.act.value}:sms",
                recipient=recipient,
                purpose="standing",
                lane=queue.ORDINARY,
            ),
            volunteer_id=volunteer.id,
            not_before=rest_until(now, shift.site.zone, quiet, shift.starts_at),
            deadline=max(signup.shift.ends_at for signup in signups),
        )


def _calendar(signups: Sequence[Signup], *, cancelled: bool) -> str | None:
    """The places of one person as published events: the same ones as in earlier letters."""
    held = [one for one in signups if one.standing in HOLDING or (cancelled and one.confirmed_at)]
    if not held:
        return None
    # RFC 5546: a request is about one event; several are published.
    calendar = calendar_of([one.shift for one in held], method="PUBLISH")
    for signup in held:
        where = letters.where(signup.shift)
        calendar.add_component(event_of(signup, cancelled=cancelled, where=where))
    text: str = calendar.to_ical().decode()
    return text


def clashes(told: Iterable[Told], steps: Iterable[Step]) -> dict[int, list[str]]:
    """Of each moved shift, who of its people has a place elsewhere at the new time, in words."""
    moved = {step.shift.id: step for step in steps if step.shift is not None and step.moves}
    people = {one.volunteer_id: one.name for one in told if one.act == Act.CHANGE}
    if not moved or not people:
        return {}
    rows = db.session.execute(
        select(
            Signup.volunteer_id,
            Signup.shift_id,
            Shift.starts_at,
            Shift.ends_at,
            Opportunity.title,
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .where(
            Signup.volunteer_id.in_(people),
            Signup.standing.in_(HOLDING),
            Shift.ends_at > clock.now(),
            Shift.stage != Stage.CANCELLED,
        )
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    held: dict[int, list[tuple[int, datetime, datetime, str]]] = {}
    for volunteer_id, shift_id, start, end, title in rows:
        step = moved.get(shift_id)
        if step is not None and step.after is not None:
            start, end = step.after.starts_at, step.after.ends_at
        held.setdefault(volunteer_id, []).append((shift_id, start, end, title))
    found: dict[int, list[str]] = {}
    for one in told:
        for shift_id in one.shift_ids if one.act == Act.CHANGE else ():
            after = moved[shift_id].after
            for other_id, start, end, title in held.get(one.volunteer_id, ()):
                if (
                    after
                    and other_id != shift_id
                    and start < after.ends_at
                    and end > after.starts_at
                ):
                    found.setdefault(shift_id, []).append(
                        f"{one.name} has a place elsewhere at the new time: {title}."
                    )
    return found


def standings(told: Iterable[Told]) -> dict[int, list[list[Any]]]:
    """Of each shift that is cancelled, its sign-ups with how they stand now: [[number, standing]].

    Read before the change, for the record.
    """
    numbers = [number for one in told if one.act == Act.CANCEL for number in one.signup_ids]
    found: dict[int, list[list[Any]]] = {}
    rows = db.session.execute(
        select(Signup.id, Signup.shift_id, Signup.standing)
        .where(Signup.id.in_(numbers))
        .order_by(Signup.id)
    )
    for number, shift_id, standing in rows:
        found.setdefault(shift_id, []).append([number, standing.value])
    return found
