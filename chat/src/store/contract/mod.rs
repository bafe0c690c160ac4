//! Contract tests of the store: one suite for all implementations.
//!
//! `store_contract!(make)` makes one test of each rule. `make` is an async function that returns an empty store and a guard that
//! must live as long as the test.

pub(crate) mod accounts;
pub(crate) mod changing;
pub(crate) mod conversations;
pub(crate) mod people;
pub(crate) mod reading;
pub(crate) mod receipts;
pub(crate) mod sending;
pub(crate) mod syncing;
mod world;

pub(crate) use world::{World, new_message};

macro_rules! store_contract {
    ($make:path; $($part:ident: $($rule:ident)*;)*) => {
        $($(
            #[tokio::test]
            async fn $rule() {
                let (store, _alive) = $make().await;
                crate::store::contract::$part::$rule(&crate::store::contract::World::new(store)).await;
            }
        )*)*
    };
    ($make:path) => {
        crate::store::contract::store_contract! { $make;
            sending:
                a_message_is_kept_and_given_back
                f7_the_same_client_id_100_times_at_once
                f7_the_same_client_id_twice_in_one_batch
                f7_a_repeat_gives_the_message_as_it_is_now
                f8_another_body_under_the_same_client_id
                z1_an_outsider_and_a_conversation_that_is_not_there
                z4_a_reply_to_a_message_elsewhere
                one_counter_without_gaps_however_many_send
                batches_of_any_size_over_many_conversations
                a_batch_of_good_and_refused_writes
                kinds_in_a_batch_keep_their_order
                any_text_comes_back_as_it_was;
            receipts:
                f15_read_positions_only_grow
                f15_in_one_batch_as_well
                reading_is_also_delivery
                reading_takes_the_readers_own_counter
                marking_all_goes_to_the_newest
                an_empty_conversation_has_nothing_to_mark
                z4_marking_by_a_message_elsewhere
                unread_counts_what_is_not_read
                unread_stops_at_the_cap
                unread_is_counted_past_long_runs
                t2_who_has_a_message_since_when
                t2_receipts_are_for_members_alone
                t2_times_are_kept_for_a_while_and_never_wrong
                t2_a_large_conversation_keeps_no_times;
            changing:
                hiding_is_for_oneself
                z4_hiding_by_a_message_elsewhere
                deleting_for_everyone_leaves_a_tombstone
                who_may_delete_for_everyone
                z4_deleting_by_a_message_elsewhere
                removal_is_a_message_and_a_tombstone
                who_may_remove_whom
                z3_a_former_member_finds_nothing;
            conversations:
                two_people_have_one_direct_conversation
                a_hundred_concurrent_creations_create_one
                creating_increments_each_members_counter
                a_direct_conversation_is_listed_with_its_first_message
                whoever_finds_a_direct_conversation_lists_it
                groups_have_an_owner_and_may_be_many
                creating_with_an_unknown_person
                v19_the_same_client_id_creates_once
                v19_another_request_under_the_same_client_id
                v19_a_hundred_concurrent_repeats_create_one;
            reading:
                pages_go_back_to_the_beginning
                pages_go_on_to_the_end
                a_page_passes_over_hidden_messages
                changes_tell_what_is_missing
                changes_come_in_pieces
                changes_reset_when_too_far_behind
                v6_changes_and_sync_are_bounded_by_bytes
                changes_in_a_large_conversation_tell_few_members
                frames_tell_the_hub_what_it_missed
                the_list_is_sorted_by_activity
                v23_pages_of_the_list_give_each_conversation_once_while_rows_move
                a_list_shows_at_most_32_members
                sent_gives_the_hash
                acquaintances_are_those_of_small_conversations
                people_are_found_by_the_beginnings_of_words
                counters_and_members
                what_nodes_share_is_what_came_first;
            people:
                a_profile_takes_effect_in_what_was_said
                preferences_are_kept
                v14_names_are_found_without_regard_to_marks
                v15_a_person_has_the_key_of_the_shown_name
                v18_nothing_is_sent_to_a_suspended_person_alone;
            syncing:
                sync_gives_all_from_one_snapshot
                sync_tells_what_is_gone
                sync_tells_what_was_hidden
                stale_state_and_changes_are_a_fresh_load;
            accounts:
                names_are_unique_without_case
                a_store_knows_whether_there_is_anybody
                v9_a_password_hash_is_renewed_once_and_ends_nothing
                v10_a_refresh_token_is_repeated_until_the_next_one_is_used
                v27_the_first_person_is_the_administrator_after_any_other_accounts
                the_first_account_runs_the_installation
                a_new_password_ends_all_sign_ins_but_one
                revoking_and_suspending_end_sign_ins
                v7_unlocking_is_counted_and_ends_no_sign_in
                sign_ins_are_kept_swapped_and_swept
                all_sign_ins_but_one_are_ended
                notes_of_ends_never_go_back
                an_account_is_erased_with_its_conversations;
        }
    };
}
pub(crate) use store_contract;
