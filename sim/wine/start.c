/* SPDX-License-Identifier: MIT */
/*
 * start.c - brings the simulator up in the program's process, before the program's first instruction.
 */
#include "nt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "loader.h"
#include "mmio_trap.h"
#include "process.h"
#include "registry.h"
#include "start.h"
#include "syscalls.h"
#include "../host/host.h"
#include "../../abi/vgpu_ioctl.h"

/* The devices that the driver's INF names. */
#define PCI_VENDOR 0x1af4
#define PCI_DEVICE 0x1050
#define PCI_DEVICE_MVISOR 0x105b
#define MAX_INTERFACES 8u
#define MAX_NAME_CHARS 300u

static uint64_t NumberOption(const char *Name)
{
	const char *Text = HostEnvironment(Name);

	return Text ? strtoull(Text, NULL, 0) : 0;
}

static bool StartCore(void)
{
	const char *Interrupts = HostEnvironment("VGPU_SIM_INTERRUPTS");
	const SIM_OPTIONS Options = {
		.RamPath = HostEnvironment("VGPU_SIM_RAM"),
		.BusPath = HostEnvironment("VGPU_SIM_BUS"),
		.Interrupts = Interrupts && strcmp(Interrupts, "line") == 0 ? SimInterruptsLine : SimInterruptsMessage,
		.MessageLimit = (ULONG)NumberOption("VGPU_SIM_VECTORS"),
		.Seed = NumberOption("VGPU_SIM_SEED"),
		.LargestContiguous = NumberOption("VGPU_SIM_FRAGMENT"),
		.CollectViolations = NumberOption("VGPU_SIM_COLLECT") != 0,
		.RegistryValues = HostEnvironment("VGPU_SIM_PARAMETERS"),
	};

	if (!Options.RamPath) {
		HostLog("simulator: VGPU_SIM_RAM is not set; start programs with vgpu-run");
		return false;
	}
	return SimStart(&Options) == 0;
}

static bool StartDriver(void)
{
	const char *Path = HostEnvironment("VGPU_SIM_DRIVER");
	void *Entry = Path ? LoaderMapDriver(Path) : NULL;
	NTSTATUS Status;
	char Line[100];

	if (!Entry) {
		if (!Path)
			HostLog("simulator: VGPU_SIM_DRIVER is not set");
		return false;
	}
	Status = SimLoadDriver((SIM_DRIVER_ENTRY)Entry, PCI_VENDOR, PCI_DEVICE);
	if (Status == STATUS_NO_SUCH_DEVICE)
		Status = SimMatchDevices(PCI_VENDOR, PCI_DEVICE_MVISOR);
	if (NT_SUCCESS(Status) || Status == STATUS_NO_SUCH_DEVICE)
		return true;
	/* As on Windows: the program runs, without the device. */
	snprintf(Line, sizeof(Line), "simulator: the driver did not start: status %08lx", (unsigned long)Status);
	HostLog(Line);
	return true;
}

static bool ShowInterfaces(void)
{
	static const GUID Class = VGPU_INTERFACE_GUID_INIT;
	WCHAR Name[MAX_NAME_CHARS];
	unsigned i;

	for (i = 0; i < MAX_INTERFACES && SimUserInterface(&Class, i, Name, MAX_NAME_CHARS); i++) {
		LONG Error = RegistryAddInterface(Name);

		if (Error) {
			char Line[100];

			snprintf(Line, sizeof(Line), "simulator: a device interface cannot be registered (error %ld)",
				Error);
			HostLog(Line);
			return false;
		}
	}
	return true;
}

__declspec(dllexport) DWORD WINAPI VgpuSimStart(void *Unused)
{
	(void)Unused;
	SetErrorMode(SEM_NOGPFAULTERRORBOX); /* a crash ends the program here, not in a debugger's window */
	if (!MmioTrapInstall() || !StartCore())
		return StartFailed;
	if (!StartDriver() || !ShowInterfaces() || !ExitPrepare() || !SyscallsInstall() || !ProcessInstall())
		return StartFailed;
	return StartOk;
}

BOOL WINAPI DllMain(HINSTANCE Instance, DWORD Reason, void *Reserved)
{
	(void)Instance;
	(void)Reason;
	(void)Reserved;
	return TRUE;
}
