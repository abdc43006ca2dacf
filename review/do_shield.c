#include "common/base/clock.h"
#include "common/base/zone.h"
#include "review/do.h"
#include "review/flood_notice.h"

static const char *const off_words[] = {"off",        "no",        "apagar",   "apagado",
                                        "desactivar", "desativar", "desligar", "desligado",
                                        "quitar",     "nao",       "stop",     "end"};

static struct slice read_off(struct slice text)
{
    for (size_t i = 0; i < sizeof off_words / sizeof off_words[0]; i++)
        if (slice_is(text, off_words[i]))
            return slice_of("off");
    return text;
}

static void say_state(struct conversation *talk)
{
    const char *zone = talk->member.wishes.time_zone;
    int64_t until = talk->member.wishes.shield_until;
    struct zone_time end;
    if (until <= talk->now) {
        receipt_say(talk->receipt, "%s",
                    conversation_say(talk,
                                     "The shield is off. To hold mail of everybody you have "
                                     "never written to, write for example \"shield 3 days\"."));
        return;
    }
    zone_read(zone, until, &end);
    receipt_say(talk->receipt,
                conversation_say(talk, "The shield is on: mail of everybody you have never written "
                                       "to is held. It ends by itself: %d-%02d-%02d %02d:%02d "
                                       "(%s). To end it now, write \"shield off\"."),
                end.year, end.month, end.day, end.hour, end.minute, zone);
}

int do_shield_offered(struct conversation *talk, struct error *err)
{
    const struct command day = {.text = SLICE_LITERAL("1 day")};
    return do_shield(talk, &day, err);
}

int do_shield(struct conversation *talk, const struct command *command, struct error *err)
{
    int64_t until;
    char end[CLOCK_DATE_BYTES] = "off";
    struct error why = {0};
    /* One word is enough where the shield was offered. */
    if (slice_is_empty(command->text) && talk->token.use == STORE_TOKEN_CONFIRM &&
        slice_is(talk->token.question, FLOOD_QUESTION))
        return do_shield_offered(talk, err);
    if (slice_is_empty(command->text)) {
        say_state(talk);
        return 0;
    }
    if (wishes_read_shield(read_off(command->text), talk->now, &until, &why) != 0) {
        if (why.kind != ERROR_INPUT)
            return error_set(err, why.kind, "%s", why.text);
        receipt_say(talk->receipt,
                    conversation_say(talk, "How long the shield should last was not clear, so "
                                           "nothing was changed. Write for example \"shield 3 "
                                           "days\" (at most %d days) or \"shield off\"."),
                    WISHES_SHIELD_MOST_DAYS);
        return 0;
    }
    if (until != 0)
        clock_write_timestamp(until, end);
    if (member_set(talk->store, &talk->member, slice_of("shield"), slice_of(end), err) != 0 ||
        conversation_log(talk, 0, until == 0 ? "shield off" : "shield on", err) != 0)
        return -1;
    say_state(talk);
    return 0;
}
