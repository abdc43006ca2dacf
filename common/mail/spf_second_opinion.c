/*
 * What libspf2 says, for comparison. Its release in Debian 12 dies of some records (abort, stack
 * overflow) and asks without bound for others, so it lives in a child: sandboxed, limited in time,
 * CPU and memory, with our own resolver below it so that `dns_server` counts for it too.
 */
#include "common/base/child.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/base/sandbox.h"
#include "common/mail/spf.h"
#include "common/mail/spf_macro.h"
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* libspf2's headers want the resolver's before them. */
#include <arpa/nameser.h>
#include <spf2/spf.h>

#define ANSWER_ARENA_BYTES (1 * MIB)
#define WORD_BYTES 100

struct opinion {
    const struct settings *settings;
    const struct spf_request *request;
    struct dns *dns;
    struct deadline deadline;
};

static SPF_dns_stat_t stat_of(enum dns_status status)
{
    switch (status) {
    case DNS_FOUND:
        return NETDB_SUCCESS;
    case DNS_NO_DATA:
        return NO_DATA;
    case DNS_TEMPORARY:
        return TRY_AGAIN;
    case DNS_NO_NAME:
    case DNS_BAD_NAME:
        break;
    }
    return HOST_NOT_FOUND;
}

static bool add_record(SPF_dns_rr_t *rows, const struct dns_record *record)
{
    int index = rows->num_rr;
    bool is_text = rows->rr_type != ns_t_a && rows->rr_type != ns_t_aaaa;
    size_t size = is_text ? record->text.size + 1 : sizeof(SPF_dns_rr_data_t);
    if (size < sizeof(SPF_dns_rr_data_t))
        size = sizeof(SPF_dns_rr_data_t);
    if (SPF_dns_rr_buf_realloc(rows, index, size) != SPF_E_SUCCESS)
        return false;
    SPF_dns_rr_data_t *to = rows->rr[index];
    memset(to, 0, size);
    if (rows->rr_type == ns_t_a)
        to->a = record->ipv4;
    else if (rows->rr_type == ns_t_aaaa)
        to->aaaa = record->ipv6;
    else if (record->text.size > 0)
        memcpy(to, record->text.data, record->text.size);
    rows->num_rr++;
    return true;
}

/* libspf2's question to its DNS layer. */
static SPF_dns_rr_t *look_up(SPF_dns_server_t *layer, const char *domain, ns_type type, int cached)
{
    (void)cached;
    struct opinion *opinion = layer->hook;
    struct dns_answer answer;
    bool is_known = type == ns_t_a || type == ns_t_aaaa || type == ns_t_mx || type == ns_t_ptr ||
                    type == ns_t_txt;
    ARENA_CLEANUP *arena = arena_new(ANSWER_ARENA_BYTES);
    if (arena == NULL || !is_known)
        return SPF_dns_rr_new_nxdomain(layer, domain);
    dns_lookup(opinion->dns, slice_of(domain), (enum dns_type)type, opinion->deadline, arena,
               &answer);
    SPF_dns_rr_t *rows = SPF_dns_rr_new_init(layer, domain, type, 0, stat_of(answer.status));
    for (size_t i = 0; rows != NULL && i < answer.count; i++)
        if (!add_record(rows, &answer.records[i]))
            break;
    return rows;
}

static bool fill_request(SPF_request_t *asked, const struct spf_request *request,
                         struct arena *arena)
{
    struct spf_client client;
    if (!spf_client_parse(request->client_ip, &client))
        return false;
    struct slice helo = arena_copy(arena, request->helo);
    struct slice sender = arena_copy(arena, request->sender);
    SPF_errcode_t status = client.is_ipv6 ? SPF_request_set_ipv6(asked, client.ipv6)
                                          : SPF_request_set_ipv4(asked, client.ipv4);
    if (status != SPF_E_SUCCESS)
        return false;
    if (helo.size > 0 && SPF_request_set_helo_dom(asked, helo.data) != SPF_E_SUCCESS)
        return false;
    return sender.size == 0 || SPF_request_set_env_from(asked, sender.data) == 0;
}

/* In the sandbox: everything that can be taken over happens here. */
static int ask_libspf2(SPF_server_t *server, const struct spf_request *request, struct arena *arena,
                       int fd)
{
    SPF_request_t *asked = SPF_request_new(server);
    SPF_response_t *response = NULL;
    if (asked == NULL || !fill_request(asked, request, arena))
        return file_write_fd(fd, SLICE_LITERAL("could not ask"), NULL);
    SPF_errcode_t code = SPF_request_query_mailfrom(asked, &response);
    SPF_result_t result = response == NULL ? SPF_RESULT_INVALID : SPF_response_result(response);
    const char *word = result == SPF_RESULT_INVALID ? SPF_strerror(code) : SPF_strresult(result);
    return file_write_fd(fd, slice_of(word == NULL ? "no result" : word), NULL);
}

/* What it prints before it dies may hold the record's words: nobody is to read it. */
static void silence_stderr(void)
{
    CLEANUP_FD int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
}

static int work(void *context, int fd)
{
    struct opinion *opinion = context;
    struct arena *arena = arena_new(ANSWER_ARENA_BYTES);
    SPF_dns_server_t layer = {.lookup = look_up, .name = "zaguan", .hook = opinion};
    if (arena == NULL || dns_open(opinion->settings, &opinion->dns, NULL) != 0)
        return 1;
    SPF_server_t *server = SPF_server_new_dns(&layer, 0);
    silence_stderr();
    if (server == NULL || sandbox_enter_dns_client(NULL) != 0)
        return 1;
    /* Nothing is freed: the process ends, and libspf2's clean-up is one more thing to go wrong. */
    return ask_libspf2(server, opinion->request, arena, fd) == 0 ? 0 : 1;
}

int spf_second_opinion(const struct settings *settings, const struct spf_request *request,
                       struct buffer *words_out, struct error *err)
{
    int64_t wait = 2 * settings->dns_timeout_milliseconds;
    struct opinion opinion = {settings, request, NULL, deadline_in(wait)};
    const struct child_limits limits = {.wall_milliseconds = wait,
                                        .cpu_seconds = wait / 1000 + 1,
                                        .memory_bytes = SANDBOX_MEMORY_BYTES};
    struct child_result result;
    BUFFER_CLEANUP answer = buffer_new(WORD_BYTES);
    if (child_run(work, &opinion, &limits, &answer, &result, err) != 0)
        return error_context(err, "second opinion");
    switch (result.ending) {
    case CHILD_KILLED_BY_SIGNAL:
        buffer_printf(words_out, "died: signal %d", result.status);
        break;
    case CHILD_TIMED_OUT:
        buffer_append_text(words_out, "died: timed out");
        break;
    case CHILD_FINISHED:
        if (result.status == 0)
            buffer_append(words_out, buffer_slice(&answer));
        else
            buffer_printf(words_out, "died: status %d", result.status);
        break;
    }
    return buffer_check(words_out, "second opinion", err);
}
