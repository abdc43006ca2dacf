/*
 * The inside of struct matcher. Private to match*.c, compile*.c and test.c.
 *
 * A matcher reads an image: its own bytes, or a file that it maps. PCRE2's code for a pattern is
 * made in this process when the pattern is first a candidate, since what its JIT makes cannot be
 * mapped; most patterns never are one (docs/decisions/0013-lists-image.md).
 */
#ifndef ZAGUAN_LISTS_MATCH_MATCHER_H
#define ZAGUAN_LISTS_MATCH_MATCHER_H

#include "common/mail/fold.h"
#include "lists/format/keyed_entry.h"
#include "lists/format/pattern_code.h"
#include "lists/format/type.h"
#include "lists/match/image_build.h"
#include "lists/match/match.h"
#include <stdatomic.h>

#define MATCH_VIEWS 2 /* FOLD_PLAIN, FOLD_TIGHT */
#define MATCH_TEXT_BYTES 120
#define MATCH_STRIKES 3         /* limit hits of one pattern before it is turned off */
#define MATCH_MOST_HITS 10000   /* of one message */
#define MATCH_MOST_TRIES 200000 /* patterns asked in one message */

#define MATCHER_KEYED_ADDRESS 1u
#define MATCHER_KEYED_PHONE 2u
#define MATCHER_KEYED_WALLET 4u
#define MATCHER_KEYED_WORDS 8u /* the fewest words are three */

struct match_code {
    _Atomic(pcre2_code *) code; /* NULL: not asked for so far */
    atomic_uint strikes;
    atomic_bool is_reported; /* that it is off */
};

struct matcher {
    struct arena *arena;
    struct group_key *keys; /* matcher_use_keys() */
    size_t key_count;
    unsigned keyed; /* which digests the image has: MATCHER_KEYED_..., 1 << how many words */
    struct image_builder *builder; /* until it is sealed */
    struct image image;
    char *bytes; /* of an image of its own; NULL: mapped */
    struct match_code *codes;
    struct list *lists;   /* of the image, without their entries */
    struct list **parsed; /* as they were read, with parked entries; NULL: mapped */
    size_t parsed_count;
    int64_t *nanoseconds; /* of each code in one text; NULL: not measured, by one thread only */
    bool has_jit; /* false while lists are only tested: making code would cost more than it saves */
};

/* What a message has shown of an entry or a code. */
struct seen {
    uint32_t key; /* an entry's place, or twice a code's number and one; 0: free */
    uint32_t round;
    size_t begin, end; /* of a code: no match begins in [begin, end) in this round */
    bool is_done;      /* of an entry: hit already. Of a code: off */
};

/* What a message has shown so far; one per call, on one thread. */
struct matching {
    const struct matcher *matcher;
    const struct match_input *input;
    struct budget budget; /* the input's, as it is used up */
    struct arena *arena;
    struct hit_set *hits;
    size_t hit_room, limit_room;
    struct seen *seen; /* open addressing, a power of two */
    size_t seen_count, seen_room;
    uint32_t round;
    uint32_t only; /* an entry's place: only that one, whatever its scope; 0: all */
    size_t tries;
    pcre2_match_context *context;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
    bool has_stopped; /* no time or no room left */
};

/* An empty one, lists and entries made part of it, and the end of that: then it can match. */
struct matcher *matcher_make(struct error *err);
int matcher_add_list(struct matcher *matcher, const struct list *list, const char *path,
                     uint32_t *list_out, struct error *err) MUST_CHECK;
int matcher_add(struct matcher *matcher, uint32_t list, const struct list *source,
                const struct entry *entry, uint32_t *at_out, struct error *err) MUST_CHECK;
int matcher_seal(struct matcher *matcher, uint64_t sources, int64_t now,
                 struct error *err) MUST_CHECK;

/* Lists that were read, with lint and their own tests; `are_old`: linted and tested before. What is
 * parked says why in the entry. The lists stay in use. */
int matcher_load(struct matcher *matcher, struct list **lists, const char *const *paths,
                 const bool *are_old, size_t count, uint64_t sources, int64_t now,
                 struct error *err) MUST_CHECK;

/* How list files are read into a matcher. */
struct matcher_reading {
    bool is_strict;           /* a local file that cannot be read is an error */
    const struct image *last; /* NULL, or where a list that cannot be read is taken from */
    void (*tell)(void *context, const char *path, const char *fault,
                 bool is_kept); /* may be NULL */
    void *context;
    uint64_t sources;
    int64_t now;
};
struct list_source;
int matcher_read(const struct list_source *sources, size_t count,
                 const struct matcher_reading *reading, struct matcher **matcher_out,
                 struct error *err) MUST_CHECK;

/* A list as the last image has it, its text in the arena; an empty one when it has none. */
int matcher_read_last(const struct image *last, const char *path, struct arena *arena,
                      struct list **list_out, bool *is_kept_out, struct error *err) MUST_CHECK;

/* The entry's own texts, asked of a matcher that holds it at this place. */
struct findings;
int test_entry_at(const struct matcher *matcher, uint32_t at, const struct entry *entry,
                  struct findings *findings, struct error *err) MUST_CHECK;

/* Over bytes whose hash nobody checks, for fuzzing. They come from malloc() and are freed with it,
 * also when it fails. */
int matcher_over(char *bytes, size_t size, struct matcher **matcher_out,
                 struct error *err) MUST_CHECK;

/* From now on how long each pattern takes is measured. */
int matcher_measure(struct matcher *matcher, struct error *err) MUST_CHECK;
struct match_slowest {
    char entry[20]; /* empty: none was asked */
    int64_t nanoseconds;
};
/* Raises *slowest by what the texts since the last call took, all of a pattern together. */
void matcher_take_slowest(struct matcher *matcher, struct match_slowest *slowest);

/* Forgets what was sealed, to be added anew. */
int matcher_unseal(struct matcher *matcher, struct error *err) MUST_CHECK;

/* As matcher_match(), but only the entry at this place may hit; 0: all. */
int matcher_match_only(const struct matcher *matcher, const struct match_input *input,
                       uint32_t only, struct arena *arena, struct hit_set *hits_out,
                       struct error *err) MUST_CHECK;

/* An entry as the image has it; what no match needs is empty. False: no room, or none is there. */
bool image_read_entry(const struct image *image, uint32_t at, struct arena *arena,
                      struct entry *entry_out, uint32_t *list_out, int64_t *ends_at_out);

/* The class of an entry that may still hit; NULL: it may not. */
const struct image_class *matching_wants(struct matching *m, uint32_t entry,
                                         struct slice *value_out);
void matching_add_hit(struct matching *m, uint32_t entry, enum text_where where,
                      const char *where_name, struct slice text);
/* NULL: no room, and matching has stopped. Lives until the next call. */
struct seen *matching_seen(struct matching *m, uint32_t number, bool is_code);
/* "... was not matched" in words; the set is no longer complete. */
void matching_add_limit(struct matching *m, const char *limit);
void matching_stop(struct matching *m, const char *limit);
/* Is there still time? */
bool matching_goes_on(struct matching *m);

void match_exact(struct matching *m);
void match_links(struct matching *m, const struct text_piece *piece);
void match_text(struct matching *m, const struct text_piece *piece);
/* Digests under group keys: of an address in lower case, and of what a text has. */
void match_keyed_address(struct matching *m, struct slice address, const char *where_name,
                         bool is_proven);
void match_keyed_text(struct matching *m, const struct text_piece *piece,
                      const struct folded *plain, struct arena *scratch);

/* PCRE2's answer: whether the code matches beginning in [begin, last]; made when not there yet. */
bool match_code_finds(struct matching *m, uint32_t code, struct slice text, size_t begin,
                      size_t last, size_t *from_out, size_t *to_out);
void match_codes_free(struct matcher *matcher);

/* Calls found() for every entry of this kind with this value; a host's paths are not compared. */
void exact_find(struct matching *m, char kind, struct slice value,
                void (*found)(void *context, uint32_t entry), void *context);

#endif
