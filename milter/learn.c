#include "milter/learn.h"

int learn_name(struct store *store, const struct keys *keys, const struct settings *settings,
               const struct envelope *envelope, struct slice from, struct arena *arena,
               struct error *err)
{
    struct member member;
    if (slice_is_empty(envelope->login) || slice_is_empty(from))
        return 0;
    /* "ana" and "ana@kefir.example" are both logins of hers */
    int found = member_find(store, settings, envelope->login, arena, &member, err);
    if (found != 1)
        return found;
    return member_name_learn(store, keys, settings, &member, from, arena, envelope->arrived_at,
                             err);
}
