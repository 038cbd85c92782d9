/* SPDX-License-Identifier: MIT */
/*
 * mmio_decode.h - which memory access an x86-64 instruction makes, for emulating loads and stores of device registers.
 *
 * Decoded are the instructions that compilers make of one volatile load or store: mov, movzx, movsx, movsxd, and the
 * forms of test, cmp, and, or, xor, add and sub that only read memory. An instruction that reads and writes memory, a
 * locked one, a string or a vector instruction is refused: no driver may access a register so. (Intel SDM volume 2.)
 */
#ifndef MMIO_DECODE_H
#define MMIO_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MMIO_MAX_INSTRUCTION 15u

typedef enum MMIO_OPERATION {
	MmioStore, /* memory = register or immediate */
	MmioLoad, /* register = memory, extended */
	MmioTest,
	MmioCompare, /* memory - other, or other - memory: see MemoryFirst */
	MmioAnd,
	MmioOr,
	MmioXor,
	MmioAdd,
	MmioSubtract,
} MMIO_OPERATION;

typedef struct MMIO_ACCESS {
	MMIO_OPERATION Operation;
	uint8_t Length; /* bytes of the instruction */
	uint8_t Width; /* bytes of memory: 1, 2, 4, 8 */
	uint8_t RegisterWidth; /* bytes of the register operand; differs from Width for movzx, movsx, movsxd */
	uint8_t Register; /* 0 to 15 in the order rax rcx rdx rbx rsp rbp rsi rdi r8... */
	bool HighByte; /* Register is ah, ch, dh or bh, given as 0 to 3 */
	bool SignExtend;
	bool HasImmediate; /* instead of a register */
	bool MemoryFirst; /* MmioCompare: the flags are those of memory - other */
	uint64_t Immediate; /* sign-extended */
} MMIO_ACCESS;

/* Code: Available readable bytes, at most MMIO_MAX_INSTRUCTION count. False when the instruction is refused. */
bool MmioDecode(const uint8_t *Code, size_t Available, MMIO_ACCESS *Access);

/* What a store writes, from the 16 general registers. */
uint64_t MmioStoreValue(const MMIO_ACCESS *Access, const uint64_t *Registers);
/* Carries out any other operation on the registers and the flags, with what was read from memory. */
void MmioFinishLoad(const MMIO_ACCESS *Access, uint64_t Memory, uint64_t *Registers, uint32_t *Flags);

#endif /* MMIO_DECODE_H */
