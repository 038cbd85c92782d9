/* SPDX-License-Identifier: MIT */
#include "vgpu_client_private.h"
#include "vgpu_os.h"

#include <stdlib.h>

/* Before the driver has said how long a silent device may take, and what is added to that afterwards. */
#define DEFAULT_TIMEOUT_MS 10000u
#define TIMEOUT_MARGIN_MS 2000u
#define LONGEST_TIMEOUT_MS 120000u

static const struct {
	uint32_t error;
	enum vgpu_result result;
} error_map[] = {
	{0, VGPU_OK},
	{VGPU_OS_FILE_NOT_FOUND, VGPU_NO_DEVICE},
	{VGPU_OS_PATH_NOT_FOUND, VGPU_NO_DEVICE},
	{VGPU_OS_ACCESS_DENIED, VGPU_ACCESS_DENIED},
	{VGPU_OS_INVALID_HANDLE, VGPU_NOT_OWNED},
	{VGPU_OS_NOT_ENOUGH_MEMORY, VGPU_NO_MEMORY},
	{VGPU_OS_OUT_OF_MEMORY, VGPU_NO_MEMORY},
	{VGPU_OS_NOT_READY, VGPU_GONE},
	{VGPU_OS_BAD_COMMAND, VGPU_INVALID},
	{VGPU_OS_BAD_LENGTH, VGPU_INVALID},
	{VGPU_OS_GEN_FAILURE, VGPU_FAILED},
	{VGPU_OS_NOT_SUPPORTED, VGPU_NOT_SUPPORTED},
	{VGPU_OS_DEV_NOT_EXIST, VGPU_GONE},
	{VGPU_OS_INVALID_PARAMETER, VGPU_INVALID},
	{VGPU_OS_SEM_TIMEOUT, VGPU_TIMEOUT},
	{VGPU_OS_INSUFFICIENT_BUFFER, VGPU_INVALID},
	{VGPU_OS_BUSY, VGPU_FAILED},
	{VGPU_OS_ALREADY_EXISTS, VGPU_INVALID},
	{VGPU_OS_WAIT_TIMEOUT, VGPU_TIMEOUT},
	{VGPU_OS_NO_MORE_ITEMS, VGPU_END},
	{VGPU_OS_DEVICE_HARDWARE_ERROR, VGPU_GONE},
	{VGPU_OS_OPERATION_ABORTED, VGPU_CANCELLED},
	{VGPU_OS_NOACCESS, VGPU_INVALID},
	{VGPU_OS_IO_DEVICE, VGPU_REFUSED},
	{VGPU_OS_DEVICE_REQUIRES_CLEANING, VGPU_LOST},
	{VGPU_OS_DEVICE_NOT_CONNECTED, VGPU_GONE},
	{VGPU_OS_REVISION_MISMATCH, VGPU_VERSION_MISMATCH},
	{VGPU_OS_PRIVILEGE_NOT_HELD, VGPU_ACCESS_DENIED},
	{VGPU_OS_NO_SYSTEM_RESOURCES, VGPU_NO_MEMORY},
	{VGPU_OS_WORKING_SET_QUOTA, VGPU_NO_MEMORY},
	{VGPU_OS_TIMEOUT, VGPU_GONE},
	{VGPU_OS_DEVICE_REMOVED, VGPU_GONE},
	{VGPU_OS_NOT_ENOUGH_QUOTA, VGPU_NO_MEMORY},
};

enum vgpu_result vgpu_client_result_of(uint32_t error)
{
	for (size_t i = 0; i < sizeof(error_map) / sizeof(error_map[0]); i++) {
		if (error_map[i].error == error)
			return error_map[i].result;
	}
	return VGPU_FAILED;
}

const char *vgpu_result_text(enum vgpu_result result)
{
	static const char *const texts[] = {
		[VGPU_OK] = "success",
		[VGPU_NO_DEVICE] = "no vgpu device",
		[VGPU_ACCESS_DENIED] = "access denied",
		[VGPU_VERSION_MISMATCH] = "the driver has another interface version",
		[VGPU_INVALID] = "the driver refused the request as invalid",
		[VGPU_NOT_OWNED] = "no such id",
		[VGPU_NOT_SUPPORTED] = "not supported by this device",
		[VGPU_NO_MEMORY] = "out of memory, or a quota is used up",
		[VGPU_TIMEOUT] = "timed out",
		[VGPU_CANCELLED] = "cancelled",
		[VGPU_END] = "no more entries",
		[VGPU_LOST] = "the device was reset, the context is lost",
		[VGPU_REFUSED] = "the host refused an earlier command",
		[VGPU_GONE] = "the device was removed or does not answer",
		[VGPU_FAILED] = "failed",
	};

	if ((unsigned)result >= sizeof(texts) / sizeof(texts[0]))
		return "unknown result";
	return texts[result];
}

enum vgpu_result vgpu_client_control_for(struct vgpu_client *client, uint32_t code, const void *input,
	size_t input_size, void *output, size_t output_size, size_t *returned, uint32_t timeout_ms)
{
	enum vgpu_result result;
	size_t got = 0;

	if (atomic_load(&client->gone))
		return VGPU_GONE;
	result = vgpu_client_result_of(
		vgpu_os_control(client->device, code, input, input_size, output, output_size, &got, timeout_ms));
	if (result == VGPU_GONE)
		atomic_store(&client->gone, true);
	if (result == VGPU_OK && !returned && got != output_size)
		result = VGPU_FAILED; /* an answer of another size than the interface says */
	if (returned)
		*returned = got;
	return result;
}

enum vgpu_result vgpu_client_control(struct vgpu_client *client, uint32_t code, const void *input, size_t input_size,
	void *output, size_t output_size)
{
	return vgpu_client_control_for(client, code, input, input_size, output, output_size, NULL, client->timeout_ms);
}

enum vgpu_result vgpu_client_control_in_place(struct vgpu_client *client, uint32_t code, void *data, size_t size)
{
	return vgpu_client_control(client, code, data, size, data, size);
}

static enum vgpu_result agree(struct vgpu_client *client)
{
	const struct vgpu_open wanted = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};
	struct vgpu_open open = wanted;
	enum vgpu_result result;
	uint64_t timeout_ms;

	result = vgpu_client_control_in_place(client, VGPU_IOCTL_OPEN, &open, sizeof(open));
	if (result != VGPU_OK)
		return result;
	if (open.abi_major != wanted.abi_major || open.abi_minor < wanted.abi_minor)
		return VGPU_VERSION_MISMATCH;
	result = vgpu_client_control(client, VGPU_IOCTL_QUERY, NULL, 0, &client->info, sizeof(client->info));
	if (result != VGPU_OK)
		return result;
	timeout_ms = (uint64_t)client->info.timeout_ms * 2 + TIMEOUT_MARGIN_MS;
	client->timeout_ms = timeout_ms < LONGEST_TIMEOUT_MS ? (uint32_t)timeout_ms : LONGEST_TIMEOUT_MS;
	return VGPU_OK;
}

enum vgpu_result vgpu_client_open(unsigned index, struct vgpu_client **client)
{
	struct vgpu_client *opened;
	enum vgpu_result result;

	*client = NULL;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return VGPU_NO_MEMORY;
	opened->timeout_ms = DEFAULT_TIMEOUT_MS;
	atomic_init(&opened->gone, false);
	atomic_init(&opened->next_memory_id, 1);

	result = vgpu_client_result_of(vgpu_os_open(index, &opened->device));
	if (result == VGPU_END)
		result = VGPU_NO_DEVICE;
	if (result != VGPU_OK)
		goto free_client;
	result = agree(opened);
	if (result != VGPU_OK)
		goto close_device;
	*client = opened;
	return VGPU_OK;

close_device:
	vgpu_os_close(opened->device);
free_client:
	free(opened);
	return result;
}

void vgpu_client_close(struct vgpu_client *client)
{
	if (!client)
		return;
	vgpu_os_close(client->device);
	free(client);
}

void vgpu_client_disconnect(struct vgpu_client *client)
{
	atomic_store(&client->gone, true);
	vgpu_os_disconnect(client->device);
}

const struct vgpu_device_info *vgpu_client_info(const struct vgpu_client *client)
{
	return &client->info;
}

bool vgpu_client_gone(const struct vgpu_client *client)
{
	return atomic_load(&((struct vgpu_client *)client)->gone);
}
