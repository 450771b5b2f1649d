"""A small county in which everything that a volunteer or a visitor may meet is there once.

What people wrote stands between §signs§, so that it is not taken for words of ours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.annual import service as annual
from app.broadcasts import links as broadcast_links
from app.broadcasts.models import Pace, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.hours import service as hours
from app.hours.models import Attendance, HoursRequest, RequestState, Seen
from app.hours.service import forgotten, statements
from app.inbox import service as inbox
from app.opportunities.models import Opportunity, Policy, Shift
from app.reminders import links as reminder_links
from app.reminders import service as reminders
from app.rota.changing import service as changing
from app.safeguarding.service import warnings
from app.signups import answering, cancelling, inviting, keys
from app.signups import service as places
from app.signups.keys import Key
from app.signups.models import Signup, Standing, Way
from app.signups.standing import service as standings
from app.signups.standing import telling
from app.signups.standing.models import Difference, StandingDate, StandingState
from app.signups.swaps import service as swaps
from app.stories import service as stories
from app.today import codes
from app.today import service as tablets
from app.volunteers.models import DatesAway, InductionStep, TickedBy, TrainingRecord
from app.volunteers.service import opt_outs
from app.volunteers.vocabulary import DbsLevel, Language, Skill, Training, Workforce
from tests import factories as make
from tests.annual.conftest import County
from tests.broadcasts.pages import running
from tests.rota.making import shift_change
from tests.stories.made import draft

# A Saturday in June, at twenty past ten in London.
NOW = datetime(2026, 6, 13, 9, 20, tzinfo=UTC)
DAY = timedelta(days=1)


class World:
    """One volunteer, Asha, who has met everything, and the group that she helps."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.group: Group = make.group(
            name="§Helpers§", slug="helpers", about="§About us§", public_phone="01509 000000"
        )
        self.site = make.site(self.group, name="§Hall§", address="§Street§", access_notes="§Door§")
        self.boss = make.manager(self.group, name="§Boss§")
        self.user = make.user(name="§Asha§ §Patel§", email="asha@example.org")
        self.asha = make.volunteer(
            user_id=self.user.id,
            name="§Asha§ §Patel§",
            email="asha@example.org",
            language="pl",
            skills=Skill.DRIVE_CAR,
            languages=Language.POLISH,
        )
        self.other = make.volunteer(name="§Ben§ §Berry§", language="pl")
        for person in (self.asha, self.other):
            make.known_to(person, self.group)
        self.role = self._role("§Driver§")
        self._places()
        self._hours()
        self._standing()
        self._words()
        self._requests()
        self._annual()

    def _role(self, title: str, **said: Any) -> Opportunity:
        words = {"summary": "§Summary§", "about": "§What it is§", "what_to_bring": "§Boots§"}
        return make.opportunity(
            self.group, self.site, **({"title": title, "contact_name": "§Jo§"} | words | said)
        )

    def _shift(self, role: Opportunity | None = None, days: float = 3, **said: Any) -> Shift:
        return make.shift(role or self.role, starts_at=NOW + days * DAY, **said)

    def _signup(self, shift: Shift, standing: Standing, **said: Any) -> Signup:
        if standing in (Standing.CONFIRMED, Standing.ATTENDED):
            said.setdefault("confirmed_at", NOW - DAY)
        return make.signup(shift, self.asha, standing=standing, **said)

    def _places(self) -> None:
        """Asha on a shift in each way in which somebody can stand on one."""
        self.free = self._shift(days=4)
        self.full = self._shift(days=5, places=1)
        make.signup(self.full, self.other)
        self.place = self._signup(self._shift(days=1), Standing.CONFIRMED)
        self.late = self._signup(self._shift(days=0.3), Standing.CONFIRMED)
        self.moved = self._signup(
            self._shift(days=6, revision=2), Standing.CONFIRMED, agreed_revision=1
        )
        queue = self._shift(days=7, places=1)
        make.signup(queue, self.other)
        self.waiting = self._signup(queue, Standing.WAITING)
        self.offered = self._signup(
            self._shift(days=8), Standing.OFFERED, offered_until=NOW + timedelta(hours=5)
        )
        asking = self._role("§Befriender§", policy=Policy.APPROVAL, answer_days=3)
        self.asking = self._shift(asking, days=9)
        self.asked = self._signup(
            self._shift(asking, days=10), Standing.WAITING, answer_due_at=NOW + 3 * DAY
        )
        for days, standing in enumerate(
            (Standing.WITHDRAWN, Standing.DECLINED, Standing.CANCELLED), start=11
        ):
            self._signup(self._shift(days=days), standing, ended_at=NOW - DAY, reason="§Why§")
        self.strict = self._role(
            "§Nurse§",
            dbs_level=DbsLevel.ENHANCED_BARRED,
            dbs_workforce=Workforce.BOTH,
            needs_skills=Skill.CHAINSAW,
            likes_skills=Skill.COOKING,
            needs_languages=Language.URDU,
            needs_training=Training(1),
            minimum_age=16,
            needs_induction=True,
        )
        self.barred = self._shift(self.strict, days=4)
        self.listed = self._role("§Members§", policy=Policy.MEMBERS)
        self.closed_to = self._shift(self.listed, days=4)
        self.team = self._shift(self._role("§Team§"), days=4, places=2)
        for name in ("§Cook§", "§Waiter§"):
            make.slot(self.team, make.duty(self.team.opportunity, name=name), places=1)
        self.cancelled = self._shift(days=4, stage="cancelled", cancel_reason="§Snow§")
        self.bare = self._role("§Bare§")
        self.invited_to = self._role("§Guest§", policy=Policy.INVITATION)
        self._shift(self.invited_to, days=4)
        inviting.invite(self.group.id, self.invited_to.id, self.asha.id, self.boss.id)
        theirs = make.signup(self._shift(days=15), self.other)
        swaps.ask(theirs.id, self.other.id, of_signup_id=self.place.id, in_return=True)
        self.swap = swaps.ask(self.moved.id, self.asha.id, of_signup_id=theirs.id, in_return=False)

    def _hours(self) -> None:
        """What she gave, in each way that is kept, and what she asked for."""
        self.running = self._shift(days=-0.02, places=5)
        self.coming = self._signup(self.running, Standing.CONFIRMED)
        self.visitor = make.signup(self.running, self.other)
        self.given = []
        for days in range(40, 60, 3):
            shift = self._shift(days=-days)
            self.given.append(self._signup(shift, Standing.ATTENDED, attended_minutes=120))
        forgot = self._shift(days=-1)
        left = self._signup(forgot, Standing.ATTENDED, attended_minutes=120)
        self.forgotten = make.save(
            Attendance(
                shift_id=forgot.id,
                volunteer_id=self.asha.id,
                signup_id=left.id,
                came_at=forgot.starts_at,
                came_by=Seen.TABLET,
                asked_at=NOW - timedelta(hours=3),
            )
        )
        unsaid = self._shift(days=-70)
        taken = self._signup(unsaid, Standing.ATTENDED, attended_minutes=120)
        make.save(
            Attendance(
                shift_id=unsaid.id,
                volunteer_id=self.asha.id,
                signup_id=taken.id,
                came_at=unsaid.starts_at,
                came_by=Seen.TABLET,
                left_at=unsaid.ends_at,
                left_by=Seen.RULE,
            )
        )
        for state in RequestState:
            row = make.save(
                HoursRequest(
                    volunteer_id=self.asha.id,
                    group_id=self.group.id,
                    day=date(2026, 6, 1),
                    minutes=65,
                    what="§Mending§",
                    answer="§Sorry§",
                    state=state,
                )
            )
            if state == RequestState.WAITING:
                self.request_id = row.id
        self.statement = statements.make(self.asha.id, date(2026, 1, 1), date(2026, 6, 12))

    def _standing(self) -> None:
        weekly = self._role("§Weekly§")
        self.pattern = make.pattern(weekly)
        self._shift(weekly, days=3, pattern_id=self.pattern.id, occurrence_day=NOW.date())
        self.standing = make.standing_place(
            make.pattern(weekly, rule="FREQ=WEEKLY;BYDAY=MO,TH"),
            self.asha,
            last_day=date(2026, 8, 1),
        )
        for days, kind, reason in (
            (2, Difference.MISSED, "Every place is taken."),
            (5, Difference.SKIPPED, "§Away§"),
        ):
            make.save(
                StandingDate(
                    standing_place_id=self.standing.id,
                    day=NOW.date() + days * DAY,
                    kind=kind,
                    reason=reason,
                )
            )

    def _words(self) -> None:
        for number, ticked_by in enumerate(TickedBy):
            step = InductionStep(
                group_id=self.group.id, name=f"§Step {number}§", rank=number, ticked_by=ticked_by
            )
            self.step = make.save(step)
        make.save(
            DatesAway(
                volunteer_id=self.asha.id, first_day=date(2026, 9, 1), last_day=date(2026, 9, 9)
            )
        )
        thanks = stories.thank_volunteer(
            self.group.id, self.asha.id, self.boss.id, "§Thanks§", by_email=True, may_print=True
        )
        self.thanks_id = thanks.id
        self.study = draft(
            self.group,
            self.boss,
            title="§Title§",
            summary="§In short§",
            body="§" + "Long story. " * 30 + "§",
            quotation="§Quote§",
            quotation_by="§Reader§",
        )
        stories.offer(self.group.id, self.study.id)
        stories.publish(self.study.id, make.coordinator(name="§Carys§").id)

    def _requests(self) -> None:
        request = running(self._shift(days=2, places=4), pace=Pace.EVERYONE)
        asked = db.session.scalars(select(Recipient).where(Recipient.wave.is_not(None)))
        who = asked.first()
        assert who is not None
        self.request = f"/r/{broadcast_links.token(request.id, who.volunteer_id)}"

    def _annual(self) -> None:
        county = County()
        county.give(county.library, date(2025, 4, 1), 120, county.people)
        county.give(county.food_bank, date(2026, 3, 30), 90, county.people[:5])
        report = county.report()
        annual.publish(report.id, county.coordinator.id)

    def tablet(self) -> FlaskClient:
        browser = self.app.test_client()
        _device, code = tablets.offer(self.site.id, "§Door§", self.boss.id)
        browser.post("/tablet/start", data={"code": code})
        return browser

    def addresses(self) -> dict[str, list[str]]:
        """By its rule, the addresses of each page that needs more than its rule to be asked for."""
        shifts = [
            *(self.free, self.full, self.asking, self.barred, self.closed_to, self.team),
            *(self.cancelled, self.place.shift, self.waiting.shift, self.offered.shift),
            *(self.asked.shift, self.moved.shift, self.late.shift),
        ]
        roles = [self.role, self.strict, self.listed, self.bare, self.invited_to]
        pages = [f"/opportunities/{role.id}" for role in roles]
        places = [self.place, self.moved, self.waiting, self.offered, self.asked, self.late]
        person = self.asha.id
        return {
            "/account/confirm/<any(email, sms):channel>": [],
            "/account/second-factor/<any(renew, remove):wish>": [],  # see the acts
            "/annual/<slug>": ["/annual/2025-26"],
            "/annual/<slug>/<kind>": ["/annual/2025-26/food-banks"],
            "/coming/<token>": [
                f"/coming/{reminder_links.token([self.place.id, self.late.id])}",
                f"/coming/{reminder_links.token([self.given[0].id])}",
            ],
            "/g/<slug>": ["/g/helpers"],
            "/g/<slug>/embed": ["/g/helpers/embed"],
            "/here/<token>": ["/here/0.1.nothing", f"/here/{codes.on_the_wall(self.site.id)}"],
            "/invited/<token>": [f"/invited/{inviting.token(self.invited_to.id, person)}"],
            "/language/<code>": [],  # leads back to where one was
            "/left/<token>": [f"/left/{forgotten.token(self.forgotten.id)}"],
            "/my/hours/<int:signup_id>/correct": [f"/my/hours/{self.given[0].id}/correct"],
            "/my/profile/<slug>": [
                f"/my/profile/{slug}"
                for slug in (
                    *("name", "travel", "interests", "skills", "languages", "language"),
                    *("times", "age", "emergency", "contact", "reminders"),
                )
            ],
            "/my/profile/steps/<slug>": ["/my/profile/steps/travel", "/my/profile/steps/age"],
            "/my/standing/<int:standing_id>/end": [f"/my/standing/{self.standing.id}/end"],
            "/my/standing/<int:standing_id>/skip": [f"/my/standing/{self.standing.id}/skip"],
            "/my/statements/<int:statement_id>": [f"/my/statements/{self.statement.id}"],
            "/offer/<token>": [f"/offer/{keys.make(Key.OFFER, self.offered.id)}"],
            "/opportunities/<int:opportunity_id>": pages,
            "/opportunities/<int:opportunity_id>-<slug>": pages,
            "/opportunities/<int:opportunity_id>/stand": [
                f"/opportunities/{self.pattern.opportunity_id}/stand"
            ],
            "/patterns/<int:pattern_id>/stand": [f"/patterns/{self.pattern.id}/stand"],
            "/r/<token>": [self.request],
            "/shifts/<int:shift_id>/claim": [f"/shifts/{one.id}/claim" for one in shifts],
            "/shifts/<int:shift_id>/join": [f"/shifts/{one.id}/join" for one in shifts],
            "/shifts/<int:shift_id>/new-time": [f"/shifts/{self.moved.shift_id}/new-time"],
            "/shifts/<int:shift_id>/place": [f"/shifts/{one.shift_id}/place" for one in places],
            "/shifts/<int:shift_id>/swap": [f"/shifts/{self.place.shift_id}/swap"],
            "/shifts/<int:shift_id>/withdraw": [f"/shifts/{self.place.shift_id}/withdraw"],
            "/sign-in/link/<token>": ["/sign-in/link/nothing"],
            "/statements/<code>": [f"/statements/{self.statement.code}", "/statements/NONE"],
            "/stories/<int:case_study_id>": [f"/stories/{self.study.id}"],
            "/swap/<token>": [f"/swap/{keys.make(Key.SWAP, self.swap.id, self.other.id)}"],
            "/unsubscribe/<token>": [
                opt_outs.unsubscribe_url(person, self.asha.email or "").removeprefix(
                    "http://localhost"
                )
            ],
        }

    def acts(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What is sent, in an order that works: by whom, to which address, what was typed.

        First what is refused, then what is done; the last end nearly all that there was.
        """
        standing = self.standing.id
        own, profile = self.given[0].id, "/my/profile"
        swap = f"/swap/{keys.make(Key.SWAP, self.swap.id, self.other.id)}"
        newcomer = {"name": "§Nia§", "contact": "07700 900123", "postcode": "LE11 3TU"}
        weekly = {"weekdays": "2", "every_weeks": "1", "first_day": "2026-06-16"}
        times = {"came": "10:00", "left": "09:00", "reason": "§Forgot§"}
        return [
            ("visitor", "/sign-up", {}),
            (
                "visitor",
                "/sign-up",
                {"name": "§", "contact": "1", "postcode": "X", "age_band": "adult"},
            ),
            ("visitor", "/sign-up", newcomer | {"age_band": "adult"}),
            ("visitor", "/sign-in", {}),
            ("visitor", "/sign-in", {"address": "nobody"}),
            ("visitor", "/sign-in", {"address": "no@example.org", "password": "wrong password"}),
            ("visitor", "/sign-in", {"address": "07700 900999", "way": "code"}),
            ("visitor", "/sign-in/code", {"code": "123456"}),
            ("visitor", "/sign-in/forgotten", {}),
            ("visitor", "/sign-in/forgotten", {"address": "no@example.org"}),
            ("visitor", f"/shifts/{self.free.id}/join", {}),
            ("visitor", f"/shifts/{self.free.id}/join", newcomer | {"contact": "12"}),
            ("visitor", f"/shifts/{self.barred.id}/join", newcomer),
            ("visitor", f"/shifts/{self.free.id}/join", newcomer | {"age_band": "adult"}),
            ("visitor", "/sign-up/confirm", {"code": "123456"}),
            ("visitor", "/sign-up/confirm/again", {}),
            ("visitor", "/nowhere", {}),
            ("visitor", "/my/profile", {}),
            ("asha", "/account/name", {}),
            ("asha", "/account/password", {}),
            ("asha", "/account/password", {"password": "password"}),
            ("asha", "/account/password", {"password": "§short", "current": "x"}),
            ("asha", "/account/email", {"email": "nothing"}),
            ("asha", "/account/phone", {"phone": "0116 496 0000"}),
            ("asha", "/account/phone", {"phone": "07700 900124"}),
            ("asha", "/account/confirm/sms", {"code": "000000"}),
            ("asha", "/account/confirm/sms/again", {}),
            ("asha", "/account/email", {"email": "new@example.org"}),
            ("asha", "/account/remove/email", {}),
            ("asha", "/account/second-factor", {"code": "000000"}),
            ("asha", "/account/second-factor", {}),
            ("asha", f"{profile}/name", {}),
            ("asha", f"{profile}/travel", {}),
            ("asha", f"{profile}/travel", {"postcode": "ZZ1 1ZZ", "miles": "400"}),
            ("asha", f"{profile}/age", {}),
            ("asha", f"{profile}/emergency", {"emergency_name": "§Em§"}),
            ("asha", f"{profile}/emergency", {"emergency_phone": "12"}),
            ("asha", f"{profile}/contact", {"asks_per_week": "400"}),
            ("asha", f"{profile}/contact", {"phone": "12"}),
            ("asha", f"{profile}/reminders", {}),
            ("asha", f"{profile}/skills", {"skills": "99"}),
            ("asha", f"{profile}/steps/travel", {}),
            ("asha", f"{profile}/away", {}),
            ("asha", f"{profile}/away", {"first_day": "2026-01-09", "last_day": "2026-01-01"}),
            ("asha", f"{profile}/pause", {}),
            ("asha", f"{profile}/pause", {"until": "2020-01-01"}),
            ("asha", "/my/hours/add", {}),
            ("asha", "/my/hours/add", {"group": "1", "day": "x", "hours": "99", "what": "§a§"}),
            (
                "asha",
                "/my/hours/add",
                {"group": self.group.id, "day": "2030-01-01", "hours": "1", "what": "§Help§"},
            ),
            ("asha", "/my/hours/statement", {}),
            ("asha", "/my/hours/statement", {"first_day": "2026-06-01", "last_day": "2026-05-01"}),
            ("asha", "/my/hours/statement", {"first_day": "2020-06-01", "last_day": "2020-07-01"}),
            ("asha", f"/my/hours/{own}/correct", {}),
            ("asha", f"/my/hours/{own}/correct", times),
            (
                "asha",
                f"/my/hours/{own}/correct",
                {"came": "10:20", "left": "13:30", "reason": "§a§"},
            ),
            (
                "asha",
                f"/my/hours/{own}/correct",
                {"came": "10:20", "left": "13:30", "reason": "§a§"},
            ),
            ("asha", f"/left/{forgotten.token(self.forgotten.id)}", {}),
            ("asha", f"/left/{forgotten.token(self.forgotten.id)}", {"left": "09:00"}),
            ("asha", f"/left/{forgotten.token(self.forgotten.id)}", {"left": "23:00"}),
            ("asha", f"/left/{forgotten.token(self.forgotten.id)}/planned", {}),
            ("asha", f"/my/induction/{self.step.id}", {}),
            ("asha", f"/shifts/{self.barred.id}/claim", {}),
            ("asha", f"/shifts/{self.closed_to.id}/claim", {}),
            ("asha", f"/shifts/{self.cancelled.id}/claim", {}),
            ("asha", f"/shifts/{self.team.id}/claim", {}),
            ("asha", f"/shifts/{self.free.id}/claim", {}),
            ("asha", f"/shifts/{self.asking.id}/claim", {}),
            ("asha", f"/shifts/{self.full.id}/claim", {}),
            ("asha", f"/shifts/{self.place.shift_id}/coming", {}),
            ("asha", f"/shifts/{self.moved.shift_id}/new-time", {"answer": "yes", "revision": "2"}),
            ("asha", f"/shifts/{self.place.shift_id}/swap", {}),
            ("asha", f"/shifts/{self.place.shift_id}/swap", {"whom": "all", "how": "give"}),
            ("asha", swap, {"answer": "no"}),
            ("asha", swap, {"answer": "yes"}),
            ("asha", f"/patterns/{self.pattern.id}/stand", {}),
            ("asha", f"/patterns/{self.pattern.id}/stand", weekly | {"every_weeks": "7"}),
            ("asha", f"/patterns/{self.pattern.id}/stand", weekly | {"last_day": "2026-01-01"}),
            ("asha", f"/patterns/{self.pattern.id}/stand", weekly),
            ("asha", f"/patterns/{self.pattern.id}/stand", weekly | {"sure": "1"}),
            ("asha", f"/my/standing/{standing}/skip", {}),
            ("asha", f"/my/standing/{standing}/skip", {"day": "2026-06-18"}),
            ("asha", f"/my/standing/{standing}/come", {"day": "2026-06-18"}),
            ("asha", f"/my/standing/{standing}/end", {}),
            ("asha", f"/my/standing/{standing}/end", {"last_day": "2027-01-01", "made": "keep"}),
            ("asha", f"/my/standing/{standing}/end", {"last_day": "2026-06-20", "made": "give-up"}),
            ("asha", "/my/calendar", {}),
            ("asha", "/my/calendar/stop", {}),
            ("asha", f"{profile}/away", {"first_day": "2026-06-14", "last_day": "2026-06-15"}),
            ("asha", self.request, {"answer": "yes"}),
            ("asha", self.request, {"answer": "no"}),
            ("asha", f"/offer/{keys.make(Key.OFFER, self.offered.id)}", {"answer": "yes"}),
            ("asha", f"/shifts/{self.offered.shift_id}/withdraw", {"reason": "x" * 301}),
            ("asha", f"/shifts/{self.offered.shift_id}/withdraw", {"reason": "§Ill§"}),
            ("asha", f"/offer/{keys.make(Key.OFFER, self.offered.id)}", {"answer": "yes"}),
            ("asha", f"/shifts/{self.late.shift_id}/withdraw", {}),
            ("asha", f"/shifts/{self.waiting.shift_id}/withdraw", {}),
            ("asha", f"/shifts/{self.asked.shift_id}/withdraw", {}),
            ("asha", f"/my/hours/requests/{self.request_id}/take-back", {}),
            ("asha", f"/my/thanks/{self.thanks_id}/seen", {}),
            ("asha", f"{profile}/pause", {"until": "2026-08-01"}),
            ("asha", f"{profile}/pause", {"end": "1"}),
            ("tablet", "/tablet/not-on-the-list", {}),
            ("tablet", "/tablet/not-on-the-list", {"name": "§Somebody§ §Else§"}),
            ("tablet", f"/tablet/here/{self.visitor.id}", {}),
            ("tablet", "/tablet/undo", {}),
            ("tablet", "/tablet/undo", {}),
            ("asha", f"/here/{codes.on_the_tablet(self.site.id)}", {}),
            ("asha", f"/here/come/{self.coming.id}", {}),
            ("asha", f"/here/come/{self.coming.id}", {}),
            ("asha", "/account/sign-out-everywhere", {}),
        ]

    def deeds(self) -> None:
        """What the group, the clock and her own texts bring about, each of which she hears of."""
        boss = self.boss.id
        late = self._signup(
            self._shift(self.asked.shift.opportunity, days=12),
            Standing.WAITING,
            answer_due_at=NOW - timedelta(minutes=1),
            created_at=NOW - 4 * DAY,
        )
        answering.answer(late.id)
        places.withdraw(self.waiting.shift_id, self.other.id, way=Way.WEB)
        places.confirm(self.asked.id, boss)
        other = self._shift(self.asked.shift.opportunity, days=13)
        wish = self._signup(other, Standing.WAITING, answer_due_at=NOW + DAY)
        places.decline(wish.id, boss, "§No§")
        cancelling.cancel_shift(self.moved.shift_id, boss, "§Snow§")
        changing.do(shift_change(self.place.shift, starts=time(12), ends=time(14)), boss)
        for row in db.session.scalars(
            select(HoursRequest).where(HoursRequest.state == RequestState.WAITING)
        ).all():
            hours.decide(row.id, self.group.id, approves=True, by_user_id=boss)
        again = hours.ask(self.asha.id, self.group.id, date(2026, 6, 2), 60, "§Sweeping§")
        hours.decide(again.id, self.group.id, approves=False, answer="§Twice§", by_user_id=boss)
        asked = make.standing_place(
            self.pattern, self.asha, state=StandingState.ASKED, told_at=None
        )
        standings.decline(self.group.id, asked.id, boss, "§Full§")
        standings.end(
            self.standing.id,
            date(2026, 6, 20),
            keeps_made=True,
            reason="§Moved§",
            by_user_id=boss,
            by_group=True,
        )
        telling.tell_differences(self.standing.id)
        make.save(
            TrainingRecord(
                volunteer_id=self.asha.id,
                training=Training(1),
                completed_on=date(2025, 6, 20),
                valid_until=date(2026, 6, 20),
                group_id=self.group.id,
            )
        )
        warnings.warn(self.group.id)
        for days in (0, 9):
            with clock.stopped_at(NOW + days * DAY + timedelta(hours=1)):
                reminders.sweep()
        for number, said in enumerate(
            ("HELP", "LESS", "ONLY EMERGENCIES", "YES", "NO", "HERE", "LEFT", "OK", "STOP", "START")
        ):
            inbox.store({"From": self.asha.phone, "Body": said, "MessageSid": f"SM{number}"})
            inbox.process_all()
