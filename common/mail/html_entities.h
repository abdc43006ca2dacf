/*
 * html_entities: the named characters of the HTML standard, sorted by name; generated, see
 * contrib/unicode/generate-entities. Names end with ";" but for those that HTML knows without it.
 */
#ifndef ZAGUAN_MAIL_HTML_ENTITIES_H
#define ZAGUAN_MAIL_HTML_ENTITIES_H

#include <stddef.h>

struct html_entity {
    char name[33];
    char text[7]; /* UTF-8 */
};

extern const struct html_entity html_entities[];
extern const size_t html_entity_count;

#endif
