#include "common/mail/content.h"
#include "common/mail/charset.h"
#include "common/mail/encoding.h"
#include "common/mail/header.h"

#include <stdio.h>
#include <string.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void read_word(struct slice *rest, char word[CONTENT_WORD_BYTES])
{
    size_t size = 0, i = 0;
    for (; i < rest->size && rest->data[i] != ';'; i++) {
        char byte = rest->data[i];
        if (is_blank(byte) || byte == '"' || size + 1 == CONTENT_WORD_BYTES)
            continue;
        /* "text/plain charset=x" without ";": the word ends at the blank */
        if (size > 0 && i > 0 && is_blank(rest->data[i - 1]) && byte != '/' &&
            word[size - 1] != '/')
            break;
        word[size++] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
    }
    word[size] = '\0';
    *rest = slice_from(*rest, i);
}

/* A quoted value at the front of *rest, its backslashes undone. */
static struct slice quoted_value(struct slice *rest, struct arena *arena)
{
    size_t size = 0, i = 1;
    char *text = NULL;
    while (i < rest->size && rest->data[i] != '"')
        i += rest->data[i] == '\\' && i + 1 < rest->size ? 2 : 1;
    i = i > rest->size ? rest->size : i;
    struct slice inside = slice_part(*rest, 1, i - 1);
    *rest = slice_from(*rest, i + 1);
    if (slice_find_byte(inside, '\\') == inside.size)
        return inside;
    text = arena_alloc(arena, inside.size + 1);
    for (size_t k = 0; text != NULL && k < inside.size; k++) {
        if (inside.data[k] == '\\' && k + 1 < inside.size)
            k++;
        text[size++] = inside.data[k];
    }
    return (struct slice){text, size};
}

/* Up to ";". A blank ends it too where the next parameter follows: "charset=utf-8 format=flowed" */
static struct slice bare_value(struct slice *rest)
{
    size_t end = slice_find_byte(*rest, ';');
    struct slice value = slice_part(*rest, 0, end);
    size_t blank = 0;
    while (blank < value.size && !is_blank(value.data[blank]))
        blank++;
    struct slice after = slice_trim(slice_from(value, blank));
    size_t equals = slice_find_byte(after, '=');
    bool is_next = equals > 0 && equals < after.size;
    for (size_t i = 0; is_next && i < equals; i++)
        is_next = !is_blank(after.data[i]) && after.data[i] != '?';
    if (is_next)
        end = blank;
    *rest = slice_from(*rest, end);
    return slice_trim(slice_part(value, 0, end));
}

static bool next_parameter(struct slice *rest, struct arena *arena,
                           struct content_parameter *parameter_out)
{
    size_t i = 0;
    while (i < rest->size && (is_blank(rest->data[i]) || rest->data[i] == ';'))
        i++;
    *rest = slice_from(*rest, i);
    if (rest->size == 0)
        return false;
    size_t end = 0;
    while (end < rest->size && rest->data[end] != '=' && rest->data[end] != ';')
        end++;
    parameter_out->name = slice_trim(slice_part(*rest, 0, end));
    parameter_out->value = (struct slice){NULL, 0};
    bool has_value = end < rest->size && rest->data[end] == '=';
    *rest = slice_from(*rest, has_value ? end + 1 : end);
    if (!has_value)
        return true;
    while (rest->size > 0 && is_blank(rest->data[0]))
        *rest = slice_from(*rest, 1);
    parameter_out->value =
        slice_starts_with(*rest, "\"") ? quoted_value(rest, arena) : bare_value(rest);
    return true;
}

void content_read(struct slice value, struct arena *arena, struct content *content_out)
{
    struct slice rest = header_unfold(value, arena);
    content_out->count = 0;
    read_word(&rest, content_out->word);
    while (content_out->count < CONTENT_PARAMETERS &&
           next_parameter(&rest, arena, &content_out->parameters[content_out->count]))
        content_out->count++;
}

struct slice content_raw(const struct content *content, const char *name)
{
    for (size_t i = 0; i < content->count; i++)
        if (slice_is_nocase(content->parameters[i].name, name))
            return content->parameters[i].value;
    return (struct slice){NULL, 0};
}

/* "utf-8'es'text": takes charset and language off. */
static struct slice take_charset(struct slice *value)
{
    size_t first = slice_find_byte(*value, '\'');
    size_t second = slice_find_byte(slice_from(*value, first + 1), '\'');
    if (first == value->size || first + 1 + second >= value->size)
        return (struct slice){NULL, 0};
    struct slice charset = slice_part(*value, 0, first);
    *value = slice_from(*value, first + 1 + second + 1);
    return charset;
}

static struct slice to_utf8(struct slice bytes, struct slice charset, struct arena *arena)
{
    struct charset_text text;
    if (bytes.size == 0 || !charset_decode(bytes, charset, 4 * bytes.size + 64, arena, &text))
        return (struct slice){NULL, 0};
    return text.text;
}

/* The n-th piece: "name*N" or, percent-encoded, "name*N*". */
static bool find_piece(const struct content *content, const char *name, size_t n,
                       struct slice *value_out, bool *is_encoded_out)
{
    char plain[80], encoded[80];
    snprintf(plain, sizeof plain, "%s*%zu", name, n);
    snprintf(encoded, sizeof encoded, "%s*%zu*", name, n);
    for (size_t i = 0; i < content->count; i++) {
        *is_encoded_out = slice_is_nocase(content->parameters[i].name, encoded);
        if (*is_encoded_out || slice_is_nocase(content->parameters[i].name, plain)) {
            *value_out = content->parameters[i].value;
            return true;
        }
    }
    return false;
}

static struct slice join_pieces(const struct content *content, const char *name,
                                struct arena *arena)
{
    struct slice value, charset = {NULL, 0};
    size_t room = 0, size = 0, n = 0;
    bool is_encoded;
    while (find_piece(content, name, n, &value, &is_encoded)) {
        room += value.size;
        n++;
    }
    char *text = n == 0 ? NULL : arena_alloc(arena, room + 1);
    for (size_t i = 0; text != NULL && i < n; i++) {
        find_piece(content, name, i, &value, &is_encoded);
        if (i == 0 && is_encoded)
            charset = take_charset(&value);
        if (is_encoded)
            size += encoding_from_percent(value, text + size, room - size);
        else if (value.size > 0)
            memcpy(text + size, value.data, value.size);
        size += is_encoded ? 0 : value.size;
    }
    return to_utf8((struct slice){text, size}, charset, arena);
}

struct slice content_extended(const struct content *content, const char *name, struct arena *arena)
{
    char whole[80];
    snprintf(whole, sizeof whole, "%s*", name);
    struct slice value = content_raw(content, whole);
    if (value.size == 0)
        return join_pieces(content, name, arena);
    struct slice charset = take_charset(&value);
    char *text = arena_alloc(arena, value.size + 1);
    if (text == NULL)
        return (struct slice){NULL, 0};
    size_t size = encoding_from_percent(value, text, value.size);
    return to_utf8((struct slice){text, size}, charset, arena);
}
