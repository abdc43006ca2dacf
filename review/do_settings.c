#include "common/base/zone.h"
#include "review/do.h"
#include "review/setting_words.h"
#include <inttypes.h>
#include <string.h>

/* As she would write it, times as her own clock shows them. */
static void write_value(struct conversation *talk, const struct option_row *row,
                        struct buffer *into)
{
    const struct wishes *wishes = &talk->member.wishes;
    struct zone_time end;
    if (strcmp(row->name, "shield") != 0) {
        wishes_print(wishes, row, into);
    } else if (wishes->shield_until <= talk->now) {
        buffer_append_text(into, "off");
    } else {
        zone_read(wishes->time_zone, wishes->shield_until, &end);
        buffer_printf(into, "%d-%02d-%02d %02d:%02d (%s)", end.year, end.month, end.day, end.hour,
                      end.minute, wishes->time_zone);
    }
}

int do_settings(struct conversation *talk, const struct command *command, struct error *err)
{
    (void)command;
    (void)err;
    receipt_say(talk->receipt, "%s", conversation_say(talk, "Your settings:"));
    talk->receipt->done.size--; /* the list follows without an empty line */
    for (const struct option_row *row = wishes_rows; row->name != NULL; row++) {
        buffer_printf(&talk->receipt->done, "  %s = ", row->name);
        write_value(talk, row, &talk->receipt->done);
        buffer_printf(&talk->receipt->done, "\n      %s\n", conversation_say(talk, row->help));
    }
    buffer_append_byte(&talk->receipt->done, '\n');
    receipt_say(talk->receipt, "%s",
                conversation_say(talk, "To change one, write \"set\", its name and the new value, "
                                       "for example \"set reveal who\"."));
    return 0;
}

static void say_allowed(struct conversation *talk, const struct option_row *row)
{
    BUFFER_CLEANUP allowed = buffer_new(400);
    switch (row->type) {
    case OPTION_NUMBER:
        buffer_printf(&allowed, "%" PRId64 " - %" PRId64, row->minimum, row->maximum);
        break;
    case OPTION_CHOICE:
        for (size_t i = 0; row->choices[i] != NULL; i++)
            buffer_printf(&allowed, "%s%s", i == 0 ? "" : ", ", row->choices[i]);
        break;
    case OPTION_YES_NO:
        buffer_append_text(&allowed, "yes, no");
        break;
    case OPTION_TEXT:
        buffer_append_text(&allowed, "America/Bogota, America/Sao_Paulo, Europe/Madrid, ...");
        break;
    }
    receipt_say(talk->receipt,
                conversation_say(talk, "The setting \"%s\" was not changed: that value is not "
                                       "possible. Possible: %s."),
                row->name, allowed.data);
}

static void say_unknown(struct conversation *talk)
{
    receipt_say(talk->receipt, "%s",
                conversation_say(talk, "There is no setting of that name, so nothing was changed. "
                                       "The word \"settings\" lists them."));
}

static int change(struct conversation *talk, const struct option_row *row, struct slice value,
                  struct error *err)
{
    struct error why = {0};
    BUFFER_CLEANUP before = buffer_new(200), after = buffer_new(200);
    write_value(talk, row, &before);
    if (member_set(talk->store, &talk->member, slice_of(row->name), value, &why) != 0) {
        if (why.kind != ERROR_INPUT)
            return error_set(err, why.kind, "%s", why.text);
        say_allowed(talk, row);
        return 0;
    }
    talk->receipt->language = talk->member.wishes.language; /* she may have changed just that */
    write_value(talk, row, &after);
    receipt_say(talk->receipt,
                conversation_say(talk, "Changed: %s = %s. It was %s; to take that back, write "
                                       "\"set %s %s\"."),
                row->name, after.data, before.data, row->name, before.data);
    return conversation_log(talk, 0, "setting changed", err);
}

/* "reveal who", "reveal = who", "reveal: who", "mostrar a quien" */
int do_set(struct conversation *talk, const struct command *command, struct error *err)
{
    struct slice rest = command->text;
    const struct option_row *row = setting_find(&rest);
    if (slice_is_empty(command->text))
        return do_settings(talk, command, err);
    if (row == NULL) {
        say_unknown(talk);
        return 0;
    }
    while (rest.size > 0 && (rest.data[0] == '=' || rest.data[0] == ':' || rest.data[0] == ' '))
        rest = slice_from(rest, 1);
    if (slice_is_empty(rest)) {
        say_allowed(talk, row);
        return 0;
    }
    if (slice_is(slice_of(row->name), "shield")) {
        struct command shield = {.row = command->row, .text = rest};
        return do_shield(talk, &shield, err);
    }
    return change(talk, row, setting_value(row, rest, talk->arena), err);
}
