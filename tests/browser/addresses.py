"""The address of every page there is, for the site whose environment this process has.

`python -m tests.browser.addresses` makes what the demo county lacks (a request
under way, a draft, a rota suggested, a tablet, half-finished sign-ins), and
prints as JSON: all endpoints that answer GET; (endpoint, path, visitor) of
each page; and what each visitor's browser holds, by cookie. A page without a
visitor is for whoever of the five kinds of people may open it.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from secrets import token_hex
from typing import Any

import pyotp
from flask import Flask, url_for
from sqlalchemy import select

from app import create_app
from app.accounts import secrets
from app.accounts.models import ProofPurpose, User
from app.accounts.service import proofs, second_factor
from app.cover.models import Cover
from app.errands import service as errands
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.languages import LANGUAGES
from app.foundation.transaction import transaction
from app.groups.models import Membership, Site
from app.groups.service import invite
from app.hours.models import Attendance, HoursRequest, Statement
from app.hours.service import forgotten
from app.opportunities.models import Closure, Duty, Opportunity, Pattern, Shift, Slot, Stage
from app.rota.changing import service as changes
from app.rota.changing.drafts.closing import Close
from app.rota.changing.models import RotaChange
from app.safeguarding.models import Finding
from app.signups import inviting, keys, offers
from app.signups.models import Notice, RoleInvitation, Signup, Standing
from app.signups.standing.models import StandingPlace
from app.signups.swaps.models import Swap
from app.simulator import mail
from app.spreadsheets import service as spreadsheets
from app.suggestions.models import SuggestedPlace, Suggestion
from app.today import codes
from app.today import service as today
from app.volunteers.models import Volunteer
from benchmarks import addresses, crowd

Page = tuple[str, str, str | None]
PIN = "739164"


def main() -> int:
    app = create_app({"RATELIMIT_ENABLED": False})
    with app.app_context():
        crowd.one_of_each()
        pages: list[Page] = [(endpoint, path, None) for endpoint, path in addresses.of_pages(app)]
        with app.test_request_context():
            visits = Visits(app)
            visits.all()
        known = {
            rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
        }
        told = {
            "endpoints": sorted(known),
            "pages": pages + visits.pages,
            "cookies": visits.cookies,
        }
    json.dump(told, sys.stdout)
    return 0


class Visits:
    """Pages that only one person, or one browser, can open."""

    def __init__(self, app: Flask) -> None:
        self.pages: list[Page] = []
        self.cookies: dict[str, dict[str, str]] = {}
        self.seal = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        self.now = int(clock.now().timestamp())

    def all(self) -> None:
        """Fill `pages` and `cookies`."""
        group_id = crowd.group_looked_at()
        manager = _of(select(User).where(User.email == "foodbank@example.org"))
        volunteer = _of(
            select(Volunteer)
            .join(User, User.id == Volunteer.user_id)
            .where(User.email == "volunteer@example.org")
        )
        self.everybody()
        self.on_the_way_in(volunteer)
        self.of_the_second_factor()
        self.of_volunteers()
        self.by_links(volunteer)
        self.of_managers(group_id, manager)
        self.of_tablets(group_id, manager)

    # Who is at the browser

    def add(self, endpoint: str, visitor: str | None = None, **values: Any) -> None:
        self.pages.append((endpoint, url_for(endpoint, **values), visitor))

    def browser(self, name: str, **holds: Any) -> str:
        """A visitor whose session holds this."""
        self.cookies.setdefault(name, {})["session"] = self.seal.dumps(holds)
        return name

    def user(self, user_id: int | None) -> str:
        """The visitor who is signed in as this user."""
        user = db.session.get_one(User, user_id)
        return self.browser(f"user {user.id}", _user_id=user.get_id(), _fresh=True)

    def manager_of(self, group_id: int) -> str:
        found = select(Membership.user_id).where(Membership.group_id == group_id)
        return self.user(_of(found.order_by(Membership.id)))

    def new_user(self, name: str, email: str) -> User:
        with transaction():
            user = User(name=name, email=email)
            db.session.add(user)
        return user

    def account_of(self, volunteer: Volunteer) -> str:
        """The visitor who is signed in as this volunteer, with a new account if need be."""
        if volunteer.user_id is None:
            user = self.new_user(volunteer.name, f"{token_hex(4)}@people.example.org")
            with transaction():
                volunteer.user_id = user.id
        return self.user(volunteer.user_id)

    # What they open

    def everybody(self) -> None:
        for language in LANGUAGES:
            self.add("web.choose_language", code=language)
        self.add("opportunities.embed", slug=_of(select(addresses.Group)).slug)
        for name in ("sweep", "reconcile", "pause", "go-on"):
            self.add("operations.act", name=name)
        for name in ("rest", "use-again"):
            self.add("operations.carrier", carrier="simulator", name=name)
            self.add("operations.carrier", carrier="twilio", name=name)
        for name in ("again", "forget"):
            self.add("operations.job", job_id="a-job", name=name)
        letters = [one for one in mail.tray() if one.html]
        self.add("simulator.one_mail", name=letters[0].name)
        self.add("simulator.mail_html", name=letters[0].name)

    def on_the_way_in(self, volunteer: Volunteer) -> None:
        user = db.session.get_one(User, volunteer.user_id)
        purpose = ProofPurpose.SIGN_IN
        proof, _ = proofs.new_code(purpose, user.id, "email", user.email or "")
        new = self.new_user("Somebody new", f"new-{token_hex(4)}@people.example.org")
        with transaction():
            new.pending_email = new.email  # the code is still to be typed
        half_way = self.browser(
            "somebody half-way in",
            code={"at": self.now, "proof": proof.id, "purpose": purpose.value, "next": None},
            who={
                "at": self.now,
                "users": [user.get_id()],
                "purpose": purpose.value,
                "way": "code",
                "next": None,
            },
            second={"at": self.now, "user": user.get_id(), "way": "code", "next": None},
            reset={"at": self.now, "user": user.get_id()},
            **{
                "signing up": {
                    "at": self.now,
                    "user": new.id,
                    "channel": "email",
                    "next": None,
                    "intent": None,
                }
            },
        )
        for step in ("enter_code", "choose_who", "enter_second_factor", "new_password"):
            self.add(f"accounts.{step}", half_way)
        self.add("accounts.confirm_sign_up", half_way)
        token = proofs.new_link(ProofPurpose.RESET, user.id, user.email or "")
        self.add("accounts.use_link", token=token.rpartition("/")[2])

    def of_the_second_factor(self) -> None:
        user = _of(select(User).where(User.email == "library@example.org"))
        second_factor.begin(user.id)
        self.add("accounts.second_factor", self.user(user.id))
        one = self.new_user("Somebody careful", f"careful-{token_hex(4)}@people.example.org")
        second_factor.begin(one.id)
        code = pyotp.TOTP(second_factor.key(one) or "").at(clock.now())
        second_factor.confirm(one.id, code)
        with transaction():
            one.pending_email = "newer@people.example.org"
        self.add("accounts.confirm", self.user(one.id), channel="email")
        for wish in ("renew", "remove"):
            self.add("accounts.change_second_factor", self.user(one.id), wish=wish)

    def of_volunteers(self) -> None:
        standing = _of(select(StandingPlace).order_by(StandingPlace.id))
        own = self.account_of(standing.volunteer)
        for name in ("skip", "end_standing"):
            self.add(f"signups.{name}", own, standing_id=standing.id)
        self.add("signups.stand_on", own, pattern_id=standing.pattern_id)
        self.add("signups.check_away", own, first="2026-01-01", last="2099-01-01")
        statement = _of(select(Statement))
        own = self.account_of(statement.volunteer)
        self.add("hours.statement", own, statement_id=statement.id)
        self.add("hours.statement_pdf", own, statement_id=statement.id)
        self.add("hours.verify", code=statement.code)

    def by_links(self, volunteer: Volunteer) -> None:
        invited = _of(select(RoleInvitation))
        token = inviting.token(invited.opportunity_id, invited.volunteer_id)
        self.add("signups.invited", token=token)
        waiting = select(Signup).where(Signup.standing == Standing.CONFIRMED)
        soon = waiting.join(Signup.shift).where(Shift.starts_at > clock.now())
        self.add("signups.offer", token=offers.token(_of(soon.order_by(Signup.id)).id))
        # At some hours of the day they are not on the shift that is looked at with the group.
        ahead = soon.where(Signup.volunteer_id == volunteer.id)
        own_shift = _of(ahead.order_by(Shift.starts_at.desc())).shift_id
        for name in ("swap", "new_time", "place_file"):
            self.add(f"signups.{name}", self.account_of(volunteer), shift_id=own_shift)
        swap = _of(select(Swap))
        asked = swap.to_volunteer_id or volunteer.id
        self.add("signups.answer_swap", token=keys.make(keys.Key.SWAP, swap.id, asked))
        been = _of(
            select(Signup)
            .join(Signup.shift)
            .where(Signup.standing == Standing.ATTENDED, Shift.ends_at < clock.now())
        )
        own = self.account_of(been.volunteer)
        self.add("hours.ask_to_correct", own, signup_id=been.id)
        self.add("hours.when_left", token=forgotten.token(_of(select(Attendance)).id))
        self.add("broadcasts.answer", token=_asked())

    def of_managers(self, group_id: int, manager: User) -> None:
        ours = {"group_id": group_id}
        invitation = invite(group_id, "somebody@example.org", manager)
        token = token_hex(8)
        with transaction():  # the letter has the token; we keep only its hash, so give it another
            invitation.token_hash = secrets.keyed_hash("invitation", token)
        self.add("groups.invitation", token=token)
        day = clock.now().date() + timedelta(days=40)
        closing = Close(
            group_id=group_id, site_id=None, name="A day away", first_day=day, last_day=day
        )
        changes.apply(closing, changes.look(closing).fingerprint, manager.id)
        closure = _of(select(Closure).where(Closure.group_id == group_id))
        self.add("changing.reopen", **ours, closure_id=closure.id)
        change = _of(select(RotaChange).where(RotaChange.group_id == group_id))
        self.add("changing.change", **ours, change_id=change.id)
        pattern = _of(
            select(Pattern).join(Pattern.opportunity).where(Opportunity.group_id == group_id)
        )
        for endpoint in ("changing.edit_pattern", "signups.give_standing"):
            self.add(endpoint, **ours, pattern_id=pattern.id)
        repeated = _of(
            select(Shift)
            .join(Shift.opportunity)
            .where(
                Opportunity.group_id == group_id,
                Shift.pattern_id.is_not(None),
                Shift.starts_at > clock.now(),
                Shift.stage == Stage.PUBLISHED,
            )
            .order_by(Shift.starts_at)
        )
        self.add("changing.edit_later", **ours, shift_id=repeated.id)
        request = _of(select(HoursRequest).where(HoursRequest.state == "waiting"))
        self.add(
            "hours.refuse",
            self.manager_of(request.group_id),
            group_id=request.group_id,
            request_id=request.id,
        )
        self.with_duties()
        self.of_files(group_id, manager)
        self.of_suggestion(group_id)
        gone = _of(select(Signup).where(Signup.standing == Standing.WITHDRAWN))
        with transaction():
            gone.notice = next(iter(Notice))
        owner = gone.shift.opportunity.group_id
        self.add("signups.excuse", self.manager_of(owner), group_id=owner, signup_id=gone.id)
        cover = _of(select(Cover))
        with transaction():  # the demo's manager has it in hand without asking
            cover.broadcast_id = _of(
                select(addresses.Broadcast.id).where(addresses.Broadcast.state == "running")
            )
        shift = db.session.get_one(Shift, cover.shift_id)
        owner = shift.opportunity.group_id
        self.add(
            "cover.progress",
            self.manager_of(owner),
            group_id=owner,
            shift_id=shift.id,
            state="running",
        )
        finding = _of(select(Finding))
        left = finding.signup
        owner = left.shift.opportunity.group_id
        self.add(
            "safeguarding.decide",
            self.manager_of(owner),
            group_id=owner,
            volunteer_id=left.volunteer_id,
            reason=finding.reason,
        )
        for standing in db.session.scalars(select(StandingPlace)):
            owner = standing.pattern.opportunity.group_id
            for name in ("decline_standing", "end_for_them", "skip_for_them"):
                self.add(
                    f"signups.{name}",
                    self.manager_of(owner),
                    group_id=owner,
                    standing_id=standing.id,
                )

    def with_duties(self) -> None:
        duty = _of(select(Duty).order_by(Duty.id))
        role = duty.opportunity
        visitor = self.manager_of(role.group_id)
        ours = {"group_id": role.group_id}
        self.add("opportunities.duty", visitor, **ours, duty_id=duty.id)
        self.add("opportunities.duties", visitor, **ours, opportunity_id=role.id)
        pattern = _of(select(Pattern).where(Pattern.opportunity_id == role.id))
        self.add("signups.pattern_team", visitor, **ours, pattern_id=pattern.id)
        place = (
            select(Signup)
            .join(Slot, Slot.id == Signup.slot_id)
            .join(Signup.shift)
            .where(
                Slot.duty_id == duty.id,
                Signup.standing == Standing.CONFIRMED,
                Shift.starts_at > clock.now(),
            )
        )
        signup = _of(place)
        self.add("signups.team", visitor, **ours, shift_id=signup.shift_id)
        self.add("signups.change_duty", visitor, **ours, signup_id=signup.id)

    def of_suggestion(self, group_id: int) -> None:
        """The rota suggested for this group, by our own process or by a worker."""
        until = time.monotonic() + 60
        query = (
            select(SuggestedPlace)
            .join(Suggestion, Suggestion.id == SuggestedPlace.suggestion_id)
            .where(Suggestion.group_id == group_id)
        )
        while (place := db.session.scalars(query.limit(1)).first()) is None:
            db.session.rollback()
            assert time.monotonic() < until, "no worker has suggested a rota"
            time.sleep(0.5)
        chosen = {"suggestion_id": place.suggestion_id, "shift_id": place.shift_id}
        query_of = {"instead": place.id} | ({"slot": place.slot_id} if place.slot_id else {})
        self.add("suggestions.choose", group_id=group_id, **chosen, **query_of)

    def of_files(self, group_id: int, manager: User) -> None:
        content = b"Shift,Date,Start,End,Role,Places\n,never,10:00,12:00,No such role,3\n"
        import_id = spreadsheets.preview(content, "rota.csv", group_id, manager.id)
        for name in ("look", "left_over"):
            self.add(f"spreadsheets.{name}", group_id=group_id, import_id=import_id)
        errand = errands.begin(spreadsheets.LOOK, import_id, group_id, manager.id, "rota.csv")
        for name in ("show", "progress", "result"):
            self.add(f"errands.{name}", errand_id=errand)

    def of_tablets(self, group_id: int, manager: User) -> None:
        site = _of(select(Site).where(Site.group_id == group_id))
        device, code = today.offer(site.id, "By the door", manager.id)
        _, token = today.pair(code)
        today.set_pin(site.id, PIN, manager.id)
        today.open_staff(device.id, PIN)
        self.cookies["a tablet"] = {"tablet": token}
        for name in ("front", "pin", "rest", "staff", "thanks", "walk_in"):
            self.add(f"tablet.{name}", "a tablet")
        soon = _of(
            select(Shift)
            .where(Shift.site_id == site.id, Shift.ends_at > clock.now())
            .order_by(Shift.starts_at)
        )
        self.add("tablet.staff_let_in", "a tablet", shift_id=soon.id)
        self.add("here.scan", token=codes.on_the_wall(site.id))
        scanned = self.browser(
            "somebody who scanned the tablet",
            scan={"site": site.id, "poster": False, "at": self.now, "candidates": [1, 2]},
            scanned="/here",
        )
        for name in ("arrive", "choose"):
            self.add(f"here.{name}", scanned)


def _asked() -> str:
    """The one-tap address of somebody whom a request has asked."""
    found = _of(select(addresses.Recipient).where(addresses.Recipient.wave.is_not(None)))
    return addresses.links.token(found.broadcast_id, found.volunteer_id)


def _of(query: Any) -> Any:
    """The first row; loud when the demo has none."""
    return db.session.scalars(query.limit(1)).one()


if __name__ == "__main__":
    sys.exit(main())
