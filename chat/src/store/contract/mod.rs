//! Contract tests of the store: one suite for all implementations.
//!
//! `store_contract!(make)` makes one test of each rule. `make` is an async function that returns an empty store and a guard that
//! must live as long as the test.

pub(crate) mod accounts;
pub(crate) mod administration;
pub(crate) mod changing;
pub(crate) mod closing;
pub(crate) mod conversations;
pub(crate) mod drafts;
pub(crate) mod external;
pub(crate) mod groups;
pub(crate) mod incoming_webhooks;
pub(crate) mod invitations;
pub(crate) mod inviters;
pub(crate) mod membership;
pub(crate) mod moderation;
pub(crate) mod notifications;
pub(crate) mod owners;
pub(crate) mod people;
pub(crate) mod preferences;
pub(crate) mod push;
pub(crate) mod reading;
pub(crate) mod receipts;
pub(crate) mod request_ids;
pub(crate) mod resting;
pub(crate) mod sending;
pub(crate) mod service_keys;
pub(crate) mod subjects;
pub(crate) mod syncing;
pub(crate) mod webhook_lanes;
pub(crate) mod webhooks;
mod world;

pub(crate) use world::{World, new_message, read};

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
            membership:
                c5_a_personal_state_is_of_one_member_and_a_repeat_writes_nothing
                c5_pinned_conversations_stand_first_in_their_own_order
                c5_at_most_fifty_are_pinned
                c5_a_message_brings_a_conversation_back_from_the_archive
                c5_reading_removes_the_unread_mark
                c2_filters_and_the_count_behind_the_page
                c5_leaving_clears_the_personal_state;
            resting:
                c2_lists_are_the_same_with_memberships_at_rest
                c2_what_ends_the_rest_of_a_membership
                c2_short_lists_and_large_conversations_do_not_rest
                c2_memberships_are_put_to_rest_while_messages_are_sent
                c2_an_answer_names_a_hundred_archived_conversations;
            drafts:
                c5_a_draft_that_is_sent_is_removed_with_the_message
                c5_another_draft_stays_and_a_repeat_removes_none
                c5_drafts_of_a_batch_are_removed_in_its_order;
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
            groups:
                c3_people_are_added_with_one_message_and_their_lists
                c3_a_former_member_joins_anew
                c3_a_group_has_an_owner_at_any_time
                c3_each_missed_line_has_the_memberships_as_of_then
                c3_title_picture_and_history_are_a_change_each
                c3_newcomers_see_the_history_from_their_joining_where_the_group_says_so
                c3_a_client_that_was_away_while_its_person_left_and_came_back_starts_anew
                c3_a_repeated_request_changes_nothing
                c3_refused_changes_of_groups_leave_nothing
                c3_a_group_has_at_most_500_members
                c3_changes_at_once_have_a_rev_each;
            owners:
                c3_a_suspended_person_gets_no_role
                c3_an_operator_gives_a_group_an_owner
                c3_a_suspended_owner_does_not_count;
            invitations:
                c3_who_does_not_let_them_is_invited
                c3_contacts_are_those_whom_one_talks_with
                c3_accepting_an_invitation_joins
                c3_a_declined_invitation_rests
                c3_who_is_added_to_a_group_and_who_is_invited
                c3_an_invitation_expires_after_thirty_days
                c3_a_link_admits_and_is_counted
                c3_the_last_use_of_a_link_is_for_one_person
                c3_a_link_ends
                c3_a_repeated_request_gives_the_same_link
                c3_a_removal_is_stronger_than_an_older_link
                c3_who_may_make_links;
            inviters:
                c3_what_a_member_opened_ends_with_the_permission
                c3_what_a_moderator_opened_stays_with_other_changes
                c3_what_a_suspended_person_opened_ends
                c3_one_member_has_a_bounded_number_of_invitations_to_a_person
                c3_who_has_many_invitations_to_answer_gets_no_more;
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
                v14_names_are_found_without_regard_to_marks
                v15_a_person_has_the_key_of_the_shown_name
                v18_nothing_is_sent_to_a_suspended_person_alone;
            preferences:
                n2_preferences_are_kept
                n2_a_repeated_change_takes_no_counter
                n2_a_refused_change_changes_nothing
                n2_a_hidden_position_stays_with_its_reader
                n2_who_hides_reading_sees_no_position_of_others
                n2_frames_about_members_show_what_they_show_to_all
                n2_typing_is_shown_by_members_who_do_not_hide_it;
            syncing:
                sync_gives_all_from_one_snapshot
                sync_tells_what_is_gone
                sync_tells_what_was_hidden
                stale_state_and_changes_are_a_fresh_load;
            notifications:
                n1_a_direct_conversation_is_one_notification_until_it_is_read
                n1_a_mention_notifies_members_of_a_group_alone
                n1_names_are_read_to_the_end_and_without_case
                n1_a_batch_of_mentions_increments_each_persons_counter
                n1_a_repeat_notifies_nobody_again
                n1_what_was_deleted_hidden_or_left_is_gone
                n1_marking_as_read_takes_the_persons_counter
                n1_pages_give_each_notification_once
                n1_the_number_of_unread_ones_stops_at_the_cap
                n1_stored_ones_are_kept_for_a_while
                n1_sync_brings_the_newest_with_the_list
                n1_being_added_and_new_roles_notify_the_person_concerned
                n1_a_muted_conversation_notifies_of_mentions_alone;
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
            external:
                x2_an_identity_has_one_account_whatever_happens_at_once
                x2_an_account_of_single_sign_on_is_never_the_administrator
                x2_a_name_that_is_taken_makes_no_account
                x2_a_token_is_used_once_until_it_expires
                x2_a_product_names_somebody_who_has_not_signed_in;
            request_ids:
                x1_an_id_is_for_one_kind_of_request
                x1_a_registration_is_found_by_its_request;
            administration:
                x1_all_people_are_read_by_pages
                x1_all_groups_are_read_by_pages;
            service_keys:
                x1_a_service_key_is_found_by_its_hash_until_it_is_revoked
                x1_the_use_of_a_service_key_is_noted_once_an_hour;
            subjects:
                c4_a_subject_has_one_conversation_for_each_set_of_people
                c4_fifty_requests_at_once_open_one_conversation_of_a_subject
                c4_a_kind_that_gets_many_conversations_keeps_the_one_of_its_people
                c4_a_closed_conversation_takes_no_change_of_members;
            closing:
                c4_a_participant_closes_and_reopens_in_their_own_name
                c4_others_than_the_roles_close_nothing
                c4_a_repeated_closing_changes_nothing;
            moderation:
                c4_a_moderators_list_has_the_newest_activity_first
                c4_a_moderator_sees_the_whole_history_and_nothing_of_one_person
                c4_a_moderator_closes_and_reopens_by_name
                c4_a_reason_is_kept_for_its_moderator_and_conversation
                c4_a_role_in_the_product_is_the_one_of_the_last_token;
            push:
                n1_a_subscription_is_added_once_and_moves_with_the_browser
                n1_a_subscription_needs_its_sign_in_and_ends_with_it
                n1_a_person_has_a_bounded_number_of_subscriptions
                n1_progress_of_pushes_only_grows
                n1_a_subscription_is_claimed_by_one_node_at_a_time
                n1_a_sweep_finds_people_who_were_not_pushed_to
                n1_pushes_concern_members_with_subscriptions
                n1_candidates_are_unread_messages_of_the_time
                n1_candidates_have_mentions_and_mutes;
            webhooks:
                x3_endpoints_are_added_listed_and_removed
                x3_an_endpoint_is_removed_with_all_its_events
                x3_an_event_is_stored_with_its_change_for_each_endpoint_that_wants_it
                x3_events_of_a_conversation_are_claimed_in_their_order_by_one_node
                x3_a_claim_that_has_ended_has_no_result
                x3_claims_at_once_never_share_an_event
                x3_deliveries_are_listed_sent_again_and_swept
                x3_an_event_that_is_sent_again_holds_back_no_other
                x3_unread_messages_concern_members_who_want_to_know
                x3_contents_are_those_of_the_time_of_delivery
                x3_an_endpoint_of_a_kind_is_told_of_its_subjects_alone;
            webhook_lanes:
                x3_events_behind_a_failed_one_wait_with_it_and_come_in_their_order
                x3_a_pending_event_that_is_sent_again_lets_the_others_through
                x3_no_event_is_left_behind_one_that_ends_at_the_same_time;
            incoming_webhooks:
                x3_a_repeated_request_makes_one_bot
                x3_a_bot_posts_to_its_group_until_it_is_revoked
                x3_a_bot_that_was_removed_or_suspended_posts_no_more
                x3_a_bot_neither_reads_nor_is_told;
        }
    };
}
pub(crate) use store_contract;
