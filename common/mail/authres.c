#include "common/mail/authres.h"

#include "common/mail/address.h"
#include "common/mail/header.h"

#include <string.h>

#define FOLD_COLUMN 76
#define MOST_VALUE_BYTES 255 /* longer text of a sender is cut */

/* --- writing ------------------------------------------------------------------------------------
 */

struct writer {
    struct buffer *into;
    size_t line_begin;
    size_t word_begin;
};

/* A word of the field: on this line if it fits, else on the next. */
static void begin_word(struct writer *writer)
{
    writer->word_begin = writer->into->size;
    buffer_append_byte(writer->into, ' ');
}

static void end_word(struct writer *writer)
{
    struct buffer *into = writer->into;
    if (into->has_overflowed || into->size - writer->line_begin <= FOLD_COLUMN)
        return;
    struct slice word = slice_from(buffer_slice(into), writer->word_begin + 1);
    if (buffer_append_byte(into, ' ') != 0) /* room for one byte more */
        return;
    memmove(into->data + writer->word_begin + 2, into->data + writer->word_begin + 1, word.size);
    memcpy(into->data + writer->word_begin, "\n\t", 2);
    writer->line_begin = writer->word_begin + 1;
}

static void add_word(struct writer *writer, const char *text)
{
    begin_word(writer);
    buffer_append_text(writer->into, text);
    end_word(writer);
}

/* A new result: "; method=result" on a line of its own. */
static void add_result(struct writer *writer, const char *method, const char *result)
{
    buffer_append_text(writer->into, ";\n\t");
    writer->line_begin = writer->into->size - 1;
    buffer_printf(writer->into, "%s=%s", method, result);
}

static bool is_token_sign(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._+", c) != NULL);
}

/* Section 2.2: a value of the message, as a token or as a quoted string of printable ASCII; what is
 * neither (line ends, controls, 8-bit) becomes "?". */
static void append_value(struct buffer *into, struct slice value)
{
    value = slice_part(value, 0, MOST_VALUE_BYTES);
    bool is_token = value.size > 0;
    for (size_t i = 0; i < value.size; i++)
        is_token = is_token && is_token_sign(value.data[i]);
    if (is_token) {
        buffer_append(into, value);
        return;
    }
    buffer_append_byte(into, '"');
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (c == '"' || c == '\\')
            buffer_append_byte(into, '\\');
        buffer_append_byte(into, c >= ' ' && c <= '~' ? c : '?');
    }
    buffer_append_byte(into, '"');
}

/* " name=value", unless there is no value. */
static void add_value(struct writer *writer, const char *name, struct slice value)
{
    if (value.size == 0)
        return;
    begin_word(writer);
    buffer_printf(writer->into, "%s=", name);
    append_value(writer->into, value);
    end_word(writer);
}

static void add_spf(struct writer *writer, const struct auth_answer *answer)
{
    add_result(writer, "spf", spf_result_name(answer->spf.result));
    if (answer->spf.result == SPF_TEMPERROR || answer->spf.result == SPF_PERMERROR)
        add_value(writer, "reason", slice_of(answer->spf.problem));
    add_value(writer, answer->is_null_sender ? "smtp.helo" : "smtp.mailfrom", answer->spf.domain);
}

static void add_signature(struct writer *writer, const struct dkim_signature *signature)
{
    add_result(writer, "dkim", dkim_result_name(signature->result));
    if (signature->result != DKIM_PASS)
        add_value(writer, "reason", slice_of(signature->reason));
    else if (signature->is_partial)
        add_word(writer, "(l= leaves a part of the body unsigned)");
    add_value(writer, "header.d", signature->domain);
    add_value(writer, "header.s", signature->selector);
    add_value(writer, "header.a", signature->algorithm);
    add_value(writer, "header.b", signature->signature_start);
}

static void add_dmarc(struct writer *writer, const struct auth_answer *answer)
{
    add_result(writer, "dmarc", dmarc_result_name(answer->dmarc.result));
    if (answer->dmarc.policy != NULL && answer->dmarc.policy[0] != '\0') {
        begin_word(writer);
        buffer_printf(writer->into, "(p=%s)", answer->dmarc.policy);
        end_word(writer);
    }
    add_value(writer, "header.from", answer->from_domain);
}

int authres_write(const struct auth_answer *answer, const char *authserv_id, struct buffer *into,
                  struct error *err)
{
    struct writer writer = {.into = into, .line_begin = into->size};
    append_value(into, slice_of(authserv_id));
    if (answer->has_client)
        add_spf(&writer, answer);
    if (answer->dkim.count == 0)
        add_result(&writer, "dkim", "none");
    for (size_t i = 0; i < answer->dkim.count; i++)
        add_signature(&writer, &answer->dkim.signatures[i]);
    add_dmarc(&writer, answer);
    return buffer_check(into, "Authentication-Results", err);
}

/* --- finding forged ones ------------------------------------------------------------------------
 */

#define MOST_READ_BYTES ((size_t)2048) /* an id that begins later is nobody's */
#define ARENA_BYTES ((size_t)64 * 1024)

/* The length of the comment at the front; comments nest and have quoted pairs. */
static size_t comment_length(struct slice text)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == '(')
            depth++;
        else if (text.data[i] == ')' && --depth == 0)
            return i + 1;
    }
    return text.size;
}

struct id_reader {
    char text[MOST_READ_BYTES];
    size_t size;
    bool has_gap; /* blanks or a comment since the last byte */
};

/* Blanks and comments around a dot belong to the name (obs-domain of RFC 5322); others end it.
 * False: the name ended. */
static bool add_to_id(struct id_reader *reader, char c)
{
    bool is_inside = reader->size == 0 || c == '.' || reader->text[reader->size - 1] == '.';
    if (reader->has_gap && !is_inside)
        return false;
    reader->has_gap = false;
    reader->text[reader->size++] = c;
    return true;
}

/* The first word of the value without comments, quotes, quoted pairs, folding and controls. */
static void read_id(struct slice value, struct id_reader *reader)
{
    bool is_quoted = false;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (c == '(' && !is_quoted) {
            i += comment_length(slice_from(value, i)) - 1;
            reader->has_gap = true;
        } else if (c == '"') {
            is_quoted = !is_quoted;
        } else if (c == ';' && !is_quoted) {
            return;
        } else if (strchr(" \t\r\n", c) != NULL && c != '\0') {
            reader->has_gap = true;
        } else if (c == '\\' && i + 1 < value.size && value.data[i + 1] != '\n') {
            if (!add_to_id(reader, value.data[++i]))
                return;
        } else if ((unsigned char)c >= ' ' && c != 0x7f) {
            if (!add_to_id(reader, c))
                return;
        }
    }
}

static struct slice without_final_dot(struct slice name)
{
    while (name.size > 0 && name.data[name.size - 1] == '.')
        name.size--;
    return name;
}

static bool is_same_id(struct slice found, struct slice ours)
{
    char found_ascii[256], ours_ascii[256];
    found = without_final_dot(found);
    ours = without_final_dot(ours);
    if (slice_equals_nocase(found, ours))
        return true;
    return address_domain_to_ascii(found, found_ascii, sizeof found_ascii, NULL) == 0 &&
           address_domain_to_ascii(ours, ours_ascii, sizeof ours_ascii, NULL) == 0 &&
           strcmp(found_ascii, ours_ascii) == 0;
}

static bool begins_with_id(struct slice value, struct slice ours)
{
    struct id_reader reader = {.size = 0};
    read_id(slice_part(value, 0, MOST_READ_BYTES), &reader);
    return is_same_id(slice_new(reader.text, reader.size), ours);
}

bool authres_is_ours(struct slice value, const char *authserv_id)
{
    struct slice ours = slice_of(authserv_id);
    value = slice_part(value, 0, MOST_READ_BYTES);
    if (ours.size == 0)
        return false;
    if (begins_with_id(value, ours))
        return true;
    if (slice_find(value, SLICE_LITERAL("=?")) == value.size)
        return false;
    /* No id is an encoded word, but some reader may decode it before he looks. */
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    return arena != NULL && begins_with_id(header_decode(value, arena), ours);
}
