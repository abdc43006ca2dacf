/*
 * passphrase: of our publishing keys. From the file that the environment variable
 * ZAGUAN_PASSPHRASE_FILE names (its first line), else typed on the terminal without echo.
 */
#ifndef ZAGUAN_ADMIN_PASSPHRASE_H
#define ZAGUAN_ADMIN_PASSPHRASE_H

#include "common/base/buffer.h"

/* publisher_ask of lists/trust/publisher.h. */
int passphrase_ask(const char *path, bool is_new, struct buffer *into,
                   struct error *err) MUST_CHECK;

#endif
