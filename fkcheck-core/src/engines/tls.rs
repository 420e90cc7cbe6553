//! When a connection is encrypted, and which certificates are believed.
//!
//! Off this host the server's certificate and name are always verified: libpq's `require` hands the password to anyone
//! who answers.

use std::fmt::Display;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;

use crate::model::disk;

/// What the URL asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// No encryption.
    Disable,
    /// Nothing, or encryption if there is any.
    Prefer,
    /// Encryption, with whomever.
    Require,
    /// Encryption with a server that proves itself.
    Verify,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Plain text.
    Off,
    /// Chain and host name are verified.
    Verified,
    /// Encrypted, with whomever. Only by `--insecure-tls`.
    Unverified,
}

/// What is done with a server, `local` if it can only be on this host.
pub(super) fn decide(local: bool, asked: Asked, insecure: bool) -> Tls {
    match (local, asked, insecure) {
        (true, Asked::Disable | Asked::Prefer, _) | (false, Asked::Disable, true) => Tls::Off,
        (_, Asked::Verify, _) | (_, _, false) => Tls::Verified,
        (_, Asked::Prefer | Asked::Require, true) => Tls::Unverified,
    }
}

/// The remark for the status lines, where `--insecure-tls` had an effect.
pub(super) fn remark(local: bool, tls: Tls, host: &str) -> Option<String> {
    match tls {
        Tls::Unverified => Some(format!("the certificate of {host} was not verified (--insecure-tls)")),
        Tls::Off if !local => Some(format!("the connection to {host} was not encrypted (--insecure-tls)")),
        Tls::Off | Tls::Verified => None,
    }
}

/// What to do when TLS fails.
pub(super) const HELP: &str = "fkcheck verifies the certificate and the name of every server off this host, and of one on this host if the URL \
     asks for TLS: name the authority's certificate in the URL (PostgreSQL: sslrootcert=ca.pem, MySQL and MariaDB: \
     ssl-ca=ca.pem), or pass --insecure-tls if the network is trusted";

/// Whether nobody but this host can answer at `host`.
pub(super) fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The certificates of authorities: those in `file` (PEM), or else the system's.
pub(super) fn authorities(file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = match file {
        Some(file) => {
            let unreadable =
                |why: &dyn Display| format!("can't read the certificates in {}: {why}", file.display());
            let bytes = disk::read(file).map_err(|error| unreadable(&error))?;
            CertificateDer::pem_slice_iter(&bytes)
                .collect::<Result<_, _>>()
                .map_err(|error| unreadable(&error))?
        }
        None => rustls_native_certs::load_native_certs().certs,
    };
    if certificates.is_empty() {
        return Err(match file {
            Some(file) => format!("{} holds no certificate", file.display()),
            None => "this system has no certificates of authorities".to_owned(),
        });
    }
    Ok(certificates)
}

/// The client side of TLS for `tls`, which isn't [`Tls::Off`].
pub(super) fn client_config(tls: Tls, authorities_file: Option<&Path>) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    if tls == Tls::Unverified {
        let verifier = Arc::new(AnyCertificate(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(authorities(authorities_file)?);
    if added == 0 {
        return Err("no certificate of an authority can be used".to_owned());
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Makes ring the process's cryptography, for drivers that take the default. Harmless if there is one.
pub(super) fn set_default_provider() {
    // An error means that the process has chosen already, which is what is wanted.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
}

/// Believes any certificate whose key signs the handshake.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_this_host_only_the_flag_weakens_anything() {
        for asked in [Asked::Disable, Asked::Prefer, Asked::Require, Asked::Verify] {
            assert_eq!(decide(false, asked, false), Tls::Verified);
        }
        assert_eq!(decide(false, Asked::Disable, true), Tls::Off);
        assert_eq!(decide(false, Asked::Prefer, true), Tls::Unverified);
        assert_eq!(decide(false, Asked::Require, true), Tls::Unverified);
        assert_eq!(decide(false, Asked::Verify, true), Tls::Verified);
    }

    #[test]
    fn on_this_host_the_url_decides() {
        assert_eq!(decide(true, Asked::Disable, false), Tls::Off);
        assert_eq!(decide(true, Asked::Prefer, false), Tls::Off);
        assert_eq!(decide(true, Asked::Require, false), Tls::Verified);
        assert_eq!(decide(true, Asked::Require, true), Tls::Unverified);
        assert_eq!(decide(true, Asked::Verify, true), Tls::Verified);
    }

    #[test]
    fn local_hosts() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "/run/postgresql"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["db", "10.0.0.1", "localhost.example.org", "::2", "128.0.0.1", "0.0.0.0"] {
            assert!(!is_local(host), "{host}");
        }
    }
}
