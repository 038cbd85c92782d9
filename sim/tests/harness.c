/* SPDX-License-Identifier: MIT */
/* harness.c - see harness.h. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "../host/host.h"

#define WAIT_NS 20000000000ull
#define FIRMWARE_SIZE 65536
#define RESET_VECTOR (FIRMWARE_SIZE - 16)
#define QEMU_RAM_SIZE (512ll << 20) /* as Execute has it */

static char RamPath[64];
static struct {
	pid_t Process;
	char Folder[64];
	char Socket[96];
	char Firmware[96];
	char Ram[64];
} Qemu;

const char *HarnessRam(void)
{
	int File;

	snprintf(RamPath, sizeof(RamPath), "/dev/shm/vgpu-test-%d", (int)getpid());
	File = open(RamPath, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(File >= 0);
	assert_int_equal(ftruncate(File, HARNESS_RAM_SIZE), 0);
	close(File);
	return RamPath;
}

void HarnessRamRemove(void)
{
	unlink(RamPath);
}

/* ---- QEMU ---- */
/* The processor halts at its first instruction: cli; hlt; jmp to hlt. */
static void WriteFirmware(void)
{
	static const unsigned char Halt[] = {0xfa, 0xf4, 0xeb, 0xfd};
	unsigned char Image[FIRMWARE_SIZE];
	FILE *File = fopen(Qemu.Firmware, "wb");

	assert_non_null(File);
	memset(Image, 0xf4, sizeof(Image));
	memcpy(Image + RESET_VECTOR, Halt, sizeof(Halt));
	assert_int_equal(fwrite(Image, 1, sizeof(Image), File), sizeof(Image));
	fclose(File);
}

static void Execute(void)
{
	char Memory[160], Qtest[140];

	snprintf(Memory, sizeof(Memory), "memory-backend-file,id=ram,size=512M,mem-path=%s,share=on", Qemu.Ram);
	snprintf(Qtest, sizeof(Qtest), "unix:%s,server=on,wait=off", Qemu.Socket);
	setenv("SDL_VIDEODRIVER", "offscreen", 1);
	setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
	setenv("LP_NUM_THREADS", "0", 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("qemu-system-x86_64", "qemu-system-x86_64", "-machine", "q35,memory-backend=ram", "-accel", "tcg", "-m",
		"512M", "-bios", Qemu.Firmware, "-nodefaults", "-vga", "none", "-net", "none", "-object", Memory,
		"-device", "virtio-gpu-gl-pci", "-display", "sdl,gl=on", "-monitor", "none", "-serial", "none",
		"-qtest", Qtest, "-qtest-log", "none", (char *)NULL);
	_exit(127);
}

/* QEMU makes the socket first, its memory later. */
static BOOLEAN QemuIsReady(void)
{
	struct stat Ram;

	return access(Qemu.Socket, F_OK) == 0 && stat(Qemu.Ram, &Ram) == 0 && Ram.st_size == QEMU_RAM_SIZE;
}

BOOLEAN HarnessQemuStart(void)
{
	int Status;

	strcpy(Qemu.Folder, "/tmp/vgpu-qemu-XXXXXX");
	assert_non_null(mkdtemp(Qemu.Folder));
	snprintf(Qemu.Socket, sizeof(Qemu.Socket), "%s/qtest", Qemu.Folder);
	snprintf(Qemu.Firmware, sizeof(Qemu.Firmware), "%s/halt.bin", Qemu.Folder);
	snprintf(Qemu.Ram, sizeof(Qemu.Ram), "/dev/shm/vgpu-qemu-%d", (int)getpid());
	WriteFirmware();
	Qemu.Process = fork();
	assert_true(Qemu.Process >= 0);
	if (Qemu.Process == 0)
		Execute();
	for (int Try = 0; Try < 400; Try++) {
		if (QemuIsReady())
			return TRUE;
		if (waitpid(Qemu.Process, &Status, WNOHANG) == Qemu.Process) {
			Qemu.Process = 0;
			HarnessQemuStop();
			if (WIFEXITED(Status) && WEXITSTATUS(Status) == 127)
				return FALSE;
			fail_msg("QEMU ended at once, status %#x", Status);
		}
		usleep(25000);
	}
	fail_msg("QEMU made no socket, or no memory, within 10 s");
	return FALSE;
}

void HarnessQemuKill(void)
{
	if (Qemu.Process > 0) {
		kill(Qemu.Process, SIGKILL);
		waitpid(Qemu.Process, NULL, 0);
	}
	Qemu.Process = 0;
}

void HarnessQemuStop(void)
{
	HarnessQemuKill();
	unlink(Qemu.Ram);
	unlink(Qemu.Socket);
	unlink(Qemu.Firmware);
	rmdir(Qemu.Folder);
}

const char *HarnessQemuRam(void)
{
	return Qemu.Ram;
}

const char *HarnessQemuSocket(void)
{
	return Qemu.Socket;
}

/* ---- the simulator ---- */
SIM_BUS *HarnessStartFake(SIM_INTERRUPTS Interrupts, ULONG PatienceMs)
{
	SIM_BUS *Bus = FakeVirtioCreate();
	const SIM_OPTIONS Options = {
		.RamPath = HarnessRam(),
		.Interrupts = Interrupts,
		.Seed = 1,
		.CollectViolations = TRUE,
		.PatienceMs = PatienceMs,
		.Bus = Bus,
	};

	assert_non_null(Bus);
	assert_int_equal(SimStart(&Options), 0);
	HarnessRamRemove(); /* mapped by now */
	return Bus;
}

SIM_USER_FILE *HarnessOpen(const GUID *Class)
{
	SIM_USER_FILE *File = NULL;
	WCHAR Name[200];
	ULONG Chars = 0;

	assert_true(SimUserInterface(Class, 0, Name, 200));
	while (Name[Chars])
		Chars++;
	assert_true(SimUserOwnsName(Name, Chars));
	assert_int_equal(SimUserOpen(Name, Chars, FILE_READ_DATA | FILE_WRITE_DATA, &File), STATUS_SUCCESS);
	return File;
}

BOOLEAN HarnessThreadAgnostic;

static void Completed(void *Context, NTSTATUS Status, ULONG_PTR Information)
{
	HARNESS_REQUEST *Request = Context;

	Request->Status = Status;
	Request->Information = Information;
	InterlockedIncrement(&Request->Completions);
}

NTSTATUS HarnessSend(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG InputLength, void *Output,
	ULONG OutputLength, HARNESS_REQUEST *Request)
{
	memset((void *)Request, 0, sizeof(*Request));
	Request->Status = STATUS_PENDING;
	NTSTATUS Status = SimUserIoctl(File, Code, (void *)(uintptr_t)Input, InputLength, Output, OutputLength,
		HarnessThreadAgnostic, Completed, Request, &Request->Information);

	if (Status != STATUS_PENDING) {
		assert_int_equal(Request->Completions, 0);
		Request->Status = Status;
		InterlockedIncrement(&Request->Completions);
	}
	return Status;
}

NTSTATUS HarnessWait(HARNESS_REQUEST *Request)
{
	uint64_t End = HostNow() + WAIT_NS;

	while (ReadAcquire(&Request->Completions) == 0 && HostNow() < End)
		HostSleep(50000);
	assert_int_equal(Request->Completions, 1);
	return Request->Status;
}

NTSTATUS HarnessIoctl(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG InputLength, void *Output,
	ULONG OutputLength, ULONG_PTR *Information)
{
	HARNESS_REQUEST Request;
	NTSTATUS Status;

	HarnessSend(File, Code, Input, InputLength, Output, OutputLength, &Request);
	Status = HarnessWait(&Request);
	if (Information)
		*Information = Request.Information;
	return Status;
}

NTSTATUS HarnessCancel(SIM_USER_FILE *File, HARNESS_REQUEST *Request)
{
	return SimUserCancel(File, Request);
}

void *HarnessPages(size_t Bytes)
{
	void *Memory = aligned_alloc(4096, Bytes);

	assert_non_null(Memory);
	return memset(Memory, 0, Bytes);
}

void HarnessPagesFree(void *Memory)
{
	free(Memory);
}

BOOLEAN HarnessPrivileged(BOOLEAN Is)
{
	SimUserPrivileged(Is);
	return TRUE;
}
