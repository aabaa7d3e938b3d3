//! Sends one HTTP request, and receives a complete reply or none. Only this file and `names` use the HTTP
//! library.
//!
//! Certificates are checked against the root certificates that the machine trusts and those of a `--ca-file`.
//! Redirects are not followed, because `client` decides where the token may go.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use ureq::http::Response;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Proxy};

use super::address::Base;
use super::names::Names;
use crate::error::{Error, Result, quoted};

/// How long it may take to resolve the host name, and how long to make a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// How long the body of a reply may take, as a multiple of the time for which the host may send nothing.
const WHOLE_BODY: u32 = 15;

/// The first bytes of every gzip file.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Sends HTTP requests to one host.
pub struct Transport {
    agent: Agent,
    host: String,
}

/// What a host replied to one request.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body of the reply, unpacked if it was compressed for HTTP or if it is a gzip file.
    pub body: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Reply {
    /// The value of a header; `None` if the header is missing or no text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// All values of a header, joined by commas.
    pub fn headers(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
        values.collect::<Vec<_>>().join(", ")
    }
}

impl Reply {
    /// Everything in the reply that may contain the token: the body, and the name and the value of each header.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let headers = self.headers.iter();
        let headers =
            headers.flat_map(|(name, value)| [name.as_str().as_bytes(), value.as_bytes()]);
        std::iter::once(self.body.as_slice()).chain(headers)
    }
}

/// Why a request got no reply.
pub enum Trouble {
    /// An error that may pass. It is worth trying again.
    Passing(Error),
    /// An error that will not pass. Trying again would not help.
    Lasting(Error),
}

impl Transport {
    /// Prepares requests to a host. If the host sends nothing for the time `silence`, a request fails.
    /// `variable` returns the environment variables that name proxies.
    ///
    /// # Errors
    /// If the file of certificates cannot be read, or if the environment names an invalid proxy.
    pub fn new(
        base: &Base,
        ca_file: Option<&Path>,
        silence: Duration,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Transport> {
        let secure = base.join("").starts_with("https://");
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("oneseat/", env!("CARGO_PKG_VERSION")))
            // A request to this machine itself uses no proxy: a tunnel to the real host may begin here.
            .proxy(if base.is_loopback() { None } else { proxy(secure, variable)? })
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT.min(silence)))
            .timeout_recv_response(Some(silence))
            .timeout_per_read(Some(silence))
            .timeout_per_write(Some(silence))
            .timeout_recv_body(Some(silence.saturating_mul(WHOLE_BODY)));
        if secure {
            let roots = RootCerts::from(roots(ca_file)?);
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        let agent = Agent::with_parts(config.build(), DefaultConnector::default(), Names);
        Ok(Transport { agent, host: base.host().to_owned() })
    }

    /// Sends a request: a POST with JSON if there is a body, else a GET. Reads the whole reply, at most `most`
    /// bytes.
    pub fn ask(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
        most: u64,
    ) -> std::result::Result<Reply, Trouble> {
        let reply = match body {
            None => headers
                .iter()
                .fold(self.agent.get(address), |request, (name, value)| {
                    request.header(*name, *value)
                })
                .call(),
            Some(body) => headers
                .iter()
                .fold(self.agent.post(address), |request, (name, value)| {
                    request.header(*name, *value)
                })
                .header("content-type", "application/json")
                .send(body),
        };
        let reply = reply.map_err(|error| self.no_reply(error))?;
        self.whole(reply, most)
    }

    fn whole(&self, reply: Response<Body>, most: u64) -> std::result::Result<Reply, Trouble> {
        let (head, mut body) = reply.into_parts();
        let status = head.status.as_u16();
        let body = body.with_config().limit(most).read_to_vec();
        let too_long = || {
            let told = format!("the answer of {} is longer than {} MiB", self.host, most >> 20);
            Trouble::Lasting(
                Error::remote(told)
                    .hint("check the address and the proxies: no answer of GitHub is this long"),
            )
        };
        let body = body.map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => too_long(),
            ureq::Error::Timeout(_) => Trouble::Passing(Error::remote(format!(
                "{} stopped sending in the middle of an answer",
                self.host
            ))),
            error => Trouble::Passing(
                Error::remote(format!("the answer of {} ended too early", self.host))
                    .caused_by(error),
            ),
        })?;
        // A report may be a gzip file. It is unpacked first, so that the token can be searched for in it.
        let body = match body.starts_with(GZIP) {
            true => unpacked(&body, most),
            false => Ok(body),
        };
        let body = body.map_err(|error| {
            let packed = format!("the compressed answer of {} is damaged", self.host);
            Trouble::Passing(Error::remote(packed).caused_by(error))
        })?;
        match body.len() as u64 > most {
            true => Err(too_long()),
            false => Ok(Reply { status, body, headers: head.headers }),
        }
    }

    /// The error that a request got no reply.
    fn no_reply(&self, error: ureq::Error) -> Trouble {
        let host = &self.host;
        let text = error.to_string();
        if is_tls(&error) {
            let told = Error::remote(format!("there is no safe connection to {host}"));
            let hint = if text.contains("UnknownIssuer") {
                "this machine does not trust the certificate authority: name its file with --ca-file FILE or ca_file in the configuration"
            } else if text.to_lowercase().contains("expired") {
                "have the certificate renewed, or correct the clock of this machine"
            } else {
                "check the certificate of the host, and the address"
            };
            return Trouble::Lasting(told.caused_by(error).hint(hint));
        }
        match error {
            ureq::Error::Timeout(_) => {
                Trouble::Passing(Error::remote(format!("{host} does not answer in time")).hint(
                    "check the network and the proxies (HTTPS_PROXY, NO_PROXY), or allow more time with --timeout",
                ))
            }
            ureq::Error::HostNotFound => Trouble::Passing(
                Error::remote(format!("the host {host} was not found"))
                    .hint("check the name of the host and the network"),
            ),
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                Trouble::Lasting(Error::remote(format!("the request to {host} is invalid")))
            }
            error => Trouble::Passing(
                Error::remote(format!("{host} cannot be reached, or it closed the connection"))
                    .caused_by(error)
                    .hint("check the address, the network and the proxies (HTTPS_PROXY, NO_PROXY)"),
            ),
        }
    }
}

/// Unpacks gzip data. It stops one byte behind the limit `most`, by which the caller recognizes data that is
/// too long.
fn unpacked(packed: &[u8], most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed).take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Does the error concern the certificate or the TLS handshake? The HTTP library may report it as invalid data.
fn is_tls(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Tls(_) | ureq::Error::Pem(_) | ureq::Error::Rustls(_) => true,
        ureq::Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// The root certificates that are trusted: those of the machine, and those of the file that the user names.
fn roots(ca_file: Option<&Path>) -> Result<Vec<Certificate<'static>>> {
    let machine = rustls_native_certs::load_native_certs().certs;
    let mut roots: Vec<Certificate<'static>> =
        machine.iter().map(|it| Certificate::from_der(it).to_owned()).collect();
    if let Some(file) = ca_file {
        roots.extend(certificates(file)?);
    }
    Ok(roots)
}

/// Checks that a file contains certificates, all of them valid.
///
/// # Errors
/// If the file cannot be read, or holds no certificate or a damaged one.
pub fn check_ca_file(file: &Path) -> Result<()> {
    certificates(file).map(drop)
}

fn certificates(file: &Path) -> Result<Vec<Certificate<'static>>> {
    let name = file.display().to_string();
    let cannot = |what: &str| Error::usage(what.to_owned()).at(&name, None);
    let text = std::fs::read(file)
        .map_err(|error| cannot("the certificates cannot be read").caused_by(error))?;
    let mut roots = Vec::new();
    for item in parse_pem(&text) {
        match item {
            // A block of a PEM file may be no valid certificate, so every block is checked.
            Ok(PemItem::Certificate(certificate))
                if webpki::anchor_from_trusted_cert(&certificate.der().into()).is_ok() =>
            {
                roots.push(certificate);
            }
            Ok(PemItem::Certificate(_)) | Err(_) => {
                return Err(cannot("the file has a damaged certificate"));
            }
            Ok(_) => {}
        }
    }
    if roots.is_empty() {
        return Err(cannot("the file has no certificate")
            .hint("use a file in PEM format: -----BEGIN CERTIFICATE-----"));
    }
    Ok(roots)
}

/// The proxy that the environment names for HTTPS (`secure`) or for HTTP, by curl's rules; `None` if it names
/// none.
fn proxy(secure: bool, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Proxy>> {
    // `HTTP_PROXY` in capitals is ignored, because a CGI request can set it from outside.
    let names: &[&str] = match secure {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let set = |name: &&str| variable(name).filter(|it| !it.trim().is_empty());
    let Some((name, text)) = names.iter().find_map(|name| Some((name, set(name)?))) else {
        return Ok(None);
    };
    // The address of the proxy may contain a password, so the message does not print it.
    let wrong = || Error::usage(format!("{name} in the environment is not a valid proxy"));
    let named = Proxy::new(text.trim()).map_err(|_| wrong())?;
    let mut proxy = Proxy::builder(named.protocol()).host(named.host()).port(named.port());
    if let Some(user) = named.username() {
        proxy = proxy.username(user);
    }
    if let Some(password) = named.password() {
        proxy = proxy.password(password);
    }
    let exceptions = ["no_proxy", "NO_PROXY"].iter().find_map(set).unwrap_or_default();
    for exception in exceptions.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        // As with curl, a host name in `NO_PROXY` also stands for the hosts below it.
        let name = exception.trim_start_matches("*.").trim_start_matches('.');
        proxy = proxy.no_proxy(name);
        if name != "*" {
            proxy = proxy.no_proxy(&format!(".{name}"));
        }
    }
    proxy.build().map(Some).map_err(|_| wrong())
}

/// The host to which a redirect leads, quoted for a message.
pub fn shown_host(address: &str) -> String {
    let host = super::address::origin_of(address);
    quoted(&host.unwrap_or_else(|| address.to_owned()))
}
