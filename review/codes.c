#include "review/codes.h"

#include <inttypes.h>

#define LARGEST 999999999999LL

/* What people write between and before numbers. */
static const char *const fillers[] = {
    "y",        "e",         "and",     "el",       "los",    "la",      "las",
    "o",        "os",        "a",       "as",       "the",    "mensaje", "mensajes",
    "mensagem", "mensagens", "message", "messages", "correo", "correos", "mail",
    "mails",    "numero",    "number",  "n",        "&"};
static const char *const everything[] = {"all",   "todo", "todos",     "toda",
                                         "todas", "tudo", "everything"};
static const char *const lane[] = {"lane", "fila",           "carril",       "faixa",
                                   "c",    "confirmaciones", "confirmacoes", "confirmations"};
static const char *const up_to[] = {"-", "a", "to", "al", "hasta", "ate"};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is_one_of(struct slice word, const char *const *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(word, table[i]))
            return true;
    return false;
}

static bool is_separator(char byte)
{
    return byte == ' ' || byte == ',' || byte == ';' || byte == '#' || byte == '.' || byte == ':' ||
           byte == '(' || byte == ')';
}

/* The next run without separators. */
static bool next_word(struct slice *rest, struct slice *word_out)
{
    size_t begin = 0, end;
    while (begin < rest->size && is_separator(rest->data[begin]))
        begin++;
    for (end = begin; end < rest->size && !is_separator(rest->data[end]); end++)
        ;
    if (begin == end)
        return false;
    *word_out = slice_part(*rest, begin, end - begin);
    *rest = slice_from(*rest, end);
    return true;
}

static bool read_number(struct slice text, int64_t *number_out)
{
    long long number;
    if (!slice_to_number(text, 0, LARGEST, &number))
        return false;
    *number_out = number;
    return true;
}

/* "4", "3-5"; also "3-" and "-5", which wait for the words around them. */
static bool read_range(struct slice word, struct codes_range *range_out)
{
    size_t dash = slice_find_byte(word, '-');
    if (!read_number(slice_part(word, 0, dash), &range_out->first))
        return false;
    range_out->last = range_out->first;
    return dash == word.size || read_number(slice_from(word, dash + 1), &range_out->last);
}

/* "3 - 5", "3 a 5", "3 -5", "3- 5": takes the end of a range off *rest, when it is there. */
static void take_end(struct slice *rest, struct codes_range *range)
{
    struct slice ahead = *rest, word;
    int64_t end;
    if (!next_word(&ahead, &word))
        return;
    if (is_one_of(word, up_to, COUNT(up_to))) {
        if (!next_word(&ahead, &word) || !read_number(word, &end))
            return;
    } else if (word.data[0] != '-' || !read_number(slice_from(word, 1), &end)) {
        return;
    }
    range->last = end;
    *rest = ahead;
}

static int add(struct codes *codes, struct codes_range range)
{
    if (codes->count >= CODES_MOST_RANGES) {
        codes->is_cut = true;
        return 0;
    }
    if (range.last < range.first)
        range = (struct codes_range){range.last, range.first};
    codes->ranges[codes->count++] = range;
    return 1;
}

int codes_read(struct slice folded, struct arena *arena, struct codes *codes_out, struct error *err)
{
    struct codes codes = {0};
    struct slice word;
    codes.ranges = arena_alloc_array(arena, CODES_MOST_RANGES, sizeof *codes.ranges);
    if (codes.ranges == NULL)
        return arena_error(arena, err);
    while (next_word(&folded, &word)) {
        struct codes_range range;
        if (is_one_of(word, fillers, COUNT(fillers)))
            continue;
        if (is_one_of(word, everything, COUNT(everything))) {
            codes.is_all = true;
            continue;
        }
        if (is_one_of(word, lane, COUNT(lane))) {
            codes.is_lane = true;
            continue;
        }
        bool is_open = word.size > 1 && word.data[word.size - 1] == '-';
        if (is_open)
            word.size--;
        if (!read_range(word, &range))
            return 0;
        if (is_open) {
            if (!next_word(&folded, &word) || !read_number(word, &range.last))
                return 0;
        } else if (range.first == range.last) {
            take_end(&folded, &range);
        }
        if (add(&codes, range) == 0)
            break;
    }
    *codes_out = codes;
    return 1;
}

int codes_list_add(struct codes_list *list, int64_t number, struct arena *arena, struct error *err)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        int64_t *numbers = arena_alloc_array(arena, room, sizeof *numbers);
        if (numbers == NULL)
            return arena_error(arena, err);
        for (size_t i = 0; i < list->count; i++)
            numbers[i] = list->numbers[i];
        list->numbers = numbers;
        list->room = room;
    }
    list->numbers[list->count++] = number;
    return 0;
}

int codes_list_add_once(struct codes_list *list, int64_t number, struct arena *arena,
                        struct error *err)
{
    if (list->count > 0 && list->numbers[list->count - 1] == number)
        return 0;
    return codes_list_add(list, number, arena, err);
}

void codes_list_write(const struct codes_list *list, struct buffer *into)
{
    for (size_t i = 0; i < list->count;) {
        size_t end = i;
        while (end + 1 < list->count && list->numbers[end + 1] == list->numbers[end] + 1)
            end++;
        buffer_printf(into, "%s%" PRId64, i == 0 ? "" : ", ", list->numbers[i]);
        if (end > i)
            buffer_printf(into, "%s%" PRId64, end == i + 1 ? ", " : "-", list->numbers[end]);
        i = end + 1;
    }
}
