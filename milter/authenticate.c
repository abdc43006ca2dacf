#include "milter/authenticate.h"

#include "common/base/clock.h"

static struct auth_client client_of(const struct envelope *envelope)
{
    return (struct auth_client){
        .ip = envelope->client_ip,
        .helo = envelope->helo,
        .sender = envelope->sender,
        .is_known = envelope->client_ip.size > 0,
    };
}

static void add_time(struct authentication *authentication, int64_t since)
{
    authentication->microseconds += clock_monotonic_microseconds() - since;
}

int authenticate_begin(struct authentication *authentication, struct dns *dns,
                       const struct settings *settings, const struct envelope *envelope,
                       struct arena *arena, struct error *err)
{
    int64_t since = clock_monotonic_microseconds();
    struct auth_client client = client_of(envelope);
    authentication->auth = auth_begin(dns, settings, &client, arena);
    if (authentication->auth == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for authentication");
    add_time(authentication, since);
    return 0;
}

void authenticate_field(struct authentication *authentication, struct slice field)
{
    int64_t since = clock_monotonic_microseconds();
    auth_field(authentication->auth, field);
    add_time(authentication, since);
}

void authenticate_end_of_header(struct authentication *authentication)
{
    int64_t since = clock_monotonic_microseconds();
    auth_end_of_header(authentication->auth);
    add_time(authentication, since);
}

void authenticate_body(struct authentication *authentication, struct slice piece)
{
    int64_t since = clock_monotonic_microseconds();
    auth_body(authentication->auth, piece);
    add_time(authentication, since);
}

void authenticate_finish(struct authentication *authentication, struct auth_answer *answer_out)
{
    int64_t since = clock_monotonic_microseconds();
    auth_finish(authentication->auth, answer_out);
    authenticate_drop(authentication);
    add_time(authentication, since);
}

void authenticate_drop(struct authentication *authentication)
{
    if (authentication->auth != NULL)
        auth_free(authentication->auth);
    authentication->auth = NULL;
}

int authenticate_whole(struct authentication *authentication, struct dns *dns,
                       const struct settings *settings, const struct envelope *envelope,
                       struct slice message, struct arena *arena, struct auth_answer *answer_out,
                       struct error *err)
{
    int64_t since = clock_monotonic_microseconds();
    struct auth_client client = client_of(envelope);
    int failed = auth_message(dns, settings, &client, message, arena, answer_out, err);
    add_time(authentication, since);
    return failed;
}
