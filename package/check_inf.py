#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks a driver package's INF against the rules of Windows 10 1607 and later that a release must keep.

usage: check_inf.py FILE.inf        Exit status 0: every rule is kept, 1: each broken one is printed, 2: not readable."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from inf import Inf, InfError  # noqa: E402

SYSTEM_CLASS = '{4d36e97d-e325-11ce-bfc1-08002be10318}'
HARDWARE_IDS = {r'PCI\VEN_1AF4&DEV_1050', r'PCI\VEN_1AF4&DEV_105B&SUBSYS_11001AF4&REV_01'}
TARGET = 'NTamd64.10.0...14393'
LEAST_MESSAGES = 2  # a queue's and the configuration's
KERNEL_DRIVER, DEMAND_START, ERROR_NORMAL = 1, 3, 1
SPSVCINST_ASSOCSERVICE = 2
RULES = {}


def rule(function):
    """A rule is a function of an Inf that yields what is wrong; its first line of text is what it demands."""
    RULES[function.__name__.replace('_', '-')] = function
    return function


def number(text):
    try:
        return int(text, 0)
    except (TypeError, ValueError):
        return None


def install_sections(inf):
    """The install section of each hardware id, by id."""
    found = {}
    for manufacturer, fields in inf.section('Manufacturer'):
        for target in fields[1:]:
            for _, model in inf.section(f'{fields[0]}.{target}'):
                for hardware_id in model[1:]:
                    found[hardware_id] = model[0]
        del manufacturer
    return found


def each_install(inf, suffix=''):
    for name in sorted(set(install_sections(inf).values())):
        yield name, inf.section(f'{name}.NT{suffix}')


def registry_lines(inf, section):
    """The lines of the AddReg sections that a section names."""
    for key, fields in section:
        if key and key.lower() == 'addreg':
            for name in fields:
                yield from (line for _, line in inf.section(name))


@rule
def signature(inf):
    """[Version] Signature is "$Windows NT$"."""
    if (inf.value('Version', 'Signature') or '').lower() != '$windows nt$':
        yield inf.value('Version', 'Signature')


@rule
def system_class(inf):
    """The class is System, by name and by GUID, as the driver owns no display."""
    if inf.value('Version', 'Class') != 'System' or inf.value('Version', 'ClassGuid', '').lower() != SYSTEM_CLASS:
        yield f"{inf.value('Version', 'Class')} {inf.value('Version', 'ClassGuid')}"


@rule
def catalog(inf):
    """CatalogFile names vgpu.cat."""
    if inf.value('Version', 'CatalogFile') != 'vgpu.cat':
        yield inf.value('Version', 'CatalogFile')


@rule
def provider(inf):
    """The provider is named, and is the manufacturer; it does not claim to be Microsoft."""
    name = inf.value('Version', 'Provider', '')
    if not name or 'microsoft' in name.lower():
        yield f'provider "{name}"'
    if [key for key, _ in inf.section('Manufacturer')] != [name]:
        yield 'the manufacturer is another'


@rule
def driver_version(inf):
    """DriverVer has a date mm/dd/yyyy and a version of four numbers below 65536."""
    for key, fields in inf.section('Version'):
        if key.lower() == 'driverver':
            date = re.fullmatch(r'(\d\d)/(\d\d)/(\d{4})', fields[0])
            version = fields[1].split('.') if len(fields) == 2 else []
            if not date or not 1 <= int(date[1]) <= 12 or not 1 <= int(date[2]) <= 31 or int(date[3]) < 2009:
                yield f'date {fields[0]}'
            if len(version) != 4 or any(number(part) is None or not 0 <= number(part) < 65536 for part in version):
                yield f'version {fields[1:]}'
            return
    yield 'missing'


@rule
def pnp_lockdown(inf):
    """PnpLockdown is 1: programs cannot change the driver's files."""
    if inf.value('Version', 'PnpLockdown') != '1':
        yield str(inf.value('Version', 'PnpLockdown'))


@rule
def target_system(inf):
    """Models are decorated for x64, Windows 10 1607 and later, and for nothing else."""
    for _, fields in inf.section('Manufacturer'):
        if fields[1:] != [TARGET]:
            yield ','.join(fields)


@rule
def hardware_ids(inf):
    """Exactly the two devices; 1AF4:105B, which is virtio-pmem too, only with its subsystem and revision."""
    found = set(install_sections(inf))
    for name in sorted(found ^ HARDWARE_IDS):
        yield f'{name} is {"one too many" if name in found else "missing"}'


@rule
def driver_store(inf):
    """Files are run from the driver store: DIRID 13, for every destination, and for the service."""
    for key, fields in inf.section('DestinationDirs'):
        if fields != ['13']:
            yield f'{key} = {",".join(fields)}'
    for name, services in each_install(inf, '.Services'):
        for _, fields in services:
            if not inf.value(fields[2], 'ServiceBinary', '').startswith('%13%\\'):
                yield f'{name}: {inf.value(fields[2], "ServiceBinary")}'


@rule
def source_files(inf):
    """Each file that is copied is on the disk, and each file on the disk is copied; none is renamed."""
    listed = {key.lower() for key, _ in inf.section('SourceDisksFiles')}
    copied = set()
    for _, section in each_install(inf):
        for key, fields in section:
            if key and key.lower() == 'copyfiles':
                for name in fields:
                    for entry_key, entry in ([(None, [name[1:]])] if name.startswith('@') else inf.section(name)):
                        copied.add(entry[0].lower())
                        if entry_key or len(entry) > 1 and entry[1]:
                            yield f'{entry[0]} is renamed'
    for name in sorted(listed ^ copied):
        yield f'{name} is {"not copied" if name in listed else "not on the disk"}'


@rule
def service(inf):
    """One associated service: a kernel driver, started on demand, whose failure is reported and lets Windows start."""
    for name, section in each_install(inf, '.Services'):
        services = [fields for key, fields in section if key.lower() == 'addservice']
        if len(services) != 1 or number(services[0][1]) is None or not number(services[0][1]) & SPSVCINST_ASSOCSERVICE:
            yield f'{name}: AddService {services}'
            continue
        for key, right in (('ServiceType', KERNEL_DRIVER), ('StartType', DEMAND_START), ('ErrorControl', ERROR_NORMAL)):
            if number(inf.value(services[0][2], key)) != right:
                yield f'{key} is {inf.value(services[0][2], key)}, not {right}'


@rule
def event_log(inf):
    """The event log knows where the driver's messages are."""
    for name, section in each_install(inf, '.Services'):
        for _, fields in section:
            lines = list(registry_lines(inf, inf.section(fields[3]))) if len(fields) > 3 else []
            if not any(line[2].lower() == 'eventmessagefile' and r'%13%\vgpu.sys' in line[4].lower() for line in lines):
                yield f'{name}: no EventMessageFile of the driver'


@rule
def framework(inf):
    """A Wdf section names KMDF 1.15, which Windows 10 1607 has; no co-installer anywhere."""
    for name, section in each_install(inf, '.Wdf'):
        for key, fields in section:
            if key.lower() == 'kmdfservice' and inf.value(fields[1], 'KmdfLibraryVersion') != '1.15':
                yield f'{name}: KMDF {inf.value(fields[1], "KmdfLibraryVersion")}'
    for name in inf.sections:
        if name.endswith('.coinstallers'):
            yield f'[{name}]'


@rule
def message_interrupts(inf):
    """Message-signalled interrupts are asked for, and enough of them."""
    for name, section in each_install(inf, '.HW'):
        values = {line[2].lower(): number(line[4]) for line in registry_lines(inf, section)
                  if line[1].lower().endswith('messagesignaledinterruptproperties') and len(line) > 4}
        if values.get('msisupported') != 1 or (values.get('messagenumberlimit') or 0) < LEAST_MESSAGES:
            yield f'{name}: {values}'


@rule
def device_security(inf):
    """The device has a protected security descriptor: everything for the system and administrators, no one may change it else."""
    for name, section in each_install(inf, '.HW'):
        found = [line[4] for line in registry_lines(inf, section) if line[2].lower() == 'security']
        if len(found) != 1 or not re.fullmatch(r'D:P(\(A;;\w+;;;[\w-]+\))+', found[0]):
            yield f'{name}: {found}'
            continue
        rights = dict((who, what) for what, who in re.findall(r'\(A;;(\w+);;;([\w-]+)\)', found[0]))
        if rights.pop('SY', '') != 'GA' or rights.pop('BA', '') != 'GA':
            yield f'{name}: system or administrators lack rights'
        for who, what in rights.items():
            if not re.fullmatch('(GR|GW)+', what):
                yield f'{name}: {who} has {what}'


@rule
def isolation(inf):
    """Nothing is written outside of what the package owns: registry below HKR only, no file outside the driver store."""
    for name in inf.sections:
        for key, fields in inf.sections[name]:
            if key is None and fields[0].upper() in ('HKLM', 'HKCR', 'HKCU', 'HKU'):
                yield f'[{name}] {",".join(fields[:2])}'
            if key and key.lower() in ('delreg', 'delfiles', 'renfiles', 'registerdlls', 'profileitems', 'updateinis', 'bitreg'):
                yield f'[{name}] {key}'


def check(data):
    """[(rule, what is wrong)]; raises InfError when the file cannot be read at all."""
    inf = Inf(data)
    wrong = []
    for name, function in RULES.items():
        try:
            wrong += [(name, text) for text in function(inf)]
        except InfError as error:
            wrong.append((name, str(error)))
        except (IndexError, AttributeError, KeyError) as error:
            wrong.append((name, f'an entry is malformed ({error})'))
    return wrong


def main(arguments):
    if len(arguments) != 1 or arguments[0] == '--help':
        print(__doc__.split('\n\n')[1])
        return 0 if arguments == ['--help'] else 2
    try:
        with open(arguments[0], 'rb') as file:
            wrong = check(file.read())
    except (OSError, InfError) as error:
        print(f'{arguments[0]}: {error}', file=sys.stderr)
        return 2
    for name, text in wrong:
        print(f'{name}: {text}\n    {RULES[name].__doc__}')
    if not wrong:
        print(f'{len(RULES)} rules kept')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
