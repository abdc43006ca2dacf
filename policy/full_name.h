/*
 * full_name: the names of people that a display name or a local part shows, in a form in which two
 * writings of one name are the same: folded (fold.h, lookalike.h), words in alphabetical order,
 * without titles, initials and the small words between ("Pérez, Dra. Ana M." = "ana perez"). One
 * word alone is nobody's name, and neither are offices ("Equipo Legal").
 */
#ifndef ZAGUAN_POLICY_FULL_NAME_H
#define ZAGUAN_POLICY_FULL_NAME_H

#include "common/base/arena.h"

#define FULL_NAME_MOST 8 /* in one display name */
#define FULL_NAME_WORDS 6
#define FULL_NAME_BYTES 160

struct full_name {
    char words[FULL_NAME_BYTES]; /* one space between two */
};

/* "Ana Pérez (Coop)", "Ana Pérez - Directora", "Ana Pérez via lista": the whole and each part that
 * can be a name. How many; 0 also when the arena, which is only for scratch, has no room. */
size_t full_name_read(struct slice display, struct arena *arena,
                      struct full_name names_out[FULL_NAME_MOST]);

/* "ana.perez", "perez_ana82". False: it shows none. */
bool full_name_of_local(struct slice local, struct arena *arena, struct full_name *name_out);

/* The local part has a word of the name in it that is no short one: "aperez82" for "ana perez". */
bool full_name_is_spelled_by(const struct full_name *name, struct slice local, struct arena *arena);

/* "soporte", "team", "webmaster": of an office, not of a person; folded. */
bool full_name_is_office(struct slice folded_word);

#endif
