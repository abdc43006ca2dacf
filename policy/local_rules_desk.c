/* The rules of the moment: a question takes them and gives them back; the last one who holds old
 * rules frees them. Asking may wait for the DNS, so no lock is held meanwhile. */
#include "common/base/files.h"
#include "common/base/limits.h"
#include "policy/local_rules.h"
#include <pthread.h>
#include <stdlib.h>

struct turn {
    struct local_rules *rules;
    int holders; /* the desk itself is one */
};

struct local_rules_desk {
    const char *path;
    pthread_mutex_t mutex;
    struct turn *turn;
};

static int read_file(const char *path, struct local_rules **rules_out, struct error *err)
{
    struct error why = {0};
    BUFFER_CLEANUP text = buffer_new(LIMIT_SETTINGS_BYTES);
    if (file_read(path, &text, &why) != 0 && why.kind != ERROR_NOT_FOUND)
        return error_set(err, why.kind, "%s", why.text);
    return local_rules_read(buffer_slice(&text), path, rules_out, err);
}

static void give(struct local_rules_desk *desk, struct turn *turn)
{
    pthread_mutex_lock(&desk->mutex);
    bool is_last = --turn->holders == 0;
    pthread_mutex_unlock(&desk->mutex);
    if (!is_last)
        return;
    local_rules_free(turn->rules);
    free(turn);
}

static struct turn *take(struct local_rules_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    struct turn *turn = desk->turn;
    turn->holders++;
    pthread_mutex_unlock(&desk->mutex);
    return turn;
}

int local_rules_reload(struct local_rules_desk *desk, struct error *err)
{
    struct turn *turn = calloc(1, sizeof *turn);
    if (turn == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (read_file(desk->path, &turn->rules, err) != 0) {
        free(turn);
        return -1;
    }
    turn->holders = 1;
    pthread_mutex_lock(&desk->mutex);
    struct turn *old = desk->turn;
    desk->turn = turn;
    pthread_mutex_unlock(&desk->mutex);
    if (old != NULL)
        give(desk, old);
    return 0;
}

int local_rules_open(const char *path, struct local_rules_desk **desk_out, struct error *err)
{
    struct local_rules_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    desk->path = path;
    pthread_mutex_init(&desk->mutex, NULL);
    if (local_rules_reload(desk, err) != 0) {
        local_rules_close(desk);
        return -1;
    }
    *desk_out = desk;
    return 0;
}

void local_rules_close(struct local_rules_desk *desk)
{
    if (desk == NULL)
        return;
    if (desk->turn != NULL)
        give(desk, desk->turn);
    pthread_mutex_destroy(&desk->mutex);
    free(desk);
}

size_t local_rules_count(struct local_rules_desk *desk)
{
    struct turn *turn = take(desk);
    size_t count = local_rules_size(turn->rules);
    give(desk, turn);
    return count;
}

bool local_rules_ask(struct local_rules_desk *desk, struct request_facts *facts,
                     struct answer *answer)
{
    struct turn *turn = take(desk);
    bool fits = local_rules_fit(turn->rules, facts, answer);
    give(desk, turn);
    return fits;
}
