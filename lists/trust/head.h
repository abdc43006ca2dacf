/*
 * head: what a publisher offers now, a small file that is polled (docs/formats/head.md). It binds
 * number, size and hash of every list, says until when it is fresh, and may carry what it saw of
 * others, so that a publisher who shows different lists to different people is found out.
 */
#ifndef ZAGUAN_LISTS_TRUST_HEAD_H
#define ZAGUAN_LISTS_TRUST_HEAD_H

#include "common/base/arena.h"
#include "lists/format/entry.h"
#include "lists/format/record.h"
#include "lists/trust/root.h"

#define LIMIT_HEAD_BYTES ((size_t)64 * 1024)
#define HEAD_MOST_LISTS 256
#define HEAD_MOST_DELTAS 1024
#define HEAD_MOST_SAW 512
/* A head may not promise more; a stolen head key must not switch freshness off. */
#define HEAD_MOST_FRESH_SECONDS ((int64_t)190 * 24 * 60 * 60)
#define HEAD_MOST_AHEAD_SECONDS ((int64_t)24 * 60 * 60) /* what clocks may differ */

struct head_list {
    struct slice list_id, name;
    int64_t sequence;
    int64_t size_bytes; /* of the plain .zl */
    unsigned char hash[RECORD_HASH_BYTES];
};

/* From number `from` of the list to the one the head names. */
struct head_delta {
    struct slice list_id;
    int64_t from;
    int64_t size_bytes;
    unsigned char hash[RECORD_HASH_BYTES];
};

/* What the publisher of this head saw of a list of another one. */
struct head_saw {
    struct slice publisher, list_id;
    int64_t sequence;
    unsigned char hash[RECORD_HASH_BYTES];
};

struct head {
    struct slice publisher;
    int64_t sequence, issued_at, fresh_until, root_sequence;
    struct head_list *lists;
    size_t list_count;
    struct head_delta *deltas;
    size_t delta_count;
    struct head_saw *saw;
    size_t saw_count;
};

/* All in the arena. */
int head_parse(struct slice text, const char *name, struct arena *arena, struct head **head_out,
               struct error *err) MUST_CHECK;
int head_format(const struct head *head, struct buffer *into, struct error *err) MUST_CHECK;
#define HEAD_COMMENT_BYTES 400
void head_write_comment(const struct head *head, char text[HEAD_COMMENT_BYTES]);

/* Parses, then the signatures of the head role, publisher, and that it is not from the future. */
int head_accept(const struct root *trusted, struct slice text, struct slice signatures, int64_t now,
                struct arena *arena, struct head **head_out, struct error *err) MUST_CHECK;

const struct head_list *head_find(const struct head *head, struct slice list_id);
/* NULL: none from there. */
const struct head_delta *head_find_delta(const struct head *head, struct slice list_id,
                                         int64_t from);

/* What the fetcher asks for, and `zaguan list publish` writes: "lists/NAME.SEQ.zl". */
#define HEAD_FILE_BYTES 160
void head_write_list_file(const struct head_list *list, char text[HEAD_FILE_BYTES]);
/* "lists/NAME.FROM-SEQ.rcs" */
void head_write_delta_file(const struct head_list *list, int64_t from, char text[HEAD_FILE_BYTES]);

/*
 * How far a list of this head may reach now: all while fresh and 14 days on, then tag, from 60 days
 * on observe; never nothing. When our clock stands before the day this program was built it cannot
 * judge: HOLD, and *is_clock_wrong_out.
 */
enum list_action head_freshness(int64_t fresh_until, int64_t now, bool *is_clock_wrong_out);
/* The day this program was compiled, as seconds. */
int64_t head_built_at(void);

#endif
