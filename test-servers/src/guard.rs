//! A server process that ends with this one, and its folder.

use crate::BoxError;
use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Starts the server, waits for the end of the input, which comes when its owner drops it or dies, and ends the server. `$1`
/// is the signal for that, the rest is the command. The only line of output is the process id of the server. The folder is deleted
/// unless the owner sends a line before, and deletes it itself: a test never drops its statics.
const WATCH: &str = r#"signal=$1; shift
folder=$PWD
"$@" </dev/null >server.log 2>&1 3>&- &
server=$!
echo $server
exec >&-
{ wait $server; } 2>/dev/null &
kept=
while read -r line; do kept=$line; done
kill -CONT $server 2>/dev/null
kill -$signal $server 2>/dev/null
n=0
while kill -0 $server 2>/dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
kill -KILL $server 2>/dev/null
[ -n "$kept" ] || { cd / && rm -rf -- "$folder"; }
exit 0"#;

/// A running server, and the shell that ends it.
#[derive(Debug)]
pub(crate) struct Guard {
    watch: Child,
    server: u32,
}

impl Guard {
    /// Runs the command in its temporary folder, as `user` if one is given; `signal` ends it.
    pub(crate) fn start(
        folder: &Path,
        user: Option<&str>,
        signal: &str,
        command: &[String],
    ) -> Result<Self, BoxError> {
        let mut shell = match user {
            Some(user) => {
                let mut shell = Command::new("setpriv");
                shell.args(["--reuid", user, "--regid", user, "--clear-groups", "sh"]);
                shell
            }
            None => Command::new("sh"),
        };
        let mut watch = shell
            .args(["-c", WATCH, "sh", signal])
            .args(command)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Its own group, so that a Ctrl-C does not end the shell before the server.
            .process_group(0)
            .spawn()?;
        let mut said = String::new();
        watch.stdout.take().ok_or("no output")?.read_to_string(&mut said)?;
        let server = said.trim().parse().map_err(|_| format!("{command:?} did not start"))?;
        Ok(Self { watch, server })
    }

    /// The process id of the server.
    pub(crate) fn server(&self) -> u32 {
        self.server
    }

    /// Sends the server this signal.
    pub(crate) fn signal(&self, name: &str) -> Result<(), BoxError> {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.server.to_string()]).status()?;
        if sent.success() { Ok(()) } else { Err(format!("no {name} for process {}", self.server).into()) }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut input) = self.watch.stdin.take() {
            let _ = input.write_all(b"kept\n");
        }
        let _ = self.watch.wait();
    }
}

/// Repeats `ready` until it returns true, at most for `patience`.
pub(crate) fn until(patience: Duration, mut ready: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if ready() {
            return true;
        }
        sleep(Duration::from_millis(20));
    }
    false
}
