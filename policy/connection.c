#include "policy/connection.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define FIRST_BYTES 4096            /* a request of Postfix has about 700 */
#define ARENA_BYTES LIMIT_SPF_BYTES /* hostile DNS answers weigh most */

struct connection {
    int fd;
    const struct service_settings *settings;
    const struct connection_watch *watch;
    struct visit visit;
    struct arena *arena;
    struct buffer input, output;
    bool has_sent_junk;
    size_t looked_at; /* bytes of input that hold no end of a request */
    struct deadline request_deadline;
};

const char *connection_end_name(enum connection_end end)
{
    static const char *const names[] = {
        [CONNECTION_GOES_ON] = "goes-on", [CONNECTION_CLOSED] = "closed",
        [CONNECTION_CUT] = "cut",         [CONNECTION_SILENT] = "silent",
        [CONNECTION_SLOW] = "slow",       [CONNECTION_TOO_LONG] = "too-long",
    };
    return names[end];
}

/* True when the socket is ready before the deadline. */
static bool wait_for(int fd, short events, struct deadline deadline)
{
    for (;;) {
        int64_t left = deadline_left_milliseconds(deadline);
        struct pollfd wanted = {.fd = fd, .events = events};
        int ready = poll(&wanted, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/* Between two requests one blocking call: the time-out of the socket is that of silence. */
static enum connection_end wait_for_begin(struct connection *c, char *to, size_t room)
{
    ssize_t got;
    do
        got = recv(c->fd, to, room, 0);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return got < 0 && errno == EAGAIN ? CONNECTION_SILENT : CONNECTION_CLOSED;
    c->input.size = (size_t)got;
    c->request_deadline = deadline_in(c->settings->times.request_milliseconds);
    return CONNECTION_GOES_ON;
}

static enum connection_end wait_for_rest(struct connection *c, char *to, size_t room)
{
    if (!wait_for(c->fd, POLLIN, c->request_deadline))
        return CONNECTION_SLOW;
    ssize_t got = recv(c->fd, to, room, MSG_DONTWAIT);
    if (got > 0)
        c->input.size += (size_t)got;
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        return CONNECTION_CUT;
    return CONNECTION_GOES_ON;
}

static enum connection_end read_more(struct connection *c)
{
    size_t room = SERVICE_REQUEST_BYTES - c->input.size;
    room = room < FIRST_BYTES ? room : FIRST_BYTES;
    char *to = buffer_reserve(&c->input, room);
    if (room == 0 || to == NULL)
        return CONNECTION_TOO_LONG;
    return c->input.size == 0 ? wait_for_begin(c, to, room) : wait_for_rest(c, to, room);
}

static bool write_answer(struct connection *c)
{
    struct slice rest = buffer_slice(&c->output);
    struct deadline deadline = deadline_in(c->settings->times.answer_milliseconds);
    while (rest.size > 0) {
        ssize_t sent = send(c->fd, rest.data, rest.size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0)
            rest = slice_from(rest, (size_t)sent);
        else if ((errno != EAGAIN && errno != EINTR) || !wait_for(c->fd, POLLOUT, deadline))
            return false;
    }
    return true;
}

/* A request that cannot be read is answered too: Postfix waits for an answer to each. */
static void decide(struct connection *c, struct slice text)
{
    struct request request;
    struct answer answer;
    struct error err = {0};
    answer_dunno(&answer);
    if (request_read(text, &request, &err) != 0) {
        if (!c->has_sent_junk)
            log_error("request-not-read", &err);
        c->has_sent_junk = true; /* who talks another language is logged once */
    } else {
        c->settings->answer(c->settings->context, &c->visit, &request, c->arena, &answer);
    }
    arena_reset(c->arena);
    buffer_clear(&c->output);
    answer_write(&answer, &c->output);
}

static void tell(const struct connection *c, bool is_busy)
{
    if (c->watch != NULL && c->watch->is_busy != NULL)
        c->watch->is_busy(c->watch->context, is_busy);
}

/* Answers every whole request that was read. */
static bool answer_all(struct connection *c)
{
    size_t size, used = 0;
    while ((size = request_find_end(slice_from(buffer_slice(&c->input), used), c->looked_at)) > 0) {
        tell(c, true);
        decide(c, slice_part(buffer_slice(&c->input), used, size));
        bool is_sent = write_answer(c);
        tell(c, false);
        if (!is_sent)
            return false;
        used += size;
        c->looked_at = 0;
    }
    c->looked_at = c->input.size - used;
    if (used > 0) { /* what is left is the beginning of the next one */
        memmove(c->input.data, c->input.data + used, c->looked_at);
        c->input.size = c->looked_at;
        c->request_deadline = deadline_in(c->settings->times.request_milliseconds);
    }
    return true;
}

/* Who sends without end and without reading still gets an answer to the one that is too long. */
static void refuse_long_one(struct connection *c)
{
    struct answer answer;
    answer_dunno(&answer);
    buffer_clear(&c->output);
    answer_write(&answer, &c->output);
    bool ignored = write_answer(c);
    (void)ignored;
}

static void set_silence(const struct connection *c)
{
    int64_t silence = c->settings->times.silence_milliseconds;
    const struct timeval wait = {.tv_sec = silence / 1000, .tv_usec = silence % 1000 * 1000};
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
}

enum connection_end connection_serve(int fd, const struct service_settings *settings,
                                     const struct connection_watch *watch)
{
    struct connection c = {.fd = fd, .settings = settings, .watch = watch};
    enum connection_end end = CONNECTION_CUT;
    c.arena = arena_new(ARENA_BYTES);
    c.input = buffer_new(SERVICE_REQUEST_BYTES + 1);
    c.output = buffer_new(ANSWER_BYTES);
    set_silence(&c);
    while (c.arena != NULL && (end = read_more(&c)) == CONNECTION_GOES_ON)
        if (!answer_all(&c)) {
            end = CONNECTION_CUT;
            break;
        }
    if (end == CONNECTION_TOO_LONG)
        refuse_long_one(&c);
    buffer_free(&c.input);
    buffer_free(&c.output);
    arena_free(c.arena);
    return end;
}
