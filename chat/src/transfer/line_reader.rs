//! Reads lines of bounded length.

use std::io::{self, BufRead};

/// The largest line, in bytes: a conversation of 500 people takes some 100 KB, the longest message 60 KB.
pub(super) const MAX_LINE: usize = 1024 * 1024;

/// Why a line cannot be read.
#[derive(Debug)]
pub(super) enum LineError {
    /// The line is longer than [`MAX_LINE`]. The rest of it was not read.
    TooLong,
    /// The input cannot be read.
    Input(io::Error),
}

/// The lines of an input, in one buffer.
pub(super) struct LineReader<R> {
    input: R,
    line: Vec<u8>,
    /// Number of the current line, from 1.
    pub(super) number: u64,
    /// Number of bytes up to the end of the current line.
    pub(super) bytes: u64,
}

/// A line without its end.
pub(super) struct Line<'a> {
    pub(super) bytes: &'a [u8],
    /// The input ended behind it, without a line end.
    pub(super) is_cut: bool,
}

impl<R: BufRead> LineReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0, bytes: 0 }
    }

    /// Reads the next line; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, LineError> {
        self.line.clear();
        loop {
            let read = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(LineError::Input)?,
            };
            if self.line.is_empty() {
                self.number += u64::from(!read.is_empty());
            }
            if read.is_empty() {
                let line = Line { bytes: &self.line, is_cut: true };
                return Ok(Some(line).filter(|line| !line.bytes.is_empty()));
            }
            let end = read.iter().position(|byte| *byte == b'\n');
            let part = read.get(..end.unwrap_or(read.len())).unwrap_or_default();
            if self.line.len() + part.len() > MAX_LINE {
                return Err(LineError::TooLong);
            }
            self.line.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.bytes += used as u64;
            self.input.consume(used);
            if end.is_some() {
                return Ok(Some(Line { bytes: &self.line, is_cut: false }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Read, repeat};

    /// The lines, and whether each is cut; through a buffer of three bytes.
    fn lines(text: &str) -> Vec<(String, bool)> {
        let mut reader = LineReader::new(BufReader::with_capacity(3, text.as_bytes()));
        let mut lines = Vec::new();
        while let Some(Line { bytes, is_cut }) = reader.next().unwrap() {
            lines.push((String::from_utf8(bytes.to_vec()).unwrap(), is_cut));
            assert_eq!(reader.number as usize, lines.len());
        }
        assert_eq!(reader.bytes as usize, text.len());
        lines
    }

    #[test]
    fn lines_end_with_a_line_feed_or_with_the_input() {
        let line = |text: &str| (text.to_owned(), false);
        assert_eq!(lines(""), []);
        assert_eq!(lines("abcd\n\nef\n"), [line("abcd"), line(""), line("ef")]);
        assert_eq!(lines("abc\nde"), [line("abc"), ("de".to_owned(), true)]);
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let mut reader = LineReader::new(BufReader::new(b"{}\n".chain(repeat(b'x'))));
        assert!(reader.next().unwrap().is_some());
        assert!(matches!(reader.next(), Err(LineError::TooLong)));
        assert_eq!(reader.number, 2);
        assert!(reader.line.capacity() <= 2 * MAX_LINE);
    }
}
