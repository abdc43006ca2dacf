#include "quarantine/item.h"

#include <stddef.h>

static const char *const state_names[] = {
    [STORE_ITEM_HELD] = "held",         [STORE_ITEM_RELEASING] = "releasing",
    [STORE_ITEM_RELEASED] = "released", [STORE_ITEM_DELETED] = "deleted",
    [STORE_ITEM_EXPIRED] = "expired",   [STORE_ITEM_REFUSED] = "refused",
};

const char *item_state_name(enum store_item_state state)
{
    size_t count = sizeof state_names / sizeof state_names[0];
    const char *name = (size_t)state < count ? state_names[state] : NULL;
    return name == NULL ? "unknown" : name;
}
