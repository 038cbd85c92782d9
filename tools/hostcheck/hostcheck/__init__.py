# SPDX-License-Identifier: MIT
"""What a Linux host gives a Windows guest: QEMU, virglrenderer, GPU, KVM, and the OpenGL that comes out of it."""
