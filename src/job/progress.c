/* SPDX-License-Identifier: Apache-2.0
 *
 * The bar, the line, and when each is drawn. */
#include "job/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "job/pace.h"

#define BAR_EVERY_S 0.1
#define LINE_EVERY_S 10.0
#define BAR_LEAST 10 /* columns under which a bar says nothing */

struct progress {
    pthread_mutex_t lock;
    enum progress_style style;
    const char *what;
    struct pace pace;
    double next;
    uint64_t done, total;
    bool hidden; /* a log line is being written */
};

char *progress_count(uint64_t n, char *to, size_t size)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    size_t used = 0;
    for (int i = 0; i < len && used + 2 < size; i++) {
        if (i && (len - i) % 3 == 0)
            to[used++] = ',';
        to[used++] = digits[i];
    }
    to[used] = '\0';
    return to;
}

char *progress_time(double seconds, char *to, size_t size)
{
    long s = seconds < 0 ? 0 : seconds > 3e9 ? 3000000000L : (long)(seconds + 0.5);
    if (s < 3600)
        snprintf(to, size, "%ld:%02ld", s / 60, s % 60);
    else if (s < 86400)
        snprintf(to, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(to, size, "%ld d %ld h", s / 86400, s / 3600 % 24);
    return to;
}

static unsigned percent(uint64_t done, uint64_t total)
{
    if (total == 0 || done >= total)
        return 100;
    unsigned p = (unsigned)((double)done / (double)total * 100);
    return p < 99 ? p : 99; // 100 only when it is done
}

static void rate_text(double rate, char *to, size_t size)
{
    char n[32];
    if (rate < 10)
        snprintf(to, size, "%.1f rows/s", rate);
    else
        snprintf(to, size, "%s rows/s", progress_count((uint64_t)(rate + 0.5), n, sizeof n));
}

void progress_render_line(const char *what, uint64_t done, uint64_t total, double rate, double eta,
                          char *to, size_t size)
{
    char a[32], b[32], r[48], t[32];
    rate_text(rate, r, sizeof r);
    snprintf(to, size, "%s: %s of %s rows (%u %%), %s, %s left", what,
             progress_count(done, a, sizeof a), progress_count(total, b, sizeof b),
             percent(done, total), r, eta < 0 ? "-:--" : progress_time(eta, t, sizeof t));
}

void progress_render_bar(const char *what, uint64_t done, uint64_t total, double rate, double eta,
                         size_t width, char *to, size_t size)
{
    char a[32], b[32], r[48], t[32], part[5][96];
    if (width >= size)
        width = size - 1;
    rate_text(rate, r, sizeof r);
    snprintf(part[0], sizeof part[0], "%3u %%", percent(done, total));
    snprintf(part[1], sizeof part[1], "  %s/%s", progress_count(done, a, sizeof a),
             progress_count(total, b, sizeof b));
    snprintf(part[2], sizeof part[2], "  %s left",
             eta < 0 ? "-:--" : progress_time(eta, t, sizeof t));
    snprintf(part[3], sizeof part[3], "  %s", r);
    snprintf(part[4], sizeof part[4], "%.64s ", what);

    // Parts by need, as many as there is room for; then the bar in what remains.
    size_t used = 0, n = 0;
    to[0] = '\0';
    while (n < 4 && used + strlen(part[n]) <= width) {
        memcpy(to + used, part[n], strlen(part[n]) + 1);
        used += strlen(part[n]);
        n++;
    }
    size_t head = n == 4 && used + strlen(part[4]) + BAR_LEAST + 4 <= width ? strlen(part[4]) : 0;
    if (n < 4 || used + head + BAR_LEAST + 3 > width)
        return;
    size_t bar = width - used - head - 3;
    if (bar > 40)
        bar = 40;
    memmove(to + head + bar + 3, to, used + 1);
    memcpy(to, part[4], head);
    size_t full =
        total == 0 || done >= total ? bar : (size_t)((double)done / (double)total * (double)bar);
    to[head] = '[';
    memset(to + head + 1, '#', full);
    memset(to + head + 1 + full, '.', bar - full);
    to[head + bar + 1] = ']';
    to[head + bar + 2] = ' ';
}

static size_t terminal_width(void)
{
    struct winsize w = { 0 };
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
        return w.ws_col;
    return 80;
}

static void say(const char *text)
{
    // A terminal that is gone is no reason to stop the work.
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return;
}

static void draw(struct progress *p)
{
    char bar[512], line[600];
    // One column stays free: a full line makes some terminals scroll.
    progress_render_bar(p->what, p->done, p->total, pace_rate(&p->pace),
                        pace_eta(&p->pace, p->total), terminal_width() - 1, bar, sizeof bar);
    snprintf(line, sizeof line, "\r%s\033[K", bar);
    say(line);
}

static void around_log_line(bool show, void *arg)
{
    struct progress *p = arg;
    pthread_mutex_lock(&p->lock);
    p->hidden = !show;
    if (show)
        draw(p);
    else
        say("\r\033[K");
    pthread_mutex_unlock(&p->lock);
}

struct progress *progress_start(enum progress_style style, const char *what, double now)
{
    struct progress *p = xcalloc(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    if (style == PROGRESS_AUTO)
        style = isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_PLAIN;
    p->style = style;
    p->what = what;
    p->pace = pace_start(now);
    p->next = now + (style == PROGRESS_BAR ? 0 : LINE_EVERY_S);
    if (style == PROGRESS_BAR)
        log_set_bar(around_log_line, p);
    return p;
}

void progress_tick(struct progress *p, double now, uint64_t done, uint64_t total)
{
    pthread_mutex_lock(&p->lock);
    pace_sample(&p->pace, now, done);
    p->done = done;
    p->total = total > done ? total : done; // rows that came since the count
    bool due = now >= p->next;
    if (due && p->style == PROGRESS_BAR && !p->hidden)
        draw(p);
    pthread_mutex_unlock(&p->lock);
    if (!due)
        return;
    p->next = now + (p->style == PROGRESS_BAR ? BAR_EVERY_S : LINE_EVERY_S);
    if (p->style == PROGRESS_PLAIN) {
        char line[512];
        progress_render_line(p->what, p->done, p->total, pace_rate(&p->pace),
                             pace_eta(&p->pace, p->total), line, sizeof line);
        log_write(LOG_INFO, "job", "%s", line);
    }
}

void progress_end(struct progress *p)
{
    if (!p)
        return;
    if (p->style == PROGRESS_BAR) {
        log_set_bar(NULL, NULL); // from here on no other thread can reach the bar
        say("\r\033[K");
    }
    pthread_mutex_destroy(&p->lock);
    xfree(p);
}
