//! Metrics of the server; those of the domain are in the `chat` crate.

use protocol::CloseCode;

chat::declare_metrics! {
    counter "rapport_http_requests_total" "Requests by method, route pattern (`other` for files and unknown paths) and status" {}
    histogram "rapport_http_seconds" "Response time in seconds, by route; a poll is held for up to 25 s" {}
    counter "rapport_socket_closes_total" "Closed sockets by close code (1006: without a close frame)" {}
    counter "rapport_sign_ins_total" "Attempts to sign in with a password: right, wrong, right but suspended, or throttled" {
        SIGN_INS_OK: result = "ok", SIGN_INS_WRONG: result = "wrong",
        SIGN_INS_SUSPENDED: result = "suspended", SIGN_INS_THROTTLED: result = "throttled"
    }
    gauge "rapport_database_up" "1 if the database answers, else 0" { DATABASE_UP }
    gauge "rapport_build_info" "Always 1; the label is the version" {}
    gauge "process_resident_memory_bytes" "Resident memory in bytes" { MEMORY }
    gauge "process_open_fds" "Open files and sockets" { OPEN_FDS }
    gauge "process_max_fds" "Limit of open files and sockets" { MAX_FDS }
    counter "process_cpu_seconds_total" "Processor time in whole seconds" { CPU }
    gauge "process_start_time_seconds" "Start time of the process, in seconds since 1970" { STARTED }
}

/// Counts a closed socket. Unknown codes, which a client may choose, are counted as `other`.
pub(crate) fn closed(code: u16) {
    let is_known = CloseCode::from_code(code).is_some()
        || matches!(code, CloseCode::GOING_AWAY | CloseCode::NO_STATUS | CloseCode::ABNORMAL);
    let code = if is_known { code.to_string() } else { "other".to_owned() };
    metrics::counter!("rapport_socket_closes_total", "code" => code).increment(1);
}
