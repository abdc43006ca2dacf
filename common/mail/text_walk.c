#include "common/mail/text_walk.h"
#include "common/base/limits.h"
#include "common/mail/address.h"
#include "common/mail/header.h"

#include <string.h>

int text_walk_limit(struct text_walk *walk, size_t number, const char *words, struct error *err)
{
    char *line = arena_printf(walk->arena, "part %zu: %s", number, words);
    if (line == NULL || text_set_add_limit(walk->set, line, walk->arena) != 0)
        return arena_error(walk->arena, err);
    return 0;
}

int text_walk_add(struct text_walk *walk, enum text_where where, struct slice text,
                  const char *source, struct error *err)
{
    struct text_piece piece = {where, text, false, source};
    if (text_set_add(walk->set, &piece, walk->arena) != 0)
        return arena_error(walk->arena, err);
    return 0;
}

/* A limit of the whole message: said once, then nothing more is read. */
static int stop(struct text_walk *walk, const char *words, struct error *err)
{
    walk->is_over = true;
    if (text_set_add_limit(walk->set, words, walk->arena) != 0)
        return arena_error(walk->arena, err);
    return 0;
}

/* --- fields of the message -------------------------------------------------------------------- */

/* Display names. Where the field is broken, people see all of it. */
static int add_names(struct text_walk *walk, struct slice value, struct error *err)
{
    struct mailbox *mailboxes;
    size_t count, broken;
    if (address_parse_list(value, walk->arena, &mailboxes, &count, &broken, err) != 0)
        return -1;
    if (broken > 0 || count == 0)
        return text_walk_add(walk, TEXT_FROM_NAME, header_decode(value, walk->arena), "from", err);
    for (size_t i = 0; i < count; i++)
        if (text_walk_add(walk, TEXT_FROM_NAME, mailboxes[i].display, "from", err) != 0)
            return -1;
    return 0;
}

static int add_subject(struct text_walk *walk, struct slice value, struct error *err)
{
    return text_walk_add(walk, TEXT_SUBJECT, header_decode(value, walk->arena), "subject", err);
}

static const struct {
    const char *name;
    int (*add)(struct text_walk *walk, struct slice value, struct error *err);
} shown_fields[] = {
    {"Subject", add_subject},
    {"From", add_names},
    {"Reply-To", add_names},
};

static int add_field(struct text_walk *walk, const struct header_field *field, struct error *err)
{
    for (size_t i = 0; i < sizeof shown_fields / sizeof shown_fields[0]; i++)
        if (slice_is_nocase(field->name, shown_fields[i].name))
            return shown_fields[i].add(walk, field->value, err);
    return 0;
}

int text_walk_message(struct text_walk *walk, struct slice message, size_t depth, struct error *err)
{
    if (slice_starts_with(message, "\xef\xbb\xbf")) /* put there by editors */
        message = slice_from(message, 3);
    struct slice rest = slice_part(message, 0, LIMIT_HEADER_BYTES);
    struct header_field field;
    for (size_t count = 0; header_next(&rest, &field); count++) {
        if (count == LIMIT_HEADER_FIELDS) {
            if (text_walk_limit(walk, walk->part_count + 1, "more than 5000 header fields", err))
                return -1;
            break;
        }
        if (add_field(walk, &field, err) != 0)
            return -1;
    }
    return text_walk_part(walk, message, false, depth, err);
}

/* --- parts ------------------------------------------------------------------------------------ */

static bool is_known_encoding(struct slice value, const char *name)
{
    return slice_find_nocase(slice_part(value, 0, 64), slice_of(name)) <
           slice_part(value, 0, 64).size;
}

static enum text_encoding read_encoding(struct slice value)
{
    if (is_known_encoding(value, "base64"))
        return ENCODING_BASE64;
    return is_known_encoding(value, "quoted-printable") ? ENCODING_QUOTED : ENCODING_NONE;
}

static void set_type(struct content *type, const char *word)
{
    memcpy(type->word, word, strlen(word) + 1);
}

/* RFC 2045 section 5.2: what is missing or no type at all is text/plain. */
static void set_default_type(struct content *type, bool is_in_digest)
{
    const char *slash = strchr(type->word, '/');
    if (type->word[0] == '\0')
        set_type(type, is_in_digest ? "message/rfc822" : "text/plain");
    else if (strcmp(type->word, "html") == 0)
        set_type(type, "text/html");
    else if (slash == NULL || slash == type->word || slash[1] == '\0')
        set_type(type, strncmp(type->word, "multipart", 9) == 0 ? "multipart/mixed" : "text/plain");
}

/* Header and body of a part; the first field of each name counts, as in most mail programs. */
static void read_part(struct text_walk *walk, struct slice bytes, bool is_in_digest,
                      struct text_part *part)
{
    struct header_field field;
    bool has_type = false, has_disposition = false, has_encoding = false;
    part->type.word[0] = part->disposition.word[0] = '\0';
    part->type.count = part->disposition.count = 0;
    part->encoding = ENCODING_NONE;
    part->number = walk->part_count;
    part->body = bytes;
    while (header_next(&part->body, &field)) {
        if (!has_type && slice_is_nocase(field.name, "Content-Type")) {
            content_read(field.value, walk->arena, &part->type);
            has_type = true;
        } else if (!has_disposition && slice_is_nocase(field.name, "Content-Disposition")) {
            content_read(field.value, walk->arena, &part->disposition);
            has_disposition = true;
        } else if (!has_encoding && slice_is_nocase(field.name, "Content-Transfer-Encoding")) {
            part->encoding = read_encoding(field.value);
            has_encoding = true;
        }
    }
    set_default_type(&part->type, is_in_digest);
}

/* Every name the part goes by, each once: mail programs differ in which they show. */
static int add_attachment_names(struct text_walk *walk, const struct text_part *part,
                                struct error *err)
{
    struct slice names[4] = {
        content_extended(&part->disposition, "filename", walk->arena),
        header_decode(content_raw(&part->disposition, "filename"), walk->arena),
        content_extended(&part->type, "name", walk->arena),
        header_decode(content_raw(&part->type, "name"), walk->arena),
    };
    for (size_t i = 0; i < 4; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i; k++)
            is_new &= !slice_equals(names[k], names[i]);
        if (is_new &&
            text_walk_add(walk, TEXT_ATTACHMENT_NAME, names[i], "attachment name", err) != 0)
            return -1;
    }
    return 0;
}

static bool is_type(const struct text_part *part, const char *beginning)
{
    return strncmp(part->type.word, beginning, strlen(beginning)) == 0;
}

static bool is_nested_message(const struct text_part *part)
{
    return strcmp(part->type.word, "message/rfc822") == 0 ||
           strcmp(part->type.word, "message/global") == 0 ||
           strcmp(part->type.word, "message/partial") == 0 ||
           strcmp(part->type.word, "message/news") == 0;
}

static int walk_parts(struct text_walk *walk, struct text_part *part, size_t depth,
                      struct error *err)
{
    struct text_boundary boundary;
    struct slice inside;
    bool is_digest = is_type(part, "multipart/digest");
    if (!text_boundary_begin(part->body, content_raw(&part->type, "boundary"), &boundary)) {
        set_type(&part->type, "text/plain"); /* mail programs show such a body as it is */
        return text_read_leaf(walk, part, err);
    }
    while (!walk->is_over && text_boundary_next(&boundary, &inside))
        if (text_walk_part(walk, inside, is_digest, depth + 1, err) != 0)
            return -1;
    return 0;
}

static int walk_nested(struct text_walk *walk, const struct text_part *part, size_t depth,
                       struct error *err)
{
    struct slice message = part->body;
    if (part->encoding != ENCODING_NONE) { /* RFC 2046 section 5.2.1 forbids it; it is sent */
        bool is_cut;
        message = text_decode_body(part, LIMIT_TEXT_BYTES, walk->arena, &is_cut);
        if (message.data == NULL)
            return arena_error(walk->arena, err);
        if (is_cut && text_walk_limit(walk, part->number, "nested message was cut", err) != 0)
            return -1;
    }
    return text_walk_message(walk, message, depth + 1, err);
}

int text_walk_part(struct text_walk *walk, struct slice bytes, bool is_in_digest, size_t depth,
                   struct error *err)
{
    if (walk->is_over)
        return 0;
    if (walk->part_count == LIMIT_MIME_PARTS)
        return stop(walk, "more than 1000 parts", err);
    if (budget_is_used_up(&walk->budget))
        return stop(walk, "no time left to read all parts", err);
    walk->part_count++;
    if (depth > LIMIT_MIME_DEPTH)
        return text_walk_limit(walk, walk->part_count, "nested deeper than 30", err);
    struct text_part *part = arena_alloc(walk->arena, sizeof *part);
    if (part == NULL)
        return arena_error(walk->arena, err);
    read_part(walk, bytes, is_in_digest, part);
    if (add_attachment_names(walk, part, err) != 0)
        return -1;
    if (is_type(part, "multipart/encrypted"))
        return text_walk_limit(walk, part->number, "encrypted, left alone", err);
    if (is_type(part, "multipart/"))
        return walk_parts(walk, part, depth, err);
    if (is_nested_message(part))
        return walk_nested(walk, part, depth, err);
    return text_read_leaf(walk, part, err);
}
