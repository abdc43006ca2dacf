/*
 * error: what went wrong, where, and what it means for the caller.
 *
 * A function that can fail takes `struct error *err` last and returns 0 (ok) or -1 (failed);
 * iterators return 1 (one more), 0 (end), -1 (failed). error_set() returns -1, so failing is one
 * line. Each level may add the place with error_context(). Outputs stay untouched on failure.
 * The kind decides the consequence, in one place per program. errno never crosses a module border.
 */
#ifndef ZAGUAN_BASE_ERROR_H
#define ZAGUAN_BASE_ERROR_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(index, first) __attribute__((format(printf, index, first)))

enum error_kind {
    ERROR_NONE,
    ERROR_USAGE,     /* the command line: sysexits 64 */
    ERROR_INPUT,     /* mail, list, reply, settings, database content: 65 */
    ERROR_NOT_FOUND, /* no such file, member, item, entry: 66 */
    ERROR_LIMIT,     /* a bound of limits.h or a budget was reached: 69 */
    ERROR_SYSTEM,    /* disk, memory, file, library: 71 */
    ERROR_TEMPORARY, /* busy, timed out, try again: 75 */
    ERROR_BUG        /* what must not happen: 70 */
};

struct error {
    enum error_kind kind;
    char text[512];
};

/* Sets kind and text; err may be NULL. Always returns -1. */
int error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* As error_set() with kind ERROR_SYSTEM and ": strerror(errno)" at the end. Always -1. */
int error_system(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts "place: " before the text that is there, keeps the kind. Always -1. */
int error_context(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The exit status of sysexits.h for this error. */
int error_exit_status(const struct error *err);

#endif
