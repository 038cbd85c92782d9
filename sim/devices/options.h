/* SPDX-License-Identifier: MIT */
/* options.h - the command line, with the names that Mvisor's configuration has. */
#ifndef MV_OPTIONS_H
#define MV_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct MV_OPTIONS {
	const char *Ram; /* path of the file that is guest RAM */
	const char *Socket; /* path to listen on */
	uint64_t MemorySize; /* bytes of guest RAM granted for backing */
	bool Staging;
	bool Blob;
	const char *Record; /* path of a recording (recording.h); NULL: none */
	uint64_t RefuseAt; /* the stream, counted from 1, with which its context is in error; 0: none */
	uint64_t MapAt, MapSize; /* what is said of every mapped blob; 0: the truth */
	const char *Node; /* NULL: none was named */
};
typedef struct MV_OPTIONS MV_OPTIONS;

typedef enum MV_PARSED {
	MvParsedRun,
	MvParsedHelp, /* it was printed */
	MvParsedWrong /* what is wrong was printed */
} MV_PARSED;

void MvOptionsDefault(MV_OPTIONS *Options);
/* One option, "NAME=VALUE"; the strings are not copied. What is wrong with it; NULL: nothing. */
const char *MvOptionsSet(const char *Text, MV_OPTIONS *Options);
MV_PARSED MvOptionsParse(int Count, char **Arguments, MV_OPTIONS *Options);

#endif /* MV_OPTIONS_H */
