#include "policy/brake.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HOUR 3600
#define SLICES 12 /* of five minutes: the oldest one leaves as a whole */
#define SLICE_SECONDS (HOUR / SLICES)
#define ACCOUNTS_MOST 4096
#define PROBES 8
#define TELL_SECONDS (24 * HOUR) /* the admin is told once a day about one account */

struct account {
    unsigned char name[crypto_shorthash_siphashx24_BYTES];
    int64_t slice; /* number of the five minutes that were counted last */
    int64_t told_at;
    uint32_t counts[SLICES];
};

struct brake {
    int64_t limit;
    unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
    pthread_mutex_t mutex;
    struct account accounts[ACCOUNTS_MOST];
};

struct brake *brake_new(int64_t limit)
{
    struct brake *brake = calloc(1, sizeof *brake);
    if (brake == NULL)
        return NULL;
    brake->limit = limit;
    randombytes_buf(brake->key, sizeof brake->key);
    pthread_mutex_init(&brake->mutex, NULL);
    return brake;
}

void brake_free(struct brake *brake)
{
    if (brake == NULL)
        return;
    pthread_mutex_destroy(&brake->mutex);
    free(brake);
}

bool brake_is_on(const struct brake *brake)
{
    return brake->limit > 0;
}

/* Its own place, else that of the account which was quiet for longest. */
static struct account *find_account(struct brake *brake, struct slice name)
{
    unsigned char hash[crypto_shorthash_siphashx24_BYTES];
    uint32_t start;
    crypto_shorthash_siphashx24(hash, (const unsigned char *)name.data, name.size, brake->key);
    memcpy(&start, hash, sizeof start);
    struct account *oldest = NULL;
    for (uint32_t i = 0; i < PROBES; i++) {
        struct account *account = &brake->accounts[(start + i) % ACCOUNTS_MOST];
        if (memcmp(account->name, hash, sizeof hash) == 0)
            return account;
        if (oldest == NULL || account->slice < oldest->slice)
            oldest = account;
    }
    *oldest = (struct account){.slice = 0};
    memcpy(oldest->name, hash, sizeof hash);
    return oldest;
}

static void forget_old(struct account *account, int64_t slice)
{
    for (int64_t i = account->slice + 1; i <= slice && i <= account->slice + SLICES; i++)
        account->counts[i % SLICES] = 0;
    if (slice > account->slice)
        account->slice = slice;
}

enum brake_word brake_count(struct brake *brake, struct slice account_name, int64_t now)
{
    enum brake_word word = BRAKE_FREE;
    int64_t sum = 0;
    if (brake->limit == 0)
        return BRAKE_FREE;
    pthread_mutex_lock(&brake->mutex);
    struct account *account = find_account(brake, account_name);
    forget_old(account, now / SLICE_SECONDS);
    for (int i = 0; i < SLICES; i++)
        sum += account->counts[i];
    if (sum < brake->limit) {
        account->counts[account->slice % SLICES]++;
    } else if (account->told_at == 0 || now >= account->told_at + TELL_SECONDS) {
        account->told_at = now;
        word = BRAKE_FIRST;
    } else {
        word = BRAKE_AGAIN;
    }
    pthread_mutex_unlock(&brake->mutex);
    return word;
}
