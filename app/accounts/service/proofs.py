"""Codes and links that prove a contact point is someone's.

The visitor is told the same, and the web process does the same work, whether
or not anybody has the address: it only notes the wish (`ask`); a worker looks
who has the address and writes the letter (`send`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy import delete, func, select, update

from app.accounts import queries, secrets
from app.accounts.models import EMAIL, Proof, ProofPurpose
from app.accounts.rules import typed_code
from app.foundation import clock, languages, outbox, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction

CODE_LIFE: Final = timedelta(minutes=10)
LINK_LIFE: Final = timedelta(minutes=15)
ATTEMPTS: Final = 5
LETTERS_PER_HOUR: Final = 6  # to one address, so that nobody's phone is flooded
WRONG_CODE: Final = N_("That code is not right, or it is too old. Check it, or ask for a new one.")


@dataclass(frozen=True)
class _Words:
    """What a letter with a code says of what the code is for."""

    subject: str
    link: str
    text: str


_TO_SIGN_IN: Final = _Words(
    N_("Your link to sign in"),
    N_("Use this link to sign in. It works once, for 15 minutes."),
    N_("Many Hands: %(code)s is your code to sign in. Good for 10 minutes. Tell nobody."),
)
_TO_RESET: Final = _Words(
    N_("Your link to choose a new password"),
    N_("Use this link to choose a new password. It works once, for 15 minutes."),
    N_(
        "Many Hands: %(code)s is your code to choose a new password. Good for 10 minutes. "
        "Tell nobody."
    ),
)


def ask(purpose: ProofPurpose, channel: str, address: str, next_path: str = "") -> int:
    """Note that a code is wanted for this address; return the proof's number."""
    with transaction():
        proof = Proof(
            purpose=purpose,
            channel=channel,
            address=address,
            secret_hash="",
            expires_at=clock.now() + CODE_LIFE,
            next_path=next_path,
        )
        db.session.add(proof)
        db.session.flush()
        queue.enqueue(
            "app.accounts.jobs.send_proof", proof.id, languages.present(), queue=queue.ANSWERS
        )
        return proof.id


@languages.in_language_of(lambda _proof_id, language=languages.ENGLISH: language)
def send(proof_id: int, language: str = languages.ENGLISH) -> None:
    """Write the code, and by email a link too, to whoever has the address.

    It is in `language`, that of the page on which it was asked for. Harmless when run
    twice. Without a holder nothing is sent.
    """
    with transaction():
        proof = _locked(proof_id)
        if proof is None or proof.secret_hash or proof.expires_at <= clock.now():
            return
        if not queries.holders(proof.channel, proof.address) or _too_many(proof):
            proof.secret_hash = Proof.NOTHING_SENT
            return
        code = secrets.new_code()
        proof.secret_hash = _hash_of_code(proof, code)
        link = _add_link(proof) if proof.channel == EMAIL else ""
        resetting = proof.purpose == ProofPurpose.RESET
        words = _TO_RESET if resetting else _TO_SIGN_IN
        if proof.channel == EMAIL:
            body = "\n\n".join(
                [
                    gettext(words.link),
                    link,
                    gettext("Or type this code where you asked for it: %(code)s", code=code)
                    + "\n"
                    + gettext("The code works for 10 minutes."),
                    gettext(
                        "If you did not ask for this, you can ignore it. "
                        "Nobody can sign in without it."
                    ),
                ]
            )
        else:
            body = gettext(words.text, code=code)
        outbox.write(
            Letter(
                channel=proof.channel,
                to=proof.address,
                subject=gettext(words.subject),
                body=body,
                cause=f"proof:{proof.id}",
                recipient=f"proof:{proof.id}",
                purpose="code",
            )
        )


def send_waiting() -> None:
    """Send what a lost nudge has left unsent."""
    waiting = db.session.scalars(
        select(Proof.id)
        .where(
            Proof.secret_hash == "",
            Proof.expires_at > clock.now(),
            # The nudge has its chance first.
            Proof.created_at < clock.now() - timedelta(seconds=10),
        )
        .order_by(Proof.id)
        .limit(500)
    ).all()
    for proof_id in waiting:
        send(proof_id)


def new_code(purpose: ProofPurpose, user_id: int, channel: str, address: str) -> tuple[Proof, str]:
    """A code for a known user, not sent yet; older ones of theirs stop working.

    Raises `Refusal` when the address has had many within the hour.
    """
    with transaction():
        now = clock.now()
        db.session.execute(
            update(Proof)
            .where(
                Proof.user_id == user_id,
                Proof.purpose == purpose,
                Proof.channel == channel,
                Proof.used_at.is_(None),
            )
            .values(used_at=now)
        )
        proof = Proof(
            purpose=purpose,
            user_id=user_id,
            channel=channel,
            address=address,
            secret_hash="",
            expires_at=now + CODE_LIFE,
        )
        if _too_many(proof):
            raise Refusal(
                gettext("We have sent several codes already. Please wait an hour and try again.")
            )
        db.session.add(proof)
        db.session.flush()
        code = secrets.new_code()
        proof.secret_hash = _hash_of_code(proof, code)
        return proof, code


def new_link(purpose: ProofPurpose, user_id: int, email: str) -> str:
    """A link for a known user, to be handed over by the operator; good once."""
    with transaction():
        token = secrets.new_token()
        db.session.add(
            Proof(
                purpose=purpose,
                user_id=user_id,
                channel=EMAIL,
                address=email,
                secret_hash=secrets.keyed_hash("link", token),
                expires_at=clock.now() + LINK_LIFE,
            )
        )
        return _address_of(token)


def latest(purpose: ProofPurpose, user_id: int, channel: str) -> Proof | None:
    """The newest code of a user that could still be used."""
    return db.session.scalar(
        select(Proof)
        .where(
            Proof.user_id == user_id,
            Proof.purpose == purpose,
            Proof.channel == channel,
            Proof.used_at.is_(None),
        )
        .order_by(Proof.id.desc())
        .limit(1)
    )


def spend_code(proof_id: int, typed: str) -> Proof | None:
    """The proof, used up by its code; None for a wrong, old or used one.

    A wrong code costs one of the attempts, and that is committed: do not call
    it inside a unit of work that a refusal would undo.
    """
    with transaction():
        proof = _locked(proof_id)
        if proof is None or not _is_open(proof) or proof.attempts >= ATTEMPTS:
            return None
        proof.attempts += 1
        if not secrets.same(proof.secret_hash, _hash_of_code(proof, typed_code(typed))):
            return None
        _use_up(proof)
        return proof


def find_link(token: str) -> Proof | None:
    """The proof of a link that still works; changes nothing."""
    proof = db.session.scalar(
        select(Proof).where(Proof.secret_hash == secrets.keyed_hash("link", token))
    )
    return proof if proof is not None and _is_open(proof) else None


def spend_link(token: str) -> Proof | None:
    """The proof, used up by its link; None for an old, used or invented one."""
    with transaction():
        proof = db.session.scalar(
            select(Proof)
            .where(Proof.secret_hash == secrets.keyed_hash("link", token))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if proof is None or not _is_open(proof):
            return None
        _use_up(proof)
        return proof


def forget_old() -> None:
    """Delete proofs a day after they ended: they name addresses, some of strangers."""
    with transaction():
        db.session.execute(delete(Proof).where(Proof.expires_at < clock.now() - timedelta(days=1)))


def _locked(proof_id: int) -> Proof | None:
    """The proof's row, locked so that a code is spent once and attempts are all counted."""
    return db.session.get(Proof, proof_id, with_for_update=True, populate_existing=True)


def _is_open(proof: Proof) -> bool:
    return proof.used_at is None and proof.expires_at > clock.now()


def _use_up(proof: Proof) -> None:
    """Mark it used, and with it what else was sent to the address for the same purpose."""
    db.session.execute(
        update(Proof)
        .where(
            Proof.address == proof.address,
            Proof.purpose == proof.purpose,
            Proof.user_id == proof.user_id if proof.user_id else Proof.user_id.is_(None),
            Proof.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )


def _hash_of_code(proof: Proof, code: str) -> str:
    return secrets.keyed_hash("code", f"{proof.id}:{code}")


def _add_link(proof: Proof) -> str:
    token = secrets.new_token()
    db.session.add(
        Proof(
            purpose=proof.purpose,
            channel=proof.channel,
            address=proof.address,
            secret_hash=secrets.keyed_hash("link", token),
            expires_at=clock.now() + LINK_LIFE,
            next_path=proof.next_path,
        )
    )
    return _address_of(token)


def _address_of(token: str) -> str:
    return f"{current_app.config['PUBLIC_URL']}/sign-in/link/{token}"


def _too_many(proof: Proof) -> bool:
    """Whether the address has had its letters of this hour."""
    sent = db.session.scalar(
        select(func.count()).where(
            Proof.address == proof.address,
            Proof.secret_hash.not_in(["", Proof.NOTHING_SENT]),
            Proof.created_at > clock.now() - timedelta(hours=1),
            Proof.purpose == proof.purpose,
        )
    )
    # An email's link is a row beside its code.
    each = 2 if proof.channel == EMAIL and proof.purpose != ProofPurpose.VERIFY else 1
    return (sent or 0) >= LETTERS_PER_HOUR * each
