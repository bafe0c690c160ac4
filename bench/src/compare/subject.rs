//! A subject of the comparison: a running program that speaks the protocol of the load, with the people of the fixture.

use super::fixture::{Fixture, Size};
use super::group::{Group, StartError};
pub use super::kind::Kind;
use super::load::{LoadGenerator, wire};
use super::rapport::{self, Services};
use crate::BoxError;
use protocol::{
    ClientFrame, ClientId, ConversationId, Message, MessageId, NewMessage, Person, ServerFrame, Timestamp,
    UserId,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The time within which a subject must start; a peer is installed first.
const PATIENCE: Duration = Duration::from_secs(900);

/// The paths of the programs.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The program `rapport`.
    pub rapport: PathBuf,
    /// The bare limit.
    pub limit: PathBuf,
    /// The folder with the sources of the peers.
    pub peers: PathBuf,
    /// The folder in which peers are installed; it is kept.
    pub installed: PathBuf,
}

/// A running program.
#[derive(Debug)]
pub struct Subject {
    /// The kind of program.
    pub kind: Kind,
    /// Its processes.
    pub group: Group,
    /// Its second node.
    pub second: Option<Group>,
    /// Its people and conversations.
    pub fixture: Fixture,
    /// Its Postgres and Redis.
    services: Services,
    _data: tempfile::TempDir,
}

impl Subject {
    /// Starts it with empty data and creates its people. `page`: the file that the limit serves.
    ///
    /// # Errors
    /// It cannot be installed here, or does not start.
    pub fn start(
        kind: Kind,
        programs: &Programs,
        size: Size,
        page: Option<&Path>,
    ) -> Result<Self, StartError> {
        let data = tempfile::tempdir()?;
        let (out, log) = (data.path().join("fixture.json"), data.path().join("log"));
        let mut services = Services::default();
        let mut second = None;
        let group = match kind {
            Kind::Limit => {
                let mut command = Command::new(&programs.limit);
                command.args(["--listen", "127.0.0.1:0"]);
                if let Some(page) = page {
                    command.arg("--page").arg(page);
                }
                Group::start(&mut command, &log, PATIENCE)?
            }
            Kind::Node => Group::start(&mut peer("node", programs, size, &out)?, &log, PATIENCE)?,
            Kind::Channels => Group::start(&mut peer("channels", programs, size, &out)?, &log, PATIENCE)?,
            Kind::Rapport | Kind::RapportOfAMillion | Kind::RapportOnPostgres | Kind::TwoNodes => {
                services = Services::of(kind)?;
                rapport::fill(&programs.rapport, &data.path().join("one"), &services, size, &out)?;
                if kind == Kind::TwoNodes {
                    let mut command =
                        rapport::command(&programs.rapport, &data.path().join("two"), &services)?;
                    second = Some(Group::start(command.arg("serve"), &data.path().join("log2"), PATIENCE)?);
                }
                let mut command = rapport::command(&programs.rapport, &data.path().join("one"), &services)?;
                let mut group = Group::start(command.arg("serve"), &log, PATIENCE)?;
                services.processes().into_iter().for_each(|process| group.with(process));
                if let Some(second) = &second {
                    group.with(second.id());
                }
                group
            }
        };
        let fixture = if kind == Kind::Limit { Fixture::invented(size) } else { Fixture::read(&out, size)? };
        Ok(Self { kind, group, second, fixture, services, _data: data })
    }

    /// Stops its processes (`SIGSTOP`) while another subject is measured.
    ///
    /// # Errors
    /// The process is gone.
    pub fn pause(&self) -> Result<(), BoxError> {
        self.second.as_ref().map_or(Ok(()), Group::pause)?;
        self.group.pause()
    }

    /// Resumes its processes (`SIGCONT`).
    ///
    /// # Errors
    /// The process is gone.
    pub fn resume(&self) -> Result<(), BoxError> {
        self.second.as_ref().map_or(Ok(()), Group::resume)?;
        self.group.resume()
    }

    /// The address of its Redis.
    #[must_use]
    pub fn redis(&self) -> Option<String> {
        self.services.redis()
    }

    /// A load generator for it, without sockets yet.
    ///
    /// # Errors
    /// This is no Unix.
    pub fn load_generator(&self) -> Result<LoadGenerator, BoxError> {
        // The limit sends no first frame.
        LoadGenerator::new(self.group.address(), self.kind != Kind::Limit)
    }

    /// The frame that sends a message. The limit forwards what it gets, so it is sent the frame that others receive: its
    /// deliveries are as long as Rapport's.
    ///
    /// # Errors
    /// The frame cannot be encoded.
    pub fn message(&self, conversation: i64, mark: wire::Mark) -> Result<String, BoxError> {
        let conversation_id = ConversationId(conversation);
        let content = wire::content(mark);
        if self.kind != Kind::Limit {
            let frame =
                ClientFrame::ChatMessage { conversation_id: None, content, client_id: None, reply_to: None };
            return Ok(serde_json::to_string(&frame)?);
        }
        let seq = 1_000 + i64::try_from(mark.number)?;
        let message = Message {
            id: MessageId(seq),
            conversation_id,
            seq,
            rev: seq,
            client_id: ClientId::mint(),
            sender: somebody(),
            content,
            message_type: protocol::MessageType::Text,
            timestamp: Timestamp(1_760_000_000_123_456),
            edited_at: None,
            deleted_at: None,
            reply_to: None,
            event: None,
        };
        let members = Vec::new();
        Ok(serde_json::to_string(&ServerFrame::NewMessage(NewMessage {
            conversation_id,
            rev: seq,
            message,
            members,
        }))?)
    }

    /// The frame that begins or ends typing.
    #[must_use]
    pub fn typing(&self, is_typing: bool) -> String {
        if self.kind == Kind::Limit {
            format!(
                r#"{{"type":"typing","conversation_id":1,"user_id":1,"username":"person100","is_typing":{is_typing}}}"#
            )
        } else {
            format!(r#"{{"type":"typing","is_typing":{is_typing}}}"#)
        }
    }
}

fn somebody() -> Person {
    let (first_name, last_name) = (String::new(), String::new());
    Person {
        id: UserId(100),
        username: "person100".into(),
        first_name,
        last_name,
        hue: None,
        suspended: false,
        bot: false,
        name_key: None,
        picture: None,
    }
}

/// The command `run FOLDER PORT` of a peer.
fn peer(name: &str, programs: &Programs, size: Size, out: &Path) -> Result<Command, BoxError> {
    let folder = programs.installed.join(name);
    std::fs::create_dir_all(&folder)?;
    let mut command = Command::new(std::path::absolute(programs.peers.join(name).join("run"))?);
    command.arg(std::path::absolute(folder)?).arg(test_servers::free_port()?.to_string());
    command.env("USERS", size.users.to_string()).env("ROOM", size.room.to_string());
    command.env("PAIRS", size.pairs.to_string()).env("FIXTURE_OUT", out);
    Ok(command)
}
