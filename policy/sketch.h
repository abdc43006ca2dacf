/*
 * sketch: a text as a few numbers from which nobody reads it back, and by which a text that says
 * nearly the same is found again: keyed MinHash over runs of three words (shingles) of the folded
 * text. Private to policy/.
 *
 * Read are the bodies a reader sees, without quoted lines: that two people quote the same mail says
 * nothing of them. Word order inside a shingle counts, case, accents, signs and look-alike letters
 * do not (fold.h).
 */
#ifndef ZAGUAN_POLICY_SKETCH_H
#define ZAGUAN_POLICY_SKETCH_H

#include "common/base/keyed.h"
#include "common/mail/text.h"
#include <stdint.h>

#define SKETCH_SLOTS 128
#define SKETCH_BYTES (SKETCH_SLOTS * 4)
/*
 * Equal slots from which two texts are nearly the same. Of the slots as large a part is equal as
 * the texts share of all their shingles: with a tenth of the words changed about 73 of 128. Two
 * texts that share a quarter of them pass once in 260, an eighth never. What real mails reach:
 * docs/decisions/0017-likeness.md.
 */
#define SKETCH_SAME_SLOTS 46
/* Shorter texts are nobody's: greetings, "see attachment". */
#define SKETCH_LEAST_WORDS 40
#define SKETCH_LEAST_SHINGLES 30 /* that differ: "ja ja ja" is no text either */
#define SKETCH_MOST_SHINGLES 4096
#define SKETCH_TEXT_BYTES ((size_t)64 * 1024) /* of the beginning */

struct shingles {
    uint64_t *hashes; /* in the arena, each once */
    size_t count;     /* 0: too short a text */
};

/* -1: no room. */
int shingles_read(const struct text_set *texts, const unsigned char key[KEYED_DIGEST_BYTES],
                  struct arena *arena, struct shingles *shingles_out, struct error *err) MUST_CHECK;
/* `seed` of one member: her sketches say nothing to who has another's. */
void sketch_make(const struct shingles *shingles, const unsigned char seed[KEYED_DIGEST_BYTES],
                 unsigned char sketch_out[SKETCH_BYTES]);
/* 0 to SKETCH_SLOTS. */
int sketch_same_slots(const unsigned char a[SKETCH_BYTES], const unsigned char b[SKETCH_BYTES]);

#endif
