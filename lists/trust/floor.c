#include "lists/trust/floor.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define FLOORS_BYTES ((size_t)128 * 1024)
#define FLOORS_MODE 0640

static int write_path(const char *folder, char path[PATH_MAX], struct error *err)
{
    int length = snprintf(path, PATH_MAX, "%s/floors", folder);
    if (length < 0 || length >= PATH_MAX)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", folder);
    return 0;
}

static bool is_floor_name(struct slice name)
{
    if (slice_is(name, "root") || slice_is(name, "head"))
        return true;
    for (size_t i = 0; i < name.size; i++)
        if (!((name.data[i] >= '0' && name.data[i] <= '9') ||
              (name.data[i] >= 'a' && name.data[i] <= 'f')))
            return false;
    return name.size >= 8 && name.size < FLOOR_NAME_BYTES;
}

static int read_floor(struct record_reader *reader, struct slice key, struct slice value,
                      struct floors *floors, struct error *err)
{
    struct slice word;
    struct floor row;
    if (!slice_is(key, "floor"))
        return record_error(reader, err, "unknown: \"" SLICE_FORMAT "\"",
                            SLICE_ARGUMENTS(slice_part(key, 0, 40)));
    if (record_word(reader, &value, "a name", &word, err) != 0)
        return -1;
    if (!is_floor_name(word) || !slice_to_text(word, row.name, sizeof row.name))
        return record_error(reader, err, "a floor is of a list-id, root or head");
    if (record_number(reader, &value, "a seq", 0, RECORD_SEQUENCE_MOST, &row.sequence, err) != 0 ||
        record_hash(reader, &value, row.hash, err) != 0 || record_end(reader, value, err) != 0)
        return -1;
    if (floors_find(floors, word) != NULL)
        return record_error(reader, err, "a floor stands here twice");
    if (floors->count == FLOOR_MOST)
        return record_error(reader, err, "more than %d floors", FLOOR_MOST);
    floors->rows[floors->count++] = row;
    return 0;
}

int floors_parse(struct slice text, const char *name, struct floors *floors_out, struct error *err)
{
    struct floors floors = {.count = 0};
    struct record_reader reader;
    struct slice key, value;
    int more;
    if (record_begin(&reader, text, name, "zaguan-floors", err) != 0)
        return -1;
    while ((more = record_next(&reader, &key, &value, err)) == 1)
        if (read_floor(&reader, key, value, &floors, err) != 0)
            return -1;
    if (more < 0)
        return -1;
    *floors_out = floors;
    return 0;
}

/* A floors file that cannot be read is an error: beginning anew would let old lists in again. */
int floors_read(const char *folder, struct floors *floors_out, struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    if (write_path(folder, path, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(FLOORS_BYTES);
    if (file_read(path, &text, &trouble) == 0)
        return floors_parse(buffer_slice(&text), path, floors_out, err);
    if (trouble.kind == ERROR_NOT_FOUND) {
        floors_out->count = 0;
        return 0;
    }
    return error_set(err, trouble.kind, "%s", trouble.text);
}

int floors_write(const char *folder, const struct floors *floors, struct error *err)
{
    char path[PATH_MAX], hash[2 * RECORD_HASH_BYTES + 1];
    if (write_path(folder, path, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(FLOORS_BYTES);
    buffer_append_text(&text,
                       "%zaguan-floors 1\n# the highest number ever accepted; do not edit\n");
    for (size_t i = 0; i < floors->count; i++) {
        const struct floor *row = &floors->rows[i];
        record_write_hash(row->hash, hash);
        buffer_printf(&text, "floor %s %" PRId64 " %s\n", row->name, row->sequence, hash);
    }
    buffer_printf(&text, "@end %zu\n", floors->count);
    if (buffer_check(&text, path, err) != 0)
        return -1;
    return file_write(path, buffer_slice(&text), FLOORS_MODE, err);
}

const struct floor *floors_find(const struct floors *floors, struct slice name)
{
    for (size_t i = 0; i < floors->count; i++)
        if (slice_is(name, floors->rows[i].name))
            return &floors->rows[i];
    return NULL;
}

enum floor_answer floors_ask(const struct floors *floors, struct slice name, int64_t sequence,
                             const unsigned char hash[RECORD_HASH_BYTES])
{
    const struct floor *row = floors_find(floors, name);
    if (row == NULL || sequence > row->sequence)
        return FLOOR_NEWER;
    if (sequence < row->sequence)
        return FLOOR_OLDER;
    return memcmp(row->hash, hash, RECORD_HASH_BYTES) == 0 ? FLOOR_SAME : FLOOR_EQUIVOCATION;
}

int floors_check(const struct floors *floors, struct slice name, int64_t sequence,
                 const unsigned char hash[RECORD_HASH_BYTES], struct error *err)
{
    const struct floor *row = floors_find(floors, name);
    switch (floors_ask(floors, name, sequence, hash)) {
    case FLOOR_NEWER:
    case FLOOR_SAME:
        return 0;
    case FLOOR_OLDER:
        return error_set(err, ERROR_INPUT,
                         SLICE_FORMAT ": number %" PRId64 " is older than %" PRId64
                                      ", which was accepted before: replayed",
                         SLICE_ARGUMENTS(name), sequence, row->sequence);
    case FLOOR_EQUIVOCATION:
        return error_set(err, ERROR_INPUT,
                         SLICE_FORMAT ": number %" PRId64
                                      " with other content than we have: equivocation, the "
                                      "publisher shows different things to different people",
                         SLICE_ARGUMENTS(name), sequence);
    }
    return error_set(err, ERROR_BUG, "floor: no such answer");
}

int floors_raise(struct floors *floors, struct slice name, int64_t sequence,
                 const unsigned char hash[RECORD_HASH_BYTES], struct error *err)
{
    size_t at = 0;
    while (at < floors->count && !slice_is(name, floors->rows[at].name))
        at++;
    if (at == FLOOR_MOST)
        return error_set(err, ERROR_LIMIT, "more than %d floors", FLOOR_MOST);
    if (at < floors->count && sequence <= floors->rows[at].sequence)
        return 0;
    if (!is_floor_name(name))
        return error_set(err, ERROR_BUG, "a floor is of a list-id, root or head");
    struct floor *row = &floors->rows[at];
    slice_to_text(name, row->name, sizeof row->name);
    row->sequence = sequence;
    memcpy(row->hash, hash, RECORD_HASH_BYTES);
    if (at == floors->count)
        floors->count++;
    return 0;
}

void floors_forget_lists(struct floors *floors)
{
    size_t kept = 0;
    for (size_t i = 0; i < floors->count; i++)
        if (strcmp(floors->rows[i].name, "root") == 0 || strcmp(floors->rows[i].name, "head") == 0)
            floors->rows[kept++] = floors->rows[i];
    floors->count = kept;
}

void floors_forget_head(struct floors *floors)
{
    size_t kept = 0;
    for (size_t i = 0; i < floors->count; i++)
        if (strcmp(floors->rows[i].name, "head") != 0)
            floors->rows[kept++] = floors->rows[i];
    floors->count = kept;
}
