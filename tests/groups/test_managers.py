from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups import queries, service
from app.groups.access import manages
from app.groups.models import Group, Invitation, Membership, Part
from tests import factories
from tests.letters import Recorded


@pytest.fixture
def group(app: Flask) -> Group:
    return factories.group(name="Gorse Covert Food Bank")


@pytest.fixture
def asha(group: Group) -> User:
    return factories.manager(group, name="Asha")


def token(outbox: Recorded) -> str:
    return outbox.path().removeprefix("/invitations/")


def names(group: Group) -> list[str]:
    return [one.user.name for one in queries.managers_of(group.id)]


def test_an_invitation_goes_out_by_email(group: Group, asha: User, outbox: Recorded) -> None:
    service.invite(group.id, "Ravi@Example.org", asha)
    assert outbox.last.to == "ravi@example.org"
    assert "Asha asks you" in outbox.last.body


def test_the_token_itself_is_not_kept(group: Group, asha: User, outbox: Recorded) -> None:
    invitation = service.invite(group.id, "ravi@example.org", asha)
    assert invitation.token_hash != token(outbox)


def test_who_accepts_becomes_a_manager(group: Group, asha: User, outbox: Recorded) -> None:
    ravi = factories.user(name="Ravi")
    service.invite(group.id, "ravi@example.org", asha)
    service.accept(token(outbox), ravi)
    assert names(group) == ["Asha", "Ravi"]


def test_a_lead_who_accepts_becomes_a_manager(group: Group, asha: User, outbox: Recorded) -> None:
    ravi = factories.user(name="Ravi")
    factories.save(Membership(user_id=ravi.id, group_id=group.id, part=Part.LEAD))
    service.invite(group.id, "ravi@example.org", asha)
    service.accept(token(outbox), ravi)
    assert names(group) == ["Asha", "Ravi"]


def test_an_invitation_is_good_once(group: Group, asha: User, outbox: Recorded) -> None:
    service.invite(group.id, "ravi@example.org", asha)
    service.accept(token(outbox), factories.user())
    with pytest.raises(Refusal, match="has ended"):
        service.accept(token(outbox), factories.user())


def test_an_invitation_ends_after_fourteen_days(group: Group, asha: User, outbox: Recorded) -> None:
    service.invite(group.id, "ravi@example.org", asha)
    with clock.stopped_at(clock.now() + timedelta(days=14)):
        assert service.find_invitation(token(outbox)) is None


def test_a_withdrawn_invitation_is_no_use(group: Group, asha: User, outbox: Recorded) -> None:
    invitation = service.invite(group.id, "ravi@example.org", asha)
    service.withdraw(group.id, invitation.id)
    with pytest.raises(Refusal):
        service.accept(token(outbox), factories.user())


def test_another_groups_invitation_stays(group: Group, asha: User, outbox: Recorded) -> None:
    invitation = service.invite(group.id, "ravi@example.org", asha)
    service.withdraw(factories.group().id, invitation.id)
    assert service.find_invitation(token(outbox)) is not None


def test_a_second_invitation_ends_the_first(group: Group, asha: User, outbox: Recorded) -> None:
    service.invite(group.id, "ravi@example.org", asha)
    first = token(outbox)
    service.invite(group.id, "ravi@example.org", asha)
    assert service.find_invitation(first) is None
    assert service.find_invitation(token(outbox)) is not None


def test_a_manager_is_not_invited_again(group: Group, asha: User) -> None:
    with pytest.raises(Refusal, match="already") as caught:
        service.invite(group.id, str(asha.email), asha)
    assert caught.value.field == "email"


def test_an_invited_stranger_gets_an_account(group: Group, asha: User, outbox: Recorded) -> None:
    service.invite(group.id, "ravi@example.org", asha)
    ravi = service.accept_as_new(token(outbox), "Ravi", "plums in a basket")
    assert (ravi.email, names(group)) == ("ravi@example.org", ["Asha", "Ravi"])
    assert ravi.email_verified_at is not None


def test_a_refused_password_leaves_the_invitation_open(
    group: Group, asha: User, outbox: Recorded
) -> None:
    service.invite(group.id, "ravi@example.org", asha)
    with pytest.raises(Refusal):
        service.accept_as_new(token(outbox), "Ravi", "short")
    assert service.find_invitation(token(outbox)) is not None


def test_the_last_manager_stays(group: Group, asha: User) -> None:
    membership = db.session.scalars(select(Membership)).one()
    with pytest.raises(Refusal, match="at least one manager"):
        service.remove_manager(group.id, membership.id)


def test_another_groups_manager_is_not_removed_from_here(group: Group, asha: User) -> None:
    other = factories.group()
    factories.manager(other)
    factories.manager(other)
    theirs = queries.managers_of(other.id)[0]
    service.remove_manager(group.id, theirs.id)
    assert len(queries.managers_of(other.id)) == 2


def test_two_managers_who_remove_each_other_leave_one(app: Flask, group: Group) -> None:
    for _ in range(2):
        factories.manager(group)
    ids = [one.id for one in queries.managers_of(group.id)]
    group_id = group.id
    db.session.rollback()
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def remove(membership_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                service.remove_manager(group_id, membership_id)
                outcomes.append("removed")
            except Refusal:
                outcomes.append("refused")

    threads = [threading.Thread(target=remove, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "removed"]
    assert len(queries.managers_of(group_id)) == 1


def test_two_managers_who_go_for_good_at_once_leave_one(app: Flask, group: Group) -> None:
    leaving = [factories.manager(group).id for _ in range(2)]
    group_id = group.id
    db.session.rollback()
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def leave(user_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                service.leave_every_group(user_id)
                outcomes.append("left")
            except Refusal:
                outcomes.append("refused")

    threads = [threading.Thread(target=leave, args=(one,)) for one in leaving]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "refused"]
    assert len(queries.managers_of(group_id)) == 1


def test_one_invitation_in_two_hands_is_good_once(
    app: Flask, group: Group, asha: User, outbox: Recorded
) -> None:
    service.invite(group.id, "ravi@example.org", asha)
    found = token(outbox)
    users = [factories.user().id, factories.user().id]
    db.session.rollback()
    start = threading.Barrier(2)

    def accept(user_id: int) -> None:
        with app.app_context():
            user = db.session.get_one(User, user_id)
            start.wait()
            try:
                service.accept(found, user)
            except Refusal:
                db.session.rollback()

    threads = [threading.Thread(target=accept, args=(one,)) for one in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(queries.managers_of(group.id)) == 2
    assert db.session.scalars(select(Invitation)).one().accepted_at is not None


def test_nobody_manages_by_default(app: Flask, group: Group) -> None:
    with app.test_request_context():
        assert not manages(group.id)
