/*
 * command_held: what the acts of `zaguan held` share. Metadata alone, unless --break-glass says
 * why: then a line in her log is committed before a byte is shown. Private to command_held*.c.
 */
#ifndef ZAGUAN_ADMIN_COMMAND_HELD_H
#define ZAGUAN_ADMIN_COMMAND_HELD_H

#include "admin/commands.h"
#include "common/base/buffer.h"
#include "common/store/store_member.h"
#include "quarantine/item.h"

struct held_wanted {
    bool is_json, is_undo;
    const char *member, *break_glass;
};

struct held_desk {
    struct settings settings;
    struct store *store;
    struct arena *arena;
    int64_t now;
    const struct held_wanted *wanted;
    struct buffer said; /* printed once it is committed */
};

int held_find_item(struct held_desk *desk, int64_t item_id, struct store_item *item_out,
                   struct error *err) MUST_CHECK;
/* A line of her log by "admin". */
int held_log(struct held_desk *desk, const struct store_item *item, const char *action,
             const char *note, struct error *err) MUST_CHECK;

int held_list(struct held_desk *desk, struct error *err) MUST_CHECK;
int held_show(struct held_desk *desk, int64_t item_id, struct error *err) MUST_CHECK;

#endif
