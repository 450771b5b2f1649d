"""What is read at the end: the carrier's log and our rows, by a connection of our own."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from app.broadcasts import models as broadcasts
from app.inbox.models import Reply
from app.messaging.models import Message
from app.volunteers import models as volunteers
from tests.chaos import verdict

OURS = "chaos-harness"  # our own connections are not cut
WITNESS = "chaos_witness"


def engine_of(url: str) -> Engine:
    """An engine that keeps no connection and says who it is."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.update_query_dict({"application_name": OURS})
        return create_engine(address, poolclass=NullPool)
    return create_engine(address, poolclass=NullPool, connect_args={"timeout": 60})


def bear_witness(engine: Engine) -> None:
    """Note of each opt-out the moment at which its transaction has only the commit left to do.

    `created_at` is earlier by the length of the transaction: too early a
    moment to accuse a text by. SQLite has one writer at a time, so there the
    two are as good as the same.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.begin() as connection:
        for statement in (
            f"CREATE TABLE {WITNESS} (opt_out_id bigint PRIMARY KEY, at timestamptz NOT NULL)",
            f"""CREATE FUNCTION {WITNESS}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO {WITNESS} VALUES (NEW.id, clock_timestamp());
                RETURN NULL;
            END $$""",
            f"""CREATE CONSTRAINT TRIGGER {WITNESS} AFTER INSERT ON {_table(volunteers.OptOut)}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {WITNESS}()""",
        ):
            connection.execute(text(statement))


def _table(model: Any) -> str:
    return str(model.__table__.name)


def cut_one(engine: Engine, draw: float) -> bool:
    """Terminate one connection of the service, a busy one if there is any."""
    others = text(
        "SELECT pid, state FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND application_name <> :ours ORDER BY pid"
    )
    with engine.connect() as connection:
        for _ in range(20):  # a statement takes a millisecond: look more than once
            pids = connection.execute(others, {"ours": OURS}).all()
            busy = [row.pid for row in pids if row.state != "idle"]
            connection.rollback()
            if busy:
                break
        victims = busy or [row.pid for row in pids]
        if not victims:
            return False
        pid = victims[int(draw * len(victims))]
        return bool(connection.scalar(select(func.pg_terminate_backend(pid))))


def about_to_leave(engine: Engine) -> list[str]:
    """The numbers whose asks are leased or in the air at this moment, the nearest first."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(Message.to_address)
            .where(Message.state.in_(("sending", "leased")), Message.purpose == "ask")
            .order_by(Message.state.desc(), Message.id)
            .limit(50)
        )
        return [str(row.to_address) for row in rows]


def unfinished(engine: Engine) -> dict[str, int]:
    """What has not come to rest: messages by state, and replies that nobody has read."""
    with engine.connect() as connection:
        counted: dict[str, int] = {
            str(state): number
            for state, number in connection.execute(
                select(Message.state, func.count())
                .where(Message.state.in_(("queued", "leased", "sending", "uncertain")))
                .group_by(Message.state)
            )
        }
        replies = connection.scalar(select(func.count()).where(Reply.state == "new")) or 0
    return counted | ({"unread replies": replies} if replies else {})


def logged(log: Path) -> Iterator[dict[str, Any]]:
    """The carrier's log, line by line."""
    with log.open() as lines:
        for line in lines:
            yield json.loads(line)


def accounts(engine: Engine, log: Path, broadcast_id: int) -> verdict.Accounts:
    """All that is to be compared."""
    taken, inbound = [], []
    for line in logged(log):
        if line.get("direction") == "inbound":
            inbound.append(verdict.Inbound(sid=line["sid"], phone=line["from"], body=line["body"]))
        else:
            names = ("sid", "to", "body", "token", "arrived_at", "accepted_at")
            taken.append(verdict.Taken(**{name: line[name] for name in names}))
    with engine.connect() as connection:
        request = connection.execute(
            select(broadcasts.Broadcast.audience_size, broadcasts.Broadcast.excluded_size).where(
                broadcasts.Broadcast.id == broadcast_id
            )
        ).one()
        return verdict.Accounts(
            taken=taken,
            inbound=inbound,
            rows=[
                verdict.Row(
                    id=row.id,
                    token=row.token,
                    to=row.to_address,
                    purpose=row.purpose,
                    state=str(row.state),
                    reason=row.reason,
                    sending_at=_seconds(row.sending_at),
                    carrier_id=row.carrier_id,
                    volunteer_id=row.volunteer_id,
                    is_service=row.is_service,
                    cause=row.cause,
                )
                for row in connection.execute(
                    select(Message.__table__).where(Message.channel == "sms")
                )
            ],
            recipients=[
                verdict.Recipient(
                    id=row.id,
                    volunteer_id=row.volunteer_id,
                    phone=row.phone,
                    excluded=row.excluded,
                    asked=row.wave is not None,
                )
                for row in connection.execute(
                    select(
                        broadcasts.Recipient.id,
                        broadcasts.Recipient.volunteer_id,
                        volunteers.Volunteer.phone,
                        broadcasts.Recipient.excluded,
                        broadcasts.Recipient.wave,
                    )
                    .join(
                        volunteers.Volunteer,
                        volunteers.Volunteer.id == broadcasts.Recipient.volunteer_id,
                    )
                    .where(broadcasts.Recipient.broadcast_id == broadcast_id)
                )
            ],
            opt_outs=[
                verdict.OptOut(id=row.id, phone=row.address, at=_seconds(row.at) or 0.0)
                for row in connection.execute(_opt_outs(engine))
            ],
            replies=[
                verdict.Reply(
                    id=row.id,
                    carrier_id=row.carrier_id,
                    state=str(row.state),
                    phone=row.from_address,
                )
                for row in connection.execute(select(Reply.__table__))
            ],
            audience_size=request.audience_size,
            excluded_size=request.excluded_size,
        )


def keep(accounts: verdict.Accounts, folder: Path) -> None:
    """Leave our rows beside the carrier's log: the database ends with the run."""
    for name in ("rows", "recipients", "opt_outs", "replies"):
        with (folder / f"{name}.jsonl").open("w") as lines:
            for one in getattr(accounts, name):
                lines.write(json.dumps(dataclasses.asdict(one)) + "\n")


def _opt_outs(engine: Engine) -> Any:
    table = volunteers.OptOut.__table__
    if engine.dialect.name != "postgresql":
        return select(table.c.id, table.c.address, table.c.created_at.label("at"))
    return text(
        f"SELECT o.id, o.address, coalesce(w.at, o.created_at) AS at "
        f"FROM {_table(volunteers.OptOut)} o LEFT JOIN {WITNESS} w ON w.opt_out_id = o.id"
    )


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
