#include "fetch/state.h"

#include "common/base/files.h"
#include "common/base/option.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define STATE_BYTES 4096
#define DAY_SECONDS 86400
#define MOST_DOUBLINGS 5

#define NUMBER(name, field)                                                                        \
    name, OPTION_NUMBER, offsetof(struct fetch_state, field), 0, INT64_MAX, NULL, "0", ""

static const struct option_row rows[] = {
    {"etag", OPTION_TEXT, offsetof(struct fetch_state, etag), 0, TRANSFER_ETAG_BYTES, NULL, "", ""},
    {NUMBER("modified", modified_at)},
    {NUMBER("next", next_at)},
    {NUMBER("failures", failures)},
    {NUMBER("day", day)},
    {NUMBER("bytes", day_bytes)},
    {NULL, OPTION_TEXT, 0, 0, 0, NULL, NULL, NULL},
};

void state_read(const char *folder, struct fetch_state *state)
{
    char path[4096];
    struct error ignored = {0};
    BUFFER_CLEANUP text = buffer_new(STATE_BYTES);
    memset(state, 0, sizeof *state);
    option_set_defaults(rows, state);
    snprintf(path, sizeof path, "%s/state", folder);
    if (file_read(path, &text, &ignored) != 0)
        return;
    struct slice rest = buffer_slice(&text), line;
    while (slice_next(&rest, '\n', &line)) {
        size_t blank = slice_find_byte(line, ' ');
        const struct option_row *row = option_find(rows, slice_part(line, 0, blank));
        if (row != NULL &&
            option_set(row, state, slice_trim(slice_from(line, blank)), &ignored) != 0)
            option_set_defaults(rows, state);
    }
}

int state_write(const char *folder, const struct fetch_state *state, struct error *err)
{
    char path[4096];
    BUFFER_CLEANUP text = buffer_new(STATE_BYTES);
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        buffer_printf(&text, "%s ", row->name);
        option_print(row, state, &text);
        buffer_append_byte(&text, '\n');
    }
    snprintf(path, sizeof path, "%s/state", folder);
    if (buffer_check(&text, "state", err) != 0)
        return -1;
    return file_write(path, buffer_slice(&text), 0644, err);
}

int64_t state_bytes_left(struct fetch_state *state, int64_t daily_bytes, int64_t now)
{
    int64_t today = now / DAY_SECONDS;
    if (state->day != today) {
        state->day = today;
        state->day_bytes = 0;
    }
    return state->day_bytes < daily_bytes ? daily_bytes - state->day_bytes : 0;
}

int64_t state_next_poll(const struct fetch_state *state, int64_t now, int64_t interval_seconds,
                        uint32_t random)
{
    int64_t pause = interval_seconds < STATE_LEAST_SECONDS ? STATE_LEAST_SECONDS : interval_seconds;
    int64_t doublings = state->failures < MOST_DOUBLINGS ? state->failures : MOST_DOUBLINGS;
    for (int64_t i = 0; i < doublings && pause < DAY_SECONDS; i++)
        pause *= 2;
    if (state->failures > 0 && pause > DAY_SECONDS)
        pause = DAY_SECONDS;
    return now + pause + (int64_t)(random % (uint32_t)(pause / 4 + 1));
}
