/* SPDX-License-Identifier: MIT */
/* fake_gpu.c - the GPU of the model: virtio 1.x section 5.7.6, without any drawing. */
#include "fake_internal.h"

#include <stdlib.h>
#include <string.h>

#define CMD_GET_DISPLAY_INFO 0x0100u
#define CMD_RESOURCE_CREATE_2D 0x0101u
#define CMD_RESOURCE_UNREF 0x0102u
#define CMD_ATTACH_BACKING 0x0106u
#define CMD_DETACH_BACKING 0x0107u
#define CMD_GET_CAPSET_INFO 0x0108u
#define CMD_GET_CAPSET 0x0109u
#define CMD_RESOURCE_CREATE_BLOB 0x010cu
#define CMD_CTX_CREATE 0x0200u
#define CMD_CTX_DESTROY 0x0201u
#define CMD_CTX_ATTACH 0x0202u
#define CMD_CTX_DETACH 0x0203u
#define CMD_RESOURCE_CREATE_3D 0x0204u
#define CMD_TRANSFER_TO_HOST 0x0205u
#define CMD_TRANSFER_FROM_HOST 0x0206u
#define CMD_SUBMIT_3D 0x0207u
#define CMD_MAP_BLOB 0x0208u
#define CMD_UNMAP_BLOB 0x0209u
#define RESP_OK_NODATA 0x1100u
#define RESP_OK_DISPLAY_INFO 0x1101u
#define RESP_OK_CAPSET_INFO 0x1102u
#define RESP_OK_CAPSET 0x1103u
#define RESP_OK_MAP_INFO 0x1106u
#define RESP_ERR_UNSPEC 0x1200u
#define RESP_ERR_INVALID_RESOURCE 0x1203u
#define RESP_ERR_INVALID_CONTEXT 0x1204u
#define RESP_ERR_INVALID_PARAMETER 0x1205u
#define FLAG_FENCE 1u
#define FLAG_RING 2u
#define HEADER_SIZE 24u
#define DISPLAY_INFO_SIZE (HEADER_SIZE + 16 * 24)
#define RESOURCE_EXISTS 1u
#define RESOURCE_BACKED 2u
#define CAPSET_VIRGL 1u
#define CAPSET_VENUS 4u
#define RINGS 64u

typedef struct HEADER {
	uint32_t Type;
	uint32_t Flags;
	uint64_t Fence;
	uint32_t Context;
	uint32_t Ring;
} HEADER;
_Static_assert(sizeof(HEADER) == HEADER_SIZE, "wire format");

static uint32_t Word(const uint8_t *Command, uint32_t Length, uint32_t Offset)
{
	uint32_t Value = 0;

	if (Offset + sizeof(Value) <= Length)
		memcpy(&Value, Command + Offset, sizeof(Value));
	return Value;
}

/* context_init names a capset, without the feature none */
static bool CapsetGood(const FAKE_VIRTIO *Fake, uint32_t Init)
{
	if (!(Fake->DriverFeatures & 1ull << FAKE_FEATURE_CONTEXT_INIT))
		return Init == 0;
	return Init == 0 || Init == CAPSET_VIRGL || Init == CAPSET_VENUS;
}

static uint32_t ContextCommand(FAKE_VIRTIO *Fake, const HEADER *Header)
{
	uint32_t Id = Header->Context;
	bool Alive = Id < FAKE_MAX_IDS && Fake->Contexts[Id];

	if (Id == 0 || Id >= FAKE_MAX_IDS || Alive == (Header->Type == CMD_CTX_CREATE))
		return RESP_ERR_INVALID_CONTEXT;
	if (Header->Type == CMD_CTX_CREATE) {
		Fake->ContextsEnd = Fake->ContextsEnd > Id ? Fake->ContextsEnd : Id + 1;
		Fake->Contexts[Id] = 1;
		Fake->Counts.Contexts++;
	} else if (Header->Type == CMD_CTX_DESTROY) {
		Fake->Contexts[Id] = 0;
		Fake->Counts.Contexts--;
	}
	return RESP_OK_NODATA;
}

static void ForgetBacking(FAKE_VIRTIO *Fake, uint32_t Id)
{
	free(Fake->Backings[Id].Entry);
	Fake->Backings[Id].Entry = NULL;
	Fake->Backings[Id].Entries = 0;
}

void FakeGpuForget(FAKE_VIRTIO *Fake)
{
	for (uint32_t Id = 0; Id < Fake->BackingsEnd; Id++) {
		if (Fake->Backings[Id].Entry)
			ForgetBacking(Fake, Id);
	}
	memset(Fake->Contexts, 0, Fake->ContextsEnd * sizeof(Fake->Contexts[0]));
	memset(Fake->Resources, 0, Fake->ResourcesEnd * sizeof(Fake->Resources[0]));
	Fake->BackingsEnd = Fake->ContextsEnd = Fake->ResourcesEnd = 0;
	Fake->Counts.Contexts = Fake->Counts.Resources = Fake->Counts.Backings = 0;
}

bool FakeAttachEntries(FAKE_VIRTIO *Fake, uint32_t Id, const uint8_t *Entry, uint32_t Length, uint32_t Entries)
{
	FAKE_BACKING *Backing = &Fake->Backings[Id];

	if ((Fake->Resources[Id] & RESOURCE_BACKED) || Length < Entries * 16ull)
		return false;
	Backing->Entry = calloc(Entries + 1ul, sizeof(*Backing->Entry));
	if (!Backing->Entry)
		HostAbort();
	for (uint32_t i = 0; i < Entries; i++) {
		memcpy(&Backing->Entry[i].Address, Entry + 16 * i, sizeof(uint64_t));
		Backing->Entry[i].Length = Word(Entry, Length, 8 + 16 * i);
		if (!FakeRam(Fake, Backing->Entry[i].Address, Backing->Entry[i].Length)) {
			ForgetBacking(Fake, Id);
			return false;
		}
	}
	Backing->Entries = Entries;
	Fake->BackingsEnd = Fake->BackingsEnd > Id ? Fake->BackingsEnd : Id + 1;
	memset(Backing->Content, 0, sizeof(Backing->Content));
	Fake->Resources[Id] |= RESOURCE_BACKED;
	Fake->Counts.Backings++;
	return true;
}

static uint32_t AttachBacking(FAKE_VIRTIO *Fake, uint32_t Id, const uint8_t *Command, uint32_t Length)
{
	if (Length < HEADER_SIZE + 8 || !FakeAttachEntries(Fake, Id, Command + HEADER_SIZE + 8,
						Length - HEADER_SIZE - 8, Word(Command, Length, HEADER_SIZE + 4)))
		return RESP_ERR_UNSPEC;
	return RESP_OK_NODATA;
}

/* The first bytes of the backing, which may be scattered, to the resource or from it. */
static void CopyContent(FAKE_VIRTIO *Fake, uint32_t Id, bool ToHost)
{
	FAKE_BACKING *Backing = &Fake->Backings[Id];
	uint32_t Done = 0;

	for (uint32_t i = 0; i < Backing->Entries && Done < FAKE_CONTENT; i++) {
		uint32_t Left = FAKE_CONTENT - Done;
		uint32_t Part = Backing->Entry[i].Length < Left ? (uint32_t)Backing->Entry[i].Length : Left;
		uint8_t *Memory = FakeRam(Fake, Backing->Entry[i].Address, Part);

		if (ToHost)
			memcpy(Backing->Content + Done, Memory, Part);
		else
			memcpy(Memory, Backing->Content + Done, Part);
		Done += Part;
	}
}

static uint32_t ResourceCommand(FAKE_VIRTIO *Fake, const HEADER *Header, const uint8_t *Command, uint32_t Length)
{
	bool Creates = Header->Type == CMD_RESOURCE_CREATE_2D || Header->Type == CMD_RESOURCE_CREATE_3D;
	bool Transfer = Header->Type == CMD_TRANSFER_TO_HOST || Header->Type == CMD_TRANSFER_FROM_HOST;
	uint32_t Id = Word(Command, Length, Transfer ? HEADER_SIZE + 32 : HEADER_SIZE);
	uint8_t *Resource = &Fake->Resources[Id % FAKE_MAX_IDS];

	if (Id == 0 || Id >= FAKE_MAX_IDS || Creates == (*Resource & RESOURCE_EXISTS))
		return RESP_ERR_INVALID_RESOURCE;
	if (Creates) {
		Fake->ResourcesEnd = Fake->ResourcesEnd > Id ? Fake->ResourcesEnd : Id + 1;
		*Resource = RESOURCE_EXISTS;
		Fake->Counts.Resources++;
	} else if (Header->Type == CMD_ATTACH_BACKING) {
		return AttachBacking(Fake, Id, Command, Length);
	} else if (Transfer) {
		CopyContent(Fake, Id, Header->Type == CMD_TRANSFER_TO_HOST);
	} else if (Header->Type == CMD_DETACH_BACKING || Header->Type == CMD_RESOURCE_UNREF) {
		Fake->Counts.Backings -= *Resource & RESOURCE_BACKED ? 1 : 0;
		*Resource &= (uint8_t)~RESOURCE_BACKED;
		ForgetBacking(Fake, Id);
	}
	if (Header->Type == CMD_RESOURCE_UNREF) {
		FakeBlobUnref(Fake, Id);
		*Resource = 0;
		Fake->Counts.Resources--;
	}
	return RESP_OK_NODATA;
}

static uint32_t CapsetCommand(FAKE_VIRTIO *Fake, const HEADER *Header, const uint8_t *Command, uint32_t Length,
	uint8_t *Body, uint32_t Room, uint32_t *Size)
{
	uint32_t Which = Word(Command, Length, HEADER_SIZE);
	uint32_t Capsets = Fake->Offers & FAKE_OFFER_CONTEXT_INIT ? 2 : 1;
	const uint32_t Info[4] = {Which ? CAPSET_VENUS : CAPSET_VIRGL, 1, FAKE_CAPSET_SIZE, 0};

	if (Header->Type == CMD_GET_CAPSET_INFO) {
		if (Which >= Capsets || Room < sizeof(Info))
			return RESP_ERR_UNSPEC;
		memcpy(Body, Info, sizeof(Info));
		*Size = sizeof(Info);
		return RESP_OK_CAPSET_INFO;
	}
	if ((Which != CAPSET_VIRGL && (Which != CAPSET_VENUS || Capsets == 1)) || Room < FAKE_CAPSET_SIZE)
		return RESP_ERR_UNSPEC;
	for (uint32_t i = 0; i < FAKE_CAPSET_SIZE; i++)
		Body[i] = (uint8_t)i;
	*Size = FAKE_CAPSET_SIZE;
	return RESP_OK_CAPSET;
}

static uint32_t CreateBlob(FAKE_VIRTIO *Fake, const HEADER *Header, const uint8_t *Command, uint32_t Length)
{
	uint32_t Type = FakeBlobCreate(Fake, Command, Length, Header->Context);

	uint32_t Id = Word(Command, Length, HEADER_SIZE);

	if (Type == RESP_OK_NODATA) {
		Fake->ResourcesEnd = Fake->ResourcesEnd > Id ? Fake->ResourcesEnd : Id + 1;
		Fake->Resources[Id] |= RESOURCE_EXISTS;
		Fake->Counts.Resources++;
	}
	return Type;
}

/* A ring is named only by those who agreed on rings. */
static bool RingGood(const FAKE_VIRTIO *Fake, const HEADER *Header)
{
	if (!(Header->Flags & FLAG_RING))
		return Header->Ring == 0;
	return (Fake->DriverFeatures & 1ull << FAKE_FEATURE_CONTEXT_INIT) && Header->Ring < RINGS;
}

static uint32_t Submit(FAKE_VIRTIO *Fake, const HEADER *Header, const uint8_t *Command, uint32_t Length)
{
	const FAKE_TEMPER *Temper = Fake->Temper;
	uint32_t Size = Word(Command, Length, HEADER_SIZE);

	if (Length < HEADER_SIZE + 8 || Size > Length - HEADER_SIZE - 8 || !RingGood(Fake, Header))
		return RESP_ERR_UNSPEC;
	if (Temper && Temper->Stream)
		Temper->Stream(Temper->Context, Command + HEADER_SIZE + 8, Size);
	return ContextCommand(Fake, Header);
}

static uint32_t Execute(FAKE_VIRTIO *Fake, const HEADER *Header, const uint8_t *Command, uint32_t Length, uint8_t *Body,
	uint32_t Room, uint32_t *Size)
{
	switch (Header->Type) {
	case CMD_GET_CAPSET_INFO:
	case CMD_GET_CAPSET:
		return CapsetCommand(Fake, Header, Command, Length, Body, Room, Size);
	case CMD_GET_DISPLAY_INFO:
		*Size = Room < DISPLAY_INFO_SIZE - HEADER_SIZE ? Room : DISPLAY_INFO_SIZE - HEADER_SIZE;
		memset(Body, 0, *Size);
		return RESP_OK_DISPLAY_INFO;
	case CMD_CTX_CREATE:
		if (!CapsetGood(Fake, Word(Command, Length, HEADER_SIZE + 4)))
			return RESP_ERR_INVALID_PARAMETER;
		return ContextCommand(Fake, Header);
	case CMD_CTX_DESTROY:
		return ContextCommand(Fake, Header);
	case CMD_RESOURCE_CREATE_BLOB:
		return CreateBlob(Fake, Header, Command, Length);
	case CMD_MAP_BLOB:
		return FakeBlobMap(Fake, Command, Length, Body, Room, Size);
	case CMD_UNMAP_BLOB:
		return FakeBlobUnmap(Fake, Word(Command, Length, HEADER_SIZE));
	case CMD_SUBMIT_3D:
		return Submit(Fake, Header, Command, Length);
	case CMD_CTX_ATTACH:
	case CMD_CTX_DETACH:
		if (ContextCommand(Fake, Header) != RESP_OK_NODATA)
			return RESP_ERR_INVALID_CONTEXT;
		return ResourceCommand(Fake, Header, Command, Length);
	case CMD_RESOURCE_CREATE_2D:
	case CMD_RESOURCE_CREATE_3D:
	case CMD_RESOURCE_UNREF:
	case CMD_ATTACH_BACKING:
	case CMD_DETACH_BACKING:
	case CMD_TRANSFER_TO_HOST:
	case CMD_TRANSFER_FROM_HOST:
		return ResourceCommand(Fake, Header, Command, Length);
	default:
		return RESP_ERR_UNSPEC;
	}
}

uint32_t FakeGpuCommand(FAKE_VIRTIO *Fake, const uint8_t *Command, uint32_t Length, uint8_t *Answer, uint32_t Room)
{
	HEADER Header, Response = {0};
	uint32_t Size = 0;

	if (Length < HEADER_SIZE || Room < HEADER_SIZE) {
		Fake->Counts.Errors++;
		return 0;
	}
	memcpy(&Header, Command, sizeof(Header));
	Fake->Counts.Commands++;
	Response.Type = Execute(Fake, &Header, Command, Length, Answer + HEADER_SIZE, Room - HEADER_SIZE, &Size);
	if (Response.Type >= RESP_ERR_UNSPEC)
		Fake->Counts.Errors++;
	if (Fake->Fault == FakeFaultErrorAnswer)
		Response.Type = RESP_ERR_UNSPEC;
	if (Fake->Fault == FakeFaultBadType)
		Response.Type = RESP_OK_DISPLAY_INFO + 0x55;
	if (Fake->Fault == FakeFaultBadMapInfo && Response.Type == RESP_OK_MAP_INFO)
		memset(Answer + HEADER_SIZE, 0xff, Size);
	if (Header.Flags & FLAG_FENCE) {
		Response.Flags = Header.Flags & (FLAG_FENCE | FLAG_RING);
		Response.Ring = Header.Ring;
		Response.Fence = Header.Fence;
		Response.Context = Header.Context;
	}
	memcpy(Answer, &Response, sizeof(Response));
	return HEADER_SIZE + Size;
}
