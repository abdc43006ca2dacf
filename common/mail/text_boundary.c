#include "common/mail/text_walk.h"

#include <string.h>

static size_t line_size(struct slice s)
{
    size_t end = slice_find_byte(s, '\n');
    return end == s.size ? end : end + 1;
}

/* The line at the front is "--boundary" or "--boundary--" and blanks: the mark of its end into
 * *is_end_out. */
static bool is_boundary_line(struct slice s, struct slice boundary)
{
    if (!slice_starts_with(s, "--") || !slice_equals(slice_part(s, 2, boundary.size), boundary))
        return false;
    struct slice line = slice_part(s, 0, line_size(s));
    struct slice after = slice_trim(slice_from(line, 2 + boundary.size));
    return after.size == 0 || slice_is(after, "--");
}

/* Offset of the next boundary line; rest.size when there is none. */
static size_t find_boundary(struct slice rest, struct slice boundary)
{
    size_t i = 0;
    while (i < rest.size && !is_boundary_line(slice_from(rest, i), boundary))
        i += line_size(slice_from(rest, i));
    return i;
}

static bool is_end_line(struct slice s, struct slice boundary)
{
    struct slice line = slice_part(s, 0, line_size(s));
    return slice_trim(slice_from(line, 2 + boundary.size)).size > 0;
}

/* Where no parameter names it: the first line that looks like a boundary and comes with a header
 * field after it. */
static bool guess_boundary(struct slice body, struct slice *boundary_out)
{
    for (int lines = 0; body.size > 0 && lines < 100; lines++) {
        struct slice line = slice_trim(slice_part(body, 0, line_size(body)));
        body = slice_from(body, line_size(body));
        bool has_field =
            slice_starts_with_nocase(body, "content-") || slice_starts_with_nocase(body, "mime-");
        if (slice_starts_with(line, "--") && line.size > 4 && has_field) {
            *boundary_out = slice_from(line, 2);
            return true;
        }
    }
    return false;
}

bool text_boundary_begin(struct slice body, struct slice boundary, struct text_boundary *walk_out)
{
    boundary = slice_trim(boundary);
    size_t begin = boundary.size == 0 ? body.size : find_boundary(body, boundary);
    if (begin == body.size) {
        if (!guess_boundary(body, &boundary))
            return false;
        begin = find_boundary(body, boundary);
    }
    *walk_out = (struct text_boundary){.rest = slice_from(body, begin), .boundary = boundary};
    return walk_out->rest.size > 0;
}

/* Parts that stand after an end line are read too: mail programs differ in what they show. What
 * follows the last end line is nobody's text. */
bool text_boundary_next(struct text_boundary *walk, struct slice *part_out)
{
    while (walk->rest.size > 0) {
        bool is_end = is_end_line(walk->rest, walk->boundary);
        struct slice inside = slice_from(walk->rest, line_size(walk->rest));
        size_t size = find_boundary(inside, walk->boundary);
        walk->rest = slice_from(inside, size);
        if (is_end)
            continue;
        /* The line end before a boundary belongs to the boundary. */
        if (walk->rest.size > 0 && size > 0 && inside.data[size - 1] == '\n')
            size -= size > 1 && inside.data[size - 2] == '\r' ? 2 : 1;
        *part_out = slice_part(inside, 0, size);
        return true;
    }
    return false;
}
