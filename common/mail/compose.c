#include "common/mail/compose.h"

#include "common/base/clock.h"
#include <string.h>

#define LINE_BYTES 76         /* RFC 2045 section 6.7, RFC 2047 section 2 */
#define ENCODED_WORD_BYTES 39 /* of text: with charset and field name the line stays below 76 */
#define PLAIN_HEADER_BYTES 64 /* a longer text is folded into encoded words */
#define HEADER_TEXT_BYTES 2000

/* "=_" cannot stand in quoted-printable, so no text can end its part. */
#define BOUNDARY "=_zaguan_alternative"

struct writing {
    struct buffer *into;
    struct error *err;
};

static int check_header_text(const char *field, const char *text, struct error *err)
{
    if (strlen(text) > HEADER_TEXT_BYTES)
        return error_set(err, ERROR_LIMIT, "%s: longer than %d bytes", field, HEADER_TEXT_BYTES);
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return error_set(err, ERROR_INPUT, "%s: a control character at byte %zu", field,
                             (size_t)(c - text));
    return 0;
}

static bool is_plain(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            return false;
    return strlen(text) <= PLAIN_HEADER_BYTES && strstr(text, "=?") == NULL;
}

/* Where a piece of at most `most` bytes may end: not inside a character. */
static size_t whole_characters(const char *text, size_t most)
{
    size_t size = strnlen(text, most + 1);
    if (size <= most)
        return size;
    size = most;
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
        size--;
    return size > 0 ? size : most; /* no UTF-8: any place is as good */
}

static void append_base64(struct buffer *into, const char *text, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        unsigned bits = (unsigned)(unsigned char)text[i] << 16;
        if (i + 1 < size)
            bits |= (unsigned)(unsigned char)text[i + 1] << 8;
        if (i + 2 < size)
            bits |= (unsigned char)text[i + 2];
        buffer_append_byte(into, letters[bits >> 18]);
        buffer_append_byte(into, letters[bits >> 12 & 63]);
        buffer_append_byte(into, i + 1 < size ? letters[bits >> 6 & 63] : '=');
        buffer_append_byte(into, i + 2 < size ? letters[bits & 63] : '=');
    }
}

/* RFC 2047: words of whole characters, one a line. */
static void append_encoded(struct buffer *into, const char *text)
{
    for (bool is_first = true; *text != '\0'; is_first = false) {
        size_t size = whole_characters(text, ENCODED_WORD_BYTES);
        buffer_append_text(into, is_first ? "=?utf-8?B?" : "\r\n =?utf-8?B?");
        append_base64(into, text, size);
        buffer_append_text(into, "?=");
        text += size;
    }
}

static void append_phrase(struct buffer *into, const char *name)
{
    if (!is_plain(name)) {
        append_encoded(into, name);
        return;
    }
    buffer_append_byte(into, '"');
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            buffer_append_byte(into, '\\');
        buffer_append_byte(into, *c);
    }
    buffer_append_byte(into, '"');
}

static int write_text_field(struct writing *w, const char *field, const char *text)
{
    if (check_header_text(field, text, w->err) != 0)
        return -1;
    buffer_printf(w->into, "%s: ", field);
    if (is_plain(text))
        buffer_append_text(w->into, text);
    else
        append_encoded(w->into, text);
    buffer_append_text(w->into, "\r\n");
    return 0;
}

/* A value that stands as it is: addresses, message ids, tokens. NULL: no field. */
static int write_field(struct writing *w, const char *field, const char *before, const char *value,
                       const char *after)
{
    if (value == NULL)
        return 0;
    if (check_header_text(field, value, w->err) != 0)
        return -1;
    buffer_printf(w->into, "%s: %s%s%s\r\n", field, before, value, after);
    return 0;
}

static int check_address(const char *field, const char *address, struct error *err)
{
    if (address == NULL || address[0] == '\0' || strpbrk(address, " <>,;") != NULL)
        return error_set(err, ERROR_INPUT, "%s: not a bare address", field);
    return check_header_text(field, address, err);
}

static int write_from(struct writing *w, const struct compose_mail *mail)
{
    if (check_address("From", mail->from_address, w->err) != 0)
        return -1;
    if (mail->from_name == NULL || mail->from_name[0] == '\0')
        return write_field(w, "From", "", mail->from_address, "");
    if (check_header_text("From", mail->from_name, w->err) != 0)
        return -1;
    buffer_append_text(w->into, "From: ");
    append_phrase(w->into, mail->from_name);
    buffer_printf(w->into, "\r\n <%s>\r\n", mail->from_address);
    return 0;
}

static int write_header(struct writing *w, const struct compose_mail *mail)
{
    char date[CLOCK_DATE_BYTES];
    clock_write_mail_date(mail->date, date);
    if (check_address("To", mail->to_address, w->err) != 0 ||
        (mail->reply_to != NULL && check_address("Reply-To", mail->reply_to, w->err) != 0) ||
        write_field(w, "Date", "", date, "") != 0 || write_from(w, mail) != 0 ||
        write_field(w, "To", "", mail->to_address, "") != 0 ||
        write_field(w, "Reply-To", "", mail->reply_to, "") != 0 ||
        write_text_field(w, "Subject", mail->subject) != 0 ||
        write_field(w, "Message-ID", "<", mail->message_id, ">") != 0 ||
        write_field(w, "In-Reply-To", "", mail->in_reply_to, "") != 0 ||
        write_field(w, "References", "", mail->in_reply_to, "") != 0 ||
        write_field(w, "Auto-Submitted", "", mail->auto_submitted, "") != 0 ||
        write_field(w, "Content-Language", "", mail->language, "") != 0)
        return -1;
    /* Exchange does not read Auto-Submitted (RFC 3834): this keeps its absence notes away. */
    buffer_append_text(w->into, "X-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n");
    return 0;
}

/* Must this byte be written as =XX? `next`: the byte behind it, or LF at the end. */
static bool needs_code(char byte, char next, size_t column)
{
    unsigned char c = (unsigned char)byte;
    if (c == ' ' || c == '\t')
        return next == '\n'; /* a blank at the end of a line gets lost on the way */
    if (c < 0x20 || c > 0x7e || c == '=')
        return true;
    /* what SMTP and mbox would take for their own at the beginning of a line */
    return column == 0 && (c == '.' || c == 'F' || c == '-');
}

static void append_quoted_printable(struct buffer *into, struct slice text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i], next = i + 1 < text.size ? text.data[i + 1] : '\n';
        if (byte == '\n') {
            buffer_append_text(into, "\r\n");
            column = 0;
            continue;
        }
        size_t width = needs_code(byte, next, column) ? 3 : 1;
        if (column + width > LINE_BYTES - (next == '\n' ? 0u : 1u)) {
            buffer_append_text(into, "=\r\n");
            column = 0;
            width = needs_code(byte, next, column) ? 3 : 1;
        }
        if (width == 3)
            buffer_printf(into, "=%02X", (unsigned)(unsigned char)byte);
        else
            buffer_append_byte(into, byte);
        column += width;
    }
    if (column > 0)
        buffer_append_text(into, "\r\n");
}

static void write_part(struct buffer *into, const char *type, struct slice text)
{
    buffer_printf(into,
                  "Content-Type: %s; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  type);
    append_quoted_printable(into, text);
}

int compose_write(const struct compose_mail *mail, struct buffer *into, struct error *err)
{
    size_t before = into->size;
    struct writing w = {into, err};
    if (write_header(&w, mail) != 0) {
        into->size = before;
        into->data[before] = '\0';
        return -1;
    }
    if (slice_is_empty(mail->html)) {
        write_part(into, "text/plain", mail->text);
    } else {
        buffer_append_text(into, "Content-Type: multipart/alternative;\r\n boundary=\"" BOUNDARY
                                 "\"\r\n\r\n--" BOUNDARY "\r\n");
        write_part(into, "text/plain", mail->text);
        buffer_append_text(into, "--" BOUNDARY "\r\n");
        write_part(into, "text/html", mail->html);
        buffer_append_text(into, "--" BOUNDARY "--\r\n");
    }
    return buffer_check(into, "a mail of zaguan", err);
}
