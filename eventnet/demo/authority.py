"""A local certificate authority, so that phones on the same network may use the camera (https) in the demo."""

from __future__ import annotations

import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def lan_address() -> str | None:
    """The address of this machine on its network, found without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: a route is looked up, no packet leaves
            address = str(probe.getsockname()[0])
        except OSError:
            return None
    return address if ipaddress.ip_address(address).is_private and not address.startswith("127.") else None


def leaf_for(folder: Path, hosts: list[str]) -> tuple[Path, Path, Path]:
    """(authority certificate, leaf certificate, leaf key) for `hosts`, as PEM files in `folder`.

    The authority is made once and kept, so that a phone that trusts it still does at the next demo.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority_path, authority_key_path = folder / "authority.pem", folder / "authority.key"
    if authority_path.exists() and authority_key_path.exists():
        authority = x509.load_pem_x509_certificate(authority_path.read_bytes())
        authority_key = serialization.load_pem_private_key(authority_key_path.read_bytes(), None)
    else:
        authority_key = ec.generate_private_key(ec.SECP256R1())
        authority = _certificate("eventnet demo authority", authority_key, None, None, [], days=3650)
        _write(authority_path, authority, authority_key_path, authority_key)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    # Apple refuses leaves that live longer than 825 days.
    leaf = _certificate("eventnet demo", key, authority, authority_key, hosts, days=397)
    _write(folder / "leaf.pem", leaf, folder / "leaf.key", key)
    return authority_path, folder / "leaf.pem", folder / "leaf.key"


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey | None, hosts: list[str], days: int,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    if issuer is None:
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False)
        return builder.add_extension(usage, True).sign(key, hashes.SHA256())
    names: list[x509.GeneralName] = []
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    assert issuer_key is not None
    return (
        builder.add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
        .sign(issuer_key, hashes.SHA256())
    )


def _write(path: Path, certificate: x509.Certificate, key_path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.touch(mode=0o600)
    key_path.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
