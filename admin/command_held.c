#include "admin/command_held.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/store/store_log.h"
#include "quarantine/expire.h"
#include "quarantine/release.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ARENA_BYTES (256 * MIB)
#define SAID_BYTES (1 * MIB)
#define DAY ((int64_t)24 * 60 * 60)

static const struct args_row rows[] = {
    {"json", ARGS_FLAG, offsetof(struct held_wanted, is_json), NULL, "machine-readable output"},
    {"member", ARGS_VALUE, offsetof(struct held_wanted, member), "ADDRESS", "list: hers alone"},
    {"undo", ARGS_FLAG, offsetof(struct held_wanted, is_undo), NULL,
     "delete: take it back; keep: let it expire again"},
    {"break-glass", ARGS_VALUE, offsetof(struct held_wanted, break_glass), "REASON",
     "show: the content too; she is told that you looked, and why"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

int held_find_item(struct held_desk *desk, int64_t item_id, struct store_item *item_out,
                   struct error *err)
{
    int found = store_item_get(desk->store, item_id, desk->arena, item_out, err);
    if (found == 0)
        return error_set(err, ERROR_NOT_FOUND, "there is no item %" PRId64, item_id);
    return found < 0 ? -1 : 0;
}

int held_log(struct held_desk *desk, const struct store_item *item, const char *action,
             const char *note, struct error *err)
{
    const struct store_log_line line = {.member_id = item->member_id,
                                        .at = desk->now,
                                        .item_id = item->id,
                                        .actor = slice_of("admin"),
                                        .action = slice_of(action),
                                        .note = slice_of(note)};
    return store_log_add(desk->store, &line, err);
}

static int ask_release(struct held_desk *desk, int64_t item_id, struct error *err)
{
    enum store_item_state state;
    return release_request(desk->store, item_id, desk->now, &state, err);
}

static int ask_delete(struct held_desk *desk, int64_t item_id, struct error *err)
{
    if (desk->wanted->is_undo)
        return delete_undo(desk->store, item_id, desk->now, err);
    return delete_request(desk->store, item_id, desk->now, desk->settings.undo_days * DAY, err);
}

static int ask_keep(struct held_desk *desk, int64_t item_id, struct error *err)
{
    return keep_item(desk->store, item_id, !desk->wanted->is_undo, err);
}

static const struct act {
    const char *name;
    int (*change)(struct held_desk *desk, int64_t item_id, struct error *err); /* 1/0/-1 */
    const char *action, *undone;                                               /* in her log */
} acts[] = {
    {"release", ask_release, "released", "released"},
    {"delete", ask_delete, "deleted", "deletion undone"},
    {"keep", ask_keep, "kept", "not kept any more"},
};

/* The change and its line in her log, or neither. */
static int change_item(struct held_desk *desk, const struct act *act, int64_t item_id,
                       struct error *err)
{
    struct store_item item;
    const char *action = desk->wanted->is_undo ? act->undone : act->action;
    if (held_find_item(desk, item_id, &item, err) != 0)
        return -1;
    int changed = act->change(desk, item_id, err);
    if (changed < 0)
        return -1;
    if (changed == 0)
        return error_set(err, ERROR_INPUT, "item %" PRId64 " is %s: nothing was done", item_id,
                         item_state_name(item.state));
    if (held_log(desk, &item, action, "", err) != 0)
        return -1;
    if (desk->wanted->is_json)
        buffer_printf(&desk->said, "{\"id\": %" PRId64 ", \"done\": \"%s\"}\n", item_id, action);
    else
        buffer_printf(&desk->said, "%" PRId64 ": %s%s\n", item_id, action,
                      act->change == ask_release ? "; zaguan-review sends it" : "");
    return 0;
}

static int read_id(const char *word, int64_t *id_out, struct error *err)
{
    long long id;
    if (!slice_to_number(slice_of(word), 1, INT64_MAX, &id))
        return error_set(err, ERROR_USAGE, "\"%.40s\" is no item's number", word);
    *id_out = id;
    return 0;
}

static int change_all(struct held_desk *desk, const struct act *act, const struct args_list *words,
                      struct error *err)
{
    if (words->count < 2)
        return error_set(err, ERROR_USAGE, "%s needs the number of an item", act->name);
    if (store_begin(desk->store, err) != 0)
        return -1;
    for (size_t i = 1; i < words->count; i++) {
        int64_t id = 0;
        if (read_id(words->words[i], &id, err) != 0 || change_item(desk, act, id, err) != 0) {
            store_rollback(desk->store);
            return -1;
        }
    }
    if (store_commit(desk->store, err) != 0)
        return -1;
    fwrite(desk->said.data, 1, desk->said.size, stdout);
    return 0;
}

static int run_act(struct held_desk *desk, const struct args_list *words, struct error *err)
{
    const char *name = words->count == 0 ? "" : words->words[0];
    int64_t id = 0;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (strcmp(name, acts[i].name) == 0)
            return change_all(desk, &acts[i], words, err);
    if (strcmp(name, "list") == 0 && words->count == 1)
        return held_list(desk, err);
    if (strcmp(name, "show") != 0)
        return error_set(err, ERROR_USAGE, "one of list, show, release, delete, keep");
    if (words->count != 2)
        return error_set(err, ERROR_USAGE, "show needs the number of one item");
    if (read_id(words->words[1], &id, err) != 0)
        return -1;
    return held_show(desk, id, err);
}

int command_held(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct held_wanted wanted = {0};
    struct args_list words = {0};
    static struct held_desk desk;
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    if (failed == 0)
        failed = command_open_store(context, &desk.settings, &desk.store, err);
    if (failed == 0) {
        desk.wanted = &wanted;
        desk.now = clock_now();
        desk.arena = arena_new(ARENA_BYTES);
        desk.said = buffer_new(SAID_BYTES);
        failed = desk.arena == NULL ? error_set(err, ERROR_SYSTEM, "no memory")
                                    : run_act(&desk, &words, err);
        buffer_free(&desk.said);
        arena_free(desk.arena);
        store_close(desk.store);
    }
    args_list_free(&words);
    return failed;
}
