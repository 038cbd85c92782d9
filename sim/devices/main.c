/* SPDX-License-Identifier: MIT */
/* main.c - mvisor-device: a model of Mvisor's virtio-vgpu device as a process of its own. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "options.h"
#include "qtest.h"
#include "rules.h"

#define EXIT_NOT_STARTED 1
#define EXIT_USAGE 2

static MV_DEVICE Device;

static int Run(const MV_OPTIONS *Options)
{
	MV_BUS Bus = {.Device = &Device};
	int Listener;
	int Error = MvMemoryOpen(&Device.Memory, Options->Ram);

	if (Error) {
		MvLog("%s: %s", Options->Ram, strerror(Error));
		return EXIT_NOT_STARTED;
	}
	if (Options->Node)
		MvLog("--node=%s is not used: EGL without a display chooses the renderer", Options->Node);
	if (MvDeviceStart(&Device, Options) != 0)
		return EXIT_NOT_STARTED;
	Listener = MvQtestListen(Options->Socket);
	if (Listener < 0) {
		MvLog("%s: %s", Options->Socket, strerror(-Listener));
		return EXIT_NOT_STARTED;
	}
	Error = MvQtestServe(Listener, &Bus);
	if (Error)
		MvLog("%s: %s", Options->Socket, strerror(Error));
	close(Listener);
	unlink(Options->Socket);
	return Error ? EXIT_NOT_STARTED : 0;
}

int main(int Count, char **Arguments)
{
	MV_OPTIONS Options;
	int Status;

	switch (MvOptionsParse(Count, Arguments, &Options)) {
	case MvParsedHelp:
		return 0;
	case MvParsedWrong:
		return EXIT_USAGE;
	case MvParsedRun:
		break;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	Status = Run(&Options);
	fflush(NULL);
	_exit(Status); /* the renderer's threads are not waited for */
}
