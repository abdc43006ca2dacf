/*
 * policy_client: asks a policy service as Postfix's smtpd would, over several connections that stay
 * open, with distinct senders, and says what it cost.
 *
 * usage: policy_client [-n CONNECTIONS] [-r REQUESTS] [-s SENDERS] [-t RECIPIENT] [-i CLIENT_IP]
 *                      [-d DOMAIN] [-u LOGIN] [-p PID] HOST PORT
 * -d: every sender is of this domain (SPF is then cached); else of one of 1,000 domains.
 * One line at the end: requests=... per_second=... cpu_ms=... (per 1,000 requests: seconds) ...
 */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct play {
    const char *host, *port, *recipient, *client_ip, *domain, *login;
    long connections, requests, senders, pid;
    unsigned *microseconds; /* by request */
    size_t answers[5];      /* DUNNO, PREPEND, DEFER_IF_PERMIT, REJECT, other */
    pthread_mutex_t mutex;
} play = {.recipient = "ana@example.org",
          .client_ip = "192.0.2.1",
          .login = "",
          .connections = 8,
          .requests = 100000,
          .senders = 1000000,
          .mutex = PTHREAD_MUTEX_INITIALIZER};

static const char *const words[] = {"DUNNO", "PREPEND", "DEFER_IF_PERMIT", "REJECT"};

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* User and system time of a process and its threads, proc(5). */
static double cpu_seconds(long pid)
{
    char path[64], line[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *stat = pid > 0 ? fopen(path, "r") : NULL;
    if (stat == NULL)
        return 0;
    char *after = fgets(line, sizeof line, stat) == NULL ? NULL : strrchr(line, ')');
    fclose(stat);
    if (after == NULL || sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                                &user, &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long memory_kilobytes(long pid)
{
    char path[64], line[256];
    long size = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    FILE *status = pid > 0 ? fopen(path, "r") : NULL;
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmRSS: %ld", &size) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return size;
}

static int open_connection(void)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    const int yes = 1;
    if (getaddrinfo(play.host, play.port, &wanted, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static size_t write_question(char *text, size_t size, long number)
{
    char domain[64];
    long sender = number % play.senders;
    if (play.domain != NULL)
        snprintf(domain, sizeof domain, "%s", play.domain);
    else
        snprintf(domain, sizeof domain, "d%ld.example", sender % 1000);
    int length =
        snprintf(text, size,
                 "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n"
                 "client_address=%s\nclient_name=mx.%s\nclient_port=40000\n"
                 "reverse_client_name=mx.%s\nserver_address=192.0.2.25\nserver_port=25\n"
                 "helo_name=mx.%s\nsender=s%ld@%s\nrecipient=%s\nrecipient_count=0\nqueue_id=\n"
                 "instance=%lx.%lx.0\nsize=2345\netrn_domain=\nstress=\nsasl_method=\n"
                 "sasl_username=%s\nsasl_sender=\nccert_subject=\nccert_issuer=\n"
                 "ccert_fingerprint=\nccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
                 "encryption_cipher=TLS_AES_256_GCM_SHA384\nencryption_keysize=256\n"
                 "policy_context=\n\n",
                 play.client_ip, domain, domain, domain, sender, domain, play.recipient, number,
                 number, play.login);
    return length > 0 ? (size_t)length : 0;
}

/* -1: no answer. */
static int read_answer(int fd)
{
    char text[2048];
    size_t used = 0;
    while (used < 2 || memcmp(text + used - 2, "\n\n", 2) != 0) {
        ssize_t got = recv(fd, text + used, sizeof text - 1 - used, 0);
        if (got <= 0)
            return -1;
        used += (size_t)got;
    }
    text[used] = '\0';
    for (int i = 0; i < 4; i++)
        if (strncmp(text, "action=", 7) == 0 && strncmp(text + 7, words[i], strlen(words[i])) == 0)
            return i;
    return 4;
}

static void *ask(void *context)
{
    long first = *(long *)context;
    size_t answers[5] = {0};
    char text[2048];
    int fd = open_connection();
    for (long i = first; fd >= 0 && i < play.requests; i += play.connections) {
        size_t size = write_question(text, sizeof text, i);
        double started = now_seconds();
        int answer = -1;
        if (send(fd, text, size, MSG_NOSIGNAL) == (ssize_t)size)
            answer = read_answer(fd);
        if (answer < 0) {
            fprintf(stderr, "policy_client: connection %ld: no answer\n", first);
            exit(1);
        }
        play.microseconds[i] = (unsigned)((now_seconds() - started) * 1e6);
        answers[answer]++;
    }
    if (fd < 0) {
        fprintf(stderr, "policy_client: connection %ld: not made\n", first);
        exit(1);
    }
    close(fd);
    pthread_mutex_lock(&play.mutex);
    for (int i = 0; i < 5; i++)
        play.answers[i] += answers[i];
    pthread_mutex_unlock(&play.mutex);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static double percentile(double part)
{
    return play.microseconds[(size_t)((double)(play.requests - 1) * part)] / 1000.0;
}

static void play_all(void)
{
    pthread_t *threads = calloc((size_t)play.connections, sizeof *threads);
    long *firsts = calloc((size_t)play.connections, sizeof *firsts);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    for (long i = 0; i < play.connections; i++) {
        firsts[i] = i;
        if (pthread_create(&threads[i], &small, ask, &firsts[i]) != 0)
            exit(1);
    }
    for (long i = 0; i < play.connections; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    free(firsts);
}

static bool read_options(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "n:r:s:t:i:d:u:p:")) != -1)
        switch (option) {
        case 'n':
            play.connections = atol(optarg);
            break;
        case 'r':
            play.requests = atol(optarg);
            break;
        case 's':
            play.senders = atol(optarg);
            break;
        case 't':
            play.recipient = optarg;
            break;
        case 'i':
            play.client_ip = optarg;
            break;
        case 'd':
            play.domain = optarg;
            break;
        case 'u':
            play.login = optarg;
            break;
        case 'p':
            play.pid = atol(optarg);
            break;
        default:
            return false;
        }
    play.host = argc - optind == 2 ? argv[optind] : NULL;
    play.port = play.host != NULL ? argv[optind + 1] : NULL;
    return play.host != NULL && play.connections > 0 && play.requests > 0 && play.senders > 0;
}

int main(int argc, char **argv)
{
    if (!read_options(argc, argv)) {
        fputs("usage: policy_client [options] HOST PORT\n", stderr);
        return 64;
    }
    play.microseconds = calloc((size_t)play.requests, sizeof *play.microseconds);
    if (play.microseconds == NULL)
        return 71;
    long memory_before = memory_kilobytes(play.pid);
    double cpu = cpu_seconds(play.pid), started = now_seconds();
    play_all();
    double seconds = now_seconds() - started;
    cpu = cpu_seconds(play.pid) - cpu;
    qsort(play.microseconds, (size_t)play.requests, sizeof *play.microseconds, compare);
    printf("requests=%ld per_second=%.0f cpu_per_1000=%.4f p50_ms=%.3f p99_ms=%.3f "
           "memory_before_kb=%ld memory_kb=%ld dunno=%zu prepend=%zu defer=%zu reject=%zu "
           "other=%zu\n",
           play.requests, (double)play.requests / seconds, cpu / (double)play.requests * 1000,
           percentile(0.5), percentile(0.99), memory_before, memory_kilobytes(play.pid),
           play.answers[0], play.answers[1], play.answers[2], play.answers[3], play.answers[4]);
    return 0;
}
