/*
 * 1,000,000 exact values: how long the image takes to load, what it weighs, what a question costs.
 * usage: bench_exact [COUNT]      A benchmark, never a timed test.
 */
#include "common/base/files.h"
#include "lists/match/matcher.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUESTIONS 1000000
#define BATCH 1000

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct slice write_value(char *text, size_t size, size_t i)
{
    int used = snprintf(text, size, "p%zx@d%zu.example", i * 2654435761U % 4294967291U, i % 5000);
    return slice_new(text, (size_t)used);
}

static int build(size_t count, const char *path, struct error *err)
{
    struct matcher *matcher = matcher_make(err);
    struct list list = {.name = SLICE_LITERAL("bench"), .max_action = LIST_ACTION_HOLD};
    char value[80], id[20];
    uint32_t index, at;
    if (matcher == NULL || matcher_add_list(matcher, &list, "bench", &index, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%08zx", i);
        struct entry entry = {.type = ENTRY_ADDR,
                              .type_name = SLICE_LITERAL("addr"),
                              .value = write_value(value, sizeof value, i),
                              .id = slice_of(id),
                              .severity = 3,
                              .max_action = LIST_ACTION_HOLD,
                              .expires_at = INT64_MAX};
        if (matcher_add(matcher, index, &list, &entry, &at, err) != 0)
            return -1;
    }
    int failed = matcher_seal(matcher, 1, 0, err);
    if (failed == 0)
        failed = file_write(path, matcher->image.bytes, 0600, err);
    matcher_free(matcher);
    return failed;
}

static void count_found(void *context, uint32_t entry)
{
    *(size_t *)context += entry != 0;
}

/* Half of the questions have an answer. Seconds they took, without writing them. */
static double ask(const struct matcher *matcher, size_t count, size_t *found_out)
{
    static char values[BATCH][80];
    struct slice wanted[BATCH];
    const struct match_input input = {.budget = budget_of(600000)};
    struct matching m = {.matcher = matcher, .input = &input, .budget = input.budget};
    double spent = 0;
    *found_out = 0;
    for (size_t i = 0; i < QUESTIONS; i += BATCH) {
        for (size_t k = 0; k < BATCH; k++)
            wanted[k] = write_value(values[k], sizeof values[k], (i + k) * 7919 % (2 * count));
        double begin = seconds();
        for (size_t k = 0; k < BATCH; k++)
            exact_find(&m, EXACT_ADDRESS, wanted[k], count_found, found_out);
        spent += seconds() - begin;
    }
    return spent;
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    char path[] = "/tmp/zaguan-bench-XXXXXX";
    struct error err = {0};
    struct matcher *matcher;
    size_t found;
    int fd = mkstemp(path);
    if (sodium_init() < 0 || fd < 0 || count == 0)
        return 1;
    close(fd);
    double begin = seconds();
    if (build(count, path, &err) != 0) {
        fprintf(stderr, "bench_exact: %s\n", err.text);
        unlink(path);
        return 1;
    }
    double built = seconds();
    int failed = matcher_map(path, &matcher, &err);
    double loaded = seconds();
    unlink(path);
    if (failed != 0) {
        fprintf(stderr, "bench_exact: %s\n", err.text);
        return 1;
    }
    double asked = ask(matcher, count, &found);
    printf("entries=%zu build_s=%.2f load_s=%.3f image_mb=%.1f lookup_us=%.3f found=%zu\n", count,
           built - begin, loaded - built, (double)matcher->image.bytes.size / (1 << 20),
           asked / QUESTIONS * 1e6, found);
    matcher_free(matcher);
    return 0;
}
