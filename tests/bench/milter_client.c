/*
 * milter_client: plays mails to a milter as Postfix would, over several connections at once, and
 * says what it cost: CPU of the milter's process, messages a second, time at end of message.
 *
 * usage: milter_client [-n CONNECTIONS] [-r ROUNDS] [-p PID] [-i CLIENT_IP] [-h HELO] [-f SENDER]
 *                      [-t RECIPIENT]... [-s STEPS] [-v] SOCKET FILE...
 * -s: the steps of the protocol that are offered, as a number; 0 is the oldest mail server.
 * -v prints every answer and every edit. The last line: messages=... cpu_ms=... per message, ...
 */
#include "milter_wire.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_RECIPIENTS 2000

struct file {
    const char *path;
    char *bytes;
    size_t size;
};

static struct play {
    const char *socket, *client_ip, *helo, *sender;
    const char *recipients[MOST_RECIPIENTS];
    size_t recipient_count;
    struct file *files;
    size_t file_count, total;
    int rounds, connections;
    long pid;
    uint32_t steps;
    bool is_verbose;
    double *end_milliseconds; /* by message */
    size_t next;              /* message to play */
    size_t answers[256];
    pthread_mutex_t mutex;
} play = {.client_ip = "192.0.2.1",
          .helo = "client.example",
          .sender = "<sender@example.com>",
          .rounds = 1,
          .connections = 8,
          .steps = WIRE_ALL_STEPS,
          .mutex = PTHREAD_MUTEX_INITIALIZER};

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
        if (sscanf(line, "VmHWM: %ld", &size) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return size;
}

static void read_file(struct file *file, const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0) {
        perror(path);
        exit(66);
    }
    file->path = path;
    file->size = (size_t)ftell(stream);
    rewind(stream);
    file->bytes = malloc(file->size + 1);
    if (file->bytes == NULL || fread(file->bytes, 1, file->size, stream) != file->size) {
        perror(path);
        exit(66);
    }
    fclose(stream);
}

static void print_edit(const unsigned char *packet, uint32_t size)
{
    printf("  edit %c ", packet[0]);
    for (uint32_t i = 1; i < size; i++)
        putchar(packet[i] >= ' ' && packet[i] < 0x7f ? packet[i] : '|');
    putchar('\n');
}

static bool take_message(size_t *message_out)
{
    pthread_mutex_lock(&play.mutex);
    bool is_one = play.next < play.total;
    *message_out = play.next;
    play.next += is_one ? 1 : 0;
    pthread_mutex_unlock(&play.mutex);
    return is_one;
}

static void play_message(struct wire *wire, size_t message)
{
    const struct file *file = &play.files[message % play.file_count];
    char queue_id[32];
    snprintf(queue_id, sizeof queue_id, "Q%zu", message);
    struct wire_mail mail = {.bytes = file->bytes,
                             .size = file->size,
                             .sender = play.sender,
                             .recipients = play.recipients,
                             .recipient_count = play.recipient_count,
                             .queue_id = queue_id};
    wire_send(wire, &mail);
    if (play.is_verbose)
        pthread_mutex_lock(&play.mutex);
    double since = now_seconds();
    char reply = wire_end(wire, queue_id, play.is_verbose ? print_edit : NULL);
    play.end_milliseconds[message] = (now_seconds() - since) * 1000;
    if (play.is_verbose)
        printf("%s: %c\n", file->path, reply);
    else
        pthread_mutex_lock(&play.mutex);
    play.answers[(unsigned char)reply]++;
    pthread_mutex_unlock(&play.mutex);
}

static void *play_connection(void *unused)
{
    (void)unused;
    struct wire wire;
    size_t message;
    wire_open(&wire, play.socket, play.client_ip, play.helo, play.steps);
    while (take_message(&message))
        play_message(&wire, message);
    wire_close(&wire);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void run(void)
{
    pthread_t threads[256];
    double cpu = cpu_seconds(play.pid), since = now_seconds();
    for (int i = 0; i < play.connections; i++)
        if (pthread_create(&threads[i], NULL, play_connection, NULL) != 0)
            abort();
    for (int i = 0; i < play.connections; i++)
        pthread_join(threads[i], NULL);
    double seconds = now_seconds() - since;
    cpu = cpu_seconds(play.pid) - cpu;
    qsort(play.end_milliseconds, play.total, sizeof *play.end_milliseconds, compare);
    printf("messages=%zu cpu_ms=%.3f per_second=%.0f p50_ms=%.2f p99_ms=%.2f memory_kb=%ld "
           "accepted=%zu discarded=%zu again=%zu\n",
           play.total, cpu * 1000 / (double)play.total, (double)play.total / seconds,
           play.end_milliseconds[play.total / 2], play.end_milliseconds[play.total * 99 / 100],
           memory_kilobytes(play.pid), play.answers['a'] + play.answers['c'], play.answers['d'],
           play.answers['t'] + play.answers['y']);
}

static int usage(void)
{
    fputs("usage: milter_client [-n CONNECTIONS] [-r ROUNDS] [-p PID] [-i CLIENT_IP] [-h HELO] "
          "[-f SENDER] [-t RECIPIENT]... [-s STEPS] [-v] SOCKET FILE...\n",
          stderr);
    return 64;
}

static bool take_option(int option)
{
    switch (option) {
    case 'n':
        play.connections = atoi(optarg);
        return play.connections >= 1 && play.connections <= 256;
    case 'r':
        play.rounds = atoi(optarg);
        return play.rounds >= 1;
    case 'p':
        play.pid = atol(optarg);
        return true;
    case 'i':
        play.client_ip = optarg;
        return true;
    case 'h':
        play.helo = optarg;
        return true;
    case 'f':
        play.sender = optarg;
        return true;
    case 't':
        play.recipients[play.recipient_count++ % MOST_RECIPIENTS] = optarg;
        return play.recipient_count <= MOST_RECIPIENTS;
    case 's':
        play.steps = (uint32_t)strtoul(optarg, NULL, 0);
        return true;
    case 'v':
        play.is_verbose = true;
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "n:r:p:i:h:f:t:s:v")) != -1)
        if (!take_option(option))
            return usage();
    if (argc - optind < 2)
        return usage();
    play.socket = argv[optind++];
    play.file_count = (size_t)(argc - optind);
    play.total = play.file_count * (size_t)play.rounds;
    play.files = calloc(play.file_count, sizeof *play.files);
    play.end_milliseconds = calloc(play.total, sizeof *play.end_milliseconds);
    if (play.files == NULL || play.end_milliseconds == NULL)
        return 71;
    for (size_t i = 0; i < play.file_count; i++)
        read_file(&play.files[i], argv[optind + (int)i]);
    if (play.recipient_count == 0)
        play.recipients[play.recipient_count++] = "<member@example.org>";
    run();
    return 0;
}
