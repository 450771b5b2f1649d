"""Contact points that must not be written to: they outlive names, imports and erasure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import ColumnElement, delete, exists, or_, select, update

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.volunteers.models import Channel, OptOut, Volunteer
from app.volunteers.rules import address_hash, opt_out_key

# Called inside the transaction of each opt-out with the channel and the
# address; messaging, which stands above, cancels there what is queued.
opt_out_listeners: Final[list[Callable[[Channel, str], None]]] = []

_SALT: Final = "volunteers.unsubscribe"


def hashed(channel: Channel, address: str) -> str:
    """The hash under which an opt-out of this address is kept."""
    return address_hash(channel.value, address, opt_out_key(current_app.config["SECRET_KEY"]))


def opt_out(channel: Channel, address: str, how: str) -> None:
    """Never write to this address on this channel again; doing it twice is harmless.

    `address` is a number in E.164 or an email address in lower case. `how`
    says how we know: "text STOP", "unsubscribe link", "carrier 21610".
    """
    with transaction():
        _keep(channel, hashed(channel, address), address, how)
        for listener in opt_out_listeners:
            listener(channel, address)


def _keep(channel: Channel, digest: str, address: str | None, how: str) -> None:
    db.session.execute(
        insert_ignoring(OptOut.__table__).values(
            channel=channel,
            address=address,
            address_hash=digest,
            how=how[:60],
            created_at=clock.now(),
        )
    )
    if address is not None:
        # The row may stand already, its address erased.
        db.session.execute(
            update(OptOut)
            .where(OptOut.channel == channel, OptOut.address_hash == digest)
            .values(address=address)
        )


def opt_in(channel: Channel, address: str) -> None:
    """Lift the opt-out, because the person there asked for it (START)."""
    with transaction():
        db.session.execute(
            delete(OptOut).where(
                OptOut.channel == channel,
                (OptOut.address_hash == hashed(channel, address)) | (OptOut.address == address),
            )
        )


def is_opted_out(channel: Channel, address: str) -> bool:
    """Whether this address must not be written to on this channel."""
    return bool(db.session.scalar(select(stands_for(channel, address, hashed(channel, address)))))


def stands_for(channel: Channel, address: Any, digest: Any) -> ColumnElement[bool]:
    """SQL: an opt-out of this address stands; for a statement that asks for more as well.

    `digest` is its hash (`hashed`); both may be parameters of the statement.
    """
    return exists().where(
        OptOut.channel == channel,
        or_(OptOut.address_hash == digest, OptOut.address == address),
    )


def opted_out_among(channel: Channel, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that must not be written to, in few queries."""
    by_hash = {hashed(channel, address): address for address in addresses}
    digests, found = list(by_hash), set()
    for start in range(0, len(digests), 1000):
        part = digests[start : start + 1000]
        asked = [by_hash[digest] for digest in part]
        rows = db.session.execute(
            select(OptOut.address_hash, OptOut.address).where(
                OptOut.channel == channel,
                # A hash made before the app's secret was changed finds nothing any more.
                OptOut.address_hash.in_(part) | OptOut.address.in_(asked),
            )
        )
        found |= {by_hash.get(row.address_hash) or row.address for row in rows}
    return found


def restore_addresses(channel: Channel, addresses: Iterable[str]) -> set[str]:
    """Write back the addresses of opt-outs that an erasure left as hashes.

    Called wherever an address comes back to us, in the same transaction, so
    that SQL that compares addresses finds the opt-out again. Returns those
    of the addresses that are opted out.
    """
    found = opted_out_among(channel, addresses)
    for address in found:
        db.session.execute(
            update(OptOut)
            .where(
                OptOut.channel == channel,
                OptOut.address_hash == hashed(channel, address),
                OptOut.address.is_(None),
            )
            .values(address=address)
        )
    return found


def unsubscribe_url(volunteer_id: int, address: str | None = None) -> str:
    """The address of one click that ends our emails to a volunteer (RFC 8058).

    Nobody can read a person from it, or make one for somebody else. Give the
    email `address` where it is at hand; it is looked up otherwise.
    """
    if address is None:
        address = db.session.scalar(select(Volunteer.email).where(Volunteer.id == volunteer_id))
    digest = hashed(Channel.EMAIL, address or "")
    token = _signer().dumps([volunteer_id, digest])
    return f"{current_app.config['PUBLIC_URL']}/unsubscribe/{token}"


def unsubscribe(token: str) -> None:
    """Opt out the email address that the link was sent to, even if it has changed since.

    Raises `Refusal` for a token that is not ours.
    """
    volunteer_id, digest = read_unsubscribe_token(token)
    with transaction():
        volunteer = db.session.get(Volunteer, volunteer_id)
        address = volunteer.email if volunteer else None
        if address and hashed(Channel.EMAIL, address) == digest:
            opt_out(Channel.EMAIL, address, "unsubscribe link")
        else:
            _keep(Channel.EMAIL, digest, None, "unsubscribe link")
        audit.record("unsubscribed", subject=volunteer)


def read_unsubscribe_token(token: str) -> tuple[int, str]:
    """The volunteer's id and the address's hash. Raises `Refusal` for a false token."""
    try:
        volunteer_id, digest = _signer().loads(token)
        return int(volunteer_id), str(digest)
    except (BadSignature, ValueError, TypeError):
        raise Refusal(
            gettext("This link is not complete. Copy the whole of it from the email.")
        ) from None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)
