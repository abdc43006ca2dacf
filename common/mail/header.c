#include "common/mail/header.h"

#include <string.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Offset behind the line end of the first line; s.size when the last line has none. */
static size_t line_size(struct slice s)
{
    size_t end = slice_find_byte(s, '\n');
    return end == s.size ? end : end + 1;
}

static struct slice without_line_end(struct slice s)
{
    if (s.size > 0 && s.data[s.size - 1] == '\n')
        s.size--;
    if (s.size > 0 && s.data[s.size - 1] == '\r')
        s.size--;
    return s;
}

/* Where the colon of a field stands; line.size when the line is no field: no colon, or blanks
 * inside the name. Bytes that RFC 5322 forbids in a name are taken, as mail programs do. */
static size_t find_colon(struct slice line)
{
    size_t colon = slice_find_byte(line, ':');
    size_t end = colon;
    if (colon == line.size || (line.size > 0 && is_blank(line.data[0])))
        return line.size;
    while (end > 0 && is_blank(line.data[end - 1]))
        end--;
    for (size_t i = 0; i < end; i++)
        if (is_blank(line.data[i]))
            return line.size;
    return colon;
}

/* The separator line of a mailbox file, which some programs leave in front of the header. */
static bool is_mailbox_line(struct slice line)
{
    return slice_starts_with(line, "From ") || slice_starts_with(line, ">From ");
}

/* Skipped: such a line, and a line of blanks that continues nothing. */
static bool is_no_field(struct slice line)
{
    return (is_mailbox_line(line) && find_colon(line) == line.size) ||
           (line.size > 0 && slice_trim(line).size == 0);
}

static size_t field_size(struct slice rest, size_t size)
{
    while (size < rest.size && is_blank(rest.data[size]))
        size += line_size(slice_from(rest, size));
    return size;
}

bool header_next(struct slice *rest, struct header_field *field_out)
{
    size_t size = line_size(*rest);
    struct slice line = without_line_end(slice_part(*rest, 0, size));
    while (is_no_field(line)) {
        *rest = slice_from(*rest, field_size(*rest, size));
        size = line_size(*rest);
        line = without_line_end(slice_part(*rest, 0, size));
    }
    if (line.size == 0) {
        *rest = slice_from(*rest, size);
        return false;
    }
    size_t colon = find_colon(line);
    if (colon == line.size)
        return false;
    size = field_size(*rest, size);
    struct slice whole = slice_part(*rest, 0, size);
    struct slice name = slice_part(whole, 0, colon);
    while (name.size > 0 && is_blank(name.data[name.size - 1]))
        name.size--;
    *field_out = (struct header_field){
        .name = name, .value = without_line_end(slice_from(whole, colon + 1)), .whole = whole};
    *rest = slice_from(*rest, size);
    return true;
}

bool header_find(struct slice message, const char *name, struct header_field *field_out)
{
    struct header_field field;
    while (header_next(&message, &field)) {
        if (slice_is_nocase(field.name, name)) {
            *field_out = field;
            return true;
        }
    }
    return false;
}

size_t header_count(struct slice message, const char *name)
{
    struct header_field field;
    size_t count = 0;
    while (header_next(&message, &field))
        count += slice_is_nocase(field.name, name);
    return count;
}

struct slice header_body(struct slice message)
{
    struct header_field field;
    while (header_next(&message, &field))
        continue;
    return message;
}

struct slice header_unfold(struct slice value, struct arena *arena)
{
    value = slice_trim(value);
    if (slice_find_byte(value, '\n') == value.size && slice_find_byte(value, '\r') == value.size)
        return value;
    char *line = arena_alloc(arena, value.size + 1);
    if (line == NULL)
        return (struct slice){NULL, 0};
    size_t size = 0;
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] != '\n' && value.data[i] != '\r')
            line[size++] = value.data[i];
    return (struct slice){line, size};
}
