/* SPDX-License-Identifier: Apache-2.0
 *
 * vectorize: from argv to a command, and from its error to a message and an exit code. Every
 * error of the program is printed here, once. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "cli/argv.h"
#include "cli/help.h"
#include "cli/report.h"
#include "cli/signal.h"
#include "cli/terminal.h"
#include "cmd/cmd.h"

static bool dispatch(struct invocation *inv, struct vz_error *err)
{
    if (inv->general.help) {
        help_print(commands, inv);
        return true;
    }
    if (inv->general.version) {
        fprintf(inv->out, inv->general.json ? "{\"version\":\"%s\"}\n" : "vectorize %s\n",
                VECTORIZE_VERSION);
        return true;
    }
    if (inv->general.verbose || inv->general.quiet)
        log_set_level(inv->general.verbose ? LOG_DEBUG : LOG_WARNING);
    return inv->command->run(inv, err);
}

/* Results count only once they are out: a full disk is a failure of the command. */
static bool flush(FILE *out, struct vz_error *err)
{
    if (fflush(out) == 0 && !ferror(out))
        return true;
    if (terminal_reader_gone(out))
        errno = EPIPE; // the write that failed may be some time ago
    return vz_fail(err, VZ_IO, "could not write to standard output: %m");
}

/* For the widths of characters in tables; numbers stay in the C locale. Output is UTF-8 whatever
 * the locale says: an unset one, as in containers, must not turn it into escapes. */
static void use_utf8(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

int main(int argc, char **argv)
{
    terminal_guard();
    use_utf8();
    struct arena process = arena_open(LIMIT_JOB_ARENA);
    struct invocation inv = { .arena = &process, .cancel = signal_setup(), .out = stdout };
    struct vz_error err = { 0 };
    bool json = argv_wants_json(argc, argv);

    bool ok = argv_parse(commands, argc, argv, &inv, &err) && dispatch(&inv, &err);
    if (ok)
        ok = flush(inv.out, &err);
    else
        fflush(inv.out); // before the message; the first failure is the one to tell
    if (!ok && err.sys == EPIPE && terminal_reader_gone(inv.out))
        signal_die_of_pipe();
    if (!ok)
        report_error(stderr, &err, json);
    arena_close(&process);
    return (int)(ok ? inv.exit : vz_exit_code(&err));
}
