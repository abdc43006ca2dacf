#include "review/do.h"

#define SECONDS_TO_CONFIRM (7 * 86400)

/* Cannot be undone, so it is the one verb that asks back, once. */
int do_forget_me(struct conversation *talk, const struct command *command, struct error *err)
{
    (void)command;
    if (conversation_ask(talk, "forget", talk->token.digest_id, talk->now + SECONDS_TO_CONFIRM,
                         err) != 0)
        return -1;
    receipt_say(talk->receipt, "%s",
                conversation_say(talk, "You asked to be forgotten. That removes everything about "
                                       "you here, also the mail that is held and what you kept as "
                                       "evidence, and it cannot be undone."));
    receipt_say(talk->receipt, "%s",
                conversation_say(talk, "To go ahead, answer this mail with \"yes\" within seven "
                                       "days. To keep everything, do nothing."));
    return 0;
}
