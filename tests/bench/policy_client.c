/*
 * policy_client: asks a policy service as Postfix's smtpd would, over several connections that stay
 * open, with distinct senders, and says what it cost.
 *
 * usage: policy_client [-n CONNECTIONS] [-a AT_ONCE] [-r REQUESTS] [-s SENDERS] [-k DOMAINS]
 *                      [-t RECIPIENTS] [-d DOMAIN] [-i CLIENT_IP] [-u LOGINS] [-e EVERY] [-p PID]
 *                      HOST PORT
 * AT_ONCE: so many connections have a question under way at a time, each in its turn; without it
 * all of them. Senders are of DOMAINS domains (1,000), or all of one DOMAIN. RECIPIENTS and LOGINS
 * are one or several with commas, taken in turns; an empty login is that of a stranger. CLIENT_IP
 * "each": every sender has an address of its own. After EVERY requests a line says the memory of
 * process PID. The last line: requests=... per_second=... cpu_per_1000=... (seconds of PID) ...
 */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MOST 16

struct turns {
    const char *words[WORDS_MOST];
    long count;
};

static struct play {
    const char *host, *port, *client_ip, *domain;
    struct turns recipients, logins;
    long connections, requests, senders, domains, every, pid, at_once;
    double started;
    atomic_long done;
    unsigned *microseconds; /* by request */
    size_t answers[5];      /* DUNNO, PREPEND, DEFER_IF_PERMIT, REJECT, other */
    pthread_mutex_t mutex;
    pthread_barrier_t ready, begun;
} play = {.client_ip = "192.0.2.1",
          .recipients = {{"ana@example.org"}, 1},
          .logins = {{""}, 1},
          .connections = 8,
          .requests = 100000,
          .senders = 1000000,
          .domains = 1000,
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

static void say_memory(long done)
{
    printf("after=%ld memory_kb=%ld\n", done, memory_kilobytes(play.pid));
    fflush(stdout);
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
    char domain[64], ip[32];
    long sender = number % play.senders;
    /* Another one in each round of the recipients, so that every login meets every recipient. */
    const char *recipient = play.recipients.words[number % play.recipients.count];
    const char *login = play.logins.words[number / play.recipients.count % play.logins.count];
    if (play.domain != NULL)
        snprintf(domain, sizeof domain, "%s", play.domain);
    else
        snprintf(domain, sizeof domain, "d%ld.example", sender % play.domains);
    snprintf(ip, sizeof ip, "%s", play.client_ip);
    if (strcmp(play.client_ip, "each") == 0)
        snprintf(ip, sizeof ip, "10.%ld.%ld.%ld", sender >> 16 & 255, sender >> 8 & 255,
                 sender & 255);
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
                 ip, domain, domain, domain, sender, domain, recipient, number, number, login);
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

static int ask_one(int fd, long number)
{
    char text[2048];
    size_t size = write_question(text, sizeof text, number);
    int answer = -1;
    if (send(fd, text, size, MSG_NOSIGNAL) == (ssize_t)size)
        answer = read_answer(fd);
    if (answer >= 0)
        return answer;
    fprintf(stderr, "policy_client: question %ld: no answer\n", number);
    exit(1);
}

/* Its share of the connections: first, first + AT_ONCE, ... */
static int *open_share(long first, long *count_out)
{
    int *fds = calloc((size_t)(play.connections / play.at_once + 1), sizeof *fds);
    long count = 0;
    for (long i = first; fds != NULL && i < play.connections; i += play.at_once) {
        fds[count] = open_connection();
        if (fds[count] < 0) {
            fprintf(stderr, "policy_client: connection %ld: not made\n", i);
            exit(1);
        }
        ask_one(fds[count++], i); /* the other side has a place for it: it stays open */
    }
    *count_out = count;
    return fds;
}

static void *ask(void *context)
{
    long first = *(long *)context, count, turn = 0;
    size_t answers[5] = {0};
    int *fds = open_share(first, &count);
    pthread_barrier_wait(&play.ready);
    pthread_barrier_wait(&play.begun);
    for (long i = first; i < play.requests; i += play.at_once) {
        double started = now_seconds();
        answers[ask_one(fds[turn++ % count], i)]++;
        play.microseconds[i] = (unsigned)((now_seconds() - started) * 1e6);
        long done = atomic_fetch_add(&play.done, 1) + 1;
        if (play.every > 0 && done % play.every == 0)
            say_memory(done);
    }
    for (long i = 0; i < count; i++)
        close(fds[i]);
    free(fds);
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

/* Returns the CPU seconds of the daemon from the first question to the last. */
static double play_all(void)
{
    pthread_t *threads = calloc((size_t)play.at_once, sizeof *threads);
    long *firsts = calloc((size_t)play.at_once, sizeof *firsts);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    pthread_barrier_init(&play.ready, NULL, (unsigned)play.at_once + 1);
    pthread_barrier_init(&play.begun, NULL, (unsigned)play.at_once + 1);
    for (long i = 0; i < play.at_once; i++) {
        firsts[i] = i;
        if (pthread_create(&threads[i], &small, ask, &firsts[i]) != 0)
            exit(1);
    }
    pthread_barrier_wait(&play.ready);
    double cpu = cpu_seconds(play.pid);
    play.started = now_seconds();
    pthread_barrier_wait(&play.begun);
    for (long i = 0; i < play.at_once; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    free(firsts);
    return cpu_seconds(play.pid) - cpu;
}

static void read_turns(char *list, struct turns *turns)
{
    turns->count = 0;
    for (char *word; (word = strsep(&list, ",")) != NULL && turns->count < WORDS_MOST;)
        turns->words[turns->count++] = word;
}

static bool read_options(int argc, char **argv)
{
    static long *const numbers[128] = {
        ['n'] = &play.connections, ['r'] = &play.requests, ['s'] = &play.senders,
        ['k'] = &play.domains,     ['e'] = &play.every,    ['p'] = &play.pid,
        ['a'] = &play.at_once};
    int option;
    while ((option = getopt(argc, argv, "n:r:s:k:e:p:a:t:u:i:d:")) != -1) {
        if (option == '?')
            return false;
        else if (option == 't')
            read_turns(optarg, &play.recipients);
        else if (option == 'u')
            read_turns(optarg, &play.logins);
        else if (option == 'i')
            play.client_ip = optarg;
        else if (option == 'd')
            play.domain = optarg;
        else
            *numbers[option] = atol(optarg);
    }
    if (play.at_once < 1 || play.at_once > play.connections)
        play.at_once = play.connections;
    play.host = argc - optind == 2 ? argv[optind] : NULL;
    play.port = play.host != NULL ? argv[optind + 1] : NULL;
    return play.host != NULL && play.connections > 0 && play.requests > 0 && play.senders > 0 &&
           play.domains > 0;
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
    double cpu = play_all();
    double seconds = now_seconds() - play.started;
    qsort(play.microseconds, (size_t)play.requests, sizeof *play.microseconds, compare);
    printf("requests=%ld per_second=%.0f cpu_per_1000=%.4f p50_ms=%.3f p99_ms=%.3f "
           "memory_before_kb=%ld memory_kb=%ld dunno=%zu prepend=%zu defer=%zu reject=%zu "
           "other=%zu\n",
           play.requests, (double)play.requests / seconds, cpu / (double)play.requests * 1000,
           percentile(0.5), percentile(0.99), memory_before, memory_kilobytes(play.pid),
           play.answers[0], play.answers[1], play.answers[2], play.answers[3], play.answers[4]);
    return 0;
}
