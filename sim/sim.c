/* SPDX-License-Identifier: MIT */
/* sim.c - start and stop of the whole simulator (sim.h). */
#include "sim.h"

#include "kmdf/kmdf.h"

static struct {
	BOOLEAN Running;
	DRIVER_OBJECT Driver;
	BOOLEAN DriverLoaded;
	WCHAR RegistryPath[8];
} Sim;

static int OpenBus(const SIM_OPTIONS *Options, SIM_BUS **Bus)
{
	*Bus = Options->Bus;
	if (*Bus || !Options->BusPath)
		return 0;
	return SimQtestOpen(Options->BusPath, Options->Interrupts == SimInterruptsLine, Bus);
}

int SimStart(const SIM_OPTIONS *Options)
{
	SIM_BUS *Bus;
	int Error;

	if (Sim.Running) {
		SimLog("sim: started twice");
		return -16;
	}
	SimRulesReset(Options->CollectViolations);
	SimLocksReset();
	SimKeStart();
	SimPoolStart();
	Error = SimMmStart(Options->RamPath, Options->Seed);
	if (!Error)
		Error = OpenBus(Options, &Bus);
	if (Error) {
		SimMmStop();
		SimPoolStop();
		SimKeStop();
		return Error;
	}
	SimContiguousFragment(Options->LargestContiguous);
	HostLockInit(&SimIoLock);
	HostConditionInit(&SimIoChanged);
	SimProcessesStart();
	SimErrorLogStart();
	SimObjectsStart();
	SimWorkersStart();
	SimTimersStart();
	SimDpcStart();
	SimPatience(Options->PatienceMs);
	SimRoutinesMissing(Options->MissingRoutines);
	SimDriverRegistry(Options->RegistryValues);
	SimPciStart(Bus, Options->Interrupts, Options->MessageLimit);
	Sim.Running = TRUE;
	return 0;
}

NTSTATUS SimLoadDriver(SIM_DRIVER_ENTRY Entry, USHORT VendorId, USHORT DeviceId)
{
	static const char Path[] = "\\vgpu";
	UNICODE_STRING RegistryPath = {sizeof(Path) * 2 - 2, sizeof(Sim.RegistryPath), Sim.RegistryPath};
	SIM_SECTION Section;
	NTSTATUS Status;

	for (ULONG i = 0; i < sizeof(Path); i++)
		Sim.RegistryPath[i] = (WCHAR)Path[i];
	memset(&Sim.Driver, 0, sizeof(Sim.Driver));
	Sim.Driver.Type = 4;
	Sim.Driver.Size = sizeof(Sim.Driver);
	Sim.Driver.DriverInit = Entry;
	Section = SimCallbackEnter("DriverEntry", PASSIVE_LEVEL);
	Status = Entry(&Sim.Driver, &RegistryPath);
	SimCallbackLeave(&Section);
	if (!NT_SUCCESS(Status)) {
		SimDriverUnload();
		return Status;
	}
	Sim.DriverLoaded = TRUE;
	return SimMatchDevices(VendorId, DeviceId);
}

NTSTATUS SimMatchDevices(USHORT VendorId, USHORT DeviceId)
{
	SIM_PCI_FUNCTION *Found[SIM_MAX_FUNCTIONS];
	ULONG Count = SimPciFunctions(VendorId, DeviceId, Found);
	NTSTATUS Status = STATUS_SUCCESS;

	for (ULONG i = 0; i < Count && NT_SUCCESS(Status); i++)
		Status = SimDeviceAdd(Found[i]);
	return Count == 0 ? STATUS_NO_SUCH_DEVICE : Status;
}

NTSTATUS SimSurpriseRemove(void)
{
	for (SIM_DEVICE *Device = SimDevices(); Device; Device = Device->Next)
		SimDeviceRemove(Device, TRUE);
	return STATUS_SUCCESS;
}

NTSTATUS SimPowerDown(void)
{
	for (SIM_DEVICE *Device = SimDevices(); Device; Device = Device->Next)
		SimDevicePowerDown(Device, WdfPowerDeviceD3);
	return STATUS_SUCCESS;
}

NTSTATUS SimPowerUp(void)
{
	NTSTATUS Status = STATUS_SUCCESS;

	for (SIM_DEVICE *Device = SimDevices(); Device && NT_SUCCESS(Status); Device = Device->Next)
		Status = SimDevicePowerUp(Device);
	return Status;
}

NTSTATUS SimRebalance(void)
{
	NTSTATUS Status = STATUS_SUCCESS;

	for (SIM_DEVICE *Device = SimDevices(); Device && NT_SUCCESS(Status); Device = Device->Next)
		Status = SimDeviceRebalance(Device);
	return Status;
}

ULONG SimStop(void)
{
	SIM_SECTION Section;

	if (!Sim.Running)
		return SimViolations();
	Sim.Running = FALSE;
	SimFilesStop();
	while (SimDevices())
		SimDeviceRemove(SimDevices(), FALSE);
	SimWorkDrain();
	if (Sim.DriverLoaded && Sim.Driver.DriverUnload) {
		Section = SimCallbackEnter("DriverUnload", PASSIVE_LEVEL);
		Sim.Driver.DriverUnload(&Sim.Driver);
		SimCallbackLeave(&Section);
	}
	Sim.DriverLoaded = FALSE;
	SimDriverUnload();
	SimDpcStop();
	SimTimersStop();
	SimWorkersStop();
	SimObjectsStop();
	SimPciStop();
	SimErrorLogStop();
	SimProcessesStop();
	SimMmStop();
	SimPoolStop();
	HostConditionDestroy(&SimIoChanged);
	HostLockDestroy(&SimIoLock);
	SimKeStop();
	SimThreadsStop();
	return SimViolations();
}
