"""What is done for people's safety; each verb is one unit of work."""

from app.safeguarding.service.alarms import look_at, mark_seen, somebody_left_late, watch
from app.safeguarding.service.digest import send as send_digest
from app.safeguarding.service.digest import send_all as send_digests
from app.safeguarding.service.findings import keep, release
from app.safeguarding.service.findings import refresh as refresh_findings
from app.safeguarding.service.findings import refresh_all as refresh_all_findings
from app.safeguarding.service.regulated import warn as warn_of_regulated
from app.safeguarding.service.regulated import warn_all as warn_all_of_regulated
from app.safeguarding.service.settings import change as change_settings
from app.safeguarding.service.warnings import warn, warn_everybody

__all__ = [
    "change_settings",
    "keep",
    "look_at",
    "mark_seen",
    "refresh_all_findings",
    "refresh_findings",
    "release",
    "send_digest",
    "send_digests",
    "somebody_left_late",
    "warn",
    "warn_all_of_regulated",
    "warn_everybody",
    "warn_of_regulated",
    "watch",
]
