/*
 * programme_inside: what the files that read and write a programme agree on.
 *
 *     programme.c          lines and keys; the one user of libinih
 *     programme_sections.c what stands between brackets
 *     programme_keys.c     the tables of keys of each section
 *     programme_values.c   what a key's value may be
 *     programme_whole.c    what a section, and the text, must say as a whole
 *     programme_warn*.c    what is allowed but hardly meant
 *     programme_names.c    names, idents, stamps: what verdicts rest on
 *     programme_write.c    writing an owner's text
 */
#ifndef COMMON_LAW_PROGRAMME_INSIDE_H
#define COMMON_LAW_PROGRAMME_INSIDE_H

#include "common/law/programme.h"

/* The sections, and how one is called in its brackets. */
enum section {
	SECTION_NONE,
	SECTION_PROGRAMME,
	SECTION_POINTS,
	SECTION_EARN,
	SECTION_TIERS,
	SECTION_TIER,
	SECTION_REWARD,
	SECTION_TRANSFER,
	SECTION_GOODWILL,
	SECTION_UNKNOWN, /* a fault; nothing is said of its keys */
};
#define SECTION_COUNT (SECTION_UNKNOWN + 1)

/* Where something stands in the text, for whoever has to find it. */
struct place {
	unsigned line; /* 0: nowhere */
	unsigned column;
};

/* The lists of a section, while its lines are read. */
enum list { LIST_CATEGORIES, LIST_PRODUCTS, LIST_SHOPS, LIST_SEGMENTS };
#define LIST_COUNT 4
struct list_names {
	size_t count;
	uint64_t names[NAMES_MAX];
};

#define KEYS_MAX 40u /* keys of one section */

/* One parse under way, on the heap. `result` is the first fault's. */
struct parse {
	struct bytes text;
	size_t position;
	unsigned line;
	unsigned key_column;   /* where the line's first word stands … */
	unsigned value_column; /* … and what comes after its '=' */
	bool key_is_due; /* the line must be a key, and has not been one yet */

	enum section section;
	unsigned section_line;
	struct place places[KEYS_MAX]; /* of the section's keys, once seen */
	struct list_names lists[LIST_COUNT];
	unsigned section_lines[SECTION_COUNT]; /* where each came last */
	unsigned base_line; /* of the base rule's key; 0: it has none */

	struct programme *programme;
	/* What the present section fills in: one of the programme's, or, where
	 * it is a fault, a spare one. */
	struct programme_rule *rule;
	struct programme_reward *reward;
	struct programme_tier *tier;
	struct programme_rule spare_rule;
	struct programme_reward spare_reward;
	struct programme_tier spare_tier;

	/* Seen before anything is read: a tier may be named above its section,
	 * and an [earn] section makes the base rule's keys optional. */
	size_t tier_id_count;
	char tier_ids[TIERS_MAX][REWARD_ID_SIZE_MAX + 1];
	bool has_earn;

	enum result result;
	struct error *err;
	programme_fault_fn *fault; /* NULL: the first fault ends it */
	void *context;
};

/*
 * A key of a section. `take` puts a value at `offset` of what the section fills
 * in, and answers false for one that is not `wanted`; it may tell of a fault of
 * its own instead. Values with ',' between them are taken one at a time.
 */
struct key;
typedef bool take_fn(
    struct parse *parse, const struct key *key, void *field, const char *value);
struct key {
	const char *name;
	take_fn *take;
	size_t offset;
	uint64_t min;
	uint64_t max;
	const char *wanted; /* NULL: a whole number from min to max */
	bool (*is_due)(const struct parse *parse); /* NULL: optional */
	bool is_list;
	bool may_repeat;
	enum list list;
};

/* --- programme.c ---------------------------------------------------------- */

/* Tell of a fault; the parse goes on only where somebody hears of each. */
__attribute__((format(printf, 5, 6))) void parse_fail(struct parse *parse,
    enum result result, unsigned line, unsigned column, const char *format,
    ...);

/* --- programme_sections.c ------------------------------------------------- */

/* Look at a line for what must be known of sections before one is read. */
void section_foresee(struct parse *parse, struct bytes line);
/* Is a rule, a reward, or what all earning and transfers are counted by, kept
 * by this number? No two of one programme may be. */
bool programme_ident_is_taken(
    const struct programme *programme, uint32_t ident);
/* The present section ends, and that of `line`, which starts with '[', begins.
 */
void section_begin(struct parse *parse, struct bytes line);

/* --- programme_keys.c ----------------------------------------------------- */

/* The keys of a section, up to one without a name. */
const struct key *section_keys(enum section section);
/* What a key of the present section fills in. */
void *key_field(struct parse *parse, const struct key *key);
/* Where a key of the present section was seen; line 0: it was not. */
struct place key_place(const struct parse *parse, const char *name);
/* What is wanted of its value, in words. */
#define WANTED_SIZE 96
void key_wanted(const struct key *key, char ret_text[WANTED_SIZE]);

/* --- programme_values.c --------------------------------------------------- */

#define BLANKS " \t\r\n"

/* A view of `text` without the blanks at its ends. */
struct bytes text_trim(struct bytes text);
/* 1 … NAME_SIZE_MAX bytes of UTF-8 without control characters. */
bool programme_name_is_good(struct bytes name);
/* 1 … REWARD_ID_SIZE_MAX of a-z, 0-9, '_' and '-'. */
bool programme_reward_id_is_good(struct bytes id);

/* The values of keys; which field each fills in is said by its name. */
take_fn take_name;
take_fn take_currency;
take_fn take_zone;
take_fn take_u64;
take_fn take_u32;
take_fn take_i32;
take_fn take_amount;
take_fn take_flag;
take_fn take_not_flag;
take_fn take_date;
take_fn take_rule_points;
take_fn take_rule_per;
take_fn take_rule_multiply;
take_fn take_rule_refer;
take_fn take_rule_first;
take_fn take_rule_hours;
take_fn take_rule_group;
take_fn take_weekday;
take_fn take_tier;
take_fn take_minutes_ms;
take_fn take_expire_end;
take_fn take_qualify;
take_fn take_window;
take_fn take_window_days;
take_fn take_downgrade;
take_fn take_line_name; /* of a category or product; likewise to the lists: */
take_fn take_shop;
take_fn take_segment;

/* --- programme_whole.c ---------------------------------------------------- */

/* A section has ended: everything that it must say has been said, and nothing
 * that contradicts it. Its lists go to the programme's pool. */
void section_finish(struct parse *parse);
/* The text has ended. */
void parse_finish(struct parse *parse);

/* --- programme_warn.c, _rules.c, _rewards.c ------------------------------- */

/* Warnings under way; `line` is that of the section looked at. */
struct warning {
	const struct programme *programme;
	int32_t today;
	programme_fault_fn *warn;
	void *context;
	unsigned line;
};
/* One of several caps, of which each but the first is of something wider. */
struct cap {
	const char *name;
	uint64_t value; /* 0 is none */
};

__attribute__((format(printf, 2, 3))) void warn_of(
    const struct warning *warning, const char *format, ...);
/* Of each cap that a wider one makes meaningless. */
void warn_of_caps(
    const struct warning *warning, const struct cap *caps, size_t count);
void warn_if_over(
    const struct warning *warning, const char *what, int32_t last_day);
void warn_of_rule(const struct warning *warning, size_t index);
void warn_of_reward(
    const struct warning *warning, const struct programme_reward *reward);

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

#endif
