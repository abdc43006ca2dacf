#include "lists/format/cursor.h"

#include "common/base/limits.h"
#include "lists/format/letter.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

struct place cursor_place(const struct cursor *c, size_t at)
{
    int column = 1;
    for (size_t i = 0; i < at && i < c->line.size; i++)
        column += ((unsigned char)c->line.data[i] & 0xC0) != 0x80;
    return (struct place){c->number, column};
}

int cursor_error(const struct cursor *c, size_t at, struct error *err, const char *format, ...)
{
    char text[sizeof err->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct place place = cursor_place(c, at);
    return error_set(err, ERROR_INPUT, "%s:%d:%d: %s", c->name, place.line, place.column, text);
}

static bool is_bidi(int32_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* Nothing a reviewer of a diff would see. The joiners stay: scripts need them. */
static bool is_invisible(int32_t c)
{
    return c == 0x00AD || c == 0x180E || c == 0x200B || (c >= 0x2060 && c <= 0x2064) ||
           c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

static const char *character_fault(int32_t c)
{
    if (c < 0)
        return "not UTF-8";
    if (c == '\r')
        return "a carriage return; lines end with LF alone";
    if (c == '\t')
        return "a tab; write spaces";
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029)
        return "a control character";
    if (is_bidi(c))
        return "a character that changes the direction of text";
    if (is_invisible(c))
        return "an invisible character";
    return NULL;
}

static int check_characters(const struct cursor *c, bool *is_ascii_out, struct error *err)
{
    *is_ascii_out = true;
    for (size_t at = 0; at < c->line.size;) {
        size_t begin = at;
        int32_t character = letter_next(c->line, &at);
        const char *fault = character_fault(character);
        if (fault != NULL && character > 0)
            return cursor_error(c, begin, err, "%s (U+%04X)", fault, (unsigned)character);
        if (fault != NULL)
            return cursor_error(c, begin, err, "%s", fault);
        if (character >= 0x80)
            *is_ascii_out = false;
    }
    return 0;
}

/* The offset in bytes behind `units` of UTF-16. */
static size_t byte_offset(struct slice line, int32_t units)
{
    size_t at = 0;
    while (at < line.size && units > 0)
        units -= letter_next(line, &at) > 0xFFFF ? 2 : 1;
    return at;
}

static int check_nfc(const struct cursor *c, struct error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[LIMIT_LIST_LINE_BYTES + 1];
    int32_t size = 0;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    u_strFromUTF8(wide, LIMIT_LIST_LINE_BYTES + 1, &size, c->line.data, (int32_t)c->line.size,
                  &status);
    UBool is_normal = unorm2_isNormalized(nfc, wide, size, &status);
    if (U_FAILURE(status))
        return cursor_error(c, 0, err, "cannot be read as Unicode: %s", u_errorName(status));
    if (is_normal)
        return 0;
    int32_t good = unorm2_spanQuickCheckYes(nfc, wide, size, &status);
    return cursor_error(c, byte_offset(c->line, good), err,
                        "not in Unicode's composed form (NFC); write the letter with its accent "
                        "as one character");
}

int cursor_check_line(const struct cursor *c, struct error *err)
{
    if (c->line.size > LIMIT_LIST_LINE_BYTES)
        return cursor_error(c, LIMIT_LIST_LINE_BYTES, err, "the line is longer than %d bytes",
                            LIMIT_LIST_LINE_BYTES);
    bool is_ascii;
    if (check_characters(c, &is_ascii, err) != 0)
        return -1;
    return is_ascii ? 0 : check_nfc(c, err);
}

static char byte_at(const struct cursor *c, size_t at)
{
    return at < c->line.size ? c->line.data[at] : '\0';
}

/* "#" at the line's start or after two spaces: one space may stand before a keyed value. */
static bool is_comment(const struct cursor *c, size_t at)
{
    if (byte_at(c, at) != '#')
        return false;
    return at == 0 || (at >= 2 && byte_at(c, at - 1) == ' ' && byte_at(c, at - 2) == ' ');
}

bool cursor_at_end(struct cursor *c)
{
    while (byte_at(c, c->at) == ' ')
        c->at++;
    return c->at >= c->line.size || is_comment(c, c->at);
}

struct slice cursor_take_comment(struct cursor *c)
{
    struct slice comment = {NULL, 0};
    if (cursor_at_end(c) && c->at < c->line.size)
        comment = slice_trim(slice_from(c->line, c->at));
    c->at = c->line.size;
    return comment;
}

struct slice cursor_take_word(struct cursor *c)
{
    size_t begin = c->at;
    while (c->at < c->line.size && byte_at(c, c->at) != ' ')
        c->at++;
    return slice_part(c->line, begin, c->at - begin);
}

struct slice cursor_take_rest(struct cursor *c)
{
    size_t begin = c->at;
    while (c->at < c->line.size && !is_comment(c, c->at))
        c->at++;
    return slice_trim(slice_part(c->line, begin, c->at - begin));
}

int cursor_take_quoted(struct cursor *c, struct slice *written_out, struct error *err)
{
    size_t begin = c->at;
    if (byte_at(c, begin) != '"')
        return cursor_error(c, begin, err, "a text in double quotes is expected here");
    for (size_t at = begin + 1; at < c->line.size; at++) {
        if (byte_at(c, at) == '\\') {
            at++;
        } else if (byte_at(c, at) == '"') {
            c->at = at + 1;
            if (c->at < c->line.size && byte_at(c, c->at) != ' ')
                return cursor_error(c, c->at, err,
                                    "a space is missing behind the closing quote; a quote inside "
                                    "the text is written \\\"");
            *written_out = slice_part(c->line, begin, c->at - begin);
            return 0;
        }
    }
    return cursor_error(c, begin, err, "the closing quote is missing");
}

bool quoted_read(struct slice written, bool is_pattern, struct arena *arena, struct slice *text_out,
                 size_t *wrong_at_out)
{
    *text_out = (struct slice){NULL, 0};
    char *text = arena_alloc(arena, written.size);
    if (text == NULL)
        return true;
    size_t size = 0;
    for (size_t at = 1; at + 1 < written.size; at++) {
        char byte = written.data[at];
        if (byte == '\\') {
            char next = written.data[at + 1];
            if (!is_pattern && next != '"' && next != '\\') {
                *wrong_at_out = at;
                return false;
            }
            if (is_pattern && next != '"')
                text[size++] = '\\';
            byte = next;
            at++;
        }
        text[size++] = byte;
    }
    *text_out = slice_new(text, size);
    return true;
}

struct slice quoted_write(struct slice text, bool is_pattern, struct arena *arena)
{
    char *written = arena_alloc(arena, text.size * 2 + 2);
    if (written == NULL)
        return (struct slice){NULL, 0};
    size_t size = 0;
    written[size++] = '"';
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        /* In a pattern an escaped character is a pair already, also \" itself. */
        if (is_pattern && byte == '\\' && i + 1 < text.size) {
            written[size++] = '\\';
            written[size++] = text.data[++i];
            continue;
        }
        if (byte == '"' || (byte == '\\' && !is_pattern))
            written[size++] = '\\';
        written[size++] = byte;
    }
    written[size++] = '"';
    return slice_new(written, size);
}
