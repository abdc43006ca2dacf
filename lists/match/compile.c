#include "lists/match/compile.h"

#include "common/base/child.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/match/matcher.h"
#include "lists/match/source.h"
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOURCES_BYTES ((size_t)8 * 1024 * 1024)
#define TROUBLE_BYTES ((size_t)256 * 1024)
#define IDLE_MILLISECONDS (10 * 1000) /* by the clock, with what nobody else wants */
#define WALL_MILLISECONDS (120 * 1000)
#define CPU_SECONDS 90
#define LESS_URGENT 10
#define LEAST_URGENT 19
#define IO_IDLE (3 << 13) /* IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0) of linux/ioprio.h */
#define IO_OF_PROCESS 1   /* IOPRIO_WHO_PROCESS */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_BYTES 0 /* address sanitizers reserve terabytes */
#else
#define MEMORY_BYTES (4096L * 1024 * 1024)
#endif

void compile_image_path(const struct settings *settings, char path_out[COMPILE_PATH_BYTES])
{
    struct settings plain;
    const char *slash = strrchr(settings->database, '/');
    settings_set_defaults(&plain);
    if (strcmp(settings->image, plain.image) != 0 ||
        strcmp(settings->database, plain.database) == 0 || slash == NULL)
        snprintf(path_out, COMPILE_PATH_BYTES, "%s", settings->image);
    else
        snprintf(path_out, COMPILE_PATH_BYTES, "%.*s/lists.image",
                 (int)(slash - settings->database), settings->database);
}

/* --- what there is to compile ----------------------------------------------------------------- */

/* FNV-1a; the files are added up, since readdir() has no order. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3ULL;
    return hash;
}

static uint64_t file_signature(int folder_fd, const char *name)
{
    struct stat found;
    if (fstatat(folder_fd, name, &found, 0) != 0)
        return 0;
    uint64_t hash = mix(0xcbf29ce484222325ULL, name, strlen(name));
    hash = mix(hash, &found.st_mtim.tv_sec, sizeof found.st_mtim.tv_sec);
    hash = mix(hash, &found.st_mtim.tv_nsec, sizeof found.st_mtim.tv_nsec);
    hash = mix(hash, &found.st_size, sizeof found.st_size);
    return mix(hash, &found.st_ino, sizeof found.st_ino);
}

static uint64_t folder_signature(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 1;
    uint64_t signature = 2;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        if (slice_ends_with_nocase(slice_of(entry->d_name), ".zl"))
            signature += file_signature(dirfd(folder), entry->d_name);
    closedir(folder);
    return signature;
}

/* The update touches this file after every change; once a day freshness may have changed. */
static uint64_t partners_signature(const char *path)
{
    CLEANUP_FD int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t day = (uint64_t)(clock_now() / 86400);
    return folder < 0 ? 0 : file_signature(folder, "changed") + day * 0x9e3779b97f4a7c15ULL;
}

uint64_t compile_signature(const struct settings *settings)
{
    return folder_signature(settings->list_folder) + partners_signature(settings->partner_folder);
}

/* --- compiling -------------------------------------------------------------------------------- */

struct telling {
    struct buffer *troubles;
    size_t left_out;
};

static void tell_trouble(void *context, const char *path, const char *fault, bool is_kept)
{
    struct telling *telling = context;
    telling->left_out += !is_kept;
    buffer_printf(telling->troubles, "%s (%s%s)\n", fault,
                  is_kept ? "the list stays as it was" : "the list is left out",
                  strstr(fault, path) == NULL ? path : "");
}

static int write_image(const char *path, const struct matcher *matcher, struct error *err)
{
    return file_write(path, matcher->image.bytes, 0644, err);
}

int compile_lists(const struct settings *settings, int64_t now, struct buffer *troubles,
                  struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(SOURCES_BYTES);
    char path[COMPILE_PATH_BYTES];
    struct list_source *sources;
    struct image last;
    struct matcher *matcher;
    size_t count;
    struct error unused = {0};
    struct telling telling = {troubles, 0};
    struct matcher_reading reading = {.tell = tell_trouble,
                                      .context = &telling,
                                      .sources = compile_signature(settings),
                                      .now = now};
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the lists");
    if (sources_read(settings, arena, &sources, &count, err) != 0)
        return -1;
    compile_image_path(settings, path);
    bool has_last = image_map(path, &last, &unused) == 0;
    reading.last = has_last ? &last : NULL;
    int failed = matcher_read(sources, count, &reading, &matcher, err);
    if (has_last)
        image_unmap(&last);
    if (failed != 0)
        return -1;
    /* An image of nothing would say of all mail that it was looked at. */
    if (count > 0 && telling.left_out == count)
        failed = error_set(err, ERROR_INPUT, "none of %zu lists could be read", count);
    else
        failed = write_image(path, matcher, err);
    matcher_free(matcher);
    return failed;
}

/* --- the child -------------------------------------------------------------------------------- */

struct compile_work {
    const struct settings *settings;
    char *const *command;
    bool is_patient;
};

int compile_and_tell(const struct settings *settings, int fd)
{
    BUFFER_CLEANUP troubles = buffer_new(TROUBLE_BYTES);
    struct error err = {0}, unused;
    int failed = compile_lists(settings, clock_now(), &troubles, &err);
    if (failed != 0)
        buffer_printf(&troubles, "failed %s\n", err.text);
    if (file_write_fd(fd, buffer_slice(&troubles), &unused) != 0)
        return 1;
    return failed == 0 ? 0 : 1;
}

/*
 * Mail comes first: while it is patient it takes what is left of processor and disk when all others
 * have what they want. Where the kernel shares the processor between sessions first (sched(7),
 * autogroup), an idle process would still get the share of the daemon's session, so it has a
 * session of its own. What cannot be had is done without.
 */
static void step_back(bool is_patient)
{
    const struct sched_param none = {.sched_priority = 0};
    (void)setpriority(PRIO_PROCESS, 0, is_patient ? LEAST_URGENT : LESS_URGENT);
    if (is_patient) {
        (void)sched_setscheduler(0, SCHED_IDLE, &none);
        (void)syscall(SYS_ioprio_set, IO_OF_PROCESS, 0, IO_IDLE);
    }
    int group = setsid() < 0 ? -1 : open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (group >= 0) {
        (void)!write(group, is_patient ? "19" : "10", 2); /* the same once more */
        close(group);
    }
}

/* Between fork() and execv() only what may be called in a process that had threads. */
static int work_in_child(void *context, int fd)
{
    const struct compile_work *work = context;
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL); /* the daemon's threads block all */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);      /* nobody would map what it writes */
    step_back(work->is_patient);
    if (work->command == NULL)
        return compile_and_tell(work->settings, fd);
    if (dup2(fd, STDOUT_FILENO) < 0)
        return 1;
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    execv(work->command[0], work->command);
    return 1;
}

/* The last line says why it failed, if it lived to say so. */
static int failure(struct buffer *troubles, const struct child_result *result, struct error *err)
{
    struct slice said = buffer_slice(troubles);
    size_t at = slice_find(said, SLICE_LITERAL("failed "));
    if (result->ending == CHILD_TIMED_OUT)
        return error_set(err, ERROR_LIMIT, "compiling the lists took longer than %d s",
                         WALL_MILLISECONDS / 1000);
    if (result->ending == CHILD_KILLED_BY_SIGNAL)
        return error_set(err, ERROR_LIMIT, "compiling the lists was ended by signal %d",
                         result->status);
    if (at >= said.size)
        return error_set(err, ERROR_SYSTEM, "the lists could not be compiled");
    struct slice why = slice_trim(slice_from(said, at + 7));
    error_set(err, ERROR_SYSTEM, SLICE_FORMAT, SLICE_ARGUMENTS(why));
    troubles->size = at;
    return -1;
}

int compile_in_child(const struct settings *settings, char *const *command, bool is_patient,
                     struct buffer *troubles, struct error *err)
{
    struct child_limits limits = {is_patient ? IDLE_MILLISECONDS : WALL_MILLISECONDS, CPU_SECONDS,
                                  MEMORY_BYTES};
    struct compile_work work = {settings, command, is_patient};
    struct child_result result;
    if (child_run(work_in_child, &work, &limits, troubles, &result, err) != 0)
        return -1;
    /* A machine without a free moment gets its new lists all the same. */
    if (is_patient && result.ending == CHILD_TIMED_OUT) {
        limits.wall_milliseconds = WALL_MILLISECONDS;
        work.is_patient = false;
        buffer_clear(troubles);
        if (child_run(work_in_child, &work, &limits, troubles, &result, err) != 0)
            return -1;
    }
    if (result.ending == CHILD_FINISHED && result.status == 0)
        return 0;
    return failure(troubles, &result, err);
}
