//! What the URLs of all servers have in common.

use percent_encoding::percent_decode_str;

use crate::access::SourceError;

/// The text without its percent-encoding.
pub(super) fn decode(text: &str) -> Result<String, SourceError> {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(bad_url("what is percent-encoded in it is not UTF-8", "encode the UTF-8 bytes")),
    }
}

/// The host without the brackets of an IPv6 address.
pub(super) fn host(url: &url::Url) -> Result<Option<String>, SourceError> {
    let host = url.host_str().filter(|host| !host.is_empty()).map(decode).transpose()?;
    Ok(host.map(|host| host.trim_matches(['[', ']']).to_owned()))
}

/// `host:port`, with brackets around an IPv6 address.
pub(super) fn endpoint(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The remark on parameters that have no effect. Names are printed only if they are known: a broken URL may have a
/// secret in their place.
pub(super) fn ignored_remarks(ignored: &[String], known: &[&str]) -> Vec<String> {
    let names: Vec<_> = ignored.iter().map(String::as_str).filter(|name| known.contains(name)).collect();
    let mut remarks = Vec::new();
    if !names.is_empty() {
        remarks.push(format!("ignored in the database URL: {}", names.join(", ")));
    }
    if names.len() < ignored.len() {
        remarks.push("parameters of the database URL that fkcheck doesn't know were ignored".to_owned());
    }
    remarks
}

pub(super) fn bad_url(reason: &str, help: &str) -> SourceError {
    SourceError::BadUrl { reason: reason.to_owned(), help: help.to_owned() }
}
