/*
 * tally-pos: the till's program: what was asked on the command line.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/desk.h"
#include "client/outbox.h"
#include "common/base/version.h"
#include "proto/identity.h"

#define SOFTWARE "tally-pos " TALLYSTICK_VERSION

/* What a run ends with. */
enum { EXIT_GOOD = 0, EXIT_FAULT = 1, EXIT_USAGE = 2 };

static const char help_text[] =
    "tally-pos - the till of Tallystick\n"
    "\n"
    "  tally-pos enrol --server HOST:PORT --token TOKEN TILL\n"
    "  tally-pos TILL [--scanner DEVICE] [--json]\n"
    "\n"
    "TILL is this till's folder: its key, its certificate, and its outbox, in\n"
    "which every sale is kept until the server has answered. Never copy it to\n"
    "another machine: the server notices, and stops both.\n"
    "\n"
    "enrol makes the folder. The owner prints the one-time token with\n"
    "  tally -s SHOP terminal add NAME\n"
    "\n"
    "Options\n"
    "  --server HOST:PORT  where tallyd listens ([ADDRESS]:PORT for IPv6)\n"
    "  --token TOKEN       the one-time token, 91 characters\n"
    "  --scanner DEVICE    a serial scanner: /dev/serial/by-id/...,\n"
    "                      /dev/ttyACM0, /dev/ttyUSB0@115200; pty:PATH for a\n"
    "                      terminal, fd:N for an open file. A scanner that\n"
    "                      types like a keyboard needs no option.\n"
    "  --json              one JSON object a line, in and out, for a program\n"
    "                      that embeds the till; client/TILL.md lists them\n"
    "  --help              this text\n"
    "  --version           the version\n"
    "\n"
    "At the prompt\n"
    "  2912345678906       (or a scan) choose the customer, see the points\n"
    "  12.50               a sale: points for the customer\n"
    "  redeem coffee       (r coffee) a reward for points\n"
    "  return 57 5.00      goods worth 5.00 of sale 57 come back\n"
    "  new                 enrol the card that was just scanned\n"
    "  void                undo what was entered last\n"
    "  help                all of them: holds, claims, goodwill, cards, ...\n"
    "\n"
    "With the server away sales are saved and sent when it is back; rewards "
    "are\n"
    "given only within the limit that the owner set. What is saved outlives "
    "the\n"
    "program: start it again and it is sent.\n"
    "\n"
    "Exit codes: 0 ended as asked, 1 a fault (one line says which), 2 the\n"
    "command line was not understood.\n";

struct arguments {
	bool enrol;
	const char *folder;
	const char *server;
	const char *token;
	const char *scanner;
	bool json;
};

enum option_name {
	OPTION_SERVER = 256,
	OPTION_TOKEN,
	OPTION_SCANNER,
	OPTION_JSON,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option options[] = {
    {"server", required_argument, NULL, OPTION_SERVER},
    {"token", required_argument, NULL, OPTION_TOKEN},
    {"scanner", required_argument, NULL, OPTION_SCANNER},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {0},
};

__attribute__((format(printf, 1, 2))) static int usage(const char *format, ...)
{
	va_list arguments;

	fputs("tally-pos: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs(" (see tally-pos --help)\n", stderr);
	return EXIT_USAGE;
}

static int fault(const struct error *err)
{
	fprintf(stderr, "tally-pos: %s\n", err->text);
	return EXIT_FAULT;
}

/* What is not an option: "enrol" and the folder. */
static int take_words(int count, char **words, struct arguments *arguments)
{
	if (count > 0 && strcmp(words[0], "enrol") == 0) {
		arguments->enrol = true;
		count--;
		words++;
	}
	if (count == 0)
		return usage("which till? its folder is missing");
	if (count > 1)
		return usage("'%s': one folder is enough", words[1]);
	arguments->folder = words[0];
	if (arguments->enrol && (!arguments->server || !arguments->token))
		return usage("enrol needs --server and --token");
	if (arguments->enrol && (arguments->scanner || arguments->json))
		return usage("enrol takes no --scanner and no --json");
	if (!arguments->enrol && (arguments->server || arguments->token))
		return usage("--server and --token belong to enrol");
	return EXIT_GOOD;
}

/* -1: go on. Otherwise the exit code. */
static int take_option(
    int option, const char *word, struct arguments *arguments)
{
	switch (option) {
	case OPTION_SERVER:
		arguments->server = optarg;
		return -1;
	case OPTION_TOKEN:
		arguments->token = optarg;
		return -1;
	case OPTION_SCANNER:
		arguments->scanner = optarg;
		return -1;
	case OPTION_JSON:
		arguments->json = true;
		return -1;
	case OPTION_HELP:
		fputs(help_text, stdout);
		return EXIT_GOOD;
	case OPTION_VERSION:
		puts(SOFTWARE);
		return EXIT_GOOD;
	case ':':
		return usage("%s needs a value", word);
	default:
		return usage("there is no option %s", word);
	}
}

static int run_enrol(const struct arguments *arguments)
{
	struct outbox *outbox;
	struct error err;
	uint32_t number = 0;

	if (identity_enrol(arguments->folder, arguments->server,
		arguments->token, &number, &err) != RESULT_OK)
		return fault(&err);
	if (outbox_open(arguments->folder, &outbox, &err) != RESULT_OK)
		return fault(&err);
	outbox_close(outbox);
	printf("Enrolled as till %u. Start it with: tally-pos %s\n",
	    (unsigned)number, arguments->folder);
	return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAULT;
}

static int run_till(const struct arguments *arguments)
{
	struct desk_options desk = {
	    .folder = arguments->folder,
	    .scanner = arguments->scanner,
	    .json = arguments->json,
	    .software = SOFTWARE,
	    .input = STDIN_FILENO,
	    .output = STDOUT_FILENO,
	};
	struct error err;

	return desk_run(&desk, &err) == RESULT_OK ? EXIT_GOOD : fault(&err);
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	int option;
	int code;

	/* Keys, tickets and what customers buy are nobody else's to read. */
	umask(S_IRWXG | S_IRWXO);
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		code = take_option(option, argv[optind - 1], &arguments);
		if (code >= 0)
			return code;
	}
	code = take_words(argc - optind, &argv[optind], &arguments);
	if (code != EXIT_GOOD)
		return code;
	return arguments.enrol ? run_enrol(&arguments) : run_till(&arguments);
}
