/* SPDX-License-Identifier: MIT */
/*
 * gpu.h - the device as an engine for commands: queueing, completion, loss.
 *
 * A command that GpuSend accepts gets its Done call exactly once: when the device has answered, or when the device has
 * been reset and can no longer touch the memory that the command names. Callers keep that memory, and the objects,
 * alive until then by references that Done drops.
 */
#ifndef VGPU_GPU_H
#define VGPU_GPU_H

#include "capsets.h"
#include "command.h"
#include "dialect.h"
#include "fence.h"
#include "ids.h"
#include "leave.h"
#include "region.h"
#include "settings.h"
#include "stats.h"
#include "trace.h"
#include "virtio_pci.h"

#define GPU_LEAVE_TIMEOUTS 3 /* of the device's, that whoever ends waits at most */
#define GPU_WATCHDOG_MS 1000u /* between two looks at a device that owes an answer */

/*   Stopped --D0 entry--> Starting --capsets read--> Running
 *   Running --time-out, broken queue, device gives up--> Resetting, or Broken soon after a reset
 *   Starting --the same--> Broken
 *   Resetting --device starts again--> Running
 *   Resetting --it does not--> Broken
 *   any --surprise removal--> Removed
 *   any but Removed --D0 exit--> Stopped
 * In Resetting, Broken and Removed a work item resets the device and gives all commands back. */
typedef enum _GPU_STATE {
	GpuStopped, /* no power */
	GpuStarting, /* only the driver's own commands */
	GpuRunning,
	GpuResetting, /* lasts a second at most; requests wait for its end */
	GpuBroken,
	GpuRemoved
} GPU_STATE;

/* Something that the host made for us: it is lost when the device is reset. Under GPU.QueueLock. */
typedef struct _HOST_OBJECT {
	ULONG Generation; /* GPU.Generation when it was made */
	BOOLEAN Gone; /* the command that ends it is queued */
} HOST_OBJECT;

struct _GPU;

/* Host memory that programs see: blob.c's. */
typedef struct _GPU_VIEWS {
	KSPIN_LOCK Lock;
	REGION Region _Guarded_by_(Lock); /* the host-visible region, or where the host may map */
	LIST_ENTRY Shown _Guarded_by_(Lock);
	/* The device is about to forget what it has mapped. */
	_IRQL_requires_max_(PASSIVE_LEVEL)
	VOID (*Hide)(struct _GPU *Gpu);
} GPU_VIEWS;

typedef struct _GPU {
	/* set up once, constant while there is hardware */
	WDFDEVICE Device;
	const DIALECT *Dialect;
	VIRTIO_PCI Pci;
	COMMAND_POOL Pool;
	DMA_MEMORY Ring;
	DMA_MEMORY CapsetAnswer; /* while one is read; longer if the device may still write it */
	VIRTQUEUE_TOKEN *Tokens;
	USHORT QueueSize;
	PUCHAR Doorbell;
	WDFTIMER Watchdog;
	WDFWORKITEM Recovery;
	WDFWORKITEM Evictor; /* memory.c's */
	USHORT Vector; /* of the queue and of changes of configuration */
	SETTINGS Settings;
	volatile LONG TraceLevel;
	volatile LONG ToldNoRoom; /* memory.c's: the event log knows */

	KSPIN_LOCK QueueLock; /* taken before no other lock but the framework's */
	_Guarded_by_(QueueLock) volatile LONG State; /* GPU_STATE; may be read without the lock */
	_Guarded_by_(QueueLock) volatile LONG Generation; /* counts starts; may be read without the lock */
	_Guarded_by_(QueueLock) BOOLEAN WasReset; /* since the last D0 entry */
	_Guarded_by_(QueueLock) LONG64 ResetAt; /* end of the last reset, on ClockNow's scale */
	KEVENT Settled; /* set except in Resetting; set and cleared under QueueLock */
	_Guarded_by_(QueueLock) VIRTQUEUE Queue;
	_Guarded_by_(QueueLock) LIST_ENTRY Pending; /* accepted, waiting for room in the ring */
	_Guarded_by_(QueueLock) LIST_ENTRY InFlight; /* in the order of queueing */
	_Guarded_by_(QueueLock) ULONG64 LastFenceId; /* on the device's timeline */
	_Guarded_by_(QueueLock) LONG64 OldestSince; /* when the head of InFlight became the head */
	_Guarded_by_(QueueLock) BOOLEAN WatchdogRuns;
	_Guarded_by_(QueueLock) BOOLEAN Quiet; /* reset: the device reads and writes nothing */
	/* A device that must not be reset (DIALECT.ResetNeedsIdle) owes answers and gives none: what it may still touch
	 * is kept for ever. Set before State is GpuBroken or later; by one thread at a time. */
	volatile LONG Abandoned;
	_Guarded_by_(QueueLock) LIST_ENTRY Kept; /* OBJECT.Kept: ended meanwhile, each with a reference */
	volatile LONG Ringing; /* threads about to write the doorbell without the lock */

	volatile LONG64 ChunkBytes; /* of the kernel's memory that programs have, see chunk.h */
	CAPSETS Capsets;
	ID_SPACE ContextIds;
	ID_SPACE ResourceIds;
	LEAVERS Leavers;
	FENCES Fences;
	GPU_VIEWS Views;
	STATISTICS Statistics;
} GPU;

/* One queueing operation: all commands of the batch or none. */
typedef struct _GPU_SEND {
	COMMAND_BATCH *Batch;
	HOST_OBJECT *Needs[2]; /* must exist on the host; NULL: none */
	HOST_OBJECT *Begins; /* is made by these commands */
	HOST_OBJECT *Ends; /* is ended by these commands */
	ULONG64 FenceNumber; /* out: of the batch's last command with a timeline */
} GPU_SEND;

/* Parts that live as long as the device object. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS GpuInit(_Inout_ GPU *Gpu, _In_ WDFDEVICE Device);

/* When the device object goes away, with no handle left. Commands and capsets last until then: requests use them even
 * while hardware is being taken away. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID GpuDestroy(_Inout_ GPU *Gpu);

/* Parts that live as long as the hardware. GpuUnprepare also undoes a failed GpuPrepare. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS GpuPrepare(_Inout_ GPU *Gpu, _In_ WDFCMRESLIST Raw, _In_ WDFCMRESLIST Translated);
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID GpuUnprepare(_Inout_ GPU *Gpu);

/* D0 entry: from reset to DRIVER_OK; then, with interrupts, GpuRun reads the capsets and opens for all. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS GpuStart(_Inout_ GPU *Gpu, _In_ USHORT Vector);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS GpuRun(_Inout_ GPU *Gpu);

/* D0 exit: nothing more is accepted, the device is reset, every command has been given back. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID GpuStop(_Inout_ GPU *Gpu);

/* The device is gone for good. Returns at once; a work item does the rest. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID GpuRemove(_Inout_ GPU *Gpu);

/* The device, Starting or Running, answers no more or breaks the rules; it worked until then (ClockNow). The caller
 * enqueues Recovery once the lock is released. */
_Requires_lock_held_(Gpu->QueueLock)
VOID GpuFail(_Inout_ GPU *Gpu, _In_ LONG64 WorkedUntil);

/* What keeps any request from being carried out. Waits until a reset of the device is over. */
_IRQL_requires_max_(APC_LEVEL)
NTSTATUS GpuSettle(_Inout_ GPU *Gpu);

/* What keeps a request that names these objects from being carried out; STATUS_SUCCESS: nothing. Not binding: GpuSend
 * looks again. Object may be NULL. */
_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS GpuCheck(_In_ const GPU *Gpu, _In_opt_ const HOST_OBJECT *Object);

/* Reserves for a batch; waits its turn. Account: the handle's, NULL for the driver's own commands. STATUS_CANCELLED:
 * the thread is to end. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS GpuReserve(_Inout_ GPU *Gpu, _Inout_opt_ COMMAND_ACCOUNT *Account, _Out_ COMMAND_BATCH *Batch,
	_In_ ULONG Commands, _In_ ULONG Pages);

/* The same to end something, which has to happen: waits also in a thread that is to end. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS GpuReserveToEnd(_Inout_ GPU *Gpu, _Inout_opt_ COMMAND_ACCOUNT *Account, _Out_ COMMAND_BATCH *Batch,
	_In_ ULONG Commands, _In_ ULONG Pages);

/* Queues Batch->Ready with one doorbell at most and frees the rest of the batch. On failure all of it is freed and no
 * Done is called. A batch that ends an object is accepted from a lost device that is not reset yet, so that its Done
 * comes when the device can touch the object's memory no longer; a failure means that it cannot already. */
_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS GpuSend(_Inout_ GPU *Gpu, _Inout_ GPU_SEND *Send);

/* Sends the batch's only command and waits for its answer, of which AnswerBytes are copied. */
_IRQL_requires_max_(APC_LEVEL)
NTSTATUS GpuExecute(
	_Inout_ GPU *Gpu, _Inout_ GPU_SEND *Send, _Out_writes_bytes_(AnswerBytes) PVOID Answer, _In_ ULONG AnswerBytes);

/* Resets the device, which reads and writes no memory afterwards. No command is accepted meanwhile, for the state is
 * neither Starting nor Running. An error says that the device did not confirm. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS GpuReset(_Inout_ GPU *Gpu);

/* Gives every command back with the state's status, after GpuReset. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID GpuGiveBack(_Inout_ GPU *Gpu);

/* Takes what the device has answered. From the DPC. */
_IRQL_requires_(DISPATCH_LEVEL)
VOID GpuPoll(_Inout_ GPU *Gpu);

/* Whether what the device may touch has to be kept although no command of it is under way. */
FORCEINLINE BOOLEAN GpuKeeps(_In_ const GPU *Gpu)
{
	return ReadNoFence(&Gpu->Abandoned) != 0;
}

/* The longest chain that the device takes. */
FORCEINLINE ULONG GpuMaxChain(_In_ const GPU *Gpu)
{
	return Gpu->QueueSize < COMMAND_PAGE_DESCRIPTORS ? Gpu->QueueSize : (ULONG)COMMAND_PAGE_DESCRIPTORS;
}

#endif /* VGPU_GPU_H */
