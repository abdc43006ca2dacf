#include "common/base/keyed.h"

#include <sodium.h>
#include <string.h>

void keyed_digest(const unsigned char key[KEYED_KEY_BYTES], const char *purpose, struct slice value,
                  unsigned char digest_out[KEYED_DIGEST_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, KEYED_KEY_BYTES, KEYED_DIGEST_BYTES);
    /* The NUL ends the purpose: "ab"+"c" is not "a"+"bc". */
    crypto_generichash_update(&state, (const unsigned char *)"zaguan1", 8);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)value.data, value.size);
    crypto_generichash_final(&state, digest_out, KEYED_DIGEST_BYTES);
}
