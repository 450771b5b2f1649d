"""New users, and the contact points that they prove to be theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import IntegrityError

from app.accounts import audit, passwords, queries, rules
from app.accounts.models import EMAIL, SMS, CountyRole, ProofPurpose, User
from app.accounts.service import proofs
from app.foundation import clock, outbox, phone
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction

# Called, inside the transaction, with the user, the channel and the address
# that was just proven; features above register here while the app is made.
on_verified: Final[list[Callable[[User, str, str], None]]] = []

# Called inside the transaction with the user, the channel and the address taken off.
on_dropped: Final[list[Callable[[User, str, str], None]]] = []


def create_user(
    name: str, email: str | None = None, phone: str | None = None, password: str | None = None
) -> User:
    """A new user, who cannot sign in before a code proves one contact point.

    It takes no address from anybody: the same email may wait on several new
    users, and only who proves it gets it. Raises `Refusal` beside `name`,
    `email`, `phone` or `password`.
    """
    name = rules.acceptable_name(name)
    pending_email = rules.email_address(email) if email else None
    pending_phone = _phone(phone) if phone else None
    if not (pending_email or pending_phone):
        raise Refusal(gettext("Enter an email address or a mobile number."), "email")
    if password:
        rules.acceptable_password(password, name, pending_email)
    with transaction():
        user = User(
            name=name,
            pending_email=pending_email,
            pending_phone=pending_phone,
            password_hash=passwords.hashed(password) if password else None,
        )
        db.session.add(user)
        db.session.flush()
        audit.record("account made", subject=user, actor_id=user.id)
        return user


def create_verified_user(
    name: str, email: str, password: str | None = None, role: CountyRole = CountyRole.NONE
) -> User:
    """A new user whose email address is known to be theirs: invited, or made by the operator.

    Raises `Refusal` beside `name`, `email` or `password`.
    """
    name, email = rules.acceptable_name(name), rules.email_address(email)
    if password:
        rules.acceptable_password(password, name, email)
    password_hash = passwords.hashed(password) if password else None
    with transaction():
        if queries.user_by_email(email):
            raise Refusal(gettext("There is an account with this email address already."), "email")
        user = User(
            name=name,
            email=email,
            email_verified_at=clock.now(),
            password_hash=password_hash,
            county_role=role,
        )
        db.session.add(user)
        db.session.flush()
        audit.record("account made", subject=user, role=role.value)
        return user


def want_contact_point(user_id: int, channel: str, typed: str) -> None:
    """Note a new email address or phone and send its code; the old one stays until then.

    Raises `Refusal` beside `email` or `phone`.
    """
    address = rules.email_address(typed) if channel == EMAIL else _phone(typed)
    with transaction():
        user = db.session.get_one(User, user_id)
        if channel == EMAIL:
            if address == user.email:
                raise Refusal(gettext("That is your email address already."), "email")
            user.pending_email = address
        else:
            if address == user.phone:
                raise Refusal(gettext("That is your phone number already."), "phone")
            user.pending_phone = address
        send_verification(user, channel)


def send_verification(user: User, channel: str) -> None:
    """Send a code to the address that waits on this channel ("sms" or "email").

    When it is the email address of another account, its owner is told so and
    gets no code; the visitor sees no difference. Raises `Refusal` when the
    address has had many codes within the hour.
    """
    with transaction():
        db.session.flush()
        db.session.refresh(user)
        address = _pending(user, channel)
        if address is None:
            raise Refusal(gettext("There is nothing to confirm. Enter your address again."))
        proof, code = proofs.new_code(ProofPurpose.VERIFY, user.id, channel, address)
        if channel == SMS:
            body = gettext(
                "Many Hands: %(code)s is your code. It works for 10 minutes. Tell nobody.",
                code=code,
            )
        elif queries.user_by_email(address):
            body = "\n\n".join(
                [
                    gettext(
                        "Somebody, perhaps you, gave this address to Many Hands. It has an account "
                        "already, so nothing was changed."
                    ),
                    gettext(
                        "If it was you, go to the sign-in page and ask for a code there. "
                        "If it was not, you need do nothing."
                    ),
                ]
            )
        else:
            body = "\n\n".join(
                [
                    gettext("Your code is %(code)s", code=code),
                    gettext("Type it where you asked for it. It works for 10 minutes."),
                    gettext("If you did not ask for this, you can ignore it."),
                ]
            )
        outbox.write(
            Letter(
                channel=channel,
                to=address,
                subject=gettext("Confirm your email address"),
                body=body,
                cause=f"proof:{proof.id}",
                recipient=f"user:{user.id}",
                purpose="code",
            )
        )


def confirm_code(user: User, channel: str, typed: str) -> None:
    """Make the pending address the user's own, because the code is right.

    Tells `on_verified`. Raises `Refusal` beside `code` for a wrong, old or
    much-tried code.
    """
    wrong = Refusal(gettext(proofs.WRONG_CODE), "code")
    user_id = user.id
    found = proofs.latest(ProofPurpose.VERIFY, user_id, channel)
    proof = proofs.spend_code(found.id, typed) if found else None
    if proof is None:
        raise wrong
    address = proof.address
    try:
        with transaction():
            user = db.session.get_one(User, user_id)
            if _pending(user, channel) != address:
                raise wrong
            now = clock.now()
            _tell_former_address(user, channel, proof.id)
            if channel == EMAIL:
                user.email, user.email_verified_at, user.pending_email = address, now, None
            else:
                user.phone, user.phone_verified_at, user.pending_phone = address, now, None
            db.session.flush()
            audit.record("contact point confirmed", subject=user, actor_id=user.id, channel=channel)
            for told in on_verified:
                told(user, channel, address)
    except IntegrityError:
        # Somebody else proved the same email address a moment before.
        raise wrong from None


def drop_contact_point(user_id: int, channel: str) -> None:
    """Take an address off the account. Raises `Refusal` for the last one to sign in by."""
    with transaction():
        # Locked, so that the email address and the phone cannot go in the same moment.
        user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
        other = user.phone_verified_at if channel == EMAIL else user.email_verified_at
        if other is None:
            raise Refusal(
                gettext("This is your only way to sign in. Add another before you remove it.")
            )
        address = user.email if channel == EMAIL else user.phone
        if channel == EMAIL:
            user.email = user.email_verified_at = user.pending_email = None
        else:
            user.phone = user.phone_verified_at = user.pending_phone = None
        for told in on_dropped if address else ():
            told(user, channel, address or "")
        audit.record("contact point removed", subject=user, channel=channel)


def _tell_former_address(user: User, channel: str, proof_id: int) -> None:
    """Tell the address that is being replaced, so that a thief does not go unseen."""
    former = user.email if channel == EMAIL else user.phone
    if former is None:
        return
    subject = N_("Your mobile number was changed")
    body = N_(
        "Many Hands: the mobile number of your account was changed. "
        "If you did not do this, tell your group or the county team today."
    )
    if channel == EMAIL:
        subject = N_("Your email address was changed")
        body = N_(
            "Many Hands: the email address of your account was changed. "
            "If you did not do this, tell your group or the county team today."
        )
    outbox.write(
        Letter(
            channel=channel,
            to=former,
            subject=gettext(subject),
            body=gettext(body),
            cause=f"proof:{proof_id}",
            recipient=f"user:{user.id}",
            purpose="notice",
        )
    )


def _phone(typed: str) -> str:
    return phone.parse(typed)


def _pending(user: User, channel: str) -> str | None:
    return user.pending_email if channel == EMAIL else user.pending_phone
