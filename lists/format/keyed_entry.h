/*
 * keyed_entry: values that a list carries as a digest under a key that a group of servers shares:
 * addresses, phone numbers, wallets, and phrases of 3 to 6 words that nobody should read in a list
 * (docs/formats/zl.md, "Keyed values"). In a list: "#KEYNAME:" and 32 characters of base64url.
 *
 * digest = BLAKE2b-192, keyed, over "zaguan1", the type's name and the normalised value, one behind
 * the other. Honest limit: who has the key can test guesses.
 */
#ifndef ZAGUAN_LISTS_FORMAT_KEYED_ENTRY_H
#define ZAGUAN_LISTS_FORMAT_KEYED_ENTRY_H

#include "common/base/arena.h"
#include "common/base/keyed.h"
#include "common/base/settings.h"
#include <stdint.h>

#define GROUP_KEY_NAME_BYTES 33
#define KEYED_ENTRY_DIGEST_TEXT 32
#define KEYED_ENTRY_LEAST_WORDS 3
#define KEYED_ENTRY_MOST_WORDS 6
#define PHONE_LEAST_DIGITS 7
#define PHONE_MOST_DIGITS 15 /* E.164 */
#define WALLET_LEAST_LETTERS 20

struct group_key {
    char name[GROUP_KEY_NAME_BYTES];
    unsigned char key[KEYED_KEY_BYTES];
};

/* key_folder/group-NAME.key, 64 hex digits; the name has lower-case letters, digits and "-". */
int group_key_make(const struct settings *settings, const char *name, struct error *err) MUST_CHECK;
int group_key_read(const struct settings *settings, struct slice name, struct group_key *key_out,
                   struct error *err) MUST_CHECK;

/* Every sound one of key_folder, in the order of their names; at most `most`. */
size_t group_key_find_all(const struct settings *settings, struct group_key *keys_out, size_t most);

/* "#k3:uZ1m..." into its halves; false when it is no keyed value. */
bool keyed_entry_read(struct slice value, struct slice *key_name_out,
                      unsigned char digest_out[KEYED_DIGEST_BYTES]);
/* Without room: the empty slice. */
struct slice keyed_entry_write(const struct group_key *key,
                               const unsigned char digest[KEYED_DIGEST_BYTES], struct arena *arena);

/*
 * addr: lower case, without +tag; phone: digits, with the country, without 00; wallet: as it is;
 * kphrase: plain fold (fold.h), words with one space between. ERROR_INPUT: no such value;
 * *words_out is the number of words of a kphrase.
 */
int keyed_entry_normalise(struct slice type, struct slice value, struct arena *arena,
                          struct slice *normal_out, size_t *words_out,
                          struct error *err) MUST_CHECK;
void keyed_entry_digest(const struct group_key *key, struct slice type, struct slice normal,
                        unsigned char digest_out[KEYED_DIGEST_BYTES]);

/* The words of a text in FOLD_PLAIN, each with one space behind it, so that any n of them that
 * follow each other are one slice. */
struct keyed_words {
    struct slice text;
    uint32_t *starts;  /* count + 1 offsets into text */
    uint32_t *origins; /* where each word begins in the folded text */
    size_t count;
};

int keyed_words_find(struct slice folded, struct arena *arena, struct keyed_words *words_out,
                     struct error *err) MUST_CHECK;
/* Words [at, at + count) as keyed_entry_normalise() writes them. */
struct slice keyed_words_window(const struct keyed_words *words, size_t at, size_t count);

#endif
