#include "common/mail/html_look.h"
#include "common/mail/html_token.h"
#include "common/mail/text_set.h"

#include <string.h>

enum { MAX_DEPTH = 100, FIRST_ROOM = 4096 };

/* One of the two texts that come out: what is seen, and what is hidden. */
struct stream {
    char *data;
    size_t size, room;
};

struct open_element {
    char name[HTML_NAME_BYTES];
    unsigned flags;
    struct html_look look;
    bool is_pre;
};

struct rendering {
    struct arena *arena;
    struct text_set *set;
    struct stream seen, hidden;
    struct open_element open[MAX_DEPTH]; /* open[0] is the document */
    size_t depth;                        /* of the innermost */
    size_t too_deep;                     /* open elements deeper than that, not followed */
    struct html_sheet sheet;
    size_t link_count;
    bool is_hidden, is_pre; /* of the innermost */
    bool has_failed;
};

/* --- writing ---------------------------------------------------------------------------------- */

static void put(struct rendering *r, struct stream *stream, const char *bytes, size_t size)
{
    if (stream->room - stream->size < size) {
        size_t room = 2 * stream->room + size + FIRST_ROOM;
        char *grown = arena_alloc(r->arena, room);
        if (grown == NULL) {
            r->has_failed = true;
            return;
        }
        if (stream->size > 0)
            memcpy(grown, stream->data, stream->size);
        stream->data = grown;
        stream->room = room;
    }
    memcpy(stream->data + stream->size, bytes, size);
    stream->size += size;
}

/* Several blanks are one, none at the beginning of a line; but in <pre>. */
static void put_blank(struct rendering *r, struct stream *stream, char blank)
{
    char last = stream->size == 0 ? '\n' : stream->data[stream->size - 1];
    if (r->is_pre)
        put(r, stream, &blank, 1);
    else if (last != ' ' && last != '\n')
        put(r, stream, " ", 1);
}

static void put_line_end(struct rendering *r, struct stream *stream)
{
    if (stream->size == 0 || stream->data[stream->size - 1] == '\n')
        return;
    if (stream->data[stream->size - 1] == ' ')
        stream->size--;
    put(r, stream, "\n", 1);
}

/* A line ends in what is seen too where its text alone is hidden (white on white), not where the
 * whole element is gone. */
static void end_line(struct rendering *r, const struct html_look *look)
{
    if (!look->is_gone)
        put_line_end(r, &r->seen);
    if (html_look_is_hidden(look))
        put_line_end(r, &r->hidden);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

static void put_text(struct rendering *r, struct stream *stream, struct slice text, bool is_literal)
{
    for (size_t i = 0; i < text.size && !r->has_failed;) {
        char decoded[HTML_REFERENCE_BYTES];
        size_t decoded_size, used = 0, run = i;
        while (run < text.size && !is_blank(text.data[run]) && text.data[run] != '&')
            run++;
        if (run > i)
            put(r, stream, text.data + i, run - i);
        i = run;
        if (i == text.size)
            return;
        if (is_blank(text.data[i])) {
            put_blank(r, stream, text.data[i++]);
            continue;
        }
        if (!is_literal)
            used = html_reference(slice_from(text, i), decoded, &decoded_size);
        if (used > 0)
            put(r, stream, decoded, decoded_size);
        else
            put(r, stream, text.data + i, 1);
        i += used > 0 ? used : 1;
    }
}

static struct stream *stream_of(struct rendering *r)
{
    return r->is_hidden ? &r->hidden : &r->seen;
}

/* --- open elements ---------------------------------------------------------------------------- */

static void set_innermost(struct rendering *r)
{
    bool was_hidden = r->is_hidden;
    r->is_hidden = html_look_is_hidden(&r->open[r->depth].look);
    r->is_pre = r->open[r->depth].is_pre;
    if (r->is_hidden && !was_hidden)
        put_line_end(r, &r->hidden);
}

/* Depth of the innermost open element of that name, 0 when there is none within reach. */
static size_t find_open(const struct rendering *r, const char name[HTML_NAME_BYTES], unsigned flags)
{
    for (size_t i = r->depth; i > 0; i--) {
        if (memcmp(r->open[i].name, name, HTML_NAME_BYTES) == 0)
            return i;
        if ((r->open[i].flags & HTML_SCOPE) != 0 && (flags & HTML_IN_SCOPE) == 0)
            return 0;
    }
    return 0;
}

/* <li>, <td>, <p> ... end the one before them, when nothing that holds them was opened since. */
static void close_sibling(struct rendering *r, const struct html_token *start)
{
    for (size_t i = r->depth; i > 0; i--) {
        if (memcmp(r->open[i].name, start->name, HTML_NAME_BYTES) == 0) {
            r->depth = i - 1;
            return;
        }
        bool is_holder =
            (r->open[i].flags & HTML_BLOCK) != 0 && (r->open[i].flags & HTML_SINGLE) == 0;
        bool is_scope = (r->open[i].flags & HTML_SCOPE) != 0;
        if (is_holder || (is_scope && (start->flags & HTML_IN_SCOPE) == 0))
            return;
    }
}

static void open_element(struct rendering *r, const struct html_token *start,
                         const struct html_look *look)
{
    if (r->depth + 1 == MAX_DEPTH) {
        r->too_deep++;
        return;
    }
    bool is_pre = r->is_pre || (start->flags & HTML_PRE) != 0;
    struct open_element *element = &r->open[++r->depth];
    *element = (struct open_element){.flags = start->flags, .look = *look, .is_pre = is_pre};
    memcpy(element->name, start->name, HTML_NAME_BYTES);
    set_innermost(r);
}

/* --- what tags show --------------------------------------------------------------------------- */

static struct slice attribute_text(struct rendering *r, struct slice value)
{
    value = slice_trim(value);
    struct stream stream = {.data = arena_alloc(r->arena, value.size + 1), .room = value.size};
    bool was_pre = r->is_pre;
    r->is_pre = true;
    if (stream.data == NULL)
        r->has_failed = true;
    else
        put_text(r, &stream, value, false);
    r->is_pre = was_pre;
    return (struct slice){stream.data, stream.size};
}

static void add_link(struct rendering *r, struct slice value, bool is_hidden)
{
    if (slice_starts_with(slice_trim(value), "#"))
        return;
    if (++r->link_count > TEXT_MAX_LINKS) {
        if (text_set_add_limit(r->set, "more than 2000 links in a part", r->arena) != 0)
            r->has_failed = true;
        return;
    }
    struct text_piece piece = {TEXT_URL, attribute_text(r, value), is_hidden, "text/html"};
    if (text_set_add(r->set, &piece, r->arena) != 0)
        r->has_failed = true;
}

static void show_picture(struct rendering *r, const struct html_token *start, struct stream *stream)
{
    struct slice value;
    if (!html_attribute(start->attributes, "alt", &value) || slice_trim(value).size == 0)
        return;
    put_blank(r, stream, ' ');
    put_text(r, stream, value, false);
    put_blank(r, stream, ' ');
}

static void show_input(struct rendering *r, const struct html_token *start, struct stream *stream)
{
    struct slice type = {NULL, 0}, value;
    if (html_attribute(start->attributes, "type", &type) && slice_is_nocase(type, "hidden"))
        return;
    static const char *const names[] = {"value", "placeholder", "alt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!html_attribute(start->attributes, names[i], &value) || slice_trim(value).size == 0)
            continue;
        put_blank(r, stream, ' ');
        put_text(r, stream, value, false);
        put_blank(r, stream, ' ');
        return;
    }
}

static void show_attributes(struct rendering *r, const struct html_token *start,
                            const struct html_look *look)
{
    struct slice value;
    bool is_hidden = html_look_is_hidden(look);
    struct stream *stream = is_hidden ? &r->hidden : &r->seen;
    if (strcmp(start->name, "a") == 0 || strcmp(start->name, "area") == 0) {
        if (html_attribute(start->attributes, "href", &value))
            add_link(r, value, is_hidden);
    } else if (strcmp(start->name, "form") == 0) {
        if (html_attribute(start->attributes, "action", &value))
            add_link(r, value, is_hidden);
    } else if (strcmp(start->name, "input") == 0) {
        show_input(r, start, stream);
    }
    /* The text for a picture has the reader's size and colour, not those around it. */
    if (strcmp(start->name, "img") == 0 || strcmp(start->name, "area") == 0)
        show_picture(r, start, look->is_gone || look->is_invisible ? &r->hidden : &r->seen);
}

static void on_start(struct rendering *r, const struct html_token *start)
{
    if ((start->flags & HTML_SINGLE) != 0) {
        close_sibling(r, start);
        set_innermost(r);
    }
    struct html_look look = html_look_of(start, &r->open[r->depth].look, &r->sheet);
    struct stream *stream = html_look_is_hidden(&look) ? &r->hidden : &r->seen;
    if ((start->flags & HTML_BLOCK) != 0 || look.begins_a_line)
        end_line(r, &look);
    else if ((start->flags & HTML_CELL) != 0)
        put_blank(r, stream, ' ');
    show_attributes(r, start, &look);
    if ((start->flags & HTML_VOID) == 0)
        open_element(r, start, &look);
}

static void on_end(struct rendering *r, const struct html_token *end)
{
    size_t depth = r->too_deep > 0 ? 0 : find_open(r, end->name, end->flags);
    r->too_deep -= r->too_deep > 0;
    bool ends_a_line = (end->flags & HTML_BLOCK) != 0;
    if (depth > 0) {
        ends_a_line |= r->open[depth].look.begins_a_line;
        if (ends_a_line)
            end_line(r, &r->open[depth].look);
        r->depth = depth - 1;
        set_innermost(r);
    } else if (ends_a_line) {
        end_line(r, &r->open[r->depth].look);
    }
}

static void on_text(struct rendering *r, const struct html_token *token)
{
    /* Scripts, styles and titles are no text of the mail, not even hidden. */
    if (strcmp(token->name, "style") == 0)
        html_sheet_read(&r->sheet, token->text);
    if ((token->flags & HTML_UNSEEN) == 0)
        put_text(r, stream_of(r), token->text, token->is_literal);
}

static int add_stream(struct rendering *r, const struct stream *stream, bool is_hidden)
{
    struct text_piece piece = {TEXT_BODY, slice_trim((struct slice){stream->data, stream->size}),
                               is_hidden, "text/html"};
    return text_set_add(r->set, &piece, r->arena);
}

int text_from_html(struct slice html, struct arena *arena, struct text_set *set, struct error *err)
{
    struct rendering *r = arena_alloc(arena, sizeof *r);
    if (r == NULL)
        return arena_error(arena, err);
    r->arena = arena;
    r->set = set;
    r->open[0].look = html_look_first;
    struct html_reader reader = html_reader_new(html);
    struct html_token token;
    while (!r->has_failed && html_next(&reader, &token)) {
        if (token.kind == HTML_TEXT)
            on_text(r, &token);
        else if (token.kind == HTML_START)
            on_start(r, &token);
        else
            on_end(r, &token);
    }
    if (r->has_failed || add_stream(r, &r->seen, false) != 0 ||
        add_stream(r, &r->hidden, true) != 0)
        return arena_error(arena, err);
    return 0;
}
