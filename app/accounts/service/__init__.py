"""What can be done with accounts. Other features import from here.

A sign-up goes: `create_user`, `send_verification`, and then
`accounts.session.ask_for_code` leads to the page that ends in `confirm_code`.
"""

from app.accounts.service.contact_points import (
    confirm_code,
    create_user,
    create_verified_user,
    drop_contact_point,
    on_dropped,
    on_verified,
    send_verification,
    want_contact_point,
)

__all__ = [
    "confirm_code",
    "create_user",
    "create_verified_user",
    "drop_contact_point",
    "on_dropped",
    "on_verified",
    "send_verification",
    "want_contact_point",
]
