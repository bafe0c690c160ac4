//! System calls of a program, recorded by `strace`.

use std::collections::HashMap;
use std::path::Path;

/// A call: its first and last line, and its text.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) began: usize,
    pub(crate) ended: usize,
    pub(crate) text: String,
}

impl Call {
    /// Whether the call is one of these, on such a file, with this text.
    pub(crate) fn is(&self, names: &[&str], file: &str, text: &str) -> bool {
        let (name, arguments) = self.text.split_once('(').unwrap_or_default();
        let target = arguments.split_once('>').unwrap_or_default().0;
        names.contains(&name) && target.ends_with(file) && self.text.contains(text)
    }
}

/// All calls, in the order in which they ended.
#[derive(Debug)]
pub(crate) struct Trace(pub(crate) Vec<Call>);

impl Trace {
    /// Reads what `strace -f -y -o` has written so far.
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut begun: HashMap<&str, (usize, &str)> = HashMap::new();
        let mut calls = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let Some((thread, call)) = line.split_once(' ') else { continue };
            let call = call.trim_start();
            if let Some(first) = call.strip_suffix("<unfinished ...>") {
                begun.insert(thread, (number, first));
            } else if let Some((_, rest)) = call.split_once(" resumed>") {
                if let Some((began, first)) = begun.remove(thread) {
                    calls.push(Call { began, ended: number, text: format!("{first}{rest}") });
                }
            } else {
                calls.push(Call { began: number, ended: number, text: call.to_owned() });
            }
        }
        Self(calls)
    }
}
