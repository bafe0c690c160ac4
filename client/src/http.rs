//! Requests of the HTTP API.

use crate::Error;
use crate::address::Address;
use protocol::{ApiError, ErrorBody, ErrorCode};
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(20);

/// HTTP client of one server.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    address: Address,
}

impl Http {
    pub(crate) fn new(address: Address) -> Result<Self, Error> {
        // A redirect could carry a password or token to another host.
        let redirects = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(redirects).build();
        client.map(|client| Self { client, address }).map_err(|error| unreachable(&error))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.address.http(path))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.address.http(path))
    }
}

/// Sends the request, and reads its answer.
pub(crate) async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Error> {
    let answer = request.send().await.map_err(|error| unreachable(&error))?;
    let status = answer.status();
    if status.is_success() {
        return answer.json().await.map_err(|error| unreachable(&error));
    }
    match answer.json::<ApiError>().await {
        Ok(ApiError { error }) => Err(Error::Refused(error)),
        // A proxy, or another program.
        Err(_) if status.is_client_error() => {
            Err(Error::Refused(ErrorBody::because(ErrorCode::Invalid, status.to_string())))
        }
        Err(_) => Err(Error::Unreachable(status.to_string())),
    }
}

/// With the causes, which say more than the error itself.
fn unreachable(error: &reqwest::Error) -> Error {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text += &format!(": {next}");
        cause = next.source();
    }
    Error::Unreachable(text)
}
