#include "admin/vcard.h"

#include "common/base/buffer.h"
#include "common/mail/encoding.h"

#define LINE_BYTES ((size_t)64 * 1024) /* pictures have longer ones: they are cut, and no EMAIL */

static struct slice without_return(struct slice line)
{
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

/* Where the name and its parameters end: a colon outside of quotes. */
static size_t find_colon(struct slice line)
{
    bool is_quoted = false;
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] == '"')
            is_quoted = !is_quoted;
        else if (line.data[i] == ':' && !is_quoted)
            return i;
    }
    return line.size;
}

static bool is_quoted_printable(struct slice head)
{
    return slice_find_nocase(head, slice_of("quoted-printable")) < head.size;
}

/* One logical line: folds (a line that begins with a blank) and soft ends of quoted-printable. */
static bool next_line(struct slice *rest, struct buffer *line)
{
    struct slice piece;
    buffer_clear(line);
    if (!slice_next(rest, '\n', &piece))
        return false;
    buffer_append(line, without_return(piece));
    for (;;) {
        struct slice so_far = buffer_slice(line);
        bool is_soft = so_far.size > 0 && so_far.data[so_far.size - 1] == '=' &&
                       is_quoted_printable(slice_part(so_far, 0, find_colon(so_far)));
        bool is_fold = rest->size > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t');
        if ((!is_soft && !is_fold) || !slice_next(rest, '\n', &piece))
            return true;
        if (is_soft)
            line->size--;
        buffer_append(line, slice_from(without_return(piece), is_fold ? 1 : 0));
    }
}

static bool is_email(struct slice head)
{
    struct slice name = slice_part(head, 0, slice_find_byte(head, ';'));
    size_t dot = slice_find_last_byte(name, '.');
    return slice_is_nocase(dot < name.size ? slice_from(name, dot + 1) : name, "EMAIL");
}

static int take_value(struct slice head, struct slice value, struct arena *arena,
                      struct slice *email_out, struct error *err)
{
    char *copy = arena_alloc(arena, value.size + 1);
    size_t size = 0;
    if (copy == NULL)
        return arena_error(arena, err);
    if (is_quoted_printable(head)) {
        size = encoding_from_quoted_printable(value, copy, value.size, NULL);
    } else {
        for (size_t i = 0; i < value.size; i++) /* RFC 6350 section 3.4: \, and \; */
            if (value.data[i] != '\\' || i + 1 == value.size)
                copy[size++] = value.data[i];
            else
                copy[size++] = value.data[++i];
    }
    struct slice email = slice_trim(slice_new(copy, size));
    *email_out = slice_starts_with_nocase(email, "mailto:") ? slice_from(email, 7) : email;
    return 1;
}

int vcard_next_email(struct slice *rest, struct arena *arena, struct slice *email_out,
                     struct error *err)
{
    BUFFER_CLEANUP line = buffer_new(LINE_BYTES);
    while (next_line(rest, &line)) {
        struct slice whole = buffer_slice(&line);
        size_t colon = find_colon(whole);
        struct slice head = slice_part(whole, 0, colon);
        if (colon < whole.size && is_email(head))
            return take_value(head, slice_from(whole, colon + 1), arena, email_out, err);
    }
    return 0;
}

bool vcard_is_one(struct slice text)
{
    return slice_find_nocase(text, slice_of("BEGIN:VCARD")) < text.size;
}
