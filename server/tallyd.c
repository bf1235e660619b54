/*
 * tallyd: the shop's server. Options, signals, and nothing else.
 */
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/version.h"
#include "server/service.h"

#define ADDRESS_DEFAULT "127.0.0.1:7171"
#define EXIT_USAGE 2

static const char help[] =
    "tallyd: the server of a loyalty points ledger\n"
    "\n"
    "    tallyd init SHOP [--name NAME]\n"
    "        Make a shop in the new folder SHOP: its keys, its certificate\n"
    "        authority, a first programme and the ledger's first entries.\n"
    "        NAME is what customers read; the folder's name unless given.\n"
    "\n"
    "    tallyd run SHOP [--listen HOST:PORT] [--threads N]\n"
    "               [--connections N] [--verbose]\n"
    "        Serve it until SIGTERM or SIGINT, which let what is in flight\n"
    "        end. Tills connect to HOST:PORT (" ADDRESS_DEFAULT "; for tills\n"
    "        on other machines give 0.0.0.0:7171 or an address of this one;\n"
    "        port 0 takes a free one). The log goes to standard error, one\n"
    "        key=value line an event.\n"
    "\n"
    "    tallyd --help | --version\n"
    "\n"
    "Tills, cashiers, rewards, reports and the audit: see tally --help.\n"
    "Exit: 0 done, 1 it failed, 2 the command line is wrong.\n";

/* --- init
 * -------------------------------------------------------------------------- */

static int usage_error(const char *text, const char *what)
{
	fprintf(stderr, "tallyd: %s%s; see tallyd --help\n", text, what);
	return EXIT_USAGE;
}

/* The next option's letter, -1 after the last; '?' where it is none, which
 * has been said. */
static int next_option(int count, char **arguments, const struct option *known)
{
	int option;

	opterr = 0;
	option = getopt_long(count, arguments, ":", known, NULL);
	if (option == ':')
		usage_error("a value is wanted after ", arguments[optind - 1]);
	else if (option == '?')
		usage_error("there is no option ", arguments[optind - 1]);
	return option == ':' ? '?' : option;
}

/* The folder's own name, for a shop without another. */
static void folder_name(const char *path, char *to, size_t size)
{
	size_t end = strlen(path);
	size_t start;

	while (end > 1 && path[end - 1] == '/')
		end--;
	start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	snprintf(to, size, "%.*s", (int)(end - start), path + start);
}

static int init_main(int count, char **arguments)
{
	static const struct option options[] = {
	    {"name", required_argument, NULL, 'n'}, {0}};
	char name[SHOP_NAME_SIZE_MAX + 2] = "";
	struct error error;
	int option;

	while ((option = next_option(count, arguments, options)) != -1) {
		if (option != 'n')
			return EXIT_USAGE;
		snprintf(name, sizeof(name), "%s", optarg);
	}
	if (optind + 1 != count)
		return usage_error("init takes one folder", "");
	if (name[0] == '\0')
		folder_name(arguments[optind], name, sizeof(name));
	if (shop_create(arguments[optind], name, clock_wall_ms(), &error) !=
	    RESULT_OK) {
		fprintf(stderr, "tallyd: %s\n", error.text);
		return EXIT_FAILURE;
	}
	printf("Made the shop %s in %s.\n"
	       "Next:\n"
	       "    tallyd run %s &\n"
	       "    tally -s %s terminal add \"Till 1\"\n"
	       "Keep %s/keys safe and secret: who has them is the shop.\n",
	    name, arguments[optind], arguments[optind], arguments[optind],
	    arguments[optind]);
	return EXIT_SUCCESS;
}

/* --- run
 * ----------------------------------------------------------------------------
 */

/* The main thread waits for signals; a failed service sends one. */
static void service_failed(void *context)
{
	(void)context;
	kill(getpid(), SIGTERM);
}

static bool parse_count(const char *text, unsigned most, unsigned *ret_count)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || count == 0 ||
	    count > most)
		return false;
	*ret_count = (unsigned)count;
	return true;
}

static int run_options(
    int count, char **arguments, struct service_options *options)
{
	static const struct option known[] = {
	    {"listen", required_argument, NULL, 'l'},
	    {"threads", required_argument, NULL, 't'},
	    {"connections", required_argument, NULL, 'c'},
	    {"verbose", no_argument, NULL, 'v'}, {0}};
	int option;

	while ((option = next_option(count, arguments, known)) != -1) {
		switch (option) {
		case 'l':
			options->address = optarg;
			break;
		case 't':
			if (!parse_count(optarg, 16, &options->threads))
				return usage_error("--threads takes 1 to 16, "
						   "not ",
				    optarg);
			break;
		case 'c':
			if (!parse_count(
				optarg, 65535, &options->connections_max))
				return usage_error("--connections takes 1 to "
						   "65535, not ",
				    optarg);
			break;
		case 'v':
			log_set_level(LOG_DEBUG);
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind + 1 != count)
		return usage_error("run takes one folder", "");
	return EXIT_SUCCESS;
}

static void wait_for_signal(const sigset_t *signals)
{
	int number = 0;

	while (sigwait(signals, &number) != 0)
		;
	log_event(LOG_INFO, "stopping", "signal", strsignal(number), NULL);
}

static int serve(
    struct shop *shop, const struct service_options *options, sigset_t *signals)
{
	struct service *service;
	struct error error;
	const char *colon = strrchr(options->address, ':');

	if (service_start(shop, options, &service, &error) != RESULT_OK) {
		fprintf(stderr, "tallyd: %s\n", error.text);
		shop_abandon(shop);
		return EXIT_FAILURE;
	}
	printf("tallyd: serving %s on %.*s:%u\n", shop->path,
	    (int)(colon - options->address), options->address,
	    service_port(service));
	fflush(stdout);
	wait_for_signal(signals);
	if (!service_stop(service)) {
		shop_abandon(shop);
		fprintf(stderr, "tallyd: stopped: the storage failed. What "
				"was acknowledged is safe; mend the disk and "
				"start again.\n");
		return EXIT_FAILURE;
	}
	if (shop_close(shop, clock_wall_ms(), &error) != RESULT_OK) {
		fprintf(stderr, "tallyd: %s\n", error.text);
		return EXIT_FAILURE;
	}
	log_event(LOG_INFO, "stopped", NULL);
	return EXIT_SUCCESS;
}

static int run_main(int count, char **arguments)
{
	struct service_options options = {
	    .address = ADDRESS_DEFAULT, .failed = service_failed};
	sigset_t signals;
	struct shop *shop;
	struct error error;
	int status = run_options(count, arguments, &options);

	if (status != EXIT_SUCCESS)
		return status;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	/* Before any thread is made: all of them leave these to main. */
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (strrchr(options.address, ':') == NULL)
		return usage_error(
		    "--listen takes HOST:PORT, not ", options.address);
	if (shop_open(arguments[optind], &shop, &error) != RESULT_OK) {
		fprintf(stderr, "tallyd: %s\n", error.text);
		return EXIT_FAILURE;
	}
	return serve(shop, &options, &signals);
}

/* A disk or a pipe that is at its end is told by its call's error; and keys
 * and PINs are not for a core file. */
static void set_up_process(void)
{
	static const struct rlimit no_core;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_CORE, &no_core);
}

int main(int count, char **arguments)
{
	const char *verb = count > 1 ? arguments[1] : "";
	const char *next = count > 2 ? arguments[2] : "";

	set_up_process();
	if (strcmp(verb, "--help") == 0 || strcmp(verb, "help") == 0 ||
	    strcmp(next, "--help") == 0) {
		fputs(help, stdout);
		return EXIT_SUCCESS;
	}
	if (strcmp(verb, "--version") == 0) {
		puts("tallyd " TALLYSTICK_VERSION);
		return EXIT_SUCCESS;
	}
	if (strcmp(verb, "init") == 0)
		return init_main(count - 1, arguments + 1);
	if (strcmp(verb, "run") == 0)
		return run_main(count - 1, arguments + 1);
	if (verb[0] == '\0')
		return usage_error("what is to be done? init or run", "");
	return usage_error("there is no command ", verb);
}
