/*
 * check: every part of the installation, proven one by one. A row a part in check.c; each says what
 * it found in one line and, when it is not in order, what to do.
 */
#ifndef ZAGUAN_ADMIN_CHECK_H
#define ZAGUAN_ADMIN_CHECK_H

#include "common/base/settings.h"

enum check_state { CHECK_GOOD, CHECK_NOTE, CHECK_BAD };

struct check_finding {
    enum check_state state;
    char text[400];
};

struct check_part {
    const char *name;
    void (*prove)(const struct settings *settings, struct check_finding *finding_out);
};

extern const struct check_part check_parts[]; /* ends with a NULL name */

void check_say(struct check_finding *finding, enum check_state state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* check_sockets.c: those that talk to a socket. */
void check_milter(const struct settings *settings, struct check_finding *finding_out);
void check_policy(const struct settings *settings, struct check_finding *finding_out);
void check_release(const struct settings *settings, struct check_finding *finding_out);

#endif
