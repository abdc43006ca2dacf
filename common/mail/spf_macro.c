#include "common/mail/spf_macro.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#define DELIMITERS ".-+,/_="
#define PARTS_MOST 512 /* labels that are looked at from the right; no name has more than 127 */

struct macro {
    char letter;      /* lower case */
    bool is_escaped;  /* upper case in the record: URL-escaped */
    bool is_reversed; /* r */
    size_t keep;      /* right-most parts; 0: all */
    struct slice delimiters;
};

enum piece { PIECE_END, PIECE_BYTE, PIECE_MACRO, PIECE_WRONG };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What stands between "%{" and "}": letter, transformers, delimiters. */
static bool parse_macro(struct slice inside, enum spf_macro_use use, struct macro *macro_out)
{
    const char *letters = use == SPF_MACRO_EXPLAIN ? "slodiphvcrt" : "slodiphv";
    if (inside.size == 0 || !is_alpha(inside.data[0]))
        return false;
    struct macro macro = {.letter = (char)tolower(inside.data[0])};
    macro.is_escaped = macro.letter != inside.data[0];
    size_t at = 1;
    bool has_digits = at < inside.size && is_digit(inside.data[at]);
    for (; at < inside.size && is_digit(inside.data[at]); at++)
        if (macro.keep < PARTS_MOST)
            macro.keep = macro.keep * 10 + (size_t)(inside.data[at] - '0');
    if (at < inside.size && (inside.data[at] == 'r' || inside.data[at] == 'R')) {
        macro.is_reversed = true;
        at++;
    }
    macro.delimiters = slice_from(inside, at);
    for (; at < inside.size; at++)
        if (memchr(DELIMITERS, inside.data[at], strlen(DELIMITERS)) == NULL)
            return false;
    *macro_out = macro;
    return strchr(letters, macro.letter) != NULL && !(has_digits && macro.keep == 0);
}

/* Takes one macro-literal or macro-expand off the front. */
static enum piece next_piece(struct slice *rest, enum spf_macro_use use, char *byte_out,
                             struct macro *macro_out)
{
    if (rest->size == 0)
        return PIECE_END;
    char byte = rest->data[0];
    *byte_out = byte;
    if (byte != '%') {
        *rest = slice_from(*rest, 1);
        bool is_literal = byte > ' ' && byte < 0x7f;
        return is_literal || (byte == ' ' && use == SPF_MACRO_EXPLAIN) ? PIECE_BYTE : PIECE_WRONG;
    }
    if (rest->size < 2)
        return PIECE_WRONG;
    char kind = rest->data[1];
    if (kind == '{') {
        size_t end = slice_find_byte(*rest, '}');
        if (end == rest->size || !parse_macro(slice_part(*rest, 2, end - 2), use, macro_out))
            return PIECE_WRONG;
        *rest = slice_from(*rest, end + 1);
        return PIECE_MACRO;
    }
    *rest = slice_from(*rest, 2);
    *byte_out = kind == '_' ? ' ' : kind;
    macro_out->letter = '\0';
    return kind == '%' || kind == '_' || kind == '-' ? PIECE_MACRO : PIECE_WRONG;
}

bool spf_macro_is_valid(struct slice text, enum spf_macro_use use)
{
    struct macro macro;
    char byte = '\0';
    enum piece piece = PIECE_END;
    while ((piece = next_piece(&text, use, &byte, &macro)) != PIECE_END)
        if (piece == PIECE_WRONG)
            return false;
    return true;
}

bool spf_macro_uses(struct slice text, char letter)
{
    struct macro macro;
    char byte = '\0';
    enum piece piece = PIECE_END;
    while ((piece = next_piece(&text, SPF_MACRO_EXPLAIN, &byte, &macro)) != PIECE_END) {
        if (piece == PIECE_WRONG)
            return false;
        if (piece == PIECE_MACRO && macro.letter == letter)
            return true;
    }
    return false;
}

/* toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum ) */
static bool is_top_label(struct slice label)
{
    bool has_letter_or_dash = false;
    for (size_t i = 0; i < label.size; i++) {
        char c = label.data[i];
        if (!is_alpha(c) && !is_digit(c) && c != '-')
            return false;
        has_letter_or_dash = has_letter_or_dash || !is_digit(c);
    }
    return has_letter_or_dash && label.data[0] != '-' && label.data[label.size - 1] != '-';
}

/* domain-end = ( "." toplabel [ "." ] ) / macro-expand: whichever the string ends with. */
bool spf_domain_spec_is_valid(struct slice text)
{
    struct slice rest = text;
    struct macro macro;
    char byte = '\0';
    enum piece piece = PIECE_END, last = PIECE_END;
    size_t literal_begin = 0; /* where the last run of literals begins */
    while ((piece = next_piece(&rest, SPF_MACRO_DOMAIN, &byte, &macro)) != PIECE_END) {
        if (piece == PIECE_WRONG)
            return false;
        if (piece == PIECE_MACRO)
            literal_begin = text.size - rest.size;
        last = piece;
    }
    if (last != PIECE_BYTE)
        return last == PIECE_MACRO;
    struct slice end = slice_from(text, literal_begin);
    if (end.data[end.size - 1] == '.')
        end.size--;
    size_t dot = slice_find_last_byte(end, '.');
    return dot < end.size && is_top_label(slice_from(end, dot + 1));
}

bool spf_client_parse(struct slice text, struct spf_client *client_out)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char address[INET6_ADDRSTRLEN];
    struct spf_client client = {0};
    text = slice_trim(text);
    if (slice_starts_with_nocase(text, "IPv6:"))
        text = slice_from(text, strlen("IPv6:"));
    if (!slice_to_text(text, address, sizeof address))
        return false;
    if (inet_pton(AF_INET, address, &client.ipv4) != 1) {
        if (inet_pton(AF_INET6, address, &client.ipv6) != 1)
            return false;
        client.is_ipv6 = memcmp(&client.ipv6, mapped, sizeof mapped) != 0;
        if (!client.is_ipv6)
            memcpy(&client.ipv4, client.ipv6.s6_addr + sizeof mapped, sizeof client.ipv4);
    }
    *client_out = client;
    return true;
}

/* %{i}: IPv4 in dots, IPv6 as nibbles with dots; capitals, as other evaluators write them. */
static void write_dotted(const struct spf_client *client, struct buffer *into)
{
    if (!client->is_ipv6) {
        char text[INET_ADDRSTRLEN];
        buffer_append_text(into, inet_ntop(AF_INET, &client->ipv4, text, sizeof text));
        return;
    }
    for (size_t i = 0; i < sizeof client->ipv6.s6_addr; i++)
        buffer_printf(into, "%s%X.%X", i == 0 ? "" : ".", client->ipv6.s6_addr[i] >> 4,
                      client->ipv6.s6_addr[i] & 0xf);
}

/* %{c}: as people write it. */
static void write_readable(const struct spf_client *client, struct buffer *into)
{
    char text[INET6_ADDRSTRLEN];
    const void *address = client->is_ipv6 ? (const void *)&client->ipv6 : &client->ipv4;
    buffer_append_text(into,
                       inet_ntop(client->is_ipv6 ? AF_INET6 : AF_INET, address, text, sizeof text));
}

static void write_value(char letter, const struct spf_macro_values *v, struct buffer *into)
{
    switch (letter) {
    case 's':
        buffer_append(into, v->local);
        buffer_append_byte(into, '@');
        buffer_append(into, v->sender_domain);
        break;
    case 'l':
        buffer_append(into, v->local);
        break;
    case 'o':
        buffer_append(into, v->sender_domain);
        break;
    case 'd':
        buffer_append(into, v->domain);
        break;
    case 'i':
        write_dotted(v->client, into);
        break;
    case 'p':
        buffer_append(into, v->validated);
        break;
    case 'v':
        buffer_append_text(into, v->client->is_ipv6 ? "ip6" : "in-addr");
        break;
    case 'h':
        buffer_append(into, v->helo);
        break;
    case 'c':
        write_readable(v->client, into);
        break;
    case 'r':
        buffer_append(into, slice_is_empty(v->receiver) ? slice_of("unknown") : v->receiver);
        break;
    default: /* 't', the only letter left */
        buffer_printf(into, "%lld", (long long)v->now);
    }
}

/* Section 7.3: what is not unreserved in RFC 3986 is escaped. */
static void append_part(struct slice part, bool is_escaped, struct buffer *into)
{
    for (size_t i = 0; i < part.size; i++) {
        char c = part.data[i];
        bool is_unreserved =
            is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
        if (is_escaped && !is_unreserved)
            buffer_printf(into, "%%%02X", (unsigned char)c);
        else
            buffer_append_byte(into, c);
    }
}

/* Splits at any delimiter, reverses, keeps the right-most parts, joins with dots. */
static void write_transformed(struct slice value, const struct macro *macro, struct buffer *into)
{
    struct slice delimiters = macro->delimiters.size > 0 ? macro->delimiters : SLICE_LITERAL(".");
    struct slice parts[PARTS_MOST];
    size_t count = 0, begin = 0;
    for (size_t i = 0; i <= value.size; i++) {
        if (i < value.size && memchr(delimiters.data, value.data[i], delimiters.size) == NULL)
            continue;
        if (count == PARTS_MOST) { /* only the right end can become a name */
            memmove(parts, parts + 1, (PARTS_MOST - 1) * sizeof *parts);
            count--;
        }
        parts[count++] = slice_part(value, begin, i - begin);
        begin = i + 1;
    }
    size_t keep = macro->keep == 0 || macro->keep > count ? count : macro->keep;
    for (size_t i = count - keep; i < count; i++) {
        if (i > count - keep)
            buffer_append_byte(into, '.');
        append_part(parts[macro->is_reversed ? count - 1 - i : i], macro->is_escaped, into);
    }
}

static int expand_macro(const struct macro *macro, const struct spf_macro_values *values,
                        struct buffer *into)
{
    BUFFER_CLEANUP value = buffer_new(into->max_bytes);
    write_value(macro->letter, values, &value);
    if (value.has_overflowed)
        return -1;
    bool is_plain = macro->keep == 0 && !macro->is_reversed && macro->delimiters.size == 0;
    if (is_plain)
        append_part(buffer_slice(&value), macro->is_escaped, into);
    else
        write_transformed(buffer_slice(&value), macro, into);
    return into->has_overflowed ? -1 : 0;
}

int spf_macro_expand(struct slice text, enum spf_macro_use use,
                     const struct spf_macro_values *values, struct buffer *into)
{
    struct macro macro = {0};
    char byte = '\0';
    enum piece piece = PIECE_END;
    while ((piece = next_piece(&text, use, &byte, &macro)) != PIECE_END) {
        if (piece == PIECE_WRONG)
            return -1;
        if (piece == PIECE_MACRO && macro.letter != '\0') {
            if (expand_macro(&macro, values, into) != 0)
                return -1;
        } else if (piece == PIECE_MACRO && byte == '-') {
            buffer_append_text(into, "%20");
        } else {
            buffer_append_byte(into, byte);
        }
    }
    return into->has_overflowed ? -1 : 0;
}
