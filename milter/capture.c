#include "milter/capture.h"

struct capture capture_new(size_t max_bytes)
{
    return (struct capture){.bytes = buffer_new(max_bytes), .is_whole = true};
}

void capture_free(struct capture *capture)
{
    buffer_free(&capture->bytes);
}

void capture_begin(struct capture *capture, bool is_keeping)
{
    if (capture->bytes.capacity_bytes > CAPTURE_KEPT_BYTES)
        buffer_free(&capture->bytes);
    buffer_clear(&capture->bytes);
    capture->is_keeping = is_keeping;
    capture->is_whole = true;
}

/* Once a byte is missing the rest is of no use: it cannot be held, and half is not matched. */
static void give_up_when_full(struct capture *capture)
{
    if (!capture->bytes.has_overflowed)
        return;
    capture->is_whole = false;
    buffer_free(&capture->bytes);
}

/* The protocol separates the lines of a folded field by LF. */
static void append_with_crlf(struct buffer *bytes, struct slice value)
{
    while (value.size > 0) {
        size_t line_end = slice_find_byte(value, '\n');
        buffer_append(bytes, slice_part(value, 0, line_end));
        if (line_end == value.size)
            return;
        bool has_cr = line_end > 0 && value.data[line_end - 1] == '\r';
        buffer_append_text(bytes, has_cr ? "\n" : "\r\n");
        value = slice_from(value, line_end + 1);
    }
}

struct slice capture_field(struct capture *capture, struct slice name, struct slice value,
                           bool has_leading_space)
{
    struct buffer *bytes = &capture->bytes;
    if (!capture->is_keeping || !capture->is_whole)
        buffer_clear(bytes);
    size_t begin = bytes->size;
    buffer_append(bytes, name);
    buffer_append_text(bytes, has_leading_space ? ":" : ": ");
    append_with_crlf(bytes, value);
    size_t size = bytes->size - begin;
    buffer_append_text(bytes, "\r\n");
    give_up_when_full(capture);
    return slice_part(buffer_slice(bytes), begin, size);
}

void capture_end_of_header(struct capture *capture)
{
    if (!capture->is_keeping || !capture->is_whole)
        return;
    buffer_append_text(&capture->bytes, "\r\n");
    give_up_when_full(capture);
}

void capture_body(struct capture *capture, struct slice piece)
{
    if (!capture->is_keeping || !capture->is_whole)
        return;
    buffer_append(&capture->bytes, piece);
    give_up_when_full(capture);
}

struct slice capture_message(const struct capture *capture)
{
    if (!capture->is_keeping || !capture->is_whole)
        return slice_new(NULL, 0);
    return buffer_slice(&capture->bytes);
}
