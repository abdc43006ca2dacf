#include "common/base/limits.h"
#include "common/mail/charset.h"
#include "common/mail/encoding.h"
#include "common/mail/text_walk.h"

#include <string.h>

enum { SNIFF_BYTES = 512, META_BYTES = 1024, BASE64_BLANK_BYTES = 20 };

/* Words with blanks between them are no base64, whatever the field says: the text is read as it
 * stands. A line of base64 has no blank inside. */
static bool is_mislabelled_base64(struct slice body)
{
    struct slice head = slice_part(body, 0, SNIFF_BYTES), line;
    size_t blanks = 0;
    while (slice_next(&head, '\n', &line)) {
        line = slice_trim(line);
        for (size_t i = 0; i < line.size; i++)
            blanks += line.data[i] == ' ';
    }
    return blanks * BASE64_BLANK_BYTES > (body.size < SNIFF_BYTES ? body.size : SNIFF_BYTES);
}

struct slice text_decode_body(const struct text_part *part, size_t max_bytes, struct arena *arena,
                              bool *is_cut_out)
{
    struct slice body = part->body;
    if (part->encoding == ENCODING_NONE ||
        (part->encoding == ENCODING_BASE64 && is_mislabelled_base64(body))) {
        *is_cut_out = body.size > max_bytes;
        body = slice_part(body, 0, max_bytes);
        return body.data == NULL ? SLICE_LITERAL("") : body;
    }
    size_t room = part->encoding == ENCODING_BASE64 ? body.size / 4 * 3 + 3 : body.size;
    room = room < max_bytes ? room : max_bytes;
    char *into = arena_alloc(arena, room + 1);
    bool is_whole = true;
    if (into == NULL)
        return (struct slice){NULL, 0};
    size_t size = part->encoding == ENCODING_BASE64
                      ? encoding_from_base64(body, into, room, &is_whole)
                      : encoding_from_quoted_printable(body, into, room, &is_whole);
    *is_cut_out = !is_whole;
    return (struct slice){into, size};
}

/* --- how the text of a type is read ----------------------------------------------------------- */

typedef int reader(struct text_walk *walk, struct slice text, struct error *err);

static int read_plain(struct text_walk *walk, struct slice text, struct error *err)
{
    return text_walk_add(walk, TEXT_BODY, text, "text/plain", err);
}

static int read_html(struct text_walk *walk, struct slice text, struct error *err)
{
    return text_from_html(text, walk->arena, walk->set, err);
}

/* Of a calendar, people see these (RFC 5545 section 3.8.1); the rest is for programs. */
static bool is_shown_property(struct slice name)
{
    static const char *const shown[] = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT"};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (slice_is_nocase(name, shown[i]))
            return true;
    return false;
}

/* "\n", "\,", "\;" (section 3.3.11). */
static size_t unescape(struct slice value, char *into)
{
    size_t size = 0;
    for (size_t i = 0; i < value.size; i++) {
        bool is_escape = value.data[i] == '\\' && i + 1 < value.size;
        i += is_escape;
        into[size++] = is_escape && (value.data[i] | 0x20) == 'n' ? '\n' : value.data[i];
    }
    return size;
}

/* Folded lines joined (section 3.1), in place: the text only gets shorter. */
static size_t unfold_calendar(struct slice text, char *into)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        size_t end = i + (text.data[i] == '\r');
        bool is_fold = end + 1 < text.size && text.data[end] == '\n' &&
                       (text.data[end + 1] == ' ' || text.data[end + 1] == '\t');
        if (is_fold)
            i = end + 1;
        else
            into[size++] = text.data[i];
    }
    return size;
}

static int read_calendar(struct text_walk *walk, struct slice text, struct error *err)
{
    char *lines = arena_alloc(walk->arena, text.size + 1);
    char *shown = arena_alloc(walk->arena, text.size + 1);
    if (lines == NULL || shown == NULL)
        return arena_error(walk->arena, err);
    struct slice rest = {lines, unfold_calendar(text, lines)}, line;
    size_t size = 0;
    while (slice_next(&rest, '\n', &line)) {
        size_t colon = slice_find_byte(line, ':');
        struct slice name = slice_part(line, 0, colon);
        name.size = slice_find_byte(name, ';');
        if (colon == line.size || !is_shown_property(name))
            continue;
        size += unescape(slice_trim(slice_from(line, colon + 1)), shown + size);
        shown[size++] = '\n'; /* in place of the colon: there is room */
    }
    return text_walk_add(walk, TEXT_BODY, (struct slice){shown, size}, "text/calendar", err);
}

static const struct {
    const char *beginning; /* of the type; the first row that fits counts */
    reader *read;          /* NULL: not read */
    const char *limit;     /* what is said when it is not read; NULL: nothing is missed */
} readers[] = {
    {"text/html", read_html, NULL},
    {"application/xhtml", read_html, NULL},
    {"text/enriched", read_html, NULL},
    {"text/richtext", read_html, NULL},
    {"text/calendar", read_calendar, NULL},
    {"text/x-vcalendar", read_calendar, NULL},
    {"text/rtf", NULL, "rich text (RTF) is not read"},
    {"application/rtf", NULL, "rich text (RTF) is not read"},
    {"text/", read_plain, NULL},
    {"message/", read_plain, NULL},
    {"application/pgp-encrypted", NULL, "encrypted, left alone"},
    {"application/pkcs7-mime", NULL, "S/MIME content, left alone"},
    {"application/x-pkcs7-mime", NULL, "S/MIME content, left alone"},
    {"application/ms-tnef", NULL, "TNEF is not read"},
};

static const struct {
    const char *ending; /* of the file name */
    reader *read;
} named_readers[] = {
    {".txt", read_plain}, {".text", read_plain}, {".log", read_plain},    {".md", read_plain},
    {".htm", read_html},  {".html", read_html},  {".ics", read_calendar}, {".xhtml", read_html},
};

/* --- one part --------------------------------------------------------------------------------- */

/* A text under a type that says nothing of it: a click shows it as text. Pictures and sound keep
 * their type whatever their name. */
static reader *reader_by_name(const struct text_part *part)
{
    if (strncmp(part->type.word, "image/", 6) == 0 || strncmp(part->type.word, "audio/", 6) == 0 ||
        strncmp(part->type.word, "video/", 6) == 0)
        return NULL;
    const struct slice names[] = {
        content_raw(&part->disposition, "filename"), content_raw(&part->type, "name"),
        content_raw(&part->disposition, "filename*"), content_raw(&part->type, "name*")};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < sizeof named_readers / sizeof named_readers[0]; k++)
            if (slice_ends_with_nocase(slice_trim(names[i]), named_readers[k].ending))
                return named_readers[k].read;
    return NULL;
}

static reader *reader_of(const struct text_part *part, const char **limit_out)
{
    *limit_out = NULL;
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (strncmp(part->type.word, readers[i].beginning, strlen(readers[i].beginning)) == 0) {
            *limit_out = readers[i].limit;
            return readers[i].read;
        }
    }
    return reader_by_name(part);
}

/* A file that only calls itself text. */
static bool is_binary(struct slice bytes)
{
    struct slice head = slice_part(bytes, 0, SNIFF_BYTES);
    bool has_mark = slice_starts_with(head, "\xff\xfe") || slice_starts_with(head, "\xfe\xff");
    return !has_mark && slice_find_byte(head, '\0') < head.size;
}

/* <meta charset=x>, <meta content="text/html; charset=x">: counts where the part names none. */
static struct slice charset_in_html(struct slice html)
{
    struct slice head = slice_part(html, 0, META_BYTES);
    struct slice value = slice_from(head, slice_find_nocase(head, SLICE_LITERAL("charset=")) + 8);
    return slice_part(value, 0, 60);
}

static int add_text(struct text_walk *walk, const struct text_part *part, reader *read,
                    struct slice bytes, bool is_cut, struct error *err)
{
    size_t left = LIMIT_TEXT_BYTES - walk->text_bytes;
    size_t max_bytes = left < LIMIT_TEXT_PART_BYTES ? left : LIMIT_TEXT_PART_BYTES;
    struct slice charset = content_raw(&part->type, "charset");
    if (charset.size == 0)
        charset = content_extended(&part->type, "charset", walk->arena);
    if (charset.size == 0 && read == read_html)
        charset = charset_in_html(bytes);
    struct charset_text text;
    if (!charset_decode(bytes, charset, max_bytes, walk->arena, &text))
        return arena_error(walk->arena, err);
    walk->text_bytes += text.text.size;
    if ((is_cut || text.is_cut) &&
        text_walk_limit(walk, part->number, "longer than is read, the rest was left out", err) != 0)
        return -1;
    return read(walk, text.text, err);
}

int text_read_leaf(struct text_walk *walk, const struct text_part *part, struct error *err)
{
    const char *limit;
    bool is_cut;
    reader *read = reader_of(part, &limit);
    if (read == NULL)
        return limit == NULL ? 0 : text_walk_limit(walk, part->number, limit, err);
    if (walk->text_bytes >= LIMIT_TEXT_BYTES)
        return text_walk_limit(walk, part->number, "more text than is read of one message", err);
    struct slice bytes = text_decode_body(part, LIMIT_TEXT_PART_BYTES, walk->arena, &is_cut);
    if (bytes.data == NULL)
        return arena_error(walk->arena, err);
    bool is_text = strncmp(part->type.word, "text/", 5) == 0;
    if (!is_text && is_binary(bytes))
        return 0;
    return add_text(walk, part, read, bytes, is_cut, err);
}
