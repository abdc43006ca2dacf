/* yes and no: answers to what zaguan asked in the mail that is being answered. */
#include "review/do.h"
#include "review/flood_notice.h"

static bool was_asked(const struct conversation *talk, const char *question)
{
    return talk->token.use == STORE_TOKEN_CONFIRM && slice_is(talk->token.question, question);
}

static int forget(struct conversation *talk, struct error *err)
{
    int language = talk->member.wishes.language;
    if (member_forget(talk->store, &talk->member, err) != 0)
        return -1;
    talk->is_forgotten = true;
    talk->receipt->token[0] = '\0';
    receipt_say(talk->receipt, "%s",
                phrase(language, "Everything about you is gone from here: your settings, the mail "
                                 "that was held, whom you wrote to, and the record of who looked "
                                 "at what. Your mail is delivered untouched. This is the last mail "
                                 "you get from us."));
    return 0;
}

static int begin(struct conversation *talk, struct error *err)
{
    if (talk->member.row.state == STORE_MEMBER_ON) {
        receipt_say(talk->receipt, "%s",
                    conversation_say(talk, "You said yes before; everything goes on as it is."));
        return 0;
    }
    if (member_consent(talk->store, &talk->member, slice_of("by reply"), talk->now, err) != 0 ||
        conversation_log(talk, 0, "consent recorded", err) != 0)
        return -1;
    receipt_say(talk->receipt, "%s",
                conversation_say(talk,
                                 "Thank you. From now on, mail that threatens or harasses you "
                                 "is held before it reaches you, and a short summary tells "
                                 "you that something waits. Nothing is deleted without "
                                 "telling you."));
    receipt_say(talk->receipt, "%s",
                conversation_say(talk, "The word \"settings\" shows what you can change; \"stop\" "
                                       "ends it at any time."));
    return 0;
}

int do_yes(struct conversation *talk, const struct command *command, struct error *err)
{
    (void)command;
    if (was_asked(talk, "forget"))
        return forget(talk, err);
    if (was_asked(talk, FLOOD_QUESTION) && talk->member.row.state == STORE_MEMBER_ON)
        return do_shield_offered(talk, err);
    if (was_asked(talk, "start") || talk->token.use == STORE_TOKEN_INVITATION)
        return begin(talk, err);
    receipt_say(talk->receipt, "%s",
                conversation_say(talk,
                                 "The mail you answered asked no question, so \"yes\" changed "
                                 "nothing."));
    return 0;
}

int do_no(struct conversation *talk, const struct command *command, struct error *err)
{
    (void)command;
    if (talk->member.row.state == STORE_MEMBER_INVITED) {
        if (member_stop(talk->store, &talk->member, talk->now, err) != 0 ||
            conversation_log(talk, 0, "declined", err) != 0)
            return -1;
        receipt_say(talk->receipt, "%s",
                    conversation_say(talk,
                                     "All right. Your mail is delivered untouched, and nobody "
                                     "looks at it. Should you change your mind, answer the "
                                     "invitation with \"yes\"."));
        return 0;
    }
    receipt_say(talk->receipt, "%s", conversation_say(talk, "All right, nothing was changed."));
    return 0;
}
