/*
 * progress: owns the bar.
 */
#include "server/tally/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "server/tally/format.h"

#define BAR_WIDTH 40u
#define DRAW_MS 100u

void progress_init(struct progress *progress, const char *unit)
{
	*progress = (struct progress){
	    .unit = unit, .is_shown = isatty(STDERR_FILENO) == 1};
}

void progress_draw(struct progress *progress, uint64_t done, uint64_t total)
{
	static const char full[] = "########################################";
	uint64_t now_ms = clock_monotonic_ms();
	char count[FORMAT_SIZE];
	unsigned percent = 100;

	if (!progress->is_shown ||
	    (progress->is_drawn && now_ms - progress->drawn_ms < DRAW_MS))
		return;
	progress->is_drawn = true;
	progress->drawn_ms = now_ms;
	format_count((int64_t)done, count);
	if (total == 0) {
		fprintf(stderr, "\r%s %s", count, progress->unit);
		return;
	}
	if (done < total)
		percent = (unsigned)(100.0 * (double)done / (double)total);
	fprintf(stderr, "\r[%-*.*s] %3u%%  %s %s", BAR_WIDTH,
	    (int)(percent * BAR_WIDTH / 100), full, percent, count,
	    progress->unit);
}

void progress_clear(struct progress *progress)
{
	if (progress->is_drawn)
		fputs("\r\033[K", stderr);
	progress->is_drawn = false;
}
