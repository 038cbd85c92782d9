/* SPDX-License-Identifier: MIT */
/*
 * mmio_decode.c - which memory access an x86-64 instruction makes; see mmio_decode.h.
 */
#include "mmio_decode.h"

#define REX_W 8u
#define REX_R 4u

#define FLAG_CARRY 0x001u
#define FLAG_PARITY 0x004u
#define FLAG_ADJUST 0x010u
#define FLAG_ZERO 0x040u
#define FLAG_SIGN 0x080u
#define FLAG_OVERFLOW 0x800u
#define FLAGS_ARITHMETIC (FLAG_CARRY | FLAG_PARITY | FLAG_ADJUST | FLAG_ZERO | FLAG_SIGN | FLAG_OVERFLOW)

typedef struct READER {
	const uint8_t *Code;
	size_t Available;
	size_t Next;
	bool Short; /* ran out of bytes */
} READER;

static uint8_t Take(READER *Reader)
{
	if (Reader->Next >= Reader->Available || Reader->Next >= MMIO_MAX_INSTRUCTION) {
		Reader->Short = true;
		return 0;
	}
	return Reader->Code[Reader->Next++];
}

static uint64_t TakeSigned(READER *Reader, unsigned Bytes)
{
	uint64_t Value = 0;
	unsigned i;

	for (i = 0; i < Bytes; i++)
		Value |= (uint64_t)Take(Reader) << (8 * i);
	return (uint64_t)((int64_t)(Value << (64 - 8 * Bytes)) >> (64 - 8 * Bytes));
}

typedef struct OPCODE {
	uint16_t Code; /* second byte of 0f xx as 0x0fxx */
	uint8_t Operation;
	uint8_t Width; /* bytes of memory; 0: the operand size */
	uint8_t Immediate; /* bytes; 0xff: the operand size, at most 4; 0: none */
	int8_t Extension; /* what the reg field must be; -1: a register */
	bool SignExtend;
	bool MemoryFirst;
} OPCODE;

#define IMMEDIATE_FULL 0xffu

static const OPCODE Opcodes[] = {
	{0x88, MmioStore, 1, 0, -1, false, false},
	{0x89, MmioStore, 0, 0, -1, false, false},
	{0xc6, MmioStore, 1, 1, 0, false, false},
	{0xc7, MmioStore, 0, IMMEDIATE_FULL, 0, false, false},
	{0x8a, MmioLoad, 1, 0, -1, false, false},
	{0x8b, MmioLoad, 0, 0, -1, false, false},
	{0x63, MmioLoad, 4, 0, -1, true, false},
	{0x0fb6, MmioLoad, 1, 0, -1, false, false},
	{0x0fb7, MmioLoad, 2, 0, -1, false, false},
	{0x0fbe, MmioLoad, 1, 0, -1, true, false},
	{0x0fbf, MmioLoad, 2, 0, -1, true, false},
	{0x84, MmioTest, 1, 0, -1, false, true},
	{0x85, MmioTest, 0, 0, -1, false, true},
	{0xf6, MmioTest, 1, 1, 0, false, true},
	{0xf7, MmioTest, 0, IMMEDIATE_FULL, 0, false, true},
	{0x38, MmioCompare, 1, 0, -1, false, true},
	{0x39, MmioCompare, 0, 0, -1, false, true},
	{0x3a, MmioCompare, 1, 0, -1, false, false},
	{0x3b, MmioCompare, 0, 0, -1, false, false},
	{0x80, MmioCompare, 1, 1, 7, false, true},
	{0x81, MmioCompare, 0, IMMEDIATE_FULL, 7, false, true},
	{0x83, MmioCompare, 0, 1, 7, false, true},
	{0x22, MmioAnd, 1, 0, -1, false, false},
	{0x23, MmioAnd, 0, 0, -1, false, false},
	{0x0a, MmioOr, 1, 0, -1, false, false},
	{0x0b, MmioOr, 0, 0, -1, false, false},
	{0x32, MmioXor, 1, 0, -1, false, false},
	{0x33, MmioXor, 0, 0, -1, false, false},
	{0x02, MmioAdd, 1, 0, -1, false, false},
	{0x03, MmioAdd, 0, 0, -1, false, false},
	{0x2a, MmioSubtract, 1, 0, -1, false, false},
	{0x2b, MmioSubtract, 0, 0, -1, false, false},
};

static const OPCODE *FindOpcode(uint16_t Code)
{
	size_t i;

	for (i = 0; i < sizeof(Opcodes) / sizeof(Opcodes[0]); i++)
		if (Opcodes[i].Code == Code)
			return &Opcodes[i];
	return NULL;
}

/* The ModRM byte, with what follows it skipped. False when the operand is no memory. */
static bool TakeModRm(READER *Reader, uint8_t *Field)
{
	uint8_t ModRm = Take(Reader), Mode = ModRm >> 6, Base = ModRm & 7;

	*Field = (ModRm >> 3) & 7;
	if (Mode == 3)
		return false;
	if (Base == 4)
		Base = Take(Reader) & 7; /* SIB; a base of 5 means the same there as in ModRM */
	if (Mode == 1)
		TakeSigned(Reader, 1);
	else if (Mode == 2 || (Mode == 0 && Base == 5))
		TakeSigned(Reader, 4);
	return true;
}

bool MmioDecode(const uint8_t *Code, size_t Available, MMIO_ACCESS *Access)
{
	READER Reader = {Code, Available, 0, false};
	bool OperandSize16 = false;
	uint8_t Rex = 0, Field, Size;
	const OPCODE *Opcode;
	uint16_t Byte;

	*Access = (MMIO_ACCESS){0};
	for (Byte = Take(&Reader); Byte == 0x66; Byte = Take(&Reader))
		OperandSize16 = true;
	if ((Byte & 0xf0) == 0x40) {
		Rex = (uint8_t)Byte;
		Byte = Take(&Reader);
	}
	if (Byte == 0x0f)
		Byte = (uint16_t)(0x0f00 | Take(&Reader));
	Opcode = FindOpcode(Byte);
	if (!Opcode || !TakeModRm(&Reader, &Field) || (Opcode->Extension >= 0 && Opcode->Extension != Field))
		return false;

	Size = Rex & REX_W ? 8 : OperandSize16 ? 2 : 4;
	Access->Operation = (MMIO_OPERATION)Opcode->Operation;
	Access->Width = Opcode->Width ? Opcode->Width : Size;
	Access->RegisterWidth = Byte > 0xff || Byte == 0x63 ? Size : Access->Width;
	Access->SignExtend = Opcode->SignExtend;
	Access->MemoryFirst = Opcode->MemoryFirst;
	Access->HasImmediate = Opcode->Immediate != 0;
	if (Access->HasImmediate) {
		Access->Immediate = TakeSigned(&Reader, Opcode->Immediate != IMMEDIATE_FULL ? Opcode->Immediate
							: Size == 8			    ? 4
											    : Size);
	} else {
		Access->Register = Field | (Rex & REX_R ? 8 : 0);
		Access->HighByte = Access->RegisterWidth == 1 && !Rex && Field >= 4;
		if (Access->HighByte)
			Access->Register = Field - 4;
	}
	Access->Length = (uint8_t)Reader.Next;
	return !Reader.Short;
}

/* ---- carrying it out ---- */
static uint64_t Mask(unsigned Width)
{
	return Width == 8 ? UINT64_MAX : (1ull << (8 * Width)) - 1;
}

static uint64_t ReadOther(const MMIO_ACCESS *Access, const uint64_t *Registers)
{
	uint64_t Value = Access->HasImmediate ? Access->Immediate : Registers[Access->Register];

	if (Access->HighByte)
		Value >>= 8;
	return Value & Mask(Access->RegisterWidth);
}

/* Writing 32 bits clears the upper half, 8 or 16 bits leave the rest. */
static void WriteRegister(const MMIO_ACCESS *Access, uint64_t Value, uint64_t *Registers)
{
	uint64_t *Register = &Registers[Access->Register];
	unsigned Shift = Access->HighByte ? 8 : 0;
	uint64_t Bits = Mask(Access->RegisterWidth) << Shift;

	if (Access->RegisterWidth >= 4)
		*Register = Value & Bits;
	else
		*Register = (*Register & ~Bits) | ((Value << Shift) & Bits);
}

static void SetFlags(uint32_t *Flags, uint64_t Result, unsigned Width, bool Carry, bool Overflow, bool Adjust)
{
	uint32_t New = (Carry ? FLAG_CARRY : 0) | (Overflow ? FLAG_OVERFLOW : 0) | (Adjust ? FLAG_ADJUST : 0);

	if (!(Result & Mask(Width)))
		New |= FLAG_ZERO;
	if (Result >> (8 * Width - 1) & 1)
		New |= FLAG_SIGN;
	if (!__builtin_parity((unsigned)(Result & 0xff)))
		New |= FLAG_PARITY;
	*Flags = (*Flags & ~FLAGS_ARITHMETIC) | New;
}

static uint64_t Add(uint64_t Left, uint64_t Right, unsigned Width, uint32_t *Flags)
{
	uint64_t Result = (Left + Right) & Mask(Width);
	uint64_t Overflow = (Left ^ Result) & (Right ^ Result);

	SetFlags(Flags, Result, Width, Result < Left, Overflow >> (8 * Width - 1) & 1,
		((Left ^ Right ^ Result) & 0x10) != 0);
	return Result;
}

static uint64_t Subtract(uint64_t Left, uint64_t Right, unsigned Width, uint32_t *Flags)
{
	uint64_t Result = (Left - Right) & Mask(Width);
	uint64_t Overflow = (Left ^ Right) & (Left ^ Result);

	SetFlags(Flags, Result, Width, Left < Right, Overflow >> (8 * Width - 1) & 1,
		((Left ^ Right ^ Result) & 0x10) != 0);
	return Result;
}

uint64_t MmioStoreValue(const MMIO_ACCESS *Access, const uint64_t *Registers)
{
	return ReadOther(Access, Registers) & Mask(Access->Width);
}

static uint64_t Extend(const MMIO_ACCESS *Access, uint64_t Memory)
{
	unsigned Shift = 64 - 8 * Access->Width;

	return Access->SignExtend ? (uint64_t)((int64_t)(Memory << Shift) >> Shift) : Memory;
}

void MmioFinishLoad(const MMIO_ACCESS *Access, uint64_t Memory, uint64_t *Registers, uint32_t *Flags)
{
	uint64_t Other = ReadOther(Access, Registers), Result;

	Memory &= Mask(Access->Width);
	switch (Access->Operation) {
	case MmioStore:
		return;
	case MmioLoad:
		WriteRegister(Access, Extend(Access, Memory), Registers);
		return;
	case MmioCompare:
		Subtract(Access->MemoryFirst ? Memory : Other, Access->MemoryFirst ? Other : Memory, Access->Width,
			Flags);
		return;
	case MmioAdd:
		WriteRegister(Access, Add(Other, Memory, Access->Width, Flags), Registers);
		return;
	case MmioSubtract:
		WriteRegister(Access, Subtract(Other, Memory, Access->Width, Flags), Registers);
		return;
	case MmioTest:
	case MmioAnd:
		Result = Other & Memory;
		break;
	case MmioOr:
		Result = Other | Memory;
		break;
	case MmioXor:
		Result = Other ^ Memory;
		break;
	default:
		return;
	}
	SetFlags(Flags, Result, Access->Width, false, false, false);
	if (Access->Operation != MmioTest)
		WriteRegister(Access, Result, Registers);
}
