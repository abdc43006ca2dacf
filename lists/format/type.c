#include "lists/format/type.h"

#include <stddef.h>

static const char *check_nothing(const struct entry *entry, struct arena *arena)
{
    (void)entry;
    (void)arena;
    return NULL;
}

const struct type_row type_rows[] = {
    {"re", ENTRY_RE, true, false, 365, value_check_re},
    {"phrase", ENTRY_PHRASE, true, false, 365, value_check_phrase},
    {"addr", ENTRY_ADDR, false, true, 180, value_check_addr},
    {"domain", ENTRY_DOMAIN, false, false, 365, value_check_domain},
    {"cidr", ENTRY_CIDR, false, false, 180, value_check_cidr},
    {"dkim", ENTRY_DKIM, false, false, 365, value_check_dkim},
    {"url", ENTRY_URL, false, false, 365, value_check_url},
    {"kphrase", ENTRY_KPHRASE, false, true, 180, check_nothing},
    {"phone", ENTRY_PHONE, false, true, 180, check_nothing},
    {"wallet", ENTRY_WALLET, false, true, 180, check_nothing},
    {"fuzzy", ENTRY_OTHER, false, false, 365, check_nothing},
    {NULL, ENTRY_OTHER, false, false, 0, NULL},
};

const struct type_row *type_find(struct slice name)
{
    for (const struct type_row *row = type_rows; row->name != NULL; row++)
        if (slice_is(name, row->name))
            return row;
    return NULL;
}

const char *entry_type_name(enum entry_type type)
{
    for (const struct type_row *row = type_rows; row->name != NULL; row++)
        if (row->type == type && type != ENTRY_OTHER)
            return row->name;
    return "other";
}
