/*
 * zaguan-policy: the service behind check_policy_service. `zaguan-policy -c FILE` stays in the
 * foreground. SIGHUP reads policy.rules anew, SIGTERM stops: questions under way are answered
 * first.
 */
#include "common/base/log.h"
#include "policy/policy_rules.h"
#include "policy/porter.h"
#include "policy/service.h"
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define STOP_MILLISECONDS 10000
#define SPARE_DESCRIPTORS 128 /* database, DNS, listeners */

static void answer_request(void *context, struct visit *visit, const struct request *request,
                           struct arena *arena, struct answer *answer_out)
{
    policy_decide(context, visit, request, arena, clock_now(), answer_out);
}

/* Signals are read from a descriptor by the main thread; no other thread ever sees one. */
static int open_signals(struct error *err)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGHUP);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    if (sigprocmask(SIG_BLOCK, &wanted, NULL) != 0)
        return error_system(err, "signals");
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &wanted, SFD_CLOEXEC);
    return fd < 0 ? error_system(err, "signals") : fd;
}

static void raise_descriptors(int64_t connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + SPARE_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        log_event(LOG_LEVEL_WARNING, "few-descriptors", "wanted=%lld allowed=%lld",
                  (long long)wanted, (long long)limit.rlim_cur);
}

static void serve(struct porter *porter, struct policy_service *service,
                  const struct listener *listener, int signals)
{
    struct signalfd_siginfo got;
    do {
        policy_service_run(service, listener, signals);
        ssize_t size = read(signals, &got, sizeof got);
        if (size != (ssize_t)sizeof got)
            continue;
        if (got.ssi_signo == SIGHUP)
            porter_reload(porter);
    } while (got.ssi_signo == SIGHUP);
}

static int open_and_serve(struct porter *porter, const struct settings *settings, int signals,
                          struct error *err)
{
    struct listener listener;
    struct policy_service *service;
    const struct service_settings how = {
        .most_connections = (size_t)settings->policy_connections,
        .times = {.request_milliseconds = SERVICE_REQUEST_SECONDS * 1000,
                  .silence_milliseconds = SERVICE_SILENCE_SECONDS * 1000,
                  .answer_milliseconds = SERVICE_ANSWER_SECONDS * 1000},
        .answer = answer_request,
        .context = porter,
    };
    if (policy_service_new(&how, &service, err) != 0)
        return -1;
    if (listener_open(slice_of(settings->policy_socket), &listener, err) != 0) {
        policy_service_free(service);
        return -1;
    }
    log_event(LOG_LEVEL_INFO, "ready", "socket=\"%s\"", settings->policy_socket);
    sd_notify(0, "READY=1");
    serve(porter, service, &listener, signals);
    sd_notify(0, "STOPPING=1");
    listener_close(&listener);
    bool is_idle = policy_service_stop(service, STOP_MILLISECONDS);
    log_event(LOG_LEVEL_INFO, "stopped", "busy=%s", is_idle ? "no" : "yes");
    if (!is_idle) /* a thread still looks at what we would free; Postfix goes on without it */
        _exit(EX_OK);
    policy_service_free(service);
    return 0;
}

static int run(const char *settings_path, struct error *err)
{
    static struct porter porter;
    struct settings settings;
    if (settings_read(settings_path, &settings, err) != 0)
        return -1;
    log_open("zaguan-policy", (enum log_target)settings.log_to, (enum log_level)settings.log_level,
             NULL);
    raise_descriptors(settings.policy_connections);
    int signals = open_signals(err);
    if (signals < 0 || porter_open(&porter, &settings, err) != 0)
        return -1;
    int failed = open_and_serve(&porter, &settings, signals, err);
    porter_close(&porter);
    close(signals);
    return failed;
}

int main(int argc, char **argv)
{
    const char *settings_path = getenv("ZAGUAN_CONF");
    int option;
    while ((option = getopt(argc, argv, "c:")) != -1) {
        if (option != 'c')
            break;
        settings_path = optarg;
    }
    if (option != -1 || optind != argc) {
        fputs("usage: zaguan-policy [-c FILE]\n", stderr);
        return EX_USAGE;
    }
    /* A thousand threads share two heaps, or the memory of one that was busy is kept for nobody. */
    mallopt(M_ARENA_MAX, 2);
    struct error err = {0};
    if (sodium_init() < 0) {
        fputs("zaguan-policy: libsodium does not start\n", stderr);
        return EX_SOFTWARE;
    }
    if (run(settings_path, &err) != 0) {
        log_error("not-started", &err);
        return error_exit_status(&err);
    }
    return EX_OK;
}
