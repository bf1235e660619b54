/*
 * programme_sections: owns what stands between brackets: which section it
 * begins, whether it may, and what its keys fill in.
 */
#include "common/law/programme_inside.h"

#include <string.h>

/* What stands between a section's brackets: a word, and for some an id. */
struct title {
	const char *word;
	bool has_id;
};

static const struct title titles[SECTION_COUNT] = {
    [SECTION_PROGRAMME] = {"programme", false},
    [SECTION_POINTS] = {"points", false},
    [SECTION_EARN] = {"earn", true},
    [SECTION_TIERS] = {"tiers", false},
    [SECTION_TIER] = {"tier", true},
    [SECTION_REWARD] = {"reward", true},
    [SECTION_TRANSFER] = {"transfer", false},
    [SECTION_GOODWILL] = {"goodwill", false},
};

/* What stands between the brackets, and that nothing stands after them. */
static bool read_brackets(struct bytes line, struct bytes *ret_inside)
{
	struct bytes after;
	size_t size = 1;

	while (size < line.size && line.data[size] != ']')
		size++;
	if (size >= line.size)
		return false;
	after = text_trim(bytes_of(&line.data[size + 1], line.size - size - 1));
	if (after.size > 0 && after.data[0] != ';' && after.data[0] != '#')
		return false;
	*ret_inside = bytes_of(&line.data[1], size - 1);
	return true;
}

/* Which section is that? One that has an id may lack it here. */
static enum section read_title(struct bytes inside, struct bytes *ret_id)
{
	for (enum section section = SECTION_NONE + 1; section < SECTION_UNKNOWN;
	     section++) {
		size_t size = strlen(titles[section].word);

		if (inside.size < size ||
		    memcmp(inside.data, titles[section].word, size) != 0)
			continue;
		*ret_id = bytes_of(NULL, 0);
		if (inside.size == size)
			return section;
		if (!titles[section].has_id || inside.data[size] != ' ')
			continue;
		*ret_id =
		    bytes_of(&inside.data[size + 1], inside.size - size - 1);
		return section;
	}
	return SECTION_UNKNOWN;
}

static bool tier_is_listed(const struct parse *parse, struct bytes id)
{
	for (size_t index = 0; index < parse->tier_id_count; index++) {
		if (bytes_equal(bytes_of_string(parse->tier_ids[index]), id))
			return true;
	}
	return false;
}

void section_foresee(struct parse *parse, struct bytes line)
{
	struct bytes inside;
	struct bytes id;
	enum section section;

	line = text_trim(line);
	if (line.size == 0 || line.data[0] != '[' ||
	    !read_brackets(line, &inside))
		return;
	section = read_title(inside, &id);
	if (section == SECTION_EARN)
		parse->has_earn = true;
	if (section != SECTION_TIER || !programme_reward_id_is_good(id) ||
	    tier_is_listed(parse, id) || parse->tier_id_count == TIERS_MAX)
		return;
	memcpy(parse->tier_ids[parse->tier_id_count++], id.data, id.size);
}

/* Has an earlier section of this word the id? */
static bool id_is_taken(
    const struct parse *parse, enum section section, struct bytes id)
{
	const struct programme *programme = parse->programme;

	if (section == SECTION_REWARD)
		return programme_reward(programme, id) != NULL;
	for (size_t index = 0;
	     section == SECTION_EARN && index < programme->rule_count;
	     index++) {
		if (bytes_equal(
			bytes_of_string(programme->rules[index].id), id))
			return true;
	}
	for (size_t index = 0;
	     section == SECTION_TIER && index < programme->tier_count;
	     index++) {
		if (bytes_equal(
			bytes_of_string(programme->tiers[index].id), id))
			return true;
	}
	return false;
}

bool programme_ident_is_taken(const struct programme *programme, uint32_t ident)
{
	struct bytes none = bytes_of(NULL, 0);

	for (size_t index = 0; index < programme->rule_count; index++) {
		if (programme->rules[index].ident == ident)
			return true;
	}
	for (size_t index = 0; index < programme->reward_count; index++) {
		if (programme->rewards[index].ident == ident)
			return true;
	}
	return ident == programme_ident("earn", bytes_of_string("base")) ||
	       ident == programme_ident("all", none) ||
	       ident == programme_ident("transfer", none);
}

struct kind {
	const char *name;
	size_t count;
	size_t count_max;
};

static struct kind section_kind(
    const struct programme *programme, enum section section)
{
	if (section == SECTION_EARN)
		return (struct kind){"rule", programme->rule_count, RULES_MAX};
	if (section == SECTION_TIER)
		return (struct kind){"tier", programme->tier_count, TIERS_MAX};
	return (struct kind){"reward", programme->reward_count, REWARDS_MAX};
}

/* May a section with this id begin? */
static bool check_id(struct parse *parse, struct bytes id)
{
	struct kind kind = section_kind(parse->programme, parse->section);
	uint32_t ident;

	if (!programme_reward_id_is_good(id)) {
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column,
		    "a %s's id is 1 to %u of a-z, 0-9, '_' and '-'", kind.name,
		    REWARD_ID_SIZE_MAX);
		return false;
	}
	if (id_is_taken(parse, parse->section, id)) {
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column, "the %s '%.*s' comes twice", kind.name,
		    (int)id.size, (const char *)id.data);
		return false;
	}
	ident = programme_ident(titles[parse->section].word, id);
	if (parse->section != SECTION_TIER &&
	    programme_ident_is_taken(parse->programme, ident)) {
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column,
		    "the id '%.*s' is kept for another use: choose another",
		    (int)id.size, (const char *)id.data);
		return false;
	}
	if (kind.count < kind.count_max)
		return true;
	parse_fail(parse, RESULT_LIMIT, parse->line, parse->key_column,
	    "more than %zu %ss", kind.count_max, kind.name);
	return false;
}

static void rule_begin(struct parse *parse, struct bytes id, bool is_good)
{
	struct programme *programme = parse->programme;
	struct programme_rule *rule =
	    is_good ? &programme->rules[programme->rule_count++]
		    : &parse->spare_rule;

	*rule = (struct programme_rule){
	    .line = parse->line, .day_from = DAY_NONE, .day_until = DAY_NONE};
	parse->rule = rule;
	if (!is_good)
		return;
	memcpy(rule->id, id.data, id.size);
	rule->ident = programme_ident("earn", id);
}

static void tier_begin(struct parse *parse, struct bytes id, bool is_good)
{
	struct programme *programme = parse->programme;
	struct programme_tier *tier =
	    is_good ? &programme->tiers[programme->tier_count++]
		    : &parse->spare_tier;

	*tier = (struct programme_tier){.line = parse->line};
	parse->tier = tier;
	if (is_good)
		memcpy(tier->id, id.data, id.size);
}

static void reward_begin(struct parse *parse, struct bytes id, bool is_good)
{
	struct programme *programme = parse->programme;
	struct programme_reward *reward =
	    is_good ? &programme->rewards[programme->reward_count++]
		    : &parse->spare_reward;

	*reward = (struct programme_reward){.line = parse->line,
	    .money_step = 1,
	    .money_share_max = 100,
	    .stock = UINT64_MAX,
	    .day_from = DAY_NONE,
	    .day_until = DAY_NONE,
	    .hold_ms = HOLD_MINUTES * 60ull * 1000};
	parse->reward = reward;
	if (!is_good)
		return;
	memcpy(reward->id, id.data, id.size);
	reward->ident = programme_ident("reward", id);
}

/* A section that is a fault is read all the same, for what else is wrong in
 * it. */
static void open_section(struct parse *parse, struct bytes id)
{
	const char *word = titles[parse->section].word;

	if (parse->section == SECTION_EARN)
		rule_begin(parse, id, check_id(parse, id));
	else if (parse->section == SECTION_TIER)
		tier_begin(parse, id, check_id(parse, id));
	else if (parse->section == SECTION_REWARD)
		reward_begin(parse, id, check_id(parse, id));
	else if (parse->section_lines[parse->section] != 0)
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column, "the section [%s] comes twice", word);
	parse->section_lines[parse->section] = parse->line;
	parse->programme->has_transfer |= parse->section == SECTION_TRANSFER;
	parse->programme->has_goodwill |= parse->section == SECTION_GOODWILL;
}

void section_begin(struct parse *parse, struct bytes line)
{
	struct bytes inside;
	struct bytes id;

	section_finish(parse);
	parse->section = SECTION_UNKNOWN;
	parse->section_line = parse->line;
	memset(parse->places, 0, sizeof(parse->places));
	if (!read_brackets(line, &inside)) {
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column,
		    "a section such as [programme] is wanted");
		return;
	}
	parse->section = read_title(inside, &id);
	if (parse->section == SECTION_UNKNOWN)
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column,
		    "[programme], [points], [earn ID], [tiers], [tier ID], "
		    "[reward ID], [transfer] or [goodwill] is wanted, not "
		    "'[%.*s]'",
		    (int)inside.size, (const char *)inside.data);
	else
		open_section(parse, id);
}
