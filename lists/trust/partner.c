#include "lists/trust/partner.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ACTIONS "none", "observe", "tag", "hold"

static const char *const actions[] = {ACTIONS, NULL};
static const char *const category_actions[] = {ACTIONS, "ceiling", NULL}; /* PARTNER_AS_CEILING */
static const char *const reviews[] = {"none", "additions", "all", NULL};

_Static_assert(LIST_ACTION_HOLD == 3, "the order of actions");

#define TEXT(name, field)                                                                          \
    name, OPTION_TEXT, offsetof(struct partner, field), 0,                                         \
        (int64_t)sizeof(((struct partner *)0)->field), NULL
#define NUMBER(name, field, least, most)                                                           \
    name, OPTION_NUMBER, offsetof(struct partner, field), least, most, NULL
#define CHOICE(name, field, choices)                                                               \
    name, OPTION_CHOICE, offsetof(struct partner, field), 0, 0, choices
#define CATEGORY_ROW(name, category)                                                               \
    {                                                                                              \
        CHOICE("ceiling-" name, ceilings[category], category_actions), "ceiling",                  \
            "The same for the category " name "; \"ceiling\": as the setting ceiling."             \
    }

const struct option_row partner_rows[] = {
    {TEXT("key", keys), "",
     "The pinned minisign public keys, with blanks between. Compare them as words, by voice."},
    {TEXT("url", url), "", "Where the partner's files stand: https://... or file:///..."},
    {TEXT("proxy", proxy), "", "A SOCKS proxy for it, as socks5h://127.0.0.1:9050 for Tor."},
    {CHOICE("ceiling", ceiling, actions), "tag",
     "The most that lists of this partner may ask for."},
    CATEGORY_ROW("threat", CATEGORY_THREAT),
    CATEGORY_ROW("doxxing", CATEGORY_DOXXING),
    CATEGORY_ROW("sexual-harassment", CATEGORY_SEXUAL_HARASSMENT),
    CATEGORY_ROW("sextortion", CATEGORY_SEXTORTION),
    CATEGORY_ROW("ncii", CATEGORY_NCII),
    CATEGORY_ROW("hate", CATEGORY_HATE),
    CATEGORY_ROW("stalking", CATEGORY_STALKING),
    CATEGORY_ROW("impersonation", CATEGORY_IMPERSONATION),
    CATEGORY_ROW("mail-bomb", CATEGORY_MAIL_BOMB),
    CATEGORY_ROW("spear-phish", CATEGORY_SPEAR_PHISH),
    CATEGORY_ROW("other", CATEGORY_OTHER),
    {CHOICE("review", review, reviews), "additions",
     "Which updates wait for you: none (small ones activate themselves), additions, all."},
    {"counts-for-quorum", OPTION_YES_NO, offsetof(struct partner, counts_for_quorum), 0, 0, NULL,
     "yes", "Whether this partner counts when partners must agree before mail is held."},
    {NUMBER("hold-quorum", hold_quorum, 1, 9), "2",
     "How many distinct partners must say the same before an entry of this one holds mail. 1 is "
     "for circles that know each other."},
    {NUMBER("shadow-hours", shadow_hours, 0, 2160), "72",
     "How long a new list is only counted on live mail before it can be activated."},
    {NUMBER("shadow-messages", shadow_messages, 0, 1000000), "500",
     "And how many messages it must have seen."},
    {NUMBER("max-hits-per-10000", most_hits_per_10000, 0, 10000), "10",
     "More hits than this among 10000 messages, and the update waits for you."},
    {NUMBER("max-known-hits", most_known_hits, 0, 10000), "0",
     "A new address, domain, network or signer that would have met more than so many of the last "
     "10000 messages, sent by people your members write to, is parked."},
    {NUMBER("daily-megabytes", daily_megabytes, 1, 4096), "64",
     "The most that is loaded from this partner in a day."},
    {TEXT("trial-until", trial_until), "",
     "Until this time the lists of a new partner reach no further than observe. Setting a ceiling "
     "ends it."},
    {TEXT("added", added), "", "When this partner was added."},
    {NULL, OPTION_TEXT, 0, 0, 0, NULL, NULL, NULL},
};

#define ROW_COUNT (sizeof partner_rows / sizeof partner_rows[0] - 1)
_Static_assert(ROW_COUNT == CATEGORY_COUNT + 14, "a category without its ceiling");

void partner_set_defaults(struct partner *partner)
{
    memset(partner, 0, sizeof *partner);
    option_set_defaults(partner_rows, partner);
}

static int check_time(const char *name, const char *what, const char *text, struct error *err)
{
    int64_t when;
    if (text[0] != '\0' && !clock_read_timestamp(slice_of(text), &when))
        return error_set(err, ERROR_INPUT, "%s: %s is no time like 2026-11-20T09:00:00Z", name,
                         what);
    return 0;
}

static int check_partner(const struct partner *partner, const char *name, struct error *err)
{
    struct minisign_public keys[PARTNER_MOST_KEYS];
    size_t count;
    if (partner_keys(partner, keys, &count, err) != 0)
        return error_context(err, "%s", name);
    if (count == 0)
        return error_set(err, ERROR_INPUT, "%s: no key is pinned", name);
    if (check_time(name, "trial-until", partner->trial_until, err) != 0)
        return -1;
    return check_time(name, "added", partner->added, err);
}

static int read_line(struct slice line, struct partner *partner, bool has_read[ROW_COUNT],
                     struct error *err)
{
    size_t equals = slice_find_byte(line, '=');
    struct slice key = slice_trim(slice_part(line, 0, equals));
    if (equals == line.size)
        return error_set(err, ERROR_INPUT, "not of the form \"name = value\"");
    const struct option_row *row = option_find(partner_rows, key);
    if (row == NULL)
        return error_set(err, ERROR_INPUT, "there is no setting \"" SLICE_FORMAT "\"",
                         SLICE_ARGUMENTS(slice_part(key, 0, 60)));
    if (has_read[row - partner_rows])
        return error_set(err, ERROR_INPUT, "%s stands here twice", row->name);
    has_read[row - partner_rows] = true;
    return option_set(row, partner, slice_from(line, equals + 1), err);
}

int partner_parse(struct slice text, const char *name, struct partner *partner_out,
                  struct error *err)
{
    struct partner partner;
    bool has_read[ROW_COUNT] = {false};
    struct slice line;
    partner_set_defaults(&partner);
    for (int number = 1; slice_next(&text, '\n', &line); number++) {
        line = slice_trim(line);
        if (line.size == 0 || line.data[0] == '#')
            continue;
        if (read_line(line, &partner, has_read, err) != 0)
            return error_context(err, "%s:%d", name, number);
    }
    if (check_partner(&partner, name, err) != 0)
        return -1;
    *partner_out = partner;
    return 0;
}

int partner_keys(const struct partner *partner, struct minisign_public keys_out[PARTNER_MOST_KEYS],
                 size_t *count_out, struct error *err)
{
    struct slice rest = slice_of(partner->keys), word;
    size_t count = 0;
    while (slice_next_word(&rest, &word)) {
        if (count == PARTNER_MOST_KEYS)
            return error_set(err, ERROR_INPUT, "key: more than %d keys", PARTNER_MOST_KEYS);
        if (minisign_read_public(word, "key", &keys_out[count], err) != 0)
            return -1;
        for (size_t i = 0; i < count; i++)
            if (minisign_id_equals(keys_out[i].id, keys_out[count].id))
                return error_set(err, ERROR_INPUT, "key: a key stands here twice");
        count++;
    }
    *count_out = count;
    return 0;
}

enum list_action partner_ceiling(const struct partner *partner, enum category category, int64_t now)
{
    int ceiling = partner->ceilings[category];
    int64_t until;
    if (ceiling == PARTNER_AS_CEILING)
        ceiling = partner->ceiling;
    if (clock_read_timestamp(slice_of(partner->trial_until), &until) && now < until &&
        ceiling > (int)LIST_ACTION_OBSERVE)
        return LIST_ACTION_OBSERVE;
    return (enum list_action)ceiling;
}
