#include "policy/keyed_pair.h"

#include <string.h>

void keyed_pair(const struct keys *keys, const char *purpose, int64_t member_id,
                struct slice address, unsigned char digest_out[KEYED_DIGEST_BYTES])
{
    unsigned char pair[8 + KEYED_DIGEST_BYTES];
    for (int i = 0; i < 8; i++)
        pair[i] = (unsigned char)((uint64_t)member_id >> (8 * i));
    keyed_digest(keys->digest_key, purpose, address, pair + 8);
    keyed_digest(keys->digest_key, purpose, slice_new((const char *)pair, sizeof pair), digest_out);
}
