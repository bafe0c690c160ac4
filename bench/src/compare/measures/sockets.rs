//! Sockets that are opened, stay idle, close and reconnect.

use super::Scale;
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::load::Latencies;
use crate::compare::subject::Subject;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The number of concurrent connects.
const AT_ONCE: usize = 64;

/// Opens sockets, leaves them idle, and closes them.
pub(super) fn idle(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let paths = subject.fixture.pair_socket_paths(scale.idle);
    let mut generator = subject.load_generator()?;
    // The first socket is opened alone, so that what is allocated once is not counted.
    generator.open(&paths[..1], 1)?;
    sleep(scale.rest() / 4);
    let before = subject.group.memory_kib()?;
    let opened = open(subject, &mut generator, &paths[1..], AT_ONCE)?;
    generator.settle(scale.rest() / 7)?;
    #[allow(clippy::cast_precision_loss)]
    let each = |memory: f64| (memory - before) / scale.idle as f64;
    let opened_kib = subject.group.memory_kib()?;
    generator.close();
    // Longer than the delay after which Rapport reports a person offline.
    sleep(scale.rest());
    let left_kib = each(subject.group.memory_kib()?);
    let [p50, p99, p999] = opened.times.millis([0.5, 0.99, 0.999]);
    Ok(vec![
        figure("CPU s per 1,000 connects", opened.cpu / opened.count * 1_000.0),
        figure("connects/s", opened.count / opened.seconds),
        figure("KiB per idle socket", each(opened_kib)),
        figure("KiB per socket after they left", left_kib),
        figure("connect p50 ms", p50),
        figure("connect p99 ms", p99),
        figure("connect p99.9 ms", p999),
        figure("MiB before the first", before / 1_024.0),
        figure("MiB with all", opened_kib / 1_024.0),
    ])
}

/// Opens all sockets at once, after as many were closed.
pub(super) fn reconnect(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let paths = subject.fixture.pair_socket_paths(scale.reconnect);
    let mut generator = subject.load_generator()?;
    generator.open(&paths, AT_ONCE)?;
    generator.close();
    let mut generator = subject.load_generator()?;
    let opened = open(subject, &mut generator, &paths, paths.len())?;
    generator.settle(scale.rest() / 7)?;
    let memory = subject.group.memory()?;
    generator.close();
    let [p50, p99, p999] = opened.times.millis([0.5, 0.99, 0.999]);
    Ok(vec![
        figure("CPU s per 1,000 connects", opened.cpu / opened.count * 1_000.0),
        figure("s until all are back", opened.seconds),
        figure("p50 ms", p50),
        figure("p99 ms", p99),
        figure("p99.9 ms", p999),
        memory,
    ])
}

struct Opened {
    count: f64,
    seconds: f64,
    cpu: f64,
    times: Latencies,
}

fn open(
    subject: &Subject,
    generator: &mut crate::compare::load::LoadGenerator,
    paths: &[String],
    at_once: usize,
) -> Result<Opened, BoxError> {
    let (cpu, begun) = (subject.group.cpu()?, Instant::now());
    let took = generator.open(paths, at_once)?;
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = subject.group.cpu()? - cpu;
    let mut times = Latencies::default();
    for time in &took {
        times.add(micros(*time));
    }
    #[allow(clippy::cast_precision_loss)]
    let count = took.len() as f64;
    Ok(Opened { count, seconds, cpu, times })
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
