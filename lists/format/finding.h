/*
 * finding: what lint and test say of a list, each with its place in the file.
 */
#ifndef ZAGUAN_LISTS_FORMAT_FINDING_H
#define ZAGUAN_LISTS_FORMAT_FINDING_H

#include "lists/format/entry.h"

enum finding_level {
    FINDING_WARNING, /* worth knowing */
    FINDING_ERROR    /* the entry does not match until it is mended */
};

struct finding {
    enum finding_level level;
    struct place place;
    const struct entry *entry; /* NULL: of the file */
    const char *text;          /* in the arena */
};

struct findings {
    struct finding *rows;
    size_t count, room;
    size_t error_count;
    struct arena *arena;
};

/* Without room the finding is lost, and arena_is_exhausted() says so. */
void finding_add(struct findings *findings, enum finding_level level, const struct entry *entry,
                 struct place place, const char *format, ...) PRINTF_LIKE(5, 6);

/* Form, subset, guards, dates as of `now`. -1 only for lack of room. */
int lint_list(const struct list *list, int64_t now, struct findings *findings,
              struct error *err) MUST_CHECK;
/* What of it parks one entry, whatever the date. */
void lint_entry(const struct list *list, const struct entry *entry, struct findings *findings);
/* Every `yes` and `no` of active entries through the matcher. -1 only for lack of room. */
int test_list(const struct list *list, struct findings *findings, struct error *err) MUST_CHECK;
int test_entry(const struct list *list, const struct entry *entry, struct findings *findings,
               struct error *err) MUST_CHECK;

#endif
