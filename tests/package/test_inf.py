#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The INF keeps every rule, and each rule is noticed when it is broken."""

import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, f'{ROOT}/package')
import check_inf  # noqa: E402
from inf import Inf, InfError  # noqa: E402

BROKEN = {
    'signature': [('"$Windows NT$"', '"$Chicago$"')],
    'system-class': [('= System', '= Display'), ('4d36e97d', '4d36e968')],
    'catalog': [('vgpu.cat', 'other.cat')],
    'provider': [('"Virtual GPU for Windows guests"', '"Microsoft"'), ('%Provider% = Models', '%Disk% = Models')],
    'driver-version': [('11/23/2026', '23.11.2026'), ('0.1.0.0', '0.1'), ('0.1.0.0', '0.1.0.65536'), ('DriverVer', 'Driver')],
    'pnp-lockdown': [('PnpLockdown = 1', 'PnpLockdown = 0')],
    'target-system': [('Models,NTamd64.10.0...14393', 'Models,NTamd64.6.1')],
    'hardware-ids': [('&SUBSYS_11001AF4&REV_01', ''), ('DEV_1050', 'DEV_1051'),
                     ('%Mvisor%   = Install', '%Disk% = Install, PCI\\VEN_1AF4&DEV_1041\n%Mvisor%   = Install')],
    'driver-store': [('DefaultDestDir = 13', 'DefaultDestDir = 12'), ('ServiceBinary = %13%', 'ServiceBinary = %12%')],
    'source-files': [('[Files]\nvgpu.sys', '[Files]\nother.sys'), ('[Files]\nvgpu.sys', '[Files]\nvgpu.sys,x.sys')],
    'service': [('vgpu,0x00000002', 'vgpu,0x00000000'), ('StartType     = 3', 'StartType = 0'),
                ('ServiceType   = 1', 'ServiceType = 16'), ('ErrorControl  = 1', 'ErrorControl = 3')],
    'event-log': [(',Service,EventLog', ',Service'), ('EventMessageFile', 'EventMessage')],
    'framework': [('KmdfLibraryVersion = 1.15', 'KmdfLibraryVersion = 1.33'),
                  ('[Strings]', '[Install.NT.CoInstallers]\nAddReg = x\n[Strings]')],
    'message-interrupts': [('MSISupported,0x00010001,1', 'MSISupported,0x00010001,0'),
                           ('MessageNumberLimit,0x00010001,4', 'MessageNumberLimit,0x00010001,1')],
    'device-security': [('D:P(A', 'D:(A'), ('(A;;GRGW;;;AU)', '(A;;GA;;;AU)'), ('(A;;GA;;;BA)', ''), ('HKR,,Security', 'HKR,,Insecurity')],
    'isolation': [('HKR,,Security', 'HKLM,Software,Security'), ('[Files]', '[X]\nDelFiles = y\n[Files]')],
}


def stamped():
    with open(f'{ROOT}/package/vgpu.inf.in', encoding='ascii') as file:
        return file.read().replace('@DATE@', '11/23/2026').replace('@VERSION@', '0.1.0.0')


class Rules(unittest.TestCase):
    def test_ours_keeps_them(self):
        self.assertEqual(check_inf.check(stamped().encode()), [])

    def test_each_is_noticed_when_broken(self):
        self.assertEqual(set(BROKEN), set(check_inf.RULES))
        for name, changes in BROKEN.items():
            for old, new in changes:
                with self.subTest(rule=name, change=new):
                    self.assertIn(old, stamped())
                    wrong = check_inf.check(stamped().replace(old, new).encode())
                    self.assertIn(name, [rule for rule, _ in wrong])

    def test_missing_sections_are_errors_not_crashes(self):
        for section in ('Version', 'Manufacturer', 'Service', 'Hardware', 'Wdf', 'Files', 'Strings', 'DestinationDirs'):
            with self.subTest(section=section):
                self.assertTrue(check_inf.check(stamped().replace(f'[{section}]', '[Nothing]').encode()))


class Reading(unittest.TestCase):
    def test_quotes_comments_strings(self):
        inf = Inf(b'[a]\nk = "x,y""z", %Word% ; no\n[Strings]\nWord = "a; b"\n')
        self.assertEqual(inf.section('A'), [('k', ['x,y"z', 'a; b'])])

    def test_utf16_is_read(self):
        self.assertEqual(Inf('[a]\nk = v\n'.encode('utf-16')).value('a', 'k'), 'v')

    def test_what_cannot_be_read_says_why(self):
        for data in (b'x = 1\n', b'[a]\nk = "open\n', '[a]\nk = \u00e4\n'.encode(), b'[a]\n' + b'x' * 5000):
            with self.subTest(data=data[:20]):
                self.assertRaises(InfError, Inf, data)
        self.assertRaises(InfError, Inf(b'[a]\nk = %no%\n').section, 'a')


if __name__ == '__main__':
    unittest.main()
