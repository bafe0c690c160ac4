//! A TCP proxy whose link can be made bad: slow, silent, refusing, cut. Whoever connects through it speaks with real
//! sockets on both sides and cannot tell it from a network.

use crate::BoxError;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How the link is, until it is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Everything passes.
    Normal,
    /// Everything passes so much later.
    Slow(Duration),
    /// Nothing passes and nobody is told: connections stay open, new ones too, and what is said waits until the end of it,
    /// as it does in the senders' TCP.
    Silent,
    /// New connections are reset at once. Those that are there stay.
    Closed,
}

/// What happens to the connections that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Both sides see a reset.
    Reset,
    /// The client sees the end of what the server says; the other way stays open.
    ServerFallsSilent,
    /// The server sees the end of what the client says; the other way stays open.
    ClientFallsSilent,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    state: LinkState,
    /// How many cuts there were, and the last one.
    cuts: u64,
    cut: Cut,
}

/// A listening proxy. Dropped, it ends with all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    link: watch::Sender<Link>,
    running: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port of loopback and connects each client to this port.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(to: u16) -> Result<Self, BoxError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let link = watch::Sender::new(Link { state: LinkState::Normal, cuts: 0, cut: Cut::Reset });
        let running =
            tokio::spawn(serve(listener, SocketAddr::from((Ipv4Addr::LOCALHOST, to)), link.subscribe()));
        Ok(Self { address, link, running })
    }

    /// Where it listens: `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// From now on the link is so.
    pub fn set(&self, state: LinkState) {
        self.link.send_modify(|link| link.state = state);
    }

    /// Cuts the connections that are there.
    pub fn cut(&self, cut: Cut) {
        self.link.send_modify(|link| {
            link.cut = cut;
            link.cuts += 1;
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn serve(listener: TcpListener, to: SocketAddr, link: watch::Receiver<Link>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                if link.borrow().state == LinkState::Closed {
                    reset(&client);
                    continue;
                }
                connections.spawn(connect(client, to, link.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection, from its beginning to its end.
async fn connect(mut client: TcpStream, to: SocketAddr, mut link: watch::Receiver<Link>) {
    let since = link.borrow().cuts;
    delay(&mut link).await;
    let Ok(mut server) = TcpStream::connect(to).await else {
        reset(&client);
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let was_reset = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let there = carry(from_client, to_server, link.clone(), since, Cut::ClientFallsSilent);
        let back = carry(from_server, to_client, link.clone(), since, Cut::ServerFallsSilent);
        tokio::select! {
            _ = async { tokio::join!(there, back) } => false,
            () = cut(&mut link, since, Cut::Reset) => true,
        }
    };
    if was_reset {
        reset(&client);
        reset(&server);
    }
}

/// One direction, until its source ends or it is cut.
async fn carry(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut link: watch::Receiver<Link>,
    since: u64,
    how: Cut,
) {
    let mut cuts = link.clone();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            () = cut(&mut cuts, since, how) => break,
            read = from.read(&mut buffer) => read,
        };
        delay(&mut link).await;
        let Ok(n @ 1..) = read else { break };
        if to.write_all(buffer.get(..n).unwrap_or_default()).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

/// Waits as long as the state wants.
async fn delay(link: &mut watch::Receiver<Link>) {
    // A proxy that is gone takes its connections along.
    let _ = link.wait_for(|link| link.state != LinkState::Silent).await;
    let state = link.borrow().state;
    if let LinkState::Slow(by) = state {
        tokio::time::sleep(by).await;
    }
}

/// Waits for a cut of this kind that came after the connection.
async fn cut(link: &mut watch::Receiver<Link>, since: u64, how: Cut) {
    if link.wait_for(|link| link.cuts > since && link.cut == how).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Closes with a reset rather than an end, once dropped.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that says back what it hears, and the proxy before it.
    async fn echo() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        Proxy::start(port).await.expect("a proxy")
    }

    async fn says(stream: &mut TcpStream, word: &[u8; 4]) -> std::io::Result<[u8; 4]> {
        stream.write_all(word).await?;
        let mut heard = [0; 4];
        stream.read_exact(&mut heard).await?;
        Ok(heard)
    }

    const SOON: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn what_is_said_into_silence_arrives_after_it() {
        let proxy = echo().await;
        let mut stream = TcpStream::connect(proxy.address()).await.expect("a link");
        assert_eq!(says(&mut stream, b"fair").await.expect("an echo"), *b"fair");
        proxy.set(LinkState::Silent);
        assert!(tokio::time::timeout(SOON, says(&mut stream, b"hush")).await.is_err());
        let mut new = TcpStream::connect(proxy.address()).await.expect("accepted");
        assert!(tokio::time::timeout(SOON, says(&mut new, b"new?")).await.is_err());
        proxy.set(LinkState::Normal);
        let mut heard = [0; 4];
        stream.read_exact(&mut heard).await.expect("held back, not lost");
        assert_eq!(&heard, b"hush");
    }

    #[tokio::test]
    async fn slow_is_slow_and_closed_is_closed() {
        let proxy = echo().await;
        proxy.set(LinkState::Slow(SOON / 2));
        let mut stream = TcpStream::connect(proxy.address()).await.expect("a link");
        let begun = std::time::Instant::now();
        says(&mut stream, b"slow").await.expect("an echo");
        assert!(begun.elapsed() >= SOON, "{:?}", begun.elapsed());
        proxy.set(LinkState::Closed);
        let mut new = TcpStream::connect(proxy.address()).await.expect("accepted by the kernel");
        assert!(says(&mut new, b"new?").await.is_err());
        assert_eq!(says(&mut stream, b"old?").await.expect("an echo"), *b"old?");
    }

    #[tokio::test]
    async fn a_cut_takes_what_is_there_and_nothing_that_comes_later() {
        let proxy = echo().await;
        for cut in [Cut::Reset, Cut::ServerFallsSilent, Cut::ClientFallsSilent] {
            let mut stream = TcpStream::connect(proxy.address()).await.expect("a link");
            assert_eq!(says(&mut stream, b"here").await.expect("an echo"), *b"here");
            proxy.cut(cut);
            let mut heard = [0; 4];
            let end = tokio::time::timeout(SOON * 10, stream.read(&mut heard)).await.expect("an end");
            assert_eq!(end.is_err(), cut == Cut::Reset, "{cut:?}: {end:?}");
            assert_eq!(end.unwrap_or(0), 0);
        }
        let mut stream = TcpStream::connect(proxy.address()).await.expect("a link");
        assert_eq!(says(&mut stream, b"late").await.expect("an echo"), *b"late");
    }
}
