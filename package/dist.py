#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make dist`: the release, in build/dist: zip, ISO, installer, symbols, bill of materials, checksums.

Variables, of make or of the environment:
  SIGN_CERT, SIGN_KEY      who signs: a certificate for signing code and its key, PEM files; or the key in a token, SIGN_KEY='pkcs11:...'.
                           Without them: a certificate for tests, made in build/test-signing
  SIGN_CHAIN               PEM file with the certificates of the issuers, up to the root
  SIGN_PASSWORD_FILE       holds the key's password, or the token's PIN
  SIGN_PKCS11_MODULE       the token's library
  SIGN_TIMESTAMP_URL       a time stamping service (RFC 3161)
  SIGNED_DRIVER            a folder with vgpu.sys, vgpu.inf and vgpu.cat as Microsoft signed them: taken instead of signing these
  SOURCE_DATE_EPOCH        the release's date, in seconds since 1970 (default: the commit's)
docs/signing.md says more."""

import argparse
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import archives  # noqa: E402
import authenticode  # noqa: E402
import catalog  # noqa: E402
import check_inf  # noqa: E402
import release  # noqa: E402
import sbom  # noqa: E402
import signing  # noqa: E402
import stage  # noqa: E402
from inf import Inf, InfError  # noqa: E402
from release import ROOT, ReleaseError  # noqa: E402

STEPS = 6
LOG = f'{stage.BUILD}/dist.log'
BUILD_LIMIT = 3600  # seconds: Mesa from nothing on a slow machine


def say(step, text):
    print(f'dist [{step}/{STEPS}] {text}', flush=True)


def run_logged(*command):
    with open(LOG, 'ab') as log:
        result = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False,
                                timeout=BUILD_LIMIT)
    if result.returncode:
        with open(LOG, encoding='utf-8', errors='replace') as log:
            print(''.join(log.readlines()[-30:]), file=sys.stderr)
        raise ReleaseError(f'"{" ".join(command)}" failed; the whole output is in {LOG}')


def build():
    """What is in the package, and no more."""
    jobs = os.environ.get('JOBS') or str(os.cpu_count())
    if os.path.exists(LOG):
        os.unlink(LOG)
    run_logged('scripts/configure.sh', 'win64')
    targets = [os.path.relpath(path, stage.WIN64) for path in (*stage.DRIVER.values(), *stage.PROGRAMS.values())]
    run_logged('ninja', '-C', stage.WIN64, '-j', jobs, *targets)
    say(1, 'OpenGL DLLs (minutes, the first time)')
    result = subprocess.run(['icd/mesa/build.sh'], cwd=ROOT, stdin=subprocess.DEVNULL, check=False, timeout=BUILD_LIMIT)
    if result.returncode:
        raise ReleaseError('the OpenGL DLLs could not be built')


def check_package(folder):
    with open(f'{folder}/vgpu.inf', 'rb') as file:
        wrong = check_inf.check(file.read())
    if wrong:
        raise ReleaseError('vgpu.inf: ' + '; '.join(f'{rule}: {what}' for rule, what in wrong))


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write_unsigned_sums(folder, output):
    """Hashes that signatures do not change: who builds the same sources compares these."""
    lines = [f'{authenticode.digest(read(f"{folder}/{name}"), "sha256").hex()}  {name}\n' for name in archives.files_of(folder)]
    with open(output, 'w', encoding='ascii') as file:
        file.writelines(lines)


def make_catalog(folder, when):
    files = {name: read(f'{folder}/{name}') for name in ('vgpu.inf', 'vgpu.sys')}
    data = catalog.make(files, sorted(check_inf.install_sections(Inf(files['vgpu.inf']))), when)
    stage.write(f'{folder}/vgpu.cat', data)


def take_signed_driver(source, folder):
    """What Microsoft gave back has to be what was built here, but for signatures."""
    for name in ('vgpu.sys', 'vgpu.inf', 'vgpu.cat'):
        if not os.path.exists(f'{source}/{name}'):
            raise ReleaseError(f'SIGNED_DRIVER={source}: {name} is missing')
    for name in ('vgpu.sys', 'vgpu.inf'):
        theirs, ours = read(f'{source}/{name}'), read(f'{folder}/{name}')
        if authenticode.digest(theirs, 'sha256') != authenticode.digest(ours, 'sha256'):
            raise ReleaseError(f'SIGNED_DRIVER={source}: {name} is not the one of this build; build the commit that was submitted, '
                               'with the same SOURCE_DATE_EPOCH')
        if authenticode.digest(theirs, 'sha256') not in read(f'{source}/vgpu.cat'):
            raise ReleaseError(f'SIGNED_DRIVER={source}: vgpu.cat does not have {name}')
    for name in ('vgpu.sys', 'vgpu.inf', 'vgpu.cat'):
        shutil.copyfile(f'{source}/{name}', f'{folder}/{name}')


def sign_files(signer, folder, when, signed_driver):
    """Everything that can carry a signature, and the catalog; then each is verified."""
    images = [name for name in stage.IMAGES if not (signed_driver and name in stage.DRIVER)]
    for name in images:
        signing.sign(signer, f'{folder}/{name}', when, release.PRODUCT)
    if not signed_driver:
        make_catalog(folder, when)
        signing.sign(signer, f'{folder}/vgpu.cat', when, release.PRODUCT)
        images += ['vgpu.cat']
    if signer.is_test:
        stage.write(f'{folder}/vgpu-test.cer', signing.certificate_der(signer))
    return images


def verify(signer, folder, names, work):
    trusted = signing.trusted_file(signer, work)
    members = [('vgpu.sys', f'{folder}/vgpu.cat')] if 'vgpu.cat' in names else []
    for name, cat in [(name, None) for name in names] + members:
        wrong = signing.verify(f'{folder}/{name}', trusted, cat)
        if wrong:
            hint = '' if signer.is_test else '\n  SIGN_CHAIN has to hold the certificates of its issuers, up to the root'
            raise ReleaseError(f'{name}: its signature is not right{" in the catalog" if cat else ""}: {wrong}{hint}')


def make_submission(folder, symbols, work, output, when):
    """The cabinet that Microsoft signs: INF, driver and PDB in a folder."""
    place = f'{work}/submission'
    for source in (f'{folder}/vgpu.inf', f'{folder}/vgpu.sys', f'{symbols}/vgpu.pdb'):
        stage.write(f'{place}/vgpu/{os.path.basename(source)}', read(source))
    archives.settle(place, when)
    archives.make_cabinet(place, output)


def make_archives(work, out, name, version, when, signer):
    folder, symbols = f'{work}/stage', f'{work}/symbols'
    for place in (folder, symbols):
        archives.settle(place, when)
    archives.make_zip(folder, f'{out}/{name}.zip', when)
    archives.make_iso(folder, f'{out}/{name}.iso', when, f'VGPU_{version.replace(".", "_")}')
    archives.make_zip(symbols, f'{out}/{name}-symbols.zip', when)
    make_submission(folder, symbols, work, f'{out}/{name}-submission.cab', when)
    archives.make_installer(f'{ROOT}/package/installer.nsi', folder, f'{out}/{name}-setup.exe', version, when)
    for made in (f'{name}-setup.exe', f'{name}-submission.cab'):
        signing.sign(signer, f'{out}/{made}', when, release.PRODUCT)


def make(options):
    when, version = release.epoch(), release.version()
    name, out, work = f'vgpu-{version}', os.path.abspath(options.output), os.path.abspath(options.output) + '.work'
    own = signing.from_environment(os.environ)
    if own:
        signing.check_signer(own)  # before minutes are spent
    signed_driver = os.environ.get('SIGNED_DRIVER')
    say(1, f'version {version} of {release.date(when):%Y-%m-%d}: driver and programs')
    if release.git('status', '--porcelain', '--untracked-files=no'):
        print('  note: the tree has changes that are not committed')
    if not options.no_build:
        build()
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(f'{work}/new')
    say(2, 'files and licences')
    signer = own or signing.test_signer(f'{stage.BUILD}/test-signing')
    stage.put_files(f'{work}/stage', when, signer.is_test)
    stage.put_symbols(f'{work}/symbols')
    check_package(f'{work}/stage')
    write_unsigned_sums(f'{work}/stage', f'{work}/new/{name}-unsigned.sha256')
    say(3, 'signatures, ' + ('by a certificate for tests' if signer.is_test else f'by {signer.certificate}') + ', and the catalog')
    if signed_driver:
        take_signed_driver(signed_driver, f'{work}/stage')
    names = sign_files(signer, f'{work}/stage', when, signed_driver)
    say(4, 'verification')
    verify(signer, f'{work}/stage', names, work)
    say(5, 'zip, ISO, installer, symbols')
    make_archives(work, f'{work}/new', name, version, when, signer)
    verify(signer, f'{work}/new', [file for file in os.listdir(f'{work}/new') if file.endswith(('.exe', '.cab'))], work)
    say(6, 'bill of materials and checksums')
    with open(f'{work}/new/{name}.spdx.json', 'w', encoding='utf-8') as file:
        file.write(sbom.make(f'{work}/stage', version, when))
    archives.write_sums(f'{work}/new', f'{work}/SHA256SUMS')
    os.replace(f'{work}/SHA256SUMS', f'{work}/new/SHA256SUMS')
    shutil.rmtree(out, ignore_errors=True)
    os.rename(f'{work}/new', out)
    shutil.rmtree(work)
    for file in sorted(os.listdir(out)):
        print(f'  {os.path.relpath(out, os.getcwd())}/{file}  {os.path.getsize(f"{out}/{file}") / 1e6:.1f} MB')


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--output', default=f'{stage.BUILD}/dist', help='the folder, which is replaced (build/dist)')
    parser.add_argument('--no-build', action='store_true', help='take what is built')
    options = parser.parse_args(arguments)
    try:
        make(options)
    except (ReleaseError, signing.SigningError, archives.ArchiveError, InfError, authenticode.NotAnImage, OSError) as error:
        print(f'dist: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
