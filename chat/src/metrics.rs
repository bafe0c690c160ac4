//! Metrics of the domain, with names and descriptions. `docs/metrics.md` lists them for operators; a test compares it with
//! the output of a server.
//!
//! A handle is looked up once; updates are then atomic operations, or no-ops without a recorder. Deliveries are counted once
//! per write.

use std::sync::LazyLock;

/// Declares metrics: kind, name, description, and a handle for each value of its label (or one without a label). Defines
/// `begin`, which registers all of them with the value zero.
#[macro_export]
macro_rules! declare_metrics {
    ($($kind:ident $name:literal $help:literal { $($handle:ident $(: $label:ident = $value:literal)?),* $(,)? })*) => {
        $($($crate::declare_metrics!(@handle $kind $handle $name $help $($label $value)?);)*)*

        /// Registers all metrics. To be called once, after the recorder was installed.
        pub fn begin() {
            $($crate::declare_metrics!(@describe $kind $name $help);)*
            $($(let _ = ::std::sync::LazyLock::force(&$handle);)*)*
        }
    };
    (@handle counter $handle:ident $name:literal $help:literal $($label:ident $value:literal)?) => {
        #[doc = $help]
        pub static $handle: ::std::sync::LazyLock<::metrics::Counter> =
            ::std::sync::LazyLock::new(|| ::metrics::counter!($name $(, stringify!($label) => $value)?));
    };
    (@handle gauge $handle:ident $name:literal $help:literal $($label:ident $value:literal)?) => {
        #[doc = $help]
        pub static $handle: ::std::sync::LazyLock<::metrics::Gauge> =
            ::std::sync::LazyLock::new(|| ::metrics::gauge!($name $(, stringify!($label) => $value)?));
    };
    (@handle histogram $handle:ident $name:literal $help:literal $($label:ident $value:literal)?) => {
        #[doc = $help]
        pub static $handle: ::std::sync::LazyLock<::metrics::Histogram> =
            ::std::sync::LazyLock::new(|| ::metrics::histogram!($name $(, stringify!($label) => $value)?));
    };
    (@describe counter $name:literal $help:literal) => { ::metrics::describe_counter!($name, $help); };
    (@describe gauge $name:literal $help:literal) => { ::metrics::describe_gauge!($name, $help); };
    (@describe histogram $name:literal $help:literal) => { ::metrics::describe_histogram!($name, $help); };
}

declare_metrics! {
    gauge "rapport_sockets" "Open sockets: of all conversations (`/ws/`), or of one" {
        SOCKETS_ALL: scope = "all", SOCKETS_ONE: scope = "one"
    }
    counter "rapport_frames_in_total" "Frames received from clients over sockets" { FRAMES_IN }
    counter "rapport_frames_out_total" "Frames written to sockets: answers, deliveries, pings" { FRAMES_OUT }
    counter "rapport_deliveries_total" "Frames of other people that were delivered to a client, by socket or by poll" { DELIVERIES }
    histogram "rapport_socket_queue_frames" "Maximum length of a socket's queue, recorded every 20 s and when it closes" {
        SOCKET_QUEUE
    }

    counter "rapport_messages_total" "Sends by result: durable, a repeat, refused, or failed without the database" {
        MESSAGES_SENT: result = "sent", MESSAGES_REPEATED: result = "repeated",
        MESSAGES_REFUSED: result = "refused", MESSAGES_FAILED: result = "failed"
    }
    gauge "rapport_writer_queue" "Writes in the writer's queue" { WRITER_QUEUE }
    histogram "rapport_commit_writes" "Writes in one transaction" { COMMIT_WRITES }
    histogram "rapport_commit_seconds" "Duration of a transaction in seconds, including its fsync" { COMMIT_SECONDS }
    counter "rapport_commits_failed_total" "Transactions that failed as a whole; none of their writes is stored, and their senders get an error" {
        COMMITS_FAILED
    }

    counter "rapport_bus_published_total" "Pushes published on the bus" { BUS_PUBLISHED }
    counter "rapport_bus_lost_total" "Pushes that the bus lost; they are read from the database instead" { BUS_LOST }
    counter "rapport_bus_reconnects_total" "Connections to Redis that were opened" { BUS_RECONNECTS }
    gauge "rapport_bus_connected" "1 if the bus is connected to Redis, else 0; always 1 without Redis" {
        BUS_CONNECTED
    }
    counter "rapport_bus_foreign_total" "Messages of other programs on the channels of this installation, which are ignored" { BUS_FOREIGN }
    histogram "rapport_bus_lag_seconds" "Delay of a push between nodes, in seconds" { BUS_LAG }
    counter "rapport_hub_holes_total" "Gaps in the order of a conversation that were read from the database" { HUB_HOLES }
    counter "rapport_hub_heals_total" "Conversations whose lost pushes were found by comparison with the database" { HUB_HEALS }

    gauge "rapport_mailboxes" "Clients that use long polls" { MAILBOXES }
    gauge "rapport_polls_held" "Polls that are held or being answered" { POLLS_HELD }
    counter "rapport_polls_total" "Polls by result: with a snapshot, with news, or without news" {
        POLLS_BEGUN: result = "begun", POLLS_WOKEN: result = "woken", POLLS_EXPIRED: result = "expired"
    }

    counter "rapport_pushes_total" "Web pushes by result: accepted, refused by the push service, to be tried again, given up" {
        PUSHES_SENT: result = "sent", PUSHES_REFUSED: result = "refused",
        PUSHES_DELAYED: result = "delayed", PUSHES_GIVEN_UP: result = "given_up"
    }
    counter "rapport_push_subscriptions_dropped_total" "Push subscriptions that were removed because their push service does not know them any more, or refused three times" {
        PUSH_SUBSCRIPTIONS_DROPPED
    }
    histogram "rapport_push_seconds" "Duration of a request to a push service in seconds" { PUSH_SECONDS }

    counter "rapport_webhooks_total" "Attempts to deliver webhook events by result: accepted by the endpoint, failed, given up after a day" {
        WEBHOOKS_DELIVERED: result = "delivered", WEBHOOKS_FAILED: result = "failed",
        WEBHOOKS_GIVEN_UP: result = "given_up"
    }
    histogram "rapport_webhook_seconds" "Duration of a request to a webhook endpoint in seconds" { WEBHOOK_SECONDS }

    counter "rapport_task_panics_total" "Panics of background tasks and of their jobs; the log has each with its task" {
        TASK_PANICS
    }
    gauge "rapport_people_here" "People who are online or away on this node, or left a moment ago" { PEOPLE_HERE }
    gauge "rapport_hashing_waiting" "Passwords that wait to be hashed" { HASHING_WAITING }
    counter "rapport_rate_limited_total" "Refusals by rate limit: messages, other operations, other frames of a socket, sign-ins, registrations, requests by service keys" {
        LIMITED_MESSAGES: what = "message", LIMITED_FRAMES: what = "frame",
        LIMITED_OPERATIONS: what = "operation",
        LIMITED_SIGN_INS: what = "sign_in", LIMITED_REGISTRATIONS: what = "registration",
        LIMITED_KEY_REQUESTS: what = "key_request"
    }
}

/// Increments a gauge until it is dropped.
pub(crate) struct GaugeGuard(&'static LazyLock<metrics::Gauge>);

impl GaugeGuard {
    pub(crate) fn new(gauge: &'static LazyLock<metrics::Gauge>) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
