/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "virtio_caps.h"

static void Put32(UCHAR *Config, ULONG At, ULONG Value)
{
	memcpy(Config + At, &Value, 4);
}

/* A virtio capability at At, linked to Next. */
static void PutCap(UCHAR *Config, UCHAR At, UCHAR Next, UCHAR Type, UCHAR Bar, ULONG Offset, ULONG Length)
{
	Config[At] = 9;
	Config[At + 1] = Next;
	Config[At + 2] = Type == 2 ? 20 : Type == 8 ? 24 : 16;
	Config[At + 3] = Type;
	Config[At + 4] = Bar;
	Put32(Config, At + 8, Offset);
	Put32(Config, At + 12, Length);
	if (Type == 2)
		Put32(Config, At + 16, 4);
}

/* What QEMU's virtio-gpu-gl-pci shows. */
static void PutGood(UCHAR *Config)
{
	memset(Config, 0, PCI_CONFIG_BYTES);
	Config[6] = 0x10;
	Config[0x34] = 0xa0;
	Put32(Config, 0x14, 0xfebd1000);
	Put32(Config, 0x20, 0x0000000c);
	Put32(Config, 0x24, 0x00000008);
	Config[0xa0] = 0x11;
	Config[0xa1] = 0x40;
	PutCap(Config, 0x40, 0x50, 1, 4, 0, 0x1000);
	PutCap(Config, 0x50, 0x60, 3, 4, 0x1000, 0x1000);
	PutCap(Config, 0x60, 0x70, 4, 4, 0x2000, 0x1000);
	PutCap(Config, 0x70, 0x84, 2, 4, 0x3000, 0x1000);
	PutCap(Config, 0x84, 0x00, 8, 2, 0x1000, 0x2000);
	Config[0x84 + 5] = 1;
	Config[0x84 + 2] = 20; /* too short for 64 bits: passed over */
}

static void Good(void **State)
{
	UCHAR Config[PCI_CONFIG_BYTES];
	VIRTIO_CAPS Caps;

	(void)State;
	PutGood(Config);
	assert_int_equal(VirtioCapsParse(Config, 16, &Caps), STATUS_SUCCESS);
	assert_int_equal(Caps.BarAddress[1], 0xfebd1000);
	assert_int_equal(Caps.BarAddress[4], 0x800000000);
	assert_int_equal(Caps.Common.Bar, 4);
	assert_int_equal(Caps.Isr.Offset, 0x1000);
	assert_int_equal(Caps.Device.Offset, 0x2000);
	assert_int_equal(Caps.Notify.Offset, 0x3000);
	assert_int_equal(Caps.NotifyMultiplier, 4);
	assert_int_equal(Caps.HostVisible.Length, 0);
	assert_true(VirtioRegionFits(&Caps.Notify, 0x4000));
	assert_false(VirtioRegionFits(&Caps.Notify, 0x3fff));
}

static void FirstCounts(void **State)
{
	UCHAR Config[PCI_CONFIG_BYTES];
	VIRTIO_CAPS Caps;

	(void)State;
	PutGood(Config);
	PutCap(Config, 0x84, 0x00, 1, 1, 0x100, 0x1000);
	assert_int_equal(VirtioCapsParse(Config, 16, &Caps), STATUS_SUCCESS);
	assert_int_equal(Caps.Common.Bar, 4);
	assert_int_equal(Caps.Common.Offset, 0);
}

static void HostVisible64(void **State)
{
	UCHAR Config[PCI_CONFIG_BYTES];
	VIRTIO_CAPS Caps;

	(void)State;
	PutGood(Config);
	Config[0x84 + 2] = 24;
	Put32(Config, 0x84 + 16, 1);
	Put32(Config, 0x84 + 20, 2);
	assert_int_equal(VirtioCapsParse(Config, 16, &Caps), STATUS_SUCCESS);
	assert_int_equal(Caps.HostVisible.Offset, 0x100001000);
	assert_int_equal(Caps.HostVisible.Length, 0x200002000);
	assert_int_equal(Caps.HostVisible.Bar, 2);
}

/* Each is one change to a good configuration. */
static void Bad(void **State)
{
	static const struct {
		UCHAR At;
		ULONG Value;
	} Changes[] = {
		{0x04, 0}, /* no capabilities at all */
		{0x34, 0}, /* an empty list */
		{0x40, 0x01100009}, /* common: shorter than its own header */
		{0x44, 0x00000006}, /* common: BAR 6 */
		{0x48, 0x00000002}, /* common: unaligned */
		{0x4c, 0x00000037}, /* common: too small */
		{0x5c, 0}, /* no interrupt status */
		{0x6c, 0x0000000f}, /* device configuration: too small */
		{0x70, 0x02108409}, /* notify: without a multiplier */
		{0x78, 0x00003001}, /* notify: unaligned */
		{0x80, 0x00000003}, /* notify: odd multiplier */
	};
	UCHAR Config[PCI_CONFIG_BYTES];
	VIRTIO_CAPS Caps;

	(void)State;
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Changes); Index++) {
		PutGood(Config);
		Put32(Config, Changes[Index].At, Changes[Index].Value);
		assert_int_equal(VirtioCapsParse(Config, 16, &Caps), STATUS_DEVICE_CONFIGURATION_ERROR);
	}
}

static void ListsThatNeverEnd(void **State)
{
	UCHAR Config[PCI_CONFIG_BYTES];
	VIRTIO_CAPS Caps;

	(void)State;
	PutGood(Config);
	Config[0x71] = 0x40;
	assert_int_equal(VirtioCapsParse(Config, 16, &Caps), STATUS_SUCCESS);
	memset(Config, 0xff, sizeof(Config));
	assert_int_equal(VirtioCapsParse(Config, 16, &Caps), STATUS_DEVICE_CONFIGURATION_ERROR);
	/* Every byte value, everywhere: no read beyond the 256 bytes. */
	for (unsigned Value = 0; Value < 256; Value++) {
		memset(Config, (int)Value, sizeof(Config));
		(void)VirtioCapsParse(Config, 16, &Caps);
	}
}

static void RegionsThatWrap(void **State)
{
	VIRTIO_REGION Region = {.Offset = ~0ull - 7, .Length = 16};

	(void)State;
	assert_false(VirtioRegionFits(&Region, 0x4000));
	Region.Offset = 0x3000;
	Region.Length = ~0ull;
	assert_false(VirtioRegionFits(&Region, 0x4000));
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(Good),
		cmocka_unit_test(FirstCounts),
		cmocka_unit_test(HostVisible64),
		cmocka_unit_test(Bad),
		cmocka_unit_test(ListsThatNeverEnd),
		cmocka_unit_test(RegionsThatWrap),
	};

	return cmocka_run_group_tests(Tests, NULL, NULL);
}
