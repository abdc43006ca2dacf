/*
 * The inside of struct matcher. Private to match*.c and test.c.
 *
 * A target is an active entry made ready. Exact values (addresses, domains, networks, signers,
 * hosts) are sorted keys; phrases and patterns are literals in front of PCRE2, once per view.
 */
#ifndef ZAGUAN_LISTS_MATCHER_H
#define ZAGUAN_LISTS_MATCHER_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include "common/mail/fold.h"
#include "lists/literals.h"
#include "lists/match.h"
#include "lists/type.h"
#include <pcre2.h>

#define MATCH_VIEWS 2 /* FOLD_PLAIN, FOLD_TIGHT */
/* What is compiled of a phrase or pattern: for each view, and for the tight one without spaces. */
enum match_form { MATCH_PLAIN, MATCH_TIGHT, MATCH_JOINED, MATCH_FORMS };
#define MATCH_LEAST_JOINED 8 /* characters of the literal: without spaces it must say more */
#define MATCH_TEXT_BYTES 120
#define MATCH_STRIKES 3 /* limit hits of one pattern before it is left out of a message */

struct target {
    const struct list *list;
    const struct entry *entry;
    int64_t ends_at;
    pcre2_code *code[MATCH_FORMS]; /* NULL: a phrase, an exact value, or nothing in this form */
};

struct exact_key {
    struct slice key; /* its first byte says what it is: EXACT_... */
    uint32_t target;
};

#define EXACT_ADDRESS "a"
#define EXACT_DOMAIN "d"
#define EXACT_NETWORK "n"
#define EXACT_SIGNER "k"
#define EXACT_HOST "u"
#define EXACT_KEY_BYTES 600

struct matcher {
    struct arena *arena;
    struct list **lists;
    size_t list_count;
    struct target *targets;
    size_t target_count, target_room;
    struct literals literals[MATCH_VIEWS];
    struct exact_key *keys;
    size_t key_count, key_room;
    bool has_networks[2][129]; /* IPv4, IPv6: prefix lengths in use */
    bool has_hosts;
    unsigned scopes; /* of all phrases and patterns */
};

/* What a message has shown so far; one per call, on one thread. */
struct matching {
    const struct matcher *matcher;
    const struct match_input *input;
    struct arena *arena;
    struct hit_set *hits;
    size_t hit_room, limit_room;
    uint8_t *is_done; /* per target: hit already, or struck out */
    uint8_t *strikes;
    struct tried {
        uint32_t round;
        size_t begin, end; /* per target and form: no match begins in [begin, end) */
    } * tried;
    uint32_t round;
    size_t candidates;
    pcre2_match_context *context;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
    bool has_stopped; /* no time or no room left */
};

/* An empty one over its own arena, and an entry made part of it: for a list's own tests. */
struct matcher *matcher_make(struct error *err);
int matcher_add(struct matcher *matcher, const struct list *list, const struct entry *entry,
                struct error *err) MUST_CHECK;
int matcher_seal(struct matcher *matcher, struct error *err) MUST_CHECK;

bool matching_wants(const struct matching *m, uint32_t target);
void matching_add_hit(struct matching *m, uint32_t target, enum text_where where,
                      const char *where_name, struct slice text);
/* "... was not matched" in words; the set is no longer complete. */
void matching_add_limit(struct matching *m, const char *limit);
void matching_stop(struct matching *m, const char *limit);

void match_exact(struct matching *m);
void match_links(struct matching *m, const struct text_piece *piece);
void match_text(struct matching *m, const struct text_piece *piece);

/* Calls found() for every target with this key. */
void exact_find(const struct matcher *matcher, const char *kind, struct slice value,
                void (*found)(void *context, uint32_t target), void *context);
struct slice network_key(const struct network *network, char *bytes);

#endif
