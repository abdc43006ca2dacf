#include "common/mail/address.h"
#include "common/base/limits.h"
#include "common/mail/charset.h"

#include <string.h>
#include <unicode/uidna.h>

/* Quoted local part at the front (RFC 5321 section 4.1.2): size with quotes, 0 when it does not
 * end. */
static size_t quoted_size(struct slice s)
{
    for (size_t i = 1; i < s.size; i++) {
        if (s.data[i] == '\\')
            i++;
        else if (s.data[i] == '"')
            return i + 1;
    }
    return 0;
}

static struct slice unquote(struct slice quoted, struct arena *arena)
{
    struct slice inside = slice_part(quoted, 1, quoted.size - 2);
    if (slice_find_byte(inside, '\\') == inside.size)
        return inside;
    char *text = arena_alloc(arena, inside.size + 1);
    size_t size = 0;
    for (size_t i = 0; text != NULL && i < inside.size; i++) {
        if (inside.data[i] == '\\' && i + 1 < inside.size)
            i++;
        text[size++] = inside.data[i];
    }
    return (struct slice){text, size};
}

static bool has_forbidden_byte(struct slice s)
{
    for (size_t i = 0; i < s.size; i++)
        if ((unsigned char)s.data[i] <= ' ' || s.data[i] == 0x7f || strchr("<>()\",;\\", s.data[i]))
            return true;
    return false;
}

/* RFC 5321 appendix C: "@one,@two:" before the mailbox means nothing any more. */
static struct slice without_route(struct slice path)
{
    if (!slice_starts_with(path, "@"))
        return path;
    size_t colon = slice_find_byte(path, ':');
    return colon == path.size ? path : slice_from(path, colon + 1);
}

static int split_mailbox(struct slice path, struct arena *arena, struct address *address_out,
                         struct error *err)
{
    bool is_quoted = slice_starts_with(path, "\"");
    size_t at = is_quoted ? quoted_size(path) : slice_find_last_byte(path, '@');
    if (is_quoted && (at == 0 || (at < path.size && path.data[at] != '@')))
        return error_set(err, ERROR_INPUT, "address: quoted local part does not end before @");
    struct slice local = slice_part(path, 0, at), domain = slice_from(path, at + 1);
    if (at < path.size && domain.size == 0)
        return error_set(err, ERROR_INPUT, "address: no domain after @");
    if (local.size == 0)
        return error_set(err, ERROR_INPUT, "address: no local part before @");
    if (!is_quoted && (has_forbidden_byte(local) || slice_find_byte(local, '@') < local.size))
        return error_set(err, ERROR_INPUT, "address: character that needs quotes in local part");
    if (has_forbidden_byte(domain) || slice_find_byte(domain, '@') < domain.size)
        return error_set(err, ERROR_INPUT, "address: character that no domain holds");
    *address_out = (struct address){is_quoted ? unquote(local, arena) : local, domain};
    return 0;
}

int address_parse_path(struct slice path, struct arena *arena, struct address *address_out,
                       struct error *err)
{
    path = slice_trim(path);
    if (path.size > LIMIT_ADDRESS_BYTES)
        return error_set(err, ERROR_INPUT, "address: longer than %zu bytes",
                         (size_t)LIMIT_ADDRESS_BYTES);
    if (slice_starts_with(path, "<")) {
        if (path.size < 2 || path.data[path.size - 1] != '>')
            return error_set(err, ERROR_INPUT, "address: < without >");
        path = slice_trim(slice_part(path, 1, path.size - 2));
        if (path.size == 0) {
            *address_out = (struct address){{NULL, 0}, {NULL, 0}};
            return 0;
        }
    }
    path = without_route(path);
    if (path.size == 0)
        return error_set(err, ERROR_INPUT, "address: empty");
    if (slice_find_byte(path, '\0') < path.size)
        return error_set(err, ERROR_INPUT, "address: holds a zero byte");
    return split_mailbox(path, arena, address_out, err);
}

/* Letters, digits, hyphen and underscore (real zones have it); labels of 1 to 63, 253 in all. */
static bool is_ascii_domain(struct slice domain)
{
    struct slice label;
    if (domain.size == 0 || domain.size > 253)
        return false;
    while (slice_next(&domain, '.', &label)) {
        if (label.size == 0 || label.size > 63)
            return false;
        for (size_t i = 0; i < label.size; i++) {
            char c = label.data[i];
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_'))
                return false;
        }
    }
    return true;
}

static void to_lower(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] = (char)(text[i] - 'A' + 'a');
}

static int idna_to_ascii(struct slice domain, char *text, size_t size, struct error *err)
{
    char name[256];
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UIDNA *idna = domain.size > LIMIT_DOMAIN_BYTES * 2
                      ? NULL
                      : uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
    if (idna == NULL || U_FAILURE(status))
        return error_set(err, ERROR_INPUT, "domain: too long");
    int32_t written = uidna_nameToASCII_UTF8(idna, domain.data, (int32_t)domain.size, name,
                                             sizeof name, &info, &status);
    uidna_close(idna);
    struct slice ascii = {name, written < 0 ? 0 : (size_t)written};
    if (U_FAILURE(status) || info.errors != 0 || !is_ascii_domain(ascii))
        return error_set(err, ERROR_INPUT, "domain: no valid internationalized name");
    if (!slice_to_text(ascii, text, size))
        return error_set(err, ERROR_INPUT, "domain: too long");
    to_lower(text, ascii.size);
    return 0;
}

int address_domain_to_ascii(struct slice domain, char *text, size_t size, struct error *err)
{
    domain = slice_trim(domain);
    if (domain.size > 1 && domain.data[domain.size - 1] == '.')
        domain.size--;
    if (!charset_is_ascii(domain))
        return idna_to_ascii(domain, text, size, err);
    if (!is_ascii_domain(domain))
        return error_set(err, ERROR_INPUT, "domain: not a domain name");
    char name[256];
    if (!slice_to_text(domain, name, sizeof name) || domain.size >= size)
        return error_set(err, ERROR_INPUT, "domain: too long");
    to_lower(name, domain.size);
    memcpy(text, name, domain.size + 1);
    return 0;
}

/* Postfix: the tag begins at the first delimiter that is not the first character. */
static struct slice without_tag(struct slice local, const char *delimiter)
{
    for (size_t i = 1; i < local.size; i++)
        if (local.data[i] != '\0' && strchr(delimiter, local.data[i]) != NULL)
            return slice_part(local, 0, i);
    return local;
}

/* RFC 5322 dot-atom; anything beyond ASCII is an atom too (RFC 6532). */
static bool is_dot_atom(struct slice local)
{
    struct slice atom;
    if (local.size == 0)
        return false;
    while (slice_next(&local, '.', &atom)) {
        if (atom.size == 0)
            return false;
        for (size_t i = 0; i < atom.size; i++)
            if ((unsigned char)atom.data[i] <= ' ' || atom.data[i] == 0x7f ||
                strchr("()<>[]:;@\\,\"", atom.data[i]) != NULL)
                return false;
    }
    return true;
}

static size_t write_quoted(struct slice local, char *into)
{
    size_t size = 0;
    into[size++] = '"';
    for (size_t i = 0; i < local.size; i++) {
        if (local.data[i] == '"' || local.data[i] == '\\')
            into[size++] = '\\';
        into[size++] = local.data[i];
    }
    into[size++] = '"';
    return size;
}

struct slice address_canonical(const struct address *address, const char *delimiter,
                               struct arena *arena)
{
    struct slice local = without_tag(address->local, delimiter);
    char ascii[LIMIT_DOMAIN_BYTES + 1];
    struct slice domain = address->domain;
    if (domain.size > 0 && address_domain_to_ascii(domain, ascii, sizeof ascii, NULL) == 0)
        domain = slice_of(ascii);
    char *text = arena_alloc(arena, 2 * local.size + domain.size + 4);
    if (text == NULL)
        return (struct slice){NULL, 0};
    size_t size = 0;
    if (is_dot_atom(local) || (local.size == 0 && domain.size == 0)) {
        if (local.size > 0)
            memcpy(text, local.data, local.size);
        size = local.size;
    } else {
        size = write_quoted(local, text);
    }
    if (domain.size > 0) {
        text[size++] = '@';
        memcpy(text + size, domain.data, domain.size);
        size += domain.size;
    }
    to_lower(text, size);
    return (struct slice){text, size};
}
