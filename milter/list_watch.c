#include "milter/list_watch.h"

#include "common/base/buffer.h"
#include "lists/match/compile.h"
#include <pthread.h>
#include <stdlib.h>

#define TROUBLE_BYTES ((size_t)256 * 1024)

struct list_turn {
    struct matcher *matcher;
    size_t user_count; /* one of them the watch itself, while it is the current one */
    struct list_turn *next;
};

struct list_watch {
    pthread_mutex_t mutex;
    struct list_turn *current;
    struct list_turn *done; /* without users, to be freed by the thread that looks */
    const struct settings *settings;
    char *const *compiler; /* the command for compile_in_child() */
    struct buffer troubles;
    size_t told;        /* of the troubles */
    uint64_t signature; /* of what was tried last, whether it could be read or not */
    bool has_tried;
};

struct list_watch *list_watch_new(const struct settings *settings, char *const *compiler)
{
    struct list_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    pthread_mutex_init(&watch->mutex, NULL);
    watch->settings = settings;
    watch->compiler = compiler;
    watch->troubles = buffer_new(TROUBLE_BYTES);
    return watch;
}

/* Unmapping a large image and giving back thousands of patterns' code takes milliseconds. */
static void free_done(struct list_watch *watch)
{
    pthread_mutex_lock(&watch->mutex);
    struct list_turn *turn = watch->done;
    watch->done = NULL;
    pthread_mutex_unlock(&watch->mutex);
    while (turn != NULL) {
        struct list_turn *next = turn->next;
        matcher_free(turn->matcher);
        free(turn);
        turn = next;
    }
}

void list_watch_free(struct list_watch *watch)
{
    if (watch == NULL)
        return;
    list_watch_give(watch, watch->current);
    free_done(watch);
    buffer_free(&watch->troubles);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

static void swap_in(struct list_watch *watch, struct list_turn *next)
{
    pthread_mutex_lock(&watch->mutex);
    struct list_turn *last = watch->current;
    watch->current = next;
    pthread_mutex_unlock(&watch->mutex);
    list_watch_give(watch, last);
}

static void tell_of_key(void *context, struct slice list, const char *fault)
{
    struct list_watch *watch = context;
    buffer_printf(&watch->troubles, SLICE_FORMAT ": its digests say nothing: %s\n",
                  SLICE_ARGUMENTS(list), fault);
}

/* The image that is there; `wanted` is what it must have been compiled from, 0: whatever. */
static int map(struct list_watch *watch, uint64_t wanted, struct error *err)
{
    char path[COMPILE_PATH_BYTES];
    struct list_turn *next = calloc(1, sizeof *next);
    if (next == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the lists");
    compile_image_path(watch->settings, path);
    if (matcher_map(path, &next->matcher, err) != 0) {
        free(next);
        return -1;
    }
    if (wanted != 0 && matcher_sources(next->matcher) != wanted) {
        matcher_free(next->matcher);
        free(next);
        return error_set(err, ERROR_NOT_FOUND, "%s: other lists", path);
    }
    if (matcher_use_keys(next->matcher, watch->settings, tell_of_key, watch, err) != 0) {
        matcher_free(next->matcher);
        free(next);
        return -1;
    }
    next->user_count = 1;
    swap_in(watch, next);
    return 0;
}

/* At the start an image of the same files is as good as a new one. */
static int load(struct list_watch *watch, bool is_first, struct error *err)
{
    struct error unused;
    if (is_first && map(watch, watch->signature, &unused) == 0)
        return 0;
    if (compile_in_child(watch->settings, watch->compiler, watch->current != NULL, &watch->troubles,
                         err) != 0) {
        /* What was compiled last is better than nothing. */
        if (watch->current == NULL)
            (void)(map(watch, 0, &unused) == 0);
        return -1;
    }
    return map(watch, 0, err);
}

enum list_watch_news list_watch_look(struct list_watch *watch, bool is_asked, struct error *err)
{
    free_done(watch);
    uint64_t signature = compile_signature(watch->settings);
    bool is_first = !watch->has_tried;
    if (!is_first && signature == watch->signature && !is_asked)
        return LIST_WATCH_NOTHING;
    watch->signature = signature;
    watch->has_tried = true;
    buffer_clear(&watch->troubles);
    watch->told = 0;
    return load(watch, is_first, err) == 0 ? LIST_WATCH_LOADED : LIST_WATCH_FAILED;
}

bool list_watch_next_trouble(struct list_watch *watch, struct slice *trouble_out)
{
    struct slice rest = slice_from(buffer_slice(&watch->troubles), watch->told);
    if (!slice_next(&rest, '\n', trouble_out) || trouble_out->size == 0)
        return false;
    watch->told += trouble_out->size + 1;
    return true;
}

struct list_turn *list_watch_take(struct list_watch *watch)
{
    pthread_mutex_lock(&watch->mutex);
    struct list_turn *turn = watch->current;
    if (turn != NULL)
        turn->user_count++;
    pthread_mutex_unlock(&watch->mutex);
    return turn;
}

void list_watch_give(struct list_watch *watch, struct list_turn *turn)
{
    if (turn == NULL)
        return;
    pthread_mutex_lock(&watch->mutex);
    if (--turn->user_count == 0) {
        turn->next = watch->done;
        watch->done = turn;
    }
    pthread_mutex_unlock(&watch->mutex);
}

const struct matcher *list_turn_matcher(const struct list_turn *turn)
{
    return turn == NULL ? NULL : turn->matcher;
}
