//! A host on the loopback with scripted answers, faults included: real sockets, real HTTP, real TLS.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

/// A request that the host received.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// The path with its query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|it| it.strip_prefix(name)?.strip_prefix('='))
    }

    pub fn is(&self, path: &str) -> bool {
        self.path.split('?').next().is_some_and(|it| it.ends_with(path))
    }
}

/// What the host sends.
pub enum Reply {
    /// A complete answer. The connection stays open.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// These bytes. Then the host closes the connection.
    Raw(Vec<u8>),
    /// These bytes. Then the host resets the connection.
    Reset(Vec<u8>),
    /// These bytes, and then nothing for as long as the client stays.
    Stall(Vec<u8>),
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Reply {
        let json = ("content-type".to_owned(), "application/json; charset=utf-8".to_owned());
        Reply::Answer { status, headers: vec![json], body: body.into() }
    }

    pub fn json(body: &serde_json::Value) -> Reply {
        Reply::new(200, body.to_string())
    }

    /// An error response from GitHub.
    pub fn error(status: u16, message: &str) -> Reply {
        let url = "https://docs.github.com/rest";
        let body = serde_json::json!({"message": message, "documentation_url": url});
        Reply::new(status, body.to_string())
    }

    pub fn with(self, name: &str, value: impl ToString) -> Reply {
        match self {
            Reply::Answer { status, mut headers, body } => {
                headers.retain(|(key, _)| key != name);
                headers.push((name.to_owned(), value.to_string()));
                Reply::Answer { status, headers, body }
            }
            other => other,
        }
    }

    /// The answer as bytes on the wire.
    pub fn wire(&self) -> Vec<u8> {
        match self {
            Reply::Answer { status, headers, body } => {
                let mut text =
                    format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    text.push_str(&format!("{name}: {value}\r\n"));
                }
                text.push_str("\r\n");
                [text.as_bytes(), body].concat()
            }
            Reply::Raw(bytes) | Reply::Reset(bytes) | Reply::Stall(bytes) => bytes.clone(),
        }
    }
}

/// The answer to a request and its number, counted from 0.
pub type Handler = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// A host that answers until it is dropped.
pub struct Host {
    pub url: String,
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
}

impl Host {
    pub fn start(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Host {
        Host::listen(Arc::new(handler), None)
    }

    /// A host that speaks TLS with this certificate.
    pub fn secure(
        certificate: rcgen::CertifiedKey<rcgen::KeyPair>,
        handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Host {
        let key = PrivateKeyDer::try_from(certificate.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.cert.der().clone()], key)
            .expect("a certificate");
        Host::listen(Arc::new(handler), Some(Arc::new(config)))
    }

    fn listen(handler: Arc<Handler>, tls: Option<Arc<ServerConfig>>) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let host = Host {
            url: format!("{scheme}://{address}"),
            address,
            asked: asked.clone(),
            ended: ended.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (handler, asked, tls) = (handler.clone(), asked.clone(), tls.clone());
                std::thread::spawn(move || match tls {
                    // A client that disconnects is no failure of the host.
                    None => drop(converse(&stream, &stream, &handler, &asked)),
                    Some(tls) => {
                        let session = ServerConnection::new(tls).expect("a session");
                        let mut secure = StreamOwned::new(session, &stream);
                        drop(converse(&mut secure, &stream, &handler, &asked));
                    }
                });
            }
        });
        host
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().expect("a list").clone()
    }

    pub fn count(&self) -> usize {
        self.asked.lock().expect("a list").len()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

/// Answers one request after another on a connection.
fn converse(
    stream: impl Read + Write,
    socket: &TcpStream,
    handler: &Arc<Handler>,
    asked: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        let Some(request) = read(&mut stream)? else { return Ok(()) };
        let number = {
            let mut asked = asked.lock().expect("a list");
            asked.push(request.clone());
            asked.len() - 1
        };
        let reply = handler(&request, number);
        stream.get_mut().write_all(&reply.wire())?;
        stream.get_mut().flush()?;
        match reply {
            Reply::Answer { .. } => {}
            Reply::Raw(_) => return socket.shutdown(std::net::Shutdown::Both),
            // With no time to linger, the close resets the connection.
            Reply::Reset(_) => {
                std::thread::sleep(Duration::from_millis(20));
                return SockRef::from(socket).set_linger(Some(Duration::ZERO));
            }
            Reply::Stall(_) => {
                socket.set_read_timeout(Some(Duration::from_secs(20)))?;
                return stream.read(&mut [0]).map(drop);
            }
        }
    }
}

fn read(stream: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(Request { method, path, headers, body }))
}
