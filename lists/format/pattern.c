#include "lists/format/pattern.h"

#include "common/base/limits.h"
#include "lists/format/letter.h"
#include "lists/format/pattern_node.h"
#include <string.h>

struct parsing {
    struct slice text;
    size_t at;
    struct arena *arena;
    struct pattern *pattern;
    struct error *err;
};

static int refuse(const struct parsing *p, size_t at, const char *what)
{
    int column = 1;
    for (size_t i = 0; i < at && i < p->text.size; i++)
        column += ((unsigned char)p->text.data[i] & 0xC0) != 0x80;
    return error_set(p->err, ERROR_INPUT, "at character %d of the pattern: %s", column, what);
}

static char peek(const struct parsing *p, size_t ahead)
{
    return p->at + ahead < p->text.size ? p->text.data[p->at + ahead] : '\0';
}

static bool take(struct parsing *p, const char *text)
{
    if (!slice_starts_with(slice_from(p->text, p->at), text))
        return false;
    p->at += strlen(text);
    return true;
}

static int32_t take_character(struct parsing *p)
{
    return letter_next(p->text, &p->at);
}

static struct node *new_node(struct parsing *p, enum node_kind kind)
{
    struct node *node = arena_alloc(p->arena, sizeof *node);
    if (node == NULL) {
        (void)arena_error(p->arena, p->err);
        return NULL;
    }
    node->kind = kind;
    node->least = node->most = 1;
    return node;
}

static bool is_punctuation(char c)
{
    return c > 0x20 && c < 0x7F && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
           !(c >= 'a' && c <= 'z');
}

static const char *escape_fault(char c)
{
    if (c >= '0' && c <= '9')
        return "references back and \\0 are not allowed";
    if (c == 'C')
        return "\\C is not allowed";
    if (c == 'n' || c == 'r' || c == 't' || c == 'R' || c == 'v' || c == 'h')
        return "in the text that is matched every blank and line end is one space: write a space";
    if (c == 'x' || c == 'u' || c == 'p' || c == 'P' || c == 'N' || c == 'o' || c == 'c')
        return "characters are written as they are, not by number or property";
    if (c == 'B' || c == 'A' || c == 'z' || c == 'Z' || c == 'G' || c == 'K')
        return "of the anchors only \\b ^ $ are allowed";
    return "this escape is not allowed: only \\b \\d \\w \\s and escaped punctuation are";
}

static struct node *take_escape(struct parsing *p)
{
    size_t begin = p->at++;
    char c = peek(p, 0);
    if (c == '\0') {
        (void)refuse(p, begin, "a backslash at the end");
        return NULL;
    }
    enum node_kind kind = c == 'b'                      ? NODE_WORD_EDGE
                          : strchr("dwsDWS", c) != NULL ? NODE_KIND
                                                        : NODE_LETTER;
    if (kind == NODE_LETTER && !is_punctuation(c)) {
        (void)refuse(p, begin,
                     (signed char)c < 0 ? "no backslash before a letter" : escape_fault(c));
        return NULL;
    }
    p->at++;
    struct node *node = new_node(p, kind);
    if (node != NULL)
        node->letter = c;
    return node;
}

/* One character or \d \w \s of a class. */
static int take_class_part(struct parsing *p, struct class_range *part)
{
    size_t begin = p->at;
    if (peek(p, 0) == '[')
        return refuse(p, begin, "inside [...] write \\[ for a bracket; [:names:] are not allowed");
    if (peek(p, 0) != '\\') {
        part->low = part->high = take_character(p);
        return 0;
    }
    p->at++;
    char c = peek(p, 0);
    if (c != '\0' && strchr("dwsDWS", c) != NULL)
        *part = (struct class_range){c, 0};
    else if (is_punctuation(c))
        part->low = part->high = c;
    else
        return refuse(p, begin,
                      "inside [...] only \\d \\w \\s and escaped punctuation are allowed");
    p->at++;
    return 0;
}

static bool is_same_kind(int32_t low, int32_t high)
{
    return (low >= '0' && high <= '9') || (low >= 'a' && high <= 'z') ||
           (low >= 'A' && high <= 'Z');
}

static int take_class_range(struct parsing *p, struct class_range *range)
{
    size_t begin = p->at;
    if (take_class_part(p, range) != 0)
        return -1;
    if (peek(p, 0) != '-' || peek(p, 1) == ']')
        return 0;
    struct class_range end;
    p->at++;
    if (p->at >= p->text.size)
        return refuse(p, begin, "the class is not closed: ] is missing");
    if (take_class_part(p, &end) != 0)
        return -1;
    if (range->high == 0 || end.high == 0 || range->low > end.low ||
        !is_same_kind(range->low, end.low))
        return refuse(p, begin,
                      "a range goes from digit to digit or from letter to letter (a-z, 0-9); "
                      "list other characters one by one");
    range->high = end.low;
    return 0;
}

static struct node *take_class(struct parsing *p)
{
    size_t begin = p->at++;
    struct node *node = new_node(p, NODE_CLASS);
    if (node == NULL)
        return NULL;
    node->ranges = arena_alloc_array(p->arena, p->text.size, sizeof *node->ranges);
    if (node->ranges == NULL) {
        (void)arena_error(p->arena, p->err);
        return NULL;
    }
    node->is_negated = take(p, "^");
    while (p->at < p->text.size && peek(p, 0) != ']')
        if (take_class_range(p, &node->ranges[node->range_count++]) != 0)
            return NULL;
    bool is_closed = take(p, "]");
    if (!is_closed || node->range_count == 0) {
        (void)refuse(p, begin,
                     is_closed ? "the class is empty" : "the class is not closed: ] is missing");
        return NULL;
    }
    return node;
}

static int take_branch(struct parsing *p, int depth, struct node **first_out);

static const char *group_fault(const struct parsing *p)
{
    if (peek(p, 1) == '*')
        return "verbs (*...) are not allowed";
    if (peek(p, 1) != '?')
        return "groups are written (?:...)";
    char c = peek(p, 2);
    if (c == '=' || c == '!' || (c == '<' && (peek(p, 3) == '=' || peek(p, 3) == '!')))
        return "looking ahead or behind is not allowed";
    if (c == 'C')
        return "callouts are not allowed";
    if (c == 'R' || c == '&' || c == 'P' || (c >= '0' && c <= '9') || c == '+' || c == '-')
        return "recursion and named groups are not allowed";
    return "flags and other groups are not allowed: only (?:a|b)";
}

static struct node *take_group(struct parsing *p, int depth)
{
    size_t begin = p->at;
    if (!take(p, "(?:")) {
        (void)refuse(p, begin, group_fault(p));
        return NULL;
    }
    if (depth >= PATTERN_MOST_DEPTH) {
        (void)refuse(p, begin, "groups stand in groups at most four deep");
        return NULL;
    }
    struct node *node = new_node(p, NODE_GROUP);
    if (node == NULL)
        return NULL;
    node->branches = arena_alloc_array(p->arena, p->text.size, sizeof(struct node *));
    if (node->branches == NULL) {
        (void)arena_error(p->arena, p->err);
        return NULL;
    }
    do {
        if (take_branch(p, depth + 1, &node->branches[node->branch_count++]) != 0)
            return NULL;
    } while (take(p, "|"));
    if (!take(p, ")")) {
        (void)refuse(p, begin, "the group is not closed: ) is missing");
        return NULL;
    }
    return node;
}

static struct node *take_plain(struct parsing *p)
{
    size_t begin = p->at;
    int32_t character = take_character(p);
    enum node_kind kind = character == '.'   ? NODE_ANY
                          : character == '^' ? NODE_BEGIN
                          : character == '$' ? NODE_END
                                             : NODE_LETTER;
    if (character == '*' || character == '+' || character == '?' || character == '{') {
        (void)refuse(p, begin, "nothing to repeat here; a sign itself is written \\* \\+ \\? \\{");
        return NULL;
    }
    if (character == ']' || character == '}') {
        (void)refuse(p, begin,
                     "a closing bracket without an opening one; itself it is written \\] "
                     "or \\}");
        return NULL;
    }
    if (character < 0x20) {
        (void)refuse(p, begin, "not a character that can be written in a pattern");
        return NULL;
    }
    struct node *node = new_node(p, kind);
    if (node != NULL)
        node->letter = character;
    return node;
}

static struct node *take_atom(struct parsing *p, int depth)
{
    if (peek(p, 0) == '\\')
        return take_escape(p);
    if (peek(p, 0) == '[')
        return take_class(p);
    if (peek(p, 0) == '(')
        return take_group(p, depth);
    return take_plain(p);
}

static bool take_number(struct parsing *p, int *number_out)
{
    size_t begin = p->at;
    while (peek(p, 0) >= '0' && peek(p, 0) <= '9')
        p->at++;
    long long number;
    if (!slice_to_number(slice_part(p->text, begin, p->at - begin), 0, 100000, &number))
        return false;
    *number_out = (int)number;
    return true;
}

/* "{m}" or "{m,n}" */
static int take_braces(struct parsing *p, struct node *node)
{
    size_t begin = p->at++;
    bool is_read = take_number(p, &node->least);
    node->most = node->least;
    if (is_read && take(p, ","))
        is_read = take_number(p, &node->most);
    if (!is_read || !take(p, "}"))
        return refuse(p, begin,
                      "a repetition is written {m} or {m,n} with both numbers; the sign "
                      "itself is \\{");
    if (node->kind == NODE_GROUP)
        return refuse(p, begin, "a group is not repeated: only a single character or class is");
    if (node->most > PATTERN_MOST_REPEATS)
        return refuse(p, begin, "at most 64 repetitions");
    if (node->least > node->most || node->most == 0)
        return refuse(p, begin, "the second number is the larger one, and at least 1");
    bool is_wide = node->kind == NODE_ANY || node->kind == NODE_CLASS || node->kind == NODE_KIND;
    if (is_wide && node->least < node->most && node->most > 1 &&
        ++p->pattern->gap_count > PATTERN_MOST_GAPS)
        return refuse(p, begin, "more than two gaps (.{m,n} or [...]{m,n})");
    return 0;
}

static int take_quantifier(struct parsing *p, struct node *node)
{
    size_t begin = p->at;
    bool is_edge =
        node->kind == NODE_WORD_EDGE || node->kind == NODE_BEGIN || node->kind == NODE_END;
    char c = peek(p, 0);
    if (c == '*' || c == '+')
        return refuse(p, begin,
                      c == '*' ? "* has no end: write {0,30}, up to {0,64}"
                               : "+ has no end: write {1,30}, up to {1,64}");
    if (c != '?' && c != '{')
        return 0;
    if (is_edge)
        return refuse(p, begin, "\\b ^ $ are not repeated");
    if (c == '?') {
        p->at++;
        node->least = 0;
    } else if (take_braces(p, node) != 0) {
        return -1;
    }
    c = peek(p, 0);
    if (c == '?' || c == '+' || c == '*' || c == '{')
        return refuse(p, p->at, "one repetition after another is not allowed");
    return 0;
}

static int take_branch(struct parsing *p, int depth, struct node **first_out)
{
    struct node **link = first_out;
    *link = NULL;
    while (p->at < p->text.size && peek(p, 0) != '|' && peek(p, 0) != ')') {
        struct node *node = take_atom(p, depth);
        if (node == NULL || take_quantifier(p, node) != 0)
            return -1;
        *link = node;
        link = &node->next;
    }
    return 0;
}

int pattern_parse(struct slice text, struct arena *arena, struct pattern **pattern_out,
                  struct error *err)
{
    struct parsing p = {.text = text, .arena = arena, .err = err};
    if (text.size == 0)
        return error_set(err, ERROR_INPUT, "the pattern is empty");
    if (text.size > LIMIT_PATTERN_BYTES)
        return error_set(err, ERROR_INPUT, "the pattern is longer than %d bytes",
                         LIMIT_PATTERN_BYTES);
    for (size_t at = 0; at < text.size;)
        if (letter_next(text, &at) < 0)
            return error_set(err, ERROR_INPUT, "the pattern is not UTF-8");
    p.pattern = arena_alloc(arena, sizeof *p.pattern);
    if (p.pattern == NULL)
        return arena_error(arena, err);
    if (take_branch(&p, 0, &p.pattern->first) != 0)
        return -1;
    if (p.at < text.size)
        return refuse(&p, p.at,
                      peek(&p, 0) == '|' ? "alternatives stand in a group: (?:a|b)"
                                         : "a closing bracket without an opening one");
    *pattern_out = p.pattern;
    return 0;
}
