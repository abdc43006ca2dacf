/* The admin's zaguan.conf and a member's settings: any bytes give values within their limits or an
 * error that names the place, and a refused file changes nothing. */
#include "common/base/settings.h"
#include "policy/wishes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be printed, and what is printed is read as the same. */
static void check_round_trip(const struct option_row *rows, const void *values, void *again)
{
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        BUFFER_CLEANUP first = buffer_new(4096);
        BUFFER_CLEANUP second = buffer_new(4096);
        option_print(row, values, &first);
        if (option_set(row, again, buffer_slice(&first), NULL) != 0)
            abort();
        option_print(row, again, &second);
        if (!slice_equals(buffer_slice(&first), buffer_slice(&second)))
            abort();
    }
}

static void try_settings(struct slice text)
{
    struct settings settings, again;
    struct error err = {0};
    settings_set_defaults(&settings);
    settings_set_defaults(&again);
    struct settings before = settings;
    if (settings_parse(text, "fuzz", &settings, &err) == 0)
        check_round_trip(settings_rows, &settings, &again);
    else if (err.kind == ERROR_NONE || err.text[0] == '\0' ||
             memcmp(&before, &settings, sizeof before) != 0)
        abort();
}

/* The first line names a setting of hers, the rest is the value. */
static void try_wish(struct slice text)
{
    struct wishes wishes;
    struct error err = {0};
    wishes_set_defaults(&wishes);
    size_t end = slice_find_byte(text, '\n');
    if (wishes_set(&wishes, slice_part(text, 0, end), slice_from(text, end + 1), &err) != 0 &&
        err.text[0] == '\0')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL)
        return 0;
    memcpy(copy, data, size);
    try_settings(slice_new(copy, size));
    try_wish(slice_new(copy, size));
    free(copy);
    return 0;
}
