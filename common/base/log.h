/*
 * log: one line = event name + key=value, to standard error or to syslog (facility mail).
 *
 * Libraries return errors; programs log. No address, subject or content is ever written: such text
 * travels as struct private_text, which printf cannot print by mistake, and log_private() turns it
 * into a short keyed digest, the same one through all lines, of no use to who lacks the key.
 */
#ifndef ZAGUAN_BASE_LOG_H
#define ZAGUAN_BASE_LOG_H

#include "common/base/error.h"
#include "common/base/slice.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_target { LOG_TARGET_STDERR, LOG_TARGET_SYSLOG };

struct private_text {
    struct slice hidden;
};

#define LOG_PRIVATE_BYTES 13

/* Once, before threads start. `key` (32 bytes) may be NULL: then a random one of this process. */
void log_open(const char *program, enum log_target target, enum log_level most,
              const unsigned char *key);

/* log_event(LOG_LEVEL_INFO, "held", "id=%s items=%d", id, n); values with blanks in quotes. */
void log_event(enum log_level level, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);

/* event + kind and text of the error, quoted. */
void log_error(const char *event, const struct error *err);

/* Twelve base-32 letters and a NUL into `text`, which is returned. */
const char *log_private(struct private_text secret, char text[LOG_PRIVATE_BYTES]);

#endif
