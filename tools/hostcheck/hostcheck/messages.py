# SPDX-License-Identifier: MIT
"""Everything that vgpu-hostcheck can remark: id -> (level, what, what to do). Levels: 'ok', 'note' (nothing is lost), 'limit'
(guests get less than they could), 'problem' (guests get no OpenGL). Names in braces are filled in where it is remarked."""

MESSAGES = {
    # QEMU
    'qemu-missing': ('problem', 'There is no QEMU for x86-64 ({looked}).',
                     'Install it (Debian: qemu-system-x86 and qemu-system-gui), or name it with --qemu=PROGRAM.'),
    'qemu-broken': ('problem', '{program} does not run: {why}',
                    'Repair its installation: a library or the execute permission is missing.'),
    'qemu-old': ('problem', 'QEMU {version} has no virtio-gpu-gl device; it came with 6.1.',
                 'Use QEMU 6.1 or newer, 9.2 or newer for OpenGL 4.5.'),
    'qemu-ok': ('ok', 'QEMU {version}: {program}', ''),
    'qemu-modules-mixed': ('problem', "QEMU's modules are of another build than {program}: {why}",
                           'Install QEMU and its modules in the same version; end and start guests after an upgrade.'),
    'gl-device-missing': ('problem', 'This QEMU has no virtio-gpu-gl-pci device.',
                          'Install its module (Debian 12: qemu-system-gui, Debian 13: qemu-system-modules-opengl, Fedora: '
                          'qemu-device-display-virtio-gpu-gl, Arch: qemu-hw-display-virtio-gpu-gl). QEMU of RHEL and its clones is '
                          'built without it: use another build.'),
    'gl-device-ok': ('ok', 'Devices: {devices}', ''),
    'egl-headless-missing': ('note', 'This QEMU has no egl-headless display, which servers use.',
                             'Install its module (Debian 12: qemu-system-common, Debian 13: qemu-system-modules-opengl, Fedora: '
                             'qemu-ui-egl-headless), or use a display with gl=on.'),
    # virglrenderer
    'virglrenderer-missing': ('problem', 'The library virglrenderer is not installed.',
                              'Install it (Debian: libvirglrenderer1, Fedora and Arch: virglrenderer).'),
    'virglrenderer-unknown': ('note', 'virglrenderer is there ({library}); its version cannot be told.', ''),
    'virglrenderer-old': ('limit', 'virglrenderer {version} cannot map host memory into guests: OpenGL 4.3 at most.',
                          'OpenGL 4.5 needs virglrenderer 1.0 or newer (Debian 13 has it), and a QEMU built with it.'),
    'virglrenderer-ok': ('ok', 'virglrenderer {version}', ''),
    # GPU
    'render-node-missing': ('limit', 'There is no GPU: no render node in {folder}.',
                            'Load the driver of the GPU; pass the device into a container (docker: --device /dev/dri). Without a '
                            'GPU, guests are drawn by the processor.'),
    'render-node-denied': ('limit', '{user} may not open {node} ({mode}, group {group}).',
                           'usermod -aG {group} {user}, then start the guests (or log in) anew.'),
    'render-node-ok': ('ok', '{node}: {driver}, {user} may use it', ''),
    'gpu-nvidia': ('note', '{node} is driven by NVIDIA\'s own driver.',
                   'Use driver 525 or newer and nvidia-drm.modeset=1, which egl-headless needs.'),
    'egl-missing': ('problem', 'libEGL cannot be loaded: {why}',
                    'Install it (Debian: libegl1, and the driver: libgl1-mesa-dri or NVIDIA\'s).'),
    'egl-broken': ('limit', 'EGL gives no OpenGL context without a screen: {why}',
                   'Install the GPU\'s EGL driver (Debian: libegl-mesa0 and libgl1-mesa-dri, or NVIDIA\'s libnvidia-egl-gbm1).'),
    'egl-software': ('limit', 'EGL without a screen draws by the processor: {renderer}, OpenGL {version}.',
                     'Look at the render node above: its driver or the permission is missing.'),
    'egl-ok': ('ok', 'EGL without a screen: {renderer}, OpenGL {version}', ''),
    # KVM
    'kvm-missing': ('limit', 'There is no {path}: guests run many times slower.',
                    'Switch virtualisation on in the firmware, and load kvm_intel or kvm_amd; in a virtual machine, nesting.'),
    'kvm-denied': ('limit', '{user} may not open {path} ({mode}, group {group}).',
                   'usermod -aG {group} {user}, then start the guests (or log in) anew.'),
    'kvm-broken': ('limit', '{path} does not answer as KVM does: {why}', 'Load kvm_intel or kvm_amd.'),
    'kvm-ok': ('ok', 'KVM: {user} may use it', ''),
    # the device itself
    'device-skipped': ('note', 'The device was not started (--no-start): what a guest gets is not known.', 'Leave out --no-start.'),
    'device-timeout': ('problem', 'QEMU with {display} did not answer within {seconds} seconds.', 'Look at its output: {output}'),
    'device-refused': ('problem', 'QEMU does not start the device with {display}: {why}', '{hint}'),
    'display-fallback': ('limit', 'egl-headless does not work here: {why}',
                         'The device was started with {display} instead. Mend the render node above.'),
    'hostmem-missing': ('limit', 'virtio-gpu-gl-pci of this QEMU has no hostmem option: OpenGL 4.3 at most.',
                        'OpenGL 4.5 needs QEMU 9.2 or newer, built with virglrenderer 1.0 or newer.'),
    'blob-refused': ('limit', 'This QEMU does not start the device with blob=on,hostmem=SIZE: {why}',
                     'OpenGL 4.5 needs QEMU 9.2 or newer, built with virglrenderer 1.0 or newer.'),
    'device-no-virgl': ('problem', 'The device offers no 3D (no VIRTIO_GPU_F_VIRGL).', 'Use virtio-gpu-gl-pci, not virtio-gpu-pci.'),
    'device-no-capset': ('problem', 'The device has no virgl capability set; it has: {capsets}.',
                         'virglrenderer could not get OpenGL of the host: look at EGL above.'),
    'device-confused': ('problem', 'The device started, and then answered nonsense: {why}', 'Report this with the output of --json.'),
    'device-ok': ('ok', 'The device works: {options}, display {display}', ''),
    'host-gles': ('limit', 'The host offers OpenGL ES alone.', 'Use a host GPU driver with desktop OpenGL; egl-headless,gl=on, not gl=es.'),
    'software-renderer': ('limit', 'The host draws with its processor ({renderer}).', 'It works, and is slow. See the render node above.'),
    'version-limit': ('note', 'Not OpenGL {version}: {needs}.', '{hint}'),
}


class Remarks:
    """What was found, in order. Each is a dictionary: id, level, text, hint, and the values."""

    def __init__(self):
        self.list = []

    def add(self, name, **values):
        level, text, hint = MESSAGES[name]
        self.list.append({'id': name, 'level': level, 'text': text.format(**values), 'hint': hint.format(**values)})

    def worst(self):
        levels = ['ok', 'note', 'limit', 'problem']
        return max((remark['level'] for remark in self.list), key=levels.index, default='ok')
