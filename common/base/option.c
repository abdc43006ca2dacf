#include "common/base/option.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SAMPLE_COLUMNS 76

const struct option_row *option_find(const struct option_row *rows, struct slice name)
{
    for (const struct option_row *row = rows; row->name != NULL; row++)
        if (slice_is(name, row->name))
            return row;
    return NULL;
}

void option_set_defaults(const struct option_row *rows, void *values)
{
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        int failed = option_set(row, values, slice_of(row->fallback), NULL);
        (void)failed; /* tests/common_base/test_option.c proves that each default is valid */
    }
}

void option_print_allowed(const struct option_row *row, struct buffer *into)
{
    switch (row->type) {
    case OPTION_TEXT:
        buffer_printf(into, "text of at most %" PRId64 " bytes", row->maximum - 1);
        return;
    case OPTION_NUMBER:
        buffer_printf(into, "%" PRId64 " to %" PRId64, row->minimum, row->maximum);
        return;
    case OPTION_YES_NO:
        buffer_append_text(into, "yes or no");
        return;
    case OPTION_CHOICE:
        for (size_t i = 0; row->choices[i] != NULL; i++)
            buffer_printf(into, "%s%s",
                          i == 0                        ? ""
                          : row->choices[i + 1] == NULL ? " or "
                                                        : ", ",
                          row->choices[i]);
        return;
    }
}

static int refuse(const struct option_row *row, struct slice text, struct error *err)
{
    BUFFER_CLEANUP allowed = buffer_new(400);
    option_print_allowed(row, &allowed);
    return error_set(err, ERROR_INPUT, "%s: \"%.*s\" is not %s", row->name,
                     (int)(text.size > 80 ? 80 : text.size), text.size == 0 ? "" : text.data,
                     allowed.data);
}

int option_set(const struct option_row *row, void *values, struct slice text, struct error *err)
{
    char *field = (char *)values + row->field;
    text = slice_trim(text);
    switch (row->type) {
    case OPTION_TEXT:
        if (text.size >= (size_t)row->maximum || slice_find_byte(text, '\0') != text.size)
            return refuse(row, text, err);
        memset(field, 0, (size_t)row->maximum);
        if (text.size > 0)
            memcpy(field, text.data, text.size);
        return 0;
    case OPTION_NUMBER: {
        long long number;
        if (!slice_to_number(text, row->minimum, row->maximum, &number))
            return refuse(row, text, err);
        int64_t value = number;
        memcpy(field, &value, sizeof value);
        return 0;
    }
    case OPTION_YES_NO: {
        bool value = slice_is_nocase(text, "yes");
        if (!value && !slice_is_nocase(text, "no"))
            return refuse(row, text, err);
        memcpy(field, &value, sizeof value);
        return 0;
    }
    case OPTION_CHOICE:
        for (int i = 0; row->choices[i] != NULL; i++) {
            if (slice_is_nocase(text, row->choices[i])) {
                memcpy(field, &i, sizeof i);
                return 0;
            }
        }
        return refuse(row, text, err);
    }
    return error_set(err, ERROR_BUG, "%s: unknown type", row->name);
}

void option_print(const struct option_row *row, const void *values, struct buffer *into)
{
    const char *field = (const char *)values + row->field;
    switch (row->type) {
    case OPTION_TEXT:
        buffer_append_text(into, field);
        return;
    case OPTION_NUMBER: {
        int64_t number;
        memcpy(&number, field, sizeof number);
        buffer_printf(into, "%" PRId64, number);
        return;
    }
    case OPTION_YES_NO: {
        bool value;
        memcpy(&value, field, sizeof value);
        buffer_append_text(into, value ? "yes" : "no");
        return;
    }
    case OPTION_CHOICE: {
        int choice;
        memcpy(&choice, field, sizeof choice);
        buffer_append_text(into, row->choices[choice]);
        return;
    }
    }
}

static void print_wrapped(const char *text, const char *margin, struct buffer *into)
{
    struct slice rest = slice_of(text), word;
    size_t column = 0;
    while (slice_next_word(&rest, &word)) {
        if (column == 0 || column + 1 + word.size > SAMPLE_COLUMNS) {
            buffer_printf(into, "%s%s", column == 0 ? "" : "\n", margin);
            column = strlen(margin);
        }
        buffer_append_byte(into, ' ');
        buffer_append(into, word);
        column += 1 + word.size;
    }
    buffer_append_byte(into, '\n');
}

void option_print_sample(const struct option_row *rows, struct buffer *into)
{
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        print_wrapped(row->help, "#", into);
        buffer_append_text(into, "# Allowed: ");
        option_print_allowed(row, into);
        buffer_printf(into, ".\n#%s = %s\n\n", row->name, row->fallback);
    }
}

/* mdoc wants each sentence to begin a line. */
static void print_sentences(const char *text, struct buffer *into)
{
    for (const char *c = text; *c != '\0'; c++)
        buffer_append_byte(into, *c == ' ' && c > text && c[-1] == '.' ? '\n' : *c);
}

void option_print_mdoc(const struct option_row *rows, struct buffer *into)
{
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        buffer_printf(into, ".It Cm %s\n", row->name);
        print_sentences(row->help, into);
        buffer_append_text(into, "\nAllowed: ");
        option_print_allowed(row, into);
        if (row->fallback[0] == '\0')
            buffer_append_text(into, ".\nNot set by default.\n");
        else
            buffer_printf(into, ".\nDefault:\n.Li %s\n", row->fallback);
    }
}
