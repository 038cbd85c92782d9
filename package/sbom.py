# SPDX-License-Identifier: MIT
"""The bill of materials: what a release is made of, as SPDX 2.3 in JSON."""

import hashlib
import json
import subprocess
import uuid

import archives
import release
import stage

LICENCE_OF_FILE = {'LICENSE-Mesa.txt': 'NOASSERTION', 'LICENSE-mingw-w64.txt': 'NOASSERTION',
                   'LICENSE-gcc-runtime.txt': 'NOASSERTION', 'LICENSE-installer.txt': 'NOASSERTION'}
OURS, MESA, MINGW64, MINGW32, GCC, NSIS = (f'SPDXRef-Package-{name}' for name in (
    'vgpu', 'Mesa', 'mingw-w64-x86-64', 'mingw-w64-i686', 'gcc-runtime', 'NSIS'))
# which package is linked into which file
INSIDE = {'vgpu.sys': (), 'vgpu-info.exe': (MINGW64, GCC), 'vgpu-setup.exe': (MINGW64, GCC),
          'MvisorVGPUx64.dll': (MESA, MINGW64, GCC), 'x64/opengl32.dll': (MESA, MINGW64, GCC),
          'MvisorVGPUx86.dll': (MESA, MINGW32, GCC), 'x86/opengl32.dll': (MESA, MINGW32, GCC)}


def debian_version(package):
    result = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', package], stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        raise release.ReleaseError(f'{package} is not installed: run `make setup`')
    return result.stdout


def package(identity, name, version, licence, purl=None, sha256=None, comment=None):
    entry = {'SPDXID': identity, 'name': name, 'versionInfo': version, 'downloadLocation': 'NOASSERTION', 'filesAnalyzed': False,
             'licenseConcluded': licence, 'licenseDeclared': licence, 'copyrightText': 'NOASSERTION'}
    if sha256:
        entry['checksums'] = [{'algorithm': 'SHA256', 'checksumValue': sha256}]
    if purl:
        entry['externalRefs'] = [{'referenceCategory': 'PACKAGE-MANAGER', 'referenceType': 'purl', 'referenceLocator': purl}]
    if comment:
        entry['comment'] = comment
    return entry


def from_debian(identity, name, debian, licence, comment):
    version = debian_version(debian)
    return package(identity, name, version, licence, f'pkg:deb/debian/{debian}@{version}', comment=comment)


def packages():
    """Of others."""
    pin = stage.mesa_pin()
    return [
        package(MESA, 'Mesa', pin['MESA_VERSION'], 'MIT AND Apache-2.0 AND BSL-1.0 AND BSD-2-Clause AND BSD-3-Clause AND SGI-B-2.0',
                f'pkg:deb/debian/mesa@{pin["MESA_VERSION"]}?arch=source', pin['MESA_SHA256'],
                f'{pin["MESA_ARCHIVE"]}, as released, with icd/mesa/hook.patch, icd/mesa/common.patch and the winsys of this project'),
        from_debian(MINGW64, 'mingw-w64 run-time library and winpthreads', 'mingw-w64-x86-64-dev', 'ZPL-2.1 AND MIT AND BSD-3-Clause',
                    'linked statically'),
        from_debian(MINGW32, 'mingw-w64 run-time library and winpthreads, 32 bits', 'mingw-w64-i686-dev',
                    'ZPL-2.1 AND MIT AND BSD-3-Clause', 'linked statically'),
        from_debian(GCC, 'libgcc and libstdc++', stage.GCC_PACKAGE, 'GPL-3.0-or-later WITH GCC-exception-3.1', 'linked statically'),
        from_debian(NSIS, 'NSIS', stage.NSIS_PACKAGE, 'Zlib AND CPL-1.0', 'the program part of the installer; LZMA under CPL-1.0 with its exception'),
    ]


def file_entries(folder):
    entries = []
    for name in archives.files_of(folder):
        with open(f'{folder}/{name}', 'rb') as file:
            data = file.read()
        licence = LICENCE_OF_FILE.get(name, 'NOASSERTION' if INSIDE.get(name) else 'MIT')
        entries.append({'SPDXID': f'SPDXRef-File-{name.replace("/", "-").replace("_", "-")}', 'fileName': f'./{name}',
                        'checksums': [{'algorithm': algorithm.upper(), 'checksumValue': hashlib.new(algorithm, data).hexdigest()}
                                      for algorithm in ('sha1', 'sha256')],
                        'licenseConcluded': licence, 'copyrightText': 'NOASSERTION'})
    return entries


def whole(version, files):
    """The release itself."""
    hashes = sorted(entry['checksums'][0]['checksumValue'] for entry in files)
    entry = package(OURS, 'vgpu', version, 'MIT', comment=release.PRODUCT)
    entry.update(filesAnalyzed=True, licenseInfoFromFiles=['MIT', 'NOASSERTION'],
                 packageVerificationCode={'packageVerificationCodeValue': hashlib.sha1(''.join(hashes).encode()).hexdigest()})
    return entry


def relation(one, kind, other):
    return {'spdxElementId': one, 'relationshipType': kind, 'relatedSpdxElement': other}


def make(folder, version, when):
    """The document's text for the files of a package, with the installer made of them."""
    files = file_entries(folder)
    by_name = {entry['fileName'][2:]: entry['SPDXID'] for entry in files}
    relations = [relation('SPDXRef-DOCUMENT', 'DESCRIBES', OURS), relation(NSIS, 'OPTIONAL_COMPONENT_OF', OURS)]
    relations += [relation(OURS, 'CONTAINS', entry['SPDXID']) for entry in files]
    relations += [relation(by_name[name], 'STATIC_LINK', identity) for name in sorted(INSIDE) if name in by_name
                  for identity in INSIDE[name]]
    content = json.dumps([files, relations], sort_keys=True).encode()
    document = {
        'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT', 'name': f'vgpu-{version}',
        'documentNamespace': f'urn:uuid:{uuid.UUID(bytes=hashlib.sha256(content).digest()[:16], version=5)}',
        'creationInfo': {'created': f'{release.date(when):%Y-%m-%dT%H:%M:%SZ}', 'creators': ['Tool: vgpu package/sbom.py']},
        'packages': [whole(version, files), *packages()], 'files': files, 'relationships': relations,
    }
    return json.dumps(document, indent=1, sort_keys=True) + '\n'
