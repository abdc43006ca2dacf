/*
 * do: what each verb of commands.c does, one file do_X.c each. All of them work inside the
 * transaction of the reply (conversation.h) and say in the receipt what they did.
 */
#ifndef ZAGUAN_REVIEW_DO_H
#define ZAGUAN_REVIEW_DO_H

#include "review/commands.h"

int do_release(struct conversation *talk, const struct command *command, struct error *err);
int do_delete(struct conversation *talk, const struct command *command, struct error *err);
int do_undo(struct conversation *talk, const struct command *command, struct error *err);
int do_keep(struct conversation *talk, const struct command *command, struct error *err);
int do_unkeep(struct conversation *talk, const struct command *command, struct error *err);
int do_see(struct conversation *talk, const struct command *command, struct error *err);
int do_let_through(struct conversation *talk, const struct command *command, struct error *err);
int do_block(struct conversation *talk, const struct command *command, struct error *err);
int do_not_abuse(struct conversation *talk, const struct command *command, struct error *err);
int do_shield(struct conversation *talk, const struct command *command, struct error *err);
/* What "yes" to the offer of a shield does: one day. */
int do_shield_offered(struct conversation *talk, struct error *err);
int do_settings(struct conversation *talk, const struct command *command, struct error *err);
int do_set(struct conversation *talk, const struct command *command, struct error *err);
int do_stop(struct conversation *talk, const struct command *command, struct error *err);
int do_forget_me(struct conversation *talk, const struct command *command, struct error *err);
int do_yes(struct conversation *talk, const struct command *command, struct error *err);
int do_no(struct conversation *talk, const struct command *command, struct error *err);
int do_help(struct conversation *talk, const struct command *command, struct error *err);
int do_later(struct conversation *talk, const struct command *command, struct error *err);

/* The first four outcomes of every verb that releases; a verb adds its own behind them. */
enum release_outcome {
    RELEASE_ASKED,
    RELEASE_ALREADY,
    RELEASE_DELETED,
    RELEASE_GONE,
    RELEASE_REFUSED,
    RELEASE_OUTCOMES
};
#define RELEASE_PHRASES                                                                            \
    {PHRASE("Released, on its way to you"), NULL},                                                 \
        {PHRASE("It was on its way to you already; it comes once"), NULL},                         \
        {PHRASE("Deleted before, so not released"),                                                \
         PHRASE("First write \"undo\" and the number; then release it.")},                         \
        {PHRASE("No longer here"), NULL},                                                          \
    {                                                                                              \
        PHRASE("Your mail server did not take it when it was released; it is still kept here"),    \
            NULL                                                                                   \
    }
/* Asks for the release of one item: conversation_act. */
int release_item(struct conversation *talk, const struct conversation_item *item,
                 size_t *outcome_out, struct error *err) MUST_CHECK;

/* do_help.c: the whole help, `reason` (a phrase in her language, or NULL) on top. */
void help_write(struct conversation *talk, const char *reason);

/* The sender of an item as rules know him, canonical; empty when it names nobody. */
int item_sender(const struct conversation *talk, const struct item_sheet *sheet,
                struct slice *address_out, struct error *err) MUST_CHECK;
/* The domain of the address is what was proven of the mail, or lies below it. */
bool item_proves(struct slice address, const struct item_sheet *sheet);

#endif
