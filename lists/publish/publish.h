/*
 * publish: the static files that any web server can serve (docs/lists.md, "Publishing"):
 *     root.zr, root.N.zr, head.zh, lists/NAME.SEQ.zl, each with .minisig; lists/NAME.SEQ.zl.gz and
 *     lists/NAME.FROM-SEQ.rcs, which need none
 * The head is written last, so that what it names is there. What was published before stays in the
 * head until it is dropped. A list whose text did not change keeps its number.
 */
#ifndef ZAGUAN_LISTS_PUBLISH_PUBLISH_H
#define ZAGUAN_LISTS_PUBLISH_PUBLISH_H

#include "lists/publish/directory.h"
#include "lists/trust/head.h"
#include "lists/trust/publisher.h"

#define PUBLISH_MOST_FRESH_DAYS 180

struct publish_wish {
    const char *folder; /* the web space */
    int64_t now;
    int64_t fresh_days;
    const struct directory *directory;
    const char *scope, *appeals, *audience; /* NULL: as the list has it */
    bool shows_saw;                         /* tells what we have of partners, so who they are */
};

struct publish_list {
    const char *path; /* of its source, which gets the new number */
    struct list *list;
    struct findings findings; /* when not empty of errors nothing is published */
    bool is_first;            /* never published: it begins with number 1 */
    bool is_changed;
    int64_t sequence;
};

/* Headers, retractions that are too old, lint, tests, members. Writes nothing. */
int publish_check(const struct publisher *publisher, const struct publish_wish *wish,
                  struct publish_list *row, struct arena *arena, struct error *err) MUST_CHECK;

/* The head of what was published before: key_folder/publish/head.zh. NULL when there is none. */
int publish_read_head(const struct publisher *publisher, struct arena *arena,
                      struct head **head_out, struct error *err) MUST_CHECK;

/*
 * Signs and writes all of `rows` (checked before), drops the lists named, then the head.
 * `settings` for the partners' floors when shows_saw.
 */
int publish_run(struct publisher *publisher, const struct publish_wish *wish,
                const struct settings *settings, struct publish_list *rows, size_t count,
                const char *const *dropped, size_t dropped_count, struct arena *arena,
                struct head **head_out, struct error *err) MUST_CHECK;

/* Replaces or appends a "%" line; the parsed field stays what it was. */
int list_set_header(struct list *list, const char *key, const char *value, struct arena *arena,
                    struct error *err) MUST_CHECK;

/* "zaguan-list 1 <list-id> <seq> <issued>" */
#define LIST_COMMENT_BYTES 200
void list_write_comment(const struct list *list, char text[LIST_COMMENT_BYTES]);

#endif
