#include "common/mail/html_sheet.h"
#include "common/mail/html_look.h"

/* Bytes of style sheets that are read, and classes of one element that are looked up. */
enum { SHEET_BYTES = 64 * 1024, ELEMENT_CLASSES = 8 };

/* Size of a comment, or of the marks of an HTML comment that old mails put there; 0: neither. */
static size_t comment_size(struct slice css)
{
    if (slice_starts_with(css, "<!--"))
        return 4;
    if (slice_starts_with(css, "-->"))
        return 3;
    if (!slice_starts_with(css, "/*"))
        return 0;
    for (size_t i = 2; i + 1 < css.size; i++)
        if (css.data[i] == '*' && css.data[i + 1] == '/')
            return i + 2;
    return css.size;
}

/* "@media x { ... { } }", "@import x;" */
static size_t at_rule_size(struct slice css)
{
    size_t depth = 0;
    for (size_t i = 0; i < css.size; i++) {
        if (css.data[i] == ';' && depth == 0)
            return i + 1;
        if (css.data[i] == '{')
            depth++;
        else if (css.data[i] == '}' && depth <= 1)
            return i + 1;
        else if (css.data[i] == '}')
            depth--;
    }
    return css.size;
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' ||
           (unsigned char)byte >= 0x80;
}

/* ".x" of "x", "p.x", "#x"; empty when the selector says more. */
static struct slice simple_name(struct slice selector)
{
    size_t mark = 0;
    selector = slice_trim(selector);
    while (mark < selector.size && is_name_byte(selector.data[mark]))
        mark++;
    struct slice name = slice_from(selector, mark);
    if (name.size < 2 || (name.data[0] != '.' && name.data[0] != '#'))
        return (struct slice){NULL, 0};
    for (size_t i = 1; i < name.size; i++)
        if (!is_name_byte(name.data[i]))
            return (struct slice){NULL, 0};
    return name;
}

static void add_names(struct html_sheet *sheet, struct slice selectors)
{
    struct slice selector;
    while (sheet->count < HTML_SHEET_NAMES && slice_next(&selectors, ',', &selector)) {
        struct slice name = simple_name(selector);
        if (name.size > 0)
            sheet->names[sheet->count++] = name;
    }
}

void html_sheet_read(struct html_sheet *sheet, struct slice css)
{
    css = slice_part(css, 0, SHEET_BYTES);
    while (css.size > 0) {
        size_t comment = comment_size(css);
        if (comment > 0 || slice_trim(slice_part(css, 0, 1)).size == 0) {
            css = slice_from(css, comment > 0 ? comment : 1);
            continue;
        }
        if (css.data[0] == '@') {
            css = slice_from(css, at_rule_size(css));
            continue;
        }
        size_t open = slice_find_byte(css, '{');
        struct slice rule = slice_from(css, open + 1);
        size_t close = slice_find_byte(rule, '}');
        if (html_look_style_hides(slice_part(rule, 0, close)))
            add_names(sheet, slice_part(css, 0, open));
        css = slice_from(rule, close + 1);
    }
}

bool html_sheet_hides(const struct html_sheet *sheet, char mark, struct slice value)
{
    struct slice word;
    for (size_t words = 0; sheet->count > 0 && words < ELEMENT_CLASSES; words++) {
        if (!slice_next_word(&value, &word))
            return false;
        for (size_t i = 0; i < sheet->count; i++)
            if (sheet->names[i].data[0] == mark &&
                slice_equals(slice_from(sheet->names[i], 1), word))
                return true;
    }
    return false;
}
