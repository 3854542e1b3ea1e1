//! Bytes over TCP, for what no client library would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// An answer that is longer than this is not read to its end.
const ANSWER_BYTES_MAX: usize = 64 << 10;
const NARROW_BYTES: u32 = 8 << 10;

pub(crate) struct Raw(pub(crate) TcpStream);

impl Raw {
    pub(crate) async fn connect(address: &str) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// One with hardly any room for what is not read: the kernel would take megabytes.
    pub(crate) async fn narrow(address: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(NARROW_BYTES).unwrap();
        Self(socket.connect(address.parse().unwrap()).await.unwrap())
    }

    /// Whether it was taken.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// The status that came, and 0 if the connection ended without one; `None` if neither
    /// happened in this time.
    pub(crate) async fn status_within(&mut self, limit: Duration) -> Option<u16> {
        let mut answer = Vec::new();
        let reading = async {
            let mut piece = [0; 4_096];
            while answer.len() < ANSWER_BYTES_MAX {
                match self.0.read(&mut piece).await {
                    Ok(0) | Err(_) => break,
                    Ok(read) => answer.extend_from_slice(&piece[..read]),
                }
            }
        };
        let ended = timeout(limit, reading).await;
        let text = String::from_utf8_lossy(&answer);
        let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        status.or(ended.is_ok().then_some(0))
    }
}

/// The head of a GraphQL request with a body of this length.
pub(crate) fn head(length: usize, token: &str) -> String {
    let authorization = match token {
        "" => String::new(),
        token => format!("authorization: Bearer {token}\r\n"),
    };
    let types = "content-type: application/json\r\naccept: application/graphql-response+json\r\n";
    let length = format!("content-length: {length}\r\n\r\n");
    format!("POST /graphql HTTP/1.1\r\nhost: x\r\n{types}{authorization}{length}")
}
