#include "lists/trust/root.h"

#include "common/base/clock.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const role_names[ROOT_ROLE_COUNT] = {"root", "list", "head"};

const char *root_role_name(enum root_role role)
{
    return role_names[role];
}

bool root_role_read(struct slice name, enum root_role *role_out)
{
    for (size_t i = 0; i < ROOT_ROLE_COUNT; i++) {
        if (slice_is(name, role_names[i])) {
            *role_out = (enum root_role)i;
            return true;
        }
    }
    return false;
}

static struct root_key *find_key(struct root *root, const unsigned char id[MINISIGN_ID_BYTES])
{
    for (size_t i = 0; i < root->key_count; i++)
        if (minisign_id_equals(root->keys[i].public.id, id))
            return &root->keys[i];
    return NULL;
}

static int read_publisher(struct record_reader *reader, struct slice value, struct root *root,
                          struct error *err)
{
    struct slice word;
    if (record_word(reader, &value, "the publisher", &word, err) != 0 ||
        record_end(reader, value, err) != 0)
        return -1;
    if (!record_is_publisher(word))
        return record_error(reader, err, "a publisher is a domain in lower case");
    return slice_to_text(word, root->publisher, sizeof root->publisher)
               ? 0
               : record_error(reader, err, "the publisher's name is too long");
}

static int read_sequence(struct record_reader *reader, struct slice value, struct root *root,
                         struct error *err)
{
    return record_number(reader, &value, "%seq", 1, RECORD_SEQUENCE_MOST, &root->sequence, err) != 0
               ? -1
               : record_end(reader, value, err);
}

static int read_issued(struct record_reader *reader, struct slice value, struct root *root,
                       struct error *err)
{
    return record_time(reader, &value, "%issued", &root->issued_at, err) != 0
               ? -1
               : record_end(reader, value, err);
}

static int read_threshold(struct record_reader *reader, struct slice value, struct root *root,
                          struct error *err)
{
    struct slice word;
    enum root_role role;
    int64_t threshold;
    if (record_word(reader, &value, "a role", &word, err) != 0)
        return -1;
    if (!root_role_read(word, &role))
        return record_error(reader, err, "a role is root, list or head");
    if (root->thresholds[role] != 0)
        return record_error(reader, err, "the threshold of %s stands here twice", role_names[role]);
    if (record_number(reader, &value, "a threshold", 1, ROOT_MOST_KEYS, &threshold, err) != 0 ||
        record_end(reader, value, err) != 0)
        return -1;
    root->thresholds[role] = threshold;
    return 0;
}

static int read_key(struct record_reader *reader, struct slice value, struct root *root,
                    struct error *err)
{
    struct slice word;
    struct root_key key = {.has_role = {false}};
    struct error fault = {0};
    if (root->key_count == ROOT_MOST_KEYS)
        return record_error(reader, err, "more than %d keys", ROOT_MOST_KEYS);
    if (record_word(reader, &value, "a key", &word, err) != 0)
        return -1;
    if (minisign_read_public(word, "key", &key.public, &fault) != 0)
        return record_error(reader, err, "%.300s", fault.text);
    if (find_key(root, key.public.id) != NULL)
        return record_error(reader, err, "the key stands here twice");
    bool has_any = false;
    while (slice_next_word(&value, &word)) {
        enum root_role role;
        if (!root_role_read(word, &role))
            return record_error(reader, err, "a role is root, list or head");
        if (key.has_role[role])
            return record_error(reader, err, "the role %s stands here twice", role_names[role]);
        key.has_role[role] = has_any = true;
    }
    if (!has_any)
        return record_error(reader, err, "a key has at least one role");
    root->keys[root->key_count++] = key;
    return 0;
}

static int read_revoked(struct record_reader *reader, struct slice value, struct root *root,
                        struct error *err)
{
    struct slice word;
    struct root_revoked row = {.since = 0};
    if (root->revoked_count == ROOT_MOST_REVOKED)
        return record_error(reader, err, "more than %d revoked keys", ROOT_MOST_REVOKED);
    if (record_word(reader, &value, "the id of a key", &word, err) != 0)
        return -1;
    if (!minisign_read_id(word, row.id))
        return record_error(reader, err, "the id of a key is 16 hex digits");
    if (slice_trim(value).size > 0) {
        if (record_list_id(reader, &value, &word, err) != 0)
            return -1;
        if (!slice_to_text(word, row.list_id, sizeof row.list_id))
            return record_error(reader, err, "the list-id is too long");
        if (record_word(reader, &value, "since", &word, err) != 0)
            return -1;
        if (!slice_is(word, "since"))
            return record_error(reader, err, "\"since\" is expected");
        if (record_number(reader, &value, "since", 0, RECORD_SEQUENCE_MOST, &row.since, err) != 0 ||
            record_end(reader, value, err) != 0)
            return -1;
    }
    root->revoked[root->revoked_count++] = row;
    return 0;
}

static const struct {
    const char *key;
    int (*read)(struct record_reader *reader, struct slice value, struct root *root,
                struct error *err);
    bool is_once;
} rows[] = {
    {"%publisher", read_publisher, true},
    {"%seq", read_sequence, true},
    {"%issued", read_issued, true},
    {"%threshold", read_threshold, false},
    {"key", read_key, false},
    {"revoked", read_revoked, false},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static int read_record(struct record_reader *reader, struct slice key, struct slice value,
                       struct root *root, bool has_read[ROW_COUNT], struct error *err)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!slice_is(key, rows[i].key))
            continue;
        if (has_read[i] && rows[i].is_once)
            return record_error(reader, err, "%s stands here twice", rows[i].key);
        has_read[i] = true;
        return rows[i].read(reader, value, root, err);
    }
    return record_error(reader, err, "unknown: \"" SLICE_FORMAT "\"",
                        SLICE_ARGUMENTS(slice_part(key, 0, 40)));
}

/* A role that too few keys have can never sign: such a root would lock everybody out. */
static int check_root(const struct root *root, const char *name, struct error *err)
{
    for (size_t role = 0; role < ROOT_ROLE_COUNT; role++) {
        int64_t count = 0;
        for (size_t i = 0; i < root->key_count; i++)
            count += root->keys[i].has_role[role];
        if (root->thresholds[role] == 0)
            return error_set(err, ERROR_INPUT, "%s: %%threshold %s is missing", name,
                             role_names[role]);
        if (count < root->thresholds[role])
            return error_set(err, ERROR_INPUT, "%s: %s asks for %d keys and has %d", name,
                             role_names[role], (int)root->thresholds[role], (int)count);
    }
    for (size_t i = 0; i < root->revoked_count; i++)
        for (size_t k = 0; k < root->key_count; k++)
            if (minisign_id_equals(root->revoked[i].id, root->keys[k].public.id))
                return error_set(err, ERROR_INPUT, "%s: a revoked key has a role", name);
    return 0;
}

int root_parse(struct slice text, const char *name, struct root *root_out, struct error *err)
{
    struct root root = {.sequence = 0};
    bool has_read[ROW_COUNT] = {false};
    struct record_reader reader;
    struct slice key, value;
    int more;
    if (text.size > LIMIT_ROOT_BYTES)
        return error_set(err, ERROR_LIMIT, "%s: longer than %zu bytes", name, LIMIT_ROOT_BYTES);
    if (record_begin(&reader, text, name, "zaguan-root", err) != 0)
        return -1;
    while ((more = record_next(&reader, &key, &value, err)) == 1)
        if (read_record(&reader, key, value, &root, has_read, err) != 0)
            return -1;
    if (more < 0)
        return -1;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].is_once && !has_read[i])
            return error_set(err, ERROR_INPUT, "%s: %s is missing", name, rows[i].key);
    if (check_root(&root, name, err) != 0)
        return -1;
    *root_out = root;
    return 0;
}

static void format_key(const struct root_key *key, struct buffer *into)
{
    char text[MINISIGN_PUBLIC_TEXT_BYTES];
    minisign_write_public(&key->public, text);
    buffer_printf(into, "key %s", text);
    for (size_t role = 0; role < ROOT_ROLE_COUNT; role++)
        if (key->has_role[role])
            buffer_printf(into, " %s", role_names[role]);
    buffer_append_byte(into, '\n');
}

int root_format(const struct root *root, struct buffer *into, struct error *err)
{
    char issued[CLOCK_DATE_BYTES], id[MINISIGN_ID_TEXT_BYTES];
    clock_write_timestamp(root->issued_at, issued);
    buffer_printf(into, "%%zaguan-root 1\n%%publisher %s\n%%seq %" PRId64 "\n%%issued %s\n",
                  root->publisher, root->sequence, issued);
    for (size_t role = 0; role < ROOT_ROLE_COUNT; role++)
        buffer_printf(into, "%%threshold %s %" PRId64 "\n", role_names[role],
                      root->thresholds[role]);
    for (size_t i = 0; i < root->key_count; i++)
        format_key(&root->keys[i], into);
    for (size_t i = 0; i < root->revoked_count; i++) {
        const struct root_revoked *row = &root->revoked[i];
        minisign_write_id(row->id, id);
        buffer_printf(into, "revoked %s", id);
        if (row->list_id[0] != '\0')
            buffer_printf(into, " %s since %" PRId64, row->list_id, row->since);
        buffer_append_byte(into, '\n');
    }
    buffer_printf(into, "@end %zu\n", root->key_count + root->revoked_count);
    return buffer_check(into, "the root", err);
}
