#include "admin/command_held.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "quarantine/find.h"
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REASON_BYTES 500

static json_t *text(struct slice s)
{
    json_t *string = json_stringn(s.data == NULL ? "" : s.data, s.size);
    return string == NULL ? json_string("") : string; /* no valid UTF-8 */
}

static void set_time(json_t *object, const char *name, int64_t when)
{
    char stamp[CLOCK_DATE_BYTES];
    clock_write_timestamp(when, stamp);
    json_object_set_new(object, name, when == 0 ? json_null() : json_string(stamp));
}

/* Of whom it is; "" only if she was forgotten while we look. */
static struct slice address_of(struct held_desk *desk, const struct store_item *item)
{
    struct store_member member;
    int found = store_member_get(desk->store, item->member_id, desk->arena, &member, NULL);
    return found == 1 ? member.address : slice_of("");
}

static json_t *item_to_json(struct held_desk *desk, const struct store_item *item)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", json_integer(item->id));
    json_object_set_new(object, "member", text(address_of(desk, item)));
    json_object_set_new(object, "state", json_string(item_state_name(item->state)));
    json_object_set_new(object, "category", text(item->category));
    json_object_set_new(object, "severity", json_integer(item->severity));
    json_object_set_new(object, "size", json_integer(item->size_bytes));
    json_object_set_new(object, "arrivals", json_integer(item->arrivals));
    json_object_set_new(object, "digests", json_integer(item->digest_count));
    json_object_set_new(object, "kept", json_boolean(item->is_pinned));
    json_object_set_new(object, "tries", json_integer(item->try_count));
    set_time(object, "held_at", item->held_at);
    set_time(object, "expires_at", item->expires_at);
    set_time(object, "changed_at", item->changed_at);
    set_time(object, "undo_until", item->undo_until);
    return object;
}

static int print_json(json_t *value, struct error *err)
{
    int failed = json_dumpf(value, stdout, JSON_INDENT(2));
    json_decref(value);
    putchar('\n');
    return failed == 0 ? 0 : error_set(err, ERROR_SYSTEM, "standard output");
}

static void print_line(struct held_desk *desk, const struct store_item *item)
{
    char held_at[CLOCK_DATE_BYTES];
    clock_write_timestamp(item->held_at, held_at);
    printf("%6" PRId64 "  %s  %-9s  " SLICE_FORMAT "  %" PRId64 " bytes  " SLICE_FORMAT "%s\n",
           item->id, held_at, item_state_name(item->state), SLICE_ARGUMENTS(item->category),
           item->size_bytes, SLICE_ARGUMENTS(address_of(desk, item)),
           item->is_pinned ? "  kept" : "");
}

int held_list(struct held_desk *desk, struct error *err)
{
    struct store_item_filter filter = {.without_split = true};
    struct store_item *items;
    size_t count;
    if (desk->wanted->member != NULL) {
        struct store_member member;
        int found = store_member_find(desk->store, slice_of(desk->wanted->member), desk->arena,
                                      &member, err);
        if (found == 0)
            return error_set(err, ERROR_NOT_FOUND, "nobody of that address was invited");
        if (found < 0)
            return -1;
        filter.member_id = member.id;
    }
    if (store_item_list(desk->store, &filter, desk->arena, &items, &count, err) != 0)
        return -1;
    if (desk->wanted->is_json) {
        json_t *array = json_array();
        for (size_t i = 0; i < count; i++)
            json_array_append_new(array, item_to_json(desk, &items[i]));
        return print_json(array, err);
    }
    for (size_t i = 0; i < count; i++)
        print_line(desk, &items[i]);
    if (count == 0)
        puts("nothing is held");
    return 0;
}

/* A terminal must not obey what a stranger wrote; a file or pipe gets the exact bytes. */
static void print_bytes(struct slice bytes)
{
    bool is_terminal = isatty(STDOUT_FILENO) != 0;
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        bool is_control = (c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0x7f;
        putchar(is_terminal && is_control ? '?' : c);
    }
}

static void add_content(json_t *object, const struct found_item *found, struct slice bytes)
{
    size_t size = sodium_base64_encoded_len(bytes.size, sodium_base64_VARIANT_ORIGINAL);
    char *encoded = malloc(size);
    json_object_set_new(object, "envelope_sender", text(found->sheet.envelope_sender));
    json_object_set_new(object, "recipient", text(found->recipient));
    json_object_set_new(object, "from", text(found->sheet.from_address));
    json_object_set_new(object, "subject", text(found->sheet.subject));
    if (encoded != NULL) {
        sodium_bin2base64(encoded, size, (const unsigned char *)bytes.data, bytes.size,
                          sodium_base64_VARIANT_ORIGINAL);
        json_object_set_new(object, "message_base64", json_string(encoded));
    }
    free(encoded);
}

/* Read first, so that a look that shows nothing is not held against the admin; logged before shown.
 */
static int show_content(struct held_desk *desk, const struct store_item *item, struct error *err)
{
    static struct keys keys;
    struct found_item found;
    const char *reason = desk->wanted->break_glass;
    BUFFER_CLEANUP bytes = buffer_new(LIMIT_MESSAGE_BYTES);
    if (slice_trim(slice_of(reason)).size == 0 || strlen(reason) > REASON_BYTES ||
        strpbrk(reason, "\r\n") != NULL)
        return error_set(err, ERROR_USAGE, "--break-glass needs a reason of one line, for her log");
    if (keys_read(&desk->settings, KEYS_SECRET, &keys, err) != 0)
        return -1;
    int is_there = find_item(desk->store, &keys, item->id, desk->arena, &found, err);
    if (is_there == 0)
        return error_set(err, ERROR_NOT_FOUND, "item %" PRId64 " is gone", item->id);
    if (is_there < 0 || find_message(desk->store, &keys, item->message_id, &bytes, err) != 0 ||
        held_log(desk, item, "looked", reason, err) != 0)
        return -1;
    if (desk->wanted->is_json) {
        json_t *object = item_to_json(desk, item);
        add_content(object, &found, buffer_slice(&bytes));
        return print_json(object, err);
    }
    print_bytes(buffer_slice(&bytes));
    return 0;
}

static void print_item(struct held_desk *desk, const struct store_item *item)
{
    char held_at[CLOCK_DATE_BYTES], expires_at[CLOCK_DATE_BYTES];
    clock_write_timestamp(item->held_at, held_at);
    clock_write_timestamp(item->expires_at, expires_at);
    printf("item      %" PRId64 "\nmember    " SLICE_FORMAT
           "\nstate     %s\ncategory  " SLICE_FORMAT ", severity %d\nsize      %" PRId64
           " bytes\nheld      %s, expires %s%s\n"
           "arrivals  %" PRId64 "\ndigests   %" PRId64 "\n",
           item->id, SLICE_ARGUMENTS(address_of(desk, item)), item_state_name(item->state),
           SLICE_ARGUMENTS(item->category), item->severity, item->size_bytes, held_at, expires_at,
           item->is_pinned ? " (kept)" : "", item->arrivals, item->digest_count);
}

int held_show(struct held_desk *desk, int64_t item_id, struct error *err)
{
    struct store_item item;
    if (held_find_item(desk, item_id, &item, err) != 0)
        return -1;
    if (desk->wanted->break_glass != NULL)
        return show_content(desk, &item, err);
    if (desk->wanted->is_json)
        return print_json(item_to_json(desk, &item), err);
    print_item(desk, &item);
    return 0;
}
