#include "policy/wishes.h"

#include "common/base/clock.h"
#include "common/base/zone.h"
#include <string.h>

#define SECONDS_OF_DAY 86400

static const char *const actions[] = {"off", "tag", "hold", NULL};
static const char *const known[] = {"tag", "hold", NULL};
static const char *const blocked[] = {"hold", "refuse", NULL};
static const char *const lane_words[] = {"off", "hold", NULL};
static const char *const flood_words[] = {"offer", "shield", "off", NULL};
static const char *const rhythms[] = {"none", "each", "daily", "weekly", NULL};
static const char *const quiet[] = {"never", "weekly", "each", NULL};
static const char *const reveals[] = {"count", "who", "subject", "text", NULL};
static const char *const languages[] = {"es", "pt", "en", NULL};
static const char *const expiries[] = {"delete", "deliver", NULL};
static const char *const on_off[] = {"off", "on", NULL};
static const char *const shares[] = {"never", "ask", NULL};

#define CATEGORY(name, which, fallback, help)                                                      \
    {                                                                                              \
        "category." name, OPTION_CHOICE,                                                           \
            offsetof(struct wishes, category) + sizeof(int) * (which), 0, 0, actions, fallback,    \
            help                                                                                   \
    }
#define CHOICE(name, field, choices)                                                               \
    name, OPTION_CHOICE, offsetof(struct wishes, field), 0, 0, choices
#define NUMBER(name, field, least, most)                                                           \
    name, OPTION_NUMBER, offsetof(struct wishes, field), least, most, NULL

const struct option_row wishes_rows[] = {
    CATEGORY("threat", CATEGORY_THREAT, "hold", "Threats of harm."),
    CATEGORY("doxxing", CATEGORY_DOXXING, "hold",
             "Private details about you, or the threat to publish them."),
    CATEGORY("sexual-harassment", CATEGORY_SEXUAL_HARASSMENT, "hold", "Sexual harassment."),
    CATEGORY("sextortion", CATEGORY_SEXTORTION, "hold", "Blackmail with intimate pictures."),
    CATEGORY("ncii", CATEGORY_NCII, "hold", "Intimate pictures spread without consent."),
    CATEGORY("hate", CATEGORY_HATE, "tag", "Hate against who you are."),
    CATEGORY("stalking", CATEGORY_STALKING, "hold", "Being followed, watched, pursued."),
    CATEGORY("impersonation", CATEGORY_IMPERSONATION, "tag",
             "Someone who writes as you or as "
             "somebody you trust."),
    CATEGORY("mail-bomb", CATEGORY_MAIL_BOMB, "off", "Floods of mail."),
    CATEGORY("spear-phish", CATEGORY_SPEAR_PHISH, "off", "Traps made for you alone."),
    CATEGORY("other", CATEGORY_OTHER, "off", "Whatever else a list names."),
    {CHOICE("known-people", known_people, known), "tag",
     "What a hit does when you have written to the sender before."},
    {NUMBER("shield", shield_until, 0, INT64_C(253402300799)), "0",
     "Until when every stranger is held. Ends by itself. \"off\", or the end."},
    {CHOICE("blocked-sender", blocked_sender, blocked), "hold",
     "What happens to senders you block: held in silence, or refused openly if they are who they "
     "say."},
    {CHOICE("resembling", resembling, actions), "tag",
     "What happens to mail that resembles one of a sender you blocked: the same person under "
     "another address."},
    {CHOICE("unscanned", unscanned, actions), "off",
     "What happens to mail that could not be read whole."},
    {CHOICE("lane", lane, lane_words), "hold",
     "What happens to confirmations and newsletters of new senders that come all at once: they "
     "wait together, one line in the digest, or nothing."},
    {CHOICE("flood", flood, flood_words), "offer",
     "What happens when far more strangers write to you than usual: the shield is offered to you, "
     "or raised at once for a day, or nothing."},
    {CHOICE("digest", digest, rhythms), "daily", "How often you are told what waits."},
    {NUMBER("hour", digest_hour, 0, 23), "9", "The hour of the digest, in your time zone."},
    {NUMBER("weekday", digest_weekday, 0, 6), "1",
     "The day of a weekly digest: 0 is Sunday, 1 is Monday."},
    {"time-zone", OPTION_TEXT, offsetof(struct wishes, time_zone), 0,
     (int64_t)sizeof(((struct wishes *)0)->time_zone), NULL, "UTC",
     "Your time zone, such as America/Bogota."},
    {CHOICE("quiet", quiet_line, quiet), "weekly", "How often you are told that nothing was held."},
    {CHOICE("reveal", reveal, reveals), "count",
     "How much a digest shows: the number, who wrote, the subject, the text."},
    {CHOICE("language", language, languages), "es", "The language zaguan writes to you in."},
    {NUMBER("keep", keep_days, 1, 3650), "30", "How many days a held mail waits."},
    {CHOICE("at-expiry", at_expiry, expiries), "delete",
     "What happens then: it is deleted, or delivered with a mark."},
    {CHOICE("share", share, shares), "ask",
     "Whether you are ever asked to share a sign with partner servers."},
    {CHOICE("correspondents", correspondents, on_off), "on",
     "Whether it is remembered whom you write to, unreadable to anybody, so that their mail is "
     "never a stranger's. Off forgets all of them."},
    {NULL, OPTION_TEXT, 0, 0, 0, NULL, NULL, NULL},
};

void wishes_set_defaults(struct wishes *wishes)
{
    memset(wishes, 0, sizeof *wishes);
    option_set_defaults(wishes_rows, wishes);
}

/* In the order of the week; the first three letters tell the days of a language apart. */
static const char *const weekdays[7][4] = {
    {"sunday", "domingo", "domingo", NULL},  {"monday", "lunes", "segunda", NULL},
    {"tuesday", "martes", "terça", "terca"}, {"wednesday", "miércoles", "quarta", "miercoles"},
    {"thursday", "jueves", "quinta", NULL},  {"friday", "viernes", "sexta", NULL},
    {"saturday", "sábado", "sabado", NULL},
};

static bool read_weekday(struct slice text, int64_t *weekday_out)
{
    text = slice_trim(text);
    if (slice_ends_with_nocase(text, "-feira"))
        text = slice_part(text, 0, text.size - strlen("-feira"));
    for (int day = 0; day < 7; day++) {
        for (int name = 0; name < 4 && weekdays[day][name] != NULL; name++) {
            if (slice_is_nocase(text, weekdays[day][name])) {
                *weekday_out = day;
                return true;
            }
        }
    }
    return false;
}

static bool read_end(struct slice text, int64_t *end_out)
{
    text = slice_trim(text);
    if (slice_is_nocase(text, "off")) {
        *end_out = 0;
        return true;
    }
    return clock_read_timestamp(text, end_out) && *end_out >= 0;
}

const struct option_row *wishes_find(struct slice name)
{
    static const char prefix[] = "category.";
    const struct option_row *row = option_find(wishes_rows, name);
    if (row != NULL)
        return row;
    for (row = wishes_rows; row->name != NULL; row++)
        if (strncmp(row->name, prefix, sizeof prefix - 1) == 0 &&
            slice_is(name, row->name + sizeof prefix - 1))
            return row;
    return NULL;
}

int wishes_load(struct wishes *wishes, struct slice name, struct slice value, struct error *err)
{
    const struct option_row *row = wishes_find(name);
    int64_t end;
    if (row == NULL)
        return error_set(err, ERROR_INPUT, "there is no setting \"%.*s\"",
                         (int)(name.size > 40 ? 40 : name.size), name.size == 0 ? "" : name.data);
    if (slice_is(name, "shield")) {
        if (!read_end(value, &end))
            return error_set(
                err, ERROR_INPUT, "shield: \"%.*s\" is not off, a number of days or a date",
                (int)(value.size > 40 ? 40 : value.size), value.size == 0 ? "" : value.data);
        wishes->shield_until = end;
        return 0;
    }
    if (slice_is(name, "weekday") && read_weekday(value, &end)) {
        wishes->digest_weekday = end;
        return 0;
    }
    return option_set(row, wishes, value, err);
}

int wishes_set(struct wishes *wishes, struct slice name, struct slice value, struct error *err)
{
    char zone[sizeof wishes->time_zone];
    if (slice_is(name, "time-zone") &&
        (!slice_to_text(slice_trim(value), zone, sizeof zone) || !zone_is_known(zone)))
        return error_set(
            err, ERROR_INPUT, "time-zone: \"%.*s\" is not a time zone, such as America/Bogota",
            (int)(value.size > 60 ? 60 : value.size), value.size == 0 ? "" : value.data);
    return wishes_load(wishes, name, value, err);
}

void wishes_print(const struct wishes *wishes, const struct option_row *row, struct buffer *into)
{
    char text[CLOCK_DATE_BYTES];
    if (strcmp(row->name, "shield") != 0) {
        option_print(row, wishes, into);
    } else if (wishes->shield_until == 0) {
        buffer_append_text(into, "off");
    } else {
        clock_write_timestamp(wishes->shield_until, text);
        buffer_append_text(into, text);
    }
}

static const struct {
    const char *name;
    int64_t seconds;
} units[] = {
    {"", SECONDS_OF_DAY},
    {"d", SECONDS_OF_DAY},
    {"day", SECONDS_OF_DAY},
    {"days", SECONDS_OF_DAY},
    {"dia", SECONDS_OF_DAY},
    {"dias", SECONDS_OF_DAY},
    {"día", SECONDS_OF_DAY},
    {"días", SECONDS_OF_DAY},
    {"h", 3600},
    {"hour", 3600},
    {"hours", 3600},
    {"hora", 3600},
    {"horas", 3600},
    {"week", 7 * SECONDS_OF_DAY},
    {"weeks", 7 * SECONDS_OF_DAY},
    {"semana", 7 * SECONDS_OF_DAY},
    {"semanas", 7 * SECONDS_OF_DAY},
};

/* "3 days", "12h": false when it is no number with a unit of ours. */
static bool read_span(struct slice text, int64_t *seconds_out)
{
    size_t digits = 0;
    long long number;
    while (digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    if (!slice_to_number(slice_part(text, 0, digits), 1, 100000, &number))
        return false;
    struct slice unit = slice_trim(slice_from(text, digits));
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (slice_is_nocase(unit, units[i].name)) {
            *seconds_out = number * units[i].seconds;
            return true;
        }
    }
    return false;
}

int wishes_read_shield(struct slice text, int64_t now, int64_t *until_out, struct error *err)
{
    text = slice_trim(text);
    int64_t until = 0, span;
    if (read_span(text, &span))
        until = now + span;
    else if (!read_end(text, &until))
        return error_set(err, ERROR_INPUT,
                         "shield: \"%.*s\" is not off, a number of days or a date",
                         (int)(text.size > 40 ? 40 : text.size), text.size == 0 ? "" : text.data);
    if (until != 0 && until <= now)
        return error_set(err, ERROR_INPUT, "shield: that end has passed already");
    if (until > now + (int64_t)WISHES_SHIELD_MOST_DAYS * SECONDS_OF_DAY)
        return error_set(err, ERROR_INPUT, "shield: at most %d days", WISHES_SHIELD_MOST_DAYS);
    *until_out = until;
    return 0;
}
