"""The demo county grown to the size that pages are measured at.

Starts from `flask demo seed`, whose people and roles have the right spread,
and copies and adds by set-based SQL: 400 groups, 5,000 open shifts, one group
with thousands of people, a year of urgent requests and all that they leave.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    and_,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from app.accounts.models import AuditEvent, CountyRole, User
from app.broadcasts import service as broadcasts
from app.broadcasts.models import Answer, Broadcast, BroadcastShift, BroadcastState, Recipient
from app.demo.service import seed
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.model import Model, metadata
from app.foundation.transaction import transaction
from app.groups.models import Group, Membership, Site
from app.inbox.models import Reply, ReplyState
from app.messaging.models import Message, State
from app.opportunities.models import Opportunity, Shift, Stage
from app.reports import counting
from app.simulator.models import SimulatedHandset
from app.volunteers.models import GroupVolunteer, Volunteer
from app.volunteers.service.imports import preview

COPIES = 3  # of the demo's 118 groups, beside the first
ROLL = 2_000  # people on the list of the group that a manager looks at
REQUESTS = 30  # that have ended, each with a row for every volunteer
REPLIES = 3_000
NOTED = 100_000  # entries of the audit trail
IMPORTED = 10_000  # rows of a spreadsheet that waits for a second look

Columns = Mapping[str, Any]


def build(volunteers: int, share: float = 1) -> dict[str, int]:
    """Fill an empty, migrated database; return how many rows each table has.

    `share` makes less of all that is not a volunteer or a group, for a test.
    """
    if seed(volunteers) is None:
        raise SystemExit("The database was not empty.")
    with transaction():
        _more_groups(share)
        _a_long_list(int(ROLL * share))
        _accounts()
        _handsets()
        _audit_trail(int(NOTED * share), volunteers)
    _one_under_way()
    with transaction():
        _ended_requests(int(REQUESTS * share))
        _replies(int(REPLIES * share), volunteers)
    _a_file(int(IMPORTED * share))
    _a_draft()
    counting.recount()
    if db.engine.dialect.name == "postgresql":
        # As autovacuum would; SQLite is left as the site leaves it, without statistics.
        vacuum = db.engine.execution_options(isolation_level="AUTOCOMMIT")
        with vacuum.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
    with db.engine.connect() as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


def _table(model: type[Model]) -> Table:
    table: Table = model.__table__  # type: ignore[assignment] # each model has a plain table
    return table


def _copy(model: type[Model], changed: Columns, where: ColumnElement[bool] | None = None) -> None:
    """Insert the rows of a table again, with some columns changed."""
    table = _table(model)
    columns = [column for column in table.columns if column.name != "id" or "id" in changed]
    chosen = [changed.get(column.name, column) for column in columns]
    chosen = [one if hasattr(one, "compile") else literal(one) for one in chosen]
    query = select(*chosen)
    if where is not None:
        query = query.where(where)
    db.session.execute(insert(table).from_select([column.name for column in columns], query))


def _number_on(*models: type[Model]) -> None:
    """Let PostgreSQL count on from the numbers that we gave."""
    if db.engine.dialect.name == "postgresql":
        for model in models:
            table = _table(model)
            last = select(func.max(table.c.id)).scalar_subquery()
            db.session.execute(
                select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last))
            )


def _last(model: type[Model]) -> int:
    return db.session.scalar(select(func.max(_table(model).c.id))) or 0


def _more_groups(share: float) -> None:
    # What is long over costs time to copy, and only whole counties are measured.
    since = clock.now() - (timedelta(days=1000) if share >= 1 else timedelta(weeks=9))
    groups, roles, shifts = _last(Group), _last(Opportunity), _last(Shift)
    for copy in range(1, COPIES + 1):
        group_id = groups * copy
        _copy(
            Group,
            {
                "id": Group.id + group_id,
                "name": Group.name + f" {copy}",
                "slug": Group.slug + f"-{copy}",
            },
            Group.id <= groups,
        )
        _copy(
            Site,
            {
                # The demo gives each group one site, of the same number.
                "id": Site.id + group_id,
                "group_id": Site.group_id + group_id,
            },
            Site.id <= groups,
        )
        _copy(
            Opportunity,
            {
                "id": Opportunity.id + roles * copy,
                "group_id": Opportunity.group_id + group_id,
                "site_id": Opportunity.site_id + group_id,
            },
            Opportunity.id <= roles,
        )
        _copy(
            Shift,
            {
                "id": Shift.id + shifts * copy,
                "opportunity_id": Shift.opportunity_id + roles * copy,
                "site_id": Shift.site_id + group_id,
                "pattern_id": None,
                "series": None,
                "taken": 0,
            },
            and_(Shift.id <= shifts, Shift.starts_at > since),
        )
    _number_on(Group, Site, Opportunity, Shift)


def group_looked_at() -> int:
    """The group of the manager whom the demo names first."""
    return db.session.scalars(
        select(Membership.group_id)
        .join(User, User.id == Membership.user_id)
        .where(User.email == "foodbank@example.org")
    ).one()


def _a_long_list(people: int) -> None:
    group_id = group_looked_at()
    known = select(GroupVolunteer.volunteer_id).where(GroupVolunteer.group_id == group_id)
    someone = (
        select(literal(clock.now()), Volunteer.id, literal(group_id), literal(""), literal(True))
        .where(Volunteer.id.not_in(known))
        .limit(people)
    )
    names = ["created_at", "volunteer_id", "group_id", "how", "sees_profile"]
    db.session.execute(insert(_table(GroupVolunteer)).from_select(names, someone))


def _handsets() -> None:
    phones = (
        select(literal(clock.now()), Volunteer.phone, literal(0))
        .where(Volunteer.phone.is_not(None))
        .distinct()
    )
    names = ["created_at", "phone", "last_text_id"]
    db.session.execute(insert(_table(SimulatedHandset)).from_select(names, phones))


def _audit_trail(entries: int, volunteers: int) -> None:
    actor = select(Membership.user_id).where(Membership.group_id == group_looked_at())
    for _ in range(-(-entries // volunteers)):
        noted = select(
            literal(clock.now()),
            actor.scalar_subquery(),
            literal("viewed volunteer"),
            literal("volunteer"),
            Volunteer.id,
            literal({}, _table(AuditEvent).c.detail.type),
        )
        names = ["created_at", "actor_id", "action", "subject_type", "subject_id", "detail"]
        db.session.execute(insert(_table(AuditEvent)).from_select(names, noted))


def _thin_shift() -> int:
    """A shift of the first copy, soon and with all its places free."""
    return db.session.scalars(
        select(Shift.id)
        .join(Shift.opportunity)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Shift.taken == 0,
            Shift.places >= 3,
            Shift.starts_at > clock.now(),
            Opportunity.stage == Stage.PUBLISHED,
            Opportunity.title == "Food parcel driver",
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(1)
    ).one()


def _coordinator() -> int:
    return db.session.scalars(select(User.id).where(User.email == "coordinator@example.org")).one()


def _one_under_way() -> None:
    broadcast_id = broadcasts.draft([_thin_shift()], _coordinator()).id
    broadcasts.start(broadcast_id, _coordinator())
    broadcasts.advance(broadcast_id)
    broadcasts.ask_everyone(broadcast_id, _coordinator())
    broadcasts.advance(broadcast_id)
    with transaction():
        # Half a day later: delivered, and many have answered.
        db.session.execute(
            update(Message).where(Message.run_id.is_not(None)).values(state=State.DELIVERED)
        )
        for number, answer in ((3, Answer.NO), (7, Answer.UNCLEAR), (11, Answer.YES)):
            db.session.execute(
                update(Recipient)
                .where(
                    Recipient.broadcast_id == broadcast_id,
                    Recipient.asked_at.is_not(None),
                    Recipient.id % number == 0,
                )
                .values(answer=answer, answered_at=clock.now())
            )


def _ended_requests(requests: int) -> None:
    latest = _last(Broadcast)
    for copy in range(1, requests + 1):
        number = latest + copy
        _copy(
            Broadcast,
            {
                "id": number,
                "number_is_live": False,
                "run_id": None,
                "state": BroadcastState.ENDED,
                "ended_reason": "Every place is filled.",
                "ended_at": clock.now(),
            },
            Broadcast.id == latest,
        )
        _copy(BroadcastShift, {"broadcast_id": number}, BroadcastShift.broadcast_id == latest)
        _copy(Recipient, {"broadcast_id": number}, Recipient.broadcast_id == latest)
        _copy(
            Message,
            {
                "cause": f"broadcast:{number}",
                "run_id": None,
                # Ours are of 32 characters; these only need to differ.
                "token": func.substr(Message.token, 1, 24) + f"{number:08d}",
                "carrier_id": None,
            },
            and_(Message.run_id.is_not(None), Message.cause == f"broadcast:{latest}"),
        )
    _number_on(Broadcast)


def _replies(replies: int, volunteers: int) -> None:
    asked = _last(Broadcast)
    db.session.execute(
        insert(Reply),
        [
            {
                "carrier_id": f"SM{copy:032d}",
                "from_address": f"+447700900{copy % 1000:03d}",
                "body": "Where do I park?",
                "state": ReplyState.WAITING if copy % 6 == 0 else ReplyState.DONE,
                "meaning": "question",
                "volunteer_id": copy % volunteers + 1,
                "broadcast_id": asked,
            }
            for copy in range(replies)
        ],
    )


def _accounts() -> None:
    """Half of all volunteers can sign in."""
    half = select(
        literal(clock.now()),
        Volunteer.name,
        literal("user") + cast(Volunteer.id, String) + "@people.example.org",
        literal(CountyRole.NONE, _table(User).c.county_role.type),
        literal(True),
        literal(0),
    ).where(Volunteer.id % 2 == 0)
    names = ["created_at", "name", "email", "county_role", "is_enabled", "session_epoch"]
    db.session.execute(insert(_table(User)).from_select(names, half))


def _a_file(people: int) -> None:
    """A spreadsheet that its administrator has uploaded and not yet brought in."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["Name", "Mobile", "Email", "Postcode"])
    for n in range(people):
        postcode = "LE11 5AB" if n % 10 else "nowhere"
        rows.writerow([f"Person {n}", "", f"person{n}@example.org", postcode])
    content = out.getvalue().encode()
    preview(content, "people.csv", None, _coordinator())
    preview(content, "people.csv", group_looked_at(), _coordinator())


def one_of_each() -> None:
    """What the demo county lacks, for who opens every page of it; its workers may be at work."""
    with transaction():
        if db.session.scalar(select(SimulatedHandset.id).limit(1)) is None:
            db.session.add(SimulatedHandset(phone="+447700900999"))
    broadcast_id = broadcasts.draft([_thin_shift()], _coordinator()).id
    broadcasts.start(broadcast_id, _coordinator())
    broadcasts.advance(broadcast_id)
    _a_file(20)
    _a_draft()


def _a_draft() -> None:
    broadcasts.draft([_thin_shift()], _coordinator())
