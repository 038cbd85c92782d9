/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "mvisor_vgpu.h"
#include "pci/bus.h"

#define STANDARD_VENDOR 0x1af4
#define STANDARD_DEVICE 0x1050
#define RAM_BYTES (1ll << 30) /* what is not used takes no memory */
#define STUCK_SECONDS 10
#define MAX_FILES 64

typedef int MODULE_OPEN(const char *Options, SIM_BUS **Bus);
NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

typedef enum STATE { Unused, Running, Failed, Ended } STATE;

static struct {
	pthread_mutex_t Lock; /* guards all */
	pthread_cond_t Left; /* Inside fell */
	STATE State;
	pid_t Process; /* a child after fork has no threads of ours */
	unsigned Inside;
	int Ram; /* descriptor, or 0 */
	SIM_USER_FILE *Files[MAX_FILES];
} Stack = {.Lock = PTHREAD_MUTEX_INITIALIZER, .Left = PTHREAD_COND_INITIALIZER};

/* ---- start ---- */

/* The model with the host's GL, in a name space of its own: its libGL.so.1 and the program's are different files with
 * one name. */
static SIM_BUS *OpenMvisor(const char *Options)
{
	const char *Path = getenv("VGPU_SIM_MODULE");
	void *Module = dlmopen(LM_ID_NEWLM, Path ? Path : "vgpu-mvisor.so", RTLD_NOW | RTLD_LOCAL);
	MODULE_OPEN *Open = NULL;
	SIM_BUS *Bus = NULL;

	if (Module)
		*(void **)&Open = dlsym(Module, "VgpuMvisorOpen");
	if (!Open)
		fprintf(stderr, "vgpu: %s\n", dlerror());
	else if (Open(Options, &Bus) != 0)
		fprintf(stderr, "vgpu: VGPU_SIM_MVISOR=%s: the device is not made\n", Options);
	return Bus;
}

static BOOLEAN MakeRam(char Path[64])
{
	Stack.Ram = memfd_create("vgpu-ram", MFD_CLOEXEC);
	if (Stack.Ram < 0 || ftruncate(Stack.Ram, RAM_BYTES) != 0) {
		perror("vgpu: guest RAM");
		return FALSE;
	}
	snprintf(Path, 64, "/proc/self/fd/%d", Stack.Ram);
	return TRUE;
}

static BOOLEAN StartSimulator(BOOLEAN Mvisor)
{
	const char *Interrupts = getenv("VGPU_SIM_INTERRUPTS");
	const char *Seed = getenv("VGPU_SIM_SEED");
	const char *Model = getenv("VGPU_SIM_MVISOR");
	char Path[64];
	SIM_OPTIONS Options = {
		.RamPath = getenv("VGPU_SIM_RAM"),
		.BusPath = getenv("VGPU_SIM_BUS"),
		.Interrupts = Interrupts && !strcmp(Interrupts, "line") ? SimInterruptsLine : SimInterruptsMessage,
		.Seed = Seed ? strtoull(Seed, NULL, 0) : 1,
		.RegistryValues = getenv("VGPU_SIM_PARAMETERS"),
	};

	if (Mvisor) {
		if (!MakeRam(Path))
			return FALSE;
		Options.RamPath = Path;
		Options.Bus = OpenMvisor(Model);
		if (!Options.Bus)
			return FALSE;
	}
	return SimStart(&Options) == 0;
}

static void End(void);

/* The state afterwards. Caller holds the lock. */
static STATE Start(void)
{
	BOOLEAN Mvisor = !getenv("VGPU_SIM_BUS");
	NTSTATUS Status;

	if (Mvisor && !getenv("VGPU_SIM_MVISOR")) {
		fprintf(stderr, "vgpu: no device: start programs with ./vgpu-native\n");
		return Failed;
	}
	if (!StartSimulator(Mvisor))
		return Failed;
	Stack.Process = getpid();
	atexit(End);
	Status = SimLoadDriver(FxDriverEntry, Mvisor ? MVISOR_VGPU_VENDOR : STANDARD_VENDOR,
		Mvisor ? MVISOR_VGPU_DEVICE : STANDARD_DEVICE);
	if (!NT_SUCCESS(Status))
		fprintf(stderr, "vgpu: the driver did not start: status %08x\n", (unsigned)Status);
	return Running;
}

/* ---- end ---- */

/* True when no thread is inside any more. Caller holds the lock. */
static BOOLEAN WaitUntilEmpty(void)
{
	struct timespec Until;

	clock_gettime(CLOCK_REALTIME, &Until);
	Until.tv_sec += STUCK_SECONDS;
	while (Stack.Inside > 0) {
		if (pthread_cond_timedwait(&Stack.Left, &Stack.Lock, &Until) != 0)
			break;
	}
	return Stack.Inside == 0;
}

/* As the system ends a Windows process: its threads leave the driver, its files are closed, then the driver goes. */
static void End(void)
{
	ULONG Violations;
	BOOLEAN Empty;

	if (Stack.Process != getpid())
		return;
	pthread_mutex_lock(&Stack.Lock);
	Stack.State = Ended;
	for (unsigned i = 0; i < MAX_FILES; i++) {
		if (Stack.Files[i])
			SimUserCancel(Stack.Files[i], NULL);
	}
	Empty = WaitUntilEmpty();
	pthread_mutex_unlock(&Stack.Lock);
	if (!Empty) {
		fprintf(stderr, "vgpu: %u threads do not come back from the driver\n", Stack.Inside);
		fflush(NULL);
		_exit(STACK_EXIT_STUCK);
	}
	for (unsigned i = 0; i < MAX_FILES; i++) {
		if (Stack.Files[i])
			SimUserClose(Stack.Files[i]);
		Stack.Files[i] = NULL;
	}
	Violations = SimStop();
	if (Stack.Ram > 0)
		close(Stack.Ram);
	if (Violations > 0) {
		fflush(NULL);
		_exit(STACK_EXIT_VIOLATION);
	}
}

/* ---- use ---- */

BOOLEAN StackEnter(void)
{
	BOOLEAN Runs;

	pthread_mutex_lock(&Stack.Lock);
	if (Stack.State == Unused)
		Stack.State = Start();
	Runs = Stack.State == Running && Stack.Process == getpid();
	if (Runs)
		Stack.Inside++;
	pthread_mutex_unlock(&Stack.Lock);
	return Runs;
}

void StackLeave(void)
{
	pthread_mutex_lock(&Stack.Lock);
	Stack.Inside--;
	pthread_cond_broadcast(&Stack.Left);
	pthread_mutex_unlock(&Stack.Lock);
}

static BOOLEAN Replace(SIM_USER_FILE *Old, SIM_USER_FILE *New)
{
	BOOLEAN Found = FALSE;

	pthread_mutex_lock(&Stack.Lock);
	for (unsigned i = 0; i < MAX_FILES && !Found; i++) {
		Found = Stack.Files[i] == Old;
		if (Found)
			Stack.Files[i] = New;
	}
	pthread_mutex_unlock(&Stack.Lock);
	return Found;
}

BOOLEAN StackRemember(SIM_USER_FILE *File)
{
	return Replace(NULL, File);
}

BOOLEAN StackForget(SIM_USER_FILE *File)
{
	return Replace(File, NULL);
}
