//! Latency from one node to another, compared with Redis alone.

use super::Scale;
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::load::{Latencies, Tally, wire::Mark};
use crate::compare::subject::Subject;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The bytes of the frame of a short message.
const SIZE: usize = 450;
/// The pause between two messages.
const PAUSE: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(10);

/// One person sends at one node, the other receives at both. After each message, as many bytes are published through Redis
/// alone.
pub(super) fn run(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let there = subject.second.as_ref().ok_or("there is no second node")?;
    let pair = &subject.fixture.pairs[0];
    let (says, hears) =
        (subject.fixture.socket_path(pair.id, pair.a), subject.fixture.socket_path(pair.id, pair.b));
    let mut generator = subject.load_generator()?;
    generator.open(&[says, hears.clone()], 1)?;
    generator.set_address(there.address())?;
    generator.open(&[hears], 1)?;
    generator.settle(Duration::from_millis(300))?;
    let mut redis = Redis::subscribe(&subject.redis().ok_or("there is no Redis")?)?;
    let mut tally = Tally::new(vec![0; 3]);
    let [mut same, mut other, mut behind, mut bare] = [const { Latencies::new() }; 4];
    let (cpu, begun) = (subject.group.cpu()?, Instant::now());
    let mut arrivals = Vec::new();
    while begun.elapsed().as_secs_f64() < scale.seconds {
        let due = generator.now();
        generator.send(0, &subject.message(pair.id, Mark { number: tally.next(0), due })?)?;
        let (mut at, said) = ([0; 3], Instant::now());
        while tally.outstanding() > 0 {
            generator.receive(Duration::from_millis(100), &mut arrivals)?;
            for arrival in &arrivals {
                tally.arrived(arrival)?;
                at[arrival.socket] = arrival.at - due;
            }
            if said.elapsed() > PATIENCE {
                return Err(format!("{} deliveries were lost", tally.outstanding()).into());
            }
        }
        same.add(at[1]);
        other.add(at[2]);
        behind.add(at[2].saturating_sub(at[1]));
        bare.add(redis.round()?);
        std::thread::sleep(PAUSE);
    }
    let cpu = subject.group.cpu()? - cpu;
    let memory = subject.group.memory()?;
    generator.close();
    #[allow(clippy::cast_precision_loss)]
    let count = tally.messages() as f64;
    let [other50, other99] = other.millis([0.5, 0.99]);
    let [same50, same99] = same.millis([0.5, 0.99]);
    let [behind50, behind99] = behind.millis([0.5, 0.99]);
    let [bare50, bare99] = bare.millis([0.5, 0.99]);
    Ok(vec![
        figure("to the other node, p50 ms", other50),
        figure("p99 ms", other99),
        figure("to the same node, p50 ms", same50),
        figure("its p99 ms", same99),
        figure("the other behind the same, p50 ms", behind50),
        figure("behind, p99 ms", behind99),
        figure("Redis alone, p50 ms", bare50),
        figure("Redis alone, p99 ms", bare99),
        figure("CPU s per 1,000 messages", cpu / count * 1e3),
        memory,
    ])
}

/// Two connections to Redis: a publisher and a subscriber.
struct Redis {
    speaks: TcpStream,
    hears: BufReader<TcpStream>,
}

impl Redis {
    fn subscribe(address: &str) -> Result<Self, BoxError> {
        let connect = || -> Result<TcpStream, BoxError> {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(stream)
        };
        let (speaks, mut listens) = (connect()?, connect()?);
        listens.write_all(b"*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nbare\r\n")?;
        let mut redis = Self { speaks, hears: BufReader::new(listens) };
        // An array of three: the command, the channel, the number of channels.
        redis.array()?;
        Ok(redis)
    }

    /// Publishes the bytes of a message and waits for the subscriber; returns the microseconds.
    fn round(&mut self) -> Result<u64, BoxError> {
        let payload = "x".repeat(SIZE);
        let begun = Instant::now();
        write!(self.speaks, "*3\r\n$7\r\nPUBLISH\r\n$4\r\nbare\r\n${SIZE}\r\n{payload}\r\n")?;
        let heard = self.array()?;
        let took = u64::try_from(begun.elapsed().as_micros())?;
        let mut answer = [0; 64];
        let count = self.speaks.read(&mut answer)?;
        if heard != payload.as_bytes() || answer[..count] != *b":1\r\n" {
            return Err("Redis says something else".into());
        }
        Ok(took)
    }

    /// The last string of an array of three.
    fn array(&mut self) -> Result<Vec<u8>, BoxError> {
        let mut line = String::new();
        self.hears.read_line(&mut line)?;
        if line.trim() != "*3" {
            return Err(format!("Redis says {line:?}").into());
        }
        let mut last = Vec::new();
        for _ in 0..3 {
            line.clear();
            self.hears.read_line(&mut line)?;
            if let Some(length) = line.trim().strip_prefix('$') {
                last = vec![0; length.parse::<usize>()? + 2];
                self.hears.read_exact(&mut last)?;
                last.truncate(last.len() - 2);
            }
        }
        Ok(last)
    }
}
