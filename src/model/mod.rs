//! Domain values, shared by all stages: what a file said about an account ([`Record`]), what that
//! means ([`Account`]), whose word it is ([`Source`]) and when ([`Instant`]).
//!
//! Plain values only: no SQL, no files, no clock.

mod account;
mod age;
mod cloud;
mod field;
mod host;
mod in_order;
mod instant;
mod known_as;
mod link;
mod population;
mod record;
mod server;
mod source;
mod sync;
mod token_from;
mod union;

pub use account::{
    Account, Address, AddressKind, Membership, Roles, RowKind, account_of, compare_identities,
    name_fields, say_the_same_account,
};
pub use age::parse_age;
pub use host::{Host, ServerId, compare_ids};
pub use in_order::arrange;
pub use instant::{DayMeans, Instant};
pub use known_as::{FirstNamed, KnownAs, NameSaid};
pub use link::{Link, LinkEnd, LinkSays};
pub use population::{
    AddressKey, BillingModel, CloudPart, CloudRow, Instance, Listed, Member, MemberRef, Population,
    ServerAccount, ServerPart, Standing,
};
pub use record::{Field, Record, Shape, Value, split_cell};
pub use source::{Source, SourceKind};
pub use sync::{failed_syncs, never_synced, successful_syncs};
pub use token_from::TokenFrom;
pub use union::Union;

pub use field::{is_known_cloud_field, is_set};
