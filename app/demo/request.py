"""The urgent request of two days ago: three drivers found by text, two more too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isqrt
from random import Random
from typing import Final

from sqlalchemy import update

from app.broadcasts import rules as wording
from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastShift,
    BroadcastState,
    Pace,
    Recipient,
)
from app.demo.county import STORY_FOOD_BANK
from app.demo.people import Giver
from app.demo.rota import Turn
from app.demo.rows import Rows
from app.demo.standings import Standings
from app.foundation import queue
from app.foundation.extensions import db
from app.inbox import answers
from app.inbox.models import Reply, ReplyState
from app.inbox.rules import Meaning
from app.matching import rules
from app.messaging.models import Message, Receipt, Run, RunState, State
from app.messaging.rules import segments
from app.messaging.rules.outcomes import undelivered_reason
from app.signups.models import Standing, Way
from app.signups.rules import Demand
from app.volunteers.models import Channel, Volunteer

NUMBER: Final = 12
SENDER: Final = "+447700900000"
WAVES: Final = (12, 8, 4)  # people asked at 17:00, 17:20 and 17:40
SWITCHED_OFF: Final = "30003"


@dataclass(frozen=True)
class Said:
    """What somebody in the audience texted back, so many minutes after five."""

    minute: int
    body: str
    meaning: Meaning
    answer: Answer
    ours: str  # what we answered


WHAT: Final = "Food parcel driver, tonight, 6:30 to 8:30pm"
_GROUP: Final = STORY_FOOD_BANK
_YES: Final = f"{_GROUP}: You have a place. Thank you! {WHAT}. Can't come? Reply NO."
_LATE: Final = (
    f"{_GROUP}: thank you! All places for {WHAT} are taken. "
    "You are on the waiting list and we will text if one comes free."
)
_NO: Final = answers.NO_THANKS
_PERSONAL: Final = f"{_GROUP}: six streets in Coalville and Whitwick. Can you come?"
_ASKS: Final = answers.person_reads(NUMBER)
# By place in the audience, from 0; everybody else stayed silent.
SAID: Final = {
    0: Said(4, "Yes", Meaning.yes, Answer.YES, _YES),
    2: Said(6, "sorry not tonight", Meaning.no, Answer.NO, _NO),
    3: Said(9, f"{NUMBER} no", Meaning.no, Answer.NO, _NO),
    5: Said(13, "Where do the parcels go to?", Meaning.question, Answer.UNCLEAR, _ASKS),
    7: Said(17, f"{NUMBER} YES please", Meaning.yes, Answer.YES, _YES),
    9: Said(19, "No", Meaning.no, Answer.NO, _NO),
    13: Said(27, "can't, sorry!", Meaning.no, Answer.NO, _NO),
    15: Said(41, "Yes I can", Meaning.yes, Answer.YES, _YES),
    17: Said(45, "yes", Meaning.yes, Answer.YES, _LATE),
    20: Said(52, f"Yes {NUMBER}", Meaning.yes, Answer.YES, _LATE),
}
FILLED: Final = timedelta(minutes=41)
UNREACHED: Final = 10  # a phone that was switched off
HELD_BACK: Final = (22, 23)  # written for the third wave, stopped before they left


class Request:
    """Tells the story in rows: broadcast, recipients, messages, receipts, replies, places."""

    def __init__(
        self,
        rows: Rows,
        random: Random,
        zone: str,
        turn: Turn,
        standings: Standings,
        coordinator_id: int,
    ) -> None:
        self.rows, self.random, self.zone, self.turn = rows, random, zone, turn
        self.standings, self.coordinator_id = standings, coordinator_id
        self.begins = turn.starts_at - timedelta(minutes=90)
        self.broadcast_id = self.run_id = 0
        self._asked: dict[datetime, list[int]] = {}

    def tell(self, givers: list[Giver]) -> None:
        """Write it all, for the volunteers that there are."""
        fitting, excluded = self._judge(givers)
        self._broadcast(len(fitting), len(excluded))
        asked = sum(WAVES)
        for rank, (giver, score, metres) in enumerate(fitting):
            wave = _wave(rank) if rank < asked else None
            self._recipient(giver, "", score, rank + 1, metres, wave, SAID.get(rank))
            if wave is not None:
                self._ask(giver, rank, wave)
        for giver, reason, metres in excluded:
            self._recipient(giver, reason, 0, 0, metres, None, None)

    def ask_back(self, giver: Giver, at: datetime) -> None:
        """A text that no rule could settle: it still waits in the inbox for a person."""
        body = "Can I bring my daughter along on Saturday?"
        carrier_id = self._carrier_id()
        self.rows.add(
            Reply,
            carrier_id=carrier_id,
            from_address=giver.phone,
            to_address=SENDER,
            body=body,
            payload={
                "MessageSid": carrier_id,
                "From": giver.phone,
                "To": SENDER,
                "Body": body,
                "NumMedia": "0",
            },
            state=ReplyState.WAITING,
            meaning=Meaning.question.value,
            outcome="Asked a question.",
            volunteer_id=giver.id,
            broadcast_id=None,
            attempts=1,
            processed_at=at,
            closed_by_id=None,
            closed_at=None,
            created_at=at,
        )

    def mark_asked(self) -> None:
        """Note when each was asked last, once the volunteers' rows are there."""
        for at, ids in self._asked.items():
            db.session.execute(
                update(Volunteer.__table__)  # type: ignore[arg-type] # each model has a table
                .where(Volunteer.id.in_(ids))
                .values(last_asked_at=at)
            )

    def _judge(
        self, givers: list[Giver]
    ) -> tuple[list[tuple[Giver, int, int]], list[tuple[Giver, str, int]]]:
        """Who fits, best first, and who does not and why; each phone is asked once."""
        role, host = self.turn.offer.role, self.turn.offer.host
        ask = rules.Request(
            demand=Demand(
                starts_at=self.turn.starts_at,
                ends_at=self.turn.ends_at,
                minimum_age=role.minimum_age,
                skills=role.needs,
            ),
            now=self.begins,
            bits=self.turn.times,
            first_day=self.turn.day,
            last_day=self.turn.day,
            zone=self.zone,
            activity=role.activity,
            likes=role.likes,
        )
        fitting, excluded = [], []
        for giver in givers:
            metres = isqrt((giver.east - host.east) ** 2 + (giver.north - host.north) ** 2) + 1
            if giver.joined > self.begins:
                continue
            if metres > giver.travel:
                excluded.append((giver, "too-far", metres))
                continue
            candidate = rules.Candidate(
                person=giver.person(self.turn.day),
                metres=metres,
                travel_metres=giver.travel,
                can_be_texted=giver.can_be_texted,
                has_opted_out=giver.has_opted_out,
                paused_until=giver.paused_until,
                away=giver.away,
                free_times=giver.free,
                asks_per_week=giver.asks,
                interests=giver.interests,
            )
            against = rules.exclusions(candidate, ask)
            if against:
                excluded.append((giver, against[0].value, metres))
            else:
                fitting.append((giver, rules.score(candidate, ask).total, metres))
        fitting.sort(key=lambda each: (-each[1], each[2], each[0].id))
        kept, phones = [], set()
        for giver, score, metres in fitting:
            if giver.phone in phones:
                excluded.append((giver, "same-phone", metres))
            else:
                phones.add(giver.phone)
                kept.append((giver, score, metres))
        return kept, excluded

    def _broadcast(self, size: int, excluded: int) -> None:
        self.run_id = self.rows.add(
            Run,
            state=RunState.STOPPED,
            deadline=self.turn.starts_at,
            created_at=self.begins,
        )
        self.broadcast_id = self.rows.add(
            Broadcast,
            number=NUMBER,
            number_is_live=False,
            by_user_id=self.coordinator_id,
            run_id=self.run_id,
            state=BroadcastState.ENDED,
            ended_reason="Every place is filled.",
            text=self._text(),
            pace=Pace.WAVES,
            group_kinds=[],
            audience_size=size,
            excluded_size=excluded,
            wave=len(WAVES),
            wave_reason="",
            deadline=self.turn.starts_at,
            started_at=self.begins,
            ended_at=self.begins + FILLED,
            created_at=self.begins - timedelta(minutes=5),
        )
        self.rows.add(
            BroadcastShift,
            broadcast_id=self.broadcast_id,
            shift_id=self.turn.id,
            rank=0,
            created_at=self.begins,
        )

    def _text(self) -> str:
        host, title = self.turn.offer.host, self.turn.offer.role.title
        when = "tonight, 6:30 to 8:30pm"
        return wording.draft_text(host.name, [title], when, host.site_name, NUMBER)

    def _recipient(
        self,
        giver: Giver,
        excluded: str,
        score: int,
        rank: int,
        metres: int,
        wave: int | None,
        said: Said | None,
    ) -> None:
        asked_at = self.begins + timedelta(minutes=20 * (wave - 1)) if wave else None
        at = self.begins + timedelta(minutes=said.minute) if said and asked_at else None
        late = said is not None and said.ours is _LATE
        self.rows.add(
            Recipient,
            broadcast_id=self.broadcast_id,
            volunteer_id=giver.id,
            excluded=excluded,
            score=score,
            rank=rank,
            metres=metres,
            wave=wave,
            asked_at=asked_at,
            answer=said.answer if said and at else Answer.NONE,
            answered_at=at,
            late_told_at=at if late else None,
            created_at=self.begins,
        )

    def _ask(self, giver: Giver, rank: int, wave: int) -> None:
        at = self.begins + timedelta(minutes=20 * (wave - 1))
        self._asked.setdefault(at, []).append(giver.id)
        state = State.DELIVERED
        if rank in HELD_BACK:
            state = State.CANCELLED
        elif rank == UNREACHED:
            state = State.UNDELIVERED
        self._message(
            giver, self._text(), f"broadcast:{self.broadcast_id}", "ask", at, state, self.run_id
        )
        said = SAID.get(rank)
        if said is not None:
            self._reply(giver, said)

    def _reply(self, giver: Giver, said: Said) -> None:
        at = self.begins + timedelta(minutes=said.minute)
        question = said.answer == Answer.UNCLEAR
        carrier_id = self._carrier_id()
        outcome = {
            _YES: "Said yes and has a place.",
            _LATE: "Said yes and is waiting.",
            _NO: "Said no.",
            _ASKS: "Asked a question.",
        }
        reply_id = self.rows.add(
            Reply,
            carrier_id=carrier_id,
            from_address=giver.phone,
            to_address=SENDER,
            body=said.body,
            payload={
                "MessageSid": carrier_id,
                "From": giver.phone,
                "To": SENDER,
                "Body": said.body,
                "NumMedia": "0",
            },
            state=ReplyState.CLOSED if question else ReplyState.DONE,
            meaning=said.meaning.value,
            outcome=outcome[said.ours],
            volunteer_id=giver.id,
            broadcast_id=self.broadcast_id,
            attempts=1,
            processed_at=at + timedelta(seconds=1),
            closed_by_id=self.coordinator_id if question else None,
            closed_at=at + timedelta(minutes=3) if question else None,
            created_at=at,
        )
        texts = [("answer", said.ours, timedelta(seconds=2))]
        if question:
            texts.append(("personal answer", _PERSONAL, timedelta(minutes=3)))
        for purpose, body, after in texts:
            self._message(
                giver, body, f"reply:{reply_id}", purpose, at + after, State.DELIVERED, None
            )
        if said.answer == Answer.YES:
            late = said.ours is _LATE
            self.standings.sign_up(
                giver,
                self.turn,
                Standing.WAITING if late else Standing.ATTENDED,
                at,
                Way.TEXT,
                cause=f"broadcast:{self.broadcast_id}",
            )
            self.standings.take(giver, self.turn)
            self.standings.knows(giver, self.turn.offer.host, "took a shift")

    def _message(
        self,
        giver: Giver,
        body: str,
        cause: str,
        purpose: str,
        at: datetime,
        state: State,
        run_id: int | None,
    ) -> None:
        left = state != State.CANCELLED
        carrier_id = self._carrier_id() if left else None
        reason = {
            State.CANCELLED: "The request had ended.",
            State.UNDELIVERED: undelivered_reason(SWITCHED_OFF),
        }.get(state, "")
        code = SWITCHED_OFF if state == State.UNDELIVERED else None
        ended = at + timedelta(seconds=self.random.randint(3, 25))
        number = self.rows.add(
            Message,
            channel=Channel.SMS,
            lane=queue.URGENT if run_id else queue.ANSWERS,
            cause=cause,
            recipient=f"volunteer:{giver.id}" if run_id else f"phone:{cause}",
            purpose=purpose,
            volunteer_id=giver.id,
            run_id=run_id,
            token=f"{self.random.getrandbits(128):032x}",
            to_address=giver.phone,
            body=segments.plain(body),
            segments=segments.count(segments.plain(body)).segments,
            state=state,
            reason=reason,
            not_before=at,
            deadline=self.turn.starts_at if run_id else None,
            attempts=1 if left else 0,
            sending_at=at if left else None,
            accepted_at=at + timedelta(seconds=1) if left else None,
            ended_at=ended if left else self.begins + FILLED,
            carrier="twilio" if left else "",
            carrier_id=carrier_id,
            error_code=code,
            created_at=at,
        )
        if carrier_id:
            for status in ("sent", state.value):
                self._receipt(number, carrier_id, status, code, ended)

    def _receipt(
        self, number: int, carrier_id: str, status: str, code: str | None, at: datetime
    ) -> None:
        payload = {"MessageSid": carrier_id, "MessageStatus": status, "From": SENDER}
        if code and status != "sent":
            payload["ErrorCode"] = code
        self.rows.add(
            Receipt,
            message_id=number,
            carrier_id=carrier_id,
            status=status,
            payload=payload,
            created_at=at,
        )

    def _carrier_id(self) -> str:
        return f"SM{self.random.getrandbits(128):032x}"


def _wave(rank: int) -> int:
    """The wave, from 1, in which the person of this rank (from 0) was asked."""
    for wave, _ in enumerate(WAVES, 1):
        if rank < sum(WAVES[:wave]):
            return wave
    raise ValueError(f"Nobody of rank {rank} was asked.")
