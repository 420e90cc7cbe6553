//! Who gets to see the login: servers that speak PostgreSQL's protocol up to TLS, with certificates made by openssl.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use fkcheck_core::sources::{DatabaseUrl, Limits, SourceError, read_database};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Makes `cert.pem` and `key.pem` for `name` (`DNS:localhost`, `IP:127.0.0.1`), signed by themselves.
fn certificate(directory: &Path, name: &str) {
    let made = Command::new("openssl")
        .current_dir(directory)
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=test"])
        .args(["-addext", &format!("subjectAltName={name}"), "-addext", "basicConstraints=critical,CA:FALSE"])
        .output()
        .expect("openssl is needed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Answers one client up to the login; ends in what the client then sent, in clear text.
fn server(directory: &Path) -> (u16, JoinHandle<Vec<u8>>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![CertificateDer::from_pem_file(directory.join("cert.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(directory.join("key.pem")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let mut ssl_request = [0; 8];
        socket.read_exact(&mut ssl_request).unwrap();
        socket.write_all(b"S").unwrap();
        let mut tls = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut received = vec![0; 512];
        // A refused certificate ends in an error here, with nothing received.
        let length = rustls::Stream::new(&mut tls, &mut socket).read(&mut received).unwrap_or(0);
        received.truncate(length);
        received
    });
    (port, thread)
}

/// What a client of this URL shows to a server with a certificate for `name`, and how it ends.
fn visit(name: &str, host: &str, query: &str, insecure_tls: bool) -> (Vec<u8>, SourceError) {
    let directory = tempfile::tempdir().unwrap();
    certificate(directory.path(), name);
    let (port, thread) = server(directory.path());
    let query = query.replace("CERT", directory.path().join("cert.pem").to_str().unwrap());
    let url =
        DatabaseUrl::parse(&format!("postgres://CanaryUser:CanaryPass@{host}:{port}/db?{query}")).unwrap();
    let limits = Limits { deadline: Duration::from_secs(3), insecure_tls, ..Limits::default() };
    let error = read_database(&url, &limits, None).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("CanaryPass"));
    (thread.join().unwrap(), error)
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    for mode in ["require", "verify-ca", "verify-full"] {
        let (received, error) = visit("IP:127.0.0.1", "127.0.0.1", &format!("sslmode={mode}"), false);
        assert!(received.is_empty(), "{mode}: {}", String::from_utf8_lossy(&received));
        assert!(error.to_string().contains("certificate"), "{error}");
        assert!(error.help().unwrap().contains("sslrootcert"), "{error}");
    }
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    for mode in ["require", "verify-ca", "verify-full"] {
        let query = format!("sslmode={mode}&sslrootcert=CERT");
        let (received, error) = visit("DNS:elsewhere.example", "127.0.0.1", &query, false);
        assert!(received.is_empty(), "{mode}: {}", String::from_utf8_lossy(&received));
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}

#[test]
fn a_certificate_that_verifies_is_taken() {
    let (received, _) = visit("IP:127.0.0.1", "127.0.0.1", "sslmode=verify-full&sslrootcert=CERT", false);
    assert!(String::from_utf8_lossy(&received).contains("CanaryUser"), "the login begins");
}

#[test]
fn insecure_tls_takes_any_certificate_unless_the_url_says_verify() {
    let (received, _) = visit("DNS:elsewhere.example", "127.0.0.1", "sslmode=require", true);
    assert!(String::from_utf8_lossy(&received).contains("CanaryUser"), "the login begins");
    let (received, _) = visit("DNS:elsewhere.example", "127.0.0.1", "sslmode=verify-full", true);
    assert!(received.is_empty());
}
