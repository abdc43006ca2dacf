/*
 * The network as a source of answers: one thread of our own drives one c-ares channel, which does
 * sending, repeating, the change to another server and to TCP. Questions reach the thread through
 * a list under the lock of struct dns and an eventfd.
 */
#include "common/base/limits.h"
#include "common/mail/dns_message.h"
#include "common/mail/dns_source.h"
#include <ares.h>
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TRIES 3 /* c-ares doubles the time of each: 1 + 2 + 4 sevenths of the whole */
#define ALIASES_MOST 8
#define ACCEPTED_UDP_BYTES 4096 /* more than we offer: what came whole need not come again */
#define SOCKETS_MOST 64
#define ANSWER_ARENA_BYTES (8 * MIB)
#define PORT_DOMAIN 53

struct network {
    struct dns *dns;
    ares_channel channel; /* only the thread uses it */
    pthread_t thread;
    int wake_fd;
    bool is_stopping;         /* under the lock */
    struct question *waiting; /* under the lock; newest first */
    struct pollfd sockets[SOCKETS_MOST];
    size_t socket_count;
};

struct question {
    struct question *next;
    struct network *network;
    struct dns_entry *entry;
    unsigned alias_count;
    bool is_plain; /* without EDNS */
    uint32_t ttl_seconds;
    char name[DNS_NAME_BYTES];
};

static void end_question(struct question *question, const struct dns_reply *reply)
{
    struct dns *dns = question->network->dns;
    uint32_t ttl = reply->ttl_seconds;
    if (question->ttl_seconds < ttl)
        ttl = question->ttl_seconds;
    dns_lock(dns);
    dns_settle(dns, question->entry, reply->status, reply->records, reply->count, ttl);
    dns_unlock(dns);
    free(question);
}

static void receive(void *context, int status, int timeouts, unsigned char *bytes, int size);

static void send_question(struct question *question)
{
    struct network *network = question->network;
    unsigned char query[DNS_QUERY_BYTES];
    uint16_t id = (uint16_t)randombytes_uniform(65536);
    size_t size = dns_message_write_query(id, slice_of(question->name), question->entry->type,
                                          !question->is_plain, query);
    dns_lock(network->dns);
    dns_count_query(network->dns);
    dns_unlock(network->dns);
    ares_send(network->channel, query, (int)size, receive, question);
}

/* A server that gives a CNAME without its target is asked for the target. */
static bool follows_alias(struct question *question, const struct dns_reply *reply)
{
    if (reply->alias[0] == '\0' || ++question->alias_count > ALIASES_MOST)
        return false;
    if (reply->ttl_seconds < question->ttl_seconds)
        question->ttl_seconds = reply->ttl_seconds;
    char name[DNS_NAME_BYTES];
    size_t size = 0;
    if (!dns_name_normalise(slice_of(reply->alias), name, &size))
        return false;
    memcpy(question->name, name, size + 1);
    send_question(question);
    return true;
}

/* A server that does not know EDNS is asked again without. c-ares does so once for a channel. */
static bool asks_again_plainly(struct question *question, const struct dns_reply *reply)
{
    if (!reply->is_format_error || question->is_plain)
        return false;
    question->is_plain = true;
    send_question(question);
    return true;
}

static void receive(void *context, int status, int timeouts, unsigned char *bytes, int size)
{
    (void)timeouts;
    struct question *question = context;
    struct dns_reply reply = {.status = DNS_TEMPORARY};
    ARENA_CLEANUP *arena = arena_new(ANSWER_ARENA_BYTES);
    if (arena != NULL && status == ARES_SUCCESS && bytes != NULL && size > 0)
        dns_message_read(slice_new((const char *)bytes, (size_t)size), slice_of(question->name),
                         question->entry->type, arena, &reply);
    if (asks_again_plainly(question, &reply) || follows_alias(question, &reply))
        return;
    if (reply.alias[0] != '\0')
        reply.status = DNS_TEMPORARY; /* a chain without end */
    end_question(question, &reply);
}

static void watch_socket(void *context, ares_socket_t fd, int readable, int writable)
{
    struct network *network = context;
    size_t i = 0;
    while (i < network->socket_count && network->sockets[i].fd != fd)
        i++;
    short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    if (events == 0) {
        if (i < network->socket_count)
            network->sockets[i] = network->sockets[--network->socket_count];
        return;
    }
    if (i == SOCKETS_MOST)
        return; /* cannot be: two for each of LIMIT_DNS_SERVERS. It would time out. */
    network->sockets[i] = (struct pollfd){.fd = fd, .events = events};
    if (i == network->socket_count)
        network->socket_count++;
}

/* Hands over what came in; false when the thread is to end. */
static bool take_questions(struct network *network)
{
    dns_lock(network->dns);
    struct question *waiting = network->waiting;
    network->waiting = NULL;
    bool is_stopping = network->is_stopping;
    dns_unlock(network->dns);
    while (waiting != NULL) {
        struct question *question = waiting;
        waiting = question->next;
        send_question(question);
    }
    return !is_stopping;
}

static void wait_for_sockets(struct network *network)
{
    struct pollfd polled[SOCKETS_MOST + 1];
    size_t count = network->socket_count;
    memcpy(polled, network->sockets, count * sizeof *polled);
    polled[count] = (struct pollfd){.fd = network->wake_fd, .events = POLLIN};
    struct timeval left = {0};
    const struct timeval *until = ares_timeout(network->channel, NULL, &left);
    int wait = until == NULL ? -1 : (int)(until->tv_sec * 1000 + until->tv_usec / 1000 + 1);
    int ready = poll(polled, (nfds_t)count + 1, wait);
    if (ready > 0 && (polled[count].revents & POLLIN) != 0) {
        uint64_t wakes = 0;
        ssize_t got = read(network->wake_fd, &wakes, sizeof wakes);
        (void)got;
    }
    for (size_t i = 0; ready > 0 && i < count; i++) {
        short events = polled[i].revents;
        if (events != 0)
            ares_process_fd(network->channel,
                            (events & ~POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD,
                            (events & POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(network->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* time-outs */
}

static void *drive(void *context)
{
    struct network *network = context;
    while (take_questions(network))
        wait_for_sockets(network);
    return NULL;
}

static void wake(struct network *network)
{
    uint64_t one = 1;
    ssize_t wrote = write(network->wake_fd, &one, sizeof one);
    (void)wrote; /* fails only when it is awake already */
}

static void network_ask(void *state, struct dns_entry *entry)
{
    struct network *network = state;
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL) {
        dns_settle(network->dns, entry, DNS_TEMPORARY, NULL, 0, 0);
        return;
    }
    question->network = network;
    question->entry = entry;
    question->ttl_seconds = UINT32_MAX;
    memcpy(question->name, entry->name, entry->name_size + 1);
    question->next = network->waiting;
    network->waiting = question;
    wake(network);
}

/* ares_destroy() ends what is still asked, by receive(). */
static void network_close(void *state)
{
    struct network *network = state;
    dns_lock(network->dns);
    network->is_stopping = true;
    dns_unlock(network->dns);
    wake(network);
    pthread_join(network->thread, NULL);
    ares_destroy(network->channel);
    close(network->wake_fd);
    free(network);
    ares_library_cleanup();
}

static const struct dns_source network_source = {network_ask, network_close};

/* "address", "address:port", "[v6]:port", "v6". */
static bool read_server(struct slice text, struct ares_addr_port_node *node)
{
    char address[INET6_ADDRSTRLEN];
    long long port = PORT_DOMAIN;
    size_t close_at = slice_find_last_byte(text, ']');
    size_t colon = slice_find_byte(text, ':');
    bool has_one_colon = colon < text.size && slice_find_last_byte(text, ':') == colon;
    struct slice host = text, rest = {NULL, 0};
    if (slice_starts_with(text, "[") && close_at < text.size) {
        host = slice_part(text, 1, close_at - 1);
        rest = slice_from(text, close_at + 1);
    } else if (has_one_colon) {
        host = slice_part(text, 0, colon);
        rest = slice_from(text, colon);
    }
    if (rest.size > 0 &&
        (rest.data[0] != ':' || !slice_to_number(slice_from(rest, 1), 1, 65535, &port)))
        return false;
    if (!slice_to_text(host, address, sizeof address))
        return false;
    node->udp_port = node->tcp_port = (int)port;
    node->family = AF_INET;
    if (inet_pton(AF_INET, address, &node->addr.addr4) == 1)
        return true;
    node->family = AF_INET6;
    return inet_pton(AF_INET6, address, &node->addr.addr6) == 1;
}

static int set_servers(ares_channel channel, const char *text, struct error *err)
{
    struct ares_addr_port_node nodes[LIMIT_DNS_SERVERS] = {{0}};
    struct slice rest = slice_of(text), piece;
    size_t count = 0;
    while (slice_next(&rest, ',', &piece)) {
        piece = slice_trim(piece);
        if (count == LIMIT_DNS_SERVERS)
            return error_set(err, ERROR_INPUT, "dns_server: more than %d servers",
                             LIMIT_DNS_SERVERS);
        if (!read_server(piece, &nodes[count]))
            return error_set(err, ERROR_INPUT,
                             "dns_server: \"" SLICE_FORMAT
                             "\" is not an address, ADDRESS:PORT or [IPv6]:PORT",
                             SLICE_ARGUMENTS(piece));
        if (count > 0)
            nodes[count - 1].next = &nodes[count];
        count++;
    }
    if (ares_set_servers_ports(channel, nodes) != ARES_SUCCESS)
        return error_set(err, ERROR_SYSTEM, "dns_server: c-ares did not take the servers");
    return 0;
}

static int open_channel(struct network *network, const struct settings *settings, struct error *err)
{
    int64_t whole = settings->dns_timeout_milliseconds > 0 ? settings->dns_timeout_milliseconds
                                                           : LIMIT_AUTH_MILLISECONDS;
    char lookups[] = "b"; /* DNS alone, never /etc/hosts */
    struct ares_options options = {
        .flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
        .timeout = (int)(whole / 7) + 1,
        .tries = TRIES,
        .lookups = lookups,
        .ednspsz = ACCEPTED_UDP_BYTES,
        .sock_state_cb = watch_socket,
        .sock_state_cb_data = network,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
               ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB;
    int status = ares_init_options(&network->channel, &options, mask);
    if (status != ARES_SUCCESS)
        return error_set(err, ERROR_SYSTEM, "DNS: %s", ares_strerror(status));
    if (slice_trim(slice_of(settings->dns_server)).size > 0 &&
        set_servers(network->channel, settings->dns_server, err) != 0) {
        ares_destroy(network->channel);
        return -1;
    }
    return 0;
}

static int start_thread(struct network *network, struct error *err)
{
    network->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (network->wake_fd < 0)
        return error_system(err, "DNS: eventfd");
    /* The program's signals are not for this thread; a SIGPIPE of its TCP is an error number. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = pthread_create(&network->thread, NULL, drive, network);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status == 0)
        return 0;
    close(network->wake_fd);
    return error_set(err, ERROR_SYSTEM, "DNS: thread: %s", strerror(status));
}

int dns_network_open(struct dns *dns, const struct settings *settings, struct error *err)
{
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
        return error_set(err, ERROR_SYSTEM, "DNS: c-ares does not start");
    struct network *network = calloc(1, sizeof *network);
    if (network == NULL) {
        ares_library_cleanup();
        return error_set(err, ERROR_SYSTEM, "DNS: no memory");
    }
    network->dns = dns;
    if (open_channel(network, settings, err) != 0) {
        free(network);
        ares_library_cleanup();
        return -1;
    }
    if (start_thread(network, err) != 0) {
        ares_destroy(network->channel);
        free(network);
        ares_library_cleanup();
        return -1;
    }
    dns_set_source(dns, &network_source, network);
    return 0;
}
