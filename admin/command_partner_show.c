/* What is known of partners, and bringing what they publish. */
#include "admin/command_partner.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/trust/floor.h"
#include "lists/trust/head.h"
#include "lists/trust/words.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct known {
    struct partner partner;
    struct root root;
    struct floors floors;
    struct head *head; /* NULL: none was trusted yet */
    enum list_action freshness;
    bool is_clock_wrong;
};

static int read_head(const char *folder, struct arena *arena, struct known *known,
                     struct error *err)
{
    char path[PATH_MAX + 16];
    struct error trouble = {0};
    BUFFER_CLEANUP text = buffer_new(LIMIT_HEAD_BYTES);
    snprintf(path, sizeof path, "%s/head.zh", folder);
    known->head = NULL;
    known->freshness = LIST_ACTION_HOLD;
    known->is_clock_wrong = false;
    if (file_read(path, &text, &trouble) != 0)
        return trouble.kind == ERROR_NOT_FOUND ? 0
                                               : error_set(err, trouble.kind, "%s", trouble.text);
    if (head_parse(buffer_slice(&text), path, arena, &known->head, err) != 0)
        return -1;
    known->freshness =
        head_freshness(known->head->fresh_until, clock_now(), &known->is_clock_wrong);
    return 0;
}

static int read_known(const struct partner_desk *desk, const char *name, struct arena *arena,
                      struct known **known_out, struct error *err)
{
    char folder[PATH_MAX];
    struct known *known = arena_alloc(arena, sizeof *known);
    if (known == NULL)
        return arena_error(arena, err);
    if (partner_read(&desk->settings, name, &known->partner, err) != 0 ||
        partner_root(&desk->settings, &known->partner, &known->root, err) != 0 ||
        partner_write_folder(&desk->settings, name, folder, err) != 0 ||
        floors_read(folder, &known->floors, err) != 0 || read_head(folder, arena, known, err) != 0)
        return -1;
    *known_out = known;
    return 0;
}

static void print_keys(const struct root *root)
{
    char id[MINISIGN_ID_TEXT_BYTES], words[WORDS_TEXT_BYTES];
    printf("root %" PRId64 "%s\n", root->sequence, root->sequence == 0 ? " (the pinned keys)" : "");
    for (size_t i = 0; i < root->key_count; i++) {
        minisign_write_id(root->keys[i].public.id, id);
        words_write_key(&root->keys[i].public, words);
        printf("  key %s:", id);
        for (size_t role = 0; role < ROOT_ROLE_COUNT; role++)
            if (root->keys[i].has_role[role])
                printf(" %s", root_role_name((enum root_role)role));
        printf("\n      %s\n", words);
    }
}

static void print_lists(const struct known *known)
{
    char when[CLOCK_DATE_BYTES];
    if (known->head == NULL) {
        puts("no head was trusted yet");
        return;
    }
    clock_write_timestamp(known->head->fresh_until, when);
    printf("head %" PRId64 ", fresh until %s: reaches %s at most%s\n", known->head->sequence, when,
           list_action_name(known->freshness),
           known->is_clock_wrong ? " (our clock is wrong: not judged)" : "");
    for (size_t i = 0; i < known->head->list_count; i++) {
        const struct head_list *list = &known->head->lists[i];
        const struct floor *floor = floors_find(&known->floors, list->list_id);
        printf("  " SLICE_FORMAT " " SLICE_FORMAT ": offers %" PRId64 ", accepted %" PRId64 "\n",
               SLICE_ARGUMENTS(list->name), SLICE_ARGUMENTS(list->list_id), list->sequence,
               floor == NULL ? 0 : floor->sequence);
    }
}

static json_t *settings_as_json(const struct partner *partner)
{
    json_t *object = json_object();
    for (const struct option_row *row = partner_rows; row->name != NULL; row++) {
        BUFFER_CLEANUP value = buffer_new(2 * KIB);
        option_print(row, partner, &value);
        json_object_set_new(object, row->name, json_stringn(value.data, value.size));
    }
    return object;
}

static json_t *keys_as_json(const struct root *root)
{
    char id[MINISIGN_ID_TEXT_BYTES], words[WORDS_TEXT_BYTES], text[MINISIGN_PUBLIC_TEXT_BYTES];
    json_t *keys = json_array();
    for (size_t i = 0; i < root->key_count; i++) {
        json_t *roles = json_array();
        minisign_write_id(root->keys[i].public.id, id);
        minisign_write_public(&root->keys[i].public, text);
        words_write_key(&root->keys[i].public, words);
        for (size_t role = 0; role < ROOT_ROLE_COUNT; role++)
            if (root->keys[i].has_role[role])
                json_array_append_new(roles, json_string(root_role_name((enum root_role)role)));
        json_array_append_new(keys, json_pack("{s:s, s:s, s:s, s:o}", "id", id, "key", text,
                                              "words", words, "roles", roles));
    }
    return keys;
}

static json_t *lists_as_json(const struct known *known)
{
    json_t *lists = json_array();
    for (size_t i = 0; known->head != NULL && i < known->head->list_count; i++) {
        const struct head_list *list = &known->head->lists[i];
        const struct floor *floor = floors_find(&known->floors, list->list_id);
        json_array_append_new(lists,
                              json_pack("{s:o, s:o, s:I, s:I}", "name",
                                        json_stringn(list->name.data, list->name.size), "list_id",
                                        json_stringn(list->list_id.data, list->list_id.size),
                                        "offered", (json_int_t)list->sequence, "accepted",
                                        (json_int_t)(floor == NULL ? 0 : floor->sequence)));
    }
    return lists;
}

static json_t *known_as_json(const struct known *known)
{
    json_t *object =
        json_pack("{s:s, s:I, s:o, s:o, s:o, s:s}", "name", known->partner.name, "root",
                  (json_int_t)known->root.sequence, "settings", settings_as_json(&known->partner),
                  "keys", keys_as_json(&known->root), "lists", lists_as_json(known), "freshness",
                  list_action_name(known->freshness));
    if (object != NULL && known->head != NULL) {
        char when[CLOCK_DATE_BYTES];
        clock_write_timestamp(known->head->fresh_until, when);
        json_object_set_new(object, "fresh_until", json_string(when));
    }
    return object;
}

static int print_json(json_t *json, struct error *err)
{
    int failed = json == NULL || json_dumpf(json, stdout, JSON_INDENT(2)) != 0;
    json_decref(json);
    if (failed)
        return error_set(err, ERROR_SYSTEM, "no memory for the answer");
    puts("");
    return 0;
}

int partner_act_show(const struct partner_desk *desk, struct error *err)
{
    struct known *known;
    ARENA_CLEANUP *arena = arena_new(4 * MIB);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (read_known(desk, desk->name, arena, &known, err) != 0)
        return -1;
    if (desk->wanted->is_json)
        return print_json(known_as_json(known), err);
    printf("partner %s\n", known->partner.name);
    for (const struct option_row *row = partner_rows; row->name != NULL; row++) {
        BUFFER_CLEANUP value = buffer_new(2 * KIB);
        option_print(row, &known->partner, &value);
        printf("  %s = %s\n", row->name, value.data);
    }
    print_keys(&known->root);
    print_lists(known);
    return 0;
}

static void print_row(const struct known *known)
{
    BUFFER_CLEANUP ceiling = buffer_new(KIB);
    option_print(option_find(partner_rows, SLICE_LITERAL("ceiling")), &known->partner, &ceiling);
    printf("%s  ceiling %s  root %" PRId64 "  lists %zu  %s\n", known->partner.name, ceiling.data,
           known->root.sequence, known->head == NULL ? 0 : known->head->list_count,
           known->partner.url);
}

int partner_act_list(const struct partner_desk *desk, struct error *err)
{
    const char *const *names;
    size_t count;
    ARENA_CLEANUP *arena = arena_new(512 * MIB);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (partner_find_all(&desk->settings, arena, &names, &count, err) != 0)
        return -1;
    json_t *all = json_array();
    for (size_t i = 0; i < count; i++) {
        struct known *known;
        if (read_known(desk, names[i], arena, &known, err) != 0) {
            json_decref(all);
            return -1;
        }
        if (desk->wanted->is_json)
            json_array_append_new(all, known_as_json(known));
        else
            print_row(known);
    }
    if (desk->wanted->is_json)
        return print_json(all, err);
    json_decref(all);
    if (count == 0)
        puts("there are no partners");
    return 0;
}

/* The fetcher is another program, with another user's rights when the timer starts it. */
int partner_act_fetch(const struct partner_desk *desk, struct error *err)
{
    const struct args_list *words = &desk->wanted->words;
    const char *path = desk->context->program_path, *slash = strrchr(path, '/');
    char program[PATH_MAX], now[] = "--now", option[] = "-c";
    const char *argv[72];
    size_t count = 0;
    snprintf(program, sizeof program, "%.*szaguan-fetch",
             slash == NULL ? 0 : (int)(slash + 1 - path), path);
    argv[count++] = program;
    if (desk->context->settings_path != NULL) {
        argv[count++] = option;
        argv[count++] = desk->context->settings_path;
    }
    argv[count++] = now;
    for (size_t i = 1; i < words->count; i++)
        argv[count++] = words->words[i];
    argv[count] = NULL;
    char *mutable_argv[72];
    /* execvp() does not write to its words; its type is older than const. */
    memcpy(mutable_argv, argv, (count + 1) * sizeof *argv);
    fflush(stdout);
    execvp(program, mutable_argv);
    return error_system(err, "%s: cannot be run", program);
}
