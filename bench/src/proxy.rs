//! A TCP proxy that injects network faults: delay, silence, refused and cut connections.

use crate::BoxError;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The state of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Everything passes.
    Normal,
    /// Everything passes after this delay.
    Slow(Duration),
    /// Nothing passes. Old and new connections stay open, and their data arrives when the state ends, as TCP would
    /// retransmit it.
    Silent,
    /// New connections are reset; open ones stay.
    Closed,
}

/// A way to cut the open connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Both sides see a reset.
    Reset,
    /// The client reads the end of the stream; the other direction stays open.
    ServerFallsSilent,
    /// The server reads the end of the stream; the other direction stays open.
    ClientFallsSilent,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    state: LinkState,
    /// The number of cuts so far, and the kind of the last.
    cuts: u64,
    cut: Cut,
}

/// A listening proxy. Dropping it closes all connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    link: watch::Sender<Link>,
    running: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free loopback port and forwards each connection to port `to`.
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

    /// The listening address, `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Sets the state of the link.
    pub fn set(&self, state: LinkState) {
        self.link.send_modify(|link| link.state = state);
    }

    /// Cuts the open connections.
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

/// Forwards one connection until it ends.
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

/// Forwards one direction until its source ends or it is cut.
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

/// Waits as long as the state of the link requires.
async fn delay(link: &mut watch::Receiver<Link>) {
    // Fails only when the proxy is dropped, which ends this connection, too.
    let _ = link.wait_for(|link| link.state != LinkState::Silent).await;
    let state = link.borrow().state;
    if let LinkState::Slow(by) = state {
        tokio::time::sleep(by).await;
    }
}

/// Waits for a cut of this kind after the first `since`.
async fn cut(link: &mut watch::Receiver<Link>, since: u64, how: Cut) {
    if link.wait_for(|link| link.cuts > since && link.cut == how).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Makes the stream send a reset when it is dropped.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proxy in front of an echo server.
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
