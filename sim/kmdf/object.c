/* SPDX-License-Identifier: MIT */
/*
 * object.c - framework objects: contexts, parents, references, deletion.
 *
 * Deletion: children first, then this object's cleanup callbacks; destroy callbacks when the last reference is gone.
 * The memory of destroyed objects is kept for a while, so that the use of a dead handle is recognised.
 */
#include "kmdf.h"

#include <stdlib.h>

#define MAGIC_ALIVE 0x564f424a414c4956ull
#define MAGIC_DEAD 0x564f424a44454144ull
#define CONTEXT_MAGIC 0x43545854u
#define FRESH_GRAVES 256

typedef struct SIM_CONTEXT {
	struct SIM_CONTEXT *Next;
	PCWDF_OBJECT_CONTEXT_TYPE_INFO Type; /* NULL: callbacks only */
	SIM_OBJECT *Object;
	PFN_WDF_OBJECT_CONTEXT_CLEANUP Cleanup;
	PFN_WDF_OBJECT_CONTEXT_DESTROY Destroyed;
	SIZE_T Size;
	ULONG Magic;
	DECLSPEC_ALIGN(16) UCHAR Data[];
} SIM_CONTEXT;

HOST_LOCK SimObjectLock;
static LIST_ENTRY AllObjects; /* under SimObjectLock */
static SIM_OBJECT *Graves[FRESH_GRAVES];
static ULONG NextGrave;

static const char *const KindNames[] = {"driver", "device", "queue", "request", "file object", "interrupt", "timer",
	"work item", "memory", "registry key", "resource list", "object"};

void SimObjectsStart(void)
{
	HostLockInit(&SimObjectLock);
	InitializeListHead(&AllObjects);
}

static void FreeContexts(SIM_OBJECT *Object)
{
	while (Object->Contexts) {
		SIM_CONTEXT *Context = Object->Contexts;

		Object->Contexts = Context->Next;
		SimLocksForget(Context->Data, Context->Size);
		free(Context);
	}
}

void SimObjectsStop(void)
{
	while (!IsListEmpty(&AllObjects)) {
		SIM_OBJECT *Object = CONTAINING_RECORD(RemoveHeadList(&AllObjects), SIM_OBJECT, All);

		SimViolation(SimRuleWdfLeak, "%s %p is left, with %d references", KindNames[Object->Kind],
			(void *)Object, (int)Object->References);
		if (Object->Kind == SimKindRequest)
			free(((SIM_REQUEST *)Object)->System);
		FreeContexts(Object);
		free(Object);
	}
	for (ULONG i = 0; i < FRESH_GRAVES; i++) {
		free(Graves[i]);
		Graves[i] = NULL;
	}
	HostLockDestroy(&SimObjectLock);
}

void *SimObjectCheck(const void *Handle, SIM_KIND Kind, const char *Function)
{
	SIM_OBJECT *Object = (SIM_OBJECT *)(ULONG_PTR)Handle;

	if (!Object || Object->Magic != MAGIC_ALIVE)
		SimViolation(SimRuleWdfHandle, "%s: %p is %s", Function, Handle,
			Object && Object->Magic == MAGIC_DEAD ? "a deleted object" : "not an object");
	else if (Kind != SimKindAny && Object->Kind != Kind)
		SimViolation(SimRuleWdfHandle, "%s: %p is a %s, not a %s", Function, Handle, KindNames[Object->Kind],
			KindNames[Kind]);
	else
		return Object;
	return NULL;
}

static SIM_CONTEXT *FindContext(const SIM_OBJECT *Object, PCWDF_OBJECT_CONTEXT_TYPE_INFO Type)
{
	SIM_CONTEXT *Context = __atomic_load_n(&Object->Contexts, __ATOMIC_ACQUIRE);

	while (Context && (!Context->Type || Context->Type->UniqueType != Type->UniqueType))
		Context = Context->Next;
	return Context;
}

static NTSTATUS AddContext(SIM_OBJECT *Object, const WDF_OBJECT_ATTRIBUTES *Attributes, PVOID *Data)
{
	PCWDF_OBJECT_CONTEXT_TYPE_INFO Type = Attributes->ContextTypeInfo;
	SIZE_T Size = Type ? max(Type->ContextSize, Attributes->ContextSizeOverride) : 0;
	SIM_CONTEXT *Context;

	if (Type && FindContext(Object, Type))
		return STATUS_OBJECT_NAME_COLLISION;
	Context = calloc(1, sizeof(*Context) + Size);
	if (!Context)
		return STATUS_INSUFFICIENT_RESOURCES;
	Context->Type = Type;
	Context->Object = Object;
	Context->Cleanup = Attributes->EvtCleanupCallback;
	Context->Destroyed = Attributes->EvtDestroyCallback;
	Context->Size = Size;
	Context->Magic = CONTEXT_MAGIC;
	Context->Next = Object->Contexts;
	__atomic_store_n(&Object->Contexts, Context, __ATOMIC_RELEASE);
	if (Data)
		*Data = Context->Data;
	return STATUS_SUCCESS;
}

void *SimObjectCreate(
	SIM_KIND Kind, SIZE_T Size, SIM_OBJECT *Parent, const WDF_OBJECT_ATTRIBUTES *Attributes, NTSTATUS *Status)
{
	SIM_OBJECT *Object;

	*Status = STATUS_INVALID_PARAMETER;
	if (Attributes && !SimWdfSize(Attributes->Size, sizeof(*Attributes), "WDF_OBJECT_ATTRIBUTES"))
		return NULL;
	if (Attributes && Attributes->ParentObject) {
		Parent = SimObjectCheck(Attributes->ParentObject, SimKindAny, "ParentObject");
		if (!Parent)
			return NULL;
	}
	Object = calloc(1, Size);
	*Status = STATUS_INSUFFICIENT_RESOURCES;
	if (!Object)
		return NULL;
	Object->Magic = MAGIC_ALIVE;
	Object->Kind = Kind;
	Object->References = 1;
	Object->Parent = Parent;
	InitializeListHead(&Object->Children);
	*Status = Attributes ? AddContext(Object, Attributes, NULL) : STATUS_SUCCESS;
	if (!NT_SUCCESS(*Status)) {
		free(Object);
		return NULL;
	}
	HostLockAcquire(&SimObjectLock);
	InsertTailList(&AllObjects, &Object->All);
	InitializeListHead(&Object->Sibling);
	if (Parent) {
		InterlockedIncrement(&Parent->References);
		InsertTailList(&Parent->Children, &Object->Sibling);
	}
	HostLockRelease(&SimObjectLock);
	return Object;
}

void SimObjectReference(SIM_OBJECT *Object)
{
	InterlockedIncrement(&Object->References);
}

static void Destroy(SIM_OBJECT *Object)
{
	SIM_OBJECT *Parent = Object->Parent;
	SIM_OBJECT *Grave;
	SIM_CONTEXT *Context;

	for (Context = Object->Contexts; Context; Context = Context->Next) {
		if (Context->Destroyed)
			Context->Destroyed(Object);
	}
	if (Object->Destroy)
		Object->Destroy(Object);
	FreeContexts(Object);
	HostLockAcquire(&SimObjectLock);
	RemoveEntryList(&Object->All);
	RemoveEntryList(&Object->Sibling);
	Object->Magic = MAGIC_DEAD;
	Grave = Graves[NextGrave];
	Graves[NextGrave] = Object;
	NextGrave = (NextGrave + 1) % FRESH_GRAVES;
	HostLockRelease(&SimObjectLock);
	free(Grave);
	if (Parent)
		SimObjectDereference(Parent);
}

void SimObjectDereference(SIM_OBJECT *Object)
{
	LONG Left = InterlockedDecrement(&Object->References);

	if (Left < 0 || (Left == 0 && !Object->Deleted))
		SimViolation(SimRuleWdfReference, "%s %p was dereferenced more often than referenced",
			KindNames[Object->Kind], (void *)Object);
	else if (Left == 0)
		Destroy(Object);
}

static SIM_OBJECT *TakeChild(SIM_OBJECT *Object)
{
	SIM_OBJECT *Child = NULL;

	HostLockAcquire(&SimObjectLock);
	if (!IsListEmpty(&Object->Children)) {
		Child = CONTAINING_RECORD(RemoveTailList(&Object->Children), SIM_OBJECT, Sibling);
		InitializeListHead(&Child->Sibling);
	}
	HostLockRelease(&SimObjectLock);
	return Child;
}

void SimObjectDelete(SIM_OBJECT *Object)
{
	SIM_OBJECT *Child;

	if (__atomic_exchange_n(&Object->Deleted, TRUE, __ATOMIC_ACQ_REL))
		return;
	if (Object->Dispose)
		Object->Dispose(Object);
	while ((Child = TakeChild(Object)) != NULL)
		SimObjectDelete(Child);
	for (SIM_CONTEXT *Context = Object->Contexts; Context; Context = Context->Next) {
		if (Context->Cleanup)
			Context->Cleanup(Object);
	}
	SimObjectDereference(Object);
}

/* ---- the driver's functions ---- */
static PVOID ObjectGetTypedContextWorker(
	PWDF_DRIVER_GLOBALS Globals, WDFOBJECT Handle, PCWDF_OBJECT_CONTEXT_TYPE_INFO Type)
{
	SIM_OBJECT *Object = SimObjectCheck(Handle, SimKindAny, "WdfObjectGetTypedContext");
	SIM_CONTEXT *Context = Object ? FindContext(Object, Type) : NULL;

	(void)Globals;
	return Context ? Context->Data : NULL;
}

static NTSTATUS ObjectAllocateContext(
	PWDF_DRIVER_GLOBALS Globals, WDFOBJECT Handle, PWDF_OBJECT_ATTRIBUTES Attributes, PVOID *Data)
{
	SIM_OBJECT *Object = SimObjectCheck(Handle, SimKindAny, "WdfObjectAllocateContext");

	(void)Globals;
	SimIrqlMax("WdfObjectAllocateContext", DISPATCH_LEVEL);
	if (!Object || !SimWdfSize(Attributes->Size, sizeof(*Attributes), "WDF_OBJECT_ATTRIBUTES"))
		return STATUS_INVALID_PARAMETER;
	if (!Attributes->ContextTypeInfo)
		return STATUS_OBJECT_NAME_INVALID;
	if (Object->Deleted)
		return STATUS_DELETE_PENDING;
	if (SimFault("WdfObjectAllocateContext"))
		return STATUS_INSUFFICIENT_RESOURCES;
	return AddContext(Object, Attributes, Data);
}

static WDFOBJECT ObjectContextGetObject(PWDF_DRIVER_GLOBALS Globals, PVOID Data)
{
	SIM_CONTEXT *Context = CONTAINING_RECORD(Data, SIM_CONTEXT, Data);

	(void)Globals;
	if (Context->Magic != CONTEXT_MAGIC) {
		SimViolation(SimRuleWdfHandle, "WdfObjectContextGetObject: %p is not a context", Data);
		return NULL;
	}
	return Context->Object;
}

static VOID ObjectReferenceActual(PWDF_DRIVER_GLOBALS Globals, WDFOBJECT Handle, PVOID Tag, LONG Line, PCHAR File)
{
	SIM_OBJECT *Object = SimObjectCheck(Handle, SimKindAny, "WdfObjectReference");

	(void)Globals;
	(void)Tag;
	(void)Line;
	(void)File;
	SimIrqlMax("WdfObjectReference", DISPATCH_LEVEL);
	if (Object)
		SimObjectReference(Object);
}

static VOID ObjectDereferenceActual(PWDF_DRIVER_GLOBALS Globals, WDFOBJECT Handle, PVOID Tag, LONG Line, PCHAR File)
{
	SIM_OBJECT *Object = SimObjectCheck(Handle, SimKindAny, "WdfObjectDereference");

	(void)Globals;
	(void)Tag;
	(void)Line;
	(void)File;
	SimIrqlMax("WdfObjectDereference", DISPATCH_LEVEL);
	if (Object)
		SimObjectDereference(Object);
}

static VOID ObjectDelete(PWDF_DRIVER_GLOBALS Globals, WDFOBJECT Handle)
{
	SIM_OBJECT *Object = SimObjectCheck(Handle, SimKindAny, "WdfObjectDelete");

	(void)Globals;
	SimIrqlMax("WdfObjectDelete", DISPATCH_LEVEL);
	if (!Object)
		return;
	switch (Object->Kind) {
	case SimKindDriver:
	case SimKindDevice:
	case SimKindFile:
	case SimKindRequest:
	case SimKindResources:
	case SimKindInterrupt:
		SimViolation(SimRuleWdfHandle, "WdfObjectDelete: a %s is the framework's to delete",
			KindNames[Object->Kind]);
		break;
	default:
		if (Object->Deleted)
			SimViolation(SimRuleWdfHandle, "WdfObjectDelete: %p is deleted already", Handle);
		SimObjectDelete(Object);
	}
}

void SimWdfTableObjects(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, ObjectGetTypedContextWorker);
	SIM_WDF_ENTRY(Table, ObjectAllocateContext);
	SIM_WDF_ENTRY(Table, ObjectContextGetObject);
	SIM_WDF_ENTRY(Table, ObjectReferenceActual);
	SIM_WDF_ENTRY(Table, ObjectDereferenceActual);
	SIM_WDF_ENTRY(Table, ObjectDelete);
}
