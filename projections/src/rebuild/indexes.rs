//! Indexes of the big tables, made after these are filled: one sort instead of millions of
//! descents. The primary keys of tables whose rows change stay, for changes of those that are
//! there; rows of a feed or a ledger never change, and none comes twice.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::projection::Projection;

/// Memory of a sort.
const SORT_MEMORY: &str = "256MB";

/// An index or primary key that was taken away.
#[derive(Debug)]
pub(super) struct Index {
    /// The statement that makes it again.
    definition: String,
}

/// Drops the indexes of the big tables in the schema of this session.
pub(super) async fn take_away(
    db: &mut PgConnection,
    projection: Projection,
) -> Result<Vec<Index>, sqlx::Error> {
    let owned = |tables: &[&str]| tables.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
    let (tables, appended) = (owned(projection.big_tables()), owned(projection.appended_tables()));
    // Names come quoted, as the database itself writes them.
    let found = sqlx::query!(
        r#"SELECT CASE WHEN c.oid IS NULL THEN 'DROP INDEX ' || i.indexrelid::regclass
                  ELSE 'ALTER TABLE ' || t.oid::regclass || ' DROP CONSTRAINT '
                       || quote_ident(c.conname) END AS "drop!",
                  CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
                  ELSE 'ALTER TABLE ' || t.oid::regclass || ' ADD CONSTRAINT '
                       || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid)
                  END AS "make!"
           FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
           LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
           WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY($1)
             AND (c.oid IS NULL OR t.relname = ANY($2))"#,
        &tables,
        &appended,
    )
    .fetch_all(&mut *db)
    .await?;
    let mut indexes = Vec::new();
    for index in found {
        sqlx::raw_sql(AssertSqlSafe(index.drop)).execute(&mut *db).await?;
        indexes.push(Index { definition: index.make });
    }
    Ok(indexes)
}

/// Makes them again.
pub(super) async fn make(db: &mut PgConnection, indexes: &[Index]) -> Result<(), sqlx::Error> {
    let memory = AssertSqlSafe(format!("SET maintenance_work_mem = '{SORT_MEMORY}'"));
    sqlx::raw_sql(memory).execute(&mut *db).await?;
    for index in indexes {
        let create = AssertSqlSafe(index.definition.clone());
        sqlx::raw_sql(create).execute(&mut *db).await?;
    }
    Ok(())
}

/// Statistics, so that the first queries after the swap are planned for what is there.
pub(super) async fn analyze(
    db: &mut PgConnection,
    projection: Projection,
) -> Result<(), sqlx::Error> {
    let analyze = AssertSqlSafe(format!("ANALYZE {}", projection.tables().join(", ")));
    sqlx::raw_sql(analyze).execute(db).await?;
    Ok(())
}
