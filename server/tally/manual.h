/*
 * manual: the help, which is the table of verbs.
 */
#ifndef SERVER_TALLY_MANUAL_H
#define SERVER_TALLY_MANUAL_H

/* On standard output. `topic`: a verb, the first word of several, or "". */
void manual_print(const char *topic);

#endif
