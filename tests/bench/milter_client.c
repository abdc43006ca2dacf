/*
 * milter_client: plays mails to a milter as Postfix would, over several connections at once, and
 * says what it cost: CPU of the milter's process, messages a second, time at end of message.
 *
 * usage: milter_client [-n CONNECTIONS] [-r ROUNDS] [-p PID] [-i CLIENT_IP] [-h HELO] [-f SENDER]
 *                      [-a LOGIN] [-t RECIPIENT]... [-s STEPS] [-R RATE] [-w FILE] [-v] SOCKET
 * FILE... -a: mail of somebody who logged in. -s: the steps of the protocol that are offered, as a
 * number; 0 is the oldest mail server. -R: so many messages a second, each at its own moment,
 * whether the ones before are answered or not; 0, the default: as fast as the connections go. -w
 * writes "mail AT MS" for each message: when its end was sent, in seconds since 1970, and how long
 * the answer took; and "wait AT MS" for how much longer than a millisecond a thread slept that
 * asked for one: what the machine itself makes anybody wait. -v prints every answer and every edit.
 * The last line: messages=... cpu_ms=... per message, ...
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
    const char *socket, *client_ip, *helo, *sender, *login;
    const char *recipients[MOST_RECIPIENTS];
    size_t recipient_count;
    struct file *files;
    size_t file_count, total;
    int rounds, connections;
    long pid;
    uint32_t steps;
    double rate, begun_at;
    FILE *timeline;
    bool is_over;
    bool is_verbose;
    double *end_seconds; /* by message: when its end was sent */
    double *end_milliseconds;
    double latest_milliseconds; /* of an answer behind the moment when the message was due */
    size_t next;                /* message to play */
    size_t answers[256], unscanned_count;
    pthread_mutex_t mutex;
} play = {.client_ip = "192.0.2.1",
          .helo = "client.example",
          .sender = "<sender@example.com>",
          .rounds = 1,
          .connections = 8,
          .steps = WIRE_ALL_STEPS,
          .mutex = PTHREAD_MUTEX_INITIALIZER};

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double now_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
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

static bool is_unscanned(const unsigned char *packet, uint32_t size)
{
    return (packet[0] == 'h' || packet[0] == 'i') && memmem(packet, size, "unscanned", 9) != NULL;
}

static void count_edit(const unsigned char *packet, uint32_t size)
{
    if (!is_unscanned(packet, size))
        return;
    pthread_mutex_lock(&play.mutex);
    play.unscanned_count++;
    pthread_mutex_unlock(&play.mutex);
}

/* With the mutex. */
static void print_edit(const unsigned char *packet, uint32_t size)
{
    play.unscanned_count += is_unscanned(packet, size);
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

/* Open loop: a slow answer does not make the next message come later. */
static double wait_until_due(size_t message)
{
    double due = play.begun_at + (double)message / play.rate, left = due - now_seconds();
    struct timespec pause = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    if (left > 0)
        nanosleep(&pause, NULL);
    return due;
}

static void note_answer(size_t message, char reply, double due)
{
    double late = (now_seconds() - due) * 1000;
    if (play.rate > 0 && late > play.latest_milliseconds)
        play.latest_milliseconds = late;
    play.answers[(unsigned char)reply]++;
    if (play.is_verbose)
        printf("%s: %c\n", play.files[message % play.file_count].path, reply);
}

static void play_message(struct wire *wire, size_t message)
{
    double due = play.rate > 0 ? wait_until_due(message) : 0;
    const struct file *file = &play.files[message % play.file_count];
    char queue_id[32];
    snprintf(queue_id, sizeof queue_id, "%lXQ%zu", (long)getpid(), message);
    struct wire_mail mail = {.bytes = file->bytes,
                             .size = file->size,
                             .sender = play.sender,
                             .login = play.login,
                             .recipients = play.recipients,
                             .recipient_count = play.recipient_count,
                             .queue_id = queue_id};
    wire_send(wire, &mail);
    if (play.is_verbose)
        pthread_mutex_lock(&play.mutex);
    double since = now_seconds();
    play.end_seconds[message] = seconds_of(CLOCK_REALTIME);
    char reply = wire_end(wire, queue_id, play.is_verbose ? print_edit : count_edit);
    play.end_milliseconds[message] = (now_seconds() - since) * 1000;
    if (!play.is_verbose)
        pthread_mutex_lock(&play.mutex);
    note_answer(message, reply, due);
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

static bool is_over(void)
{
    pthread_mutex_lock(&play.mutex);
    bool is = play.is_over;
    pthread_mutex_unlock(&play.mutex);
    return is;
}

/* One row in hundred milliseconds: the longest of them. */
static void *probe_machine(void *unused)
{
    const struct timespec millisecond = {.tv_nsec = 1000000};
    (void)unused;
    while (!is_over()) {
        double longest = 0;
        for (double end = now_seconds() + 0.1; now_seconds() < end;) {
            double since = now_seconds();
            nanosleep(&millisecond, NULL);
            double waited = (now_seconds() - since) * 1000 - 1;
            longest = waited > longest ? waited : longest;
        }
        fprintf(play.timeline, "wait %.6f %.3f\n", seconds_of(CLOCK_REALTIME), longest);
    }
    return NULL;
}

static void end_timeline(pthread_t probe)
{
    if (play.timeline == NULL)
        return;
    pthread_mutex_lock(&play.mutex);
    play.is_over = true;
    pthread_mutex_unlock(&play.mutex);
    pthread_join(probe, NULL);
    for (size_t i = 0; i < play.total; i++)
        fprintf(play.timeline, "mail %.6f %.3f\n", play.end_seconds[i], play.end_milliseconds[i]);
    fclose(play.timeline);
}

static void print_figures(double seconds, double cpu)
{
    qsort(play.end_milliseconds, play.total, sizeof *play.end_milliseconds, compare);
    printf("messages=%zu cpu_ms=%.3f per_second=%.0f p50_ms=%.2f p99_ms=%.2f max_ms=%.2f "
           "latest_ms=%.2f memory_kb=%ld accepted=%zu discarded=%zu again=%zu unscanned=%zu\n",
           play.total, cpu * 1000 / (double)play.total, (double)play.total / seconds,
           play.end_milliseconds[play.total / 2], play.end_milliseconds[play.total * 99 / 100],
           play.end_milliseconds[play.total - 1], play.latest_milliseconds,
           memory_kilobytes(play.pid), play.answers['a'] + play.answers['c'], play.answers['d'],
           play.answers['t'] + play.answers['y'], play.unscanned_count);
}

static void run(void)
{
    pthread_t threads[256], probe = 0;
    double cpu = cpu_seconds(play.pid), since = now_seconds();
    play.begun_at = since;
    if (play.timeline != NULL && pthread_create(&probe, NULL, probe_machine, NULL) != 0)
        abort();
    for (int i = 0; i < play.connections; i++)
        if (pthread_create(&threads[i], NULL, play_connection, NULL) != 0)
            abort();
    for (int i = 0; i < play.connections; i++)
        pthread_join(threads[i], NULL);
    double seconds = now_seconds() - since;
    cpu = cpu_seconds(play.pid) - cpu;
    end_timeline(probe);
    print_figures(seconds, cpu);
}

static int usage(void)
{
    fputs("usage: milter_client [-n CONNECTIONS] [-r ROUNDS] [-p PID] [-i CLIENT_IP] [-h HELO] "
          "[-f SENDER] [-a LOGIN] [-t RECIPIENT]... [-s STEPS] [-R RATE] [-w FILE] [-v] SOCKET "
          "FILE...\n",
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
    case 'a':
        play.login = optarg;
        return true;
    case 't':
        play.recipients[play.recipient_count++ % MOST_RECIPIENTS] = optarg;
        return play.recipient_count <= MOST_RECIPIENTS;
    case 's':
        play.steps = (uint32_t)strtoul(optarg, NULL, 0);
        return true;
    case 'R':
        play.rate = atof(optarg);
        return play.rate >= 0;
    case 'w':
        play.timeline = fopen(optarg, "w");
        return play.timeline != NULL;
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
    while ((option = getopt(argc, argv, "n:r:p:i:h:f:a:t:s:R:w:v")) != -1)
        if (!take_option(option))
            return usage();
    if (argc - optind < 2)
        return usage();
    play.socket = argv[optind++];
    play.file_count = (size_t)(argc - optind);
    play.total = play.file_count * (size_t)play.rounds;
    play.files = calloc(play.file_count, sizeof *play.files);
    play.end_milliseconds = calloc(play.total, sizeof *play.end_milliseconds);
    play.end_seconds = calloc(play.total, sizeof *play.end_seconds);
    if (play.files == NULL || play.end_seconds == NULL || play.end_milliseconds == NULL)
        return 71;
    for (size_t i = 0; i < play.file_count; i++)
        read_file(&play.files[i], argv[optind + (int)i]);
    if (play.recipient_count == 0)
        play.recipients[play.recipient_count++] = "<member@example.org>";
    run();
    return 0;
}
