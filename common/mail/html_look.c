#include "common/mail/html_look.h"

#include <stdlib.h>
#include <string.h>

enum { STYLE_BYTES = 2048, FAR_PIXELS = 500, LINK_COLOR = 0x0000ee };

const struct html_look html_look_first = {.color = 0x000000, .background = 0xffffff};

/* What only together hides: position and offset, size and overflow. */
struct box {
    bool is_positioned, is_far, is_empty, cuts_overflow;
};

struct styling {
    struct html_look *look;
    struct box box;
};

/* --- values ----------------------------------------------------------------------------------- */

/* "-12.5px": the number; *unit_out is what follows. False: no number. */
static bool read_number(struct slice value, double *number_out, struct slice *unit_out)
{
    char text[24], *end;
    struct slice word;
    if (!slice_next_word(&value, &word) || word.size == 0 ||
        strchr("+-.0123456789", word.data[0]) == NULL)
        return false;
    slice_to_text(slice_part(word, 0, sizeof text - 1), text, sizeof text);
    *number_out = strtod(text, &end);
    *unit_out = slice_from(word, (size_t)(end - text));
    return end != text;
}

static const struct {
    const char *name;
    int32_t color;
} colors[] = {
    {"white", 0xffffff},     {"black", 0x000000},      {"red", 0xff0000},
    {"blue", 0x0000ff},      {"green", 0x008000},      {"yellow", 0xffff00},
    {"gray", 0x808080},      {"grey", 0x808080},       {"silver", 0xc0c0c0},
    {"navy", 0x000080},      {"orange", 0xffa500},     {"purple", 0x800080},
    {"maroon", 0x800000},    {"lime", 0x00ff00},       {"snow", 0xfffafa},
    {"ivory", 0xfffff0},     {"whitesmoke", 0xf5f5f5}, {"ghostwhite", 0xf8f8ff},
    {"mintcream", 0xf5fffa}, {"azure", 0xf0ffff},      {"transparent", HTML_COLOR_TRANSPARENT},
};

static int32_t read_hex_color(struct slice digits)
{
    char text[9], *end;
    bool is_short = digits.size == 3 || digits.size == 4;
    if ((!is_short && digits.size != 6 && digits.size != 8) ||
        !slice_to_text(digits, text, sizeof text))
        return HTML_COLOR_UNKNOWN;
    long long number = strtoll(text, &end, 16);
    if (*end != '\0' || number < 0)
        return HTML_COLOR_UNKNOWN;
    bool has_alpha = digits.size == 4 || digits.size == 8;
    if (has_alpha && (number & (is_short ? 0xf : 0xff)) == 0)
        return HTML_COLOR_TRANSPARENT;
    number >>= has_alpha ? (is_short ? 4 : 8) : 0;
    if (is_short)
        number =
            (number >> 8 & 0xf) * 0x110000 + (number >> 4 & 0xf) * 0x1100 + (number & 0xf) * 0x11;
    return (int32_t)number;
}

/* "rgb(255, 255, 255)", "rgba(0 0 0 / 0)" */
static int32_t read_rgb_color(struct slice value)
{
    double parts[4] = {0, 0, 0, 1};
    size_t count = 0, i = slice_find_byte(value, '(') + 1;
    while (i < value.size && count < 4 && value.data[i] != ')') {
        struct slice unit, word = slice_from(value, i);
        if (strchr(" ,/\t", value.data[i]) != NULL) {
            i++;
            continue;
        }
        size_t size = 0;
        while (size < word.size && strchr(" ,/\t)", word.data[size]) == NULL)
            size++;
        word.size = size;
        if (!read_number(word, &parts[count], &unit))
            return HTML_COLOR_UNKNOWN;
        if (slice_is(unit, "%"))
            parts[count] *= count == 3 ? 0.01 : 2.55;
        count++;
        i += size;
    }
    if (count < 3)
        return HTML_COLOR_UNKNOWN;
    if (parts[3] < 0.05)
        return HTML_COLOR_TRANSPARENT;
    int32_t color = 0;
    for (size_t k = 0; k < 3; k++)
        color = color << 8 | (parts[k] < 0 ? 0 : parts[k] > 255 ? 255 : (int32_t)parts[k]);
    return color;
}

static int32_t read_color(struct slice value)
{
    value = slice_trim(value);
    if (slice_starts_with(value, "#"))
        return read_hex_color(slice_from(value, 1));
    if (slice_starts_with_nocase(value, "rgb"))
        return read_rgb_color(value);
    struct slice word, rest = value;
    if (!slice_next_word(&rest, &word))
        return HTML_COLOR_UNKNOWN;
    for (size_t i = 0; i < sizeof colors / sizeof colors[0]; i++)
        if (slice_is_nocase(word, colors[i].name))
            return colors[i].color;
    return word.size == 6 ? read_hex_color(word) : HTML_COLOR_UNKNOWN;
}

static bool is_close(int32_t a, int32_t b)
{
    for (int shift = 0; shift < 24; shift += 8) {
        int32_t distance = (a >> shift & 0xff) - (b >> shift & 0xff);
        if (distance > 16 || distance < -16)
            return false;
    }
    return true;
}

/* --- properties ------------------------------------------------------------------------------- */

static void set_display(struct styling *s, struct slice value)
{
    s->look->is_gone |= slice_is_nocase(value, "none");
    s->look->begins_a_line = slice_is_nocase(value, "block") || slice_is_nocase(value, "table") ||
                             slice_is_nocase(value, "flex") || slice_is_nocase(value, "list-item");
}

static void set_visibility(struct styling *s, struct slice value)
{
    if (slice_is_nocase(value, "hidden") || slice_is_nocase(value, "collapse"))
        s->look->is_invisible = true;
    else if (slice_is_nocase(value, "visible"))
        s->look->is_invisible = false;
}

static void set_opacity(struct styling *s, struct slice value)
{
    double number;
    struct slice unit;
    if (read_number(value, &number, &unit))
        s->look->is_gone |= number < (slice_is(unit, "%") ? 5 : 0.05);
}

/* em and % rest on the size outside, which is not known: only 0 of it is 0. */
static void set_font_size(struct styling *s, struct slice value)
{
    double number;
    struct slice unit;
    if (!read_number(value, &number, &unit)) {
        s->look->is_tiny = s->look->is_tiny && slice_is_nocase(value, "inherit");
        return;
    }
    bool is_absolute = slice_is_nocase(unit, "px") || slice_is_nocase(unit, "pt") ||
                       slice_is_nocase(unit, "mm") || slice_is_nocase(unit, "rem") ||
                       unit.size == 0;
    if (number <= 0 || (is_absolute && number <= 1 && !slice_is_nocase(unit, "rem")))
        s->look->is_tiny = true;
    else if (is_absolute)
        s->look->is_tiny = false;
}

/* "bold 0/0 a": the first number with a unit or a slash, or 0. */
static void set_font(struct styling *s, struct slice value)
{
    struct slice word, unit;
    double number;
    while (slice_next_word(&value, &word)) {
        if (!read_number(word, &number, &unit) || (unit.size == 0 && number >= 100))
            continue;
        word.size = slice_find_byte(word, '/');
        set_font_size(s, word);
        return;
    }
}

static void set_color(struct styling *s, struct slice value)
{
    if (!slice_is_nocase(value, "inherit"))
        s->look->color = read_color(value);
}

static void set_background(struct styling *s, struct slice value)
{
    bool has_picture = slice_find_nocase(value, SLICE_LITERAL("url(")) < value.size ||
                       slice_find_nocase(value, SLICE_LITERAL("gradient")) < value.size;
    int32_t color = has_picture ? HTML_COLOR_UNKNOWN : read_color(value);
    if (color != HTML_COLOR_TRANSPARENT && !slice_is_nocase(value, "none"))
        s->look->background = color;
}

static void set_position(struct styling *s, struct slice value)
{
    s->box.is_positioned = slice_is_nocase(value, "absolute") || slice_is_nocase(value, "fixed");
}

static void set_offset(struct styling *s, struct slice value)
{
    double number;
    struct slice unit;
    s->box.is_far |= read_number(value, &number, &unit) && number <= -FAR_PIXELS;
}

static void set_indent(struct styling *s, struct slice value)
{
    double number;
    struct slice unit;
    s->look->is_gone |= read_number(value, &number, &unit) && number <= -FAR_PIXELS;
}

static void set_extent(struct styling *s, struct slice value)
{
    double number;
    struct slice unit;
    s->box.is_empty |= read_number(value, &number, &unit) && number <= 1 && !slice_is(unit, "em") &&
                       (number <= 0 || !slice_is(unit, "%"));
}

static void set_overflow(struct styling *s, struct slice value)
{
    s->box.cuts_overflow = slice_is_nocase(value, "hidden");
}

static const struct {
    const char *name;
    void (*set)(struct styling *s, struct slice value);
} properties[] = {
    {"color", set_color},
    {"font-size", set_font_size},
    {"background-color", set_background},
    {"background", set_background},
    {"background-image", set_background},
    {"display", set_display},
    {"font", set_font},
    {"height", set_extent},
    {"width", set_extent},
    {"max-height", set_extent},
    {"max-width", set_extent},
    {"overflow", set_overflow},
    {"visibility", set_visibility},
    {"opacity", set_opacity},
    {"position", set_position},
    {"left", set_offset},
    {"top", set_offset},
    {"right", set_offset},
    {"bottom", set_offset},
    {"margin-left", set_indent},
    {"text-indent", set_indent},
};

/* References decoded, comments removed: what is longer than the room is cut. */
static size_t clean_style(struct slice style, char text[STYLE_BYTES])
{
    size_t size = 0;
    for (size_t i = 0; i < style.size && size + HTML_REFERENCE_BYTES < STYLE_BYTES;) {
        size_t decoded, used = 0;
        if (style.data[i] == '&')
            used = html_reference(slice_from(style, i), text + size, &decoded);
        if (used > 0) {
            size += decoded;
            i += used;
        } else {
            text[size++] = style.data[i++];
        }
        if (size >= 2 && text[size - 2] == '/' && text[size - 1] == '*') {
            size -= 2;
            size_t end = slice_find(slice_from(style, i), SLICE_LITERAL("*/"));
            i += end + 2;
        }
    }
    return size;
}

static void set_property(struct styling *s, struct slice declaration)
{
    size_t colon = slice_find_byte(declaration, ':');
    struct slice name = slice_trim(slice_part(declaration, 0, colon));
    struct slice value = slice_from(declaration, colon + 1);
    value = slice_trim(slice_part(value, 0, slice_find_byte(value, '!')));
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
        if (slice_is_nocase(name, properties[i].name)) {
            properties[i].set(s, value);
            return;
        }
    }
}

static void apply_style(struct styling *s, struct slice style)
{
    char text[STYLE_BYTES];
    style = slice_part(style, 0, 4 * STYLE_BYTES);
    struct slice rest = {text, clean_style(style, text)}, declaration;
    while (slice_next(&rest, ';', &declaration))
        set_property(s, declaration);
}

static void finish_box(struct styling *s)
{
    s->look->is_gone |=
        (s->box.is_positioned && s->box.is_far) || (s->box.is_empty && s->box.cuts_overflow);
}

bool html_look_style_hides(struct slice style)
{
    struct html_look look = html_look_first;
    struct styling styling = {.look = &look};
    apply_style(&styling, style);
    finish_box(&styling);
    return look.is_gone || look.is_invisible || look.is_tiny;
}

struct html_look html_look_of(const struct html_token *start, const struct html_look *outside,
                              const struct html_sheet *sheet)
{
    struct html_look look = *outside;
    struct styling styling = {.look = &look};
    struct slice attributes = start->attributes, name, value, style = {NULL, 0};
    look.begins_a_line = false;
    look.is_gone |= (start->flags & HTML_UNSEEN) != 0;
    while (html_attribute_next(&attributes, &name, &value)) {
        if (slice_is_nocase(name, "style"))
            style = value;
        else if (slice_is_nocase(name, "hidden"))
            look.is_gone |= !slice_is_nocase(value, "until-found");
        else if (slice_is_nocase(name, "class"))
            look.is_gone |= html_sheet_hides(sheet, '.', value);
        else if (slice_is_nocase(name, "id"))
            look.is_gone |= html_sheet_hides(sheet, '#', value);
        else if (slice_is_nocase(name, "bgcolor"))
            set_background(&styling, value);
        else if (slice_is_nocase(name, "background"))
            look.background = HTML_COLOR_UNKNOWN;
        else if (slice_is_nocase(name, "color") || slice_is_nocase(name, "text"))
            set_color(&styling, value);
        else if (slice_is_nocase(name, "href") && strcmp(start->name, "a") == 0)
            look.color = LINK_COLOR;
    }
    if (style.size > 0)
        apply_style(&styling, style);
    finish_box(&styling);
    return look;
}

bool html_look_is_hidden(const struct html_look *look)
{
    return look->is_gone || look->is_invisible || look->is_tiny ||
           look->color == HTML_COLOR_TRANSPARENT ||
           (look->color >= 0 && look->background >= 0 && is_close(look->color, look->background));
}
