#include "common/mail/address.h"
#include "common/mail/header.h"

#include <string.h>

/*
 * RFC 5322 section 3.4 with its obsolete forms, as one pass over the value: words, quoted strings
 * and comments are gathered until "<", ",", ";" or ":" says what they were.
 */

struct gathering {
    struct arena *arena;
    char *words; /* display name or bare address so far, quotes and comments removed */
    size_t words_size;
    char *comment; /* "a@b (Ana)": the old place of the display name */
    size_t comment_size;
    struct slice path; /* between < and > */
    bool has_path, is_broken;
    bool has_blank;
    size_t group_depth;
    struct mailbox *mailboxes;
    size_t count, room, broken;
};

static void add_word_byte(struct gathering *g, char byte)
{
    if (g->has_blank && g->words_size > 0)
        g->words[g->words_size++] = ' ';
    g->has_blank = false;
    g->words[g->words_size++] = byte;
}

/* A comment, nested ones too; returns the offset behind it. */
static size_t take_comment(struct gathering *g, struct slice value, size_t i)
{
    size_t depth = 1, begin = g->comment_size;
    for (i++; i < value.size && depth > 0; i++) {
        char byte = value.data[i];
        if (byte == '\\' && i + 1 < value.size)
            byte = value.data[++i];
        else if (byte == '(')
            depth++;
        else if (byte == ')' && --depth == 0)
            continue;
        if (begin == 0)
            g->comment[g->comment_size++] = byte;
    }
    g->is_broken |= depth > 0;
    g->has_blank = true;
    return i;
}

/* A quoted string. Its quotes stay where it is part of a bare address: "a b"@example. */
static size_t take_quoted(struct gathering *g, struct slice value, size_t i)
{
    size_t begin = i++, word_begin = g->words_size;
    while (i < value.size && value.data[i] != '"') {
        if (value.data[i] == '\\' && i + 1 < value.size)
            i++;
        add_word_byte(g, value.data[i++]);
    }
    g->is_broken |= i >= value.size;
    if (i + 1 < value.size && value.data[i + 1] == '@' && word_begin == 0) {
        g->words_size = 0;
        for (size_t k = begin; k <= i; k++)
            add_word_byte(g, value.data[k]);
    }
    return i + 1;
}

/* From "<" to ">", with a quoted local part that may hold ">". */
static size_t take_path(struct gathering *g, struct slice value, size_t i)
{
    size_t begin = ++i;
    bool is_quoted = false;
    while (i < value.size && (is_quoted || (value.data[i] != '>' && value.data[i] != ','))) {
        if (is_quoted && value.data[i] == '\\' && i + 1 < value.size)
            i++;
        else if (value.data[i] == '"')
            is_quoted = !is_quoted;
        i++;
    }
    g->is_broken |= i >= value.size || value.data[i] != '>' || g->has_path;
    g->path = slice_trim(slice_part(value, begin, i - begin));
    g->has_path = true;
    return i < value.size && value.data[i] == '>' ? i + 1 : i;
}

static int add_mailbox(struct gathering *g, const struct mailbox *mailbox)
{
    if (g->count == g->room) {
        size_t room = g->room == 0 ? 4 : 2 * g->room;
        struct mailbox *grown = arena_alloc_array(g->arena, room, sizeof *grown);
        if (grown == NULL)
            return -1;
        if (g->count > 0)
            memcpy(grown, g->mailboxes, g->count * sizeof *grown);
        g->mailboxes = grown;
        g->room = room;
    }
    g->mailboxes[g->count++] = *mailbox;
    return 0;
}

/* What has been gathered is one mailbox, nothing, or broken. -1 only for lack of room. */
static int finish_mailbox(struct gathering *g)
{
    struct slice words = arena_copy(g->arena, (struct slice){g->words, g->words_size});
    struct slice comment = slice_trim((struct slice){g->comment, g->comment_size});
    comment = arena_copy(g->arena, comment);
    struct mailbox mailbox = {.written = g->has_path ? g->path : words};
    bool is_empty = words.size == 0 && !g->has_path && !g->is_broken;
    bool is_broken = g->is_broken || mailbox.written.size == 0 ||
                     address_parse_path(mailbox.written, g->arena, &mailbox.address, NULL) != 0;
    g->words_size = g->comment_size = 0;
    g->has_path = g->is_broken = g->has_blank = false;
    if (is_empty)
        return words.data == NULL || comment.data == NULL ? -1 : 0;
    if (is_broken) {
        g->broken++;
        return 0;
    }
    mailbox.display = header_decode(g->path.data != NULL && mailbox.written.data == g->path.data
                                        ? (words.size > 0 ? words : comment)
                                        : comment,
                                    g->arena);
    return add_mailbox(g, &mailbox);
}

/* What a byte outside of quotes, comments and paths means; returns the next offset, or 0 for lack
 * of room. */
static size_t take_byte(struct gathering *g, struct slice value, size_t i)
{
    switch (value.data[i]) {
    case '"':
        return take_quoted(g, value, i);
    case '(':
        return take_comment(g, value, i);
    case '<':
        return take_path(g, value, i);
    case ':': /* "Group: a@b, c@d;" - unless inside an address literal */
        if (slice_find_byte((struct slice){g->words, g->words_size}, '[') == g->words_size) {
            g->words_size = 0;
            g->has_blank = false;
            return i + 1;
        }
        break;
    case ',':
    case ';':
        return finish_mailbox(g) == 0 ? i + 1 : 0;
    case ' ':
    case '\t':
        g->has_blank = true;
        return i + 1;
    default:
        break;
    }
    add_word_byte(g, value.data[i]);
    return i + 1;
}

/* "a @ b . example" (obsolete white space) is one address. */
static void join_bare_address(struct gathering *g)
{
    struct slice words = {g->words, g->words_size};
    if (g->has_path || slice_find_byte(words, '@') == words.size || g->words[0] == '"')
        return;
    size_t size = 0;
    for (size_t i = 0; i < words.size; i++) {
        bool is_beside = words.data[i] == ' ' && i + 1 < words.size && i > 0 &&
                         (strchr("@.", words.data[i + 1]) || strchr("@.", words.data[i - 1]));
        if (!is_beside)
            g->words[size++] = words.data[i];
    }
    g->words_size = size;
}

int address_parse_list(struct slice value, struct arena *arena, struct mailbox **mailboxes_out,
                       size_t *count_out, size_t *broken_out, struct error *err)
{
    value = header_unfold(value, arena);
    struct gathering g = {.arena = arena};
    g.words = arena_alloc(arena, 2 * value.size + 2);
    g.comment = arena_alloc(arena, value.size + 1);
    if (g.words == NULL || g.comment == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < value.size;) {
        if (value.data[i] == ',' || value.data[i] == ';')
            join_bare_address(&g);
        size_t next = take_byte(&g, value, i);
        if (next == 0)
            return arena_error(arena, err);
        i = next;
    }
    join_bare_address(&g);
    if (finish_mailbox(&g) != 0 || arena_is_exhausted(arena))
        return arena_error(arena, err);
    *mailboxes_out = g.mailboxes;
    *count_out = g.count;
    *broken_out = g.broken;
    return 0;
}
