/*
 * review: what every part of zaguan-review works with. Plain data; nothing here is owned.
 */
#ifndef ZAGUAN_REVIEW_REVIEW_H
#define ZAGUAN_REVIEW_REVIEW_H

#include "common/base/settings.h"
#include "common/store/store.h"
#include "quarantine/keys.h"

struct review {
    struct store *store;
    const struct keys *keys; /* with the secret key, unless nothing sealed is read */
    const struct settings *settings;
    int64_t now;
};

#endif
