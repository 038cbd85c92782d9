/* SPDX-License-Identifier: MIT */
/* Every size and offset of vgpu_ioctl.h, written down: a change of layout that nobody meant does not compile.
 * Included by vgpu_ioctl.h only. */

VGPU_ASSERT_SIZE(vgpu_open, 16);
VGPU_ASSERT_AT(vgpu_open, abi_major, 0);
VGPU_ASSERT_AT(vgpu_open, abi_minor, 4);
VGPU_ASSERT_AT(vgpu_open, flags, 8);
VGPU_ASSERT_AT(vgpu_open, reserved, 12);

VGPU_ASSERT_SIZE(vgpu_device_info, 96);
VGPU_ASSERT_AT(vgpu_device_info, abi_major, 0);
VGPU_ASSERT_AT(vgpu_device_info, abi_minor, 4);
VGPU_ASSERT_AT(vgpu_device_info, driver_version, 8);
VGPU_ASSERT_AT(vgpu_device_info, device_kind, 12);
VGPU_ASSERT_AT(vgpu_device_info, capabilities, 16);
VGPU_ASSERT_AT(vgpu_device_info, num_capsets, 20);
VGPU_ASSERT_AT(vgpu_device_info, max_rings, 24);
VGPU_ASSERT_AT(vgpu_device_info, max_contexts, 28);
VGPU_ASSERT_AT(vgpu_device_info, max_resources, 32);
VGPU_ASSERT_AT(vgpu_device_info, max_fences, 36);
VGPU_ASSERT_AT(vgpu_device_info, max_memory, 40);
VGPU_ASSERT_AT(vgpu_device_info, max_submit, 48);
VGPU_ASSERT_AT(vgpu_device_info, max_resource, 56);
VGPU_ASSERT_AT(vgpu_device_info, device_features, 64);
VGPU_ASSERT_AT(vgpu_device_info, driver_features, 72);
VGPU_ASSERT_AT(vgpu_device_info, pci_vendor, 80);
VGPU_ASSERT_AT(vgpu_device_info, pci_device, 82);
VGPU_ASSERT_AT(vgpu_device_info, pci_subsystem_vendor, 84);
VGPU_ASSERT_AT(vgpu_device_info, pci_subsystem_device, 86);
VGPU_ASSERT_AT(vgpu_device_info, pci_revision, 88);
VGPU_ASSERT_AT(vgpu_device_info, pci_bus, 89);
VGPU_ASSERT_AT(vgpu_device_info, pci_slot, 90);
VGPU_ASSERT_AT(vgpu_device_info, pci_function, 91);
VGPU_ASSERT_AT(vgpu_device_info, timeout_ms, 92);

VGPU_ASSERT_SIZE(vgpu_capset_info, 16);
VGPU_ASSERT_AT(vgpu_capset_info, index, 0);
VGPU_ASSERT_AT(vgpu_capset_info, id, 4);
VGPU_ASSERT_AT(vgpu_capset_info, max_version, 8);
VGPU_ASSERT_AT(vgpu_capset_info, max_size, 12);

VGPU_ASSERT_SIZE(vgpu_capset, 8);
VGPU_ASSERT_AT(vgpu_capset, id, 0);
VGPU_ASSERT_AT(vgpu_capset, version, 4);

VGPU_ASSERT_SIZE(vgpu_context_create, 96);
VGPU_ASSERT_AT(vgpu_context_create, capset_id, 0);
VGPU_ASSERT_AT(vgpu_context_create, num_rings, 4);
VGPU_ASSERT_AT(vgpu_context_create, flags, 8);
VGPU_ASSERT_AT(vgpu_context_create, fence_memory_id, 12);
VGPU_ASSERT_AT(vgpu_context_create, fence_offset, 16);
VGPU_ASSERT_AT(vgpu_context_create, name_length, 24);
VGPU_ASSERT_AT(vgpu_context_create, context_id, 28);
VGPU_ASSERT_AT(vgpu_context_create, name, 32);

VGPU_ASSERT_SIZE(vgpu_context_destroy, 8);
VGPU_ASSERT_AT(vgpu_context_destroy, context_id, 0);
VGPU_ASSERT_AT(vgpu_context_destroy, reserved, 4);

VGPU_ASSERT_SIZE(vgpu_memory_pin, 8);
VGPU_ASSERT_AT(vgpu_memory_pin, memory_id, 0);
VGPU_ASSERT_AT(vgpu_memory_pin, flags, 4);

VGPU_ASSERT_SIZE(vgpu_memory_alloc, 24);
VGPU_ASSERT_AT(vgpu_memory_alloc, memory_id, 0);
VGPU_ASSERT_AT(vgpu_memory_alloc, flags, 4);
VGPU_ASSERT_AT(vgpu_memory_alloc, size, 8);
VGPU_ASSERT_AT(vgpu_memory_alloc, address, 16);

VGPU_ASSERT_SIZE(vgpu_memory_release, 8);
VGPU_ASSERT_AT(vgpu_memory_release, memory_id, 0);
VGPU_ASSERT_AT(vgpu_memory_release, reserved, 4);

VGPU_ASSERT_SIZE(vgpu_range, 24);
VGPU_ASSERT_AT(vgpu_range, memory_id, 0);
VGPU_ASSERT_AT(vgpu_range, reserved, 4);
VGPU_ASSERT_AT(vgpu_range, offset, 8);
VGPU_ASSERT_AT(vgpu_range, size, 16);

VGPU_ASSERT_SIZE(vgpu_resource_create, 72);
VGPU_ASSERT_AT(vgpu_resource_create, target, 0);
VGPU_ASSERT_AT(vgpu_resource_create, format, 4);
VGPU_ASSERT_AT(vgpu_resource_create, bind, 8);
VGPU_ASSERT_AT(vgpu_resource_create, width, 12);
VGPU_ASSERT_AT(vgpu_resource_create, height, 16);
VGPU_ASSERT_AT(vgpu_resource_create, depth, 20);
VGPU_ASSERT_AT(vgpu_resource_create, array_size, 24);
VGPU_ASSERT_AT(vgpu_resource_create, last_level, 28);
VGPU_ASSERT_AT(vgpu_resource_create, nr_samples, 32);
VGPU_ASSERT_AT(vgpu_resource_create, flags, 36);
VGPU_ASSERT_AT(vgpu_resource_create, context_id, 40);
VGPU_ASSERT_AT(vgpu_resource_create, resource_id, 44);
VGPU_ASSERT_AT(vgpu_resource_create, backing, 48);

VGPU_ASSERT_SIZE(vgpu_resource_create_blob, 96);
VGPU_ASSERT_AT(vgpu_resource_create_blob, blob_mem, 0);
VGPU_ASSERT_AT(vgpu_resource_create_blob, blob_flags, 4);
VGPU_ASSERT_AT(vgpu_resource_create_blob, blob_id, 8);
VGPU_ASSERT_AT(vgpu_resource_create_blob, size, 16);
VGPU_ASSERT_AT(vgpu_resource_create_blob, context_id, 24);
VGPU_ASSERT_AT(vgpu_resource_create_blob, resource_id, 28);
VGPU_ASSERT_AT(vgpu_resource_create_blob, backing, 32);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_format, 56);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_bind, 60);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_target, 64);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_width, 68);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_height, 72);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_depth, 76);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_array_size, 80);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_last_level, 84);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_nr_samples, 88);
VGPU_ASSERT_AT(vgpu_resource_create_blob, template_flags, 92);

VGPU_ASSERT_SIZE(vgpu_resource, 8);
VGPU_ASSERT_AT(vgpu_resource, resource_id, 0);
VGPU_ASSERT_AT(vgpu_resource, context_id, 4);

VGPU_ASSERT_SIZE(vgpu_resource_map, 24);
VGPU_ASSERT_AT(vgpu_resource_map, resource_id, 0);
VGPU_ASSERT_AT(vgpu_resource_map, cache, 4);
VGPU_ASSERT_AT(vgpu_resource_map, address, 8);
VGPU_ASSERT_AT(vgpu_resource_map, size, 16);

VGPU_ASSERT_SIZE(vgpu_fence, 16);
VGPU_ASSERT_AT(vgpu_fence, context_id, 0);
VGPU_ASSERT_AT(vgpu_fence, ring, 4);
VGPU_ASSERT_AT(vgpu_fence, number, 8);

VGPU_ASSERT_SIZE(vgpu_submit, 112);
VGPU_ASSERT_AT(vgpu_submit, context_id, 0);
VGPU_ASSERT_AT(vgpu_submit, ring, 4);
VGPU_ASSERT_AT(vgpu_submit, flags, 8);
VGPU_ASSERT_AT(vgpu_submit, num_in_fences, 12);
VGPU_ASSERT_AT(vgpu_submit, stream, 16);
VGPU_ASSERT_AT(vgpu_submit, fence_number, 40);
VGPU_ASSERT_AT(vgpu_submit, in_fences, 48);

VGPU_ASSERT_SIZE(vgpu_submit_copy, 40);
VGPU_ASSERT_AT(vgpu_submit_copy, context_id, 0);
VGPU_ASSERT_AT(vgpu_submit_copy, ring, 4);
VGPU_ASSERT_AT(vgpu_submit_copy, flags, 8);
VGPU_ASSERT_AT(vgpu_submit_copy, reserved, 12);
VGPU_ASSERT_AT(vgpu_submit_copy, address, 16);
VGPU_ASSERT_AT(vgpu_submit_copy, size, 24);
VGPU_ASSERT_AT(vgpu_submit_copy, fence_number, 32);

VGPU_ASSERT_SIZE(vgpu_transfer, 64);
VGPU_ASSERT_AT(vgpu_transfer, context_id, 0);
VGPU_ASSERT_AT(vgpu_transfer, resource_id, 4);
VGPU_ASSERT_AT(vgpu_transfer, flags, 8);
VGPU_ASSERT_AT(vgpu_transfer, level, 12);
VGPU_ASSERT_AT(vgpu_transfer, x, 16);
VGPU_ASSERT_AT(vgpu_transfer, y, 20);
VGPU_ASSERT_AT(vgpu_transfer, z, 24);
VGPU_ASSERT_AT(vgpu_transfer, width, 28);
VGPU_ASSERT_AT(vgpu_transfer, height, 32);
VGPU_ASSERT_AT(vgpu_transfer, depth, 36);
VGPU_ASSERT_AT(vgpu_transfer, stride, 40);
VGPU_ASSERT_AT(vgpu_transfer, layer_stride, 44);
VGPU_ASSERT_AT(vgpu_transfer, offset, 48);
VGPU_ASSERT_AT(vgpu_transfer, fence_number, 56);

VGPU_ASSERT_SIZE(vgpu_wait, 24);
VGPU_ASSERT_AT(vgpu_wait, fence, 0);
VGPU_ASSERT_AT(vgpu_wait, timeout_ns, 16);

VGPU_ASSERT_SIZE(vgpu_statistics_query, 8);
VGPU_ASSERT_AT(vgpu_statistics_query, scope, 0);
VGPU_ASSERT_AT(vgpu_statistics_query, reserved, 4);

VGPU_ASSERT_SIZE(vgpu_statistics, 304);
VGPU_ASSERT_AT(vgpu_statistics, ioctls, 0);
VGPU_ASSERT_AT(vgpu_statistics, submits, 8);
VGPU_ASSERT_AT(vgpu_statistics, submit_bytes, 16);
VGPU_ASSERT_AT(vgpu_statistics, transfers, 24);
VGPU_ASSERT_AT(vgpu_statistics, waits, 32);
VGPU_ASSERT_AT(vgpu_statistics, waits_blocked, 40);
VGPU_ASSERT_AT(vgpu_statistics, fences, 48);
VGPU_ASSERT_AT(vgpu_statistics, bytes_copied, 56);
VGPU_ASSERT_AT(vgpu_statistics, live_contexts, 64);
VGPU_ASSERT_AT(vgpu_statistics, live_resources, 72);
VGPU_ASSERT_AT(vgpu_statistics, live_memory, 80);
VGPU_ASSERT_AT(vgpu_statistics, errors, 88);
VGPU_ASSERT_AT(vgpu_statistics, commands, 96);
VGPU_ASSERT_AT(vgpu_statistics, doorbells, 104);
VGPU_ASSERT_AT(vgpu_statistics, doorbells_avoided, 112);
VGPU_ASSERT_AT(vgpu_statistics, interrupts, 120);
VGPU_ASSERT_AT(vgpu_statistics, dpcs, 128);
VGPU_ASSERT_AT(vgpu_statistics, device_errors, 136);
VGPU_ASSERT_AT(vgpu_statistics, device_violations, 144);
VGPU_ASSERT_AT(vgpu_statistics, resets, 152);
VGPU_ASSERT_AT(vgpu_statistics, queue_full, 160);
VGPU_ASSERT_AT(vgpu_statistics, live_handles, 168);
VGPU_ASSERT_AT(vgpu_statistics, bad_requests, 176);
VGPU_ASSERT_AT(vgpu_statistics, bad_ids, 184);
VGPU_ASSERT_AT(vgpu_statistics, bad_addresses, 192);
VGPU_ASSERT_AT(vgpu_statistics, over_quota, 200);
VGPU_ASSERT_AT(vgpu_statistics, out_of_memory, 208);
VGPU_ASSERT_AT(vgpu_statistics, refused_by_host, 216);
VGPU_ASSERT_AT(vgpu_statistics, lost, 224);
VGPU_ASSERT_AT(vgpu_statistics, timed_out, 232);
VGPU_ASSERT_AT(vgpu_statistics, cancelled, 240);
VGPU_ASSERT_AT(vgpu_statistics, live_mappings, 248);
VGPU_ASSERT_AT(vgpu_statistics, hangs, 256);
VGPU_ASSERT_AT(vgpu_statistics, failed_resets, 264);
VGPU_ASSERT_AT(vgpu_statistics, commands_lost, 272);
VGPU_ASSERT_AT(vgpu_statistics, violations_ring, 280);
VGPU_ASSERT_AT(vgpu_statistics, violations_answer, 288);
VGPU_ASSERT_AT(vgpu_statistics, violations_config, 296);

VGPU_ASSERT_SIZE(vgpu_trace, 8);
VGPU_ASSERT_AT(vgpu_trace, level, 0);
VGPU_ASSERT_AT(vgpu_trace, reserved, 4);
