/*
 * zaguan-milter: the service behind smtpd_milters. `zaguan-milter -c FILE` stays in the foreground.
 *
 * `-l` compiles the lists into their image and ends: what the service runs as a child of its own.
 * SIGHUP reads the lists anew, SIGTERM stops: answers that are on their way are given first.
 * libmilter serves in a thread of its own with every signal blocked; its signal thread would take
 * SIGHUP for a stop. The main thread never blocks them, and the kernel prefers it. Lists have a
 * thread too: compiling may wait for idle time, and stopping must not wait for that.
 */
#include "common/base/log.h"
#include "common/mail/dkim.h"
#include "lists/match/compile.h"
#include "milter/callbacks.h"
#include <malloc.h>
#include <semaphore.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define LOOK_SECONDS 2  /* between two looks at the list folder */
#define STOP_SECONDS 10 /* for answers that are on their way */
#define LISTS_STOP_SECONDS 1
#define STOP_LOOKS 50 /* a second */

static const struct timespec stop_pause = {.tv_nsec = 1000 * 1000 * 1000 / STOP_LOOKS};
static sem_t wake, wake_lists;
static atomic_bool is_stopping, is_reload_asked, has_ended;
static struct error serve_error;

static void on_signal(int number)
{
    if (number == SIGHUP)
        atomic_store(&is_reload_asked, true);
    else
        atomic_store(&is_stopping, true);
    sem_post(&wake_lists);
    sem_post(&wake);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void *serve(void *unused)
{
    (void)unused;
    if (callbacks_run(&serve_error) == 0)
        serve_error.kind = ERROR_NONE;
    atomic_store(&has_ended, true);
    sem_post(&wake);
    return NULL;
}

static int start_thread(pthread_t *thread, void *(*work)(void *context), void *context,
                        struct error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(thread, NULL, work, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0 ? 0 : error_set(err, ERROR_SYSTEM, "no thread could be made");
}

static bool is_over(void)
{
    return atomic_load(&is_stopping) || atomic_load(&has_ended);
}

static void *watch_lists(void *context)
{
    while (!is_over()) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until); /* nobody sets it back: lists would wait as long */
        until.tv_sec += LOOK_SECONDS;
        while (sem_clockwait(&wake_lists, CLOCK_MONOTONIC, &until) == 0 && !is_over() &&
               !atomic_load(&is_reload_asked))
            continue;
        service_write_counts(context, false);
        service_look_at_members(context);
        if (!is_over())
            service_look_at_lists(context, atomic_exchange(&is_reload_asked, false));
    }
    return NULL;
}

static void wait_for_the_end(void)
{
    while (!is_over())
        sem_wait(&wake);
}

/* What it has begun to write is written before the process ends; a compilation is not waited for.
 */
static void end_lists(pthread_t lists)
{
    sem_post(&wake_lists);
    for (int i = 0; i < LISTS_STOP_SECONDS * STOP_LOOKS; i++) {
        if (pthread_tryjoin_np(lists, NULL) == 0)
            return;
        nanosleep(&stop_pause, NULL);
    }
    pthread_detach(lists);
}

/*
 * smfi_stop() would wait up to five seconds for libmilter's listener. Leaving without it is as
 * safe: a message without an answer is one that Postfix sends again, and a copy that was held for
 * it is then found, not doubled.
 */
static void stop(struct service *service, pthread_t lists)
{
    for (int i = 0; i < STOP_SECONDS * STOP_LOOKS && service_is_busy(service); i++)
        nanosleep(&stop_pause, NULL);
    end_lists(lists);
    service_write_counts(service, true);
}

/* This program again, to compile the lists and end: a process of its own from its first byte. */
static char *const *compiler(const char *settings_path)
{
    static char self[] = "/proc/self/exe", compile[] = "-l", with[] = "-c", path[4096];
    static char *const plain[] = {self, compile, NULL}, *const with_path[] = {self, compile, with,
                                                                              path, NULL};
    if (settings_path == NULL)
        return plain;
    snprintf(path, sizeof path, "%s", settings_path);
    return with_path;
}

static int compile(const char *settings_path, struct error *err)
{
    struct settings settings;
    if (settings_read(settings_path, &settings, err) != 0)
        return -1;
    exit(compile_and_tell(&settings, STDOUT_FILENO));
}

static int run(const char *settings_path, struct error *err)
{
    static struct service service; /* threads of libmilter may outlive run() */
    struct settings settings;
    pthread_t serving, lists;
    if (settings_read(settings_path, &settings, err) != 0)
        return -1;
    log_open("zaguan-milter", (enum log_target)settings.log_to, (enum log_level)settings.log_level,
             NULL);
    if (dkim_setup(err) != 0 ||
        service_open(&service, &settings, compiler(settings_path), err) != 0 ||
        callbacks_open(&service, err) != 0)
        return -1;
    catch_signals();
    if (start_thread(&serving, serve, NULL, err) != 0 ||
        start_thread(&lists, watch_lists, &service, err) != 0)
        return -1;
    log_event(LOG_LEVEL_INFO, "ready", "socket=%s", settings.milter_socket);
    sd_notify(0, "READY=1");
    wait_for_the_end();
    sd_notify(0, "STOPPING=1");
    stop(&service, lists);
    if (atomic_load(&has_ended) && !atomic_load(&is_stopping)) {
        *err = serve_error;
        return err->kind == ERROR_NONE ? 0 : -1;
    }
    log_event(LOG_LEVEL_INFO, "stopped", "busy=%s", service_is_busy(&service) ? "yes" : "no");
    return 0;
}

int main(int argc, char **argv)
{
    const char *settings_path = getenv("ZAGUAN_CONF");
    bool is_compiling = false;
    int option;
    while ((option = getopt(argc, argv, "c:l")) != -1) {
        if (option == 'c')
            settings_path = optarg;
        else if (option == 'l')
            is_compiling = true;
        else
            break;
    }
    if (option != -1 || optind != argc) {
        fputs("usage: zaguan-milter [-c FILE] [-l]\n", stderr);
        return EX_USAGE;
    }
    /* A large message gives its memory back to the system when it is done. */
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    struct error err = {0};
    if (sodium_init() < 0) {
        fputs("zaguan-milter: libsodium does not start\n", stderr);
        return EX_SOFTWARE;
    }
    int status = EX_OK;
    if ((is_compiling ? compile(settings_path, &err) : run(settings_path, &err)) != 0) {
        log_error("not-started", &err);
        status = error_exit_status(&err);
    }
    /* Threads of libmilter may still be at a body's hash: exit() would free libcrypto under them.
     */
    _exit(status);
}
