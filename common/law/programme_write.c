/*
 * programme_write: owns how Tallystick itself writes an owner's text: the first
 * one of a shop, and a reward at the end of one.
 */
#include "common/law/programme_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/*
 * A name that comes back from a line as it went in: libinih takes blanks off
 * its ends and a ';' for the start of a comment.
 */
static bool name_is_writable(struct bytes name)
{
	return programme_name_is_good(name) && name.data[0] != ' ' &&
	       name.data[name.size - 1] != ' ' &&
	       memchr(name.data, ';', name.size) == NULL;
}

static enum result reward_check(
    const struct programme_reward *reward, struct error *err)
{
	if (!programme_reward_id_is_good(bytes_of_string(reward->id)))
		return error_set(err, RESULT_INVALID,
		    "a reward's id is 1 to %u of a-z, 0-9, '_' and '-'",
		    REWARD_ID_SIZE_MAX);
	if (!name_is_writable(bytes_of_string(reward->name)))
		return error_set(err, RESULT_INVALID,
		    "a reward's name is 1 to %u bytes of UTF-8, without ';' "
		    "and without blanks at its ends",
		    NAME_SIZE_MAX);
	if (reward->points < 1 || reward->points > POINTS_MAX)
		return error_set(err, RESULT_INVALID,
		    "a reward costs 1 to %llu points", POINTS_MAX);
	return RESULT_OK;
}

/* Would the text take one more of these? */
static enum result reward_check_new(
    struct bytes text, const struct programme_reward *reward, struct error *err)
{
	struct bytes id = bytes_of_string(reward->id);
	struct programme *programme;
	enum result result = programme_parse(text, &programme, err);

	if (result != RESULT_OK)
		return result;
	if (programme_reward(programme, id) != NULL)
		result = error_set(err, RESULT_EXISTS,
		    "there is a reward '%s' already", reward->id);
	else if (programme_ident_is_taken(
		     programme, programme_ident("reward", id)))
		result = error_set(err, RESULT_EXISTS,
		    "the id '%s' is kept for another use: choose another",
		    reward->id);
	else if (programme->reward_count == REWARDS_MAX)
		result = error_set(err, RESULT_LIMIT,
		    "a programme has at most %u rewards", REWARDS_MAX);
	programme_destroy(programme);
	return result;
}

enum result programme_with_reward(struct bytes text,
    const struct programme_reward *reward, struct buffer *ret_text,
    struct error *err)
{
	char section[REWARD_ID_SIZE_MAX + NAME_SIZE_MAX + 80];
	bool line_open = text.size > 0 && text.data[text.size - 1] != '\n';
	enum result result = reward_check(reward, err);
	int size;

	if (result == RESULT_OK)
		result = reward_check_new(text, reward, err);
	if (result != RESULT_OK)
		return result;
	size = snprintf(section, sizeof(section),
	    "%s\n[reward %s]\nname = %s\npoints = %llu\n",
	    line_open ? "\n" : "", reward->id, reward->name,
	    (unsigned long long)reward->points);
	assert(size > 0 && (size_t)size < sizeof(section));
	if (text.size + (size_t)size > ENTRY_TEXT_SIZE_MAX)
		return error_set(err, RESULT_LIMIT,
		    "the programme would be longer than %u bytes",
		    ENTRY_TEXT_SIZE_MAX);
	result = buffer_reserve(ret_text, text.size + (size_t)size, err);
	if (result == RESULT_OK)
		result = buffer_append(ret_text, text, err);
	if (result == RESULT_OK)
		result = buffer_append(
		    ret_text, bytes_of(section, (size_t)size), err);
	return result;
}

enum result programme_first_text(
    const char *shop_name, struct buffer *ret_text, struct error *err)
{
	static const char before[] =
	    "; The rules of the programme. Anything after ';' is a note.\n"
	    "\n"
	    "[programme]\n"
	    "name = ";
	static const char after[] =
	    "\n"
	    "currency = EUR\n"
	    "; So many points for each full amount of a sale.\n"
	    "earn_points = 1\n"
	    "earn_amount = 1.00\n"
	    "; A larger sale is refused as absurd.\n"
	    "sale_amount_max = 2000.00\n"
	    "; A till may grant a member so many points' worth of rewards\n"
	    "; while the server is away; 0 is never.\n"
	    "offline_redeem_points_max = 0\n"
	    "\n"
	    "; A reward looks so:\n"
	    ";\n"
	    ";     [reward coffee]\n"
	    ";     name = Coffee\n"
	    ";     points = 150\n";
	struct bytes name = bytes_of_string(shop_name);
	enum result result;

	if (!name_is_writable(name))
		return error_set(err, RESULT_INVALID,
		    "a shop's name is 1 to %u bytes of UTF-8, without ';' "
		    "and without blanks at its ends",
		    SHOP_NAME_SIZE_MAX);
	result = buffer_reserve(
	    ret_text, sizeof(before) + name.size + sizeof(after), err);
	if (result == RESULT_OK)
		result = buffer_append(ret_text, bytes_of_string(before), err);
	if (result == RESULT_OK)
		result = buffer_append(ret_text, name, err);
	if (result == RESULT_OK)
		result = buffer_append(ret_text, bytes_of_string(after), err);
	return result;
}
