"""What roles are called."""

from ashar.kernel.i18n import N_

ROLE_WORDS = {
    "leader": N_("Leader"),
    "moderator": N_("Moderator"),
    "collector": N_("Collector"),
    "partner": N_("Partner's clerk"),
    "treasurer": N_("Treasurer"),
    "administrator": N_("Administrator"),
    "auditor": N_("Auditor"),
}
#: What each may do, in a line.
ROLE_NOTES = {
    "leader": N_("Writes projects and answers for them."),
    "moderator": N_("Reviews projects of others in the regions chosen below."),
    "collector": N_("Takes cash against numbered slips and hands it in."),
    "partner": N_("Records money received and spent by the partner named below."),
    "treasurer": N_("Matches payments, approves what is paid out."),
    "administrator": N_("Gives roles and changes settings."),
    "auditor": N_("Reads the books, changes nothing."),
}
APPLICATION_WORDS = {
    "open": N_("Being looked at"),
    "granted": N_("Granted"),
    "refused": N_("Declined"),
    "withdrawn": N_("Withdrawn"),
}
#: What became of a recovery, as the history tells it.
RECOVERY_STEPS = {
    "open": N_("Recovery in person opened"),
    "confirmed": N_("Recovery confirmed by a second administrator"),
    "used": N_("Account recovered with the code"),
    "withdrawn": N_("Recovery called off"),
    "ended": N_("Recovery ran out"),
}
#: The same of the code that opens an account by phone.
FIRST_STEPS = RECOVERY_STEPS | {
    "confirmed": N_("Account by phone: a code was handed over"),
    "used": N_("Account opened with the code"),
    "withdrawn": N_("The code was called off"),
    "ended": N_("The code ran out"),
}
RECOVERY_WORDS = {
    "open": N_("Waits for a second administrator"),
    "confirmed": N_("Confirmed by two"),
    "used": N_("Used"),
    "withdrawn": N_("Withdrawn"),
    "ended": N_("Ran out"),
}
