//! Domain values that all stages share. A [`Record`] is what a file states about one account, and an [`Account`]
//! is the same in the terms of counting. The [`Source`] names the enterprise or instance that the file
//! describes, and the [`Instant`] is the time of its content.
//!
//! This folder has plain values only: no SQL, no files, no clock.

mod account;
mod account_of;
mod age;
mod cloud;
mod cost_center;
mod date_order;
mod directory_entry;
mod directory_mapping;
mod entry_record;
mod entry_texts;
mod field;
mod file_time;
mod host;
mod in_order;
mod index;
mod instant;
mod json_text;
mod known_as;
mod license;
mod link;
mod member;
mod packed_entries;
mod percent;
mod population;
mod record;
mod server;
mod source;
mod stored_words;
mod subscription;
mod sync;
mod token_from;
mod union;

pub use account::{Account, Address, AddressKind, Membership, Roles, RowKind, compare_identities};
pub use account_of::{
    account_of, add_identity, name_fields, names_an_account, say_the_same_account,
};
pub use age::{length_of_time, parse_age, parse_long_age};
pub use cloud::is_bare_role;
pub use cost_center::{
    CENTERS_ALONE, CostCenter, CostCenters, Resource, ResourceKind, cost_centers,
};
pub use date_order::{DateColumn, DateOrder};
pub use directory_entry::{DirectoryEntry, are_many_gone};
pub use directory_mapping::{ActiveWords, DirectoryMapping};
pub use entry_record::{DigestKey, DigestOf, EntryDigest, EntryRecord};
pub use entry_texts::EntryTexts;
pub use file_time::TimeInName;
pub use host::{Host, ServerId, compare_ids};
pub use in_order::arrange;
pub(crate) use index::list_indices;
pub use index::{
    AccountIx, GroupIx, Grouped, HostIx, Indexed, InstanceIx, KeyId, ListIndex, RowIx, ServerIx,
    StateId, StateIx, low_bits, part, positions,
};
pub use instant::{Ago, DayMeans, Instant};
pub use json_text::first_escaped;
pub use known_as::{FirstNamed, KnownAs, NameSaid};
pub use license::{
    LICENSE_FIELDS, add_license_end, license_end_text, license_ends, license_has_ended,
};
pub use link::{Link, LinkEnd, LinkSays};
pub use member::{Member, MemberRef};
pub use packed_entries::{EntryDates, PackedEntries};
pub use percent::parse_percent;
pub use population::{
    AddressKey, BillingModel, CloudPart, CloudRow, Instance, Listed, Population, ServerAccount,
    ServerPart, Standing,
};
pub use record::{Field, Record, ShapeText, Value, split_cell};
pub use server::{PRIMARY_FLAGS, plain_entries};
pub use source::{LONGEST_NAME, Source, SourceFamily, SourceKind};
pub use stored_words::StoredWords;
pub use subscription::{SIGN_IN, Subscription, Without, expiry_of, letters_of, subscriptions};
pub use sync::{
    contradictory_syncs, failed_syncs, named_hosts, never_synced, successful_syncs, undated_syncs,
};
pub use token_from::TokenFrom;
pub use union::Union;

pub use field::{is_known_cloud_field, is_set};
