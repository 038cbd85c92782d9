/* SPDX-License-Identifier: MIT */
/* fake_internal.h - shared by the parts of the model. What is not said otherwise is called with its lock held. */
#ifndef SIM_FAKE_INTERNAL_H
#define SIM_FAKE_INTERNAL_H

#include "../host/host.h"
#include "fake_virtio.h"

#define FAKE_QUEUES 2
#define FAKE_QUEUE_SIZE 64
#define FAKE_VECTORS 3
#define FAKE_MAX_IDS (1u << 18)
#define FAKE_CAPSET_SIZE 308
#define FAKE_CONTENT 16
#define FAKE_FEATURE_BLOB 3
#define FAKE_FEATURE_CONTEXT_INIT 4
#define FAKE_REGION_SIZE (16u << 20)
#define FAKE_MAX_BLOB (1ull << 26)

/* Device memory: BARs, and what is where in the one with the registers. */
#define FAKE_MSIX_BAR 1u
#define FAKE_MSIX_BAR_SIZE 0x1000u
#define FAKE_VIRTIO_BAR 4u
#define FAKE_VIRTIO_BAR_SIZE 0x4000u
#define FAKE_COMMON 0x0000u
#define FAKE_ISR 0x1000u
#define FAKE_DEVICE 0x2000u
#define FAKE_NOTIFY 0x3000u
#define FAKE_NOTIFY_MULTIPLIER 4u
#define FAKE_REGION_BAR 2u
#define FAKE_REGION_BAR_SIZE (64u << 20)
#define FAKE_REGION_OFFSET 0x100000u /* in the BAR */

typedef struct FAKE_QUEUE {
	uint16_t Size;
	uint16_t Vector;
	uint16_t Enabled;
	uint16_t NextAvailable;
	uint16_t NextUsed;
	uint16_t Told; /* NextUsed when an interrupt was last thought of */
	uint32_t LastId;
	uint64_t Descriptors;
	uint64_t Available;
	uint64_t Used;
} FAKE_QUEUE;

typedef struct FAKE_DESCRIPTOR {
	uint64_t Address;
	uint32_t Length;
	uint16_t Flags;
	uint16_t Next;
} FAKE_DESCRIPTOR;

/* A command that was taken and is not answered yet (fake_temper.c). */
typedef struct FAKE_OUTSTANDING {
	uint16_t Head;
	uint8_t *Answer; /* NULL: not executed yet */
	uint32_t Length;
	uint32_t Ring;
	uint64_t Line; /* answers of one line come in order; 0: in any */
} FAKE_OUTSTANDING;

/* Memory of a resource: what is copied to it and from it is its first bytes. */
typedef struct FAKE_BACKING {
	uint32_t Entries;
	struct {
		uint64_t Address;
		uint64_t Length;
	} * Entry;
	uint8_t Content[FAKE_CONTENT];
} FAKE_BACKING;

/* A command's bytes, copied together, and room for what is written. */
typedef struct FAKE_BUFFERS {
	uint8_t *Out; /* may be changed, and has room for a few bytes more */
	uint32_t OutLength;
	uint8_t *In;
	uint32_t InLength;
} FAKE_BUFFERS;

typedef struct FAKE_BLOB {
	struct FAKE_BLOB *Next;
	uint32_t Id;
	bool Mappable;
	bool Mapped;
	uint64_t Offset; /* in the region, while mapped */
	uint64_t Size;
	uint8_t *Content; /* while it is not mapped */
} FAKE_BLOB;

typedef struct FAKE_VIRTIO {
	SIM_BUS Bus;
	bool Mvisor; /* constant */
	HOST_LOCK Lock; /* guards everything */
	uint8_t *Ram;
	uint64_t RamSize;
	uint8_t Config[256];
	uint8_t Msix[FAKE_VECTORS * 16];
	uint32_t DeviceFeatureSelect;
	uint32_t DriverFeatureSelect;
	uint64_t DriverFeatures;
	uint16_t ConfigVector;
	uint8_t Status;
	uint8_t Isr;
	uint16_t QueueSelect;
	FAKE_QUEUE Queues[FAKE_QUEUES];
	FAKE_FAULT Fault;
	unsigned Offers; /* FAKE_OFFER_* */
	uint32_t MapInfo;
	uint8_t *Region; /* the host-visible region, shared with programs; NULL: there is none */
	FAKE_BLOB *Blobs;
	bool Held;
	uint64_t HeldRings; /* a bit for each */
	FAKE_COUNTS Counts;
	unsigned Accesses; /* atomic */
	unsigned MomentAt; /* of Accesses, when Moment is called; 0: never. Constant while the simulator runs. */
	void (*Moment)(void *Context);
	void *MomentContext;
	struct CHAIN *Chain; /* room for the command at hand */
	void (*Arrived)(void); /* who listens for interrupts */
	const FAKE_TEMPER *Temper; /* NULL: work is done in the write of the doorbell */
	HOST_THREAD *Thread;
	HOST_CONDITION Doorbell;
	bool Stop;
	bool Lied; /* since the last reset, about what it has answered: what it may touch nobody can know */
	uint64_t SilentUntil;
	bool Round; /* SilentUntil does not count any more */
	uint64_t LastFence; /* of Mvisor's device */
	FAKE_OUTSTANDING Outstanding[FAKE_QUEUE_SIZE];
	unsigned Taken; /* of them, in the order of taking */
	uint32_t ContextsEnd, ResourcesEnd; /* none from this id on exists */
	uint32_t BackingsEnd; /* no resource from this id on has any */
	FAKE_BACKING Backings[FAKE_MAX_IDS];
	uint8_t Contexts[FAKE_MAX_IDS];
	uint8_t Resources[FAKE_MAX_IDS]; /* bit 0: exists, bit 1: has backing */
} FAKE_VIRTIO;

/* Guest memory, or NULL when the range is not all RAM. */
void *FakeRam(FAKE_VIRTIO *Fake, uint64_t Address, uint64_t Length);
/* Answers the command; the bytes written to the response. */
uint32_t FakeGpuCommand(FAKE_VIRTIO *Fake, const uint8_t *Command, uint32_t Length, uint8_t *Answer, uint32_t Room);
void FakeGpuForget(FAKE_VIRTIO *Fake); /* the memory of all resources */
/* The memory of a resource: entries of 16 bytes. False: they are wrong, and nothing is attached. */
bool FakeAttachEntries(FAKE_VIRTIO *Fake, uint32_t Id, const uint8_t *Entry, uint32_t Length, uint32_t Entries);

/* fake_blob.c: type of the answer */
uint32_t FakeBlobCreate(FAKE_VIRTIO *Fake, const uint8_t *Command, uint32_t Length, uint32_t ContextId);
uint32_t FakeBlobMap(
	FAKE_VIRTIO *Fake, const uint8_t *Command, uint32_t Length, uint8_t *Body, uint32_t Room, uint32_t *BodyLength);
uint32_t FakeBlobUnmap(FAKE_VIRTIO *Fake, uint32_t Id);
void FakeBlobUnref(FAKE_VIRTIO *Fake, uint32_t Id);
void FakeBlobForget(FAKE_VIRTIO *Fake, bool Asked); /* all of them; asked for: DeviceForgets is checked */

/* fake_config.c */
void FakeConfigFill(FAKE_VIRTIO *Fake);
void FakeConfigFillMvisor(FAKE_VIRTIO *Fake); /* after it */
void FakeConfigOfferRegion(FAKE_VIRTIO *Fake);
void FakeConfigPut(FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width, uint32_t Value);
uint32_t FakeConfigGet(const FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width);
uint64_t FakeBarAddress(const FAKE_VIRTIO *Fake, unsigned Bar);
uint64_t FakeRegionAddress(const FAKE_VIRTIO *Fake); /* physical, of the host-visible region */
/* Whether the BAR is there and has the address, and where in it. */
bool FakeInside(const FAKE_VIRTIO *Fake, uint64_t Address, unsigned Bar, uint32_t Size, unsigned *Offset);
bool FakeDecodes(FAKE_VIRTIO *Fake, uint64_t Address); /* in one of its BARs with registers; takes the lock */
void FakeAccess(FAKE_VIRTIO *Fake); /* counts one; without the lock */
/* Something was written that may matter to the device's thread, or to who listens. */
void FakeChanged(FAKE_VIRTIO *Fake);
void FakeInterrupt(FAKE_VIRTIO *Fake, uint16_t Vector);
bool FakeIsBusMaster(const FAKE_VIRTIO *Fake); /* else it reaches no memory */
/* SIM_BUS_OPERATIONS */
uint32_t FakeConfigRead(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width);
void FakeConfigWrite(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width, uint32_t Value);
void FakeListen(SIM_BUS *Bus, void (*Arrived)(void));
bool FakeLineAsserted(SIM_BUS *Bus);

/* fake_registers.c */
void FakeReset(FAKE_VIRTIO *Fake, bool Asked); /* asked for: what the driver must have ended before is checked */
/* SIM_BUS_OPERATIONS */
uint64_t FakeMmioRead(SIM_BUS *Bus, uint64_t Address, unsigned Width);
void FakeMmioWrite(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value);

/* fake_queue.c: takes and answers what is available on the queue. */
void FakeQueueRun(FAKE_VIRTIO *Fake, unsigned Index);
void FakeQueueRunSome(FAKE_VIRTIO *Fake, unsigned Index, unsigned Count); /* answers so many at most */
void FakeQueueFree(FAKE_VIRTIO *Fake);
bool FakeQueueWorks(const FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue);
/* The same in steps. An answer is to be freed. */
bool FakeQueueTake(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, uint16_t *Head);
uint8_t *FakeQueueExecute(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, uint16_t Head, uint32_t *Length);
void FakeQueueAnswer(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, uint16_t Head, const uint8_t *Answer, uint32_t Length);
void FakeQueueInterrupt(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue); /* if the driver wants one for what was answered */
/* Calls Visit for each descriptor of the chain; false: it is broken, or Visit said so. */
typedef bool (*FAKE_VISIT)(FAKE_VIRTIO *Fake, void *Context, const FAKE_DESCRIPTOR *Descriptor);
bool FakeWalk(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, uint16_t Head, FAKE_VISIT Visit, void *Context);

/* fake_temper.c; all with the lock held but for Start and Stop */
void FakeTemperStart(FAKE_VIRTIO *Fake);
void FakeTemperStop(FAKE_VIRTIO *Fake);
void FakeTemperForget(FAKE_VIRTIO *Fake); /* the device is reset */
/* Without a temper. Takes the answer over if it is of a fence that has to wait. */
bool FakeTemperKeep(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, uint16_t Head, const uint8_t *Answer, uint32_t Length);
void FakeTemperRelease(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue); /* gives those whose ring is not held */
bool FakeTouches(SIM_BUS *Bus, uint64_t Address, uint64_t Length); /* takes the lock */

/* fake_mvisor.c: what the driver does to Mvisor's device. What makes that host panic ends the process. */
void FakeMvisorReadsCommon(unsigned Offset);
uint64_t FakeMvisorReadConfig(unsigned Offset, unsigned Width);
void FakeMvisorEnables(const FAKE_QUEUE *Queue, uint64_t Value);
void FakeMvisorResets(const FAKE_VIRTIO *Fake);
uint32_t FakeMvisorCommand(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, uint16_t Head, const FAKE_BUFFERS *Buffers);

void FakeSetFault(FAKE_VIRTIO *Fake, FAKE_FAULT Fault);

#endif /* SIM_FAKE_INTERNAL_H */
