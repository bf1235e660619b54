/*
 * simulate_world: sales from a text, and a simulation of them whose points are
 * somewhere, whatever happens.
 */
#ifndef TESTS_UNIT_SERVER_SIMULATE_WORLD_H
#define TESTS_UNIT_SERVER_SIMULATE_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/simulate.h"

#define HEAD                                                  \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"sale_amount_max = 2000.00\n"
#define BASE "earn_points = 1\nearn_amount = 1.00\n"
#define COFFEE "[reward coffee]\nname = Coffee\npoints = 10\ncost = 0.80\n"

/* A file that a test makes up. */
static char long_text[200000];

struct world {
	struct sales *sales;
	struct simulate_options options;
	struct simulation is;
	struct error err;
};

static inline void read_sales(struct world *world, const char *csv)
{
	struct sales_options options = {.as_count = 0};

	sales_destroy(world->sales);
	world->sales = NULL;
	if (sales_read(bytes_of_string(csv), &options, &world->sales,
		&world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
}

static inline void run(struct world *world, const char *rules)
{
	simulation_finish(&world->is);
	if (simulate(bytes_of_string(rules), world->sales, &world->options,
		&world->is, &world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	/* Points are somewhere, whatever happened. */
	assert_int_equal(
	    world->is.issued_points, (int64_t)world->is.redeemed_points +
					 (int64_t)world->is.expired_points +
					 world->is.outstanding_points);
}

static inline const struct simulated_rule *rule(
    struct world *world, const char *id)
{
	for (size_t i = 0; i < world->is.programme->rule_count; i++)
		if (strcmp(world->is.programme->rules[i].id, id) == 0)
			return &world->is.rules[i];
	fail_msg("no rule %s", id);
	return NULL;
}

static inline int setup(void **state)
{
	*state = calloc(1, sizeof(struct world));
	return *state == NULL ? -1 : 0;
}

static inline int teardown(void **state)
{
	struct world *world = *state;

	simulation_finish(&world->is);
	sales_destroy(world->sales);
	free(world);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
