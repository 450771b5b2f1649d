"""Fill an empty database with the demo county, in one transaction."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Final

from flask import current_app

from app.accounts import passwords
from app.accounts.models import CountyRole
from app.demo import day, doors, filling, habits, own, queries, safety, tongues, year
from app.demo.county import add_groups, add_user
from app.demo.history import History
from app.demo.people import PHONES, add_people
from app.demo.request import Request
from app.demo.rota import add_rota
from app.demo.rows import Rows
from app.demo.scene import Scene
from app.demo.standings import Standings
from app.foundation import clock, queue
from app.foundation.transaction import transaction
from app.reports import counting
from app.volunteers.rules import opt_out_key

PASSWORD: Final = "many-hands-demo"
FEWEST, USUAL, MOST = 200, 2_000, 200_000
_SEED: Final = "Many Hands 2026"


def seed(volunteers: int = USUAL) -> dict[str, int] | None:
    """Make the county with so many volunteers; say how much of what was made.

    The same every time, for the same day. Returns None, and changes nothing,
    where there is a user, a group or a volunteer already. Raises `Refusal` in
    production.
    """
    queries.refuse_in_production()
    if not queries.is_empty():
        return None
    now, zone = clock.now(), current_app.config["TIMEZONE"]
    today = clock.today(zone)
    password_hash = passwords.hashed(PASSWORD)
    rows = Rows()
    with transaction():
        if not queries.is_empty():
            return None
        user_id = add_user(
            rows, "Sunita Harwell", "volunteer@example.org", now, password_hash, phone=PHONES[0]
        )
        coordinator_id = add_user(
            rows,
            "Morwenna Tilley",
            "coordinator@example.org",
            now,
            password_hash,
            role=CountyRole.COORDINATOR,
        )
        add_user(
            rows,
            "Barnaby Quincey",
            "administrator@example.org",
            now,
            password_hash,
            role=CountyRole.ADMINISTRATOR,
        )
        hosts = add_groups(rows, _stream("groups"), now, password_hash)
        key = opt_out_key(current_app.config["SECRET_KEY"])
        givers = add_people(rows, _stream("people"), now, today, volunteers, user_id, key)
        rota = add_rota(rows, _stream("rota"), now, today, zone, hosts)
        standings = Standings(rows, _stream("standings"), now, today, givers)
        request = Request(rows, _stream("request"), zone, rota.told, standings, coordinator_id)
        request.tell(givers)
        request.ask_back(givers[0], now - timedelta(hours=3))
        standings.prepare(rota)
        scene = Scene(rows, now, today, hosts, rota, standings)
        habits.add_standing(scene)
        day.add_attendance(scene)
        filling.add_offer(scene)
        standings.fill(rota)
        filling.add_applications(scene)
        filling.add_invitations(scene)
        filling.add_swap(scene)
        own.add_question(scene)
        day.add_hours_requests(scene)
        safety.add_settings(scene)
        safety.add_first_steps(scene)
        safety.add_checks(scene)
        safety.add_decision(scene)
        doors.add_tokens(scene, _stream("tokens"))
        habits.add_cover_rule(scene)
        year.add_year(scene, _stream("year"))
        standings.know_some(givers, hosts)
        History(scene, _stream("history"), zone, coordinator_id).tell()
        rows.finish()
        tongues.add_readers(now, password_hash)
        day.add_statement(today)
        request.mark_asked()
        counting.recount()  # the charts have something to show at once
        queue.enqueue("app.demo.jobs.make_reports", coordinator_id)
    return {
        what: rows.counts[table]
        for table, what in (
            ("organisation", "groups"),
            ("volunteer", "volunteers"),
            ("opportunity", "opportunities"),
            ("shift", "shifts"),
            ("signup", "sign-ups"),
        )
    }


def _stream(part: str) -> Random:
    """Chance of its own for each part, so that a change in one leaves the others alone."""
    return Random(f"{_SEED}: {part}")
