/*
 * scanner LINK: a virtual serial scanner.
 *
 * Makes a pseudo-terminal, a link to it at LINK, and says "ready". Each line
 * of standard input is then sent as a scanner would: its characters, and a
 * carriage return. Ends, and takes the link away, at the end of the input.
 */
#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int open_device(const char *link)
{
	struct termios raw;
	char path[128];
	int device;
	int slave;

	if (openpty(&device, &slave, path, NULL, NULL) != 0) {
		perror("scanner: openpty");
		exit(EXIT_FAILURE);
	}
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	unlink(link);
	if (symlink(path, link) != 0) {
		perror(link);
		exit(EXIT_FAILURE);
	}
	/* Our own end of the slave stays open, so that the line never looks
	 * unplugged before the till has opened it. */
	return device;
}

int main(int count, char **arguments)
{
	char line[600];
	int device;

	if (count != 2) {
		fputs("usage: scanner LINK\n", stderr);
		return 2;
	}
	device = open_device(arguments[1]);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t size = strcspn(line, "\n");

		line[size] = '\r';
		if (write(device, line, size + 1) != (ssize_t)size + 1) {
			perror("scanner: write");
			return EXIT_FAILURE;
		}
	}
	unlink(arguments[1]);
	return EXIT_SUCCESS;
}
