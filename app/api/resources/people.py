"""Sign-ups, hours and volunteers. Who reads of people is written down, each time."""

from __future__ import annotations

from app.accounts import audit
from app.api import problems, queries, service, shapes, telling
from app.api.door import Answer, Call, Door, door
from app.api.problems import Problem
from app.api.resources import bp
from app.api.rules import Scope

_NEXT = {
    "readSignup": {
        "operationId": "read_signup",
        "parameters": {"signup_id": "$response.body#/id"},
    },
    "withdraw": {
        "operationId": "withdraw_signup",
        "parameters": {"signup_id": "$response.body#/id"},
    },
}


def _seen(call: Call, what: str, people: int) -> None:
    bearer = call.bearer
    audit.record(
        f"read {what} by the API",
        group_id=bearer.group_id,
        actor_id=bearer.made_by_id,
        token=bearer.token_id,
        rows=people,
        contact=what == "volunteers" and bearer.may(Scope.VOLUNTEERS_CONTACT),
    )


@bp.get("/signups")
@door(
    Door(
        "List sign-ups",
        shapes.SignupPage,
        "Sign-ups",
        Scope.SIGNUPS_READ,
        query=shapes.SignupFilter,
        personal=True,
    )
)
def list_signups(call: Call) -> Answer:
    rows, cursor = queries.signups(call.bearer, call.query)
    items = [telling.signup(row) for row in rows]
    _seen(call, "sign-ups", len(items))
    return Answer(shapes.SignupPage(items=items, next_cursor=cursor), cursor)


@bp.get("/signups/<int:signup_id>")
@door(Door("Read a sign-up", shapes.SignupInfo, "Sign-ups", Scope.SIGNUPS_READ, personal=True))
def read_signup(call: Call, signup_id: int) -> Answer:
    told = telling.signup_of(call.bearer, signup_id)
    _seen(call, "sign-ups", 1)
    return Answer(told)


@bp.post("/shifts/<int:shift_id>/signups")
@door(
    Door(
        "Put a volunteer on a shift, or in its queue; they are told",
        shapes.SignupInfo,
        "Sign-ups",
        Scope.SIGNUPS_WRITE,
        body=shapes.NewSignup,
        personal=True,
        made=201,
        may_be_there=True,
        shown=telling.signup_of,
        links=_NEXT,
    )
)
def create_signup(call: Call, shift_id: int) -> tuple[int, int]:
    return service.sign_up(call, shift_id)


@bp.post("/signups/<int:signup_id>/withdraw")
@door(
    Door(
        "Take a volunteer off a shift; the next who waits moves up",
        shapes.SignupInfo,
        "Sign-ups",
        Scope.SIGNUPS_WRITE,
        body=shapes.Leaving,
        personal=True,
        shown=telling.signup_of,
    )
)
def withdraw_signup(call: Call, signup_id: int) -> int:
    return service.withdraw(call, signup_id)


@bp.get("/hours")
@door(
    Door(
        "List hours that people gave",
        shapes.HoursPage,
        "Hours",
        Scope.HOURS_READ,
        query=shapes.HoursFilter,
        personal=True,
    )
)
def list_hours(call: Call) -> Answer:
    rows, cursor = queries.hours(call.bearer, call.query)
    items = [telling.hours(row) for row in rows]
    _seen(call, "hours", len(items))
    return Answer(shapes.HoursPage(items=items, next_cursor=cursor), cursor)


@bp.get("/volunteers")
@door(
    Door(
        "List the volunteers on the group’s list",
        shapes.VolunteerPage,
        "Volunteers",
        Scope.VOLUNTEERS_READ,
        query=shapes.Paged,
        personal=True,
    )
)
def list_volunteers(call: Call) -> Answer:
    known, cursor = queries.volunteers(call.bearer, call.query)
    items = telling.volunteers(call.bearer, known)
    _seen(call, "volunteers", len(items))
    return Answer(shapes.VolunteerPage(items=items, next_cursor=cursor), cursor)


@bp.get("/volunteers/<int:volunteer_id>")
@door(
    Door(
        "Read a volunteer",
        shapes.Volunteer,
        "Volunteers",
        Scope.VOLUNTEERS_READ,
        personal=True,
    )
)
def read_volunteer(call: Call, volunteer_id: int) -> Answer:
    known = queries.volunteer(call.bearer, volunteer_id)
    if known is None:
        raise Problem(problems.NOT_FOUND)
    told = telling.volunteers(call.bearer, [known])[0]
    _seen(call, "volunteers", 1)
    return Answer(told)
