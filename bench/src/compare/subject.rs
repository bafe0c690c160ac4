//! What is priced: programs that speak the same wire, started with the same people.

use super::fixture::{Fixture, Size};
use super::group::{Group, NotStarted};
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

/// Long enough to install a peer.
const PATIENCE: Duration = Duration::from_secs(900);

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Programs {
    /// Rapport.
    pub rapport: PathBuf,
    /// The bare limit.
    pub limit: PathBuf,
    /// The folder of the peers.
    pub peers: PathBuf,
    /// Where peers are installed, and stay.
    pub installed: PathBuf,
}

/// A program that runs.
#[derive(Debug)]
pub struct Subject {
    /// Which.
    pub kind: Kind,
    /// Its processes.
    pub group: Group,
    /// Its second node.
    pub second: Option<Group>,
    /// Its people.
    pub fixture: Fixture,
    /// Databases that are servers of their own.
    services: Services,
    _data: tempfile::TempDir,
}

impl Subject {
    /// Starts it with empty data and makes its people. `page`: what the limit serves.
    ///
    /// # Errors
    /// It cannot be had here, or does not start.
    pub fn start(
        kind: Kind,
        programs: &Programs,
        size: Size,
        page: Option<&Path>,
    ) -> Result<Self, NotStarted> {
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

    /// Holds all of it still, so that it takes nothing from the one that is measured.
    ///
    /// # Errors
    /// It is gone.
    pub fn pause(&self) -> Result<(), BoxError> {
        self.second.as_ref().map_or(Ok(()), Group::pause)?;
        self.group.pause()
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// It is gone.
    pub fn resume(&self) -> Result<(), BoxError> {
        self.second.as_ref().map_or(Ok(()), Group::resume)?;
        self.group.resume()
    }

    /// Where its Redis listens.
    #[must_use]
    pub fn redis(&self) -> Option<String> {
        self.services.redis()
    }

    /// Nobody yet, who may come in.
    ///
    /// # Errors
    /// This is no Unix.
    pub fn load_generator(&self) -> Result<LoadGenerator, BoxError> {
        // The limit has nothing to say by itself.
        LoadGenerator::new(self.group.address(), self.kind != Kind::Limit)
    }

    /// What a client says to send a message. To the limit it says what the others hear, since that passes on what it gets:
    /// a delivery is as long as one of Rapport's.
    ///
    /// # Errors
    /// It cannot be written.
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
        };
        let members = Vec::new();
        Ok(serde_json::to_string(&ServerFrame::NewMessage(NewMessage {
            conversation_id,
            rev: seq,
            message,
            members,
        }))?)
    }

    /// What a client says when it begins or ends typing.
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
    Person { id: UserId(100), username: "person100".into(), first_name, last_name, hue: None }
}

/// A peer's `run FOLDER PORT`.
fn peer(name: &str, programs: &Programs, size: Size, out: &Path) -> Result<Command, BoxError> {
    let folder = programs.installed.join(name);
    std::fs::create_dir_all(&folder)?;
    let mut command = Command::new(std::path::absolute(programs.peers.join(name).join("run"))?);
    command.arg(std::path::absolute(folder)?).arg(test_servers::free_port()?.to_string());
    command.env("USERS", size.users.to_string()).env("ROOM", size.room.to_string());
    command.env("PAIRS", size.pairs.to_string()).env("FIXTURE_OUT", out);
    Ok(command)
}
