/*
 * sheet: what is sealed beside the bytes, as fields in a fixed order, each a length (4 bytes, least
 * first) and its bytes, after one byte of version. Who reads a sheet of a newer version with more
 * fields ignores them; missing ones are empty.
 */
#ifndef ZAGUAN_QUARANTINE_SHEET_H
#define ZAGUAN_QUARANTINE_SHEET_H

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "quarantine/item.h"

#define SHEET_LIMIT_BYTES ((size_t)1024 * 1024) /* one sheet, or the reasons of one item */
#define SHEET_DIGEST_BYTES 32                   /* SHA-256 of the bytes at arrival */

struct item_note {
    struct slice recipient, tag_field;
    const struct item_reason *reasons;
    size_t reason_count;
};

/* What the sealed texts are bound to: a note to its member, so that it opens for nobody else's
 * item. */
#define SHEET_BINDING SLICE_LITERAL("sheet")
#define NOTE_BINDING_BYTES 32
struct slice sheet_note_binding(int64_t member_id, char text[NOTE_BINDING_BYTES]);

int sheet_write(const struct item_sheet *sheet, const unsigned char digest[SHEET_DIGEST_BYTES],
                struct buffer *into, struct error *err) MUST_CHECK;
/* Slices into `text`. */
int sheet_read(struct slice text, struct item_sheet *sheet_out,
               unsigned char digest_out[SHEET_DIGEST_BYTES], struct error *err) MUST_CHECK;

int sheet_write_note(const struct item_note *note, struct buffer *into,
                     struct error *err) MUST_CHECK;
/* Slices into `text`, reasons in the arena. */
int sheet_read_note(struct slice text, struct arena *arena, struct item_note *note_out,
                    struct error *err) MUST_CHECK;

#endif
