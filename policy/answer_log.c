#include "policy/answer_log.h"

#include "common/base/log.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *rule; /* NULL: free */
    const char *action;
    char recipient[LOG_PRIVATE_BYTES];
    int64_t began;
    size_t said, unsaid;
};

struct answer_log {
    atomic_llong due; /* before this second round() has nothing to do */
    pthread_mutex_t mutex;
    struct row rows[ANSWER_LOG_ROWS]; /* the last one is that of the others */
};

struct answer_log *answer_log_new(void)
{
    struct answer_log *log = calloc(1, sizeof *log);
    if (log == NULL)
        return NULL;
    atomic_init(&log->due, INT64_MAX);
    pthread_mutex_init(&log->mutex, NULL);
    return log;
}

static void say_rest(const struct row *row)
{
    if (row->unsaid > 0)
        log_event(LOG_LEVEL_INFO, "answers-not-logged",
                  "action=%s rule=%s recipient=%s count=%zu seconds=%d", row->action, row->rule,
                  row->recipient, row->unsaid, ANSWER_LOG_SECONDS);
}

/* Frees the rows that are over; their copies are said when nobody waits any more. */
static void close_rows(struct answer_log *log, int64_t now)
{
    struct row over[ANSWER_LOG_ROWS];
    size_t count = 0;
    int64_t due = INT64_MAX;
    pthread_mutex_lock(&log->mutex);
    for (size_t i = 0; i < ANSWER_LOG_ROWS; i++) {
        struct row *row = &log->rows[i];
        if (row->rule == NULL)
            continue;
        int64_t end = row->began + ANSWER_LOG_SECONDS;
        if (end <= now) {
            over[count++] = *row;
            row->rule = NULL;
        } else if (end < due) {
            due = end;
        }
    }
    atomic_store(&log->due, due);
    pthread_mutex_unlock(&log->mutex);
    for (size_t i = 0; i < count; i++)
        say_rest(&over[i]);
}

void answer_log_free(struct answer_log *log)
{
    if (log == NULL)
        return;
    close_rows(log, INT64_MAX);
    pthread_mutex_destroy(&log->mutex);
    free(log);
}

void answer_log_round(struct answer_log *log, int64_t now)
{
    if (atomic_load_explicit(&log->due, memory_order_relaxed) <= now)
        close_rows(log, now);
}

static bool is_row_of(const struct row *row, const struct answer *answer, const char *recipient)
{
    return row->rule != NULL && row->action == answer_action_name(answer->action) &&
           strcmp(row->rule, answer->rule) == 0 && strcmp(row->recipient, recipient) == 0;
}

/* Called with the mutex. */
static struct row *find_row(struct answer_log *log, const struct answer *answer,
                            const char *recipient, int64_t now)
{
    struct row *others = &log->rows[ANSWER_LOG_ROWS - 1], *row = others;
    for (size_t i = 0; i < ANSWER_LOG_ROWS - 1; i++) {
        if (is_row_of(&log->rows[i], answer, recipient))
            return &log->rows[i];
        if (row == others && log->rows[i].rule == NULL)
            row = &log->rows[i];
    }
    if (row == others && row->rule != NULL)
        return row;
    if (row == others)
        *row = (struct row){"any", "any", "others", now, 0, 0};
    else
        *row = (struct row){answer->rule, answer_action_name(answer->action), "", now, 0, 0};
    if (row != others)
        memcpy(row->recipient, recipient, LOG_PRIVATE_BYTES);
    if (now + ANSWER_LOG_SECONDS < atomic_load(&log->due))
        atomic_store(&log->due, now + ANSWER_LOG_SECONDS);
    return row;
}

void answer_log_say(struct answer_log *log, const struct answer *answer, struct slice sender,
                    struct slice recipient, int64_t now)
{
    char from[LOG_PRIVATE_BYTES], to[LOG_PRIVATE_BYTES];
    if (answer->action == ANSWER_DUNNO || answer->action == ANSWER_PREPEND)
        return;
    log_private((struct private_text){recipient}, to);
    pthread_mutex_lock(&log->mutex);
    struct row *row = find_row(log, answer, to, now);
    bool has_line = row->said < ANSWER_LOG_LINES;
    row->said += has_line ? 1 : 0;
    row->unsaid += has_line ? 0 : 1;
    pthread_mutex_unlock(&log->mutex);
    if (has_line)
        log_event(LOG_LEVEL_INFO, "answer", "action=%s code=%s rule=%s sender=%s recipient=%s",
                  answer_action_name(answer->action), answer->code, answer->rule,
                  log_private((struct private_text){sender}, from), to);
}
