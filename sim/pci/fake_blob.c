/* SPDX-License-Identifier: MIT */
/*
 * fake_blob.c - the model's blob resources: virtio 1.x section 5.7.6.8, and the host-visible region that they are
 * mapped into. A blob's bytes lie in the region while it is mapped there; what is left of them afterwards is garbage.
 */
#include "fake_internal.h"

#include <stdlib.h>
#include <string.h>

#include "../nt/mm_usermap.h"
#include "../nt/rules.h"

#define CREATE_BYTES 56u
#define MAP_BYTES 40u
#define RESP_OK_NODATA 0x1100u
#define RESP_OK_MAP_INFO 0x1106u
#define RESP_ERR_UNSPEC 0x1200u
#define RESP_ERR_INVALID_RESOURCE 0x1203u
#define RESP_ERR_INVALID_CONTEXT 0x1204u
#define RESP_ERR_INVALID_PARAMETER 0x1205u
#define MEMORY_GUEST 1u
#define MEMORY_HOST 2u
#define MEMORY_BOTH 3u
#define FLAG_MAPPABLE 1u
#define ALL_FLAGS 7u
#define CACHED 1u
#define GARBAGE 0xdb

typedef struct CREATE {
	uint8_t Header[24];
	uint32_t Resource;
	uint32_t Memory;
	uint32_t Flags;
	uint32_t Entries;
	uint64_t Blob;
	uint64_t Size;
} CREATE;
_Static_assert(sizeof(CREATE) == CREATE_BYTES, "wire format");

typedef struct MAP {
	uint8_t Header[24];
	uint32_t Resource;
	uint32_t Padding;
	uint64_t Offset;
} MAP;
_Static_assert(sizeof(MAP) == MAP_BYTES, "wire format");

static FAKE_BLOB **Find(FAKE_VIRTIO *Fake, uint32_t Id)
{
	FAKE_BLOB **Link = &Fake->Blobs;

	while (*Link && (*Link)->Id != Id)
		Link = &(*Link)->Next;
	return Link;
}

uint32_t FakeBlobCreate(FAKE_VIRTIO *Fake, const uint8_t *Command, uint32_t Length, uint32_t ContextId)
{
	FAKE_BLOB *New;
	CREATE Create;

	if (Length < sizeof(Create) || !(Fake->DriverFeatures & 1ull << FAKE_FEATURE_BLOB))
		return RESP_ERR_UNSPEC;
	memcpy(&Create, Command, sizeof(Create));
	if (Create.Resource == 0 || Create.Resource >= FAKE_MAX_IDS || Fake->Resources[Create.Resource])
		return RESP_ERR_INVALID_RESOURCE;
	if (Create.Memory < MEMORY_GUEST || Create.Memory > MEMORY_BOTH || Create.Flags & ~ALL_FLAGS ||
		Create.Size == 0 || Create.Size > FAKE_MAX_BLOB ||
		(Create.Memory == MEMORY_HOST) != (Create.Entries == 0))
		return RESP_ERR_INVALID_PARAMETER;
	if (Create.Memory != MEMORY_GUEST && (ContextId >= FAKE_MAX_IDS || !Fake->Contexts[ContextId]))
		return RESP_ERR_INVALID_CONTEXT;
	if (Create.Entries && !FakeAttachEntries(Fake, Create.Resource, Command + CREATE_BYTES, Length - CREATE_BYTES,
				      Create.Entries))
		return RESP_ERR_UNSPEC;
	New = calloc(1, sizeof(*New));
	if (New)
		New->Content = calloc(1, (size_t)Create.Size);
	if (!New || !New->Content)
		HostAbort();
	New->Id = Create.Resource;
	New->Size = Create.Size;
	New->Mappable = Create.Memory != MEMORY_GUEST && Create.Flags & FLAG_MAPPABLE;
	New->Next = Fake->Blobs;
	Fake->Blobs = New;
	Fake->Counts.Blobs++;
	return RESP_OK_NODATA;
}

static bool Free(const FAKE_VIRTIO *Fake, uint64_t Offset, uint64_t Size)
{
	if (Offset % HOST_PAGE_SIZE || Offset > FAKE_REGION_SIZE || Size > FAKE_REGION_SIZE - Offset)
		return false;
	for (const FAKE_BLOB *Blob = Fake->Blobs; Blob; Blob = Blob->Next) {
		if (Blob->Mapped && Offset < Blob->Offset + Blob->Size && Blob->Offset < Offset + Size)
			return false;
	}
	return true;
}

static void Unmap(FAKE_VIRTIO *Fake, FAKE_BLOB *Blob, bool Asked)
{
	uint64_t Frame = (FakeRegionAddress(Fake) + Blob->Offset) / HOST_PAGE_SIZE;

	if (Asked && SimUserMapped(Frame, (Blob->Size + HOST_PAGE_SIZE - 1) / HOST_PAGE_SIZE))
		SimViolation(SimRuleDeviceForgets, "blob %u is unmapped on the host while a program sees it", Blob->Id);
	memcpy(Blob->Content, Fake->Region + Blob->Offset, (size_t)Blob->Size);
	memset(Fake->Region + Blob->Offset, GARBAGE, (size_t)Blob->Size);
	Blob->Mapped = false;
	Fake->Counts.Maps--;
}

uint32_t FakeBlobMap(
	FAKE_VIRTIO *Fake, const uint8_t *Command, uint32_t Length, uint8_t *Body, uint32_t Room, uint32_t *BodyLength)
{
	const uint32_t Info[2] = {Fake->MapInfo, 0};
	FAKE_BLOB *Blob;
	MAP Map;

	if (Length < sizeof(Map) || Room < sizeof(Info) || !Fake->Region)
		return RESP_ERR_UNSPEC;
	memcpy(&Map, Command, sizeof(Map));
	Blob = *Find(Fake, Map.Resource);
	if (!Blob)
		return RESP_ERR_INVALID_RESOURCE;
	if (!Blob->Mappable || Blob->Mapped || !Free(Fake, Map.Offset, Blob->Size))
		return RESP_ERR_INVALID_PARAMETER;
	Blob->Mapped = true;
	Blob->Offset = Map.Offset;
	memcpy(Fake->Region + Blob->Offset, Blob->Content, (size_t)Blob->Size);
	Fake->Counts.Maps++;
	memcpy(Body, Info, sizeof(Info));
	*BodyLength = sizeof(Info);
	return RESP_OK_MAP_INFO;
}

uint32_t FakeBlobUnmap(FAKE_VIRTIO *Fake, uint32_t Id)
{
	FAKE_BLOB *Blob = *Find(Fake, Id);

	if (!Blob || !Blob->Mapped)
		return RESP_ERR_INVALID_RESOURCE;
	Unmap(Fake, Blob, true);
	return RESP_OK_NODATA;
}

static void Drop(FAKE_VIRTIO *Fake, FAKE_BLOB **Link, bool Asked)
{
	FAKE_BLOB *Old = *Link;

	if (Old->Mapped)
		Unmap(Fake, Old, Asked);
	*Link = Old->Next;
	free(Old->Content);
	free(Old);
	Fake->Counts.Blobs--;
}

void FakeBlobUnref(FAKE_VIRTIO *Fake, uint32_t Id)
{
	FAKE_BLOB **Link = Find(Fake, Id);

	if (!*Link)
		return;
	if ((*Link)->Mapped) /* devices differ in what they do then */
		Fake->Counts.Errors++;
	Drop(Fake, Link, true);
}

void FakeBlobForget(FAKE_VIRTIO *Fake, bool Asked)
{
	while (Fake->Blobs)
		Drop(Fake, &Fake->Blobs, Asked);
}

static FAKE_BLOB *Nth(const FAKE_VIRTIO *Fake, uint32_t Id)
{
	FAKE_BLOB *Blob = Fake->Blobs;

	while (Blob && Blob->Id != Id)
		Blob = Blob->Next;
	return Blob;
}

bool FakeVirtioBlob(SIM_BUS *Bus, uint32_t Id, uint64_t Offset, void *Data, uint32_t Length, bool Write)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	uint8_t *Bytes;
	FAKE_BLOB *Blob;

	HostLockAcquire(&Fake->Lock);
	Blob = Nth(Fake, Id);
	if (Blob && Offset <= Blob->Size && Length <= Blob->Size - Offset) {
		Bytes = (Blob->Mapped ? Fake->Region + Blob->Offset : Blob->Content) + Offset;
		memcpy(Write ? Bytes : Data, Write ? Data : Bytes, Length);
	} else {
		Blob = NULL;
	}
	HostLockRelease(&Fake->Lock);
	return Blob != NULL;
}
