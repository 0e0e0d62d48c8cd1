/* SPDX-License-Identifier: Apache-2.0
 *
 * What every cmocka test includes: cmocka with its prerequisites in the right order, and asserts
 * over this project's errors. */
#ifndef TESTS_LIB_TEST_H
#define TESTS_LIB_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

/* Holds that `call` succeeded; prints the error otherwise. */
#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        if (!(call)) {                                                                             \
            print_error("%s: %s\n", #call, (err)->message);                                        \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* Holds that `call` failed with that kind and that the message has `part` in it. */
#define assert_fails(call, err, expected_kind, part)                                               \
    do {                                                                                           \
        assert_false(call);                                                                        \
        assert_int_equal((err)->kind, expected_kind);                                              \
        if (!strstr((err)->message, part)) {                                                       \
            print_error("\"%s\" does not contain \"%s\"\n", (err)->message, part);                 \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

#endif
