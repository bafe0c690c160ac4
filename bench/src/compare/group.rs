//! The process group of a subject: its start, resources, stop and end.

use super::figure::{Figure, figure};
use crate::BoxError;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The exit code of a program that cannot be installed on this machine (`EX_TEMPFAIL`).
const NOT_AVAILABLE: i32 = 75;

/// A process group that serves, with the other processes that count. Dropping it kills the group.
#[derive(Debug)]
pub struct Group {
    child: Child,
    address: String,
    others: Vec<u32>,
}

/// The reason why a group did not start.
#[derive(Debug)]
pub enum StartError {
    /// The program cannot be installed here, for this reason in its own words.
    NotAvailable(String),
    /// Another error.
    Failed(BoxError),
}

impl<F: Into<BoxError>> From<F> for StartError {
    fn from(error: F) -> Self {
        Self::Failed(error.into())
    }
}

impl Group {
    /// Starts the command in its own process group and waits for its line `listening on http://ADDRESS`.
    ///
    /// # Errors
    /// It ended, or did not print the line within `patience`.
    pub fn start(command: &mut Command, log: &Path, patience: Duration) -> Result<Self, StartError> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log)?)
            .process_group(0)
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let (tell, told) = mpsc::channel();
        // Read to the end, so that it never blocks on a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    let _ = tell.send(address.trim().trim_end_matches('/').to_owned());
                }
            }
        });
        let mut group = Self { child, address: String::new(), others: Vec::new() };
        match told.recv_timeout(patience) {
            Ok(address) => {
                group.address = address;
                Ok(group)
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                Err(format!("it did not listen within {patience:?}: {}", last_words(log)).into())
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status = group.child.wait()?;
                let words = last_words(log);
                if status.code() == Some(NOT_AVAILABLE) {
                    return Err(StartError::NotAvailable(words));
                }
                Err(format!("it ended before it listened ({status}): {words}").into())
            }
        }
    }

    /// `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The id of its first process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Counts this process and its children, too, such as those of a database.
    pub fn with(&mut self, process: u32) {
        self.others.push(process);
    }

    /// The processor time of all processes so far, in seconds, including those that have ended.
    ///
    /// # Errors
    /// This is not Linux.
    pub fn cpu(&self) -> Result<f64, BoxError> {
        Ok(self.processes()?.iter().map(|process| process.cpu).sum())
    }

    /// The anonymous memory of all processes, in KiB; shared pages count once.
    ///
    /// # Errors
    /// This is not Linux.
    pub fn memory_kib(&self) -> Result<f64, BoxError> {
        let mut sum = 0.0;
        for process in self.processes()? {
            let rollup = format!("/proc/{}/smaps_rollup", process.id);
            let Ok(rollup) = fs::read_to_string(rollup) else { continue };
            let line = rollup.lines().find(|line| line.starts_with("Pss_Anon:")).ok_or("no Pss_Anon")?;
            sum += line.split_whitespace().nth(1).ok_or("no Pss_Anon")?.parse::<f64>()?;
        }
        Ok(sum)
    }

    /// The memory as a figure, in MiB.
    ///
    /// # Errors
    /// This is not Linux.
    pub fn memory(&self) -> Result<Figure, BoxError> {
        Ok(figure("MiB of memory", self.memory_kib()? / 1_024.0))
    }

    /// Stops all processes (`SIGSTOP`).
    ///
    /// # Errors
    /// The process is gone.
    pub fn pause(&self) -> Result<(), BoxError> {
        self.signal("STOP")
    }

    /// Resumes all processes (`SIGCONT`).
    ///
    /// # Errors
    /// The process is gone.
    pub fn resume(&self) -> Result<(), BoxError> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> Result<(), BoxError> {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), "--", &format!("-{}", self.child.id())])
            .stderr(Stdio::null())
            .status()?;
        if sent.success() { Ok(()) } else { Err(format!("no SIG{name} for {}", self.address).into()) }
    }

    fn processes(&self) -> Result<Vec<Process>, BoxError> {
        let mut all = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let path = entry?.path();
            if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.parse::<u32>().is_ok())
            {
                all.extend(Process::read(&path));
            }
        }
        let parents: HashMap<u32, u32> = all.iter().map(|process| (process.id, process.parent)).collect();
        let roots: HashSet<u32> = self.others.iter().copied().chain([self.child.id()]).collect();
        all.retain(|process| {
            let mut at = process.id;
            while at > 1 && !roots.contains(&at) {
                at = parents.get(&at).copied().unwrap_or(0);
            }
            process.group == self.child.id() || roots.contains(&at)
        });
        Ok(all)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.signal("CONT");
        let _ = self.signal("TERM");
        let begun = Instant::now();
        // The group exists as long as one of its processes does.
        while begun.elapsed() < Duration::from_secs(10) {
            let _ = self.child.try_wait();
            if self.signal("0").is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.signal("KILL");
        let _ = self.child.wait();
    }
}

/// The processor time of this process so far, in seconds: that of the load.
///
/// # Errors
/// This is not Linux.
pub fn own_cpu() -> Result<f64, BoxError> {
    Ok(Process::read(Path::new("/proc/self")).ok_or("no /proc/self/stat")?.cpu)
}

/// The fields of `/proc/ID/stat`.
struct Process {
    id: u32,
    parent: u32,
    group: u32,
    cpu: f64,
}

impl Process {
    fn read(folder: &Path) -> Option<Self> {
        let stat = fs::read_to_string(folder.join("stat")).ok()?;
        let (name, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        // utime, stime, and those of children that ended, in hundredths of a second (USER_HZ is 100 on every Linux).
        let ticks = fields.get(11..15)?.iter().filter_map(|text| text.parse::<f64>().ok()).sum::<f64>();
        Some(Self {
            id: name.split(' ').next()?.parse().ok()?,
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            cpu: ticks / 100.0,
        })
    }
}

/// The last line of a log that is not empty.
fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, patience: Duration) -> Result<Group, StartError> {
        let folder = tempfile::tempdir().unwrap();
        Group::start(Command::new("sh").args(["-c", script]), &folder.path().join("log"), patience)
    }

    #[test]
    fn counts_what_its_children_burn_and_ends_them() {
        let group = shell(
            "sh -c 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo listening on http://127.0.0.1:1; sleep 60' & wait",
            Duration::from_secs(60),
        )
        .unwrap();
        assert_eq!(group.address(), "127.0.0.1:1");
        assert!(group.cpu().unwrap() > 0.0);
        assert!(group.memory_kib().unwrap() > 0.0);
        let leader = group.child.id();
        assert!(group.processes().unwrap().len() >= 2);
        drop(group);
        assert!(!Path::new(&format!("/proc/{leader}")).exists());
    }

    #[test]
    fn says_why_it_did_not_start() {
        let absent = shell("echo there is no npm >&2; exit 75", Duration::from_secs(10));
        assert!(matches!(absent, Err(StartError::NotAvailable(why)) if why == "there is no npm"));
        let broken = shell("echo oh no >&2; exit 3", Duration::from_secs(10));
        assert!(matches!(broken, Err(StartError::Failed(why)) if why.to_string().contains("oh no")));
        let silent = shell("sleep 60", Duration::from_millis(100));
        assert!(matches!(silent, Err(StartError::Failed(why)) if why.to_string().contains("did not listen")));
    }
}
