/*
 * command_people: who is a member, who belongs together, and points that are
 * given, taken or sent by people.
 */
#include <string.h>

#include "common/base/crypto.h"
#include "server/command_inside.h"

/* --- enrolling --------------------------------------------------------------
 */

uint64_t command_draw_account(const struct book *book)
{
	uint64_t account;

	do {
		crypto_random(&account, sizeof(account));
		account &= ACCOUNT_MEMBER_MAX;
	} while (
	    account < ACCOUNT_MEMBER_MIN || book_member(book, account) != NULL);
	return account;
}

/* The law knows accounts, not cards: an account that is taken was either drawn
 * here, or is that of a card's member. */
static void refuse_enrolled(struct asking *asking)
{
	if (asking->reply->which_body == tally_Reply_refusal_tag &&
	    asking->reply->body.refusal.code == REFUSAL_EXISTS)
		(void)command_refuse(asking, REFUSAL_CARD_ENROLLED,
		    "This card is enrolled already.");
}

static enum result stage_enrol(struct asking *asking, struct card_row *card,
    struct command *command, struct error *err)
{
	uint8_t body[CARD_ROW_SIZE_MAX];
	struct store_private row = {
	    .kind = PRIVATE_CARD, .id = command->account};
	enum result result;
	bool is_new;

	crypto_random(card->salt, sizeof(card->salt));
	command->commitment =
	    card_row_commitment(asking->shop->hasher, card, command->account);
	row.body = card_row_encode(card, body);
	result = command_stage(asking, command, &row, &is_new, err);
	if (result == RESULT_OK && is_new)
		result = directory_add(asking->shop->directory, card->number,
		    (struct directory_card){.account = command->account}, err);
	return result;
}

/*
 * A card that is somebody's already goes on with that member's account: either
 * this is the same operation again, which the ledger answers as before, or the
 * law refuses it.
 */
enum result command_enrol(struct asking *asking, struct error *err)
{
	const tally_Enrol *enrol = &asking->request->body.enrol;
	struct command command = {.kind = ENTRY_ENROL};
	struct directory_card known;
	struct card_row card;
	enum result result;

	if (!command_find_card(asking, enrol->card, card.number, &known) ||
	    !command_name(
		asking, enrol->has_operation, &enrol->operation, &command))
		return RESULT_OK;
	if (enrol->referrer[0] != '\0' &&
	    !command_take_other(
		asking, enrol->referrer, &command, &command.referrer))
		return RESULT_OK;
	command.account = known.account;
	if (known.account == 0)
		command.account =
		    command_draw_account(ledger_book(asking->shop->ledger));
	result = stage_enrol(asking, &card, &command, err);
	if (result == RESULT_OK && known.account != 0)
		refuse_enrolled(asking);
	return result;
}

/* --- points between people --------------------------------------------------
 */

enum result command_transfer(struct asking *asking, struct error *err)
{
	const tally_Transfer *transfer = &asking->request->body.transfer;
	struct command command = {
	    .kind = ENTRY_TRANSFER, .points = transfer->points};
	bool is_new;

	if (!command_take_member(asking, transfer->card,
		transfer->has_operation, &transfer->operation, &command) ||
	    !command_take_other(
		asking, transfer->to, &command, &command.other_account))
		return RESULT_OK;
	return command_stage(asking, &command, NULL, &is_new, err);
}

/*
 * Who stands beside. A till keeps no PIN: where it sends one again it may have
 * none, and then asks for the first answer alone. `*ret_good` false: refused.
 */
static enum result take_second(struct asking *asking,
    const tally_Adjust *adjust, struct command *command, bool *ret_good,
    struct error *err)
{
	struct roster_cashier second;
	struct entry known;

	*ret_good = true;
	command->second = adjust->second;
	if (adjust->second == 0 || command_is_known(asking, command, &known))
		return RESULT_OK;
	*ret_good = false;
	if (adjust->second_pin[0] == '\0' && !asking->job->pin_is_hashed)
		return command_refuse(asking, REFUSAL_SECOND_REQUIRED,
		    "This has not been done. Ask the second person for the "
		    "PIN.");
	return command_check_pin(
	    asking, adjust->second, ret_good, &second, err);
}

enum result command_adjust(struct asking *asking, struct error *err)
{
	const tally_Adjust *adjust = &asking->request->body.adjust;
	struct command command = {.kind = ENTRY_ADJUST,
	    .takes = adjust->points < 0,
	    .points = adjust->points < 0 ? -(uint64_t)adjust->points
					 : (uint64_t)adjust->points,
	    .reason = bytes_of_string(adjust->reason)};
	enum result result;
	bool is_good;
	bool is_new;

	if (!command_take_member(asking, adjust->card, adjust->has_operation,
		&adjust->operation, &command))
		return RESULT_OK;
	result = take_second(asking, adjust, &command, &is_good, err);
	if (result != RESULT_OK || !is_good)
		return result;
	return command_stage(asking, &command, NULL, &is_new, err);
}

/* --- pools ------------------------------------------------------------------
 */

enum result command_join(struct asking *asking, struct error *err)
{
	const tally_Join *join = &asking->request->body.join;
	struct command command = {.kind = ENTRY_JOIN};
	bool is_new;

	if (!command_take_member(asking, join->card, join->has_operation,
		&join->operation, &command) ||
	    !command_take_other(
		asking, join->with, &command, &command.other_account))
		return RESULT_OK;
	return command_stage(asking, &command, NULL, &is_new, err);
}

/* The joining that a leave undoes: the one that it undid, where it comes
 * again. */
static uint64_t joined_by(struct asking *asking, const struct command *command)
{
	const struct book_member *member =
	    book_member(ledger_book(asking->shop->ledger), command->account);
	struct entry known;

	if (command_is_known(asking, command, &known))
		return known.related_sequence;
	return member == NULL || member->extra == NULL
		   ? 0
		   : member->extra->joined_by;
}

enum result command_leave(struct asking *asking, struct error *err)
{
	const tally_Leave *leave = &asking->request->body.leave;
	struct command command = {.kind = ENTRY_LEAVE};
	struct entry join;
	enum result result;
	bool is_new;

	if (!command_take_member(asking, leave->card, leave->has_operation,
		&leave->operation, &command))
		return RESULT_OK;
	result = command_relate(
	    asking, joined_by(asking, &command), &join, &command, err);
	if (result != RESULT_OK)
		return result;
	return command_stage(asking, &command, NULL, &is_new, err);
}

/* --- who a member is --------------------------------------------------------
 */

/* Details that are all empty are an erased row. */
static enum result set_details(struct asking *asking,
    const tally_MemberSet *set, struct command *command, struct error *err)
{
	uint8_t body[MEMBER_ROW_SIZE_MAX];
	struct member_row details = {.birthday = (uint16_t)set->birthday};
	struct store_private row = {
	    .kind = PRIVATE_MEMBER, .id = command->account};
	enum result result;
	bool is_new;

	if (!birthday_is_good(set->birthday))
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "A birthday is a month and a day: 314 is 14 March.");
	command_copy_text(details.name, sizeof(details.name), set->name);
	command_copy_text(details.phone, sizeof(details.phone), set->phone);
	crypto_random(details.salt, sizeof(details.salt));
	command->commitment = member_row_commitment(
	    asking->shop->hasher, &details, command->account);
	if (set->name[0] != '\0' || set->phone[0] != '\0' || set->birthday != 0)
		row.body = member_row_encode(&details, body);
	result = command_stage(asking, command, &row, &is_new, err);
	if (result == RESULT_OK && is_new)
		result = directory_set_birthday(asking->shop->directory,
		    command->account, details.birthday, err);
	return result;
}

enum result command_member_set(struct asking *asking, struct error *err)
{
	const tally_MemberSet *set = &asking->request->body.member_set;
	struct command command = {.kind = ENTRY_MEMBER};
	bool is_new;

	if (set->details == (set->segment[0] != '\0'))
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "Either a member's details are set, or a segment.");
	if (!command_take_member(asking, set->card, set->has_operation,
		&set->operation, &command))
		return RESULT_OK;
	if (set->details)
		return set_details(asking, set, &command, err);
	command.segment = bytes_of_string(set->segment);
	command.standing = set->remove ? STANDING_REVOKED : STANDING_ACTIVE;
	return command_stage(asking, &command, NULL, &is_new, err);
}

enum result command_staff_card(struct asking *asking, struct error *err)
{
	const tally_StaffCard *staff = &asking->request->body.staff_card;
	struct command command = {
	    .kind = ENTRY_STAFF, .subject = staff->cashier};
	struct directory_card card;
	uint64_t entry;
	enum result result;

	if (staff->card[0] != '\0') {
		if (!command_find_member(asking, staff->card, &card))
			return RESULT_OK;
		command.account = card.account;
	}
	result = command_stage_own(asking, &command, NULL, &entry, err);
	if (result != RESULT_OK || entry == 0)
		return result;
	return command_answer_done(asking, entry);
}
