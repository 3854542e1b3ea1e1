//! Table `channels`.

use std::collections::HashMap;

use events::grams::{fold, grams};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::messenger::changes::ChannelChange;

type Channels<'a> = HashMap<Uuid, ChannelChange<'a>>;

/// Between the grams of a name, which holds no control character.
const SEPARATOR: &str = "\u{1f}";

/// Names with what they are found by. An array of arrays has rows of one length, so that each
/// row's grams come as one text.
#[derive(Default)]
struct Names<'a> {
    texts: Vec<Option<&'a str>>,
    keys: Vec<Option<String>>,
    grams: Vec<Option<String>>,
}

impl<'a> Names<'a> {
    fn push(&mut self, name: Option<&'a str>) {
        let key = name.map(fold);
        self.texts.push(name);
        self.grams.push(key.as_ref().map(|key| grams(key).join(SEPARATOR)));
        self.keys.push(key);
    }
}

/// The columns that change with messages, memberships and deletion.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    seqs: Vec<Option<i32>>,
    numbers: Vec<Option<i32>>,
    positions: Vec<Option<i64>>,
    members_more: Vec<i32>,
    deleted: Vec<Option<i64>>,
}

impl Columns {
    fn push(&mut self, id: Uuid, change: &ChannelChange<'_>) {
        self.ids.push(id);
        self.seqs.push(change.newest.map(|newest| newest.seq));
        self.numbers.push(change.newest.map(|newest| newest.number));
        self.positions.push(change.newest.map(|newest| newest.position));
        self.members_more.push(change.members_more);
        self.deleted.push(change.deleted.map(|deleted| deleted.us));
    }
}

/// Channels that were created in this batch, as they stand at its end.
pub(super) async fn insert(
    db: &mut PgConnection,
    channels: &Channels<'_>,
) -> Result<(), WriteError> {
    let (mut names, mut descriptions, mut visibilities) = (Names::default(), vec![], vec![]);
    let (mut creators, mut created) = (vec![], vec![]);
    let mut columns = Columns::default();
    for (&id, change) in channels {
        let Some(new) = &change.created else { continue };
        names.push(Some(new.name));
        descriptions.push(new.description);
        visibilities.push(new.visibility);
        creators.push(new.created_by);
        created.push(new.created_us);
        columns.push(id, change);
    }
    if columns.ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO channels (id, name, name_key, name_grams, description, visibility, created_by,
                               created_us, last_seq, last_number, last_position, member_count,
                               deleted_us)
         SELECT id, name, key, string_to_array(grams, chr(31)), description, visibility,
                created_by, created_us, seq, number, position,
                CASE WHEN deleted_us IS NULL THEN members ELSE 0 END, deleted_us
         FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[],
                     $7::uuid[], $8::bigint[], $9::integer[], $10::integer[], $11::bigint[],
                     $12::integer[], $13::bigint[])
              AS new (id, name, key, grams, description, visibility, created_by, created_us,
                      seq, number, position, members, deleted_us)",
        &columns.ids,
        &names.texts as &[Option<&str>],
        &names.keys as &[Option<String>],
        &names.grams as &[Option<String>],
        &descriptions as &[&str],
        &visibilities,
        &creators,
        &created,
        &columns.seqs as &[Option<i32>],
        &columns.numbers as &[Option<i32>],
        &columns.positions as &[Option<i64>],
        &columns.members_more,
        &columns.deleted as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Channels from before this batch.
pub(super) async fn update(
    db: &mut PgConnection,
    channels: &Channels<'_>,
) -> Result<(), WriteError> {
    let (mut names, mut descriptions) = (Names::default(), vec![]);
    let mut columns = Columns::default();
    for (&id, change) in channels.iter().filter(|(_, change)| change.created.is_none()) {
        names.push(change.name);
        descriptions.push(change.description);
        columns.push(id, change);
    }
    if columns.ids.is_empty() {
        return Ok(());
    }
    let updated = sqlx::query!(
        "UPDATE channels SET
            name = coalesce(new.name, channels.name),
            name_key = coalesce(new.key, name_key),
            name_grams = coalesce(string_to_array(new.grams, chr(31)), name_grams),
            description = coalesce(new.description, channels.description),
            last_seq = coalesce(new.seq, last_seq),
            last_number = coalesce(new.number, last_number),
            last_position = coalesce(new.position, last_position),
            member_count = CASE WHEN coalesce(new.deleted_us, channels.deleted_us) IS NULL
                                THEN member_count + new.members ELSE 0 END,
            deleted_us = coalesce(new.deleted_us, channels.deleted_us)
         FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[],
                     $7::integer[], $8::bigint[], $9::integer[], $10::bigint[])
              AS new (id, name, key, grams, description, seq, number, position, members,
                      deleted_us)
         WHERE channels.id = new.id",
        &columns.ids,
        &names.texts as &[Option<&str>],
        &names.keys as &[Option<String>],
        &names.grams as &[Option<String>],
        &descriptions as &[Option<&str>],
        &columns.seqs as &[Option<i32>],
        &columns.numbers as &[Option<i32>],
        &columns.positions as &[Option<i64>],
        &columns.members_more,
        &columns.deleted as &[Option<i64>],
    )
    .execute(db)
    .await?;
    expect_rows("channels", updated.rows_affected(), columns.ids.len())
}
