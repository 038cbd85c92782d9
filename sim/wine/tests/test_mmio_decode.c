/* SPDX-License-Identifier: MIT */
/*
 * test_mmio_decode.c - each instruction that is decoded is also run by the processor, and both must agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../mmio_decode.h"

#define FLAGS_CHECKED 0x8c5u /* carry, parity, zero, sign, overflow */
#define RAX 0
#define RBX 3
#define RSI 6
#define R9 9

/* The memory operand is at rsi, or at rsi + 0x10, + 0x100, + rdi; rdi is 8. Others use rax, rbx, r9. */
#define INSTRUCTIONS(X) \
	X(Store8, "movb %al, (%rsi)", 1) \
	X(StoreHigh8, "movb %bh, 0x10(%rsi)", 1) \
	X(StoreRex8, "movb %sil, 0x10(%rsi)", 1) \
	X(Store16, "movw %ax, 0x100(%rsi)", 2) \
	X(Store32, "movl %eax, (%rsi,%rdi)", 4) \
	X(Store64, "movq %r9, 0x10(%rsi,%rdi)", 8) \
	X(StoreImmediate8, "movb $0x81, (%rsi)", 1) \
	X(StoreImmediate16, "movw $0x8123, (%rsi)", 2) \
	X(StoreImmediate32, "movl $0x81234567, (%rsi)", 4) \
	X(StoreImmediate64, "movq $-2, 0x100(%rsi)", 8) \
	X(Load8, "movb (%rsi), %al", 1) \
	X(LoadHigh8, "movb (%rsi), %bh", 1) \
	X(Load16, "movw (%rsi), %r9w", 2) \
	X(Load32, "movl (%rsi), %eax", 4) \
	X(Load64, "movq 0x10(%rsi), %r9", 8) \
	X(LoadZero8, "movzbl (%rsi), %eax", 1) \
	X(LoadZero8To16, "movzbw (%rsi), %ax", 1) \
	X(LoadZero16, "movzwl (%rsi,%rdi), %r9d", 2) \
	X(LoadSign8, "movsbl (%rsi), %eax", 1) \
	X(LoadSign8To64, "movsbq (%rsi), %r9", 1) \
	X(LoadSign16, "movswl (%rsi), %eax", 2) \
	X(LoadSign32, "movslq (%rsi), %rax", 4) \
	X(Test8, "testb $0x80, (%rsi)", 1) \
	X(Test32, "testl $0x10, (%rsi)", 4) \
	X(TestRegister, "testl %eax, (%rsi)", 4) \
	X(CompareImmediate8, "cmpb $0x7f, (%rsi)", 1) \
	X(CompareImmediate16, "cmpw $0x1234, (%rsi)", 2) \
	X(CompareImmediate32, "cmpl $-1, (%rsi)", 4) \
	X(CompareImmediate64, "cmpq $0x12345678, (%rsi)", 8) \
	X(CompareMemoryFirst, "cmpl %eax, (%rsi)", 4) \
	X(CompareRegisterFirst, "cmpq (%rsi), %r9", 8) \
	X(And32, "andl (%rsi), %eax", 4) \
	X(Or8, "orb (%rsi), %al", 1) \
	X(Or64, "orq (%rsi), %r9", 8) \
	X(Xor16, "xorw (%rsi), %ax", 2) \
	X(Add32, "addl (%rsi), %eax", 4) \
	X(Add8, "addb (%rsi), %bh", 1) \
	X(Subtract64, "subq (%rsi), %r9", 8)

#define REFUSED(X) \
	X(Exchange, "xchgl %eax, (%rsi)", 0) \
	X(OrMemory, "orl %eax, (%rsi)", 0) \
	X(OrMemoryImmediate, "orl $1, (%rsi)", 0) \
	X(AddMemoryImmediate, "addl $1, (%rsi)", 0) \
	X(LockedAdd, "lock addl $1, (%rsi)", 0) \
	X(CompareExchange, "cmpxchgl %ebx, (%rsi)", 0) \
	X(Increment, "incl (%rsi)", 0) \
	X(StringStore, "stosl", 0) \
	X(RepeatedMove, "rep movsb", 0) \
	X(Vector, "movdqu (%rsi), %xmm0", 0) \
	X(VectorStore, "movups %xmm0, (%rsi)", 0) \
	X(Segment, "movl %gs:(%rsi), %eax", 0) \
	X(RegisterOnly, "movl %eax, %ebx", 0) \
	X(Push, "pushq (%rsi)", 0)

#define ASSEMBLE(Name, Text, Width) \
	__asm__(".pushsection .text\n.globl code" #Name "\ncode" #Name ":\n" Text "\n.globl end" #Name "\nend" #Name \
		":\nret\n.popsection"); \
	extern const uint8_t code##Name[], end##Name[];
INSTRUCTIONS(ASSEMBLE)
REFUSED(ASSEMBLE)

typedef struct INSTRUCTION {
	const char *Name;
	const uint8_t *Code, *End;
	unsigned Width;
} INSTRUCTION;

#define ENTRY(Name, Text, Width) {Text, code##Name, end##Name, Width},
static const INSTRUCTION Instructions[] = {INSTRUCTIONS(ENTRY)};
static const INSTRUCTION RefusedInstructions[] = {REFUSED(ENTRY)};
#define COUNT(Array) (sizeof(Array) / sizeof((Array)[0]))

typedef struct MACHINE {
	uint64_t Registers[16];
	uint64_t Flags;
} MACHINE;

static void RunNatively(const INSTRUCTION *Instruction, MACHINE *Machine)
{
	register uint64_t Rax __asm__("rax") = Machine->Registers[RAX];
	register uint64_t Rbx __asm__("rbx") = Machine->Registers[RBX];
	register uint64_t R9Value __asm__("r9") = Machine->Registers[R9];
	register uint64_t Flags __asm__("r10") = Machine->Flags;
	register uint64_t Rdi __asm__("rdi") = 8;
	register const uint8_t *Code __asm__("r11") = Instruction->Code;

	__asm__ volatile("lea -0x80(%%rsp), %%rsp\n\tpush %%r10\n\tpopfq\n\tcall *%%r11\n\tpushfq\n\tpop %%r10\n\t"
			 "lea 0x80(%%rsp), %%rsp"
			 : "+r"(Rax), "+r"(Rbx), "+r"(R9Value), "+r"(Flags)
			 : "S"(Machine->Registers[RSI]), "r"(Rdi), "r"(Code)
			 : "memory", "cc");
	Machine->Registers[RAX] = Rax;
	Machine->Registers[RBX] = Rbx;
	Machine->Registers[R9] = R9Value;
	Machine->Flags = Flags;
}

static uint8_t Memory[0x200];

static unsigned OffsetOf(const INSTRUCTION *Instruction)
{
	unsigned Offset = 0;

	if (strstr(Instruction->Name, "0x100("))
		Offset = 0x100;
	else if (strstr(Instruction->Name, "0x10("))
		Offset = 0x10;
	return Offset + (strstr(Instruction->Name, "%rdi") ? 8 : 0);
}

static void Compare(const INSTRUCTION *Instruction, const MACHINE *Start, uint64_t Value)
{
	uint8_t *Operand = Memory + OffsetOf(Instruction);
	MACHINE Native = *Start, Emulated = *Start;
	uint64_t Result = Value, Stored = 0;
	uint32_t Flags = (uint32_t)Start->Flags;
	MMIO_ACCESS Access;

	memcpy(Operand, &Value, sizeof(Value));
	RunNatively(Instruction, &Native);

	assert_true(MmioDecode(Instruction->Code, MMIO_MAX_INSTRUCTION, &Access));
	assert_int_equal(Access.Length, Instruction->End - Instruction->Code);
	assert_int_equal(Access.Width, Instruction->Width);
	if (Access.Operation == MmioStore) {
		Stored = MmioStoreValue(&Access, Emulated.Registers);
		memcpy(&Result, &Stored, Access.Width);
	} else {
		MmioFinishLoad(&Access, Value, Emulated.Registers, &Flags);
	}
	assert_memory_equal(Operand, &Result, sizeof(Result));
	assert_memory_equal(Native.Registers, Emulated.Registers, sizeof(Native.Registers));
	assert_int_equal(Native.Flags & FLAGS_CHECKED, Flags & FLAGS_CHECKED);
}

static const uint64_t Values[] = {0, 1, 0x7f, 0x80, 0xff, 0x1234, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
	0xffffffff, 0x0123456789abcdef, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};

static void AgreesWithTheProcessor(void **State)
{
	size_t i, j, k;

	(void)State;
	for (i = 0; i < COUNT(Instructions); i++)
		for (j = 0; j < COUNT(Values); j++)
			for (k = 0; k < COUNT(Values); k++) {
				MACHINE Machine = {{0}, 0x202};

				Machine.Registers[RAX] = Machine.Registers[R9] = Values[k];
				Machine.Registers[RBX] = ~Values[k];
				Machine.Registers[RSI] = (uint64_t)(uintptr_t)Memory;
				Compare(&Instructions[i], &Machine, Values[j]);
			}
}

static void RefusesWhatIsNoSingleAccess(void **State)
{
	MMIO_ACCESS Access;
	size_t i;

	(void)State;
	for (i = 0; i < COUNT(RefusedInstructions); i++)
		if (MmioDecode(RefusedInstructions[i].Code, MMIO_MAX_INSTRUCTION, &Access))
			fail_msg("decoded: %s", RefusedInstructions[i].Name);
}

static void RefusesWhatIsCutShort(void **State)
{
	MMIO_ACCESS Access;
	size_t i, Bytes;

	(void)State;
	for (i = 0; i < COUNT(Instructions); i++)
		for (Bytes = 0; Bytes < (size_t)(Instructions[i].End - Instructions[i].Code); Bytes++)
			assert_false(MmioDecode(Instructions[i].Code, Bytes, &Access));
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(AgreesWithTheProcessor),
		cmocka_unit_test(RefusesWhatIsNoSingleAccess),
		cmocka_unit_test(RefusesWhatIsCutShort),
	};

	return cmocka_run_group_tests(Tests, NULL, NULL);
}
