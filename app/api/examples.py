"""The examples on the API's page. Tests run each of them as it stands there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """One thing to do, as a command to type, and the status that answers it."""

    title: str
    words: str
    command: str
    status: int


def examples(site: str) -> list[Example]:
    """The examples, against this site's address; $TOKEN, 12 and 34 are the reader's own."""
    api = f"{site}/api/v1"
    signed = '-H "Authorization: Bearer $TOKEN"'
    sent = '-H "Content-Type: application/json"'
    return [
        Example(
            "Show your open shifts on your website",
            "This needs no token. Ask once in a while, not on every visit of your page.",
            f'curl "{api}/public/shifts?limit=10"',
            200,
        ),
        Example(
            "Try your token",
            "The answer says what it may do, and until when.",
            f'curl {signed} "{api}/token"',
            200,
        ),
        Example(
            "Read a week of the rota",
            "Go on with the address in the Link header until there is none.",
            f'curl {signed} "{api}/shifts?from=2026-12-07T00:00:00Z&to=2026-12-14T00:00:00Z"',
            200,
        ),
        Example(
            "Add a shift to role 12",
            "The Idempotency-Key is yours to make up. If the line breaks, send the same again: "
            "there will be one shift only.",
            f"curl -X POST {signed} {sent} \\\n"
            '  -H "Idempotency-Key: shift-2026-12-12-morning" \\\n'
            '  -d \'{"opportunity_id": 12, "starts_at": "2026-12-12T10:00:00Z", '
            '"ends_at": "2026-12-12T13:00:00Z", "places": 4, "minimum": 2}\' \\\n'
            f'  "{api}/shifts"',
            201,
        ),
        Example(
            "Give shift 34 one more place",
            "If-Match holds the ETag that you read with the shift. If somebody changed the shift "
            "meanwhile, you get 412 and nothing is lost.",
            f"curl -X PATCH {signed} {sent} \\\n"
            '  -H "If-Match: $ETAG" \\\n'
            "  -d '{\"places\": 5}' \\\n"
            f'  "{api}/shifts/34"',
            200,
        ),
        Example(
            "Put volunteer 56 on shift 34",
            "The same rules hold as on the page, and the volunteer is told.",
            f"curl -X POST {signed} {sent} \\\n"
            '  -H "Idempotency-Key: sign-up-34-56" \\\n'
            "  -d '{\"volunteer_id\": 56}' \\\n"
            f'  "{api}/shifts/34/signups"',
            201,
        ),
    ]
