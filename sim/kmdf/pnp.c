/* SPDX-License-Identifier: MIT */
/*
 * pnp.c - the PnP and power life of a device, in the framework's order:
 *
 *  add      EvtDriverDeviceAdd, EvtDevicePrepareHardware, then power up
 *  up       EvtDeviceD0Entry, each interrupt connected and enabled, ...PostInterruptsEnabled, queues go
 *  down     power-managed queues stop and empty, ...PreInterruptsDisabled, interrupts disabled and disconnected,
 *           EvtDeviceD0Exit
 *  remove   (EvtDeviceSurpriseRemoval,) down, queues purged, EvtDeviceReleaseHardware, the device object deleted
 */
#include "kmdf.h"

#define CALL(Result, Device, Event, ...) \
	do { \
		if ((Device)->Init.Pnp.Event) { \
			SIM_SECTION Section_ = SimCallbackEnter(#Event, PASSIVE_LEVEL); \
			Result(Device)->Init.Pnp.Event(__VA_ARGS__); \
			SimCallbackLeave(&Section_); \
		} \
	} while (0)

static WDFDEVICE Handle(SIM_DEVICE *Device)
{
	return (WDFDEVICE)(void *)Device;
}

static NTSTATUS MakeResources(SIM_DEVICE *Device)
{
	NTSTATUS Status;

	if (Device->Translated) /* of an earlier start */
		return STATUS_SUCCESS;
	Device->Raw = SimObjectCreate(SimKindResources, sizeof(*Device->Raw), &Device->Object, NULL, &Status);
	if (!Device->Raw)
		return Status;
	Device->Translated =
		SimObjectCreate(SimKindResources, sizeof(*Device->Translated), &Device->Object, NULL, &Status);
	if (!Device->Translated)
		return Status;
	Device->Raw->Count = Device->Translated->Count =
		SimPciResources(Device->Init.Function, Device->Raw->Descriptors, Device->Translated->Descriptors);
	return STATUS_SUCCESS;
}

static NTSTATUS PowerUp(SIM_DEVICE *Device, WDF_POWER_DEVICE_STATE Previous)
{
	NTSTATUS Status = STATUS_SUCCESS;

	SimPciEnable(Device->Init.Function);
	CALL(Status =, Device, EvtDeviceD0Entry, Handle(Device), Previous);
	if (!NT_SUCCESS(Status))
		return Status;
	SimInterruptsConnect(Device);
	CALL(Status =, Device, EvtDeviceD0EntryPostInterruptsEnabled, Handle(Device), Previous);
	if (NT_SUCCESS(Status)) {
		Device->State = SimDeviceWorking;
		SimQueuesPower(Device, TRUE);
		return Status;
	}
	SimInterruptsDisconnect(Device);
	CALL((void), Device, EvtDeviceD0Exit, Handle(Device), WdfPowerDeviceD3Final);
	return Status;
}

NTSTATUS SimDevicePowerUp(SIM_DEVICE *Device)
{
	NTSTATUS Status;

	if (Device->State != SimDeviceSleeping)
		return STATUS_INVALID_DEVICE_STATE;
	Status = PowerUp(Device, WdfPowerDeviceD3);
	if (!NT_SUCCESS(Status))
		Device->State = SimDeviceStopped;
	return Status;
}

void SimDevicePowerDown(SIM_DEVICE *Device, WDF_POWER_DEVICE_STATE Target)
{
	if (Device->State != SimDeviceWorking)
		return;
	SimQueuesPower(Device, FALSE);
	CALL((void), Device, EvtDeviceD0ExitPreInterruptsDisabled, Handle(Device), Target);
	SimInterruptsDisconnect(Device);
	CALL((void), Device, EvtDeviceD0Exit, Handle(Device), Target);
	SimPciDisable(Device->Init.Function);
	Device->State = SimDeviceSleeping;
}

static void ReleaseHardware(SIM_DEVICE *Device)
{
	if (!Device->Prepared)
		return;
	Device->Prepared = FALSE;
	CALL((void), Device, EvtDeviceReleaseHardware, Handle(Device), (WDFCMRESLIST)(void *)Device->Translated);
}

static void Forget(SIM_DEVICE *Device)
{
	SIM_SECTION Section;

	SimWorkDrain();
	SimDeviceUnlink(Device);
	Section = SimCallbackEnter("deletion of the device", PASSIVE_LEVEL);
	SimObjectDelete(&Device->Object);
	SimCallbackLeave(&Section);
}

void SimDeviceRemove(SIM_DEVICE *Device, BOOLEAN Surprise)
{
	if (Surprise && Device->State != SimDeviceRemoved) {
		SimPciDetach();
		CALL((void), Device, EvtDeviceSurpriseRemoval, Handle(Device));
	}
	if (Device->State != SimDeviceRemoved) {
		SimDevicePowerDown(Device, WdfPowerDeviceD3Final);
		Device->State = SimDeviceRemoved;
		SimQueuesPurge(Device);
		ReleaseHardware(Device);
	}
	if (!Surprise) /* after a surprise, the device object lives until the last handle is closed: SimStop */
		Forget(Device);
}

static NTSTATUS Start(SIM_DEVICE *Device)
{
	NTSTATUS Status = MakeResources(Device);

	if (!NT_SUCCESS(Status))
		return Status;
	SimPciEnable(Device->Init.Function); /* decoding is on before the driver maps its memory */
	Device->Prepared = TRUE;
	CALL(Status =, Device, EvtDevicePrepareHardware, Handle(Device), (WDFCMRESLIST)(void *)Device->Raw,
		(WDFCMRESLIST)(void *)Device->Translated);
	if (NT_SUCCESS(Status))
		Status = PowerUp(Device, WdfPowerDeviceD3Final);
	return Status;
}

/* Resources are taken away and given anew, as when the PnP manager makes room for another device. */
NTSTATUS SimDeviceRebalance(SIM_DEVICE *Device)
{
	NTSTATUS Status;

	if (Device->State != SimDeviceWorking)
		return STATUS_INVALID_DEVICE_STATE;
	SimDevicePowerDown(Device, WdfPowerDeviceD3);
	Device->State = SimDeviceStopped;
	ReleaseHardware(Device);
	Status = Start(Device);
	if (!NT_SUCCESS(Status))
		SimDeviceRemove(Device, TRUE);
	return Status;
}

NTSTATUS SimDeviceAdd(SIM_PCI_FUNCTION *Function)
{
	struct WDFDEVICE_INIT Init = {.Function = Function};
	SIM_DRIVER *Driver = SimDriver();
	SIM_SECTION Section;
	NTSTATUS Status;

	if (!Driver || !Driver->Config.EvtDriverDeviceAdd)
		return STATUS_INVALID_DEVICE_STATE;
	Section = SimCallbackEnter("EvtDriverDeviceAdd", PASSIVE_LEVEL);
	Status = Driver->Config.EvtDriverDeviceAdd((WDFDRIVER)(void *)Driver, &Init);
	SimCallbackLeave(&Section);
	if (NT_SUCCESS(Status) && !Init.Device) {
		SimViolation(SimRuleWdfParameter, "EvtDriverDeviceAdd succeeds without a device");
		return STATUS_UNSUCCESSFUL;
	}
	if (NT_SUCCESS(Status))
		Status = Start(Init.Device);
	if (!NT_SUCCESS(Status) && Init.Device)
		SimDeviceRemove(Init.Device, FALSE);
	return Status;
}
