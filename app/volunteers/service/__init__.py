"""What can be done for, with and about a volunteer; each verb is one unit of work."""

from app.volunteers.service.asking import ask_as_often
from app.volunteers.service.checks import (
    record_check,
    record_training,
    remove_check,
    remove_training,
)
from app.volunteers.service.consent import give_consent, set_contact_wishes, withdraw_consent
from app.volunteers.service.erasure import close_account, erase, erasers
from app.volunteers.service.exports import everything_held, exporters
from app.volunteers.service.group_lists import add_by_hand, know, remove_from_group
from app.volunteers.service.induction import add_step as add_induction_step
from app.volunteers.service.induction import move_step_up as move_induction_step_up
from app.volunteers.service.induction import retire_step as retire_induction_step
from app.volunteers.service.induction import tick_as_manager as tick_induction
from app.volunteers.service.induction import tick_own as tick_own_induction
from app.volunteers.service.induction import untick as untick_induction
from app.volunteers.service.joining import (
    adopt_contact_point,
    release_contact_point,
    sign_up,
    start,
)
from app.volunteers.service.language import choose_language, speak, speak_their_language
from app.volunteers.service.opt_outs import (
    hashed,
    is_opted_out,
    opt_in,
    opt_out,
    opt_out_listeners,
    read_unsubscribe_token,
    stands_for,
    unsubscribe,
    unsubscribe_url,
)
from app.volunteers.service.profile import (
    add_dates_away,
    attach_contact_point,
    create,
    move_to,
    pause,
    remove_dates_away,
    rename,
    unpause,
    update,
)

__all__ = [
    "add_by_hand",
    "add_dates_away",
    "add_induction_step",
    "adopt_contact_point",
    "ask_as_often",
    "attach_contact_point",
    "choose_language",
    "close_account",
    "create",
    "erase",
    "erasers",
    "everything_held",
    "exporters",
    "give_consent",
    "hashed",
    "is_opted_out",
    "know",
    "move_induction_step_up",
    "move_to",
    "opt_in",
    "opt_out",
    "opt_out_listeners",
    "pause",
    "read_unsubscribe_token",
    "record_check",
    "record_training",
    "release_contact_point",
    "remove_check",
    "remove_dates_away",
    "remove_from_group",
    "remove_training",
    "rename",
    "retire_induction_step",
    "set_contact_wishes",
    "sign_up",
    "speak",
    "speak_their_language",
    "stands_for",
    "start",
    "tick_induction",
    "tick_own_induction",
    "unpause",
    "unsubscribe",
    "unsubscribe_url",
    "untick_induction",
    "update",
    "withdraw_consent",
]
