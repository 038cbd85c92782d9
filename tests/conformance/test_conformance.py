#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How the conformance run attributes results to tests, and compares them. Programs of a few lines stand for piglit's."""
import os
import stat
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import compare  # noqa: E402
import execute  # noqa: E402
import suite  # noqa: E402
import windows_build  # noqa: E402
import windows_set  # noqa: E402

# Each "shader" holds what is said of it, or what happens.
RUNNER = '''#!/bin/sh
number=0 several=no
for argument; do [ "$argument" = -report-subtests ] && several=yes; done
for argument; do
    case $argument in -*) continue ;; esac
    number=$((number + 1)) what=$(cat "$argument")
    [ $several = yes ] && echo "PIGLIT TEST: $number - $argument"
    case $what in
    crash) kill -SEGV $$ ;;
    hang) exec sleep 60 ;;
    skip-in-company) [ $several = yes ] && what=skip || what=pass ;;
    fail-in-company) [ $several = yes ] && what=fail || what=pass ;;
    stop) echo 'PIGLIT: {"result": "skip" }'; exit 0 ;;
    esac
    if [ $several = yes ]; then echo "PIGLIT: {\\"subtest\\": {\\"$argument\\" : \\"$what\\"}}"
    else echo "PIGLIT: {\\"result\\": \\"$what\\" }"; fi
done
'''


class Plain:
    prefix, values, trusted = [], dict(os.environ), ('pass', 'skip')


class Running(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.runner = f'{self.folder}/runner'
        with open(self.runner, 'w', encoding='ascii') as file:
            file.write(RUNNER)
        os.chmod(self.runner, stat.S_IRWXU)

    def results(self, *said, limit=20, stack=Plain):
        tests = []
        for number, text in enumerate(said):
            with open(f'{self.folder}/{number}', 'w', encoding='ascii') as file:
                file.write(text)
            tests.append(suite.Test(f'{number}', (self.runner,), f'{self.folder}/{number}'))
        found = {test.name: result for test, result, _ in execute.batch(stack, tests, limit, self.folder)}
        return [found[test.name] for test in tests]

    def test_together(self):
        self.assertEqual(self.results('pass', 'fail', 'skip', 'pass'), ['pass', 'fail', 'skip', 'pass'])

    def test_a_crash_is_one_test_s(self):
        self.assertEqual(self.results('pass', 'crash', 'pass', 'fail'), ['pass', 'crash', 'pass', 'fail'])

    def test_a_hang_is_one_test_s(self):
        self.assertEqual(self.results('pass', 'hang', 'pass', limit=1), ['pass', 'hang', 'pass'])

    def test_company_does_not_decide(self):
        self.assertEqual(self.results('pass', 'fail-in-company'), ['pass', 'pass'])

    def test_skips_need_not_be_trusted(self):
        class Doubting(Plain):
            trusted = ('pass',)

        self.assertEqual(self.results('pass', 'skip-in-company', stack=Doubting), ['pass', 'pass'])
        self.assertEqual(self.results('pass', 'skip-in-company'), ['pass', 'skip'])

    def test_an_early_end_leaves_none_out(self):
        self.assertEqual(self.results('pass', 'stop', 'fail', 'pass'), ['pass', 'skip', 'fail', 'pass'])

    def test_a_broken_rule_is_a_crash(self):
        for status in execute.BROKEN:
            self.assertEqual(execute.verdict(status, 'PIGLIT: {"result": "pass" }'), 'crash')
        self.assertEqual(execute.verdict(1, 'PIGLIT: {"result": "pass" }'), 'fail')
        self.assertEqual(execute.verdict(0, 'nothing'), 'fail')

    def test_a_windows_program_that_crashed(self):
        self.assertEqual(execute.verdict(5, 'nothing'), 'crash')
        self.assertEqual(execute.verdict(5, 'PIGLIT: {"result": "fail" }'), 'fail')

    def test_what_started_others_may_end_them(self):
        script = f'trap "echo ended >{self.folder}/said; exit" TERM; sleep 60 & wait'
        status, _ = execute.run(Plain, ['sh', '-c', script], 1, self.folder)
        self.assertIsNone(status)
        with open(f'{self.folder}/said', encoding='ascii') as file:
            self.assertEqual(file.read(), 'ended\n')

    def test_large_batches_come_first(self):
        tests = [suite.Test('alone', ('a',), ''), *(suite.Test(f'{number}', ('b',), 'x') for number in range(5))]
        self.assertEqual([len(made) for made in execute.batches(tests, 2)], [2, 2, 1, 1])


class Comparing(unittest.TestCase):
    ROWS = [('a', 'pass', 'fail', 'pass'), ('b', 'pass', 'pass', 'fail'), ('c', 'fail', 'pass', None), ('d', 'skip', 'crash', None),
            ('e', 'pass', 'skip', 'skip')]

    def test_summary(self):
        summary = compare.summary(self.ROWS)
        self.assertEqual(summary['native_pass'], 3)
        self.assertEqual(summary['ours_pass_of_native_pass_percent'], 33.333)
        self.assertEqual(summary['linux_virgl_pass_of_native_pass_percent'], 33.333)
        self.assertEqual((summary['crashes'], summary['hangs'], summary['ours_fails_where_linux_virgl_passes']), (1, 0, 1))

    def test_every_surprise_is_said(self):
        self.assertEqual([line.split(':')[0] for line in compare.unexpected(self.ROWS, [])], ['a', 'd', 'e'])
        known = [('fail', 'a', 'x'), ('fail', 'b', 'x'), ('flaky', 'e', 'x'), ('fail', 'd', 'x')]
        self.assertEqual([line.split(':')[0] for line in compare.unexpected(self.ROWS, known)], ['b'])

    def test_expectations(self):
        self.assertTrue(all(': ' not in name and cause for _, name, cause in compare.expectations()))
        expected = [('fail', 'spec@one*', 'x'), ('flaky', 'two', 'y')]
        self.assertEqual(compare.expectation(expected, 'spec@one@more'), ('fail', 'x'))
        self.assertEqual(compare.expectation(expected, 'two'), ('flaky', 'y'))
        self.assertIsNone(compare.expectation(expected, 'two@more'))
        with tempfile.NamedTemporaryFile('w', encoding='ascii') as file:
            file.write('# why\nfail a@b c*: ours: a cause\n')
            file.flush()
            self.assertEqual(compare.expectations(file.name), [('fail', 'a@b c*', 'ours: a cause')])
            file.write('fail without a cause\n')
            file.flush()
            with self.assertRaises(compare.ExpectationError):
                compare.expectations(file.name)


class Choosing(unittest.TestCase):
    NAMES = [f'spec@area{number % 7}@test{number}' for number in range(700)]

    def test_slices_are_all_of_it(self):
        parts = [suite.sliced(self.NAMES, number, 5) for number in range(1, 6)]
        self.assertEqual(sorted(sum(parts, [])), sorted(self.NAMES))
        self.assertGreater(min(map(len, parts)), 100)

    def test_every_area_is_there(self):
        chosen = suite.per_area(self.NAMES, 2)
        self.assertEqual(sorted(name.split('@')[1] for name in chosen), sorted(2 * [f'area{number}' for number in range(7)]))


class Windows(unittest.TestCase):
    def test_list(self):
        names = windows_set.names()
        self.assertGreaterEqual(len(names), 300)
        self.assertEqual(len(names), len(set(names)))
        with self.assertRaises(suite.SuiteError):
            windows_set.choose({})

    def test_programs_replace_the_installed_ones(self):
        stack = windows_set.Stack('x86-mvisor', '/piglit')
        self.assertIn('--device=mvisor', stack.prefix)
        test = stack.test(suite.Test('a', ('/piglit/bin/one', '-auto'), ''))
        self.assertEqual(test.command, (f'{windows_build.OUT}/x86/one.exe', '-auto'))

    def test_programs_sources(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f'{folder}/tests/area')
            with open(f'{folder}/tests/area/CMakeLists.gl.txt', 'w', encoding='ascii') as file:
                file.write('piglit_add_executable (one one.c\n two.cpp)\npiglit_add_executable(three three.c)\n')
            self.assertEqual(windows_build.sources(folder), {'one': [f'{folder}/tests/area/one.c', f'{folder}/tests/area/two.cpp'],
                                                             'three': [f'{folder}/tests/area/three.c']})

    def test_each_stack_is_compared_with_native(self):
        native = {'a': 'pass', 'b': 'pass', 'c': 'skip'}
        summaries, said = windows_set.report(native, {'x64-qemu': {'a': 'pass', 'b': 'crash'}, 'x86-qemu': {'a': 'fail', 'b': 'pass'}})
        self.assertEqual(summaries['x64-qemu']['crashes'], 1)
        self.assertEqual(summaries['x86-qemu']['ours_pass_of_native_pass_percent'], 50)
        self.assertEqual(said, ['x64-qemu: b: crash', 'x86-qemu: a: passes natively, fail with us'])


if __name__ == '__main__':
    unittest.main()
