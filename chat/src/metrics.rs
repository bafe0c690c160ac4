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
    gauge "rapport_sockets" "Sockets that are open: of everything (`/ws/`), or of one conversation" {
        SOCKETS_ALL: scope = "all", SOCKETS_ONE: scope = "one"
    }
    counter "rapport_frames_in_total" "Frames that clients sent over sockets" { FRAMES_IN }
    counter "rapport_frames_out_total" "Frames that were written to sockets: answers, deliveries, pings" { FRAMES_OUT }
    counter "rapport_deliveries_total" "Frames of others that were handed to a client, by socket or by poll" { DELIVERIES }
    histogram "rapport_socket_queue_frames" "The most frames that waited for one socket, taken every 20 s and at its end" {
        SOCKET_QUEUE
    }

    counter "rapport_messages_total" "Sends by how they ended: durable, a repeat, refused, or failed for want of the database" {
        MESSAGES_SENT: result = "sent", MESSAGES_REPEATED: result = "repeated",
        MESSAGES_REFUSED: result = "refused", MESSAGES_FAILED: result = "failed"
    }
    gauge "rapport_writer_queue" "Writes that wait for the writer" { WRITER_QUEUE }
    histogram "rapport_commit_writes" "Writes in one transaction" { COMMIT_WRITES }
    histogram "rapport_commit_seconds" "How long a transaction took, its fsync included" { COMMIT_SECONDS }
    counter "rapport_commits_failed_total" "Transactions that failed as a whole: their writes were not kept, and their senders were told" {
        COMMITS_FAILED
    }

    counter "rapport_bus_published_total" "Pushes that were given to the bus" { BUS_PUBLISHED }
    counter "rapport_bus_lost_total" "Pushes that the bus could not carry; they are read from the database instead" { BUS_LOST }
    counter "rapport_bus_reconnects_total" "How often the link to Redis was made anew" { BUS_RECONNECTS }
    gauge "rapport_bus_connected" "Whether the bus reaches the other nodes (1); without Redis there are none, and it is 1" {
        BUS_CONNECTED
    }
    counter "rapport_bus_foreign_total" "Messages on our channels that are not ours, and were ignored" { BUS_FOREIGN }
    histogram "rapport_bus_lag_seconds" "How long a push took from one node to another" { BUS_LAG }
    counter "rapport_hub_holes_total" "Gaps in the order of a conversation that were read from the database" { HUB_HOLES }
    counter "rapport_hub_heals_total" "Conversations whose lost push was found by comparing with the database" { HUB_HEALS }

    gauge "rapport_mailboxes" "Clients that poll" { MAILBOXES }
    gauge "rapport_polls_held" "Polls that are being answered or held" { POLLS_HELD }
    counter "rapport_polls_total" "Polls by how they ended: with all that is, with news, or without" {
        POLLS_BEGUN: result = "begun", POLLS_WOKEN: result = "woken", POLLS_EXPIRED: result = "expired"
    }

    gauge "rapport_people_here" "People who are online or away here, or left a moment ago" { PEOPLE_HERE }
    gauge "rapport_hashing_waiting" "Passwords that wait for a permit to be hashed" { HASHING_WAITING }
    counter "rapport_rate_limited_total" "What was refused for its rate: messages, other frames of a socket, sign-ins, registrations" {
        LIMITED_MESSAGES: what = "message", LIMITED_FRAMES: what = "frame",
        LIMITED_SIGN_INS: what = "sign_in", LIMITED_REGISTRATIONS: what = "registration"
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
