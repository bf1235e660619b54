/*
 * reward_samples: one reward of each kind, as initialisers of a shop's facts.
 */
#ifndef TESTS_UNIT_CLIENT_REWARD_SAMPLES_H
#define TESTS_UNIT_CLIENT_REWARD_SAMPLES_H

#include "client/operation.h"

#define REWARD_TEA                                        \
	{                                                 \
		.id = "tea", .name = "Tea", .points = 100 \
	}
#define REWARD_COFFEE                                           \
	{                                                       \
		.id = "coffee", .name = "Coffee", .points = 150 \
	}
#define REWARD_FIVE                                              \
	{                                                        \
		.id = "five", .name = "Five off", .points = 500, \
		.kind = REWARD_AMOUNT_OFF, .off_minor = 500      \
	}
#define REWARD_TENTH                                                 \
	{                                                            \
		.id = "tenth", .name = "A tenth off", .points = 300, \
		.kind = REWARD_PERCENT_OFF, .off_percent = 10,       \
		.off_minor_max = 2000                                \
	}
/* For the lowest two tiers. */
#define REWARD_CASH                                                        \
	{                                                                  \
		.id = "cash", .name = "Cash", .kind = REWARD_MONEY,        \
		.money_points = 100, .money_minor = 101, .money_step = 50, \
		.money_share_max = 60, .tiers = 6                          \
	}

#endif
