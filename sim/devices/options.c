/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define GIB (1ull << 30)
#define MAX_GIB 1024ul

static const char Help[] =
	"mvisor-device - a model of Mvisor's virtio-vgpu device\n"
	"\n"
	"  mvisor-device --ram=FILE --socket=PATH [OPTION]...\n"
	"\n"
	"Maps FILE as guest RAM, listens on the unix socket PATH for QEMU's qtest protocol, and ends when the client "
	"that\n"
	"used the device goes away. What would make Mvisor panic ends the model with status 70 and the rule's name.\n"
	"\n"
	"  --memory=NG        guest RAM granted for backing storage, whole GiB (default 1G)\n"
	"  --staging=0|1      whether the driver may use staging resources (default 0)\n"
	"  --blob=on|off      blob resources and their mapping (default off)\n"
	"  --record=FILE      what a migration would take along is written to FILE when SIGUSR1 comes\n"
	"  --refuse=N         the N-th stream is refused, and all later ones of its context, as after an illegal "
	"command\n"
	"  --map-at=NUMBER    every blob is said to be mapped at this address, as a host that lies would say\n"
	"  --map-size=NUMBER  and to be as long\n"
	"  --node=DEVICE      accepted and not used: EGL chooses the renderer\n"
	"  --help             this text\n"
	"\n"
	"Exit status: 0 the client is gone, 1 the device did not start, 2 a wrong command line, 70 a rule was "
	"broken.\n";

static bool ParseMemory(const char *Text, uint64_t *Size)
{
	char *End;
	unsigned long Number = strtoul(Text, &End, 10);

	if (Text[0] < '0' || Text[0] > '9' || strcmp(End, "G") != 0 || Number == 0 || Number > MAX_GIB)
		return false;
	*Size = Number * GIB;
	return true;
}

static bool ParseNumber(const char *Text, uint64_t *Number)
{
	char *End;

	*Number = strtoull(Text, &End, 0);
	return Text[0] >= '0' && Text[0] <= '9' && *End == 0 && *Number > 0;
}

static bool ParseSwitch(const char *Text, const char *Off, const char *On, bool *Value)
{
	*Value = strcmp(Text, On) == 0;
	return *Value || strcmp(Text, Off) == 0;
}

/* The part behind "NAME=", or NULL. */
static const char *ValueOf(const char *Text, const char *Name)
{
	size_t Length = strlen(Name);

	return strncmp(Text, Name, Length) == 0 && Text[Length] == '=' ? Text + Length + 1 : NULL;
}

const char *MvOptionsSet(const char *Text, MV_OPTIONS *Options)
{
	const char *Value;

	if ((Value = ValueOf(Text, "ram")) != NULL) {
		Options->Ram = Value;
	} else if ((Value = ValueOf(Text, "socket")) != NULL) {
		Options->Socket = Value;
	} else if ((Value = ValueOf(Text, "node")) != NULL) {
		Options->Node = Value;
	} else if ((Value = ValueOf(Text, "memory")) != NULL) {
		if (!ParseMemory(Value, &Options->MemorySize))
			return "whole GiB are wanted, like 2G";
	} else if ((Value = ValueOf(Text, "staging")) != NULL) {
		if (!ParseSwitch(Value, "0", "1", &Options->Staging))
			return "0 or 1 is wanted";
	} else if ((Value = ValueOf(Text, "record")) != NULL) {
		Options->Record = Value;
	} else if ((Value = ValueOf(Text, "refuse")) != NULL) {
		if (!ParseNumber(Value, &Options->RefuseAt))
			return "a number from 1 is wanted";
	} else if ((Value = ValueOf(Text, "map-at")) != NULL) {
		if (!ParseNumber(Value, &Options->MapAt))
			return "a number from 1 is wanted";
	} else if ((Value = ValueOf(Text, "map-size")) != NULL) {
		if (!ParseNumber(Value, &Options->MapSize))
			return "a number from 1 is wanted";
	} else if ((Value = ValueOf(Text, "blob")) != NULL) {
		if (!ParseSwitch(Value, "off", "on", &Options->Blob))
			return "on or off is wanted";
	} else {
		return "there is no such option; try --help";
	}
	return NULL;
}

void MvOptionsDefault(MV_OPTIONS *Options)
{
	*Options = (MV_OPTIONS){.MemorySize = GIB};
}

MV_PARSED MvOptionsParse(int Count, char **Arguments, MV_OPTIONS *Options)
{
	MvOptionsDefault(Options);
	for (int i = 1; i < Count; i++) {
		const char *Wrong;

		if (strcmp(Arguments[i], "--help") == 0) {
			fputs(Help, stdout);
			return MvParsedHelp;
		}
		Wrong = strncmp(Arguments[i], "--", 2) == 0 ? MvOptionsSet(Arguments[i] + 2, Options)
							    : "there is no such option; try --help";
		if (Wrong) {
			MvLog("%s: %s", Arguments[i], Wrong);
			return MvParsedWrong;
		}
	}
	if (!Options->Ram || !Options->Socket) {
		MvLog("--%s= is missing; try --help", Options->Ram ? "socket" : "ram");
		return MvParsedWrong;
	}
	return MvParsedRun;
}
