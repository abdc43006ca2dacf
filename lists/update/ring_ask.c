/* What the ring says of an entry. */
#include "lists/update/ring_file.h"

#include "common/base/files.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOURS_A_DAY 24

struct seen_mark {
    uint64_t mark;
    uint32_t message;
};

struct ring_view {
    unsigned char key[KEYED_KEY_BYTES];
    struct ring_epoch epochs[2];
    struct ring_record *records;
    size_t count;
    struct seen_mark *marks; /* sorted */
    size_t mark_count;
    uint32_t *senders;                   /* of each message: the same number, the same sender */
    unsigned char *scratch, *is_counted; /* a byte for each message; for each sender */
};

static int compare_marks(const void *a, const void *b)
{
    const struct seen_mark *x = a, *y = b;
    if (x->mark != y->mark)
        return x->mark < y->mark ? -1 : 1;
    return x->message < y->message ? -1 : x->message > y->message;
}

/* Torn and old records do not count. */
static bool read_record(const struct ring_view *view, struct slice file, size_t at,
                        int64_t oldest_hour, struct ring_record *record_out)
{
    memcpy(record_out, file.data + sizeof(struct ring_header) + at * sizeof *record_out,
           sizeof *record_out);
    return ring_record_is_sound(record_out) && view->epochs[record_out->epoch].began_at != 0 &&
           record_out->hour >= oldest_hour;
}

static int read_records(struct slice file, int64_t oldest_hour, struct arena *arena,
                        struct ring_view *view, struct error *err)
{
    struct ring_record record;
    size_t room = 0;
    for (size_t i = 0; i < RING_RECORDS; i++)
        room += read_record(view, file, i, oldest_hour, &record);
    view->records = arena_alloc_array(arena, room, sizeof *view->records);
    if (view->records == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < RING_RECORDS; i++)
        if (read_record(view, file, i, oldest_hour, &record)) {
            view->mark_count += record.mark_count;
            view->records[view->count++] = record;
        }
    return 0;
}

/* A partner may ask for thousands of entries that all meet most of your mail: senders are told
 * apart once. Marks of one sender differ in the two epochs, so she may count twice: never too few.
 */
static int number_senders(struct arena *arena, struct ring_view *view, struct error *err)
{
    uint32_t number = 0;
    struct seen_mark *first = arena_alloc_array(arena, view->count + 1, sizeof *first);
    view->senders = arena_alloc_array(arena, view->count + 1, sizeof *view->senders);
    view->is_counted = arena_alloc(arena, view->count + 1);
    if (first == NULL || view->senders == NULL || view->is_counted == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < view->count; i++)
        first[i] = (struct seen_mark){view->records[i].marks[0], (uint32_t)i};
    qsort(first, view->count, sizeof *first, compare_marks);
    for (size_t i = 0; i < view->count; i++) {
        number += i > 0 && first[i].mark != first[i - 1].mark;
        view->senders[first[i].message] = number;
    }
    return 0;
}

static int sort_marks(struct arena *arena, struct ring_view *view, struct error *err)
{
    size_t count = 0;
    view->marks = arena_alloc_array(arena, view->mark_count + 1, sizeof *view->marks);
    view->scratch = arena_alloc(arena, view->count + 1);
    if (view->marks == NULL || view->scratch == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < view->count; i++)
        for (size_t k = 0; k < view->records[i].mark_count; k++)
            view->marks[count++] = (struct seen_mark){view->records[i].marks[k], (uint32_t)i};
    qsort(view->marks, view->mark_count, sizeof *view->marks, compare_marks);
    return 0;
}

int ring_read(const struct settings *settings, const unsigned char key[KEYED_KEY_BYTES],
              int64_t now, struct arena *arena, struct ring_view **view_out, struct error *err)
{
    char path[PATH_MAX];
    struct ring_header header;
    struct error trouble = {0};
    BUFFER_CLEANUP file = buffer_new(RING_BYTES);
    if (key == NULL || settings->ring_days == 0)
        return 0;
    ring_path(settings, path);
    if (file_read(path, &file, &trouble) != 0)
        return trouble.kind == ERROR_NOT_FOUND ? 0
                                               : error_set(err, trouble.kind, "%s", trouble.text);
    if (file.size != RING_BYTES)
        return 0;
    memcpy(&header, file.data, sizeof header);
    if (!ring_header_is_sound(&header))
        return 0; /* made anew in this moment */
    struct ring_view *view = arena_alloc(arena, sizeof *view);
    if (view == NULL)
        return arena_error(arena, err);
    *view = (struct ring_view){.count = 0};
    memcpy(view->key, key, sizeof view->key);
    memcpy(view->epochs, header.epochs, sizeof view->epochs);
    int64_t oldest = now / 3600 - settings->ring_days * HOURS_A_DAY;
    if (read_records(buffer_slice(&file), oldest, arena, view, err) != 0 ||
        sort_marks(arena, view, err) != 0 || number_senders(arena, view, err) != 0)
        return -1;
    if (view->count == 0)
        return 0;
    *view_out = view;
    return 1;
}

size_t ring_messages(const struct ring_view *view)
{
    return view->count;
}

bool ring_knows(const struct entry *entry)
{
    return entry->type == ENTRY_ADDR || entry->type == ENTRY_DOMAIN || entry->type == ENTRY_CIDR ||
           entry->type == ENTRY_DKIM;
}

/* True when it met any. */
static bool raise_seen(const struct ring_view *view, uint64_t mark, unsigned char *seen,
                       unsigned char value)
{
    bool has_met = false;
    size_t low = 0, high = view->mark_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (view->marks[middle].mark < mark)
            low = middle + 1;
        else
            high = middle;
    }
    for (; mark != 0 && low < view->mark_count && view->marks[low].mark == mark; low++) {
        has_met = true;
        if (seen[view->marks[low].message] < value)
            seen[view->marks[low].message] = value;
    }
    return has_met;
}

static bool look_for(const struct ring_view *view, enum ring_kind kind, struct slice value,
                     unsigned char *seen, unsigned char reach)
{
    bool has_met = false;
    for (size_t i = 0; i < 2; i++)
        if (view->epochs[i].began_at != 0)
            has_met |=
                raise_seen(view, ring_mark(view->key, &view->epochs[i], kind, value), seen, reach);
    return has_met;
}

static bool look(const struct ring_view *view, const struct entry *entry, unsigned char *seen,
                 unsigned char value)
{
    char network[RING_NETWORK_BYTES], keyed[RING_KEYED_BYTES];
    unsigned char digest[KEYED_DIGEST_BYTES];
    struct slice name;
    bool has_met;
    switch (entry->type) {
    case ENTRY_ADDR:
        if (keyed_entry_read(entry->value, &name, digest))
            return look_for(view, entry->needs_dmarc ? RING_KEYED_PROVEN : RING_KEYED,
                            ring_keyed(name, digest, keyed), seen, value);
        return look_for(view, entry->needs_dmarc ? RING_PROVEN : RING_ADDRESS, entry->value, seen,
                        value);
    case ENTRY_DOMAIN:
        has_met = look_for(view, RING_DOMAIN, entry->value, seen, value);
        if (entry->has_subdomains)
            has_met |= look_for(view, RING_ABOVE, entry->value, seen, value);
        return has_met;
    case ENTRY_CIDR:
        return look_for(view, RING_NETWORK, ring_network(entry->value, network), seen, value);
    case ENTRY_DKIM:
        return look_for(view, RING_SIGNER, entry->value, seen, value);
    case ENTRY_RE:
    case ENTRY_PHRASE:
    case ENTRY_URL:
    case ENTRY_KPHRASE:
    case ENTRY_PHONE:
    case ENTRY_WALLET:
    case ENTRY_OTHER:
        return false;
    }
    return false;
}

struct ring_count ring_count_seen(const struct ring_view *view, const unsigned char *seen)
{
    struct ring_count count = {0};
    memset(view->is_counted, 0, view->count);
    for (size_t i = 0; i < view->count; i++) {
        unsigned char *is_counted = &view->is_counted[view->senders[i]];
        if (seen[i] == 0)
            continue;
        count.messages++;
        if (!view->records[i].is_known)
            continue;
        count.known_messages++;
        count.known_senders += *is_counted == 0;
        *is_counted = 1;
    }
    return count;
}

struct ring_count ring_ask(const struct ring_view *view, const struct entry *entry,
                           unsigned char *seen, unsigned char value)
{
    memset(view->scratch, 0, view->count);
    if (!look(view, entry, view->scratch, value == 0 ? 1 : value))
        return (struct ring_count){0}; /* as most entries of a long list */
    for (size_t i = 0; seen != NULL && i < view->count; i++)
        if (view->scratch[i] > seen[i])
            seen[i] = view->scratch[i];
    return ring_count_seen(view, view->scratch);
}
