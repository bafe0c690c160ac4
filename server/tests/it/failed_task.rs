//! A background task that panics in the program. The fault comes from outside: a library that the program is started with lets
//! one call of the system's clock fail, for which Rust's standard library panics.

use crate::support::{Program, room, until};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lets the next reading of the time of day fail while the file `CLOCK_FAULT` exists, and removes the file.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *fault = clock == CLOCK_REALTIME ? getenv("CLOCK_FAULT") : 0;
    if (fault && unlink(fault) == 0) {
        errno = EINVAL;
        return -1;
    }
    return real(clock, time);
}
"#;

/// Compiles the library; `None` where that is not possible.
fn library(folder: &Path) -> Option<PathBuf> {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) {
        return None;
    }
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, LIBRARY).unwrap();
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    compiled.is_ok_and(|status| status.success()).then_some(library)
}

#[tokio::test]
async fn a_panic_of_a_background_task_ends_the_program_with_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = library(folder.path()) else {
        eprintln!("SKIPPED: a failing clock needs Linux with glibc, and a C compiler");
        return;
    };
    let (data, fault) = (folder.path().join("data"), folder.path().join("fault"));
    let settings = [
        ("RAPPORT_DATA", data.to_str().unwrap()),
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("CLOCK_FAULT", fault.to_str().unwrap()),
        // Other lines of the log would read the time, too.
        ("RAPPORT_LOG", "error"),
    ];
    let mut program = Program::alone(&settings).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let said = anna.says(talk, "before").await;
    let before = program.open_sockets();
    drop(anna.connect().await);
    until("the server has closed the socket", async || program.open_sockets() <= before).await;
    // The next one to read the time is the task that announces that Anna is offline, some seconds after her socket has closed.
    std::fs::write(&fault, "").unwrap();
    assert_eq!(program.ends().await, Some(1));
    assert!(!fault.exists());
    let log = program.log();
    for line in ["a task panicked", "the node stops, because it cannot go on without this task", "presence"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    // In order: the database is closed, and all is there after the next start.
    assert!(!data.join("rapport.db-wal").exists());
    let program = Program::alone(&settings[..1]).await;
    assert_eq!(ben.at(&program.url).reads(talk).await, [said]);
    assert_eq!(program.terminates().await, Some(0));
}
