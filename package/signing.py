# SPDX-License-Identifier: MIT
"""Who signs a release, and that a signature is right. Signs and verifies with osslsigncode.

A signer is a certificate with its key in files, or a key in a token (PKCS #11); without one, a certificate for tests that is
made here and kept with its key in a folder, so that what is made again is the same."""

import collections
import datetime
import os
import re
import shutil
import subprocess
import tempfile

from asn1crypto import keys, pem, x509

LIMIT = 120  # seconds: a time stamping service may be slow
# Of itself it can sign code and nothing else, no other certificate either.
TEST_REQUEST = """[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = Virtual GPU test signing, not for production
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, codeSigning
subjectKeyIdentifier = hash
"""
TEST_DAYS = 3650
RENEW_BEFORE = datetime.timedelta(days=30)
LEAST_RSA_BITS = 2048
SYSTEM_ROOTS = '/etc/ssl/certs/ca-certificates.crt'

# certificate: PEM file or PKCS #11 URI; chain: PEM file with the issuers, or None; module: PKCS #11 library, or None;
# password_file, timestamp_url: or None
Signer = collections.namedtuple('Signer', 'certificate key chain module password_file timestamp_url is_test')


class SigningError(Exception):
    """What is wrong, and what to do."""


def run(*command, environment=None):
    """(whether it succeeded, what it said)"""
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                check=False, timeout=LIMIT, env=environment)
    except FileNotFoundError:
        raise SigningError(f'{command[0]} is not installed: run `make setup`') from None
    except subprocess.TimeoutExpired:
        raise SigningError(f'{command[0]}: no end after {LIMIT} s') from None
    return result.returncode == 0, result.stdout.decode(errors='replace').strip()


def is_token(name):
    return name.startswith('pkcs11:')


def read_certificates(path, what):
    """The certificates in a PEM file, at least one."""
    try:
        with open(path, 'rb') as file:
            data = file.read()
    except OSError as error:
        raise SigningError(f'{what}={path}: {error.strerror}') from None
    if not pem.detect(data):
        raise SigningError(f'{what}={path}: no PEM file; make one: `openssl x509 -inform DER -in FILE -out FILE.pem`, or '
                           '`openssl pkcs12 -in FILE.p12 -out FILE.pem`')
    try:
        found = [x509.Certificate.load(der) for name, _, der in pem.unarmor(data, multiple=True) if name == 'CERTIFICATE']
        for certificate in found:
            certificate.not_valid_after  # noqa: B018  parses it
    except ValueError as error:
        raise SigningError(f'{what}={path}: {error}') from None
    if not found:
        raise SigningError(f'{what}={path}: there is no certificate in it')
    return found


def check_certificate(certificate, what, now):
    """That it may sign code, today."""
    name = certificate.subject.human_friendly
    if now < certificate.not_valid_before:
        raise SigningError(f'{what}: the certificate "{name}" is valid from {certificate.not_valid_before:%Y-%m-%d} on')
    if now > certificate.not_valid_after:
        raise SigningError(f'{what}: the certificate "{name}" has expired on {certificate.not_valid_after:%Y-%m-%d}; '
                           'renew it, or leave SIGN_CERT out for a package that is signed for tests')
    usage = certificate.extended_key_usage_value
    if usage is None or 'code_signing' not in usage.native:
        raise SigningError(f'{what}: the certificate "{name}" is not for signing code (its extended key usage has no codeSigning)')
    if certificate.public_key.algorithm == 'rsa' and certificate.public_key.bit_size < LEAST_RSA_BITS:
        raise SigningError(f'{what}: its key has {certificate.public_key.bit_size} bits; Windows wants {LEAST_RSA_BITS} or more')


def check_key(signer, certificate):
    """That the key file is there, can be read, and is the certificate's."""
    try:
        with open(signer.key, encoding='latin-1') as file:
            text = file.read()
    except OSError as error:
        raise SigningError(f'SIGN_KEY={signer.key}: {error.strerror}') from None
    if 'ENCRYPTED' in text and not signer.password_file:
        raise SigningError(f'SIGN_KEY={signer.key}: it is encrypted; say where its password is: SIGN_PASSWORD_FILE=FILE')
    password = ['-passin', f'file:{signer.password_file}'] if signer.password_file else []
    with tempfile.NamedTemporaryFile(prefix='vgpu-public-') as public:
        good, said = run('openssl', 'pkey', '-in', signer.key, *password, '-pubout', '-outform', 'DER', '-out', public.name)
        if not good:
            raise SigningError(f'SIGN_KEY={signer.key}: openssl cannot read it: {said.splitlines()[0] if said else ""}')
        theirs = keys.PublicKeyInfo.load(public.read())
    if theirs.dump() != certificate.public_key.dump():
        raise SigningError(f'SIGN_KEY={signer.key} is not the key of SIGN_CERT={signer.certificate}')


def check_signer(signer, now=None):
    """Whatever can be said of it before something is signed."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    for name in filter(None, (signer.password_file, signer.module)):
        if not os.path.exists(name):
            raise SigningError(f'{name}: no such file')
    if signer.chain:
        read_certificates(signer.chain, 'SIGN_CHAIN')
    if is_token(signer.key) and not signer.module:
        raise SigningError('SIGN_KEY is in a token: name its library, SIGN_PKCS11_MODULE=/usr/lib/.../lib....so')
    if is_token(signer.certificate):
        raise SigningError('SIGN_CERT has to be a PEM file, also when the key is in a token: it is looked at before it signs')
    certificate = read_certificates(signer.certificate, 'SIGN_CERT')[0]
    check_certificate(certificate, f'SIGN_CERT={signer.certificate}', now)
    if not is_token(signer.key):
        check_key(signer, certificate)


def from_environment(environment):
    """The operator's signer, or None. Variables of `make dist`."""
    value = {name: environment.get(f'SIGN_{name}') or None
             for name in ('CERT', 'KEY', 'CHAIN', 'PKCS11_MODULE', 'PASSWORD_FILE', 'TIMESTAMP_URL')}
    if not value['CERT'] and not value['KEY']:
        return None
    if not value['CERT'] or not value['KEY']:
        raise SigningError('SIGN_CERT and SIGN_KEY belong together')
    return Signer(value['CERT'], value['KEY'], value['CHAIN'], value['PKCS11_MODULE'], value['PASSWORD_FILE'],
                  value['TIMESTAMP_URL'], False)


def test_signer(folder):
    """The signer of that folder; made, if there is none whose certificate is good for a while."""
    signer = Signer(f'{folder}/certificate.pem', f'{folder}/key.pem', None, None, None, None, True)
    try:
        check_signer(signer, datetime.datetime.now(datetime.timezone.utc) + RENEW_BEFORE)
        return signer
    except SigningError:
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, mode=0o700)
    with open(f'{folder}/request.cnf', 'w', encoding='ascii') as file:
        file.write(TEST_REQUEST)
    good, said = run('openssl', 'req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-sha256', '-days', str(TEST_DAYS), '-config',
                     f'{folder}/request.cnf', '-keyout', signer.key, '-out', signer.certificate)
    if not good:
        raise SigningError(f'openssl cannot make a certificate for tests: {said}')
    return signer


def certificate_der(signer):
    return read_certificates(signer.certificate, 'SIGN_CERT')[0].dump()


def sign(signer, path, when, description):
    """Signs a file in place: a PE image or a catalog. when: seconds since 1970, said in the signature unless a time stamping
    service says it. With RSA keys the same input gives the same bytes then."""
    arguments = ['-certs', signer.certificate, '-key', signer.key, '-h', 'sha256', '-n', description]
    if signer.module:
        arguments += ['-pkcs11module', signer.module]
    if signer.chain:
        arguments += ['-ac', signer.chain]
    if signer.password_file:
        arguments += ['-readpass', signer.password_file]
    arguments += ['-ts', signer.timestamp_url] if signer.timestamp_url else ['-time', str(when)]
    new = f'{path}.signed'
    good, said = run('osslsigncode', 'sign', *arguments, '-in', path, '-out', new)
    if not good or not os.path.exists(new):
        hint = ''
        if is_token(signer.key):
            hint = '\n  Is the token there (`p11tool --list-tokens`), is its PIN in SIGN_PASSWORD_FILE, does the URI name the key?'
        elif signer.timestamp_url:
            hint = f'\n  Does {signer.timestamp_url} answer?'
        raise SigningError(f'{os.path.basename(path)} could not be signed: {said}{hint}')
    os.replace(new, path)


def trusted_file(signer, folder):
    """A file with the certificates that a signature may lead to."""
    name = f'{folder}/trusted.pem'
    with open(name, 'wb') as output:
        for source in filter(os.path.exists, (signer.certificate if signer.is_test else signer.chain or signer.certificate, SYSTEM_ROOTS)):
            with open(source, 'rb') as file:
                output.write(file.read() + b'\n')
    return name


def verify(path, trusted, catalog=None):
    """None, or what is wrong with a file's signature, or with that of a catalog and the file's place in it."""
    arguments = ['-catalog', catalog] if catalog else []
    good, said = run('osslsigncode', 'verify', *arguments, '-CAfile', trusted, '-in', path)
    if good and 'Succeeded' in said:
        return None
    wrong = re.findall(r'^.*(?:error|mismatch|MISMATCH|[Ff]ailed|No signature).*$', said, re.MULTILINE)
    return '; '.join(line.strip() for line in wrong[:3]) or said or 'it has no signature'
