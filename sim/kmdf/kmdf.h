/* SPDX-License-Identifier: MIT */
/*
 * kmdf.h - the framework simulator's own structures. A handle that the driver sees is the address of one of these.
 *
 * Locking: SimIoLock guards the lists and states of queues, requests and files, SimObjectLock the object tree
 * (object.c). No callback into the driver is made with either held. Order: SimIoLock before SimObjectLock.
 */
#ifndef SIM_KMDF_H
#define SIM_KMDF_H

#include <ntddk.h>
#include <wdf.h>

#include "../host/host.h"
#include "../nt/nt.h"
#include "../nt/process.h"
#include "../pci/pci.h"
#include "../sim.h"

typedef enum SIM_KIND {
	SimKindDriver,
	SimKindDevice,
	SimKindQueue,
	SimKindRequest,
	SimKindFile,
	SimKindInterrupt,
	SimKindTimer,
	SimKindWorkItem,
	SimKindMemory,
	SimKindKey,
	SimKindResources,
	SimKindAny
} SIM_KIND;

struct SIM_CONTEXT;
typedef struct SIM_OBJECT {
	ULONG64 Magic;
	SIM_KIND Kind;
	LONG References;
	BOOLEAN Deleted;
	struct SIM_OBJECT *Parent; /* holds a reference to it */
	LIST_ENTRY Children; /* under SimObjectLock */
	LIST_ENTRY Sibling;
	LIST_ENTRY All;
	struct SIM_CONTEXT *Contexts;
	void (*Dispose)(
		struct SIM_OBJECT *Object); /* first step of deletion, before the driver's cleanup; may be NULL */
	void (*Destroy)(
		struct SIM_OBJECT *Object); /* after the last reference; frees what the object owns; may be NULL */
} SIM_OBJECT;

typedef struct SIM_DRIVER {
	SIM_OBJECT Object;
	WDF_DRIVER_CONFIG Config;
	PDRIVER_OBJECT DriverObject;
} SIM_DRIVER;

typedef struct SIM_RESOURCES {
	SIM_OBJECT Object;
	ULONG Count;
	CM_PARTIAL_RESOURCE_DESCRIPTOR Descriptors[SIM_MAX_RESOURCES];
} SIM_RESOURCES;

/* A device is made stopped; the arrows are SimDeviceStart, SimDevicePowerDown/Up and SimDeviceRemove (pnp.c):
 * Stopped -> Working <-> Sleeping, any -> Removed. */
typedef enum SIM_DEVICE_STATE {
	SimDeviceStopped,
	SimDeviceWorking,
	SimDeviceSleeping,
	SimDeviceRemoved
} SIM_DEVICE_STATE;

/* What the driver chose in EvtDriverDeviceAdd before it made the device. */
struct WDFDEVICE_INIT {
	SIM_PCI_FUNCTION *Function;
	BOOLEAN Used;
	BOOLEAN Exclusive;
	WDF_PNPPOWER_EVENT_CALLBACKS Pnp;
	WDF_FILEOBJECT_CONFIG File;
	WDF_OBJECT_ATTRIBUTES FileAttributes; /* Size 0: none */
	WDF_OBJECT_ATTRIBUTES RequestAttributes;
	PFN_WDF_IO_IN_CALLER_CONTEXT InCallerContext;
	struct SIM_DEVICE *Device; /* once made */
};

#define SIM_MAX_INTERFACES 4
typedef struct SIM_DEVICE {
	SIM_OBJECT Object;
	struct WDFDEVICE_INIT Init;
	SIM_DEVICE_STATE State;
	BOOLEAN Prepared; /* EvtDevicePrepareHardware was called */
	BOOLEAN Failed; /* WdfDeviceSetFailed */
	ULONG Number;
	SIM_RESOURCES *Raw;
	SIM_RESOURCES *Translated;
	ULONG Interfaces;
	GUID Interface[SIM_MAX_INTERFACES];
	struct SIM_QUEUE *DefaultQueue;
	LIST_ENTRY Queues;
	LIST_ENTRY Interrupts;
	ULONG InterruptCount;
	LIST_ENTRY Files; /* SIM_USER_FILE.Link, under SimIoLock */
	struct SIM_DEVICE *Next;
} SIM_DEVICE;

typedef struct SIM_QUEUE {
	SIM_OBJECT Object;
	SIM_DEVICE *Device;
	LIST_ENTRY Link; /* in the device's */
	WDF_IO_QUEUE_CONFIG Config;
	BOOLEAN PowerManaged;
	/* under SimIoLock */
	BOOLEAN Accepting;
	BOOLEAN Started;
	BOOLEAN Powered;
	LIST_ENTRY Waiting; /* SIM_REQUEST.QueueLink */
	ULONG Presented; /* requests the driver has */
	PFN_WDF_IO_QUEUE_STATE WhenIdle; /* of a stop or purge in progress */
	WDFCONTEXT WhenIdleContext;
} SIM_QUEUE;

struct SIM_USER_FILE {
	SIM_OBJECT Object; /* the driver's WDFFILEOBJECT */
	SIM_DEVICE *Device;
	ACCESS_MASK Access;
	/* under SimIoLock */
	LIST_ENTRY Link;
	LIST_ENTRY Requests; /* SIM_REQUEST.FileLink */
	ULONG Uses; /* the handles as one, and each request */
	ULONG Handles;
};

typedef enum SIM_REQUEST_STATE {
	SimRequestInCaller,
	SimRequestQueued,
	SimRequestOwned,
	SimRequestDone
} SIM_REQUEST_STATE;

typedef struct SIM_REQUEST {
	SIM_OBJECT Object;
	SIM_DEVICE *Device;
	SIM_USER_FILE *File;
	SIM_QUEUE *Queue; /* NULL before it is queued */
	WDF_REQUEST_TYPE Type;
	ULONG Code;
	void *UserInput;
	void *UserOutput;
	ULONG InputLength;
	ULONG OutputLength;
	UCHAR *System; /* METHOD_BUFFERED: input and output; direct: input */
	PMDL Mdl; /* direct: the output buffer's */
	SIM_USER_COMPLETION Completion;
	void *CompletionContext;
	BOOLEAN ThreadAgnostic;
	uint64_t Thread;
	PEPROCESS Process;
	/* under SimIoLock */
	SIM_REQUEST_STATE State;
	BOOLEAN Pended; /* the caller was told STATUS_PENDING */
	BOOLEAN Cancelled;
	BOOLEAN CancelCalled; /* EvtRequestCancel was or is called */
	PFN_WDF_REQUEST_CANCEL Cancel;
	LIST_ENTRY QueueLink;
	LIST_ENTRY FileLink;
	NTSTATUS Status;
	ULONG_PTR Information;
} SIM_REQUEST;

/* ---- object.c ---- */
extern HOST_LOCK SimObjectLock;
void SimObjectsStart(void);
void SimObjectsStop(void); /* WdfLeak */
/* Makes an object of Size bytes with a reference for its existence, and the context that Attributes asks for.
 * Attributes->ParentObject goes before Parent. NULL: *Status says why. */
void *SimObjectCreate(
	SIM_KIND Kind, SIZE_T Size, SIM_OBJECT *Parent, const WDF_OBJECT_ATTRIBUTES *Attributes, NTSTATUS *Status);
/* The object behind a handle of this kind; NULL after a violation. */
void *SimObjectCheck(const void *Handle, SIM_KIND Kind, const char *Function);
void SimObjectReference(SIM_OBJECT *Object);
void SimObjectDereference(SIM_OBJECT *Object);
void SimObjectDelete(SIM_OBJECT *Object); /* children, cleanup callbacks, the reference of its existence */

/* ---- table.c ---- */
extern WDF_DRIVER_GLOBALS SimWdfGlobals;
void SimWdfTableObjects(WDFFUNC *Table);
void SimWdfTableDriver(WDFFUNC *Table);
void SimWdfTableDevice(WDFFUNC *Table);
void SimWdfTableQueue(WDFFUNC *Table);
void SimWdfTableRequest(WDFFUNC *Table);
void SimWdfTableBuffers(WDFFUNC *Table);
void SimWdfTableInterrupt(WDFFUNC *Table);
void SimWdfTableTimer(WDFFUNC *Table);
void SimWdfTableWorkItem(WDFFUNC *Table);
#define SIM_WDF_ENTRY(Table, Name) ((Table)[Wdf##Name##TableIndex] = (WDFFUNC)(Name))
/* Rule WdfParameter for a structure that starts with its size. */
BOOLEAN SimWdfSize(ULONG Size, SIZE_T Expected, const char *Structure);

/* ---- driver.c, device.c, pnp.c ---- */
void SimDriverRegistry(const char *Values);
SIM_DRIVER *SimDriver(void); /* NULL before WdfDriverCreate */
void SimDriverUnload(void);
SIM_DEVICE *SimDevices(void);
void SimDeviceUnlink(SIM_DEVICE *Device);
NTSTATUS SimDeviceAdd(SIM_PCI_FUNCTION *Function); /* AddDevice and start */
void SimDeviceRemove(SIM_DEVICE *Device, BOOLEAN Surprise);
NTSTATUS SimDevicePowerUp(SIM_DEVICE *Device);
NTSTATUS SimDeviceRebalance(SIM_DEVICE *Device); /* stop and start again */
void SimDevicePowerDown(SIM_DEVICE *Device, WDF_POWER_DEVICE_STATE Target);

/* ---- queue.c ---- */
void SimPatience(ULONG Milliseconds); /* SIM_OPTIONS.PatienceMs */
uint64_t SimPatienceNs(void);
extern HOST_LOCK SimIoLock;
extern HOST_CONDITION SimIoChanged; /* a request is done, a queue idle, a file gone */
/* Gives the request to the device's default queue. STATUS_SUCCESS: the queue has it. */
NTSTATUS SimQueueInsert(SIM_QUEUE *Queue, SIM_REQUEST *Request);
void SimQueueRun(SIM_QUEUE *Queue); /* presents what may be presented; PASSIVE_LEVEL */
void SimQueueRequestDone(SIM_QUEUE *Queue);
void SimQueuesPower(SIM_DEVICE *Device, BOOLEAN Up);
void SimQueuesPurge(SIM_DEVICE *Device);
/* Takes the request off its queue if the driver does not have it yet. */
BOOLEAN SimQueueTake(SIM_REQUEST *Request);
void SimQueuesFlushFile(SIM_USER_FILE *File);

/* ---- request.c, io.c, file.c ---- */
/* A request of the calling thread on the file, which it uses until it is completed. NULL: *Status says why. */
SIM_REQUEST *SimRequestMake(SIM_USER_FILE *File, WDF_REQUEST_TYPE Type, NTSTATUS *Status);
void SimRequestComplete(SIM_REQUEST *Request, NTSTATUS Status, ULONG_PTR Information);
void SimRequestCancel(SIM_REQUEST *Request);
void SimFileRelease(SIM_USER_FILE *File); /* the last one closes the file, at PASSIVE_LEVEL */
void SimFilesStop(void); /* FileLeak, RequestLeak */
/* Undoes what made the buffers available, in the order of the I/O manager. */
void SimRequestReleaseBuffers(SIM_REQUEST *Request);

/* ---- interrupt.c ---- */
void SimDpcStart(void);
void SimDpcStop(void);
void SimInterruptsConnect(SIM_DEVICE *Device);
void SimInterruptsDisconnect(SIM_DEVICE *Device);

/* ---- timer.c, workitem.c ---- */
void SimTimersStart(void);
void SimTimersStop(void);
typedef struct SIM_WORK {
	LIST_ENTRY Link;
	void (*Routine)(struct SIM_WORK *Work); /* on a worker, at PASSIVE_LEVEL; never on two at once */
	BOOLEAN Queued;
} SIM_WORK;
void SimWorkersStart(void);
void SimWorkersStop(void);
BOOLEAN SimWorkQueue(SIM_WORK *Work); /* FALSE: it is queued already */
void SimWorkFlush(SIM_WORK *Work); /* waits until it is neither queued nor running */
void SimWorkDrain(void); /* waits until the workers have nothing to do; not on one of them */

#endif /* SIM_KMDF_H */
