//! The program: start, configuration errors, commands.

use crate::support::{PASSWORD, Program, Server, Socket, asked_over};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

#[tokio::test]
async fn r1_the_program_runs_from_any_folder_and_creates_its_data() {
    let (somewhere, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let data = data.path().join("made/here");
    let program = Program::serve(somewhere.path(), &data, "127.0.0.1:0").await;
    for path in ["/healthz", "/readyz", "/sign-in"] {
        assert_eq!(reqwest::get(format!("{}{path}", program.url)).await.unwrap().status(), 200, "{path}");
    }
    let mode = |name: &str| std::fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("secret"), 0o600);
    assert_eq!(mode(""), 0o700);
    assert_eq!(
        std::fs::read_dir(somewhere.path()).unwrap().count(),
        0,
        "nothing is left where it was started"
    );
    assert_eq!(program.terminates().await, Some(0));
}

#[tokio::test]
async fn v26_signals_stop_the_server_gracefully_and_sighup_does_not() {
    for signal in ["-QUIT", "-USR1", "-USR2"] {
        let (at, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let program = Program::serve(at.path(), data.path(), "127.0.0.1:0").await;
        let pid = program.pid().to_string();
        let hangup = tokio::process::Command::new("kill").args(["-HUP", &pid]).status().await.unwrap();
        assert!(hangup.success());
        let mut socket = program.register("anna").await.connect().await;
        assert_eq!(program.ends_by(signal).await, Some(0), "{signal}");
        assert_eq!(socket.closed().await.0, 1012, "{signal}");
    }
}

#[tokio::test]
async fn r1_a_port_in_use_and_a_second_server_are_rejected_with_a_message() {
    let (at, first, second) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = Program::serve(at.path(), first.path(), "127.0.0.1:0").await;
    let address = program.url.strip_prefix("http://").unwrap().to_owned();
    let ended = Program::run(at.path(), second.path(), &["serve", "--listen", &address], "").await;
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("in use"), "{ended:?}");
    let ended = Program::run(at.path(), first.path(), &["serve", "--listen", "127.0.0.1:0"], "").await;
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("another server is running"), "{ended:?}");
    assert_eq!(program.terminates().await, Some(0));
}

#[tokio::test]
async fn r1_invalid_flags_and_settings_are_rejected_with_a_message() {
    let at = tempfile::tempdir().unwrap();
    for (arguments, word) in [
        (vec!["serve", "--listen", "nowhere"], "nowhere"),
        (vec!["serve", "--public-url", "chat"], "public_url"),
        (vec!["serve", "--secret", "short"], "32"),
        (vec!["serve", "--lisen", "x"], "--lisen"),
        (vec!["dance"], "dance"),
        (vec!["serve", "--config", "/nowhere.toml"], "/nowhere.toml"),
    ] {
        let ended = Program::run(at.path(), at.path(), &arguments, "").await;
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.err.contains(word), "{arguments:?}: {ended:?}");
    }
}

#[tokio::test]
async fn r1_a_unix_socket_serves_and_its_file_is_removed() {
    let (at, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let socket = at.path().join("rapport.sock");
    let listen = format!("unix:{}", socket.display());
    // What a killed server left behind does not stand in the way.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let program = Program::serve(at.path(), data.path(), &listen).await;
    assert_eq!(program.url, listen);
    assert_eq!(asked_over(&socket, "/readyz").await, "HTTP/1.1 200 OK");
    assert_eq!(asked_over(&socket, "/sign-in").await, "HTTP/1.1 200 OK");
    let other = tempfile::tempdir().unwrap();
    let ended = Program::run(at.path(), other.path(), &["serve", "--listen", &listen], "").await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(program.terminates().await, Some(0));
    assert!(!socket.exists());
}

#[tokio::test]
async fn a_stop_closes_sockets_with_1012_and_exits_with_0() {
    let (at, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = Program::serve(at.path(), data.path(), "127.0.0.1:0").await;
    let add = Program::run(at.path(), data.path(), &["user", "add", "anna"], PASSWORD).await;
    assert_eq!(add.code, Some(0), "{add:?}");
    let token = Program::run(at.path(), data.path(), &["user", "token", "anna"], "").await.out;
    let url = format!("{}/ws/?token={}", program.url.replace("http", "ws"), token.trim());
    let mut socket = Socket::open(&url, &[]).await.unwrap();
    socket.greeted().await;
    let ended = tokio::spawn(program.terminates());
    assert_eq!(socket.closed().await.0, 1012);
    assert_eq!(ended.await.unwrap(), Some(0));
}

#[tokio::test]
async fn a3_commands_work_while_a_server_runs_and_reach_it_within_two_seconds() {
    let server = Server::start().await;
    let (at, data) = (tempfile::tempdir().unwrap(), server.folder.path().to_owned());
    let run = async |arguments: &[&str], input: &str| Program::run(at.path(), &data, arguments, input).await;
    // Commands need the installation, which the server creates at its start.
    assert_eq!(reqwest::get(format!("{}/readyz", server.url)).await.unwrap().status(), 200);

    let add = run(&["user", "add", "anna", "--first-name", "Anna"], PASSWORD).await;
    assert_eq!((add.code, add.out.as_str()), (Some(0), "Added anna, the administrator.\n"));
    let again = run(&["user", "add", "ANNA"], PASSWORD).await;
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("taken"), "{again:?}");
    assert_eq!(run(&["user", "add", "ben"], "short").await.code, Some(1));

    let pair: Value = serde_json::from_str(&run(&["user", "token", "anna", "--json"], "").await.out).unwrap();
    let access = pair["access"].as_str().unwrap();
    let mut socket = Socket::open(&server.ws(&format!("/ws/?token={access}")), &[]).await.unwrap();
    socket.greeted().await;

    let suspended = run(&["user", "suspend", "anna"], "").await;
    assert_eq!((suspended.code, suspended.out.as_str()), (Some(0), "anna is suspended.\n"));
    assert_eq!(socket.closed_within(Duration::from_secs(2)).await.0, 4001);
    assert_eq!(run(&["user", "token", "anna"], "").await.code, Some(1));
    assert_eq!(run(&["user", "suspend", "anna", "--lift"], "").await.code, Some(0));
    assert_eq!(run(&["user", "token", "anna"], "").await.code, Some(0));
    assert_eq!(run(&["user", "suspend", "nobody"], "").await.code, Some(1));
}
