/* SPDX-License-Identifier: MIT */
/*
 * sim.h - the simulator as its embedders see it: native tests, and the PE module that lives in a Windows program.
 *
 * One machine per process. SimStart connects to the device's bus, SimLoadDriver runs a driver's entry point and starts
 * it on each PCI function it matches, the SimUser* calls are the system calls of a user program, SimStop unloads the
 * driver and audits: whatever is still allocated, mapped, locked, queued or open is a violation.
 *
 * A broken rule is reported through SimViolation (nt/rules.h). By default the process is stopped there, with the rule's
 * name and what was done; tests of the rules collect the report instead.
 */
#ifndef SIM_H
#define SIM_H

#ifdef _WINNT_ /* a file that has included windows.h: its types are the same */
#include <winternl.h>
typedef struct _DRIVER_OBJECT *PDRIVER_OBJECT;
#else
#include <ntddk.h>
#endif

typedef enum SIM_INTERRUPTS { SimInterruptsMessage, SimInterruptsLine } SIM_INTERRUPTS;

typedef struct SIM_OPTIONS {
	const char *RamPath; /* guest RAM: the file that the device maps too */
	const char *BusPath; /* unix socket of the qtest protocol; NULL: no device on the bus */
	SIM_INTERRUPTS Interrupts; /* what the bus grants: MSI-X messages, or one line interrupt */
	ULONG MessageLimit; /* at most so many messages are granted; 0: as many as the device has */
	ULONG64 Seed; /* scatters physical pages and decides what is left to chance */
	BOOLEAN CollectViolations; /* count and log broken rules instead of stopping the process */
	const char *RegistryValues; /* driver parameters, "Name=Number,Name=Number"; NULL: none */
	const char *MissingRoutines; /* that this kernel does not have, "Name,Name"; NULL: it has all */
	ULONG PatienceMs; /* for what the driver must finish when files and queues close; 0: 15 s */
	ULONG64 LargestContiguous; /* bytes that contiguous memory has in one piece, as if memory were fragmented; 0:
				      any */
	struct SIM_BUS *Bus; /* a bus inside this process (pci/bus.h) instead of BusPath; closed by SimStop */
} SIM_OPTIONS;

/* 0, or a negative errno-like value after a line in the log that says what to do. */
int SimStart(const SIM_OPTIONS *Options);

typedef NTSTATUS(NTAPI *SIM_DRIVER_ENTRY)(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);
/* Runs the entry point, then AddDevice and start for every PCI function with this vendor and device id. The first
 * status that is not a success; STATUS_NO_SUCH_DEVICE when no function matched (the driver stays loaded). */
NTSTATUS SimLoadDriver(SIM_DRIVER_ENTRY Entry, USHORT VendorId, USHORT DeviceId);
/* The same, for functions of another kind, once the driver is loaded. */
NTSTATUS SimMatchDevices(USHORT VendorId, USHORT DeviceId);

/* Device memory: addresses that MmMapIoSpaceEx gave are reserved, and every access to them traps. The trap handler of a
 * Windows process performs the access here. FALSE: not such an address, an ordinary fault. Width: 1, 2, 4 or 8 bytes.
 */
BOOLEAN SimMmioRead(const volatile void *Address, ULONG Width, ULONG64 *Value);
BOOLEAN SimMmioWrite(volatile void *Address, ULONG Width, ULONG64 Value);

/* From now on every other release of a spin lock is followed by a pause, as if the thread had been preempted: what can
 * happen between two locks then does. 0: no more. */
void SimPauseAfterLocks(ULONG Microseconds);

/* Called wherever Windows may refuse for lack of something (memory, mappings, locked pages, framework objects, registry
 * values, time): TRUE lets that call fail. From any thread at any IRQL. NULL: nothing ever runs out. */
typedef BOOLEAN (*SIM_FAULT_DECIDE)(void *Context, const char *Function);
void SimFaultDecide(SIM_FAULT_DECIDE Decide, void *Context);

/* PnP and power of the started devices, as the PnP manager would do them. */
NTSTATUS SimSurpriseRemove(void);
NTSTATUS SimPowerDown(void);
NTSTATUS SimPowerUp(void);
NTSTATUS SimRebalance(void); /* stopped, and started again with handles open */

/* Bytes of pool that the driver has at the moment. */
ULONG64 SimPoolBytes(void);

/* Removes the devices, unloads the driver, audits, disconnects. The number of violations since SimStart. */
ULONG SimStop(void);
ULONG SimViolations(void);

/* ---- a user program's side ---- */
typedef struct SIM_USER_FILE SIM_USER_FILE;

/* Called once when a request that returned STATUS_PENDING completes; any thread, PASSIVE_LEVEL. */
typedef void (*SIM_USER_COMPLETION)(void *Context, NTSTATUS Status, ULONG_PTR Information);

/* Names are \??\PCI#...#{guid}; matched without case. SimUserInterface gives the Nth interface's name of a class. */
BOOLEAN SimUserInterface(const GUID *Class, ULONG Index, WCHAR *Name, ULONG NameChars);
BOOLEAN SimUserOwnsName(const WCHAR *Name, ULONG Chars);
NTSTATUS SimUserOpen(const WCHAR *Name, ULONG Chars, ACCESS_MASK Access, SIM_USER_FILE **File);
/* STATUS_PENDING: Completion will be called. Any other status: it is final, *Information is valid and Completion is not
 * called. ThreadAgnostic: the caller's file has a completion port and the request no event, so the end of the calling
 * thread does not cancel it. Context identifies the request for SimUserCancel. */
NTSTATUS SimUserIoctl(SIM_USER_FILE *File, ULONG Code, void *Input, ULONG InputLength, void *Output, ULONG OutputLength,
	BOOLEAN ThreadAgnostic, SIM_USER_COMPLETION Completion, void *Context, ULONG_PTR *Information);
/* Context NULL: every request on the file. STATUS_NOT_FOUND when there was none. */
NTSTATUS SimUserCancel(SIM_USER_FILE *File, void *Context);
void SimUserThreadEnd(void); /* the calling thread ends: its requests that are not thread-agnostic are cancelled */
/* A thread is told to end, as by TerminateThread or the end of its process: it does once it has left the driver, whose
 * waits do not end by that. FALSE: no thread with that number was in the simulator. */
BOOLEAN SimUserThreadTerminate(ULONG64 Thread);
/* Entries with this number that drivers have written to the event log. */
ULONG SimEventCount(ULONG Code);
/* Whether the user holds the privileges of an administrator, enabled; at first not. */
void SimUserPrivileged(BOOLEAN Is);
/* What the object manager does around every system call on a handle: between the two the file is not gone, though it
 * may be closed by another thread, before or during the call. The caller knows that it is open when the first is
 * called. */
void SimUserReference(SIM_USER_FILE *File);
void SimUserDereference(SIM_USER_FILE *File);
/* Closes a handle of the calling thread's process. The last one closes the file: cleanup, then, when the last request
 * is completed, close. The file must not be used afterwards. */
void SimUserClose(SIM_USER_FILE *File);

/* Processes. They share one address space, but each has its own handles and is charged for the pages that it locks. */
typedef struct SIM_PROCESS SIM_PROCESS;
SIM_PROCESS *SimProcessCreate(void);
/* The calling thread is in this process from now on (NULL: the first one); where it was. */
SIM_PROCESS *SimProcessEnter(SIM_PROCESS *Process);
/* Another handle of the file, for the process to use and to close. */
void SimUserDuplicate(SIM_USER_FILE *File, SIM_PROCESS *Process);
/* The process ends, though not the threads that tests have: its requests are cancelled but for thread-agnostic ones,
 * drivers are told, its handles are closed; pages that are still locked then are a violation. */
void SimProcessEnd(SIM_PROCESS *Process);
void SimUserThreadsEnd(SIM_PROCESS *Process); /* the first step of it */

#endif /* SIM_H */
