#include "milter/message.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "milter/authenticate.h"
#include "milter/judge.h"
#include "milter/wish.h"
#include <stddef.h>

struct message {
    const struct message_tools *tools;
    const struct envelope *envelope;
    struct arena *arena, *scan_arena;
    struct authentication authentication;
    struct slice whole;
    struct message_result *result;
};

static int add_limit(struct message *message, const char *limit, struct error *err)
{
    struct message_result *result = message->result;
    const char **limits =
        arena_alloc_array(message->arena, result->limit_count + 1, sizeof *limits);
    if (limits == NULL)
        return arena_error(message->arena, err);
    for (size_t i = 0; i < result->limit_count; i++)
        limits[i] = result->limits[i];
    limits[result->limit_count] = limit;
    result->limits = limits;
    result->limit_count++;
    return 0;
}

static int add_limits(struct message *message, const char *const *limits, size_t count,
                      struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (add_limit(message, limits[i], err) != 0)
            return -1;
    return 0;
}

/* The steps behind the wishes: 0, or -1 when the sender's server has to try again. */

static int step_collect(struct message *message, struct error *err)
{
    struct message_result *result = message->result;
    struct error trouble = {0};
    if (!result->is_whole)
        return add_limit(message, "message: more than can be kept in memory", err);
    if (collect_letter(message->whole, message->tools->settings->recipient_delimiter,
                       budget_of(LIMIT_COLLECT_MILLISECONDS), message->scan_arena, &result->letter,
                       &trouble) != 0)
        return add_limit(message, "text: more than the memory of one message", err);
    return add_limits(message, result->letter.texts.limits, result->letter.texts.limit_count, err);
}

static int step_match(struct message *message, struct error *err)
{
    const struct message_tools *tools = message->tools;
    struct message_result *result = message->result;
    if (tools->matcher == NULL)
        return add_limit(message, "lists: none could be read", err);
    struct match_input input = {
        .texts = &result->letter.texts,
        .sender = judge_canonical_sender(message->envelope, tools->settings->recipient_delimiter,
                                         message->arena),
        .from_address = result->letter.from_canonical,
        .client_ip = message->envelope->client_ip,
        .auth = &result->auth,
        .now = tools->now,
        .budget = budget_of(tools->settings->scan_timeout_milliseconds),
    };
    struct error trouble = {0};
    if (matcher_match(tools->matcher, &input, message->scan_arena, &result->hits, &trouble) != 0) {
        result->hits = (struct hit_set){0};
        return add_limit(message, "lists: more than the memory of one message", err);
    }
    if (add_limits(message, result->hits.limits, result->hits.limit_count, err) != 0)
        return -1;
    if (!result->hits.is_complete && result->hits.limit_count == 0)
        return add_limit(message, "lists: not matched whole", err);
    return 0;
}

static int step_decide(struct message *message, struct error *err)
{
    message->result->is_scanned = message->result->limit_count == 0;
    return judge_recipients(message->tools, message->envelope, message->arena, message->result,
                            err);
}

/* The table of contents: what happens to a message that somebody asked us to look at. */
static const struct step {
    int (*run)(struct message *message, struct error *err);
    size_t time; /* offsetof() of where its time is counted */
} steps[] = {
    {step_collect, offsetof(struct message_times, collect_microseconds)},
    {step_match, offsetof(struct message_times, match_microseconds)},
    {step_decide, offsetof(struct message_times, decide_microseconds)},
};

static int run_steps(struct message *message, struct error *err)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int64_t since = clock_monotonic_microseconds();
        int failed = steps[i].run(message, err);
        int64_t *time = (int64_t *)(void *)((char *)&message->result->times + steps[i].time);
        *time += clock_monotonic_microseconds() - since;
        if (failed != 0)
            return -1;
    }
    return 0;
}

/* The first step; before it nothing may be looked at. */
static struct message *begin(const struct message_tools *tools, const struct envelope *envelope,
                             struct arena *arena, struct arena *scan_arena, struct error *err)
{
    struct message *message = arena_alloc(arena, sizeof *message);
    struct message_result *result = arena_alloc(arena, sizeof *result);
    if (message == NULL || result == NULL) {
        arena_error(arena, err);
        return NULL;
    }
    *message = (struct message){.tools = tools,
                                .envelope = envelope,
                                .arena = arena,
                                .scan_arena = scan_arena,
                                .result = result};
    return wish_find(tools, envelope, arena, result, err) == 0 ? message : NULL;
}

int message_begin(const struct message_tools *tools, const struct envelope *envelope,
                  struct arena *arena, struct arena *scan_arena, struct message **message_out,
                  struct error *err)
{
    struct message *message = begin(tools, envelope, arena, scan_arena, err);
    if (message == NULL || authenticate_begin(&message->authentication, tools->dns, tools->settings,
                                              envelope, arena, err) != 0)
        return -1;
    *message_out = message;
    return 0;
}

bool message_is_looked_at(const struct message *message)
{
    return message->result->is_looked_at;
}

void message_field(struct message *message, struct slice field)
{
    authenticate_field(&message->authentication, field);
}

void message_end_of_header(struct message *message)
{
    authenticate_end_of_header(&message->authentication);
}

void message_body(struct message *message, struct slice piece)
{
    authenticate_body(&message->authentication, piece);
}

static int finish(struct message *message, struct slice whole, bool is_whole, struct error *err)
{
    struct message_result *result = message->result;
    int64_t since = clock_monotonic_microseconds();
    message->whole = whole;
    result->is_whole = is_whole;
    result->times.authenticate_microseconds = message->authentication.microseconds;
    if (result->is_looked_at && run_steps(message, err) != 0)
        return -1;
    result->times.total_microseconds =
        result->times.authenticate_microseconds + clock_monotonic_microseconds() - since;
    return 0;
}

int message_finish(struct message *message, const struct message_tools *tools, struct slice whole,
                   bool is_whole, struct message_result **result_out, struct error *err)
{
    message->tools = tools;
    authenticate_finish(&message->authentication, &message->result->auth);
    if (finish(message, whole, is_whole, err) != 0)
        return -1;
    *result_out = message->result;
    return 0;
}

void message_drop(struct message *message)
{
    if (message != NULL)
        authenticate_drop(&message->authentication);
}

int message_run(const struct message_tools *tools, const struct envelope *envelope,
                struct slice whole, struct arena *arena, struct arena *scan_arena,
                struct message_result **result_out, struct error *err)
{
    struct message *message = begin(tools, envelope, arena, scan_arena, err);
    if (message == NULL ||
        authenticate_whole(&message->authentication, tools->dns, tools->settings, envelope, whole,
                           arena, &message->result->auth, err) != 0 ||
        finish(message, whole, true, err) != 0)
        return -1;
    *result_out = message->result;
    return 0;
}
