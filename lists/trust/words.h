/*
 * words: a key as twelve words that two people can compare by voice, in Spanish, Portuguese or
 * English (docs/formats/minisig.md). They stand for 96 bits of BLAKE2b over key id and key: who
 * wants another key with the same words must try 2^96 of them.
 */
#ifndef ZAGUAN_LISTS_TRUST_WORDS_H
#define ZAGUAN_LISTS_TRUST_WORDS_H

#include "lists/trust/minisign.h"

#define WORDS_COUNT 256
#define WORDS_PER_KEY 12
#define WORDS_TEXT_BYTES (WORDS_PER_KEY * 10)

extern const char *const words_list[WORDS_COUNT];

void words_write_key(const struct minisign_public *public, char text[WORDS_TEXT_BYTES]);

#endif
