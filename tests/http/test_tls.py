"""TLS: a trusted certificate is enough, any other ends before the request."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from cminbox.http import ChannelHTTP, NotSent, transport
from tests.http.hostile_server import HostileServer, answer


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    key, cert, both = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "both.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [openssl, "req", *kind, *name, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    both.write_text(key.read_text() + cert.read_text())
    return both


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_trusted_certificate(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(transport, "_trust", lambda: trusting)
    async with HostileServer(tls=serving(certificate)) as server:
        server.on("/x", answer(200, b"{}"))
        async with ChannelHTTP(server.url) as http:
            assert await (await http.request("GET", "/x")).json() == {}
            assert (await http.request("POST", "/x", json={})).status == 200
        async with ChannelHTTP(f"https://localhost:{server.port}") as http:
            with pytest.raises(NotSent, match="certificate: "):
                await http.request("POST", "/x", json={})
    assert len(server.seen) == 2


async def test_unknown_certificate(certificate: Path) -> None:
    async with HostileServer(tls=serving(certificate)) as server, ChannelHTTP(server.url) as http:
        with pytest.raises(NotSent, match="certificate: self-signed"):
            await http.request("POST", "/x", json={})
    assert server.seen == []
