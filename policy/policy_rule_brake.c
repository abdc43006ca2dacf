/* brake: an account that suddenly writes to more people than the admin allows is put off, and the
 * admin is told: a stolen password must not write to thousands, and her own mail is not lost. */
#include "common/base/log.h"
#include "policy/alarm.h"
#include "policy/policy_rules.h"
#include "policy/porter.h"

static int tell_admin(struct request_facts *facts, struct slice account, struct error *err)
{
    struct store *store;
    if (store_pool_take(facts->porter->stores, &store, err) != 0)
        return -1;
    int failed = alarm_brake(store, &facts->porter->keys, &facts->porter->settings, account,
                             facts->now, err);
    store_pool_give(facts->porter->stores, store, failed == 0);
    return failed;
}

enum policy_step policy_rule_brake(struct request_facts *facts, struct answer *answer,
                                   struct error *err)
{
    struct brake *brake = facts->porter->brake;
    struct slice account = facts->request->sasl_username;
    (void)err;
    if (!facts->is_submission || !brake_is_on(brake))
        return POLICY_GOES_ON;
    if (slice_is_empty(account))
        account = facts->sender;
    enum brake_word word = brake_count(brake, account, facts->now);
    if (word == BRAKE_FREE)
        return POLICY_GOES_ON;
    struct error trouble = {0};
    if (word == BRAKE_FIRST && tell_admin(facts, account, &trouble) != 0)
        porter_log_trouble(facts->porter, "admin-not-told", &trouble);
    answer_defer(answer, "brake", "4.7.1",
                 slice_of("This account has written to unusually many people in the last hour. "
                          "Try again later; if it was not you, change your password and tell your "
                          "administrator"));
    return POLICY_ENDS;
}
