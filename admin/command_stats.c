#include "admin/commands.h"

#include "common/base/limits.h"
#include "common/store/store_log.h"
#include "common/store/store_member.h"
#include "quarantine/item.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#define ARENA_BYTES (256 * MIB)

struct wanted {
    bool is_json;
};

static const struct args_row rows[] = {
    {"json", ARGS_FLAG, offsetof(struct wanted, is_json), NULL, "machine-readable output"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

/* Numbers alone: nothing here says anything about one person. */
struct stats {
    int64_t members[STORE_MEMBER_OFF + 1];
    int64_t items[STORE_ITEM_REFUSED + 1];
    struct store_counter *counters;
    size_t counter_count;
    struct store_entry_counts *entries;
    size_t entry_count;
};

static int gather(struct store *store, struct arena *arena, struct stats *stats, struct error *err)
{
    struct store_member *members;
    struct store_item *items;
    size_t member_count, item_count;
    const struct store_item_filter all = {0};
    if (store_member_list(store, arena, &members, &member_count, err) != 0 ||
        store_item_list(store, &all, arena, &items, &item_count, err) != 0 ||
        store_counter_list(store, arena, &stats->counters, &stats->counter_count, err) != 0 ||
        store_entry_list(store, arena, &stats->entries, &stats->entry_count, err) != 0)
        return -1;
    for (size_t i = 0; i < member_count; i++)
        stats->members[members[i].state]++;
    for (size_t i = 0; i < item_count; i++)
        stats->items[items[i].state]++;
    return 0;
}

static const char *const member_names[] = {
    [STORE_MEMBER_INVITED] = "invited", [STORE_MEMBER_ON] = "on", [STORE_MEMBER_OFF] = "off"};

static json_t *counters_to_json(const struct stats *stats)
{
    json_t *object = json_object();
    for (size_t i = 0; i < stats->counter_count; i++)
        json_object_set_new(object, stats->counters[i].name.data,
                            json_integer(stats->counters[i].count));
    return object;
}

static json_t *entries_to_json(const struct stats *stats)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->entry_count; i++) {
        const struct store_entry_counts *row = &stats->entries[i];
        json_array_append_new(
            array, json_pack("{s:s%, s:s%, s:I, s:I, s:I, s:I}", "list", row->list.data,
                             row->list.size, "entry", row->entry.data, row->entry.size, "hits",
                             (json_int_t)row->hits, "held", (json_int_t)row->held, "released",
                             (json_int_t)row->released, "wrong", (json_int_t)row->wrong));
    }
    return array;
}

static int print_json(const struct stats *stats, struct error *err)
{
    json_t *root = json_object(), *members = json_object(), *items = json_object();
    for (int i = STORE_MEMBER_INVITED; i <= STORE_MEMBER_OFF; i++)
        json_object_set_new(members, member_names[i], json_integer(stats->members[i]));
    for (int i = STORE_ITEM_HELD; i <= STORE_ITEM_REFUSED; i++)
        json_object_set_new(items, item_state_name((enum store_item_state)i),
                            json_integer(stats->items[i]));
    json_object_set_new(root, "members", members);
    json_object_set_new(root, "items", items);
    json_object_set_new(root, "totals", counters_to_json(stats));
    json_object_set_new(root, "entries", entries_to_json(stats));
    int failed = json_dumpf(root, stdout, JSON_INDENT(2));
    json_decref(root);
    putchar('\n');
    return failed == 0 ? 0 : error_set(err, ERROR_SYSTEM, "standard output");
}

static void print_text(const struct stats *stats)
{
    for (int i = STORE_MEMBER_INVITED; i <= STORE_MEMBER_OFF; i++)
        printf("members %-16s %" PRId64 "\n", member_names[i], stats->members[i]);
    for (int i = STORE_ITEM_HELD; i <= STORE_ITEM_REFUSED; i++)
        printf("items   %-16s %" PRId64 "\n", item_state_name((enum store_item_state)i),
               stats->items[i]);
    for (size_t i = 0; i < stats->counter_count; i++)
        printf("total   %-16s %" PRId64 "\n", stats->counters[i].name.data,
               stats->counters[i].count);
    for (size_t i = 0; i < stats->entry_count; i++)
        printf("entry   %s %s: %" PRId64 " hits, %" PRId64 " held, %" PRId64 " released, %" PRId64
               " wrong\n",
               stats->entries[i].list.data, stats->entries[i].entry.data, stats->entries[i].hits,
               stats->entries[i].held, stats->entries[i].released, stats->entries[i].wrong);
}

static int show(struct store *store, bool is_json, struct error *err)
{
    struct stats stats = {0};
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (gather(store, arena, &stats, err) != 0)
        return -1;
    if (is_json)
        return print_json(&stats, err);
    print_text(&stats);
    return 0;
}

int command_stats(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct wanted wanted = {0};
    struct args_list words = {0};
    struct settings settings;
    struct store *store = NULL;
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    if (failed == 0 && words.count > 0)
        failed = error_set(err, ERROR_USAGE, "\"%.40s\": takes no words", words.words[0]);
    if (failed == 0)
        failed = command_open_store(context, &settings, &store, err);
    if (failed == 0) {
        failed = show(store, wanted.is_json, err);
        store_close(store);
    }
    args_list_free(&words);
    return failed;
}
