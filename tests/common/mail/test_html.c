#include "common/base/limits.h"
#include "common/mail/text.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void render(const char *html, struct arena *arena, struct text_set *set)
{
    struct slice copy = exact_text(html);
    *set = (struct text_set){.pieces = NULL};
    assert_int_equal(text_from_html(copy, arena, set, NULL), 0);
    exact_free(copy);
}

static struct slice piece_of(const struct text_set *set, enum text_where where, bool is_hidden)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->pieces[i].where == where && set->pieces[i].is_hidden == is_hidden)
            return set->pieces[i].text;
    return (struct slice){NULL, 0};
}

static void text_is_what_a_reader_sees(void **state)
{
    (void)state;
    static const struct {
        const char *html, *seen;
    } rows[] = {
        {"", ""},
        {"a  b\n\tc", "a b c"},
        {"m<b>a</b><i>t</i>ar", "matar"},
        {"ma<wbr>tar ma<!-- x -->tar", "matar matar"},
        {"a<br>b<br/>c<p>d</p>e<hr>f", "a\nb\nc\nd\ne\nf"},
        {"<ul><li>a<li>b</ul><dl><dt>c<dd>d</dl>", "a\nb\nc\nd"},
        {"<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>", "a b\nc d"},
        {"<pre>a  b\n c</pre>", "a  b\n c"},
        {"a&nbsp;b&#x20;c&Tab;d", "a\u00a0b c\td"},
        {"<img alt='x y' src=z>", "x y"},
        {"<input type=submit value=Enviar><input type=hidden value=no>", "Enviar"},
        {"<textarea>a <b> &lt;</textarea>", "a <b> <"},
        {"<span style='display:block'>a</span>b", "a\nb"},
        {"<script>if (a<b) '</b>'</script>c", "c"},
        {"<style>a</style >b<STYLE>c</style>d", "bd"},
        {"<title>a</title>b", "b"},
        {"<script>never closed", ""},
        {"<!-->a<!--->b<!-- c --!>d<!-- never", "abd"},
        {"<!DOCTYPE html><?xml x?>a", "a"},
        {"a<b", "a"},
        {"a<", "a<"},
        {"a</", "a</"},
        {"<<b>a", "<a"},
        {"&", "&"},
        {"&#", "&#"},
        {"&#x;&#;&#0;&#xd800;&#99999999999;", "&#x;&#;\ufffd\ufffd\ufffd"},
        {"&amp&ampx&am", "&&x&am"},
        {"<a b='>' c=\">\">x", "x"},
        {"<p a=b/>x", "x"},
        {"<plaintext>a<b>c", "a<b>c"},
        {"<noscript>a</noscript><iframe>b</iframe>", "a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct text_set set;
        render(rows[i].html, arena, &set);
        assert_slice_is(piece_of(&set, TEXT_BODY, false), rows[i].seen);
    }
}

static void text_that_is_not_seen_is_marked(void **state)
{
    (void)state;
    static const struct {
        const char *html, *seen, *hidden;
    } rows[] = {
        {"<i style='display:none'>a</i>b", "b", "a"},
        {"<i style='display : NONE !important'>a</i>b", "b", "a"},
        {"<i style='display/**/:no/* x */ne'>a</i>b", "b", "a"},
        {"<i style='color:red;display&#58;none'>a</i>b", "b", "a"},
        {"<i style='visibility:hidden'>a<b style='visibility:visible'>b</b></i>", "b", "a"},
        {"<i style='display:none'>a<b style='display:block'>b</b></i>", "", "a\nb"},
        {"<i style='font-size:1px'>a</i><i style='font-size:.5em'>b</i>", "b", "a"},
        {"<i style='font:0/0 a'>a</i><i style='font:bold 12px/0 a'>b</i>", "b", "a"},
        {"<i style='opacity:0.0'>a</i><i style='opacity:.5'>b</i>", "b", "a"},
        {"<font color=white>a</font>b", "b", "a"},
        {"<body bgcolor=#000000 text=#ffffff>b<font color=black>a", "b", "a"},
        {"<i style='color:rgb(255,255,254)'>a</i>b", "b", "a"},
        {"<i style='color:rgba(0,0,0,0)'>a</i>b", "b", "a"},
        {"<i style='color:#fff;background:#000'>b</i>", "b", ""},
        {"<i style='color:#fff;background:url(x)'>b</i>", "b", ""},
        {"<i hidden>a</i>b", "b", "a"},
        {"<i style='position:absolute;top:-1000px'>a</i>b", "b", "a"},
        {"<i style='position:absolute;top:-10px'>b</i>", "b", ""},
        {"<i style='text-indent:-9999px'>a</i>b", "b", "a"},
        {"<i style='height:0;overflow:hidden'>a</i><i style='height:0'>b</i>", "b", "a"},
        {"<template>a</template>b", "b", "a"},
        {"<p style='display:none'>a<p>b", "b", "a"},
        {"<div style='display:none'><p>a</div>b", "b", "a"},
        {"<div style='display:none'>a<img alt=c></div>b", "b", "a c"},
        {"<td style='display:none'>a</b></div>c</td>b", "b", "a\nc"},
        {"<div style='font-size:0'><img alt=b></div>", "b", ""},
        {"<style>.x, #y{display:none}</style>m<i class='w x'>a</i>m<b id=y>a</b>m", "mmm", "a\na"},
        {"<style><!-- /* c */ p.x{font-size:0}--></style><p class=x>a<p>b", "b", "a"},
        {"<style>@media print{.x{display:none}}.y .x{display:none}</style><p class=x>b", "b", ""},
        {"<style>.x{color:red}@import z;.x:hover{display:none}</style><p class=x>b", "b", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct text_set set;
        render(rows[i].html, arena, &set);
        assert_slice_is(piece_of(&set, TEXT_BODY, false), rows[i].seen);
        assert_slice_is(piece_of(&set, TEXT_BODY, true), rows[i].hidden);
    }
}

static void link_targets_are_pieces_of_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *html, *url;
        bool is_hidden;
    } rows[] = {
        {"<a href=' https://example.org/ '>x</a>", "https://example.org/", false},
        {"<A HREF=http&#58;//example.org>x", "http://example.org", false},
        {"<form action=https://example.net>", "https://example.net", false},
        {"<i style=display:none><a href=x:y>", "x:y", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct text_set set;
        render(rows[i].html, arena, &set);
        assert_slice_is(piece_of(&set, TEXT_URL, rows[i].is_hidden), rows[i].url);
    }
}

/* Each of these was, or is in other parsers, a way to quadratic time. */
static void hostile_documents_take_linear_time(void **state)
{
    (void)state;
    static const char *const units[] = {"<div>",
                                        "</b>",
                                        "<a b=\">\" ",
                                        "<!--",
                                        "--!",
                                        "<a href='",
                                        "&amp",
                                        "<p><td>",
                                        "<script></x",
                                        "<li><b>",
                                        "<",
                                        "</",
                                        "<i style='a:b;c:d'>",
                                        "<a x=\">",
                                        "<a href=x>",
                                        "<title>",
                                        "<style>/*",
                                        "<style>@{</style>",
                                        "<style>.a{b:c}</style>"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(256 * MIB);
        struct text_set set = {.pieces = NULL};
        size_t size = strlen(units[i]);
        char *html = malloc(MIB);
        assert_non_null(html);
        for (size_t k = 0; k < MIB; k++)
            html[k] = units[i][k % size];
        struct budget budget = budget_of(5000); /* ASan; without it, tens of milliseconds */
        assert_int_equal(text_from_html((struct slice){html, MIB}, arena, &set, NULL), 0);
        assert_false(budget_is_used_up(&budget));
        free(html);
    }
}

static void without_room_rendering_is_an_error(void **state)
{
    (void)state;
    for (size_t room = 0; room < 40000; room += 1500) {
        ARENA_CLEANUP *arena = arena_new(room);
        struct text_set set = {.pieces = NULL};
        struct error err = {ERROR_NONE, ""};
        static char html[9000] = "<a href=x>";
        memset(html + 10, 'a', sizeof html - 10);
        if (text_from_html((struct slice){html, sizeof html}, arena, &set, &err) != 0)
            assert_int_equal(err.kind, ERROR_LIMIT);
        else
            assert_int_equal(set.count, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_what_a_reader_sees),
        cmocka_unit_test(text_that_is_not_seen_is_marked),
        cmocka_unit_test(link_targets_are_pieces_of_their_own),
        cmocka_unit_test(hostile_documents_take_linear_time),
        cmocka_unit_test(without_room_rendering_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
