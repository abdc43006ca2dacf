/*
 * lookalike: whether a domain is made to be taken for another one. A careful guess that knows
 * nothing of who owns what: the caller asks only about domains that are not its own.
 *
 * What two names look like is compared, not what they are: punycode decoded, folded (fold.h: other
 * scripts, accents, wide letters), then what a hurried eye takes for the same in ASCII: rn m, vv w,
 * 0 o, 1 i l, 3 e, 4 a, 5 s, 7 t, 8 b. Without a list of public suffixes: a domain ends with its
 * last label, or with two ("org.co") where the last is a country's and the one before a usual word.
 */
#ifndef ZAGUAN_MAIL_LOOKALIKE_H
#define ZAGUAN_MAIL_LOOKALIKE_H

#include "common/base/arena.h"
#include "common/base/limits.h"

enum lookalike {
    LOOKALIKE_NONE,
    LOOKALIKE_LETTERS, /* kefïr.example, xn--kefr-..., 1una.example for luna.example */
    LOOKALIKE_ENDING,  /* kefir.org for kefir.example */
    LOOKALIKE_WORDS,   /* kefir-example.org, kefir-soporte.org for kefir.example */
    LOOKALIKE_INSIDE,  /* kefir.example.evil.test */
    LOOKALIKE_EDIT     /* one letter more, less, other or swapped, from six letters on */
};

#define LOOKALIKE_BYTES (4 * LIMIT_DOMAIN_BYTES + 1)

/* A domain made ready to be compared. Plain data. */
struct domain_look {
    char name[LIMIT_DOMAIN_BYTES + 1]; /* A-labels in lower case, without a final dot */
    size_t own_name;                   /* in `name`: where what somebody registered begins */
    char letters[LOOKALIKE_BYTES];     /* what it looks like, label by label */
    size_t own, ending;                /* the same in `letters`, and where the ending begins */
    char label[LOOKALIKE_BYTES];       /* the registered label without hyphens */
    char flat[LOOKALIKE_BYTES];        /* all before the ending without hyphens and dots */
};

/* False: not a domain with two labels, or no room in the arena, which is only for scratch. */
bool lookalike_read(struct slice domain, struct arena *arena, struct domain_look *look_out);

/* `inner` is `outer` or a domain below it. */
bool lookalike_is_within(const struct domain_look *inner, const struct domain_look *outer);

/* NONE for the same domain, those above and below it, and another one under the same registered
 * name that does not look the same. */
enum lookalike lookalike_compare(const struct domain_look *other, const struct domain_look *ours);

/* Its registered label is one that many an owner has ("mail", "grupo"), or very short. */
bool lookalike_is_common(const struct domain_look *look);

/* What a text looks like, in the words above: `folded` is from fold_text(). False: it is longer
 * than `size` - 1 bytes. */
bool lookalike_letters(struct slice folded, char *text, size_t size);

#endif
