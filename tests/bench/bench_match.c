/*
 * List files through the compiler and the matcher: how long compiling and mapping take, and what
 * matching the texts of mails costs per message, with all patterns' code made (warm).
 * usage: bench_match FOLDER MAIL...      FOLDER holds the .zl files. A benchmark, never a timed
 * test.
 */
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/match/compile.h"
#include "lists/match/match.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 3

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* CPU seconds of matching; reading and decoding are not counted. */
static double match_mail(const struct matcher *matcher, const char *path, size_t *hits,
                         struct error *err)
{
    BUFFER_CLEANUP mail = buffer_new(LIMIT_MESSAGE_BYTES);
    ARENA_CLEANUP *arena = arena_new(LIMIT_SCAN_ARENA_BYTES);
    struct text_set texts;
    struct hit_set found;
    if (arena == NULL || file_read(path, &mail, err) != 0 ||
        text_collect(buffer_slice(&mail), budget_of(10000), arena, &texts, err) != 0)
        return -1;
    struct match_input input = {.texts = &texts, .budget = budget_of(10000)};
    double begin = seconds(CLOCK_THREAD_CPUTIME_ID);
    if (matcher_match(matcher, &input, arena, &found, err) != 0)
        return -1;
    *hits += found.count;
    return seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
}

static int run(const char *folder, char **mails, int count, struct error *err)
{
    struct settings settings;
    struct matcher *matcher;
    BUFFER_CLEANUP troubles = buffer_new(LIMIT_SETTINGS_BYTES);
    settings_set_defaults(&settings);
    snprintf(settings.list_folder, sizeof settings.list_folder, "%s", folder);
    snprintf(settings.image, sizeof settings.image, "%s/lists.image", folder);
    double begin = seconds(CLOCK_MONOTONIC);
    if (compile_in_child(&settings, NULL, false, &troubles, err) != 0)
        return -1;
    double compiled = seconds(CLOCK_MONOTONIC);
    if (matcher_map(settings.image, &matcher, err) != 0)
        return -1;
    double mapped = seconds(CLOCK_MONOTONIC), first = 0, warm = 0;
    size_t hits = 0;
    for (int round = 0; round <= ROUNDS; round++)
        for (int i = 0; i < count; i++) {
            double spent = match_mail(matcher, mails[i], &hits, err);
            if (spent < 0)
                return -1;
            *(round == 0 ? &first : &warm) += spent;
        }
    printf("entries=%zu compile_s=%.3f map_s=%.4f first_us=%.1f warm_us=%.1f hits=%zu\n",
           matcher_entry_count(matcher), compiled - begin, mapped - compiled, first / count * 1e6,
           warm / count / ROUNDS * 1e6, hits);
    matcher_free(matcher);
    return 0;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    if (argc < 3 || sodium_init() < 0) {
        fputs("usage: bench_match FOLDER MAIL...\n", stderr);
        return 64;
    }
    if (run(argv[1], argv + 2, argc - 2, &err) != 0) {
        fprintf(stderr, "bench_match: %s\n", err.text);
        return 1;
    }
    return 0;
}
