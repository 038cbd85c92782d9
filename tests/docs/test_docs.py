#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The documents: what they name is there, and what they tell one to type works. And that wrong documents are found."""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True
import kinds  # noqa: E402
import markdown  # noqa: E402
import static  # noqa: E402


class Documents(unittest.TestCase):
    def test_what_they_name_is_there(self):
        errors = static.check(markdown.ROOT, kinds.KINDS)
        self.assertEqual(errors, [], '\n' + '\n'.join(errors))

    def test_what_they_tell_to_type_works(self):
        tested = [block for page in static.Tree(markdown.ROOT).pages.values() for block in page.blocks if block.mark == 'tested']
        self.assertEqual({block.how for block in tested}, set(kinds.KINDS), 'a kind without a block, or the other way round')
        for block in tested:
            with self.subTest(f'{block.file}:{block.line} ({block.how})'):
                kinds.KINDS[block.how](block)
        print(f'{len(tested)} blocks tested')


class WrongDocuments(unittest.TestCase):
    """Each check finds what it is there for."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = self.folder.name
        subprocess.run(['git', 'init', '-q', self.root], check=True)
        self.write('Makefile', 'test build:\n\techo\n')
        self.write('vgpu-run', "add_argument('--device')\n")
        self.write('kernel/gpu.c', '')

    def write(self, name, text):
        path = f'{self.root}/{name}'
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def errors(self, text):
        self.write('README.md', text)
        return static.check(self.root, {'sh'})

    def assert_finds(self, text, words):
        errors = self.errors(text)
        self.assertEqual(len(errors), 1, errors)
        self.assertIn(words, errors[0])

    def test_good(self):
        self.assertEqual(self.errors('# A title, and `code`\n[here](#a-title-and-code) [there](kernel/gpu.c) [web](https://example.org)\n'
                                     '`make test JOBS=1` `./vgpu-run --device=qemu X` `kernel/*.c` `kernel/gpu.{c,c}` `build/x`\n'
                                     '<!-- tested: sh -->\n```sh\nmake build\n```\n<!-- not tested: no time -->\n```xml\n<a/>\n```\n```\n a ─► b\n```\n'), [])

    def test_links(self):
        self.assert_finds('[x](docs/gone.md)', 'docs/gone.md')
        self.assert_finds('# One\n[x](#two)', '#two')

    def test_targets(self):
        self.assert_finds('`make tests`', '"tests"')
        self.assert_finds('<!-- tested: sh -->\n```sh\nmake tests  # all\n```', '"tests"')

    def test_options(self):
        self.assert_finds('`./vgpu-run --devices=qemu X`', '--devices')

    def test_files(self):
        self.assert_finds('`kernel/gpu.h`', 'kernel/gpu.h')
        self.assert_finds('`kernel/gpu.{c,h}`', 'kernel/gpu.h')

    def test_quotes(self):
        self.write('tools/vgpu-info/show.c', 'f("There is no device, or "\n  "its driver did not start.");')
        for words, count in (('There is no device, or its driver did not start.', 0), ('There is no device or its driver.', 1)):
            self.write('docs/troubleshooting.md', f'`vgpu-info` says "{words}"\n\n| "{words}" | x |\n')
            self.assertEqual(len(self.errors('')), 2 * count)

    def test_marks(self):
        self.assert_finds('```sh\ntrue\n```', 'without')
        self.assert_finds('```\nmake build\n```', 'without its language')
        self.assert_finds('<!-- tested: magic -->\n```sh\ntrue\n```', 'no test of the kind')

    def fails(self, kind, text):
        with self.assertRaises(AssertionError):
            kinds.KINDS[kind](markdown.Block('x.md', 1, '', 'tested', kind, text))

    def test_commands(self):
        self.fails('make', 'make no-such-target')
        self.fails('sh', 'false')
        self.fails('report', 'vgpu-hostcheck --nonsense')
        self.fails('qemu', 'qemu-system-x86_64 -device no-such-device -display none')
        self.fails('qemu', 'qemu-system-x86_64 -vga std -display none')
        self.fails('proxmox', "qm set 100 --args '-device virtio-gpu-gl'")
        self.fails('libvirt', "<video><model type='virtual'/></video>")
        self.fails('mvisor', 'objects:\n  - class: virtio-vgpu\n    memory: 100M\n')
        self.fails('mvisor', 'objects:\n  - class: virtio-vgpu\n    blobs: Yes\n')

    def test_manifests(self):
        good = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: b}\n'
        kinds.check_kubernetes(markdown.Block('x.md', 1, '', 'tested', 'kubernetes', good))
        self.fails('kubernetes', good.replace('metadata', 'meta'))
        self.fails('kubernetes', good.replace('ConfigMap', 'Pod'))
        self.fails('kubernetes', good.replace('a: b', '"a": "#!/bin/sh\\necho nonsense\\n"'))


if __name__ == '__main__':
    unittest.main()
