#include "quarantine/sheet.h"

#include <stdio.h>
#include <string.h>

#define VERSION 1
#define MOST_REASONS 1000

static void write_number(struct buffer *into, size_t number)
{
    const char bytes[4] = {(char)(number & 0xff), (char)((number >> 8) & 0xff),
                           (char)((number >> 16) & 0xff), (char)((number >> 24) & 0xff)};
    buffer_append(into, slice_new(bytes, sizeof bytes));
}

static void write_field(struct buffer *into, struct slice field)
{
    write_number(into, field.size);
    buffer_append(into, field);
}

static bool take_number(struct slice *rest, size_t *number_out)
{
    if (rest->size < 4)
        return false;
    const unsigned char *b = (const unsigned char *)rest->data;
    *number_out = (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
    *rest = slice_from(*rest, 4);
    return true;
}

static bool take_field(struct slice *rest, struct slice *field_out)
{
    size_t size;
    if (rest->size == 0) {
        *field_out = (struct slice){NULL, 0};
        return true;
    }
    if (!take_number(rest, &size) || size > rest->size)
        return false;
    *field_out = slice_part(*rest, 0, size);
    *rest = slice_from(*rest, size);
    return true;
}

static bool take_version(struct slice *rest)
{
    if (rest->size == 0 || rest->data[0] < VERSION)
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

/* The order of the fields is the format. */
static const size_t sheet_fields[] = {
    offsetof(struct item_sheet, envelope_sender),
    offsetof(struct item_sheet, from_display),
    offsetof(struct item_sheet, from_address),
    offsetof(struct item_sheet, subject),
    offsetof(struct item_sheet, client_ip),
    offsetof(struct item_sheet, client_name),
    offsetof(struct item_sheet, helo),
    offsetof(struct item_sheet, queue_id),
    offsetof(struct item_sheet, auth_results),
    offsetof(struct item_sheet, proven_domain),
    offsetof(struct item_sheet, signed_by),
};
#define SHEET_FIELDS (sizeof sheet_fields / sizeof sheet_fields[0])

static const size_t reason_fields[] = {
    offsetof(struct item_reason, rule),      offsetof(struct item_reason, category),
    offsetof(struct item_reason, list),      offsetof(struct item_reason, list_id),
    offsetof(struct item_reason, publisher), offsetof(struct item_reason, entry),
    offsetof(struct item_reason, where),
};
#define REASON_FIELDS (sizeof reason_fields / sizeof reason_fields[0])

static struct slice field_at(const void *row, size_t offset)
{
    struct slice field;
    memcpy(&field, (const char *)row + offset, sizeof field);
    return field;
}

struct slice sheet_note_binding(int64_t member_id, char text[NOTE_BINDING_BYTES])
{
    snprintf(text, NOTE_BINDING_BYTES, "note %lld", (long long)member_id);
    return slice_of(text);
}

int sheet_write(const struct item_sheet *sheet, const unsigned char digest[SHEET_DIGEST_BYTES],
                struct buffer *into, struct error *err)
{
    buffer_append_byte(into, VERSION);
    write_field(into, slice_new((const char *)digest, SHEET_DIGEST_BYTES));
    write_field(into, sheet->is_smtputf8 ? SLICE_LITERAL("8") : slice_of(NULL));
    for (size_t i = 0; i < SHEET_FIELDS; i++)
        write_field(into, field_at(sheet, sheet_fields[i]));
    return buffer_check(into, "sheet", err);
}

int sheet_read(struct slice text, struct item_sheet *sheet_out,
               unsigned char digest_out[SHEET_DIGEST_BYTES], struct error *err)
{
    struct item_sheet sheet = {0};
    struct slice digest, is_smtputf8;
    bool is_whole = take_version(&text) && take_field(&text, &digest) &&
                    digest.size == SHEET_DIGEST_BYTES && take_field(&text, &is_smtputf8);
    for (size_t i = 0; is_whole && i < SHEET_FIELDS; i++) {
        struct slice field;
        is_whole = take_field(&text, &field);
        if (is_whole)
            memcpy((char *)&sheet + sheet_fields[i], &field, sizeof field);
    }
    if (!is_whole)
        return error_set(err, ERROR_INPUT, "sheet: cut short");
    sheet.is_smtputf8 = is_smtputf8.size > 0;
    memcpy(digest_out, digest.data, SHEET_DIGEST_BYTES);
    *sheet_out = sheet;
    return 0;
}

int sheet_write_note(const struct item_note *note, struct buffer *into, struct error *err)
{
    buffer_append_byte(into, VERSION);
    write_field(into, note->recipient);
    write_field(into, note->tag_field);
    write_number(into, note->reason_count);
    for (size_t i = 0; i < note->reason_count; i++) {
        write_number(into, (size_t)note->reasons[i].severity);
        for (size_t j = 0; j < REASON_FIELDS; j++)
            write_field(into, field_at(&note->reasons[i], reason_fields[j]));
    }
    return buffer_check(into, "reasons", err);
}

static bool take_reason(struct slice *rest, struct item_reason *reason)
{
    size_t severity;
    if (!take_number(rest, &severity))
        return false;
    reason->severity = (int)severity;
    for (size_t i = 0; i < REASON_FIELDS; i++) {
        struct slice field;
        if (!take_field(rest, &field))
            return false;
        memcpy((char *)reason + reason_fields[i], &field, sizeof field);
    }
    return true;
}

int sheet_read_note(struct slice text, struct arena *arena, struct item_note *note_out,
                    struct error *err)
{
    struct item_note note = {0};
    size_t count;
    if (!take_version(&text) || !take_field(&text, &note.recipient) ||
        !take_field(&text, &note.tag_field) || !take_number(&text, &count) || count > MOST_REASONS)
        return error_set(err, ERROR_INPUT, "reasons: cut short");
    struct item_reason *reasons = arena_alloc_array(arena, count, sizeof *reasons);
    if (reasons == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < count; i++)
        if (!take_reason(&text, &reasons[i]))
            return error_set(err, ERROR_INPUT, "reasons: cut short at %zu", i + 1);
    note.reasons = reasons;
    note.reason_count = count;
    *note_out = note;
    return 0;
}
