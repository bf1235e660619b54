/*
 * manual: owns the table of verbs.
 */
#include "server/tally/manual.h"

#include <stdio.h>
#include <string.h>

#include "server/tally/verbs.h"

static const struct option_rule terminal_add[] = {
    {"--role", "till|auditor", false,
	"what it may do; a till unless said otherwise"},
    {"--valid", "MINUTES", false,
	"how long the token may wait, 1 to 43200; an hour unless said"},
    {0}};

static const struct option_rule cashier_add[] = {
    {"--role", "cashier|supervisor", false,
	"what they may do; a cashier unless said otherwise"},
    {"--pin", "PIN", false,
	"4 to 12 digits; others may see it on this command line, so it is "
	"better to be asked"},
    {0}};

static const struct option_rule reward_add[] = {
    {"--name", "NAME", false, "what the customer reads", true},
    {"--points", "N", false, "what it costs", true}, {0}};

static const struct option_rule programme_show[] = {
    {"--at", "SEQUENCE|DATE", false,
	"what was in force at that entry, or at the end of that day (such as "
	"2026-02-28, or '2026-02-28 17:30', local time)"},
    {0}};

static const struct option_rule audit[] = {
    {"--checkpoint", "FILE", true,
	"hold the ledger against a checkpoint that was kept outside the shop; "
	"may be given again"},
    {"--hashes-only", NULL, false,
	"hashes, tree and checkpoints, not the rules and balances; faster"},
    {"--server", "HOST:PORT", false,
	"audit over the network what that server has"},
    {"--identity", "DIR", false,
	"the folder that `tally enrol` made; with it, the server is the one "
	"that was enrolled with unless --server names another address"},
    {0}};

static const struct option_rule enrol[] = {
    {"--server", "HOST:PORT", false, "where the shop's server listens", true},
    {"--token", "TOKEN", false, "from `tally terminal add`", true}, {0}};

const struct verb verbs[] = {
    {"terminal add", "NAME", "let a new till or auditor in", terminal_add,
	"Prints its number, what to do next, and alone on the last line the\n"
	"one-time token that enrols it. Whoever has the token can become this\n"
	"terminal, once, until it expires. The token also says which server "
	"is\n"
	"the shop's, so a till cannot be lured to another.",
	run_terminal_add},
    {"terminal list", "", "all tills and auditors", NULL,
	"State is waiting (its token has not been used), active or revoked.",
	run_terminal_list},
    {"terminal revoke", "NUMBER", "shut a till or auditor out, at once", NULL,
	"It is cut off while it is connected, too. What it has sold stays.\n"
	"There is no way back but to add it anew.",
	run_terminal_revoke},
    {"cashier add", "NAME", "let somebody log in on the tills", cashier_add,
	"Prints the number to log in with. From the first cashier on, every\n"
	"till asks for a number and a PIN. Without --pin the PIN is asked for\n"
	"twice, or is the first line of standard input.",
	run_cashier_add},
    {"cashier list", "", "all cashiers and supervisors", NULL, NULL,
	run_cashier_list},
    {"member show", "CARD", "a member's balance and newest entries", NULL,
	"CARD is the number on the card, with its check digit. `Card proven`\n"
	"says that the card kept here is the one that the ledger committed\n"
	"itself to when the member was enrolled.",
	run_member_show},
    {"reward add", "ID", "a reward that points can buy", reward_add,
	"ID is what tills and receipts call it: a-z, 0-9, - and _. Both\n"
	"options must be given. A new version of the programme comes into\n"
	"force; what was sold before stays as it was.",
	run_reward_add},
    {"reward list", "", "what points can buy", NULL, NULL, run_reward_list},
    {"programme show", "", "the rules in force, as their text", programme_show,
	"Prints the text exactly as it was put, so that it can be edited:\n"
	"\n"
	"    tally programme show >rules\n"
	"    (edit rules)\n"
	"    tally programme check rules\n"
	"    tally programme put rules",
	run_programme_show},
    {"programme check", "FILE", "what rules in a file would mean", NULL,
	"Needs no shop and changes nothing. Names each fault as "
	"FILE:LINE:COLUMN,\n"
	"else says in plain words what the rules are, and warns of what is\n"
	"allowed but hardly meant. A text is like this:\n"
	"\n"
	"    [programme]\n"
	"    name = Corner Coffee\n"
	"    currency = EUR\n"
	"    earn_points = 1              ; so many points for each\n"
	"    earn_amount = 1.00           ; full 1.00 of a sale\n"
	"    sale_amount_max = 2000.00    ; a larger sale is refused\n"
	"    offline_redeem_points_max = 0  ; a till may grant this much "
	"while\n"
	"                                 ; the server is away; 0 is nothing\n"
	"    [reward coffee]\n"
	"    name = Coffee\n"
	"    points = 150\n"
	"\n"
	"Exit: 0 the rules are good, 1 they are not, 2 FILE cannot be read.",
	run_programme_check},
    {"programme put", "FILE", "bring the rules in a file into force", NULL,
	"Checks FILE as `tally programme check` does, and changes nothing "
	"where it\n"
	"has a fault or is what is in force already. The new rules judge "
	"every\n"
	"sale from then on; what was sold before, and what comes back of it,\n"
	"stays under the rules of its time.",
	run_programme_put},
    {"ledger show", "", "the ledger's head, key and totals", NULL,
	"The verifier key is what C2SP tools (signed note, tlog-checkpoint)\n"
	"verify this shop's checkpoints with.",
	run_ledger_show},
    {"checkpoint", "", "the newest signed checkpoint, to keep outside", NULL,
	"Prints the note and nothing else: `tally checkpoint >FILE`. Keep the\n"
	"file where the shop cannot change it (with the accountant, in the\n"
	"post, in print), and later hold the ledger against it with\n"
	"`tally audit --checkpoint FILE`. Without one, an audit cannot tell a\n"
	"ledger from another that the shop itself wrote in its place.",
	run_checkpoint},
    {"audit", "", "prove the whole ledger again", audit,
	"Reads every entry and makes everything again from them alone: each\n"
	"hash, the tree, each checkpoint, each balance, and whether the rules\n"
	"in force gave each point. Compares that with what the tables keep.\n"
	"Each fault is named with the entry where it lies. The server may run\n"
	"meanwhile.\n"
	"\n"
	"Exit: 0 the ledger holds, 1 it does not, 2 it could not be audited.",
	run_audit},
    {"enrol", "DIR", "become an auditor of a shop's server", enrol,
	"Makes a key in the new folder DIR and has the server sign it. The\n"
	"owner makes the token with `tally terminal add NAME --role auditor`.\n"
	"Both options must be given. Then: tally audit --identity DIR",
	run_enrol},
};

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);

static const char head[] =
    "tally: the owner's and the auditor's command of a loyalty points ledger\n"
    "\n"
    "    tally [-s SHOP] [--json] VERB ...\n"
    "\n"
    "SHOP is the folder that `tallyd init` made; where it is not given,\n"
    "$TALLY_SHOP, else the current folder. The server may run or not.\n"
    "\n";

static const char tail[] =
    "\n"
    "    tally help VERB     all about one of them\n"
    "    tally --version\n"
    "\n"
    "    -s, --shop SHOP     the shop's folder\n"
    "    --json              one JSON object instead of text: \"ok\", and\n"
    "                        \"why\" and \"say\" where it is false; times are\n"
    "                        milliseconds since 1970, amounts minor units\n"
    "\n"
    "Exit: 0 done, 1 refused or a fault found, 2 the command line is wrong\n"
    "or it could not be done.\n";

/* "terminal add NAME", and brackets around options that may be left out. */
static void print_usage(const struct verb *verb)
{
	const struct option_rule *rule = verb->options;

	printf("    tally [-s SHOP] [--json] %s", verb->name);
	if (verb->takes[0] != '\0')
		printf(" %s", verb->takes);
	for (; rule != NULL && rule->name != NULL; rule++)
		printf("\n        %s%s%s%s%s%s", rule->is_required ? "" : "[",
		    rule->name, rule->value == NULL ? "" : " ",
		    rule->value == NULL ? "" : rule->value,
		    rule->is_required ? "" : "]", rule->is_many ? " ..." : "");
	printf("\n");
}

static void print_all(void)
{
	size_t i;

	fputs(head, stdout);
	for (i = 0; i < verb_count; i++) {
		char usage[64];

		snprintf(usage, sizeof(usage), "%s %s", verbs[i].name,
		    verbs[i].takes);
		printf("    %-24s %s\n", usage, verbs[i].says);
	}
	fputs(tail, stdout);
}

/* Indented, and broken at spaces to the width of a page. */
static void print_wrapped(const char *text, size_t indent, size_t width)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (column != 0 && column + 1 + word > width - indent) {
			printf("\n");
			column = 0;
		}
		if (column == 0)
			column = (size_t)printf("%*s%.*s", (int)indent, "",
				     (int)word, text) -
				 indent;
		else
			column += (size_t)printf(" %.*s", (int)word, text);
		text += word;
		text += strspn(text, " ");
	}
	printf("\n");
}

static void print_verb(const struct verb *verb)
{
	const struct option_rule *rule = verb->options;

	printf("tally %s: %s\n\n", verb->name, verb->says);
	print_usage(verb);
	if (verb->manual != NULL)
		printf("\n%s\n", verb->manual);
	if (rule != NULL)
		printf("\n");
	for (; rule != NULL && rule->name != NULL; rule++) {
		printf("    %s%s%s\n", rule->name,
		    rule->value == NULL ? "" : " ",
		    rule->value == NULL ? "" : rule->value);
		print_wrapped(rule->says, 8, 76);
	}
}

void manual_print(const char *topic)
{
	size_t size = strlen(topic);
	bool is_first = true;
	size_t i;

	if (size == 0) {
		print_all();
		return;
	}
	for (i = 0; i < verb_count; i++) {
		if (strncmp(verbs[i].name, topic, size) != 0 ||
		    (verbs[i].name[size] != '\0' && verbs[i].name[size] != ' '))
			continue;
		if (!is_first)
			printf("\n\n");
		is_first = false;
		print_verb(&verbs[i]);
	}
}
