//! Checks that each message arrives at every socket of its conversation once, and in the same order everywhere.

use super::Arrival;
use crate::BoxError;
use crate::measure::quantile;

/// The sent messages of a measurement, and the arrivals.
#[derive(Debug)]
pub struct Tally {
    /// The conversation of each socket.
    conversation: Vec<usize>,
    sent: Vec<u64>,
    seen: Vec<Seen>,
    arrived: u64,
}

/// The arrivals at one socket.
#[derive(Clone, Debug, Default)]
struct Seen {
    bits: Vec<u64>,
    count: u64,
    /// A hash over the numbers in the order of arrival.
    order: u64,
}

impl Tally {
    /// A tally for sockets of these conversations, each given as an index from 0.
    #[must_use]
    pub fn new(conversation: Vec<usize>) -> Self {
        let conversations = conversation.iter().max().map_or(0, |most| most + 1);
        let seen = vec![Seen::default(); conversation.len()];
        Self { conversation, sent: vec![0; conversations], seen, arrived: 0 }
    }

    /// Counts a message of a conversation as sent; returns its number.
    pub fn next(&mut self, conversation: usize) -> u64 {
        self.sent[conversation] += 1;
        self.sent[conversation] - 1
    }

    /// Counts an arrival.
    ///
    /// # Errors
    /// The message arrived before at this socket, or was never sent.
    pub fn arrived(&mut self, arrival: &Arrival) -> Result<(), BoxError> {
        let number = arrival.mark.number;
        if number >= self.sent[self.conversation[arrival.socket]] {
            return Err(format!("message {number} was never sent").into());
        }
        let seen = &mut self.seen[arrival.socket];
        let (word, bit) = (usize::try_from(number / 64)?, 1 << (number % 64));
        if seen.bits.len() <= word {
            seen.bits.resize(word + 1, 0);
        }
        if seen.bits[word] & bit != 0 {
            return Err(format!("message {number} came twice to socket {}", arrival.socket).into());
        }
        seen.bits[word] |= bit;
        seen.count += 1;
        seen.order = seen.order.wrapping_mul(0x0100_0000_01b3).wrapping_add(number + 1);
        self.arrived += 1;
        Ok(())
    }

    /// Deliveries so far.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        self.arrived
    }

    /// Messages sent so far.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.sent.iter().sum()
    }

    /// Deliveries that are still to arrive.
    #[must_use]
    pub fn outstanding(&self) -> u64 {
        let due: u64 = self.conversation.iter().map(|conversation| self.sent[*conversation]).sum();
        due - self.arrived
    }

    /// The number of conversations whose readers saw different orders.
    #[must_use]
    pub fn disordered(&self) -> usize {
        let mut orders: Vec<Option<u64>> = vec![None; self.sent.len()];
        let mut disordered = vec![false; self.sent.len()];
        for (seen, conversation) in self.seen.iter().zip(&self.conversation) {
            match orders[*conversation] {
                None => orders[*conversation] = Some(seen.order),
                Some(order) => disordered[*conversation] |= order != seen.order,
            }
        }
        disordered.into_iter().filter(|is| *is).count()
    }
}

/// Latencies of one measurement.
#[derive(Debug, Default)]
pub struct Latencies {
    micros: Vec<u32>,
}

impl Latencies {
    /// No latencies yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { micros: Vec::new() }
    }

    /// Adds one, in microseconds.
    pub fn add(&mut self, micros: u64) {
        self.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
    }

    /// Adds all of `others`.
    pub fn append(&mut self, mut others: Self) {
        self.micros.append(&mut others.micros);
    }

    /// The quantiles at these fractions, in milliseconds.
    #[must_use]
    pub fn millis<const N: usize>(mut self, fractions: [f64; N]) -> [f64; N] {
        self.micros.sort_unstable();
        let sorted: Vec<f64> = self.micros.iter().map(|micros| f64::from(*micros) / 1_000.0).collect();
        fractions.map(|fraction| quantile(&sorted, fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::Mark;
    use super::*;

    fn arrival(socket: usize, number: u64) -> Arrival {
        Arrival { socket, mark: Mark { number, due: 0 }, at: 0 }
    }

    #[test]
    fn one_that_is_lost_doubled_or_made_up_is_noticed() {
        let mut tally = Tally::new(vec![0, 0, 1]);
        assert_eq!((tally.next(0), tally.next(0), tally.next(1)), (0, 1, 0));
        assert_eq!(tally.outstanding(), 5);
        for (socket, number) in [(0, 0), (0, 1), (1, 0), (2, 0)] {
            tally.arrived(&arrival(socket, number)).unwrap();
        }
        assert_eq!((tally.outstanding(), tally.deliveries(), tally.messages()), (1, 4, 3));
        assert!(tally.arrived(&arrival(0, 1)).is_err(), "twice");
        assert!(tally.arrived(&arrival(2, 1)).is_err(), "never sent in that conversation");
        tally.arrived(&arrival(1, 1)).unwrap();
        assert_eq!((tally.outstanding(), tally.disordered()), (0, 0));
    }

    #[test]
    fn another_order_at_another_reader_is_noticed() {
        let mut tally = Tally::new(vec![0, 0]);
        tally.next(0);
        tally.next(0);
        for (socket, number) in [(0, 0), (0, 1), (1, 1), (1, 0)] {
            tally.arrived(&arrival(socket, number)).unwrap();
        }
        assert_eq!((tally.outstanding(), tally.disordered()), (0, 1));
    }

    #[test]
    fn quantiles_are_in_milliseconds() {
        let mut latencies = Latencies::default();
        (1..=1_000).rev().for_each(|micros| latencies.add(micros));
        assert_eq!(latencies.millis([0.5, 0.99, 0.999]), [0.5, 0.99, 0.999]);
    }
}
