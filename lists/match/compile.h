/*
 * compile: the lists that are active or on trial to an image file (docs/formats/image.md). A file
 * that cannot be read is named, its list stays as the last image has it, and the others are
 * compiled.
 *
 * Compiling trusts nobody's lists with a daemon's memory or time: daemons have it done by a child
 * under limits (compile_in_child()) and map what it wrote.
 */
#ifndef ZAGUAN_LISTS_MATCH_COMPILE_H
#define ZAGUAN_LISTS_MATCH_COMPILE_H

#include "common/base/buffer.h"
#include "common/base/settings.h"

#define COMPILE_PATH_BYTES (SETTINGS_PATH_BYTES + 32)

/* `image` of the settings; when that is left at its default and `database` is not, beside it. */
void compile_image_path(const struct settings *settings, char path_out[COMPILE_PATH_BYTES]);

/* Changes when a file that would be compiled does, or how far a partner's word reaches. */
uint64_t compile_signature(const struct settings *settings);

/* Writes the image. What could not be read is appended to `troubles`, a line each. */
int compile_lists(const struct settings *settings, int64_t now, struct buffer *troubles,
                  struct error *err) MUST_CHECK;

/*
 * The same in a child with limits of time and memory. `command` is run and must call
 * compile_and_tell(); NULL: the child is a fork, for programs with one thread. `is_patient`: with
 * the time that nobody else wants, and only after ten seconds beside the others; for when there
 * are lists to go on with.
 */
int compile_in_child(const struct settings *settings, char *const *command, bool is_patient,
                     struct buffer *troubles, struct error *err) MUST_CHECK;
/* compile_lists() whose troubles and error are written to `fd`; the exit status. */
int compile_and_tell(const struct settings *settings, int fd);

#endif
