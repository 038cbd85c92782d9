/* SPDX-License-Identifier: MIT */
/*
 * ntdef.h - Windows' basic types and list functions for the simulator, and for driver sources built for Linux.
 *
 * Sizes are those of x64 Windows on every host: ULONG has 32 bits and WCHAR 16 (build with -fshort-wchar). On Windows
 * targets ULONG is spelled as there, so that the types agree with what mingw-w64's headers call by these names.
 */
#ifndef SIM_NTDEF_H
#define SIM_NTDEF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sal.h>

#ifdef _WIN32
typedef long LONG;
typedef unsigned long ULONG;
typedef long long LONG64, LONGLONG;
typedef unsigned long long ULONG64, ULONGLONG, DWORD64;
typedef long long LONG_PTR;
typedef unsigned long long ULONG_PTR, SIZE_T, KAFFINITY;
#else
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef int64_t LONG64, LONGLONG;
typedef uint64_t ULONG64, ULONGLONG, DWORD64;
typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR, KAFFINITY;
typedef size_t SIZE_T;
#define __declspec(Attribute)
#define __cdecl
#define __stdcall
#define __int64 long long
#endif

typedef void VOID, *PVOID, *HANDLE;
typedef const void *PCVOID;
typedef char CHAR, *PCHAR, *PSTR;
typedef const char *PCSTR;
typedef unsigned char UCHAR, *PUCHAR, BOOLEAN, *PBOOLEAN;
typedef short SHORT, CSHORT;
typedef unsigned short USHORT, *PUSHORT;
typedef int32_t INT;
typedef uint32_t UINT;
typedef ULONG *PULONG;
typedef LONG *PLONG;
typedef ULONG64 *PULONG64;
typedef LONG64 *PLONG64;
typedef ULONG_PTR *PULONG_PTR;
typedef SIZE_T *PSIZE_T;
typedef HANDLE *PHANDLE;
#ifdef _WIN32
typedef wchar_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif
typedef WCHAR *PWCHAR, *PWSTR;
typedef const WCHAR *PCWSTR, *PCWCH;
typedef LONG NTSTATUS;
typedef ULONG ACCESS_MASK;
typedef UCHAR KIRQL, *PKIRQL;
typedef char KPROCESSOR_MODE;
typedef ULONG_PTR PFN_NUMBER, *PPFN_NUMBER;
typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;
typedef UCHAR CM_SHARE_DISPOSITION;

typedef union _LARGE_INTEGER {
	struct {
		ULONG LowPart;
		LONG HighPart;
	};
	struct {
		ULONG LowPart;
		LONG HighPart;
	} u;
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER, PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef union _ULARGE_INTEGER {
	struct {
		ULONG LowPart;
		ULONG HighPart;
	};
	ULONGLONG QuadPart;
} ULARGE_INTEGER;

typedef struct _LUID {
	ULONG LowPart;
	LONG HighPart;
} LUID, *PLUID;

typedef struct _UNICODE_STRING {
	USHORT Length; /* bytes */
	USHORT MaximumLength; /* bytes */
	PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _GUID {
	uint32_t Data1;
	uint16_t Data2;
	uint16_t Data3;
	uint8_t Data4[8];
} GUID, *LPGUID;
typedef const GUID *LPCGUID;

typedef struct _LIST_ENTRY {
	struct _LIST_ENTRY *Flink;
	struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

#define NTAPI
#define NTSYSAPI
#define NTKERNELAPI
#define NTHALAPI
#define WINAPI
#define CONST const
#define EXTERN_C extern
#define FORCEINLINE static inline __attribute__((always_inline))
#define CFORCEINLINE FORCEINLINE
#define DECLSPEC_NOINLINE __attribute__((noinline))
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define DECLSPEC_ALIGN(Bytes) __attribute__((aligned(Bytes)))
#ifndef UNALIGNED
#ifndef UNALIGNED
#define UNALIGNED
#endif
#endif
#define TRUE 1
#define FALSE 0
#define MAXUSHORT 0xffffu
#define MAXULONG 0xffffffffu
#define MAXULONG64 UINT64_MAX
#define MAXLONG 0x7fffffff
#define MAXLONGLONG INT64_MAX
#define ANYSIZE_ARRAY 1

#define NT_SUCCESS(Status) (((NTSTATUS)(Status)) >= 0)
#define NT_INFORMATION(Status) ((((ULONG)(Status)) >> 30) == 1)
#define NT_WARNING(Status) ((((ULONG)(Status)) >> 30) == 2)
#define NT_ERROR(Status) ((((ULONG)(Status)) >> 30) == 3)

#define UNREFERENCED_PARAMETER(Parameter) ((void)(Parameter))
#define C_ASSERT(Expression) _Static_assert(Expression, #Expression)
#define NT_ASSERT(Expression) ((void)0)
#define FIELD_OFFSET(Type, Field) ((LONG)offsetof(Type, Field))
#define RTL_FIELD_SIZE(Type, Field) (sizeof(((Type *)0)->Field))
#define RTL_SIZEOF_THROUGH_FIELD(Type, Field) (offsetof(Type, Field) + RTL_FIELD_SIZE(Type, Field))
#define CONTAINING_RECORD(Address, Type, Field) ((Type *)((char *)(Address)-offsetof(Type, Field)))
#define ARRAYSIZE(Array) (sizeof(Array) / sizeof((Array)[0]))
#define RTL_NUMBER_OF(Array) ARRAYSIZE(Array)
#define RTL_CONSTANT_STRING(Text) \
	{ \
		sizeof(Text) - sizeof((Text)[0]), sizeof(Text), (PWSTR)(Text) \
	}
#define LODWORD(Value) ((ULONG)(Value))
#ifndef min
#define min(A, B) ((A) < (B) ? (A) : (B))
#define max(A, B) ((A) > (B) ? (A) : (B))
#endif

FORCEINLINE VOID InitializeListHead(PLIST_ENTRY Head)
{
	Head->Flink = Head->Blink = Head;
}

FORCEINLINE BOOLEAN IsListEmpty(const LIST_ENTRY *Head)
{
	return Head->Flink == Head;
}

/* TRUE when the list is empty afterwards. */
FORCEINLINE BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)
{
	PLIST_ENTRY Next = Entry->Flink;
	PLIST_ENTRY Previous = Entry->Blink;

	Previous->Flink = Next;
	Next->Blink = Previous;
	return Next == Previous;
}

FORCEINLINE VOID InsertTailList(PLIST_ENTRY Head, PLIST_ENTRY Entry)
{
	Entry->Flink = Head;
	Entry->Blink = Head->Blink;
	Head->Blink->Flink = Entry;
	Head->Blink = Entry;
}

FORCEINLINE VOID InsertHeadList(PLIST_ENTRY Head, PLIST_ENTRY Entry)
{
	Entry->Blink = Head;
	Entry->Flink = Head->Flink;
	Head->Flink->Blink = Entry;
	Head->Flink = Entry;
}

FORCEINLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY Head)
{
	PLIST_ENTRY Entry = Head->Flink;

	(void)RemoveEntryList(Entry);
	return Entry;
}

FORCEINLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY Head)
{
	PLIST_ENTRY Entry = Head->Blink;

	(void)RemoveEntryList(Entry);
	return Entry;
}

#define RtlZeroMemory(Target, Length) ((void)memset((Target), 0, (Length)))
#define RtlFillMemory(Target, Length, Byte) ((void)memset((Target), (Byte), (Length)))
#define RtlCopyMemory(Target, Source, Length) ((void)memcpy((Target), (Source), (Length)))
#define RtlMoveMemory(Target, Source, Length) ((void)memmove((Target), (Source), (Length)))
#define RtlEqualMemory(A, B, Length) (memcmp((A), (B), (Length)) == 0)

#endif /* SIM_NTDEF_H */
