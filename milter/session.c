#include "milter/session.h"

#include "common/base/log.h"
#include "common/mail/authres.h"
#include "milter/capture.h"
#include "milter/carry.h"
#include "milter/claims.h"
#include "milter/learn.h"
#include "milter/message.h"
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct session {
    struct service *service;
    bool has_leading_space;
    /* the connection */
    char client_ip[NI_MAXHOST];
    struct buffer client_name, helo;
    bool is_trusted;
    /* the message; all in the arenas */
    struct arena *arena, *scan_arena;
    struct envelope envelope;
    size_t recipient_capacity;
    struct capture capture;
    struct message *message; /* NULL: no content so far */
    bool has_header_ended;
    struct claims results, marks; /* Authentication-Results, X-Zaguan */
    struct slice own_from;        /* From of a mail that came by a login */
    bool has_failed;              /* then the answer is a temporary failure, for this reason */
    struct error failure;
};

struct session *session_new(struct service *service)
{
    struct session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    session->service = service;
    session->client_name = buffer_new(LIMIT_ADDRESS_BYTES);
    session->helo = buffer_new(LIMIT_ADDRESS_BYTES);
    session->capture = capture_new(LIMIT_MESSAGE_BYTES);
    session->arena = arena_new(LIMIT_ENVELOPE_ARENA_BYTES);
    session->scan_arena = arena_new(LIMIT_SCAN_ARENA_BYTES);
    if (session->arena == NULL || session->scan_arena == NULL) {
        session_free(session);
        return NULL;
    }
    return session;
}

void session_abort(struct session *session)
{
    message_drop(session->message);
    session->message = NULL;
    session->envelope = (struct envelope){.sender = {NULL, 0}};
    session->recipient_capacity = 0;
    session->has_header_ended = false;
    session->results = (struct claims){.seen = 0};
    session->marks = (struct claims){.seen = 0};
    session->own_from = (struct slice){NULL, 0};
    session->has_failed = false;
    capture_begin(&session->capture, false);
    arena_reset(session->arena);
    arena_reset(session->scan_arena);
}

void session_free(struct session *session)
{
    if (session == NULL)
        return;
    message_drop(session->message);
    capture_free(&session->capture);
    buffer_free(&session->client_name);
    buffer_free(&session->helo);
    arena_free(session->arena);
    arena_free(session->scan_arena);
    free(session);
}

void session_set_leading_space(struct session *session, bool has_leading_space)
{
    session->has_leading_space = has_leading_space;
}

/* The first reason counts. */
static void fail(struct session *session, const struct error *err)
{
    if (!session->has_failed)
        session->failure = *err;
    session->has_failed = true;
}

static void set_text(struct buffer *text, const char *value)
{
    buffer_clear(text);
    buffer_append(text, slice_part(slice_of(value), 0, LIMIT_ADDRESS_BYTES));
}

enum session_answer session_connect(struct session *session, const char *name,
                                    const struct sockaddr *address)
{
    socklen_t size = address == NULL                  ? 0
                     : address->sa_family == AF_INET  ? sizeof(struct sockaddr_in)
                     : address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                      : 0;
    session->client_ip[0] = '\0';
    if (size > 0 && getnameinfo(address, size, session->client_ip, sizeof session->client_ip, NULL,
                                0, NI_NUMERICHOST) != 0)
        session->client_ip[0] = '\0';
    set_text(&session->client_name, name);
    session->is_trusted =
        trusted_contains(&session->service->trusted, slice_of(session->client_ip));
    return session->is_trusted ? SESSION_ACCEPT : SESSION_CONTINUE;
}

void session_helo(struct session *session, const char *name)
{
    set_text(&session->helo, name);
}

static struct slice keep(struct session *session, struct slice text)
{
    struct slice copy = arena_copy(session->arena, text);
    struct error err = {0};
    if (arena_is_exhausted(session->arena)) {
        arena_error(session->arena, &err);
        fail(session, &err);
    }
    return copy;
}

static struct slice without_brackets(struct slice path)
{
    if (path.size >= 2 && path.data[0] == '<' && path.data[path.size - 1] == '>')
        return slice_part(path, 1, path.size - 2);
    return path;
}

void session_sender(struct session *session, char *const *words)
{
    session_abort(session);
    struct envelope *envelope = &session->envelope;
    envelope->client_ip = slice_of(session->client_ip);
    envelope->client_name = buffer_slice(&session->client_name);
    envelope->helo = buffer_slice(&session->helo);
    envelope->sender = without_brackets(keep(session, slice_of(words[0])));
    envelope->arrived_at = clock_now();
    for (size_t i = 1; words[0] != NULL && words[i] != NULL; i++)
        if (slice_is_nocase(slice_of(words[i]), "SMTPUTF8"))
            envelope->is_smtputf8 = true;
}

void session_login(struct session *session, const char *login)
{
    session->envelope.login = keep(session, slice_of(login));
}

static void grow_recipients(struct session *session)
{
    struct envelope *envelope = &session->envelope;
    size_t capacity = session->recipient_capacity == 0 ? 8 : session->recipient_capacity * 2;
    struct slice *recipients = arena_alloc_array(session->arena, capacity, sizeof *recipients);
    if (recipients == NULL)
        return;
    if (envelope->recipient_count > 0)
        memcpy(recipients, envelope->recipients, envelope->recipient_count * sizeof *recipients);
    envelope->recipients = recipients;
    session->recipient_capacity = capacity;
}

void session_recipient(struct session *session, const char *path)
{
    struct envelope *envelope = &session->envelope;
    struct error err = {0};
    if (envelope->recipient_count == session->recipient_capacity)
        grow_recipients(session);
    if (envelope->recipient_count == session->recipient_capacity ||
        envelope->recipient_count == LIMIT_RECIPIENTS) {
        error_set(&err, ERROR_LIMIT, "more recipients than there is room for");
        fail(session, &err);
        return;
    }
    envelope->recipients[envelope->recipient_count++] = keep(session, slice_of(path));
}

static struct message_tools tools_of(const struct session *session)
{
    return (struct message_tools){.settings = &session->service->settings,
                                  .dns = session->service->dns,
                                  .keys = &session->service->keys,
                                  .lanes = session->service->burst_lanes,
                                  .now = session->envelope.arrived_at};
}

/* All recipients are known when the content begins: now their wishes can be asked. */
static void open_message(struct session *session)
{
    if (session->message != NULL || session->has_failed || session->is_trusted)
        return;
    struct error err = {0};
    struct message_tools tools = tools_of(session);
    if (store_pool_take(session->service->stores, &tools.store, &err) != 0) {
        fail(session, &err);
        return;
    }
    int failed = message_begin(&tools, &session->envelope, session->arena, session->scan_arena,
                               &session->message, &err);
    store_pool_give(session->service->stores, tools.store, failed == 0);
    if (failed != 0)
        fail(session, &err);
    else
        capture_begin(&session->capture, message_is_looked_at(session->message));
}

static void note_claims(struct session *session, struct slice name, struct slice value)
{
    struct error err = {0};
    int failed = 0;
    if (slice_is_nocase(name, AUTHRES_FIELD_NAME))
        failed = claims_note(&session->results,
                             authres_is_ours(value, session->service->settings.hostname),
                             session->arena, &err);
    else if (slice_is_nocase(name, APPLY_FIELD_NAME))
        failed = claims_note(&session->marks, true, session->arena, &err);
    if (failed != 0)
        fail(session, &err);
    if (session->envelope.login.size > 0 && slice_is_nocase(name, "From"))
        session->own_from = keep(session, value);
}

void session_field(struct session *session, const char *name, const char *value)
{
    open_message(session);
    if (session->message == NULL)
        return;
    note_claims(session, slice_of(name), slice_of(value));
    message_field(session->message, capture_field(&session->capture, slice_of(name),
                                                  slice_of(value), session->has_leading_space));
}

void session_end_of_header(struct session *session)
{
    open_message(session);
    if (session->message == NULL || session->has_header_ended)
        return;
    session->has_header_ended = true;
    capture_end_of_header(&session->capture);
    message_end_of_header(session->message);
}

void session_body(struct session *session, struct slice piece)
{
    if (session->message == NULL)
        return;
    capture_body(&session->capture, piece);
    message_body(session->message, piece);
}

/* That her name could not be noted is no reason to keep her mail. */
static void learn(struct session *session)
{
    struct service *service = session->service;
    struct store *store;
    struct error err = {0};
    if (session->own_from.size == 0)
        return;
    int failed = store_pool_take(service->stores, &store, &err);
    if (failed == 0) {
        failed = learn_name(store, &service->keys, &service->settings, &session->envelope,
                            session->own_from, session->arena, &err);
        store_pool_give(service->stores, store, failed == 0);
    }
    if (failed != 0)
        log_error("name-not-learned", &err);
}

/* The lists of this moment for the steps, then the plan while its hits are there. */
static int finish(struct session *session, const struct session_edits *edits,
                  enum session_answer *answer_out, struct error *err)
{
    struct service *service = session->service;
    struct message_tools tools = tools_of(session);
    struct message_result *result;
    if (store_pool_take(service->stores, &tools.store, err) != 0)
        return -1;
    struct list_turn *turn = list_watch_take(service->lists);
    struct household_turn *household = household_watch_take(service->household);
    tools.matcher = list_turn_matcher(turn);
    tools.household = household_turn_get(household);
    int failed = message_finish(session->message, &tools, capture_message(&session->capture),
                                session->capture.is_whole, &result, err);
    store_pool_give(service->stores, tools.store, failed == 0);
    if (failed == 0) {
        struct carry carry = {.service = service,
                              .envelope = &session->envelope,
                              .result = result,
                              .whole = capture_message(&session->capture),
                              .results = &session->results,
                              .marks = &session->marks,
                              .edits = edits,
                              .arena = session->arena};
        failed = carry_out(&carry, answer_out, err);
    }
    list_watch_give(service->lists, turn);
    household_watch_give(service->household, household);
    return failed;
}

static enum session_answer end_message(struct session *session, const struct session_edits *edits)
{
    enum session_answer answer = SESSION_TEMPFAIL;
    struct error err = {0};
    session_end_of_header(session); /* a message may have neither field nor empty line */
    if (!session->has_failed && finish(session, edits, &answer, &err) != 0)
        fail(session, &err);
    if (!session->has_failed) {
        learn(session);
        return answer;
    }
    error_context(&session->failure, "id=" SLICE_FORMAT,
                  SLICE_ARGUMENTS(session->envelope.queue_id));
    log_error("tempfail", &session->failure);
    return SESSION_TEMPFAIL;
}

enum session_answer session_end(struct session *session, const char *queue_id,
                                const struct session_edits *edits)
{
    if (session->is_trusted)
        return SESSION_ACCEPT;
    service_begin_answer(session->service);
    session->envelope.queue_id = keep(session, slice_of(queue_id == NULL ? "-" : queue_id));
    enum session_answer answer = end_message(session, edits);
    session_abort(session);
    service_end_answer(session->service);
    return answer;
}
