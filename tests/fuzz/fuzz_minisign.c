/* Signatures, public and secret keys: read or refused; what is written is read again. */
#include "lists/trust/minisign.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_signatures(struct slice rest)
{
    struct minisign_signature signature;
    struct minisign_public public = {.id = {1}};
    struct error err = {0};
    int more;
    while ((more = minisign_next_signature(&rest, "input", &signature, &err)) == 1) {
        memcpy(public.id, signature.id, sizeof public.id);
        if (minisign_verify(&public, rest, &signature, &err) == 0)
            abort(); /* nobody has the secret of the key 0 */
    }
    if (more < 0 && err.kind != ERROR_INPUT)
        abort();
}

static void read_keys(struct slice text)
{
    struct minisign_public public, again;
    struct minisign_secret secret;
    struct error err = {0};
    char written[MINISIGN_PUBLIC_TEXT_BYTES];
    if (minisign_read_public(text, "input", &public, &err) == 0) {
        minisign_write_public(&public, written);
        if (minisign_read_public(slice_of(written), "again", &again, &err) != 0 ||
            memcmp(&public, &again, sizeof public) != 0)
            abort();
    }
    /* scrypt would eat the time: only keys without passphrase. */
    if (!minisign_secret_is_encrypted(text) &&
        minisign_read_secret(text, "input", (struct slice){NULL, 0}, &secret, &err) != 0 &&
        err.kind != ERROR_INPUT)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_new((const char *)data, size);
    read_signatures(text);
    read_keys(text);
    return 0;
}
