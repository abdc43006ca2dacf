/* Requests of the policy protocol: the end is found the same however the bytes come; a connection
 * answers each of them once, in words that Postfix knows; what a stranger wrote never ends a line.
 */
#include "common/base/log.h"
#include "policy/answer.h"
#include "policy/connection.h"
#include "policy/local_rules.h"
#include "policy/porter.h"
#include "policy/received_spf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#define CONNECTION_BYTES 4096
#define REQUESTS_MOST 150 /* their answers fit into what a socket holds */
#define ARENA_BYTES ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Junk is a line in the log: here it would be all that one sees. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    log_open("fuzz", LOG_TARGET_SYSLOG, LOG_LEVEL_ERROR, NULL);
    setlogmask(LOG_MASK(LOG_DEBUG));
    return 0;
}

static void check_answer(struct slice text)
{
    struct answer answer;
    BUFFER_CLEANUP line = buffer_new(ANSWER_BYTES);
    answer_reject(&answer, "fuzz", "5.7.1", text);
    answer_write(&answer, &line);
    if (line.has_overflowed || slice_find(buffer_slice(&line), slice_of("\n\n")) != line.size - 2 ||
        slice_find_byte(buffer_slice(&line), '\n') != line.size - 2)
        abort();
}

static void check_end(struct slice text)
{
    size_t whole = request_find_end(text, 0);
    for (size_t have = 0; have <= text.size && have < 300; have++) {
        size_t found = request_find_end(slice_part(text, 0, have), have == 0 ? 0 : have - 1);
        if (found != 0 && found != whole)
            abort();
        if (found != 0)
            return;
    }
}

static void check_field(const struct request *request)
{
    static struct porter porter = {.settings = {.hostname = "mx.example.org"}};
    struct request_facts facts = {.request = request, .porter = &porter, .sender = request->sender};
    BUFFER_CLEANUP field = buffer_new(ANSWER_TEXT_BYTES * 4);
    received_spf_write(&facts, &field);
    if (field.has_overflowed)
        abort();
    for (size_t i = 0; i < field.size; i++)
        if (field.data[i] < ' ' || field.data[i] > '~')
            abort();
}

/* The rules of a file, asked about the request behind its first empty line. */
static void check_rules(struct slice text)
{
    struct local_rules *rules;
    struct request request;
    struct answer answer;
    size_t end = slice_find(text, slice_of("\n\n"));
    if (local_rules_read(slice_part(text, 0, end), "fuzz", &rules, NULL) != 0)
        return;
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    if (end + 2 < text.size && request_read(slice_from(text, end + 2), &request, NULL) == 0) {
        struct request_facts facts = {.request = &request,
                                      .arena = arena,
                                      .sender = request.sender,
                                      .recipient = request.recipient,
                                      .has_spf = true};
        (void)local_rules_fit(rules, &facts, &answer);
    }
    local_rules_free(rules);
}

static void refuse_all(void *context, struct visit *visit, const struct request *request,
                       struct arena *arena, struct answer *answer_out)
{
    (void)context;
    (void)visit;
    (void)arena;
    answer_reject(answer_out, "fuzz", "5.7.1", request->sender);
}

static size_t count_ends(struct slice text)
{
    size_t count = 0;
    for (size_t end; (end = request_find_end(text, 0)) > 0; count++)
        text = slice_from(text, end);
    return count;
}

/* All of it at once on a socket that then half-closes: as many answers as requests. */
static void check_connection(struct slice text)
{
    static char answers[REQUESTS_MOST * ANSWER_BYTES];
    const struct service_settings settings = {.times = {2000, 2000, 2000}, .answer = refuse_all};
    int pair[2];
    size_t used = 0, wanted = count_ends(text);
    if (text.size > CONNECTION_BYTES || wanted > REQUESTS_MOST ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return;
    if (send(pair[0], text.data, text.size, MSG_NOSIGNAL) != (ssize_t)text.size)
        abort();
    shutdown(pair[0], SHUT_WR);
    enum connection_end end = connection_serve(pair[1], &settings, NULL);
    close(pair[1]);
    for (ssize_t got; (got = recv(pair[0], answers + used, sizeof answers - used, 0)) > 0;)
        used += (size_t)got;
    close(pair[0]);
    struct slice all = slice_new(answers, used), line;
    size_t said = 0;
    while (slice_next(&all, '\n', &line))
        said += slice_starts_with_nocase(line, "action=") ? 1 : 0;
    if (end != CONNECTION_TOO_LONG && said != wanted)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = {(const char *)bytes, size};
    struct request request;
    check_end(text);
    if (request_read(text, &request, NULL) == 0) {
        if (slice_find_byte(request.sender, '\n') < request.sender.size)
            abort();
        check_answer(request.sender);
        check_field(&request);
    }
    check_rules(text);
    check_connection(text);
    check_answer(text);
    return 0;
}
