#include "lists/format/entry.h"

#include "lists/format/type.h"
#include <stddef.h>

static const char *const category_names[CATEGORY_COUNT] = {
    [CATEGORY_THREAT] = "threat",
    [CATEGORY_DOXXING] = "doxxing",
    [CATEGORY_SEXUAL_HARASSMENT] = "sexual-harassment",
    [CATEGORY_SEXTORTION] = "sextortion",
    [CATEGORY_NCII] = "ncii",
    [CATEGORY_HATE] = "hate",
    [CATEGORY_STALKING] = "stalking",
    [CATEGORY_IMPERSONATION] = "impersonation",
    [CATEGORY_MAIL_BOMB] = "mail-bomb",
    [CATEGORY_SPEAR_PHISH] = "spear-phish",
    [CATEGORY_OTHER] = "other",
};

static const char *const action_names[] = {
    [LIST_ACTION_NONE] = "none",
    [LIST_ACTION_OBSERVE] = "observe",
    [LIST_ACTION_TAG] = "tag",
    [LIST_ACTION_HOLD] = "hold",
};

static const struct {
    const char *name;
    enum text_where where;
} scopes[] = {
    {"subject", TEXT_SUBJECT},
    {"body", TEXT_BODY},
    {"from-name", TEXT_FROM_NAME},
    {"url", TEXT_URL},
    {"attachment-name", TEXT_ATTACHMENT_NAME},
};

void list_make_whole(struct list *list)
{
    list->partner = slice_of("");
    for (size_t i = 0; i < CATEGORY_COUNT; i++)
        list->ceilings[i] = LIST_ACTION_HOLD;
    list->freshness = LIST_ACTION_HOLD;
    list->counts_for_quorum = list->is_shadow = false;
    list->hold_quorum = 1;
}

const char *category_name(enum category category)
{
    return (size_t)category < CATEGORY_COUNT ? category_names[category] : "other";
}

bool category_read(struct slice name, enum category *category_out)
{
    for (size_t i = 0; i < CATEGORY_COUNT; i++) {
        if (!slice_is(name, category_names[i]))
            continue;
        *category_out = (enum category)i;
        return true;
    }
    return false;
}

const char *list_action_name(enum list_action action)
{
    return action_names[action];
}

bool list_action_read(struct slice name, enum list_action *action_out)
{
    for (size_t i = 0; i < sizeof action_names / sizeof action_names[0]; i++) {
        if (!slice_is(name, action_names[i]))
            continue;
        *action_out = (enum list_action)i;
        return true;
    }
    return false;
}

unsigned scope_read(struct slice name)
{
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
        if (slice_is(name, scopes[i].name))
            return (unsigned)scopes[i].where;
    return 0;
}

const char *scope_name(unsigned bit)
{
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
        if ((unsigned)scopes[i].where == bit)
            return scopes[i].name;
    return "";
}

int64_t entry_ends_at(const struct list *list, const struct entry *entry)
{
    const struct type_row *row = type_find(entry->type_name);
    int64_t since = entry->added_at != 0 ? entry->added_at : list->issued_at;
    if (row == NULL || since == 0)
        return entry->expires_at;
    int64_t most = since + row->most_days * DAYS;
    return entry->expires_at < most ? entry->expires_at : most;
}

static bool is_hex(struct slice text, size_t most)
{
    for (size_t i = 0; i < text.size; i++)
        if (!((text.data[i] >= '0' && text.data[i] <= '9') ||
              (text.data[i] >= 'a' && text.data[i] <= 'f')))
            return false;
    return text.size >= 8 && text.size <= most;
}

bool entry_read_origin(const struct entry *entry, struct entry_origin *origin_out)
{
    struct slice rest = entry->from, more;
    if (!slice_is(entry->basis, "adopted") || !slice_next(&rest, '/', &origin_out->publisher) ||
        !slice_next(&rest, '/', &origin_out->list_id) ||
        !slice_next(&rest, '/', &origin_out->entry_id) || slice_next(&rest, '/', &more))
        return false;
    return !slice_is_empty(origin_out->publisher) && is_hex(origin_out->list_id, 32) &&
           is_hex(origin_out->entry_id, 16);
}

void entry_park(struct entry *entry, struct place place, const char *reason)
{
    if (entry->inactive != NULL)
        return;
    entry->inactive = reason;
    entry->inactive_place = place;
}
