/*
 * figures: what a bench's client measures: latencies, and a process's time on
 * the processors.
 */
#ifndef TESTS_BENCH_FIGURES_H
#define TESTS_BENCH_FIGURES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Exact to a microsecond up to here; anything longer counts as this. */
#define LATENCY_US_MAX 4000000u

struct latencies {
	uint64_t count;
	uint32_t *histogram; /* by microsecond */
};

static inline bool latencies_init(struct latencies *latencies)
{
	latencies->count = 0;
	latencies->histogram =
	    calloc(LATENCY_US_MAX + 1, sizeof(*latencies->histogram));
	return latencies->histogram != NULL;
}

static inline void latencies_finish(struct latencies *latencies)
{
	free(latencies->histogram);
}

static inline void latencies_add(struct latencies *latencies, uint64_t us)
{
	latencies->count++;
	latencies->histogram[us < LATENCY_US_MAX ? us : LATENCY_US_MAX]++;
}

/* The latency that a `share` (0 to 1) of them stays below. */
static inline double latencies_quantile_ms(
    const struct latencies *latencies, double share)
{
	uint64_t wanted = (uint64_t)((double)latencies->count * share);
	uint64_t seen = 0;

	for (uint32_t us = 0; us <= LATENCY_US_MAX; us++) {
		seen += latencies->histogram[us];
		if (seen > wanted)
			return us / 1000.0;
	}
	return LATENCY_US_MAX / 1000.0;
}

/* User and system time so far, fields 14 and 15 of proc(5) stat: exact to the
 * kernel's tick, ten milliseconds. Ends the program where there is none. */
static inline uint64_t process_cpu_us(long pid)
{
	char path[64], text[1024];
	unsigned long long user, system;
	const char *rest = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = fopen(path, "r");
	/* The name in brackets may hold anything. */
	if (file != NULL && fgets(text, sizeof(text), file) != NULL)
		rest = strrchr(text, ')');
	if (file != NULL)
		fclose(file);
	if (rest == NULL ||
	    sscanf(rest,
		") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
		&user, &system) != 2) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(2);
	}
	return (user + system) * (1000000u / (uint64_t)sysconf(_SC_CLK_TCK));
}

#endif
